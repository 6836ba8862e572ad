"""Futures, timeouts, first-of."""

import pytest

from minikafka.world.kernel import Kernel, TimedOut


def run(kernel, coroutine, until=1_000_000):
    return kernel.run_until_done(kernel.spawn(coroutine), until)


def test_all_who_wait_go_on_in_the_order_in_which_they_began_to():
    kernel, seen = Kernel(), []
    future = kernel.future()

    async def waiting(number):
        seen.append((number, await future))

    for number in range(5):
        kernel.spawn(waiting(number))
    kernel.plan(10, future.set, "x")
    kernel.run_until(10)
    assert seen == [(number, "x") for number in range(5)]


def test_the_first_outcome_counts():
    kernel = Kernel()
    future = kernel.future()
    future.set(1)
    future.set(2)
    future.fail(ValueError())
    assert (future.value, future.error) == (1, None)
    future = kernel.future()
    future.fail(KeyError("k"))
    future.set(2)
    assert isinstance(future.error, KeyError)

    async def waiting():
        await future

    with pytest.raises(KeyError):
        run(kernel, waiting())


def test_a_timeout_leaves_the_future_as_it_is():
    kernel = Kernel()
    future = kernel.future()

    async def waiting():
        try:
            await kernel.within(future, 100)
        except TimedOut as error:
            first = (kernel.now, str(error))
        return first, await kernel.within(future, 1_000), kernel.now

    kernel.plan(500, future.set, "late")
    assert run(kernel, waiting()) == ((100, "nothing came within 0.0001 s"), "late", 500)


def test_an_outcome_in_time_is_handed_on_value_or_error():
    kernel = Kernel()
    good, bad = kernel.future(), kernel.future()
    kernel.plan(10, good.set, 5)
    kernel.plan(20, bad.fail, KeyError("k"))

    async def waiting():
        assert await kernel.within(good, 1_000) == 5
        with pytest.raises(KeyError):
            await kernel.within(bad, 1_000)
        assert await kernel.within(good, 0) == 5
        return kernel.now

    assert run(kernel, waiting()) == 20
    assert kernel.cancelled_timers <= len(kernel._timers)


@pytest.mark.parametrize(("first", "expected"), [("answer", "answer"), ("timeout", "TimedOut")])
def test_an_answer_and_its_timeout_at_one_moment_go_by_the_order_of_planning(first, expected):
    kernel = Kernel()
    future = kernel.future()
    if first == "answer":
        kernel.plan(100, future.set, "answer")

    async def waiting():
        try:
            return await kernel.within(future, 100)
        except TimedOut:
            return "TimedOut"

    task = kernel.spawn(waiting())
    kernel.run_until(0)
    if first == "timeout":
        kernel.plan(100, future.set, "answer")
    kernel.run_until(100)
    assert task.value == expected


def test_waiting_again_and_again_on_a_long_lived_future_leaves_nothing_behind():
    kernel = Kernel()
    future = kernel.future()

    async def waiting():
        for _ in range(1_000):
            try:
                await kernel.within(future, 10)
            except TimedOut:
                pass

    run(kernel, waiting())
    assert (future._waiting, kernel._timers) == ([], [])


def test_answers_in_time_leave_no_timers_behind():
    kernel = Kernel()

    async def waiting():
        for _ in range(1_000):
            future = kernel.future()
            kernel.plan(kernel.now + 1, future.set)
            await kernel.within(future, 1_000_000)

    run(kernel, waiting())
    assert len(kernel._timers) < 200


def test_the_first_of_several():
    kernel = Kernel()

    async def waiting():
        fast, slow = kernel.sleep(10), kernel.sleep(20)
        assert await kernel.first_of(slow, fast) == 1
        assert kernel.now == 10
        assert await kernel.first_of(slow, fast) == 1  # done already: no time passes
        assert await kernel.first_of(slow, kernel.future()) == 0
        return kernel.now

    assert run(kernel, waiting()) == 20


def test_the_first_of_several_done_in_one_instant_is_the_one_that_was_set_first():
    kernel = Kernel()
    left, right = kernel.future(), kernel.future()

    async def waiting():
        return await kernel.first_of(left, right)

    task = kernel.spawn(waiting())
    kernel.run_until(0)
    right.set()
    left.set()
    kernel.run_until(0)
    assert task.value == 1


def test_the_first_of_may_have_failed_and_its_error_stays_with_it():
    kernel = Kernel()
    failing = kernel.future()
    kernel.plan(5, failing.fail, KeyError("k"))

    async def waiting():
        return await kernel.first_of(kernel.future(), failing)

    assert run(kernel, waiting()) == 1


def test_a_loop_of_first_ofs_on_a_long_lived_future_leaves_nothing_behind():
    kernel = Kernel()
    closing = kernel.future()

    async def loop():
        for _ in range(500):
            await kernel.first_of(closing, kernel.sleep(1))

    run(kernel, loop())
    assert closing._waiting == []


def test_the_first_of_nothing_is_refused():
    with pytest.raises(ValueError, match="name the futures"):
        Kernel().first_of()
