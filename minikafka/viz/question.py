"""Questions to whoever watches: playback stops, and the trace has the answer.

Promises     the right option is read from the trace, never written down; a question whose answer is not among its
             options is refused.
Stands for   -
Left out     marks, and keeping the answers: the classroom does that.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minikafka.viz.scene import Scene
from minikafka.world.event import Recorded
from minikafka.world.quantities import say_time, us


class Question:
    """Stops at `at` ("5s" or µs) and asks.

    The first event of kind `answered_by` after it (for which `where(event)` holds) answers: `reads(event)` is one of
    the `options`. If there
    is none until the end, `otherwise` is right.
    """

    def __init__(
        self,
        at: str | int,
        ask: str,
        options: Sequence[str],
        answered_by: str,
        reads: Callable[[Any], str],
        where: Callable[[Any], bool] = lambda event: True,
        otherwise: str | None = None,
    ):
        if len(options) < 2:
            raise ValueError(f"the question {ask!r} has {len(options)} options: give at least two")
        self.at = us(at)
        self.ask = ask
        self.options = [str(option) for option in options]
        self.answered_by = answered_by
        self.reads = reads
        self.where = where
        self.otherwise = otherwise

    def evidence(self, scene: Scene) -> Recorded | None:
        """The event that answers, if it happened."""
        for entry in scene.trace:
            if entry.time > self.at and entry.kind == self.answered_by and self.where(entry.event):
                return entry
        return None

    def message(self, scene: Scene) -> dict[str, Any]:
        """The question with its answer, for the browser."""
        entry = self.evidence(scene)
        right = self.otherwise if entry is None else str(self.reads(entry.event))
        if right not in self.options:
            found = "it did not happen, and `otherwise` is not given" if right is None else f"the trace says {right!r}"
            raise ValueError(
                f"the question {self.ask!r} has no right option: {found}; the options are {', '.join(self.options)}"
            )
        because = f"Until the end there is no {self.answered_by}."
        if entry is not None:
            because = f"{say_time(entry.time)}, {entry.place}: {entry.sentence()}."
        return {
            "at": self.at,
            "ask": self.ask,
            "options": self.options,
            "right": self.options.index(right),
            "because": because,
        }
