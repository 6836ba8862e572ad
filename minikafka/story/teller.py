"""Runs a story: each command in turn, and beneath it everything of note that happened.

Promises     the same text gives the same output; all laws are watched, and a broken one is told once, where it
             breaks, and the story goes on; an error of a command is told too, and the story goes on.
Stands for   -
Left out     packets and routine (the command `events` brings them in).
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
from minikafka.story.narration import Narration
from minikafka.story.transcript import Step, read_story
from minikafka.world.event import Recorded
from minikafka.world.laws import Law

OLD_RULES = "old_rules.py"


class StoryError(ValueError):
    """A line that cannot be carried out as it stands; says what would be right."""


class Teller:
    """Tells one story.

    `seen` counts the kinds of events that happened in it, `digests` are those of its worlds, `broken` the laws' names.
    """

    def __init__(self, commands: dict[str, Callable], folder: Path | None = None):
        self.commands = commands
        self.folder = folder
        self.world: World | None = None
        self.named: dict[str, Any] = {}
        self.narration = Narration()
        self.seen: dict[str, int] = {}
        self.digests: list[str] = []
        self.broken: list[str] = []
        self.rules = ExitStack()
        self._lines: list[str] = []

    def tell(self, steps: list[Step]) -> list[Step]:
        """The same steps, with what happened now beneath each command."""
        told = []
        with self.rules:
            for step in steps:
                told.append(step if step.command is None else step._replace(output=self._carry_out(step.command)))
            self._close_world()
        return told

    def say(self, text: str) -> None:
        """Put lines beneath the present command."""
        self._lines += [line.rstrip() for line in text.splitlines() if line.strip()]

    def begin(self, world: World) -> None:
        """The story plays in this world from now on, by today's rules."""
        self._close_world()
        self.world, self.named = world, {}
        self.narration.begin()
        laws = all_laws(world)
        for law in laws:
            self._only_told(law)
        world.law(*laws)

    def the_world(self) -> World:
        """The world; one with seed 0 if no command has made it."""
        if self.world is None:
            self.begin(World(seed=0))
        assert self.world is not None
        return self.world

    def old_rule(self, name: str) -> None:
        """Put a rule of the past in place until the next world begins, from `old_rules.py` beside the story's file."""
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

    def _only_told(self, law: Law) -> None:
        """A broken law must not stop this world: it is put into the transcript, once, and looks no further."""
        check = law.check

        def tell(entries: list[Recorded]) -> None:
            why = check(entries)
            if why:
                law.broken = True
                self.broken.append(law.name)
                self.narration.interject(entries[-1].seq, f"LAW BROKEN  {law.name}: {why}")

        law.check = tell  # type: ignore[method-assign]

    def _carry_out(self, line: str) -> list[str]:
        self._lines = []
        verb = line.partition(" ")[0]
        command = self.commands.get(verb)
        try:
            if command is None:
                raise StoryError(f"{verb!r} is not a command: take one of {', '.join(self.commands)}")
            command(self, line)
        except Exception as error:
            self.say(f"error: {str(error) or type(error).__name__}")
        said, self._lines = self._lines, []
        for told in self.narration.news(self.world, getattr(command, "sets_the_scene", False)):
            self.say(told)
        return self._lines + said

    def _close_world(self) -> None:
        """Count what happened in the present world, and leave its rules behind."""
        self.rules.close()
        if self.world is not None:
            for entry in self.world.recorder.trace:
                self.seen[entry.kind] = self.seen.get(entry.kind, 0) + 1
            self.digests.append(self.world.recorder.digest())


def tell_file(path: Path, commands: dict[str, Callable]) -> tuple[list[Step], Teller]:
    """Tell the story in a file; returns the steps as they went now, and the teller."""
    teller = Teller(commands, path.parent)
    return teller.tell(read_story(path.read_text(encoding="utf-8"))), teller
