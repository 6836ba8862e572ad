"""Collects what is promised, what looks after it, and the mistakes that show it, into course/guarantees.md.

    python course/tools/guarantees.py        writes the page anew (`make tour` does, too)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from house import PACKAGE, ROOT

PAGE = ROOT / "course" / "guarantees.md"
MUTANTS = ROOT / "tests" / "storm"
TAG = r"[A-Z]\d+|8\.7"
TAGGED = re.compile(rf"((?:{TAG})(?: \([\w: ]+\))?(?:, (?:{TAG}))*)(?:, at the end|, exactly once)?: (.*)", re.S)

PARTS = {
    "C": "The controller",
    "R": "Replicas",
    "T": "What happens to them",
    "I": "One log",
    "O": "What clients see",
    "L": "What comes about in the end",
    "8": "Controllers among themselves, in the end",
    "A": "Access",
    "B": "Observers",
}
"""The first letter of a statement's tag, and the part of the page in which it stands."""

TOP = """# What is promised, and who looks after it

A **law** is looked after in each step of a world: `world.law(*all_laws(world))`, and the run stops where one is broken.
A **judgment** needs the end of the story: `world.judge(...)` once everything is healed and read. The last column names
mistakes which somebody could make in minikafka, and which the tests make: each is put in place of the right function,
and has to be noticed. (A mistake against a statement that several look after stands with the first of them.)

*CLEAN*: no unclean election, and no disk has forgotten anything. *DUR*: as CLEAN, or fewer have forgotten than the
settings can bear. *ACKALL*: `acks=all`. A law with one of these rests in a partition for which it does not hold any
more. *K* is Kafka's source, *G* and *V* are the TLA+ specifications of Gustafson and of Vanlightly; what clients see is
after the checkers of Jepsen.

This page is written by `make tour` from the docstrings in [minikafka/laws](../minikafka/laws) and
[tests/storm](../tests/storm).
"""

END = """
Besides, three laws compare what the events have told with what is: [the cluster](../minikafka/laws/fold_law.py), [the
groups](../minikafka/laws/group_fold_law.py) and [the controllers](../minikafka/laws/quorum_fold_law.py). So what is
shown on the stage is true.

## What is not promised

- **O10** Between two records of one producer there are others: every producer writes to the same log.
- **O11** Transactions write between one another's records (G0). Only reading in a circle is looked for.
- **O19** Who reads from a follower may not find yet what it has just written: a follower knows later what is committed.
- Nothing comes to rest without a majority of the controllers
  ([story](../tests/stories/quorum_lost_majority.txt)), while whoever was last in sync is gone for good
  ([story](../tests/stories/unclean_election.txt)), or, with `acks=all`, while fewer than `min.insync.replicas` live
  ([story](../tests/stories/min_insync_gate.txt)).
"""


class Keeper(NamedTuple):
    """A law or a judgment: its name, whether it is a law, where it stands, the tags and the text of its statement."""

    name: str
    is_law: bool
    path: str
    tags: tuple[str, ...]
    text: str


class Mutant(NamedTuple):
    """A mistake, and the tags of what it breaks."""

    name: str
    path: str
    tags: tuple[str, ...]
    text: str


@cache
def keepers() -> tuple[Keeper, ...]:
    """Every law and judgment that has a tag, file by file."""
    found = []
    for path in sorted((PACKAGE / "laws").glob("*.py")):
        for node, tags, text in _tagged(path):
            found.append(Keeper(node.name, isinstance(node, ast.ClassDef), f"minikafka/laws/{path.name}", tags, text))
    return tuple(found)


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every mistake that has a tag, file by file."""
    return tuple(Mutant(node.name, f"tests/storm/{path.name}", tags, text)
                 for path in sorted(MUTANTS.glob("*mutants.py")) for node, tags, text in _tagged(path)
                 if not path.name.startswith("test_"))  # fmt: skip


def _tagged(path: Path) -> Iterator[tuple[ast.ClassDef | ast.FunctionDef, tuple[str, ...], str]]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            match = TAGGED.fullmatch((ast.get_docstring(node) or "").strip())
            if match is not None:
                yield node, tuple(re.findall(TAG, re.sub(r"\(.*?\)", "", match[1]))), " ".join(match[2].split())


def page() -> str:
    """The whole page."""
    parts = [TOP]
    for letter, title in PARTS.items():
        rows = sorted((_place(keeper.tags[0]), keeper) for keeper in keepers() if keeper.tags[0].startswith(letter))
        told: dict[tuple[str, str], None] = {}
        parts.append(f"## {title}\n")
        parts.append("| | what holds | who looks | mistakes that show it |\n|---|---|---|---|")
        parts += [_row(keeper, told) for _, keeper in rows]
        parts.append("")
    return "\n".join(parts) + END


def _row(keeper: Keeper, told: dict[tuple[str, str], None]) -> str:
    """A keeper, and the mistakes against its statements that were not `told` yet."""
    kind = "law" if keeper.is_law else "judgment"
    caught = []
    for mutant in mutants():
        new = [(mutant.name, tag) for tag in mutant.tags if tag in keeper.tags and (mutant.name, tag) not in told]
        if new:
            told.update(dict.fromkeys(new))
            caught.append(f"[{mutant.name.replace('_', ' ')}](../{mutant.path})")
    tags, text = ", ".join(keeper.tags), (keeper.text[:1].upper() + keeper.text[1:]).replace("|", "\\|")
    return f"| {tags} | {text} | {kind} [{keeper.name}](../{keeper.path}) | {', '.join(caught)} |"


def _place(tag: str) -> int:
    return int(re.sub(r"\D", "", tag))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
