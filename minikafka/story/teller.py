"""Runs a story: each command in turn, and beneath it everything of note that happened.

Promises     the same text gives the same output; all laws are watched, and a broken one is told where it breaks; an error of a
             command is told too, and the story goes on.
Stands for   -
Left out     packets and routine (the command `events all` brings them in).
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from importlib import util
from pathlib import Path
from typing import Any

from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.story.transcript import Step, read_story
from minikafka.world.event import Recorded
from minikafka.world.laws import LawBroken

CHATTER = ("ConnectionOpened", "ConnectionClosed", "ConnectionRefused", "LinkChanged", "FaultPlanned")
OLD_RULES = "old_rules.py"


class StoryError(ValueError):
    """A line that cannot be carried out as it stands; says what would be right."""


class Teller:
    """Tells one story; `seen` collects the kinds of all events that happened in it."""

    def __init__(self, commands: dict[str, Callable], folder: Path | None = None):
        self.commands = commands
        self.folder = folder
        self.world: World | None = None
        self.named: dict[str, Any] = {}
        self.show = "some"
        self.seen: dict[str, int] = {}
        self.rules = ExitStack()
        self._lines: list[str] = []
        self._told = 0

    def tell(self, steps: list[Step]) -> list[Step]:
        """The same steps, with what happened now beneath each command."""
        told = []
        with self.rules:
            for step in steps:
                told.append(step if step.command is None else Step(step.prose, step.command, self._carry_out(step.command)))
            self._count()
        return told

    def say(self, text: str) -> None:
        """Put lines beneath the present command."""
        self._lines += [line.rstrip() for line in text.splitlines() if line.strip()]

    def begin(self, world: World) -> None:
        """The story plays in this world from now on."""
        self._count()
        self.world, self.named, self._told = world, {}, 0
        world.law(*all_laws(world))

    def the_world(self) -> World:
        """The world; one with seed 0 if no command has made it."""
        if self.world is None:
            self.begin(World(seed=0))
        assert self.world is not None
        return self.world

    def passing(self, call: Callable[[], Any]) -> Any:
        """Carry out what lets time pass; a broken law is told, and the rest goes on without it."""
        while True:
            try:
                return call()
            except LawBroken as broken:
                self._tell_events()
                self.say(f"LAW BROKEN  {broken.law.name}: {broken.why}")

    def old_rule(self, name: str) -> None:
        """Put a rule of the past in place for the rest of the story, from `old_rules.py` beside the story's file."""
        path = None if self.folder is None else self.folder / OLD_RULES
        if path is None or not path.is_file():
            raise StoryError(f"old rules stand in a file {OLD_RULES} beside the story, and there is none")
        spec = util.spec_from_file_location("old_rules", path)
        assert spec is not None and spec.loader is not None
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if name not in module.RULES:
            raise StoryError(f"{name!r} is not an old rule: {OLD_RULES} has {', '.join(module.RULES)}")
        self.rules.enter_context(module.RULES[name]())

    def _carry_out(self, line: str) -> list[str]:
        self._lines = []
        verb, *_ = line.split()
        try:
            command = self.commands.get(verb)
            if command is None:
                raise StoryError(f"{verb!r} is not a command: take one of {', '.join(self.commands)}")
            quiet = getattr(command, "quiet", False)
            command(self, line)
            if quiet and self.show == "some":
                self._told = len(self.world.recorder.trace) if self.world else 0
        except Exception as error:
            self._tell_events()
            self.say(f"error: {str(error) or type(error).__name__}")
        said, self._lines = self._lines, []
        self._tell_events()
        return self._lines + said

    def _tell_events(self) -> None:
        if self.world is None:
            return
        trace = self.world.recorder.trace
        for entry in trace[self._told :]:
            if self.show != "none" and (self.show == "all" or self._worth_telling(entry)):
                self.say(f"T+{entry.time / 1e6:.3f} s  {self._place(entry.place)}: {entry.sentence()}")
        self._told = len(trace)

    def _place(self, place: str) -> str:
        assert self.world is not None
        return place.split("/", 1)[-1] if len(self.world.clusters) <= 1 else place

    @staticmethod
    def _worth_telling(entry: Recorded) -> bool:
        return not entry.routine and entry.kind not in CHATTER and not entry.kind.startswith("Message")

    def _count(self) -> None:
        for entry in self.world.recorder.trace if self.world else ():
            self.seen[entry.kind] = self.seen.get(entry.kind, 0) + 1


def tell_file(path: Path, commands: dict[str, Callable]) -> tuple[list[Step], Teller]:
    """Tell the story in a file; returns the steps as they went now, and the teller."""
    teller = Teller(commands, path.parent)
    return teller.tell(read_story(path.read_text(encoding="utf-8"))), teller
