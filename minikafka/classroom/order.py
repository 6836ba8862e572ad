"""Steps to be put in order: a runbook, a protocol.

Promises     works with buttons, arrow keys and by dragging; says which neighbours are the wrong way round, and why;
             every order that keeps the constraints is right, and the steps always begin in a wrong one, the same for
             everybody.
Stands for   Parsons problems.
Left out     steps that do not belong.
Differs      if no neighbours are wrong and the order is not right either, the pairs that stand closest to each other
             are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import traitlets

from minikafka.classroom.card import Card, flat, marked, paragraphs, script, style
from minikafka.classroom.prediction import AuthorError
from minikafka.classroom.progress_book import BOOK

DONE = "Every step comes after the ones it needs."


class Step(NamedTuple):
    """A step, and why it cannot come before the step above it in the right order."""

    text: str
    why: str = ""


class Rule(NamedTuple):
    """One step (by its index) comes before another, and why."""

    first: int
    then: int
    why: str


class Order(Card):
    """The widget. `arrangement` lists the steps' indexes from first to last, `looked` says that it was checked."""

    _esm = script("order")
    _css = style()
    arrangement = traitlets.List().tag(sync=True)
    looked = traitlets.Bool().tag(sync=True)
    tries = traitlets.Int().tag(sync=True)

    def __init__(self, task: str, steps: Sequence[str], rules: Sequence[Rule], name: str | None, done: str):
        self.rules = tuple(rules)
        begin = shuffled(task, len(steps), self.rules)
        told = {"task": task, "steps": list(steps), "rules": [list(rule) for rule in rules], "begin": begin}
        super().__init__(told={**told, "done": done}, arrangement=begin)
        self.name = name
        self.observe(self._keep, "tries")

    @property
    def solved(self) -> bool:
        """Whether the present order keeps every constraint."""
        return not broken(self.arrangement, self.rules)

    def text(self) -> str:
        """The task and its steps, out of order."""
        steps = self.told["steps"]
        lines = [f"  [ ] {flat(steps[index])}" for index in self.told["begin"]]
        head = f"Put in order: {flat(self.told['task'])}"
        return "\n".join([head, *lines, "Run this cell to move them and to check."])

    def html(self) -> str:
        """The same, with a right order folded away."""
        steps, given = self.told["steps"], "".join
        mixed = given(f"<li>{marked(steps[index])}</li>" for index in self.told["begin"])
        right = given(f"<li>{marked(step)}</li>" for step in steps)
        return (
            f"<p><b>Put in order</b></p>{paragraphs(self.told['task'])}<ul>{mixed}</ul>"
            f"<details><summary>Order them first; then open an order that works</summary><ol>{right}</ol></details>"
        )

    def _keep(self, change: Any) -> None:
        if self.name:
            kept = BOOK.entry(self.name)
            passed = kept.get("passed", False) or self.solved
            BOOK.note(self.name, {"tries": kept.get("tries", 0) + 1, "passed": passed})


def order(
    task: str,
    steps: Sequence[Any],
    before: Sequence[tuple] | None = None,
    name: str | None = None,
    done: str = DONE,
) -> Order:
    """Ask to put steps in order: `order("Fail over", ["Stop the producers", "Wait for lag 0", "Promote"])`.

    Steps are written in a right order, as texts or as `Step(text, why)`. With `before`, pairs such as (0, 2) or
    (0, 2, "because …"), only these pairs matter and other orders are right too.
    """
    made = [Step(step) if isinstance(step, str) else Step(*step) for step in steps]
    texts = [step.text for step in made]
    if len(made) < 3:
        raise AuthorError(f"{len(made)} steps are too few to be put in order: write at least three")
    if len(set(texts)) < len(texts):
        raise AuthorError(f"two steps read the same: {next(text for text in texts if texts.count(text) > 1)!r}")
    if before is None:
        before = [(first, then, made[then].why if then == first + 1 else "")
                  for then in range(len(made)) for first in range(then)]  # fmt: skip
    return Order(task, texts, closed([_rule(pair, made) for pair in before]), name, done)


def _rule(pair: tuple, steps: Sequence[Step]) -> Rule:
    if len(pair) not in (2, 3) or not all(isinstance(side, int) and 0 <= side < len(steps) for side in pair[:2]):
        raise AuthorError(f"{pair!r} names no pair of steps: write (0, 2), with numbers from 0 to {len(steps) - 1}")
    first, then = pair[:2]
    if first >= then:
        raise AuthorError(f"{pair!r} puts step {first} before step {then}, but they are not written in such an order")
    return Rule(first, then, pair[2] if len(pair) == 3 else steps[then].why)


def closed(rules: Sequence[Rule]) -> list[Rule]:
    """The rules with what follows from them: if a comes before b and b before c, then a before c."""
    found = {(rule.first, rule.then): rule for rule in rules}
    while True:
        more = {(one.first, two.then): Rule(one.first, two.then, "") for one in found.values() for two in found.values()
                if one.then == two.first and (one.first, two.then) not in found}  # fmt: skip
        if not more:
            return [found[pair] for pair in sorted(found)]
        found.update(more)


def broken(arrangement: Sequence[int], rules: Sequence[Rule]) -> list[Rule]:
    """The rules that an order breaks, of those the ones between the closest steps."""
    at = {step: place for place, step in enumerate(arrangement)}
    wrong = [rule for rule in rules if at[rule.first] > at[rule.then]]
    nearest = min((at[rule.first] - at[rule.then] for rule in wrong), default=0)
    return [rule for rule in wrong if at[rule.first] - at[rule.then] == nearest]


def shuffled(task: str, count: int, rules: Sequence[Rule]) -> list[int]:
    """A wrong order to begin with; the same each time for the same task."""
    if not rules:
        raise AuthorError("before=[] leaves every order right: there is nothing to find")
    dice, steps = Random(crc32(task.encode())), list(range(count))
    while not broken(steps, rules):
        dice.shuffle(steps)
    return steps
