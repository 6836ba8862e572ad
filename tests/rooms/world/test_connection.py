"""A connection: order whatever delays it, one question at a time, timeouts, and all the ways to end."""

import pytest
from village import Echo, connect, kinds, outcome, village

from minikafka.world.happenings import ConnectionClosed, MessageDelivered, MessageLost, MessageSent, MessageStuck
from minikafka.world.kernel import TaskFailed, TimedOut
from minikafka.world.network import Disconnected, Reply


def heard(world, name="b"):
    return [payload for _, _, payload in world.heard[name]]


def ask_many(connection, count, within=30_000_000):
    return [connection.ask(b"%d" % number, f"question {number}", within) for number in range(count)]


def no_leftovers(world):
    """Nothing of any connection stands anywhere."""
    network = world.network
    standing = {name: network.standing(machine) for name, machine in network.machines.items()}
    return not any(standing.values()) and not network.stuck_connections and not network._opening


# -- questions and answers ----------------------------------------------------------------------------------------


def test_a_question_takes_a_round_trip_and_comes_back():
    world = village(latency="10ms")
    a, connection = connect(world)
    assert world.now == 20_000 and connection.open
    answer = connection.ask(b"x", "question")
    world.run_for("20ms")
    assert outcome(answer) == b"x" and world.heard["b"] == [(30_000, "a", b"x")]


def test_the_handler_takes_one_message_of_a_connection_at_a_time_and_answers_in_order():
    world = village(pause=5_000)
    _, connection = connect(world)
    answers = ask_many(connection, 4)
    world.run_for("1s")
    assert [outcome(answer) for answer in answers] == [b"0", b"1", b"2", b"3"]
    times = [time for time, _, _ in world.heard["b"]]
    assert [later - earlier for earlier, later in zip(times, times[1:], strict=False)] == [5_000] * 3


def test_two_connections_are_served_side_by_side():
    world = village(pause=5_000)
    _, one = connect(world, "a")
    _, other = connect(world, "a")
    start = world.now
    answers = ask_many(one, 1) + ask_many(other, 1)
    world.run_until(start + 25_000)
    assert [outcome(answer) for answer in answers] == [b"0", b"0"]


def test_a_message_that_is_told_is_handled_and_not_answered():
    world = village()
    _, connection = connect(world)
    connection.tell(b"by the way", "news")
    answer = connection.ask(b"x")
    world.run_for("1s")
    assert heard(world) == [b"by the way", b"x"] and outcome(answer) == b"x"


def test_a_reply_carries_its_label_and_routine_mark_and_bytes_are_enough():
    world = village()
    b = world.place("b")

    async def handler(payload, caller):
        return Reply(b"r", "a labelled reply", True) if payload == b"1" else b"plain"

    b.handler = handler
    _, connection = connect(world)
    answers = [connection.ask(b"1"), connection.ask(b"2")]
    world.run_for("1s")
    assert [outcome(answer) for answer in answers] == [b"r", b"plain"]
    replies = [event for event in kinds(world, MessageSent) if event.reply and event.label != "open"]
    assert [(event.label, event.routine) for event in replies] == [("a labelled reply", True), ("reply", False)]


@pytest.mark.parametrize("label", ["open", "close", "reset"])
def test_a_label_is_only_a_word(label):
    world = village()
    _, connection = connect(world)
    answer = connection.ask(b"x", label)
    world.run_for("1s")
    assert outcome(answer) == b"x" and connection.open


def test_a_question_that_gets_no_answer_does_not_take_the_next_ones_away():
    world = village()

    async def handler(payload, caller):
        return None if payload == b"0" else payload

    world.place("b").handler = handler
    _, connection = connect(world)
    silent, *others = ask_many(connection, 3, within=1_000_000)
    world.run_for("500ms")
    assert [outcome(answer) for answer in (silent, *others)] == [None, b"1", b"2"]
    world.run_for("1s")
    assert outcome(silent) == "TimedOut" and not connection.open


def test_an_answer_that_is_neither_bytes_nor_a_reply_stops_the_world():
    world = village()

    async def handler(payload, caller):
        return "text"

    world.place("b").handler = handler
    _, connection = connect(world)
    connection.ask(b"x", "the question")
    with pytest.raises(TaskFailed, match="the question was answered with 'text': answer bytes, a Reply or None"):
        world.run_for("1s")


def test_a_handler_that_fails_stops_the_world():
    world = village()

    async def handler(payload, caller):
        raise ZeroDivisionError("a bug in a room")

    world.place("b").handler = handler
    _, connection = connect(world)
    connection.ask(b"x")
    with pytest.raises(TaskFailed, match="serve a of b failed: ZeroDivisionError"):
        world.run_for("1s")


def assert_causes(world):
    """A delivery comes from its own sending."""
    for entry in world.recorder.events(MessageDelivered):
        assert entry.cause == entry.event.sent


def assert_delivered_as_planned(world):
    """Without a barrier a message is there when its sending said it would be."""
    assert_causes(world)
    sent = world.recorder.by_seq()
    for entry in world.recorder.events(MessageDelivered):
        assert sent[entry.cause].event.arrives == entry.time


# -- order --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_jitter_and_loss_never_change_the_order(seed):
    world = village(seed, latency="10ms", jitter="9ms", loss=0.3)
    _, connection = connect(world)
    answers = []
    for number in range(60):
        answers.append(connection.ask(b"%d" % number, within=10**9))
        world.run_for(number * 37 % 900)
    world.run_for("30min")
    assert heard(world) == [b"%d" % number for number in range(60)]
    assert [outcome(answer) for answer in answers] == heard(world)
    for reply in (False, True):
        planned = [event.arrives for event in kinds(world, MessageSent) if event.reply == reply]
        assert planned == sorted(planned)
    assert_delivered_as_planned(world)


@pytest.mark.parametrize("seed", range(12))
def test_cuts_holds_and_slow_lines_in_the_midst_never_change_the_order(seed):
    """The case that a plain queue of stuck messages gets wrong: what is still in flight when a cut heals."""
    world = village(seed, latency="10ms", jitter="4ms")
    _, connection = connect(world)
    dice = world.chance.stream("test")
    answers, faults = [], world.faults
    verbs = [
        lambda: faults.cut("east", "west"),
        lambda: faults.heal("east", "west"),
        lambda: faults.hold("a", "b"),
        lambda: faults.release("a", "b"),
        lambda: faults.cut_oneway("west", "east"),
        lambda: faults.heal_oneway("west", "east"),
        lambda: faults.slow("east", "west", latency=dice.randrange(1_000, 60_000)),
        lambda: faults.restore_speed("east", "west"),
    ]
    for number in range(150):
        answers.append(connection.ask(b"%d" % number, within=10**9))
        world.run_for(dice.randrange(9_000))
        if number % 3 == 0:
            dice.choice(verbs)()
    for one, other in (("east", "west"), ("west", "east")):
        faults.heal_oneway(one, other)
    faults.release("a", "b")
    world.run_for("2s")
    assert heard(world) == [b"%d" % number for number in range(150)]
    assert [outcome(answer) for answer in answers] == heard(world)
    assert world.network.stuck_connections == {} and kinds(world, MessageStuck)
    assert connection._early == ({}, {})
    assert_causes(world)


def test_a_message_in_flight_when_a_cut_heals_waits_for_those_before_it():
    world = village(latency="35ms")
    _, connection = connect(world)
    start = world.now
    connection.ask(b"first")
    world.run_for("10ms")
    world.faults.cut("east", "west")
    world.run_for("20ms")
    connection.ask(b"second")
    world.run_until(start + 40_000)  # the first is stuck since 35 ms, the second due at 65 ms
    world.faults.heal("east", "west")  # the first is sent again and due at 75 ms
    world.run_for("1s")
    assert [(time - start, payload) for time, _, payload in world.heard["b"]] == [
        (75_000, b"first"),
        (75_000, b"second"),
    ]


def test_answers_come_in_the_order_of_the_questions_after_a_one_way_cut():
    world = village(latency="10ms")
    _, connection = connect(world)
    world.faults.cut_oneway("west", "east")
    answers = ask_many(connection, 3)
    world.run_for("1s")
    assert heard(world) == [b"0", b"1", b"2"] and [outcome(answer) for answer in answers] == [None] * 3
    world.faults.heal_oneway("west", "east")
    world.run_for("10ms")
    assert [outcome(answer) for answer in answers] == [b"0", b"1", b"2"]


def test_a_numbered_message_is_one_packet_of_its_connection():
    world = village()
    world.chatter(count=10)
    world.run_for("1s")
    sent = [(event.connection, event.number) for event in kinds(world, MessageSent)]
    assert len(set(sent)) == len(sent)
    delivered = {(event.connection, event.number): event.sent for event in kinds(world, MessageDelivered)}
    by_seq = world.recorder.by_seq()
    assert all((by_seq[seq].event.connection, by_seq[seq].event.number) == key for key, seq in delivered.items())


# -- timeouts -----------------------------------------------------------------------------------------------------


def test_an_answer_that_does_not_come_in_time_closes_the_connection():
    world = village(pause=400_000)
    _, connection = connect(world)
    late, other = connection.ask(b"x", "the question", within=100_000), connection.ask(b"y", within=10_000_000)
    with pytest.raises(TimedOut, match="b did not answer the question in time"):
        world.finish(_await(late))
    assert not connection.open and outcome(other) == "Disconnected"
    [closed] = kinds(world, ConnectionClosed)
    assert closed.why == "no answer to the question in time"


def test_the_shortest_time_counts_whichever_was_asked_first():
    world = village(pause=400_000)
    _, connection = connect(world)
    answers = [connection.ask(b"x", within=time) for time in (900_000, 50_000, 300_000)]
    world.run_for("50ms")
    assert [outcome(answer) for answer in answers] == ["Disconnected", "TimedOut", "Disconnected"]


def test_answered_questions_do_not_time_out():
    world = village()
    _, connection = connect(world)
    for _ in range(20):
        answer = connection.ask(b"x", within=21_000)
        world.run_for("25ms")
        assert outcome(answer) == b"x"
    world.run_for("5s")
    assert connection.open


def test_a_late_question_is_still_handled_though_nobody_waits_any_more():
    """The outcome of a timeout is open: this is the producer's duplicate in the making."""
    world = village(pause=30_000)
    _, connection = connect(world)
    answers = ask_many(connection, 3, within=45_000)
    world.run_for("5s")
    assert [outcome(answer) for answer in answers] == ["TimedOut"] * 3
    assert heard(world) == [b"0", b"1", b"2"]
    assert no_leftovers(world)
    replies = [event.label for event in kinds(world, MessageSent) if event.reply]
    assert replies == ["open", "echo of 0"], "to whom has closed nothing more is sent"


def test_a_timeout_of_a_frozen_opener_is_noticed_when_it_thaws():
    world = village(pause=50_000_000)
    a, connection = connect(world)
    answer = connection.ask(b"x", within=1_000_000)
    world.faults.freeze("a")
    world.run_for("5s")
    assert outcome(answer) is None and connection.open
    world.faults.thaw("a")
    world.run_for(0)
    assert outcome(answer) == "TimedOut" and not connection.open


def test_an_answer_that_came_while_the_opener_was_frozen_is_there_when_it_thaws():
    world = village()
    a, connection = connect(world)
    got = []

    async def asking():
        got.append((await connection.ask(b"x", within=1_000_000), a.now))

    a.spawn(asking())
    world.run_for(1_000)
    world.faults.freeze("a")
    world.run_for("5s")
    assert got == []
    world.faults.thaw("a")
    world.run_for("5s")
    assert got == [(b"x", 5_021_000)] and connection.open


# -- ends ---------------------------------------------------------------------------------------------------------


def test_closing_fails_what_is_in_flight_and_leaves_nothing_behind():
    world = village()
    _, connection = connect(world)
    answers = ask_many(connection, 2)
    connection.close()
    connection.close()
    assert [outcome(answer) for answer in answers] == ["Disconnected"] * 2
    connection.tell(b"into the void")
    assert outcome(connection.ask(b"x")) == "Disconnected"
    world.run_for("1s")
    assert heard(world) == [b"0", b"1"], "what was sent before the end still arrives"
    assert no_leftovers(world)


def test_connections_that_are_closed_do_not_pile_up():
    world = village()
    a, b = world.place("a"), world.place("b")

    async def visiting():
        for _ in range(300):
            connection = await a.connect("b")
            await connection.ask(b"x")
            connection.close()

    world.finish(visiting())
    world.run_for("40s")
    assert no_leftovers(world)
    assert len(b._tasks) <= 65 and len(world.kernel._timers) == 0


def test_a_listener_that_crashes_resets_and_the_question_is_open():
    world = village(pause=5_000)
    _, connection = connect(world)
    answers = ask_many(connection, 2)
    world.run_for("12ms")  # the first is being handled, the second waits in the inbox
    world.faults.crash("b")
    world.run_for("9ms")
    assert [outcome(answer) for answer in answers] == [None, None]
    world.run_for("1ms")
    assert [outcome(answer) for answer in answers] == ["Disconnected"] * 2
    assert heard(world) == [b"0"]
    [closed] = kinds(world, ConnectionClosed)
    assert closed.why == "reset by the listener"
    world.run_for("1s")
    assert no_leftovers(world)


def test_a_listener_that_loses_power_says_nothing_and_what_waited_in_its_inbox_is_gone():
    world = village(pause=5_000)
    _, connection = connect(world)
    answers = ask_many(connection, 3, within=2_000_000)
    world.run_for("12ms")
    world.faults.power_off("b")
    world.run_for("500ms")
    assert [outcome(answer) for answer in answers] == [None] * 3 and connection.open
    world.run_for("2s")
    assert [outcome(answer) for answer in answers] == ["TimedOut"] * 3
    world.faults.start("b")
    world.run_for("2s")
    assert heard(world) == [b"0"]
    assert no_leftovers(world)


def test_a_listener_that_came_back_resets_a_connection_of_its_last_life():
    world = village()
    _, connection = connect(world)
    world.faults.power_off("b")
    world.faults.start("b")
    assert connection.open
    answer = connection.ask(b"x", "a question to the last life", within=5_000_000)
    world.run_for("20ms")
    assert outcome(answer) == "Disconnected" and heard(world) == []
    [lost] = kinds(world, MessageLost)
    assert lost.sentence() == '"a question to the last life" from a to b was lost: b has closed the connection'
    world.run_for("10s")
    assert no_leftovers(world)


@pytest.mark.parametrize("end", ["crash", "power_off"])
def test_late_messages_of_a_dead_opener_still_reach_the_listener(end):
    """The request of a broker that is no more, or has restarted: Kafka fences it by epoch, the network does not."""
    world = village(latency="50ms")
    _, connection = connect(world)
    answers = ask_many(connection, 2)
    getattr(world.faults, end)("a")
    world.faults.start("a")
    assert [outcome(answer) for answer in answers] == ["Disconnected"] * 2
    world.run_for("10s")
    assert heard(world) == [b"0", b"1"]
    assert no_leftovers(world), "the restarted machine has reset what it knows nothing of"


@pytest.mark.parametrize("end", ["crash", "power_off"])
def test_messages_that_were_held_outlive_their_sender(end):
    world = village()
    _, connection = connect(world)
    world.faults.hold("a", "b")
    ask_many(connection, 2)
    world.run_for("1s")
    getattr(world.faults, end)("a")
    world.faults.start("a")
    world.run_for("1s")
    assert heard(world) == []
    world.faults.release("a", "b")
    world.run_for("1s")
    assert heard(world) == [b"0", b"1"]


def test_an_answer_held_across_a_crash_of_its_sender_still_arrives_and_the_reset_after_it():
    world = village()
    _, connection = connect(world)
    world.faults.hold("b", "a")
    answered, unanswered = connection.ask(b"0", within=10**8), None
    world.run_for("1s")
    world.faults.crash("b")
    unanswered = connection.ask(b"1", within=10**8)
    world.run_for("1s")
    assert (outcome(answered), outcome(unanswered)) == (None, None)
    world.faults.release("b", "a")
    world.run_for("1s")
    assert (outcome(answered), outcome(unanswered)) == (b"0", "Disconnected")
    assert no_leftovers(world)


def test_a_frozen_listener_handles_what_came_meanwhile_even_of_a_closed_connection():
    world = village()
    _, connection = connect(world)
    world.faults.freeze("b")
    answers = ask_many(connection, 2, within=1_000_000)
    world.run_for("5s")
    assert [outcome(answer) for answer in answers] == ["TimedOut"] * 2 and heard(world) == []
    world.faults.thaw("b")
    world.run_for("1s")
    assert [(time, payload) for time, _, payload in world.heard["b"]] == [(5_020_000, b"0"), (5_020_000, b"1")]
    assert no_leftovers(world)


def test_a_reset_reaches_a_frozen_opener_and_it_learns_of_it_when_it_thaws():
    world = village(pause=1_000_000)
    a, connection = connect(world)
    learnt = []

    async def asking():
        try:
            await connection.ask(b"x")
        except Disconnected:
            learnt.append(a.now)

    a.spawn(asking())
    world.run_for("15ms")
    world.faults.freeze("a")
    world.faults.crash("b")
    world.run_for("1s")
    assert learnt == [] and not connection.open
    world.faults.thaw("a")
    world.run_for(0)
    assert learnt == [1_035_000]


@pytest.mark.parametrize("payload", [b"hang up", b"cancelled"])
def test_a_handler_can_hang_up(payload):
    """What a server does with a request that it cannot read."""
    world = village()
    b = world.place("b")
    seen = []

    async def forever():
        await b.sleep(10**9)

    async def handler(payload, caller):
        seen.append(payload)
        if payload == b"hang up":
            raise Disconnected("it cannot be read")
        if payload == b"cancelled":
            task = b.spawn(forever(), "the work")
            world.kernel.soon(lambda _: task.cancel())
            await task
        return payload

    b.handler = handler
    _, connection = connect(world)
    answers = [connection.ask(b"1"), connection.ask(payload), connection.ask(b"3")]
    world.run_for("1s")
    assert [outcome(answer) for answer in answers] == [b"1", "Disconnected", "Disconnected"]
    assert seen == [b"1", payload] and not connection.open
    [closed] = kinds(world, ConnectionClosed)
    assert (
        closed.why
        == {b"hang up": "b hung up (it cannot be read)", b"cancelled": "b hung up (the work was cancelled)"}[payload]
    )
    assert no_leftovers(world)


def test_a_machine_that_talks_to_itself_dies_alone():
    world = village()
    b, connection = connect(world, "b", "b")
    answer = connection.ask(b"to myself")
    world.run_for("1ms")
    assert outcome(answer) == b"to myself"
    world.faults.crash("b")
    world.run_for("1s")
    assert not connection.open and no_leftovers(world)


def test_the_power_loss_of_an_opener_leaves_the_listeners_half_until_it_hears_from_the_machine_again():
    world = village(pause=100_000)
    _, connection = connect(world)
    connection.ask(b"x")
    world.run_for("20ms")
    world.faults.power_off("a")
    world.run_for("1s")
    assert world.network.standing(world.place("b")) == [connection]
    [lost] = kinds(world, MessageLost)
    assert lost.why == "a has no power"
    world.faults.crash("b")
    world.run_for("1s")
    assert no_leftovers(world)


def test_a_restarted_listener_does_not_serve_what_was_sent_to_its_last_life_by_a_dead_opener():
    world = village(latency="50ms")
    _, connection = connect(world)
    connection.ask(b"x")
    world.faults.power_off("a")
    world.faults.crash("b")
    world.faults.start("b")
    world.run_for("1s")
    assert heard(world) == []
    assert {event.label: event.why for event in kinds(world, MessageLost)} == {
        "request": "b has closed the connection",
        "reset": "a has no power",
    }


# -- cut, hold, meters ----------------------------------------------------------------------------------------------


def test_a_cut_keeps_messages_back_loses_none_and_they_travel_again_when_it_heals():
    world = village(latency="10ms")
    _, connection = connect(world)
    world.faults.cut("east", "west")
    answers = ask_many(connection, 2)
    world.run_for("1s")
    assert heard(world) == [] and len(kinds(world, MessageStuck)) == 2
    healed = world.now
    world.faults.heal("west", "east")
    world.run_for("20ms")
    assert [outcome(answer) for answer in answers] == [b"0", b"1"]
    assert [time for time, _, _ in world.heard["b"]] == [healed + 10_000] * 2


def test_a_message_that_is_stuck_counts_once_when_it_has_passed():
    world = village()
    _, connection = connect(world)
    ways, east, west = world.network.ways, world.place("east"), world.place("west")
    before = ways.bytes_between(east, west)
    world.faults.cut("east", "west")
    connection.ask(b"x" * 1_000, within=10**9)
    world.run_for("1s")
    assert ways.bytes_between(east, west) == before
    world.faults.heal("east", "west")
    world.run_for("1s")
    assert ways.bytes_between(east, west) == before + 1_000 == ways.bytes_between(west, east)


def test_bandwidth_is_shared_by_all_connections_of_a_way():
    world = village(latency="10ms", bandwidth="8Mbps")  # a byte a microsecond
    _, one = connect(world, "a", "b")
    _, other = connect(world, "a2", "b2")
    start = world.now
    one.ask(b"x" * 5_000)
    other.ask(b"y" * 5_000)
    world.run_for("1s")
    assert [world.heard[name][0][0] - start for name in ("b", "b2")] == [15_000, 20_000]


def test_a_healed_link_is_the_cause_of_what_gets_through():
    world = village()
    _, connection = connect(world)
    world.faults.cut("east", "west")
    connection.ask(b"x")
    world.run_for("1s")
    world.faults.heal("east", "west")
    world.run_for("1s")
    delivered = next(entry for entry in world.recorder.events(MessageDelivered) if not entry.event.reply)
    assert [entry.kind for entry in world.recorder.because(delivered.seq)] == [
        "LinkHealed",
        "MessageSent",
        "MessageDelivered",
    ]


async def _await(future):
    return await future


def test_the_echo_can_be_built_by_hand_too():
    world = village()
    b = world.place("b")
    echo = Echo(b)
    _, connection = connect(world)
    answer = connection.ask(b"x")
    world.run_for("1s")
    assert outcome(answer) == b"x" and [payload for _, _, payload in echo.heard] == [b"x"]
