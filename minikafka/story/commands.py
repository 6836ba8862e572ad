"""All the words of a story, and what each of them does.

Promises     every command stands here once, and its docstring is its help.
Stands for   -
Left out     loops and conditions: a story is a line.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from minikafka.story.conditions import CONDITIONS
from minikafka.story.doings import DOINGS, FAULTS, fault_help
from minikafka.story.scenery import SCENERY
from minikafka.story.sights import SIGHTS

COMMANDS: dict[str, Callable] = {**{command.__name__: command for command in SCENERY}, **DOINGS, **SIGHTS, **FAULTS}
"""By the word with which a line begins."""


def command_help() -> Iterator[str]:
    """The help of all commands and conditions, line by line."""
    for title, table in (
        ("to set the scene", {command.__name__: command for command in SCENERY}),
        ("to make something happen", DOINGS),
        ("to look", SIGHTS),
    ):
        yield f"Commands {title}:"
        told: dict[str | None, None] = dict.fromkeys(command.__doc__ for command in table.values())
        yield from (f"  {line}" for line in told if line)
    yield "Faults:"
    yield from (f"  {fault_help(verb)}" for verb in FAULTS)
    yield "Conditions, after `until` (and with `not` before them):"
    yield from (f"  {made.__doc__}" for made in CONDITIONS.values())
