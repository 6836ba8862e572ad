"""Interventions: the world as it was at an instant, with one thing done to it, lived on to the same end.

Promises     the world that is watched is never touched; a branch is a fork of it; what is refused comes back as a
             sentence.
Stands for   a game day.
Left out     changing a topic's setting: it comes with the room that changes settings.
Differs      calls from outside that came after the instant are not made in the branch: it is another future.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from minikafka.world.journal import JournalError
from minikafka.world.machine import MachineError
from minikafka.world.quantities import say_time
from minikafka.world.world import World

VERBS = {
    "crash": ("crash {0}", 1),
    "power_off": ("cut the power of {0}", 1),
    "freeze": ("freeze {0}", 1),
    "thaw": ("let {0} go on", 1),
    "start": ("start {0}", 1),
    "lose": ("lose {0}", 1),
    "restore": ("restore {0}", 1),
    "cut": ("cut {0} from {1}", 2),
    "heal": ("heal {0} and {1}", 2),
    "slow": ("slow {0} and {1}", 2),
    "restore_speed": ("restore the speed between {0} and {1}", 2),
}
"""What can be done from the stage: how it is said, and to how many places it is done."""


class Refused(ValueError):
    """An intervention or a scenario that cannot be; the sentence says why and what can."""


class Branch(NamedTuple):
    """A world that went on differently; `said` tells how."""

    world: World
    said: str


def intervene(
    world: World, verb: str, targets: Sequence[str], at: int, until: int, extra: dict[str, Any] | None = None
) -> Branch:
    """Fork `world` at `at` (µs), do it, and live on until `until` (µs). `Refused` with a sentence if that cannot be."""
    words, count = VERBS.get(verb, ("", 0))
    if not words or len(targets) != count:
        raise Refused(f"{verb!r} with {len(targets)} places cannot be done from the stage: {', '.join(VERBS)} can")
    fork = world.fork(at=min(at, world.now))
    when = fork.now
    try:
        getattr(fork.faults, verb)(*targets, **(extra or {}))
    except (ValueError, MachineError) as error:
        raise Refused(f"This cannot be done at {say_time(when)}: {error}.") from error
    if until > fork.now:
        fork.run_until(until)
    how = f" ({', '.join(f'{name} {value}' for name, value in extra.items())})" if extra else ""
    return Branch(fork, f"{words.format(*targets)}{how} at {say_time(when)}")


def from_scenario(kind: type[World], text: str, until: int) -> Branch:
    """The world of a pasted scenario, lived on until `until` (µs). `Refused` with a sentence if the string is not
    good."""
    if not text.strip():
        raise Refused("There is nothing to play: paste a scenario string first.")
    try:
        world = kind.from_scenario(text)
    except (JournalError, ValueError, TypeError, AttributeError, MachineError) as error:
        raise Refused(f"This scenario cannot be played: {error}") from error
    if until > world.now:
        world.run_until(until)
    return Branch(world, f"pasted scenario, seed {world.seed}")
