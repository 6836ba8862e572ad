"""What is said of a learner's function: it holds, or a counter-example, told as a story and shown on the stage.

Promises     the first seed that shows a mistake ends the sweep; the story is what the flight recorder wrote, and never
             a stack trace; the stage opens at the moment it went wrong.
Stands for   a review by a colleague who has seen this before.
Left out     marks.
Differs      many seeds prove nothing; one counter-example does. The stage can only be watched, for our own rule is back
             in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from minikafka.classroom.swap import SwapError, fits, stumbled
from minikafka.world.journal import JournalError

ONLY_WATCH = "This is what happened with your function in place. Ours is back there: from here on nothing can change."


class Counterexample(NamedTuple):
    """What went wrong, the law that was broken (in words), the lines that led there, and what the replicas held
    (`when` says at which moment). `world` is where it happened, `moment` (µs) when."""

    sentence: str
    story: Sequence[str] = ()
    picture: str = ""
    when: str = "then"
    law: str = ""
    world: Any = None
    moment: int = 0


class Verdict:
    """What came of a sweep. Printed, it is the whole story; named at the end of a cell it brings its stage along."""

    def __init__(self, passed: bool, text: str, found: Counterexample | None = None, title: str = ""):
        self.passed = passed
        self.text = text
        self.counter_example = found
        self.title = title

    def __str__(self) -> str:
        """The text."""
        return self.text

    __repr__ = __str__

    def stage(self) -> Any:
        """The stage at the moment it went wrong; None if there is nothing to show, or no stage."""
        found = self.counter_example
        return None if found is None else stage_at(found.world, found.moment, self.title)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        print(self.text)
        stage = self.stage()
        if stage is not None:
            display(stage)


def stage_at(world: Any, moment: int, title: str) -> Any:
    """The stage of a counter-example; None if there is no world to show, or no stage to show it on."""
    if world is None:
        return None
    try:
        from minikafka.viz.stage import Stage
    except ImportError:
        return None
    try:
        return Stage(world, title=title, at=moment, only_watch=ONLY_WATCH)
    except (JournalError, ValueError):
        return None


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
                return Verdict(False, _told(name, seed, found), found, f"A counter-example: {name} (seed {seed})")
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
    if found.law:
        parts.append(f"The law says: {found.law}")
    if found.story:
        parts += ["", "What happened:", *found.story]
    if found.picture:
        parts += ["", f"The replicas {found.when}:", found.picture]
    return "\n".join(parts)
