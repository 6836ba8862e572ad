"""Hints in three steps, and the solution after an honest try.

Promises     hints open one after the other; the solution is not in the page before it is open, and it opens after one
             checked try that was not blank, or when all hints are open. Both are kept in the progress file.
Stands for   a patient neighbour.
Left out     a lock that would withstand curiosity: the solutions are in their own folder.
Differs      -
"""

from __future__ import annotations

from typing import Any

import traitlets

from minikafka.classroom.card import Card, flat, marked, script, style
from minikafka.classroom.exercise import HINTS, Exercise, find
from minikafka.classroom.highlight import pieces
from minikafka.classroom.prediction import AuthorError
from minikafka.classroom.progress_book import BOOK, Book

CLOSED = "It opens after one try that was checked, or when all hints are open."
OFFLINE = "The solution comes from the kernel, and none answers: run this cell first. The folder solutions has it too."


class Hints(Card):
    """The widget: `opened` counts the hints that are open."""

    _esm = script("hint")
    _css = style()
    opened = traitlets.Int().tag(sync=True)

    def __init__(self, exercise: Exercise, book: Book) -> None:
        self.exercise, self.book = exercise, book
        opened = min(HINTS, book.entry(exercise.name).get("hints", 0))
        super().__init__(told={"hints": list(exercise.hints)}, opened=opened)
        self.observe(self._keep, "opened")

    def text(self) -> str:
        """That there are hints."""
        return f"{HINTS} hints: run this cell and open them one after the other. Think first; then open."

    def html(self) -> str:
        """The hints, each folded into the one before."""
        folded = ""
        for number in range(len(self.exercise.hints), 0, -1):
            folded = (f"<details><summary>Hint {number} of {HINTS}</summary>"
                      f"<p>{marked(self.exercise.hints[number - 1])}</p>{folded}</details>")  # fmt: skip
        return folded

    def _keep(self, change: Any) -> None:
        most = max(change.new, self.book.entry(self.exercise.name).get("hints", 0))
        self.book.note(self.exercise.name, {"hints": most, "objective": self.exercise.objective})


class Solution(Card):
    """The widget: the browser counts `asked` up, and `answer` is {"text": …, "tokens": … once it is open}."""

    _esm = script("solution")
    _css = style()
    asked = traitlets.Int().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)

    def __init__(self, exercise: Exercise, book: Book) -> None:
        self.exercise, self.book = exercise, book
        super().__init__(told={"closed": CLOSED, "offline": OFFLINE})
        self.observe(self._reply, "asked")

    @property
    def may_open(self) -> bool:
        """Whether there was an honest try."""
        entry = self.book.entry(self.exercise.name)
        return entry.get("tries", 0) > 0 or entry.get("hints", 0) >= HINTS or entry.get("passed", False)

    def text(self) -> str:
        """That there is a solution, and when it opens."""
        return f"Solution: {CLOSED}"

    def html(self) -> str:
        """The same."""
        return f"<p><b>Solution.</b> {CLOSED}</p>"

    def _reply(self, change: Any) -> None:
        if not self.may_open:
            task = flat(self.exercise.task)
            self.answer = {"text": f"Not yet. {CLOSED} Write what you think, even half of it, and check it: {task}"}
            return
        self.book.note(self.exercise.name, {"solution": True, "objective": self.exercise.objective})
        self.answer = {"text": "One way to do it. Yours may be another, and right too.",
                       "because": self.exercise.because,
                       "tokens": [list(piece) for piece in pieces(self.exercise.shown())]}  # fmt: skip


def hint(exercise: str | Exercise, book: Book = BOOK) -> Hints:
    """The hints to an exercise, in three steps."""
    found = find(exercise)
    if len(found.hints) != HINTS:
        raise AuthorError(f"{found.name} has {len(found.hints)} hint(s): hints come in {HINTS} steps")
    return Hints(found, book)


def solution(exercise: str | Exercise, book: Book = BOOK) -> Solution:
    """The solution of an exercise, once there was an honest try."""
    return Solution(find(exercise), book)
