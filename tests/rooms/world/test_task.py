"""Tasks: ownership, cancellation, failure."""

import pytest

from minikafka.world.kernel import Cancelled, Kernel, Owner, TaskFailed


def test_between_two_awaits_nothing_else_happens():
    kernel, seen = Kernel(), []

    async def speaker(name):
        for word in range(3):
            seen.append((name, word, "begin"))
            kernel.soon(seen.append, (name, word, "soon"))
            seen.append((name, word, "end"))
            await kernel.sleep(1)

    kernel.spawn(speaker("x"))
    kernel.spawn(speaker("y"))
    kernel.run_until(10)
    for index, entry in enumerate(seen):
        if entry[2] == "begin":
            assert seen[index + 1] == (*entry[:2], "end")


def test_cancelling_ends_a_task_here_and_now_and_runs_finally():
    kernel, seen = Kernel(), []

    async def work():
        try:
            await kernel.sleep(100)
            seen.append("never")
        except Exception:
            seen.append("not an exception")
        finally:
            seen.append(("finally", kernel.now))

    task = kernel.spawn(work())
    kernel.run_until(10)
    task.cancel()
    assert seen == [("finally", 10)] and task.done and isinstance(task.error, Cancelled)
    task.cancel()
    kernel.run_until(1_000)
    assert seen == [("finally", 10)]


def test_a_task_that_never_began_is_cancelled_without_running():
    kernel, seen = Kernel(), []

    async def work():
        seen.append("ran")

    kernel.spawn(work()).cancel()
    kernel.run_until(10)
    assert seen == []


def test_who_waits_for_a_cancelled_task_is_told():
    kernel = Kernel()

    async def work():
        await kernel.sleep(100)

    async def waiting(task):
        try:
            await task
        except Cancelled as error:
            return str(error)

    task = kernel.spawn(work(), name="the fetch loop")
    waiter = kernel.spawn(waiting(task))
    kernel.plan(5, lambda _: task.cancel())
    assert kernel.run_until_done(waiter, 1_000) == "the fetch loop was cancelled"
    assert kernel.now == 5


def test_a_task_that_dies_because_another_was_cancelled_does_not_stop_the_world():
    kernel = Kernel()

    async def work():
        await kernel.sleep(100)

    async def waiting(task):
        await task

    task = kernel.spawn(work())
    waiter = kernel.spawn(waiting(task))
    kernel.run_until(1)
    task.cancel()
    kernel.run_until(1_000)
    assert isinstance(waiter.error, Cancelled) and kernel.stopped is None


def test_a_task_that_cancels_itself_ends_at_its_next_wait():
    kernel, seen = Kernel(), []

    async def work():
        me.cancel()
        seen.append("to the next wait")
        await kernel.sleep(1)
        seen.append("and not beyond")

    me = kernel.spawn(work())
    kernel.run_until(10)
    assert seen == ["to the next wait"] and isinstance(me.error, Cancelled)


def test_a_doomed_task_that_fails_is_only_cancelled():
    kernel = Kernel()

    async def work():
        me.cancel()
        raise ZeroDivisionError

    me = kernel.spawn(work())
    kernel.run_until(10)
    assert isinstance(me.error, Cancelled) and kernel.stopped is None


def test_a_finally_may_lead_back_to_its_own_cancellation():
    kernel = Kernel()

    async def work():
        try:
            await kernel.sleep(100)
        finally:
            me.cancel()

    me = kernel.spawn(work())
    kernel.run_until(1)
    me.cancel()
    assert isinstance(me.error, Cancelled)


def test_a_finally_that_waits_is_an_error_with_a_sentence():
    kernel = Kernel()

    async def work():
        try:
            await kernel.sleep(100)
        finally:
            await kernel.sleep(1)

    task = kernel.spawn(work(), name="greedy")
    kernel.run_until(1)
    with pytest.raises(TaskFailed, match="greedy of the world failed while it was cancelled.*`finally` must not wait"):
        task.cancel()
    assert task.done


def test_who_gave_up_leaves_nothing_behind_on_a_long_lived_future():
    kernel = Kernel()
    closing = kernel.future()

    async def work():
        await closing

    for _ in range(100):
        task = kernel.spawn(work())
        kernel.run_until(kernel.now + 1)
        task.cancel()
    assert closing._waiting == []


def test_a_failure_after_the_waiter_gave_up_does_not_stop_the_world():
    kernel = Kernel()

    async def failing():
        await kernel.sleep(100)
        raise ZeroDivisionError

    async def impatient(task):
        await kernel.within(task, 10)

    task = kernel.spawn(failing())
    with pytest.raises(Exception, match="nothing came within"):
        kernel.run_until_done(kernel.spawn(impatient(task)), 1_000)
    kernel.run_until(1_000)
    assert isinstance(task.error, ZeroDivisionError)


def test_tasks_of_a_frozen_owner_stand_still_and_go_on_in_order():
    kernel, seen, owner = Kernel(), [], Owner("m")

    async def work(number):
        await kernel.sleep(10 * number)
        seen.append((kernel.now, number))

    for number in (3, 1, 2):
        kernel.spawn(work(number), owner)
    kernel.run_until(5)
    owner.frozen = True
    kernel.run_until(100)
    assert seen == []
    owner.frozen = False
    kernel.ready.extend(owner.backlog)
    kernel.run_until(100)
    assert seen == [(100, 1), (100, 2), (100, 3)]


def test_what_is_not_a_coroutine_is_not_spawned():
    kernel = Kernel()

    async def work():
        pass

    with pytest.raises(TypeError, match="is not a coroutine: call the `async` function"):
        kernel.spawn(work)
    assert kernel.next_time() is None
