"""Is it right? One kind sentence, and the next step.

Promises     `check("04/gate", mine)` says what is wrong in a sentence, never with a stack trace; a blank is no try;
             what is passed, and how often it was tried, is kept in the progress file.
Stands for   a tutor who looks over your shoulder.
Left out     marks.
Differs      what is stored in the notebook does not depend on earlier tries.
"""

from __future__ import annotations

from typing import Any

from minikafka.classroom.card import flat, marked
from minikafka.classroom.exercise import Exercise, find
from minikafka.classroom.on_trial import Judgement, trial
from minikafka.classroom.progress_book import BOOK, Book


class Checked:
    """What came of a check; `passed` is the short form."""

    def __init__(self, passed: bool, message: str, judgement: Judgement | None = None) -> None:
        self.passed = passed
        self.message = message
        self.judgement = judgement

    def __bool__(self) -> bool:
        return self.passed

    @property
    def head(self) -> str:
        """The first word."""
        return "Right." if self.passed else "Not yet."

    def __repr__(self) -> str:
        return f"{self.head} {flat(self.message)}"

    def _repr_html_(self) -> str:
        sign = "✓" if self.passed else "✗"
        return f'<div role="status"><p><b>{sign} {self.head}</b> {marked(self.message)}</p></div>'

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/plain": repr(self), "text/html": self._repr_html_()}, raw=True)
        if self.judgement is not None and not self.judgement.passed:
            self.judgement._ipython_display_()


def check(exercise: str | Exercise, answer: Any = None, book: Book = BOOK) -> Checked:
    """Judge an answer to an exercise: a value, or the learner's own function."""
    asked = find(exercise)
    known = {"objective": asked.objective}
    if asked.is_blank(answer):
        book.note(asked.name, known)
        return Checked(False, f"It is still blank. {asked.task}")
    fault = asked.fault(answer)
    judgement = None
    if fault is None and asked.rule:
        judgement = trial(asked.rule, answer, seeds=asked.seeds)
        fault = None if judgement.passed else judgement.sentence
    entry = book.entry(asked.name)
    if not entry.get("passed"):
        known["tries"] = entry.get("tries", 0) + 1
        if fault is None:
            known |= {"passed": True, "looked first": bool(entry.get("solution"))}
    book.note(asked.name, known)
    if fault is not None:
        return Checked(False, fault, judgement)
    return Checked(True, asked.because or f"You can {asked.objective}.", judgement)
