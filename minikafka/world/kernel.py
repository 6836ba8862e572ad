"""Time: the small engine under everything.

Promises     time moves only from one planned moment to the next; moments of the same time come in the order in which
             they were planned; whatever fails with nobody waiting for it stops the world with its cause, for good.
Stands for   the clock, the threads and the schedulers of the machines that Kafka runs on.
Left out     parallelism: one thing at a time, so there is nothing to lock.
Differs      time is counted in whole microseconds and is the same everywhere: no clock runs ahead of another.

A run is an ordinary blocking call. It needs no event loop, and so works inside a notebook that has one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from heapq import heapify, heappop, heappush
from typing import Any

from minikafka.world.future import Cancelled, FirstOf, Future, TimedOut, Within
from minikafka.world.quantities import say_time
from minikafka.world.task import Owner, Task, TaskFailed, drop_tasks

__all__ = ["Cancelled", "Future", "Kernel", "Owner", "Task", "TaskFailed", "TimedOut", "Timer", "WorldStopped"]

TOO_MANY_STEPS = 5_000_000
"""So many steps without the clock moving are a loop that will not end."""

FOREVER = 1 << 62


class WorldStopped(Exception):
    """A failure has stopped this world, or it is asked to run while it runs; says what to do instead."""


class Timer:
    """A planned call that can be taken back."""

    __slots__ = ("kernel", "call", "argument", "cancelled")

    def __init__(self, kernel: Kernel, call: Callable[[Any], Any], argument: Any):
        self.kernel = kernel
        self.call: Any = call
        self.argument = argument
        self.cancelled = False

    def cancel(self) -> None:
        """Take the call back; nothing happens if it was made already."""
        if not self.cancelled:
            self.cancelled = True
            self.call = self.argument = None
            self.kernel.forget_timer()


def _fire(timer: Timer) -> None:
    if not timer.cancelled:
        timer.cancelled = True
        timer.call(timer.argument)
    else:
        timer.kernel.cancelled_timers -= 1


class _Halt(BaseException):
    """What was waited for from outside is done: leave the loop."""


class Kernel:
    """The clock, the planned calls, and whatever is ready to go on in this very instant."""

    def __init__(self) -> None:
        self.now = 0
        self.cause = 0
        self.steps = 0
        self.running: Task | None = None
        self.stopped: Exception | None = None
        self.objection: Exception | None = None
        self.ready: deque[tuple[int, Callable, Any]] = deque()
        self.cancelled_timers = 0
        self._checks: list[Callable[[], None]] = []
        self._timers: list[tuple[int, int, int, Callable, Any]] = []
        self._planned = 0
        self._nobody = Owner()
        self.under_way = False

    def __del__(self) -> None:
        drop_tasks(self.ready)

    # -- planning -----------------------------------------------------------------------------------------------

    def plan(self, when: int, call: Callable[[Any], Any], argument: Any = None) -> None:
        """Call at `when` (µs; what has passed means now). Cheaper than `call_at`, and cannot be taken back."""
        if when < self.now:
            when = self.now
        self._planned = order = self._planned + 1
        heappush(self._timers, (when, order, self.cause, call, argument))

    def call_at(self, when: int, call: Callable[[Any], Any], argument: Any = None) -> Timer:
        """Call at `when` (µs), unless the timer that this returns is cancelled first."""
        timer = Timer(self, call, argument)
        self.plan(when, _fire, timer)
        return timer

    def soon(self, call: Callable[[Any], Any], argument: Any = None) -> None:
        """Call later in this instant, after what is already waiting to go on."""
        self.ready.append((self.cause, call, argument))

    def spawn(self, coroutine: Coroutine, owner: Owner | None = None, name: str = "") -> Task:
        """Start a task; its first step comes later in this instant."""
        if not hasattr(coroutine, "send"):
            raise TypeError(f"{coroutine!r} is not a coroutine: call the `async` function, as in spawn(work())")
        task = Task(self, coroutine, owner or self._nobody, name or coroutine.__qualname__)
        self.ready.append((self.cause, task._advance, None))
        return task

    def after_step(self, check: Callable[[], None]) -> None:
        """Look at the world once the present step is over. A check changes nothing, and does not count as a step."""
        self._checks.append(check)

    def forget_timer(self) -> None:
        """Count a cancelled timer, and sweep them out once they are the greater part."""
        self.cancelled_timers += 1
        if self.cancelled_timers > 64 and self.cancelled_timers * 2 > len(self._timers):
            self._timers[:] = [t for t in self._timers if t[3] is not _fire or not t[4].cancelled]
            heapify(self._timers)
            self.cancelled_timers = 0

    # -- waiting ------------------------------------------------------------------------------------------------

    def future(self) -> Future:
        """A value to be set later."""
        return Future(self)

    def sleep(self, us: int) -> Future:
        """Awaited: go on `us` microseconds from now (if not positive: after the others of this instant)."""
        if us.__class__ is not int:
            raise TypeError(f"sleep({us!r}): time is counted in whole microseconds, so write an int")
        future = Future(self)
        self.plan(self.now + us, self._end_sleep, future)
        return future

    def within(self, future: Future, us: int) -> Future:
        """Awaited: the future's outcome, or `TimedOut` after `us` microseconds. The future itself is left as it is."""
        if us.__class__ is not int:
            raise TypeError(f"within(…, {us!r}): time is counted in whole microseconds, so write an int")
        return future if future.done else Within(self, future, us)

    def first_of(self, *futures: Future) -> Future:
        """Awaited: the index of the first future to be done."""
        return FirstOf(self, futures)

    @staticmethod
    def _end_sleep(future: Future) -> None:
        future.done = True
        waiting = future._waiting
        if waiting is not None:
            future._waiting = None
            for call in waiting:
                call(future)

    # -- running ------------------------------------------------------------------------------------------------

    def run_until(self, until: int) -> None:
        """Let everything happen that is planned up to and including `until` (µs); then the clock shows `until`."""
        self._run(until, FOREVER)
        if until > self.now:
            self.now = until

    def run_steps(self, steps: int, now: int) -> None:
        """Run until so many steps have been made in all, at most to `now`; then the clock goes on towards `now`."""
        self._run(now, steps)
        upcoming = self.next_time()
        self.now = max(self.now, now if upcoming is None else min(now, upcoming))

    def step(self) -> bool:
        """Let one thing happen; False if nothing is planned at all."""
        before = self.steps
        self._run(FOREVER, before + 1)
        return self.steps > before

    def run_until_done(self, future: Future, until: int) -> Any:
        """Run until the future is done and return its value; `TimedOut` if it is not when the clock shows `until`."""
        future.then(self._halt)
        try:
            self.run_until(until)
        except _Halt:
            if future.error is not None:
                raise future.error from None
            return future.value
        finally:
            future.forget(self._halt)
        never = "" if self._timers else ", and nothing is planned any more: it never will be"
        raise TimedOut(f"still not done at {say_time(until)}{never}")

    def look(self) -> None:
        """Make the checks of the present step. One that raises ends the run (`objection`); the world may go on."""
        self.cause = 0
        try:
            while self._checks:
                self._checks.pop(0)()
        except Exception as error:
            self.objection = error
            raise

    def next_time(self) -> int | None:
        """When the next thing will happen (µs), or None."""
        if self.ready:
            return self.now
        return self._timers[0][0] if self._timers else None

    @staticmethod
    def _halt(_: Future) -> None:
        raise _Halt

    def _run(self, until: int, last: int) -> None:
        """Make steps: none planned after `until`, and no more than bring their number to `last`."""
        self._begin()
        ready, timers, popleft, pop, checks = self.ready, self._timers, self.ready.popleft, heappop, self._checks
        steps = moved = self.steps
        pause = min(last, steps + TOO_MANY_STEPS)
        try:
            while True:
                if steps >= pause:
                    if steps >= last:
                        break
                    if steps - moved >= TOO_MANY_STEPS:
                        stands = f"for {TOO_MANY_STEPS} steps the clock has stood at {say_time(self.now)}"
                        raise TaskFailed(f"{stands}: somewhere a loop does not wait")
                    pause = min(last, steps + TOO_MANY_STEPS)
                if ready:
                    self.cause, call, argument = popleft()
                elif timers and timers[0][0] <= until:
                    when, _, self.cause, call, argument = pop(timers)
                    if when > self.now:
                        self.now = when
                        moved = steps
                else:
                    break
                steps += 1
                call(argument)
                if checks:
                    self.look()
        except Exception as error:
            if error is not self.objection:
                self.stopped = error
            raise
        finally:
            self.steps = steps
            self.cause = 0
            self.under_way = False

    def _begin(self) -> None:
        if self.under_way:
            raise WorldStopped("this world is running already: inside a task `await`, outside of tasks let time pass")
        if self.stopped is not None:
            raise WorldStopped(
                f"this world stopped at {say_time(self.now)} and cannot go on: {self.stopped}; "
                "rewind() to an earlier moment"
            ) from self.stopped
        self.under_way = True
