"""Time: order, whole microseconds, how a run ends."""

import asyncio
import gc
import warnings

import pytest
import simpy

from minikafka.world import kernel as kernel_room
from minikafka.world.kernel import Kernel, Owner, Task, TaskFailed, TimedOut, WorldStopped


def test_moments_of_one_time_come_in_the_order_in_which_they_were_planned():
    kernel, seen = Kernel(), []
    for number in range(20):
        kernel.plan(1_000, seen.append, number)
    kernel.run_until(1_000)
    assert seen == list(range(20))


def test_sleepers_of_one_deadline_wake_in_the_order_in_which_they_fell_asleep():
    kernel, seen = Kernel(), []

    async def sleeper(number, naps):
        for nap in naps:
            await kernel.sleep(nap)
        seen.append(number)

    for number in range(12):
        kernel.spawn(sleeper(number, (500, 500) if number % 2 else (1_000,)))
    kernel.run_until(1_000)
    # the even ones planned the moment at 0, the odd ones only at 500
    assert seen == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]


def test_time_moves_from_moment_to_moment_and_ends_where_it_was_told_to():
    kernel, seen = Kernel(), []
    for when in (30, 10, 20):
        kernel.plan(when, lambda _: seen.append(kernel.now))
    kernel.run_until(20)
    assert (seen, kernel.now) == ([10, 20], 20)
    kernel.run_until(1_000)
    assert (seen, kernel.now) == ([10, 20, 30], 1_000)


def test_a_moment_that_has_passed_is_now_and_does_not_jump_the_queue():
    kernel, seen = Kernel(), []
    kernel.run_until(100)
    kernel.plan(100, seen.append, "first")
    kernel.plan(5, seen.append, "second")
    kernel.run_until(100)
    assert (seen, kernel.now) == (["first", "second"], 100)


def test_running_to_a_time_that_has_passed_changes_nothing():
    kernel = Kernel()
    kernel.run_until(100)
    kernel.run_until(50)
    assert kernel.now == 100


def test_a_cancelled_call_is_not_made_and_one_that_was_made_cannot_be_cancelled():
    kernel, seen = Kernel(), []
    first, second = kernel.call_at(10, seen.append, 1), kernel.call_at(20, seen.append, 2)
    kernel.run_until(10)
    first.cancel()
    second.cancel()
    second.cancel()
    kernel.run_until(100)
    assert (seen, kernel.cancelled_timers) == ([1], 0)


def test_cancelled_timers_do_not_pile_up():
    kernel = Kernel()
    for _ in range(10_000):
        kernel.call_at(1_000_000, print).cancel()
    assert len(kernel._timers) < 200


def test_a_sweep_of_cancelled_timers_keeps_the_order_of_the_others():
    kernel, seen = Kernel(), []
    for number in range(300):
        timer = kernel.call_at(1_000 - number % 3, seen.append, number)
        if number % 10:
            timer.cancel()
    kernel.run_until(1_000)
    assert seen == sorted(range(0, 300, 10), key=lambda number: (-(number % 3), number))


@pytest.mark.parametrize("nap", [1.5, "1s", True])
def test_only_whole_microseconds_are_slept(nap):
    kernel = Kernel()
    with pytest.raises(TypeError, match="whole microseconds"):
        kernel.sleep(nap)
    with pytest.raises(TypeError, match="whole microseconds"):
        kernel.within(kernel.future(), nap)
    assert kernel.next_time() is None


def test_what_is_spawned_or_set_comes_later_in_the_instant():
    kernel, seen = Kernel(), []
    future = kernel.future()

    async def waiting():
        seen.append(("got", await future))

    async def setting():
        future.set("news")
        kernel.spawn(late())
        seen.append("set")

    async def late():
        seen.append("late")

    kernel.spawn(waiting())
    kernel.spawn(setting())
    kernel.run_until(0)
    assert (seen, kernel.now) == (["set", ("got", "news"), "late"], 0)


def test_a_run_is_a_plain_call_inside_a_running_asyncio_loop():
    async def notebook_cell():
        kernel = Kernel()
        asyncio.get_running_loop()

        async def work():
            await kernel.sleep(5_000_000)
            return kernel.now

        return kernel.run_until_done(kernel.spawn(work()), 10_000_000)

    assert asyncio.run(notebook_cell()) == 5_000_000


def test_asyncio_inside_the_world_is_refused_with_a_sentence():
    kernel = Kernel()

    async def work():
        await asyncio.sleep(0)

    kernel.spawn(work(), name="work")
    with pytest.raises(TaskFailed, match="work of the world failed.*cannot be awaited here: await what the machine"):
        kernel.run_until(1)


def test_an_unhandled_failure_stops_the_world_with_its_cause_and_for_good():
    kernel, seen = Kernel(), []

    async def failing():
        await kernel.sleep(10)
        raise ZeroDivisionError("a bug")

    kernel.spawn(failing(), name="the ledger")
    kernel.plan(20, seen.append, 20)
    with pytest.raises(TaskFailed, match="the ledger of the world failed: ZeroDivisionError") as caught:
        kernel.run_until(100)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert (kernel.now, seen, kernel.running, kernel.cause) == (10, [], None, 0)
    for run in (lambda: kernel.run_until(100), kernel.step):
        with pytest.raises(WorldStopped, match=r"stopped at 0.000 s and cannot go on: the ledger .* rewind\(\)"):
            run()
    assert (kernel.now, seen) == (10, [])


def test_a_failure_somebody_waits_for_is_theirs():
    kernel = Kernel()

    async def failing():
        await kernel.sleep(10)
        raise ZeroDivisionError

    async def waiting():
        try:
            await kernel.spawn(failing())
        except ZeroDivisionError:
            return "seen"

    assert kernel.run_until_done(kernel.spawn(waiting()), 100) == "seen"
    with pytest.raises(ZeroDivisionError):
        kernel.run_until_done(kernel.spawn(failing()), 100)
    kernel.run_until(200)


@pytest.mark.parametrize("pause", ["spawn", "sleep"])
def test_a_loop_without_a_wait_is_found(monkeypatch, pause):
    monkeypatch.setattr(kernel_room, "TOO_MANY_STEPS", 1_000)
    kernel = Kernel()

    async def spinning():
        while True:
            if pause == "sleep":
                await kernel.sleep(0)
            else:
                await kernel.spawn(nothing())

    async def nothing():
        pass

    kernel.spawn(spinning())
    with pytest.raises(TaskFailed, match="for 1000 steps the clock has stood at 0.000 s: somewhere a loop"):
        kernel.run_until(100)


def test_many_steps_are_fine_while_the_clock_moves(monkeypatch):
    monkeypatch.setattr(kernel_room, "TOO_MANY_STEPS", 100)
    kernel = Kernel()

    async def walking():
        for _ in range(5_000):
            await kernel.sleep(1)

    kernel.run_until_done(kernel.spawn(walking()), 10_000)
    assert kernel.now == 5_000


def test_a_run_inside_a_run_is_refused():
    kernel = Kernel()

    async def impatient():
        kernel.run_until(100)

    kernel.spawn(impatient())
    with pytest.raises(TaskFailed) as caught:
        kernel.run_until(10)
    assert isinstance(caught.value.__cause__, WorldStopped)
    assert "running already: inside a task `await`" in str(caught.value.__cause__)


def test_waiting_from_outside_gives_up_at_its_time_and_the_work_goes_on():
    kernel, seen = Kernel(), []

    async def slow():
        await kernel.sleep(1_000)
        seen.append(kernel.now)
        raise ZeroDivisionError("nobody waits any more, and somebody did")

    task = kernel.spawn(slow())
    with pytest.raises(TimedOut, match="still not done at 0.000 s$"):
        kernel.run_until_done(task, 400)
    assert kernel.now == 400
    kernel.run_until(2_000)
    assert (seen, task.done, kernel.now) == ([1_000], True, 2_000)


def test_waiting_from_outside_for_what_can_never_be_says_so():
    kernel = Kernel()
    with pytest.raises(TimedOut, match="nothing is planned any more: it never will be"):
        kernel.run_until_done(kernel.future(), 400)


def test_a_future_of_outside_that_is_done_already_needs_no_time():
    kernel = Kernel()
    future = kernel.future()
    future.set(5)
    assert kernel.run_until_done(future, 100) == 5
    assert kernel.now == 0


def test_steps_are_counted_and_can_be_made_again_exactly():
    def build():
        kernel, seen = Kernel(), []

        async def walking(pace):
            while True:
                await kernel.sleep(pace)
                seen.append((kernel.now, pace))

        kernel.spawn(walking(3))
        kernel.spawn(walking(5))
        return kernel, seen

    one, seen_one = build()
    one.run_until(1_000)
    other, seen_other = build()
    other.run_steps(one.steps - 3, 1_000)
    assert seen_other == seen_one[:-3] and other.steps == one.steps - 3
    while other.steps < one.steps:
        assert other.step()
    assert seen_other == seen_one
    assert not Kernel().step()


def test_a_check_is_made_after_the_step_and_once():
    kernel, seen = Kernel(), []

    def change(number):
        kernel.after_step(lambda: seen.append(("checked", number)))
        kernel.after_step(lambda: seen.append(("too", number)))
        seen.append(("changed", number))

    for number in (1, 2):
        kernel.plan(number, change, number)
    kernel.run_until(10)
    assert seen == [("changed", 1), ("checked", 1), ("too", 1), ("changed", 2), ("checked", 2), ("too", 2)]
    assert kernel.steps == 2


def test_a_check_that_objects_ends_the_run_but_not_the_world_nor_the_other_checks():
    kernel, seen = Kernel(), []

    def object_to_it():
        raise AssertionError("not so")

    def change(_):
        kernel.after_step(object_to_it)
        kernel.after_step(lambda: seen.append("the other"))

    kernel.plan(1, change)
    kernel.plan(2, seen.append, 2)
    with pytest.raises(AssertionError, match="not so"):
        kernel.run_until(10)
    assert kernel.stopped is None
    kernel.run_until(10)
    assert seen == [2, "the other"]


def test_a_cause_is_handed_on_to_whatever_follows_from_it():
    kernel, seen = Kernel(), []
    future = kernel.future()

    async def waiting():
        await future
        seen.append(("woken by", kernel.cause))
        await kernel.sleep(10)
        seen.append(("slept after", kernel.cause))
        kernel.spawn(child())

    async def child():
        seen.append(("child of", kernel.cause))

    def happen(number):
        kernel.cause = number
        future.set()

    kernel.spawn(waiting())
    kernel.plan(5, happen, 77)
    kernel.plan(12, lambda _: seen.append(("unrelated", kernel.cause)))
    kernel.run_until(100)
    assert seen == [("woken by", 77), ("unrelated", 0), ("slept after", 77), ("child of", 77)]
    assert kernel.cause == 0


def test_finished_tasks_are_let_go_without_the_garbage_collector():
    kernel = Kernel()

    async def work(fails):
        await kernel.sleep(1)
        if fails:
            raise ZeroDivisionError

    async def waiting(fails):
        try:
            await kernel.within(kernel.spawn(work(fails)), 10)
        except ZeroDivisionError:
            pass

    def alive():
        return sum(isinstance(thing, Task) for thing in gc.get_objects())

    gc.collect()
    before = alive()
    gc.disable()
    try:
        for number in range(20):
            kernel.spawn(work(False))
            kernel.spawn(waiting(False))
            kernel.spawn(work(False)).cancel()
            kernel.run_until(kernel.now + 10 + number)
        assert alive() == before
    finally:
        gc.enable()


def test_a_world_may_be_dropped_before_its_tasks_began():
    """Python warns of a coroutine that was never awaited; here that is nobody's mistake."""

    async def that_never_began():
        pass

    gc.collect()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(20):
            kernel = Kernel()
            kernel.kept = kernel
            kernel.spawn(that_never_began())
            frozen = Owner("m")
            frozen.frozen, frozen.kernel = True, kernel
            kernel.spawn(that_never_began(), frozen)
            kernel.step(), kernel.step()
            kernel.spawn(that_never_began(), frozen)
            del kernel, frozen
        gc.collect()
    assert not [warning for warning in warned if "that_never_began" in str(warning.message)]


def test_it_agrees_with_an_independent_engine_on_who_wakes_when():
    """SimPy, the oracle, has the same rule for equal deadlines."""
    naps = [[(7 * worker * step) % 5 + 1 for step in range(1, 30)] for worker in range(1, 8)]
    ours, theirs = [], []
    kernel, environment = Kernel(), simpy.Environment()

    async def worker(number):
        for nap in naps[number]:
            await kernel.sleep(nap)
            ours.append((kernel.now, number))

    def process(number):
        for nap in naps[number]:
            yield environment.timeout(nap)
            theirs.append((environment.now, number))

    for number in range(len(naps)):
        kernel.spawn(worker(number))
        environment.process(process(number))
    kernel.run_until(1_000)
    environment.run()
    assert ours == theirs
