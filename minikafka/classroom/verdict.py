"""What is said of a learner's function: it holds, or a counter-example, told as a story.

Promises     the first seed that shows a mistake ends the sweep; the story is what the flight recorder wrote, and never
             a stack trace.
Stands for   a review by a colleague who has seen this before.
Left out     marks.
Differs      many seeds prove nothing; one counter-example does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from minikafka.classroom.swap import SwapError, fits, stumbled


class Counterexample(NamedTuple):
    """What went wrong, the lines that led there, and what the replicas held (`when` says at which moment)."""

    sentence: str
    story: Sequence[str] = ()
    picture: str = ""
    when: str = "then"


class Verdict(NamedTuple):
    """What came of a sweep. Printed, it is the whole story."""

    passed: bool
    text: str

    def __str__(self) -> str:
        """The text."""
        return self.text


Trial = Callable[[int, Callable], Counterexample | None]
"""Try a function under one seed; None if nothing is wrong."""


def sweep(
    function: Any, arguments: Sequence[str], trials: Iterable[tuple[str, Trial]], seeds: Iterable[int], praise: str
) -> Verdict:
    """Try a function of these arguments in every trial (by name) with every seed, up to the first counter-example."""
    try:
        fits(function, *arguments)
    except SwapError as error:
        return Verdict(False, f"Not yet. {error}.")
    seeds, tried = list(seeds), 0
    for name, trial in trials:
        for seed in seeds:
            found = _try(trial, seed, function)
            if found is not None:
                return Verdict(False, _told(name, seed, found))
            tried += 1
    return Verdict(True, f"It holds: {tried} worlds, no law broken, nothing lost. {praise}")


def _try(trial: Trial, seed: int, function: Callable) -> Counterexample | None:
    try:
        return trial(seed, function)
    except Exception as error:
        slip = stumbled(error)
        if slip is None:
            raise
        return Counterexample(str(slip))


def _told(name: str, seed: int, found: Counterexample) -> str:
    parts = [f"Not yet. A counter-example: {name} (seed {seed}).", found.sentence]
    if found.story:
        parts += ["", "What happened:", *found.story]
    if found.picture:
        parts += ["", f"The replicas {found.when}:", found.picture]
    return "\n".join(parts)
