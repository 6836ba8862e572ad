"""A learner's function in the place of ours, for a while.

Promises     inside the `with` the whole package uses theirs, wherever ours is known; afterwards ours is back, whatever
             happened. A function that raises, or answers what cannot be, becomes one sentence (`Stumbled`).
Stands for   nothing in Kafka: there one would build a broker.
Left out     functions that were copied into a local variable before.
Differs      -
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

PACKAGE = "minikafka"


class SwapError(TypeError):
    """These two cannot change places; says why."""


class Stumbled(Exception):
    """The learner's function raised, or answered something that cannot be; the sentence says when, and with what."""


@contextmanager
def swap(ours: Callable, theirs: Callable) -> Iterator[None]:
    """Put `theirs` in the place of `ours`, a function or method of the package: `with swap(acked, mine): ...`."""
    fits(theirs, *_parameters(ours))
    places = list(_places(ours))
    if not places:
        raise SwapError(f"{ours!r} is not a function of {PACKAGE}: take one that `show` can show")
    for holder, name in places:
        setattr(holder, name, theirs)
    try:
        yield
    finally:
        for holder, name in places:
            setattr(holder, name, ours)


def fits(theirs: Any, *wanted: str) -> None:
    """`SwapError` with a sentence, unless `theirs` is a function that takes as many arguments as `wanted` names."""
    if not callable(theirs):
        raise SwapError(f"{theirs!r} is not a function: write `def`, and pass its name without brackets")
    given = _parameters(theirs)
    if len(given) != len(wanted):
        raise SwapError(
            f"{theirs.__name__}({', '.join(given)}) takes {_count(given)}, and will be called with {_count(wanted)}: "
            f"{', '.join(wanted)}"
        )


def guarded(theirs: Callable, complaint: Callable[[Any], str | None], shown: Callable[..., str]) -> Callable:
    """`theirs`, with what goes wrong in it told in a sentence.

    `complaint(answer)` says what is wrong with an answer, or None; `shown(*arguments)` describes the arguments.
    """
    name = getattr(theirs, "__name__", repr(theirs))

    def call(*arguments: Any) -> Any:
        try:
            answer = theirs(*arguments)
        except Exception as error:
            what = f"{type(error).__name__}: {error}".rstrip(": ")
            raise Stumbled(f"{name} raised {what}\n  when it was called with {shown(*arguments)}") from error
        wrong = complaint(answer)
        if wrong:
            raise Stumbled(f"{name} answered {answer!r}: {wrong}\n  when it was called with {shown(*arguments)}")
        return answer

    return call


def stumbled(error: BaseException | None) -> Stumbled | None:
    """The `Stumbled` behind an error: the world wraps what stops one of its tasks."""
    while error is not None and not isinstance(error, Stumbled):
        error = error.__cause__ or error.__context__
    return error


def _places(ours: Callable) -> Iterator[tuple[Any, str]]:
    """Everything that holds `ours`: a class, or every module of the package that knows it."""
    path = getattr(ours, "__qualname__", "").split(".")
    if len(path) > 1:
        holder: Any = sys.modules.get(getattr(ours, "__module__", ""))
        for part in path[:-1]:
            holder = getattr(holder, part, None)
        if holder is not None and vars(holder).get(path[-1]) is ours:
            yield holder, path[-1]
        return
    modules = [m for name, m in sorted(sys.modules.items()) if name.partition(".")[0] == PACKAGE]
    for module in modules:
        for name, value in list(vars(module).items()) if isinstance(module, ModuleType) else ():
            if value is ours:
                yield module, name


def _parameters(function: Callable) -> list[str]:
    return list(inspect.signature(function).parameters)


def _count(names: Sequence[str]) -> str:
    return "1 argument" if len(names) == 1 else f"{len(names)} arguments"
