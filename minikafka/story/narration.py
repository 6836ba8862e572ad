"""Which events are told, and in what words.

Promises     every event of the kinds that were asked for is told once, in order, with its time and place; places are
             called by their short names while there is one cluster.
Stands for   the log levels of an operator's console.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from minikafka.world.event import Recorded

if TYPE_CHECKING:
    from minikafka.deploy.kafka_world import World

CHATTER = (
    "ConnectionOpened", "ConnectionClosed", "ConnectionRefused", "LinkChanged", "FaultPlanned",
    "MessageSent", "MessageDelivered", "MessageLost", "MessageStuck",
    "MetadataCommitted", "MetadataCommitLearned", "MetadataRead",
)  # fmt: skip
"""Told only if asked for by name, or if everything is."""

SOME, ALL, NONE, ONLY = "some", "all", "none", "only"
LEVELS = (SOME, ALL, NONE, ONLY)

ENOUGH = 2
"""So many events in a row of one kind at one place are told; of the rest only how many there were."""


class Narration:
    """`level` is one of `LEVELS`; `kinds` are told besides (with "some") or alone (with "only")."""

    def __init__(self) -> None:
        self.level = SOME
        self.kinds: tuple[str, ...] = ()
        self.begin()

    def begin(self) -> None:
        """A new world: nothing of it was told yet."""
        self._told = 0
        self._interjections: list[tuple[int, str]] = []

    def interject(self, after: int, text: str) -> None:
        """Say this right after the event of that number, whatever the level."""
        self._interjections.append((after, text))

    def news(self, world: World | None, sets_the_scene: bool) -> Iterator[str]:
        """The lines about what has happened since the last time. While the scene is set, "some" tells nothing."""
        if world is None:
            return
        fresh = world.recorder.trace[self._told :]
        self._told += len(fresh)
        run: list[Recorded] = []
        for entry in fresh:
            if not (sets_the_scene and self.level == SOME) and self.tells(entry):
                if run and (run[0].kind, run[0].place) != (entry.kind, entry.place):
                    yield from self._told_run(world, run)
                    run = []
                run.append(entry)
            while self._interjections and self._interjections[0][0] <= entry.seq:
                yield from self._told_run(world, run)
                run = []
                yield short(world, self._interjections.pop(0)[1])
        yield from self._told_run(world, run)

    def _told_run(self, world: World, run: list[Recorded]) -> Iterator[str]:
        """Events of one kind at one place, in a row: a long run is cut short."""
        told = run if self.level == ALL or len(run) <= ENOUGH + 1 else run[:ENOUGH]
        for entry in told:
            sentence = short(world, entry.sentence().removeprefix(f"{entry.place} "))
            yield f"T+{entry.time / 1e6:.3f} s  {short(world, entry.place)}: {sentence}"
        if len(told) < len(run):
            last, more = run[-1], len(run) - len(told)
            yield f"T+{last.time / 1e6:.3f} s  {short(world, last.place)}: … {more} more like these"

    def tells(self, entry: Recorded) -> bool:
        """Whether an event of this kind is told."""
        if self.level in (ALL, NONE):
            return self.level == ALL
        if entry.kind in self.kinds:
            return not getattr(entry.event, "routine", False)
        return self.level == SOME and not entry.routine and entry.kind not in CHATTER


def short(world: World, text: str) -> str:
    """The text without the name of the only cluster before each machine's."""
    if len(world.clusters) == 1:
        text = text.replace(f"{next(iter(world.clusters))}/", "")
    return text
