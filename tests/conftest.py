"""What several kinds of tests share: the stories, each told once in a run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from minikafka.story.commands import COMMANDS
from minikafka.story.teller import Teller, tell_file
from minikafka.story.transcript import write_story

STORIES = Path(__file__).parent / "stories"


class Told(NamedTuple):
    """A story as it went now: its text, and the teller with what was seen."""

    text: str
    teller: Teller


@pytest.fixture(scope="session")
def story() -> Callable[[str], Told]:
    """`story("idempotence")`: that story, told when it is first asked for."""

    @cache
    def tell(name: str) -> Told:
        steps, teller = tell_file(STORIES / f"{name}.txt", COMMANDS)
        return Told(write_story(steps), teller)

    return tell
