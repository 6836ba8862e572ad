"""A machine: crash, freeze, restart, power loss, and who owns what."""

import re

import pytest
from village import Echo, connect, kinds, outcome, village

from minikafka.world import machine as machine_room
from minikafka.world.happenings import MachineCrashed, MachineStarted, MachineStopped
from minikafka.world.kernel import Cancelled, TaskFailed
from minikafka.world.machine import MOVES, MachineError


def test_the_transition_table_is_what_the_code_does():
    table = re.findall(r"^    (\w+) +(\w+) +(\w+)$", machine_room.__doc__, re.M)
    assert {(state, verb): becomes for state, verb, becomes in table if verb != "on"} == MOVES


VERBS = ("start", "crash", "power_off", "freeze", "thaw")
WAYS_TO = {"down": ["crash"], "running": [], "frozen": ["freeze"], "dark": ["power_off"]}


@pytest.mark.parametrize("state", WAYS_TO)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_moves_as_the_table_says_or_is_refused_and_changes_nothing(state, verb):
    world = village()
    b = world.place("b")
    for step in WAYS_TO[state]:
        getattr(b, step)()
    assert b.state == state
    before = (world.recorder.recorded, b.incarnation, b.process, b.handler)
    if (state, verb) in MOVES:
        getattr(b, verb)()
        assert b.state == MOVES[state, verb]
    else:
        with pytest.raises(MachineError, match=f"b is {state} and cannot {verb}: it can "):
            getattr(b, verb)()
        assert (b.state, (world.recorder.recorded, b.incarnation, b.process, b.handler)) == (state, before)


def test_a_start_builds_a_new_process_from_the_factory():
    world = village()
    b = world.place("b")
    first = b.process
    assert isinstance(first, Echo) and b.incarnation == 1
    b.crash()
    assert b.process is None and b.handler is None
    b.start()
    assert isinstance(b.process, Echo) and b.process is not first and b.incarnation == 2
    assert [event.incarnation for event in kinds(world, MachineStarted)] == [1, 1, 1, 1, 2]


def test_a_crash_ends_every_task_of_the_process_and_runs_their_finally():
    world = village()
    a, seen = world.place("a"), []

    async def work(number):
        try:
            while True:
                await a.sleep(1_000)
        finally:
            seen.append((number, a.now))

    tasks = [a.spawn(work(number)) for number in range(3)]
    world.run_for("10ms")
    world.faults.crash("a")
    assert seen == [(0, 10_000), (1, 10_000), (2, 10_000)]
    assert all(isinstance(task.error, Cancelled) for task in tasks)
    world.run_for("1s")
    assert len(seen) == 3


def test_what_a_dying_process_still_starts_is_cancelled_at_once():
    world = village()
    a, seen = world.place("a"), []

    async def last_words():
        seen.append("spoken")

    async def work():
        try:
            await a.sleep(10**9)
        finally:
            seen.append(a.spawn(last_words()).error)

    a.spawn(work())
    world.run_for(1)
    world.faults.crash("a")
    world.run_for("1s")
    assert [type(thing) for thing in seen] == [Cancelled]


def test_a_finally_that_fails_does_not_save_the_other_tasks():
    world = village()
    a, seen = world.place("a"), []

    async def stubborn():
        try:
            await a.sleep(10**9)
        finally:
            await a.sleep(1)

    async def other():
        try:
            await a.sleep(10**9)
        finally:
            seen.append("the other ended")

    a.spawn(stubborn(), "stubborn")
    a.spawn(other())
    world.run_for(1)
    with pytest.raises(TaskFailed, match="stubborn of a failed while it was cancelled"):
        a.crash()
    assert seen == ["the other ended"] and a.state == "down"
    a.start()
    assert a.state == "running"


def test_a_machine_that_is_down_runs_nothing():
    world = village()
    world.faults.crash("a")
    a = world.place("a")

    async def work():
        pass

    for verb in (lambda: a.spawn(work(), "the sender"), lambda: a.listen(None)):
        with pytest.raises(MachineError, match="a is down and cannot .*: start it first"):
            verb()
    assert a.handler is None and a._tasks == []


def test_a_task_may_crash_its_own_machine():
    world = village()
    a, seen = world.place("a"), []

    async def work():
        world.faults.crash("a")
        seen.append("still before the next wait")
        await a.sleep(1)
        seen.append("never")

    a.spawn(work())
    world.run_for("1s")
    assert seen == ["still before the next wait"] and a.state == "down"


def test_a_process_that_fails_while_it_starts_leaves_the_machine_down():
    world = village()
    a = world.place("a")
    a.crash()

    async def work():
        await a.sleep(10**9)

    def factory(machine):
        machine.spawn(work())
        machine.listen(world.place("b").handler)
        raise ValueError("the disk holds nonsense")

    a.install(factory)
    with pytest.raises(ValueError, match="nonsense"):
        world.faults.start("a")
    assert (a.state, a.process, a.handler, a._tasks) == ("down", None, None, [])
    assert [type(entry.event) for entry in world.recorder.trace[-2:]] == [MachineStarted, MachineCrashed]


def test_a_frozen_process_stands_still_and_goes_on_as_if_nothing_had_been():
    world = village()
    a, seen = world.place("a"), []

    async def ticking():
        while True:
            await a.sleep(100_000)
            seen.append(a.now)

    a.spawn(ticking())
    world.run_for("250ms")
    world.faults.freeze("a")
    world.run_for("1s")
    assert seen == [100_000, 200_000]
    world.faults.thaw("a")
    world.run_for("150ms")
    assert seen == [100_000, 200_000, 1_250_000, 1_350_000]
    assert world.recorder.trace[-1].sentence() == "went on after standing still for 1.000 s"


def test_what_waited_for_a_frozen_process_happens_in_order_when_it_thaws():
    world = village()
    a, seen = world.place("a"), []

    async def sleeping(time):
        await a.sleep(time)
        seen.append(time)

    for time in (30, 10, 20):
        a.spawn(sleeping(time))
    world.run_for(5)
    world.faults.freeze("a")
    world.run_for(100)
    assert seen == []
    world.faults.thaw("a")
    world.run_for(0)
    assert seen == [10, 20, 30]


def test_a_frozen_process_can_crash_and_come_back_thawed():
    world = village()
    world.faults.freeze("b")
    world.faults.crash("b")
    world.faults.start("b")
    _, connection = connect(world)
    answer = connection.ask(b"x")
    world.run_for("1s")
    assert outcome(answer) == b"x" and world.place("b").backlog == []


def test_a_crash_keeps_what_was_written_and_a_power_loss_only_what_was_flushed():
    world = village()
    disk = world.place("b").disk
    for path in ("flushed", "written"):
        disk.append(path, b"one")
        disk.flush(path)
    disk.append("written", b"two")
    world.faults.crash("b")
    assert disk.read("written") == b"onetwo"
    world.faults.power_off("b")
    assert disk.read("flushed") == b"one" and disk.read("written").startswith(b"one") and disk.size("written") < 6
    world.faults.start("b")
    assert world.place("b").disk is disk


def test_what_a_dying_process_writes_at_a_power_loss_is_lost():
    world = village()
    b = world.place("b")

    async def work():
        try:
            await b.sleep(10**9)
        finally:
            b.disk.append("last words", b"written in the dark")

    b.spawn(work())
    world.run_for(1)
    world.faults.power_off("b")
    assert not b.disk.exists("last words") or b.disk.size("last words") < len(b"written in the dark"), "torn at best"


def test_finished_tasks_do_not_pile_up():
    world = village()
    a = world.place("a")

    async def work():
        await a.sleep(10)

    for _ in range(2_000):
        a.spawn(work())
        world.run_for(10)
    assert len(a._tasks) <= 66


def test_dice_belong_to_a_machine_and_a_room_and_survive_a_restart():
    world = village()
    a, b = world.place("a"), world.place("b")
    rolls = [a.dice("x").random(), a.dice("y").random(), b.dice("x").random()]
    a.crash()
    a.start()
    assert len({*rolls, a.dice("x").random()}) == 4
    assert village().place("a").dice("x").random() == rolls[0]


def test_stopping_in_order_asks_the_process_and_waits_for_it():
    world = village()
    b = world.place("b")

    class Orderly(Echo):
        async def shut_down(self):
            b.disk.append("farewell", b"done")
            await b.sleep(100_000)

    b.crash()
    b.install(Orderly)
    b.start()
    world.faults.stop("b")
    world.run_for("99ms")
    assert b.state == "running"
    world.run_for("1ms")
    assert b.state == "down" and b.disk.exists("farewell") and len(kinds(world, MachineStopped)) == 1


def test_a_machine_that_dies_while_it_stops_is_not_stopped_again_in_its_next_life():
    world = village()
    b = world.place("b")

    class Slow(Echo):
        async def shut_down(self):
            await b.sleep(100_000)

    b.crash()
    b.install(Slow)
    b.start()
    world.faults.stop("b")
    world.run_for("50ms")
    world.faults.crash("b")
    world.faults.start("b")
    world.run_for("1s")
    assert b.state == "running" and kinds(world, MachineStopped) == []


def test_being_asked_to_stop_twice_stops_once():
    world = village()
    b, calls = world.place("b"), []

    class Slow(Echo):
        async def shut_down(self):
            calls.append(b.now)
            await b.sleep(100_000)

    b.crash()
    b.install(Slow)
    b.start()
    world.faults.stop("b")
    world.run_for("50ms")
    world.faults.stop("b")
    world.run_for("1s")
    assert b.state == "down" and calls == [0] and len(kinds(world, MachineStopped)) == 1


def test_what_follows_from_a_start_or_a_crash_says_so():
    world = village()
    a = world.place("a")

    def factory(machine):
        async def work():
            await machine.sleep(10)
            machine.record(MachineStopped(0))

        machine.spawn(work())
        return machine

    a.crash()
    a.install(factory)
    a.start()
    world.run_for("1s")
    last = world.recorder.trace[-1]
    assert [entry.kind for entry in world.recorder.because(last.seq)] == ["MachineStarted", "MachineStopped"]
    assert world.kernel.cause == 0
