"""A story as text: prose, commands, and what is expected beneath each command.

Promises     what is read and written again is the same text; only what stands beneath commands is ever rewritten.
Stands for   -
Left out     -
Differs      -

    # The leader dies right after it has answered.
    > crash leader:flights-0
    T+4.020 s  b1: crashed; what was written is still in the page cache
"""

from __future__ import annotations

import difflib
from typing import NamedTuple


class NotAStory(ValueError):
    """A text that is no story; says which line, and what stands where in one."""


class Step(NamedTuple):
    """`prose` lines before it, one command (without its `> `; None at the end of the text), the `output` beneath it."""

    prose: list[str]
    command: str | None
    output: list[str]


def read_story(text: str) -> list[Step]:
    """The steps of a story. Blank lines and those with `#` are prose; `NotAStory` for output without a cause."""
    steps: list[Step] = []
    prose: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(">"):
            steps.append(Step(prose, line[1:].strip(), []))
            prose = []
        elif not line.strip() or line.startswith("#"):
            prose.append(line.rstrip())
        elif not steps or prose:
            what = "stands beneath no command: commands begin with '> ', prose with '#'"
            raise NotAStory(f"line {number}, {line!r}, {what}")
        else:
            steps[-1].output.append(line.rstrip())
    if prose:
        steps.append(Step(prose, None, []))
    return steps


def lines_of(step: Step) -> list[str]:
    """A step as lines of text."""
    return [*step.prose, *([] if step.command is None else [f"> {step.command}".rstrip()]), *step.output]


def write_story(steps: list[Step]) -> str:
    """The story as text."""
    return "".join(f"{line}\n" for step in steps for line in lines_of(step))


def title(text: str) -> str:
    """The story's first line of prose: what it is about."""
    return next((line.lstrip("# ") for line in text.splitlines() if line.startswith("#")), "")


def differences(expected: str, told: str, name: str) -> str:
    """Where the two texts differ, as a unified diff; empty if they are the same."""
    now = f"{name}, as it went now"
    return "\n".join(difflib.unified_diff(expected.splitlines(), told.splitlines(), name, now, lineterm="", n=2))
