"""A value that is not there yet, and the ways to wait for it.

Promises     whoever awaits a future goes on in the same instant in which it is set, in the order in which they began to
             wait.
Stands for   a promise kept by a timer, by an answer from the network, or by another task.
Left out     callbacks for learners: `await` is the only way to wait.
Differs      setting a future twice is allowed and does nothing: the first outcome counts (an answer and its timeout may
             meet).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minikafka.world.kernel import Kernel


class Cancelled(Exception):
    """The task that was waited for is no more: its machine crashed, or somebody cancelled it."""


class TimedOut(Exception):
    """What was waited for did not happen in time. It may happen yet: a timeout says nothing about the outcome."""


class Future:
    """One value, set once by `set` or `fail`, awaited by any number of tasks."""

    __slots__ = ("kernel", "done", "value", "error", "_waiting")

    def __init__(self, kernel: Kernel):
        self.kernel = kernel
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self._waiting: list[Callable[[Future], None]] | None = None

    def set(self, value: Any = None) -> None:
        """Give the value; those who wait go on later in this instant."""
        if not self.done:
            self.done = True
            self.value = value
            if self._waiting is not None:
                self._wake()

    def fail(self, error: BaseException) -> None:
        """Give an error instead of a value; it is raised where the future is awaited."""
        if not self.done:
            self.done = True
            self.error = error
            if self._waiting is not None:
                self._wake()

    def then(self, call: Callable[[Future], None]) -> None:
        """Call with this future once it is done: the seam for tasks, and for what is built from futures."""
        if self.done:
            self.kernel.soon(call, self)
        elif self._waiting is None:
            self._waiting = [call]
        else:
            self._waiting.append(call)

    def forget(self, call: Callable[[Future], None]) -> None:
        """Take back a `then`: a long-lived future must not collect those who gave up waiting."""
        if self._waiting is not None and call in self._waiting:
            self._waiting.remove(call)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        ready = self.kernel.ready
        cause = self.kernel.cause
        for call in waiting:
            ready.append((cause, call, self))

    def __await__(self):
        if not self.done:
            yield self
        if self.error is not None:
            raise self.error
        return self.value


class Within(Future):
    """The outcome of another future if it comes within a time, else `TimedOut`; the other future is left as it is."""

    __slots__ = ("_awaited", "_timer")

    def __init__(self, kernel: Kernel, awaited: Future, us: int):
        super().__init__(kernel)
        self._awaited = awaited
        self._timer = kernel.call_at(kernel.now + us, self._expire, us)
        awaited.then(self._settle)

    def _settle(self, awaited: Future) -> None:
        self._timer.cancel()
        if awaited.error is not None:
            self.fail(awaited.error)
        else:
            self.set(awaited.value)

    def _expire(self, us: int) -> None:
        self._awaited.forget(self._settle)
        self.fail(TimedOut(f"nothing came within {us / 1_000_000:g} s"))


class FirstOf(Future):
    """The index of the first of several futures to be done; the smallest index if several are done already."""

    __slots__ = ("_choices",)

    def __init__(self, kernel: Kernel, choices: tuple[Future, ...]):
        super().__init__(kernel)
        if not choices:
            raise ValueError("first_of() of nothing would never be done: name the futures to wait for")
        self._choices = choices
        for index, choice in enumerate(choices):
            if choice.done:
                self.set(index)
                return
        for choice in choices:
            choice.then(self._settle)

    def _settle(self, first: Future) -> None:
        if not self.done:
            for choice in self._choices:
                if choice is not first:
                    choice.forget(self._settle)
            self.set(self._choices.index(first))
