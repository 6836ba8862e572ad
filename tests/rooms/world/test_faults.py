"""Everything that can be done to a world, now or at a planned time."""

import pytest
from village import Echo, connect, kinds, outcome, village

from minikafka.world.disk import DiskError
from minikafka.world.faults import VERBS
from minikafka.world.happenings import (
    FaultPlanned,
    FaultWithoutEffect,
    FirewallChanged,
    LinkChanged,
    LinkCut,
    LinkHealed,
    LinkReleased,
)
from minikafka.world.journal import FrontDoor
from minikafka.world.machine import MachineError
from minikafka.world.quantities import BadQuantity
from minikafka.world.ways import SAME_REGION, NoWay, Wire


def wires(world, one="a", other="b"):
    one, other = world.place(one), world.place(other)
    return [world.network.ways.like(source, target) for source, target in ((one, other), (other, one))]


def reached(world, opener="a", listener="b"):
    """Whether a question asked now is answered within a second."""
    _, connection = connect(world, opener, listener)
    answer = connection.ask(b"x", within=10**9)
    world.run_for("1s")
    return outcome(answer) == b"x"


def test_machines_can_be_named_or_given_or_be_the_machine_of_something():
    world = village()
    b = world.place("b")

    broker = FrontDoor(world, "broker:b")
    broker.machine = b
    for name in ("b", b, broker):
        world.faults.crash(name)
        assert b.state == "down"
        world.faults.start(name)
        assert b.state == "running"


def test_a_cut_is_both_ways_and_a_one_way_cut_is_not():
    world = village()
    _, connection = connect(world)
    world.faults.cut_oneway("east", "west")
    stuck = connection.ask(b"x", within=10**9)
    assert not world.network.barriers.blocks(world.place("b"), world.place("a"))
    world.run_for("1s")
    assert outcome(stuck) is None
    world.faults.heal_oneway("east", "west")
    world.run_for("1s")
    assert outcome(stuck) == b"x"
    world.faults.cut("a", "b")
    barriers = world.network.barriers
    assert barriers.blocks(world.place("a"), world.place("b")) and barriers.blocks(world.place("b"), world.place("a"))
    assert not barriers.blocks(world.place("a2"), world.place("b"))


def test_one_machine_can_be_cut_off_while_its_neighbours_talk():
    world = village()
    world.faults.cut("b", "east")
    assert reached(world, "a", "b2") and reached(world, "b2", "b")
    task = world.place("a").spawn(world.network.connect(world.place("a"), "b"))
    world.run_for("1s")
    assert not task.done
    task.cancel()


def test_links_that_are_cut_twice_or_healed_without_a_cut_are_left_alone():
    world = village()
    world.faults.cut("east", "west")
    before = world.recorder.recorded
    world.faults.cut("east", "west")
    assert world.recorder.recorded == before
    world.faults.heal("east", "west")
    world.faults.heal("east", "west")
    world.faults.release("east", "west")
    assert len(kinds(world, LinkHealed)) == 2 and kinds(world, LinkReleased) == []
    assert reached(world)


def test_a_healed_link_says_how_many_messages_go_on_and_counts_none_that_is_still_held():
    world = village()
    _, connection = connect(world)
    world.faults.cut("east", "west")
    world.faults.hold("a", "b")
    for _ in range(3):
        connection.ask(b"x", within=10**9)
    world.run_for("1s")
    world.faults.heal("east", "west")
    world.faults.release("a", "b")
    assert [event.stuck for event in kinds(world, LinkHealed)] == [0, 0]
    assert [event.stuck for event in kinds(world, LinkReleased)] == [3]
    world.run_for("1s")
    assert len(world.heard["b"]) == 3


def test_slow_changes_what_is_named_and_restore_speed_takes_it_back():
    world = village(latency="10ms", jitter="1ms", bandwidth="100Mbps")
    fast = Wire(10_000, 1_000, 100_000_000, 0.0)
    world.faults.slow("east", "west", latency="100ms")
    assert wires(world) == [fast._replace(latency=100_000)] * 2
    world.faults.slow("east", "west", loss=0.5)
    assert wires(world) == [fast._replace(latency=100_000, loss=0.5)] * 2
    world.faults.restore_speed("east", "west")
    assert wires(world) == [fast] * 2
    before = world.recorder.recorded
    world.faults.restore_speed("east", "west")
    assert world.recorder.recorded == before


def test_one_machine_can_be_slow_and_then_be_like_the_others_again():
    world = village(latency="10ms")
    _, connection = connect(world)
    world.faults.slow("b", "east", latency="200ms")
    start = world.now
    connection.ask(b"x")
    world.run_for("1s")
    assert world.heard["b"][0][0] - start == 200_000
    world.faults.restore_speed("b", "east")
    start = world.now
    connection.ask(b"x")
    world.run_for("1s")
    assert world.heard["b"][1][0] - start == 10_000
    assert kinds(world, LinkChanged)[-1] == LinkChanged("east", "b", 10_000, 0, 0, 0.0)


def test_a_region_can_be_slow_within_itself():
    world = village()
    world.faults.slow("west", "west", latency="50ms", jitter=0)
    _, connection = connect(world, "b", "b2")
    assert world.now == 100_000
    world.faults.restore_speed("west", "west")
    assert world.network.ways.between(world.place("b"), world.place("b2")).wire.latency == 250
    assert wires(world, "a", "a2") == [SAME_REGION] * 2


def test_a_message_on_its_way_is_not_overtaken_when_the_line_becomes_fast():
    world = village(latency="200ms")
    _, connection = connect(world)
    connection.ask(b"slow")
    world.faults.slow("east", "west", latency="1ms")
    connection.ask(b"fast")
    world.run_for("1s")
    assert [payload for _, _, payload in world.heard["b"]] == [b"slow", b"fast"]


def test_a_region_is_lost_and_restored_whatever_its_machines_were_doing():
    world = village()
    world.faults.freeze("b")
    world.faults.crash("b2")
    world.faults.lose("west")
    assert [world.place(name).state for name in ("a", "a2", "b", "b2")] == ["running", "running", "dark", "dark"]
    world.faults.lose("west-a")
    world.faults.restore("west")
    world.faults.restore("west")
    assert [world.place(name).state for name in ("b", "b2")] == ["running"] * 2
    assert reached(world)


def test_one_byte_can_be_damaged():
    world = village()
    disk = world.place("b").disk
    disk.append("log/0", b"abc")
    world.faults.damage("b", "log/0", 1)
    assert disk.read("log/0") == bytes([ord("a"), ord("b") ^ 0xFF, ord("c")])
    with pytest.raises(DiskError):
        world.faults.damage("b", "log/0", 3)


def test_the_firewall_is_said_and_takes_it_back():
    world = village()
    world.faults.deny("east", "west")
    world.faults.allow("a", "west")
    assert [event.sentence() for event in kinds(world, FirewallChanged)] == [
        "east may not open connections to west",
        "a may open connections to west",
    ]
    assert reached(world)


# -- the calendar ---------------------------------------------------------------------------------------------------


def test_a_planned_fault_happens_at_its_time_and_says_where_it_comes_from():
    world = village()
    world.faults.at("5s", "cut", "east", "west")
    world.faults.at("2s", "slow", "east", "west", latency="70ms")
    assert [event.sentence() for event in kinds(world, FaultPlanned)] == [
        "planned for 5.000 s: cut east west",
        "planned for 2.000 s: slow east west latency=70ms",
    ]
    world.run_until("5s")
    entry = next(world.recorder.events(LinkCut))
    assert entry.time == 5_000_000 and [e.kind for e in world.recorder.because(entry.seq)] == [
        "FaultPlanned",
        "LinkCut",
    ]
    assert wires(world)[0].latency == 70_000


def test_planned_faults_of_one_moment_happen_in_the_order_of_planning():
    world = village()
    for verb in ("crash", "start", "freeze", "thaw"):
        world.faults.at("1s", verb, "b")
    world.run_for("1s")
    assert [entry.kind for entry in world.recorder.trace[-4:]] == [
        "MachineCrashed",
        "MachineStarted",
        "MachineFroze",
        "MachineThawed",
    ]


def test_a_planned_fault_may_find_its_machine_already_down_and_says_so():
    world = village()
    world.faults.at("1s", "crash", "b")
    world.faults.at("1s", "damage", "a", "no/such/file", 0)
    world.faults.crash("b")
    world.run_for("2s")
    first, second = kinds(world, FaultWithoutEffect)
    assert first.sentence() == "crash b changed nothing: b is down and cannot crash: it can start, power_off"
    assert second.what == "damage a no/such/file 0"
    assert world.place("b").state == "down"


def test_every_verb_can_be_planned():
    world = village()
    world.place("a").disk.append("f", b"x")
    arguments = {
        "damage": ("a", "f", 0), "slow": ("east", "west"), "restore_speed": ("east", "west"), "lose": ("west",),
        "restore": ("west",),
    }  # fmt: skip
    links = ("cut", "heal", "cut_oneway", "heal_oneway", "hold", "release", "deny", "allow")
    for second, verb in enumerate(VERBS):
        given = arguments.get(verb, ("east", "west") if verb in links else ("b",))
        world.faults.at(f"{second + 1}s", verb, *given)
    world.run_for("60s")
    assert len(kinds(world, FaultPlanned)) == len(VERBS)


# -- bad input ------------------------------------------------------------------------------------------------------

BAD = [
    ("crash", ("nobody",), ValueError, "'nobody' is not a place of this world: places are east, east-a, east-b, west"),
    ("crash", (None,), ValueError, "None is not a place of this world"),
    ("crash", ("east",), ValueError, r"east is not one machine: use lose\(\) and restore\(\) for a region or zone"),
    ("start", ("b",), MachineError, "b is running and cannot start: it can crash, power_off, stop, freeze"),
    ("thaw", ("b",), MachineError, "b is running and cannot thaw: it can"),
    ("stop", ("down",), MachineError, "down is down and cannot stop: it can start"),
    ("cut", ("east", "moon"), ValueError, "'moon' is not a place"),
    ("hold", ("east", 5), ValueError, "5 is not a place"),
    ("slow", ("east", "north"), NoWay, r"east and north are not connected: call world.connect\(east, north"),
    ("slow", ("east", "west", "soon"), BadQuantity, "time 'soon' is not understood: write"),
    ("slow", ("east", "west", None, None, "0Mbps"), BadQuantity, "carries nothing: cut the link instead"),
    ("damage", ("b", "nothing", 0), DiskError, "there is no file nothing on this disk"),
    ("damage", ("b", "nothing", -1), BadQuantity, "size -1 is negative"),
    ("at", ("5s", "explode", "b"), ValueError, "'explode' is not a fault: take one of crash, power_off"),
    ("at", ("5s", "crash", "nobody"), ValueError, "'nobody' is not a place"),
    ("at", ("5s", "crash", "east"), ValueError, "east is not one machine"),
    (
        "at",
        ("5s", "crash"),
        ValueError,
        "crash cannot be done with these arguments: missing a required argument: 'machine'",
    ),
    ("at", ("5s", "crash", "b", "b"), ValueError, "crash cannot be done with these arguments: too many"),
    ("at", ("5s", "slow", "east", "west", "soon"), BadQuantity, "time 'soon' is not understood"),
    ("at", ("-5s", "crash", "b"), BadQuantity, "time '-5s' is not understood"),
    ("at", (5.0, "crash", "b"), BadQuantity, "time 5.0 is not understood"),
    ("at", ("0.5s", "crash", "b"), ValueError, "'0.5s' is in the past: the clock shows 1000000 µs, plan from there on"),
]


@pytest.mark.parametrize(("verb", "arguments", "error", "sentence"), BAD)
def test_a_bad_fault_is_refused_with_a_sentence_and_changes_nothing(verb, arguments, error, sentence):
    world = village()
    world.region("north")
    world.machine("down", "east-a")
    world.run_for("1s")
    before = (world.recorder.digest(), wires(world), world.network.barriers.standing(), world.kernel.next_time())
    with pytest.raises(error, match=sentence):
        getattr(world.faults, verb)(*arguments)
    assert (
        world.recorder.digest(),
        wires(world),
        world.network.barriers.standing(),
        world.kernel.next_time(),
    ) == before


def test_a_place_of_another_world_is_refused():
    world, other = village(), village()
    with pytest.raises(Exception, match="b belongs to another world"):
        world.faults.crash(other.place("b"))
    assert world.place("b").running and other.place("b").running


def test_the_echo_answers_with_its_own_label():
    world = village()
    assert reached(world)
    assert any(event.label == "echo of x" for event in kinds(world, "MessageSent"))
    assert isinstance(world.place("b").process, Echo)
