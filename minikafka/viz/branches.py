"""Interventions: the world as it was at an instant, with one thing done to it, lived on to the same end.

Promises     the world that is watched is never touched; a branch is a fork of it; what is refused comes back as a
             sentence.
Stands for   a game day.
Left out     settings of brokers.
Differs      calls from outside that came after the instant are not made in the branch: it is another future, and the
             branch says which they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from minikafka.protocol.errors import KafkaError
from minikafka.world.future import TimedOut
from minikafka.world.journal import Entry, JournalError
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
    "alter_config": ("change topic {1} of {0}", 2),
}
"""What can be done from the stage: how it is said, and to how many places it is done."""


class Refused(ValueError):
    """An intervention or a scenario that cannot be; the sentence says why and what can."""


class Branch(NamedTuple):
    """A world that went on differently; `said` tells how, `left_out` what was done to the first one later and not
    here."""

    world: World
    said: str
    left_out: str = ""


def intervene(
    world: World, verb: str, targets: Sequence[str], at: int, until: int, extra: dict[str, Any] | None = None
) -> Branch:
    """Fork `world` at `at` (µs), do it, and live on until `until` (µs). `Refused` with a sentence if that cannot be."""
    words, count = VERBS.get(verb, ("", 0))
    if not words or len(targets) != count:
        raise Refused(f"{verb!r} with {len(targets)} places cannot be done from the stage: {', '.join(VERBS)} can")
    fork = world.fork(at=min(at, world.now))
    when, later = fork.now, world.journal[len(fork.journal) :]
    try:
        if verb == "alter_config":
            _alter_config(fork, *targets, **(extra or {}))
        else:
            getattr(fork.faults, verb)(*targets, **(extra or {}))
    except (ValueError, MachineError, KafkaError, TimedOut) as error:
        raise Refused(f"This cannot be done at {say_time(when)}: {str(error).rstrip('.')}.") from error
    if until > fork.now:
        fork.run_until(until)
    how = f" ({', '.join(f'{name} {value}' for name, value in extra.items())})" if extra else ""
    return Branch(fork, f"{words.format(*targets)}{how} at {say_time(when)}", _left_out(later))


def _alter_config(world: World, cluster: str, topic: str, setting: str = "", value: str = "") -> None:
    """Change a topic's setting; without a value it goes back to its default."""
    clusters = getattr(world, "clusters", {})
    if cluster not in clusters:
        raise ValueError(f"there is no cluster {cluster!r}: there are {', '.join(clusters) or 'none'}")
    clusters[cluster].alter_config(topic, {setting: value.strip() or None})


def _left_out(entries: Sequence[Entry]) -> str:
    """What was done to the watched world after the instant, in a sentence."""
    if not entries:
        return ""
    told = [f"{_call(entry)} at {say_time(entry.time)}" for entry in entries[:3]]
    more = f" and {len(entries) - 3} more" if len(entries) > 3 else ""
    return f"What was done from outside later is not done in this branch: {', '.join(told)}{more}."


def _call(entry: Entry) -> str:
    """A call at the front door as it would be typed."""
    given = [value.get("@door", "") or value.get("@thing", "…") if isinstance(value, dict) else value
             for value in entry.arguments]  # fmt: skip
    words = ", ".join(str(value).rpartition(":")[2] for value in given)
    return f"{entry.target.rpartition(':')[2]}.{entry.call}({words})"


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
