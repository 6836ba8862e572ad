"""Opening a connection: refused, forbidden, unanswered, abandoned."""

import pytest
from test_connection import no_leftovers
from village import connect, kinds, outcome, village

from minikafka.world.happenings import ConnectionClosed, ConnectionOpened, ConnectionRefused, MessageLost, MessageSent
from minikafka.world.kernel import TaskFailed, TimedOut
from minikafka.world.machine import MachineError
from minikafka.world.network import NetworkError, Unreachable
from minikafka.world.ways import NoWay
from minikafka.world.world import World


def opening(world, opener="a", address="b", within=10_000_000):
    """A task that tries to connect, on the machine itself."""
    machine = world.place(opener)

    async def trying():
        try:
            return await machine.connect(address, within)
        except (NetworkError, TimedOut) as error:
            return error

    return machine.spawn(trying(), "opening")


def test_opening_takes_one_round_trip_and_is_recorded_where_it_stands():
    world = village(latency="10ms")
    task = opening(world)
    world.run_for("20ms")
    assert task.value.open
    [entry] = world.recorder.events(ConnectionOpened)
    assert (entry.place, entry.time, entry.event) == ("a", 20_000, ConnectionOpened(1, "a", "b"))


def test_a_machine_that_is_down_or_does_not_listen_refuses_after_a_round_trip():
    world = village(latency="10ms")
    world.faults.crash("b")
    tasks = [opening(world, address=address) for address in ("b", "a2")]
    world.run_for("20ms")
    for task, address in zip(tasks, ("b", "a2"), strict=True):
        assert isinstance(task.value, Unreachable)
        assert str(task.value) == f"{address} refused the connection: nobody is listening there"
    assert [event.why for event in kinds(world, ConnectionRefused)] == ["nobody is listening there"] * 2
    assert no_leftovers(world)


def test_a_machine_without_power_does_not_answer():
    world = village()
    world.faults.power_off("b")
    task = opening(world, within=300_000)
    world.run_for("300ms")
    assert isinstance(task.value, TimedOut) and str(task.value) == "b did not take the connection in time"
    assert no_leftovers(world)


def test_an_unknown_address_is_refused_at_once():
    world = village()
    task = opening(world, address="nowhere")
    world.run_for(0)
    assert str(task.value) == "nobody has the address 'nowhere': machines here are a, a2, b, b2"


def test_regions_that_nobody_connected_stop_the_world_with_the_remedy():
    world = World(seed=1)
    for name in ("north", "south"):
        region = world.region(name)
        world.machine(f"{name}/m", region.zones[0]).start()
    opening(world, "north/m", "south/m")
    with pytest.raises(TaskFailed, match=r"call world.connect\(north, south, latency") as caught:
        world.run_for("1s")
    assert isinstance(caught.value.__cause__, NoWay)
    assert world.network._opening == {}


def test_a_machine_that_is_down_opens_nothing():
    world = village()
    world.faults.crash("a")
    with pytest.raises(MachineError, match="a is down and cannot connect: start it first"):
        connect(world)
    assert no_leftovers(world)


def test_the_firewall_forbids_to_open_and_does_not_touch_what_stands():
    world = village()
    _, standing = connect(world)
    world.faults.deny("east", "west")
    refused, other_way = opening(world), opening(world, "b", "b2")
    answer = standing.ask(b"x")
    world.run_for("1s")
    assert str(refused.value) == "b refused the connection: the firewall forbids it"
    assert outcome(answer) == b"x" and other_way.value.open
    world.faults.allow("east", "west")
    again = opening(world)
    world.run_for("1s")
    assert again.value.open


def test_a_firewall_is_about_who_opens_and_not_about_who_speaks():
    world = village()
    world.place("a").listen(world.place("b").handler)
    world.faults.deny("east", "west")
    task = opening(world, "b", "a")
    world.run_for("1s")
    answer = task.value.ask(b"x")
    world.run_for("1s")
    assert outcome(answer) == b"x"


@pytest.mark.parametrize("end", ["crash", "power_off"])
@pytest.mark.parametrize("after", [0, 5_000, 10_000, 15_000, 19_999])
def test_an_opener_that_dies_while_it_connects_leaves_nothing_behind(end, after):
    world = village(latency="10ms")
    opening(world)
    world.run_for(after)
    getattr(world.faults, end)("a")
    world.faults.start("a")
    world.run_for("1s")
    assert no_leftovers(world)
    assert [task for task in world.place("b")._tasks if not task.done] == []


@pytest.mark.parametrize("after", [5_000, 10_000, 15_000])
def test_a_listener_that_dies_while_somebody_connects_refuses_or_resets(after):
    world = village(latency="10ms")
    task = opening(world)
    world.run_for(after)
    world.faults.crash("b")
    world.run_for("1s")
    if after < 10_000:
        assert isinstance(task.value, Unreachable)
    else:
        assert not task.value.open and outcome(task.value.ask(b"x")) == "Disconnected"
    assert no_leftovers(world)


def test_a_refusal_does_not_pass_a_cut():
    world = village()
    world.faults.crash("b")
    world.faults.cut_oneway("west", "east")
    task = opening(world, within=1_000_000)
    world.run_for("999ms")
    assert not task.done
    world.run_for("1ms")
    assert isinstance(task.value, TimedOut)
    world.faults.heal_oneway("west", "east")
    world.run_for("1s")
    assert no_leftovers(world)


@pytest.mark.parametrize("cut", [("east", "west"), ("west", "east")])
def test_attempts_during_a_cut_do_not_pile_up_and_come_to_nothing_when_it_heals(cut):
    world = village()
    world.faults.cut_oneway(*cut)
    for _ in range(20):
        task = opening(world, within=100_000)
        world.run_for("200ms")
        assert isinstance(task.value, TimedOut)
        assert world.network.stuck_connections == {}
    assert no_leftovers(world)
    before = len(kinds(world, MessageSent))
    world.faults.heal_oneway(*cut)
    world.run_for("1s")
    assert len(kinds(world, MessageSent)) == before
    assert [task for task in world.place("b")._tasks if not task.done] == []


def test_an_opening_that_is_given_up_before_it_meets_the_cut_does_not_stay_there():
    world = village(latency="200ms")
    task = opening(world, within=100_000)
    world.run_for("150ms")
    world.faults.cut("east", "west")
    world.run_for("1s")
    assert isinstance(task.value, TimedOut) and no_leftovers(world)
    [lost] = kinds(world, MessageLost)
    assert lost.sentence() == '"open" from a to b was lost: nobody waits for the connection any more'


def test_a_cut_in_the_midst_of_opening_delays_it():
    world = village(latency="10ms")
    task = opening(world, within=10_000_000)
    world.run_for("15ms")
    world.faults.cut("east", "west")
    world.run_for("1s")
    assert not task.done
    world.faults.heal("east", "west")
    world.run_for("10ms")
    assert task.value.open


def test_a_frozen_listener_takes_a_connection_and_serves_it_when_it_thaws():
    world = village(latency="10ms")
    world.faults.freeze("b")
    task = opening(world)
    world.run_for("1s")
    answer = task.value.ask(b"x")
    world.run_for("1s")
    assert outcome(answer) is None
    world.faults.thaw("b")
    world.run_for("10ms")
    assert outcome(answer) == b"x"


def test_an_opener_that_freezes_while_it_connects_has_its_connection_when_it_thaws():
    world = village(latency="10ms")
    task = opening(world, within=1_000_000)
    world.run_for("5ms")
    world.faults.freeze("a")
    world.run_for("5s")
    assert not task.done
    world.faults.thaw("a")
    world.run_for(0)
    assert task.value.open


def test_a_connection_that_was_reset_while_its_opener_was_frozen_is_closed_when_it_thaws():
    world = village(latency="10ms")
    task = opening(world, within=1_000_000)
    world.run_for("5ms")
    world.faults.freeze("a")
    world.run_for("1s")
    world.faults.crash("b")
    world.run_for("1s")
    world.faults.thaw("a")
    world.run_for(0)
    assert not task.value.open
    assert no_leftovers(world)


def test_a_task_that_is_cancelled_while_it_connects_leaves_nothing_behind():
    for after in (0, 5_000, 15_000, 20_000):
        world = village(latency="10ms")
        task = opening(world)
        world.run_for(after)
        if not task.done:
            task.cancel()
            world.run_for("1s")
            assert no_leftovers(world)


def test_a_timeout_at_the_very_moment_of_the_consent_is_a_timeout():
    world = village(latency="10ms")
    task = opening(world, within=20_000)
    world.run_for("1s")
    assert isinstance(task.value, TimedOut) and kinds(world, ConnectionOpened) == []
    assert no_leftovers(world)


def test_a_consent_that_comes_after_the_timeout_of_a_frozen_opener_is_given_back():
    world = village(latency="10ms")
    task = opening(world, within=15_000)
    world.run_for("5ms")
    world.faults.freeze("a")
    world.run_for("1s")
    world.faults.thaw("a")
    world.run_for("1s")
    assert isinstance(task.value, TimedOut)
    assert [event.why for event in kinds(world, ConnectionClosed)] == ["nobody waited for it any more"]
    assert no_leftovers(world)


def test_opening_from_outside_is_told_when_the_machine_dies():
    world = village()
    task = world.kernel.spawn(_try(world.place("a")))
    world.run_for("5ms")
    world.faults.crash("a")
    world.run_for(0)
    assert str(task.value) == "b refused the connection: the process that asked for it is gone"
    world.run_for("1s")
    assert no_leftovers(world)


async def _try(machine):
    try:
        return await machine.connect("b")
    except NetworkError as error:
        return error
