"""An exercise: what is asked, how an answer is judged, and what is said to each answer that people give.

Promises     an answer is judged by cases, by a rule's trial, or by equality; each known wrong answer has a message of
             its own, and a blank is told apart from a wrong answer. `complaints` finds what an author forgot.
Stands for   nothing in Kafka.
Left out     marks.
Differs      a wrong function is known by what it answers, not by how it is written.

    GATE = Exercise(
        name="04/gate", objective="say when acks=all is refused", task="Write `may_write(isr, min_isr)`.",
        cases=[Case(((1, 2), 2), True), Case(((1,), 2), False, "one replica is in sync, and two are needed")],
        wrong=[Wrong(lambda isr, min_isr: len(isr) > min_isr, "Too many: look at 2 of 2.")],
        hints=["What is compared?", "The gate counts the ISR, not the replicas.", "At least as many as the minimum."],
        solution=may_write,
    )
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from minikafka.classroom.guard import Guard, Trouble
from minikafka.classroom.prediction import AuthorError
from minikafka.classroom.suspicion import is_blank, suspicion

HINTS = 3
EXERCISES = "minikafka.classroom.exercises.lab_{}"


class Case(NamedTuple):
    """A question to the learner's function, the answer, and why it is so."""

    arguments: tuple
    expected: Any
    because: str = ""


class Wrong(NamedTuple):
    """An answer (or a function) that people give, and what is said to them."""

    answer: Any
    message: str


class Exercise(NamedTuple):
    """`solution` is a function or a value. `rule` names a rule of the house that a function is then tried as."""

    name: str
    objective: str
    task: str
    solution: Any
    hints: Sequence[str]
    cases: Sequence[Case] = ()
    wrong: Sequence[Wrong] = ()
    judge: Callable[[Any], str | None] | None = None
    because: str = ""
    rule: str = ""
    seeds: int = 10

    @property
    def wants_function(self) -> bool:
        """Whether the answer is a function."""
        return callable(self.solution)

    def fault(self, answer: Any) -> str | None:
        """What is wrong with an answer, in a sentence for the learner; None if it is right (as far as the cases go)."""
        if not self.wants_function:
            return self._fault_of_value(answer)
        if not callable(answer):
            return f"This is {_short(answer)}, not a function: hand over its name, without brackets."
        fits = misfit(answer, list(inspect.signature(self.solution).parameters)) or suspicion(answer)
        if fits:
            return fits
        try:
            return self._fault_of_function(Guard(answer, protect=False))
        except Trouble as trouble:
            return f"{trouble}"

    def is_blank(self, answer: Any) -> bool:
        """Whether there is no answer yet."""
        return answer is None or answer is ... or answer == "" or (callable(answer) and is_blank(answer))

    def shown(self) -> str:
        """The solution as code."""
        if not self.wants_function:
            return repr(self.solution)
        return textwrap.dedent(inspect.getsource(self.solution)).rstrip()

    def _fault_of_value(self, answer: Any) -> str | None:
        if self.judge is not None:
            return self.judge(answer)
        if answer == self.solution and isinstance(answer, bool) == isinstance(self.solution, bool):
            return None
        for wrong in self.wrong:
            if answer == wrong.answer:
                return wrong.message
        return f"It is not {_short(answer)}. {self.hints[0] if self.hints else ''}".strip()

    def _fault_of_function(self, asked: Guard) -> str | None:
        answers = [asked(*case.arguments) for case in self.cases]
        pairs = list(zip(self.cases, answers, strict=True))
        missed = [(case, answer) for case, answer in pairs if not _equal(answer, case.expected)]
        if missed:
            for wrong in self.wrong:
                if all(_equal(_quietly(wrong.answer, case), answer) for case, answer in pairs):
                    return wrong.message
            case, answer = missed[0]
            call = f"{asked.name}({', '.join(map(_short, case.arguments))})"
            because = f": {case.because}" if case.because else ""
            return f"`{call}` answers {_short(answer)}; it should be {_short(case.expected)}{because}."
        return self.judge(asked.function) if self.judge is not None else None

    def complaints(self) -> list[str]:
        """What its author forgot, each in a sentence."""
        found = []
        if not self.name.partition("/")[2]:
            found.append(f"name={self.name!r}: write the lab and the exercise, as in \"04/gate\"")
        found += [f"{field} is empty" for field in ("objective", "task") if not getattr(self, field).strip()]
        if len(self.hints) != HINTS or not all(hint.strip() for hint in self.hints):
            found.append(f"{len(self.hints)} hint(s): hints come in {HINTS} steps")
        if self.wants_function and not self.cases and self.judge is None and not self.rule:
            found.append("nothing judges the function: give cases, a judge or a rule")
        if (fault := self.fault(self.solution)) is not None:
            found.append(f"its own solution does not pass: {fault}")
        said = [wrong.message for wrong in self.wrong]
        for wrong in self.wrong:
            fault = self.fault(wrong.answer)
            if fault != wrong.message:
                found.append(f"the wrong answer {_short(wrong.answer)} does not get its message, but {fault!r}")
        if len(set(said)) < len(said):
            found.append("two wrong answers get the same message")
        return found


def find(exercise: str | Exercise) -> Exercise:
    """The exercise of that name, from the module of its lab; `AuthorError` with the names there are."""
    if isinstance(exercise, Exercise):
        return exercise
    lab = str(exercise).partition("/")[0]
    try:
        module = import_module(EXERCISES.format(lab))
    except ModuleNotFoundError as missing:
        why = f"{exercise!r}: there are no exercises of a lab {lab!r} ({missing.name} is missing)"
        raise AuthorError(why) from None
    known = {value.name: value for value in vars(module).values() if isinstance(value, Exercise)}
    if exercise not in known:
        raise AuthorError(f"{exercise!r} is no exercise of lab {lab}: there are {', '.join(known) or 'none'}")
    return known[exercise]


def misfit(function: Callable, wanted: list[str]) -> str | None:
    """Why a function cannot be called with these arguments, in a sentence; None if it can."""
    name = getattr(function, "__name__", "it")
    try:
        inspect.signature(function).bind(*wanted)
    except TypeError:
        given = list(inspect.signature(function).parameters)
        comes = ", ".join(wanted)
        return f"`{name}({', '.join(given)})` cannot be called with ({comes}): write `def {name}({comes}):`."
    except ValueError:  # a built-in without a signature
        return None
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        return f"`{name}` waits or yields: a rule is a plain function that returns its answer."
    return None


def _quietly(function: Callable, case: Case) -> Any:
    try:
        return function(*case.arguments)
    except Exception:
        return _quietly


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
    except Exception:
        return False


def _short(value: Any) -> str:
    text = getattr(value, "__name__", None) or repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
