"""The asking side: order, reopening after a loss, and time that runs out."""

import pytest

from minikafka.protocol.channel import NETWORK_TROUBLE, Channel
from minikafka.protocol.client_requests import (
    FetchRequest,
    FetchResponse,
    InitProducerIdRequest,
    InitProducerIdResponse,
    MetadataRequest,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.server import serve
from minikafka.world.kernel import TimedOut
from minikafka.world.network import Disconnected, Unreachable

SECOND = 1_000_000
ASK = InitProducerIdRequest(None)


class Counter:
    """Answers 1, 2, 3 …; `delay` µs after the question."""

    def __init__(self, machine, delay=0):
        self.count = 0
        self.heard = []

        async def answer(request, caller):
            self.heard.append((request, caller))
            if delay:
                await machine.sleep(delay)
            self.count += 1
            return InitProducerIdResponse(0, self.count, 0)

        serve(machine, {InitProducerIdRequest: answer})


def test_a_question_and_its_answer(pair):
    pair.start(Counter)
    answer = pair.finish(Channel(pair.asker, "server").ask(ASK, within=SECOND))
    assert answer == InitProducerIdResponse(0, 1, 0)
    assert pair.answerer.process.heard == [(ASK, "client")]
    assert pair.world.now == 20_000
    sent = [(e.label, e.routine) for e in pair.kinds("MessageSent") if e.label != "open"]
    assert sent == [("init producer id", False), ("producer id", False)]


def test_questions_asked_together_share_one_opening_and_keep_their_order(pair):
    pair.start(Counter)
    channel = Channel(pair.asker, "server")
    tasks = [pair.asker.spawn(channel.ask(ASK, within=SECOND)) for _ in range(5)]
    pair.world.run_for("1s")
    assert [task.value.producer_id for task in tasks] == [1, 2, 3, 4, 5]
    assert len(pair.kinds("ConnectionOpened")) == 1


def test_several_questions_may_be_under_way(pair):
    pair.start(Counter)
    channel = Channel(pair.asker, "server")
    pair.finish(channel.ask(ASK, within=SECOND))
    began = pair.world.now
    tasks = [pair.asker.spawn(channel.ask(ASK, within=SECOND)) for _ in range(3)]
    pair.world.run_for("10ms")
    assert [task.done for task in tasks] == [True, True, True]
    assert pair.world.now == began + 10_000


def test_a_label_of_ones_own(pair):
    pair.start(Counter)
    pair.finish(Channel(pair.asker, "server").ask(ASK, within=SECOND, label="who am I?"))
    assert "who am I?" in [event.label for event in pair.kinds("MessageSent")]


def test_routine_questions_and_answers_are_marked(pair):
    async def answer(request, caller):
        return FetchResponse(0, 77, [])

    pair.start(lambda machine: serve(machine, {FetchRequest: answer}))
    idle = FetchRequest(2, 17, 500, 1, 1000, 0, 77, 5, [], [], "")
    pair.finish(Channel(pair.asker, "server").ask(idle, within=SECOND))
    assert [(e.label, e.routine) for e in pair.kinds("MessageSent")][-2:] == [("fetch", True), ("no news", True)]


def test_nobody_there(pair):
    channel = Channel(pair.asker, "server")
    with pytest.raises(Unreachable):
        pair.finish(channel.ask(ASK, within=SECOND))
    assert not channel.open
    pair.start(Counter)
    assert pair.finish(channel.ask(ASK, within=SECOND)).producer_id == 1


def test_a_channel_opens_again_after_a_loss_but_asks_nothing_twice(pair):
    pair.start(lambda machine: Counter(machine, delay=SECOND))
    channel = Channel(pair.asker, "server")
    task = pair.asker.spawn(channel.ask(ASK, within=5 * SECOND))
    failed = []

    async def watch():
        try:
            await task
        except Disconnected as error:
            failed.append(error)

    pair.asker.spawn(watch())
    pair.world.run_for("100ms")
    first = pair.answerer.process
    pair.answerer.crash()
    pair.world.run_for("100ms")
    assert len(failed) == 1
    assert not channel.open
    pair.answerer.start()
    pair.world.run_for("3s")
    assert pair.answerer.process is not first
    assert pair.answerer.process.heard == []
    assert pair.finish(channel.ask(ASK, within=5 * SECOND)).producer_id == 1
    assert len(pair.kinds("ConnectionOpened")) == 2


def test_no_answer_in_time_closes_the_connection(pair):
    pair.start(lambda machine: Counter(machine, delay=2 * SECOND))
    channel = Channel(pair.asker, "server")
    with pytest.raises(TimedOut):
        pair.finish(channel.ask(ASK, within=SECOND))
    assert pair.world.now == SECOND
    assert not channel.open


def test_the_time_to_open_counts(pair):
    pair.start(lambda machine: Counter(machine, delay=SECOND))
    channel = Channel(pair.asker, "server")
    with pytest.raises(TimedOut):
        pair.finish(channel.ask(ASK, within=SECOND + 15_000))
    assert pair.world.now == SECOND + 15_000
    pair.world.run_for("2s")
    assert pair.finish(channel.ask(ASK, within=SECOND + 20_001)).producer_id > 0


def test_who_gives_up_while_opening_leaves_the_opening_to_the_next(pair):
    pair.start(Counter)
    channel = Channel(pair.asker, "server")
    with pytest.raises(TimedOut):
        pair.finish(channel.ask(ASK, within=2_000))
    assert pair.world.now == 2_000
    assert pair.finish(channel.ask(ASK, within=SECOND)).producer_id == 1
    assert pair.world.now == 20_000
    assert len(pair.kinds("ConnectionOpened")) == 1


def test_closing_fails_what_is_under_way_and_the_next_question_opens_anew(pair):
    pair.start(lambda machine: Counter(machine, delay=SECOND))
    channel = Channel(pair.asker, "server")
    failed = []

    async def ask():
        try:
            await channel.ask(ASK, within=5 * SECOND)
        except Disconnected as error:
            failed.append(error)

    pair.asker.spawn(ask())
    pair.world.run_for("100ms")
    channel.close()
    pair.world.run_for("1ms")
    assert len(failed) == 1
    assert pair.finish(channel.ask(ASK, within=5 * SECOND)).producer_id == 2


def test_closing_while_opening(pair):
    pair.start(Counter)
    channel = Channel(pair.asker, "server")
    failed = []

    async def ask():
        try:
            await channel.ask(ASK, within=SECOND)
        except Disconnected as error:
            failed.append(str(error))

    pair.asker.spawn(ask())
    pair.world.run_for("3ms")
    channel.close()
    pair.world.run_for("1s")
    assert failed == ["the channel to server was closed while it was being opened"]
    assert not channel.open
    assert pair.answerer.process.heard == []
    assert pair.finish(channel.ask(ASK, within=SECOND)).producer_id == 1


def test_closing_wakes_at_once_who_waits_for_a_dark_server(pair):
    pair.start(Counter)
    pair.world.faults.cut(pair.asker, pair.answerer)
    channel = Channel(pair.asker, "server")
    waiting = [pair.asker.spawn(_trouble(channel)) for _ in range(2)]
    pair.world.run_for("1s")
    channel.close()
    pair.world.run_for("0ms")
    assert [task.value for task in waiting] == ["the channel to server was closed while it was being opened"] * 2
    pair.world.faults.heal(pair.asker, pair.answerer)
    assert pair.finish(channel.ask(ASK, within=SECOND)).producer_id == 1
    pair.world.run_for("20s")
    assert channel.open and len(pair.answerer.process.heard) == 1  # the first opening has come to nothing


async def _trouble(channel):
    try:
        await channel.ask(ASK, within=30 * SECOND)
    except Disconnected as error:
        return str(error)


def test_closing_while_opening_does_not_harm_the_next_opening(pair):
    pair.start(Counter)
    channel = Channel(pair.asker, "server")
    first = pair.asker.spawn(_outcome(channel))
    pair.world.run_for("3ms")
    channel.close()
    second = pair.asker.spawn(_outcome(channel))
    pair.world.run_for("1s")
    assert first.value is None
    assert second.value.producer_id == 1
    assert channel.open


async def _outcome(channel):
    try:
        return await channel.ask(ASK, within=SECOND)
    except NETWORK_TROUBLE:
        return None


def test_telling_expects_no_answer(pair):
    heard = []

    async def listen(request, caller):
        heard.append((request, pair.world.now))
        return None

    pair.start(lambda machine: serve(machine, {InitProducerIdRequest: listen}))
    channel = Channel(pair.asker, "server")
    pair.finish(channel.tell(ASK))
    assert pair.world.now == 10_000
    pair.world.run_for("1s")
    assert heard == [(ASK, 15_000)]
    assert [event.label for event in pair.kinds("MessageSent") if event.reply and event.label != "open"] == []


def test_telling_nobody(pair):
    with pytest.raises(Unreachable):
        pair.finish(Channel(pair.asker, "server").tell(ASK))


def test_what_is_no_request_is_refused_before_anything_leaves(pair):
    pair.start(Counter)
    channel = Channel(pair.asker, "server")
    pair.finish(channel.ask(ASK, within=SECOND))
    before = len(pair.kinds("MessageSent"))
    with pytest.raises(KafkaError) as refusal:
        pair.finish(channel.ask(InitProducerIdResponse(0, 1, 0), within=SECOND))
    assert refusal.value.error is Error.INVALID_REQUEST
    assert len(pair.kinds("MessageSent")) == before
    assert channel.open


def test_an_answer_to_another_question_is_refused(pair):
    async def confused(request, caller):
        return InitProducerIdResponse(0, 1, 0)

    pair.start(lambda machine: serve(machine, {MetadataRequest: confused}))
    with pytest.raises(KafkaError, match="is no MetadataResponse") as refusal:
        pair.finish(Channel(pair.asker, "server").ask(MetadataRequest(None), within=SECOND))
    assert refusal.value.error is Error.INVALID_REQUEST
