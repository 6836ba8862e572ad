"""Who waits, for what, and whether the world has changed meanwhile: seen from below while stories are told.

A wait is *held* if somebody was elected, or began to decide, while it lasted, and whoever waited went on after that.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import FrameType

from house import PACKAGE, the_house

from minikafka.events.governance import ControllerStarted, LeaderElected
from minikafka.world.future import Future
from minikafka.world.recorder import Recorder

ROOMS = ("broker", "controller", "coordinator")
ASKING = (("protocol/channel.py", "ask"), ("protocol/login.py", "_ask"))
"""Where a question leaves: the variable `request` is what is asked."""


class Waits:
    """What has been held so far: `questions` {class of request: stories}, `lines` {(file, line): stories}."""

    def __init__(self) -> None:
        self.story = ""
        self.questions: dict[type, list[str]] = {}
        self.lines: dict[tuple[str, int], list[str]] = {}
        self._changes = 0
        self._begun: set[Recorder] = set()

    def watch(self, patch) -> None:
        """See every wait from now on, until the patch is taken away."""
        record, waits = Recorder.record, self

        def recording(recorder, place, event):
            waits._changes += isinstance(event, LeaderElected)
            if isinstance(event, ControllerStarted):  # the first of a world is no change
                waits._changes += recorder in waits._begun
                waits._begun.add(recorder)
            return record(recorder, place, event)

        def waiting(future):
            if not future.done:
                before, lines, kind = waits._changes, *_who_waits(sys._getframe(1))
                yield future
                if waits._changes > before:
                    waits._note(lines, kind)
            if future.error is not None:
                raise future.error
            return future.value

        patch.setattr(Recorder, "record", recording)
        patch.setattr(Future, "__await__", waiting)

    def _note(self, lines: list[tuple[str, int]], kind: type | None) -> None:
        for line in lines:
            self.lines.setdefault(line, []).append(self.story)
        if kind is not None:
            self.questions.setdefault(kind, []).append(self.story)


def _who_waits(frame: FrameType | None) -> tuple[list[tuple[str, int]], type | None]:
    """All lines of the package that wait now, one for the other; and what was asked, if it is a question."""
    lines, kind = [], None
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(str(PACKAGE)):
            name = path.removeprefix(f"{PACKAGE}/")
            lines.append((name, frame.f_lineno))
            if (name, frame.f_code.co_name) in ASKING:
                kind = type(frame.f_locals["request"])
        frame = frame.f_back
    return lines, kind


def waits_of_servers() -> Iterator[tuple[str, str, range]]:
    """("broker.purgatory.until: machine.within", file, lines) of each await after which something is done.

    Left out: `return await`, after which nothing is; and rests (`sleep`), after which a loop looks anew.
    """
    for module in the_house():
        if module.floor in ROOMS:
            for function in ast.walk(module.tree):
                if isinstance(function, ast.AsyncFunctionDef):
                    for node in _own(function):
                        what = ast.unparse(getattr(node.value, "func", node.value))
                        if not what.endswith("sleep"):
                            yield f"{module.name}.{function.name}: {what}", module.path, _lines(node)


def _own(function: ast.AsyncFunctionDef) -> Iterator[ast.Await]:
    """The awaits of a function itself, but for those that it returns."""
    open_ones: list[ast.AST] = list(function.body)
    while open_ones:
        node = open_ones.pop()
        if isinstance(node, ast.Await):
            yield node
        returned = isinstance(node, ast.Return) and isinstance(node.value, ast.Await)
        if not isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            open_ones += ast.iter_child_nodes(node.value if returned else node)


def _lines(node: ast.Await) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
