"""Time and tasks: the small engine under everything.

Promises     time moves only from one planned moment to the next; moments of the same time come in the order in which they
             were planned; between two `await`s of a task nothing else happens; a task that fails with nobody waiting for
             it stops the world with its cause.
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

__all__ = ["Cancelled", "Future", "Kernel", "Owner", "Task", "TaskFailed", "TimedOut", "Timer"]

TOO_MANY_STEPS = 5_000_000
"""So many steps without the clock moving are a loop that will not end."""


class TaskFailed(Exception):
    """A task failed and nobody was waiting for it: the world stops here, with the failure as the cause."""


class Owner:
    """Whom a task belongs to. While the owner is frozen its tasks stand still, and go on in order afterwards."""

    def __init__(self, name: str = "the world"):
        self.name = name
        self.frozen = False
        self.backlog: list[tuple[int, Callable, Any]] = []


class Timer:
    """A planned call that can be taken back."""

    __slots__ = ("kernel", "when", "call", "argument", "cancelled")

    def __init__(self, kernel: Kernel, when: int, call: Callable[[Any], Any], argument: Any):
        self.kernel = kernel
        self.when = when
        self.call = call
        self.argument = argument
        self.cancelled = False

    def cancel(self) -> None:
        """Take the call back; nothing happens if it was made already."""
        if not self.cancelled:
            self.cancelled = True
            self.kernel.forget_timer()


def _fire(timer: Timer) -> None:
    if not timer.cancelled:
        timer.cancelled = True
        timer.call(timer.argument)
    else:
        timer.kernel.cancelled_timers -= 1


class Task(Future):
    """A coroutine under way; as a future it holds the coroutine's result."""

    __slots__ = ("_coroutine", "_advance", "owner", "name", "_doomed")

    def __init__(self, kernel: Kernel, coroutine: Coroutine, owner: Owner, name: str):
        super().__init__(kernel)
        self._coroutine = coroutine
        self._advance = self.advance
        self.owner = owner
        self.name = name
        self._doomed = False

    def advance(self, woken: Future | None) -> None:
        """Run up to the next `await` on something that is not done yet."""
        if self.done:
            return
        owner = self.owner
        if owner.frozen:
            owner.backlog.append((self.kernel.cause, self._advance, woken))
            return
        kernel = self.kernel
        outer, kernel.running = kernel.running, self
        try:
            awaited = self._coroutine.send(None)
        except StopIteration as stop:
            self.set(stop.value)
        except Exception as error:
            self._fail(error)
        else:
            if self._doomed:
                self._close()
            elif awaited.done:
                awaited.then(self._advance)
            elif awaited._waiting is None:
                awaited._waiting = [self._advance]
            else:
                awaited._waiting.append(self._advance)
        finally:
            kernel.running = outer

    def cancel(self) -> None:
        """End the task here and now; `finally` blocks run, nothing else of it does."""
        if self.done:
            return
        if self.kernel.running is self:
            self._doomed = True
        else:
            self._close()

    def _close(self) -> None:
        self._coroutine.close()
        self.fail(Cancelled(f"{self.name} was cancelled"))

    def _fail(self, error: Exception) -> None:
        if self._waiting is None and not isinstance(error, Cancelled):
            self.done, self.error = True, error
            raise TaskFailed(f"{self.name or 'a task'} of {self.owner.name} failed: {error!r}") from error
        self.fail(error)


class Kernel:
    """The clock, the planned calls, and whatever is ready to go on in this very instant."""

    def __init__(self) -> None:
        self.now = 0
        self.cause = 0
        self.steps = 0
        self.running: Task | None = None
        self.ready: deque[tuple[int, Callable, Any]] = deque()
        self.cancelled_timers = 0
        self._checks: list[Callable[[], None]] = []
        self._timers: list[tuple[int, int, int, Callable, Any]] = []
        self._planned = 0
        self._nobody = Owner()

    # -- planning -----------------------------------------------------------------------------------------------

    def plan(self, when: int, call: Callable[[Any], Any], argument: Any = None) -> None:
        """Call at `when` (µs, not before now). Cheaper than `call_at`, and cannot be taken back."""
        self._planned = order = self._planned + 1
        heappush(self._timers, (when, order, self.cause, call, argument))

    def call_at(self, when: int, call: Callable[[Any], Any], argument: Any = None) -> Timer:
        """Call at `when` (µs), unless the timer that this returns is cancelled first."""
        timer = Timer(self, when, call, argument)
        self.plan(when, _fire, timer)
        return timer

    def soon(self, call: Callable[[Any], Any], argument: Any = None) -> None:
        """Call later in this instant, after what is already waiting to go on."""
        self.ready.append((self.cause, call, argument))

    def spawn(self, coroutine: Coroutine, owner: Owner | None = None, name: str = "") -> Task:
        """Start a task; its first step comes later in this instant."""
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
        """Awaited: go on `us` microseconds from now."""
        future = Future(self)
        self.plan(self.now + us, self._end_sleep, future)
        return future

    def within(self, future: Future, us: int) -> Future:
        """Awaited: the future's outcome, or `TimedOut` after `us` microseconds. The future itself is left as it is."""
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
        ready, timers, popleft, pop, checks = self.ready, self._timers, self.ready.popleft, heappop, self._checks
        steps = stuck = 0
        try:
            while True:
                while ready:
                    self.cause, call, argument = popleft()
                    steps += 1
                    call(argument)
                    if checks:
                        self._run_checks()
                    if steps - stuck > TOO_MANY_STEPS:
                        raise TaskFailed(f"the clock has stood at {self.now} µs for {TOO_MANY_STEPS} steps: a loop without a wait")
                if not timers or timers[0][0] > until:
                    break
                when, _, self.cause, call, argument = pop(timers)
                if when > self.now:
                    self.now = when
                    stuck = steps
                steps += 1
                call(argument)
                if checks:
                    self._run_checks()
        finally:
            self.steps += steps
            self.cause = 0
        if until > self.now:
            self.now = until

    def step(self) -> bool:
        """Let one thing happen; False if nothing is planned at all."""
        if self.ready:
            self.cause, call, argument = self.ready.popleft()
        elif self._timers:
            when, _, self.cause, call, argument = heappop(self._timers)
            self.now = max(self.now, when)
        else:
            return False
        self.steps += 1
        call(argument)
        if self._checks:
            self._run_checks()
        return True

    def run_until_done(self, future: Future, until: int) -> Any:
        """Run until the future is done and return its value; `TimedOut` if the clock would pass `until` first."""
        future.then(_nothing)
        while not future.done:
            upcoming = self.next_time()
            if upcoming is None or upcoming > until:
                raise TimedOut(f"still not done at {until / 1_000_000:g} s")
            self.step()
        self.cause = 0
        if future.error is not None:
            raise future.error
        return future.value

    def run_steps(self, steps: int, now: int) -> None:
        """Run until so many steps have been made in all, then set the clock to `now`: how a journal is replayed exactly."""
        while self.steps < steps and self.step():
            pass
        self.cause = 0
        self.now = max(self.now, now)

    def _run_checks(self) -> None:
        checks, self.cause = self._checks[:], 0
        self._checks.clear()
        for check in checks:
            check()

    def next_time(self) -> int | None:
        """When the next thing will happen (µs), or None."""
        if self.ready:
            return self.now
        return self._timers[0][0] if self._timers else None


def _nothing(_: Future) -> None:
    """Somebody waits, and does nothing: so a failure is not unhandled."""
