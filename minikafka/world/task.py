"""A task: a coroutine that is under way, and whom it belongs to.

Promises     a task runs undisturbed up to its next `await`; while its owner is frozen it stands still; cancelled, it
             ends at once; if it fails and nobody has ever waited for it, the world stops with its cause.
Stands for   a thread of a process.
Left out     priorities.
Differs      a task is interrupted only where it waits, so what lies between two `await`s needs no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from minikafka.world.future import Cancelled, Future

if TYPE_CHECKING:
    from minikafka.world.kernel import Kernel


class TaskFailed(Exception):
    """A task failed and nobody was waiting for it: the world stops here, with the failure as the cause."""


class Owner:
    """Whom a task belongs to. While the owner is frozen its tasks stand still, and go on in order afterwards."""

    def __init__(self, name: str = "the world"):
        self.name = name
        self.frozen = False
        self.backlog: list[tuple[int, Callable, Any]] = []

    def __del__(self) -> None:
        drop_tasks(self.backlog)


class Task(Future):
    """A coroutine under way; as a future it holds the coroutine's result."""

    __slots__ = ("_coroutine", "_advance", "_awaited", "owner", "name", "_doomed")

    def __init__(self, kernel: Kernel, coroutine: Coroutine, owner: Owner, name: str):
        super().__init__(kernel)
        self._coroutine: Any = coroutine
        self._advance: Any = self.advance
        self._awaited: Future | None = None
        self.owner = owner
        self.name = name
        self._doomed = False

    def advance(self, woken: Future | None) -> None:
        """Run up to the next `await` on something that is not done yet."""
        if self.done:
            return
        kernel = self.kernel
        if self.owner.frozen:
            self.owner.backlog.append((kernel.cause, self._advance, woken))
            return
        kernel.running = self
        try:
            self._awaited = awaited = self._coroutine.send(None)
        except StopIteration as stop:
            self._let_go()
            self.set(stop.value)
        except Exception as error:
            self._fail(error)
        else:
            if self._doomed:
                kernel.running = None
                self._close()
            else:
                try:
                    if awaited._waiting is not None:
                        awaited._waiting.append(self._advance)
                    elif not awaited.done:
                        awaited._waiting = [self._advance]
                    else:
                        awaited.then(self._advance)
                except AttributeError:
                    self._refuse(awaited)
        finally:
            kernel.running = None

    def cancel(self) -> None:
        """End the task here and now; `finally` blocks run (and must not wait), nothing else of it does."""
        if self.done:
            return
        if self.kernel.running is self:
            self._doomed = True
        else:
            self._close()

    def _close(self) -> None:
        """Done before the coroutine is closed: its `finally` blocks may lead back here."""
        self.done, self.error = True, Cancelled(f"{self.name} was cancelled")
        coroutine, awaited, advance = self._coroutine, self._awaited, self._advance
        self._let_go()
        if isinstance(awaited, Future):
            awaited.forget(advance)
        try:
            coroutine.close()
        except Exception as error:
            raise TaskFailed(
                f"{self._said()} failed while it was cancelled ({error}): a `finally` must not wait"
            ) from error
        finally:
            if self._waiting is not None:
                self._wake()

    def _fail(self, error: Exception) -> None:
        self._let_go()
        if self._doomed:
            error = Cancelled(f"{self.name} was cancelled")
        if self._waiting is None and not isinstance(error, Cancelled):
            self.done, self.error = True, error
            raise TaskFailed(f"{self._said()} failed: {error!r}") from error
        self.fail(error)

    def _refuse(self, awaited: Any) -> None:
        self._coroutine.close()
        self._fail(TypeError(f"{awaited!r} cannot be awaited here: await what the machine or the kernel gave you"))

    def _let_go(self) -> None:
        """A finished task holds nothing any more, above all not itself."""
        self._coroutine = self._advance = self._awaited = None

    def _said(self) -> str:
        return f"{self.name or 'a task'} of {self.owner.name}"


def drop_tasks(waiting: Iterable[tuple[int, Callable, Any]]) -> None:
    """The world is being dropped with these calls in it: close what never began, or Python would warn of it."""
    for _, call, _ in waiting:
        task = getattr(call, "__self__", None)
        if isinstance(task, Task) and task._coroutine is not None:
            task._coroutine.close()
