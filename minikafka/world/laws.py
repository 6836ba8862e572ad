"""Laws, which hold after every step, and judgments, which are passed at the end.

Promises     a law is looked at after each step in which an event of its kinds was recorded, and a broken one stops the
             world at once, with the event and its causes; a judgment reads the whole history and names what it found.
Stands for   the invariants of Kafka's specifications, and the checkers of Jepsen and Maelstrom.
Left out     proofs: a law that holds in many worlds may still be broken in the next.
Differs      -

Since every change of state is recorded, looking after the events is looking after every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from minikafka.world.event import Recorded
from minikafka.world.quantities import say_time

if TYPE_CHECKING:
    from minikafka.world.world import World


class LawBroken(Exception):
    """The world did something that it must never do; `law`, `entry` (the last event before) and `why` say what."""

    def __init__(self, law: Law, entry: Recorded, why: str):
        self.law = law
        self.entry = entry
        self.why = why
        super().__init__(
            f"{law.name} is broken at T+{say_time(entry.time)}, after event {entry.seq} ({entry.kind}): {why}"
        )


class Law:
    """One invariant. Subclasses say it in their docstring, name the `KINDS` of events that can break it, and `check`.

    `check` is called after the step with all of its events of these kinds (of every kind, if none is named); it returns
    a sentence if the law is broken. A broken law looks no further: the world may go on without it, and show what comes
    of it. A law whose `__init__` takes arguments also says how to make itself `anew`.
    """

    KINDS: tuple[type, ...] = ()

    def __init__(self) -> None:
        self.world: Any = None
        self.broken = False
        self._fresh: list[Recorded] = []

    @property
    def name(self) -> str:
        """The law's name in words: `HighWatermarkNeverFalls` is "high watermark never falls"."""
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(self).__name__)
        return words.strip()

    def anew(self) -> Law:
        """The same law with nothing seen yet, for a re-run of its world."""
        return type(self)()

    def watch(self, world: World) -> None:
        """Begin to look at this world."""
        self.world = world
        world.recorder.listen(self._heard, self.KINDS or None)

    def check(self, entries: list[Recorded]) -> str | None:
        """A sentence that says how the law is broken, or None. `entries` are this step's events of the law's kinds."""
        raise NotImplementedError

    def _heard(self, entry: Recorded) -> None:
        if self.broken:
            return
        if not self._fresh:
            self.world.kernel.after_step(self._look)
        self._fresh.append(entry)

    def _look(self) -> None:
        entries, self._fresh = self._fresh, []
        why = self.check(entries)
        if why:
            self.broken = True
            raise LawBroken(self, entries[-1], why)


class Finding(NamedTuple):
    """Something that a judgment found: the anomaly's name (lost, duplicated, reordered …), where, and a sentence."""

    anomaly: str
    where: str
    sentence: str
