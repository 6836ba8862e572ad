"""A counter-example as a story: the law, what happened, what the replicas held.

Promises     the sentence says which law was broken, in words and with its numbers; the lines are what the flight
             recorder wrote, the last of them the moment it went wrong.
Stands for   a good bug report.
Left out     messages: the stage shows them.
Differs      -
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from minikafka.deploy.strips import strips
from minikafka.protocol.errors import KafkaError
from minikafka.story.narration import CHATTER, short

LINES, OF_A_KIND = 14, 3
DULL = (
    *CHATTER, "BatchSent", "PartitionEpochLearned", "ConnectionClosed", "BrokerRegistered", "BrokerUnfenced",
    "MachineStarted", "BrokerStarted", "TopicCreated", "ProducerIdAssigned", "RecordsPolled", "ControllerStarted",
)  # fmt: skip


class CounterExample(NamedTuple):
    """What went wrong. `law` says what should hold ("" for a slip); `moment` (µs) is when; `world` as it was then."""

    sentence: str
    law: str
    seed: int
    story: tuple[str, ...]
    picture: str
    moment: int
    world: Any


def told(outcome: Any, rule: Any, function: Callable) -> CounterExample:
    """The counter-example of a trial's outcome."""
    world = outcome.world
    if outcome.slip or world is None:
        return CounterExample(outcome.why, "", outcome.seed, (), "", 0, world)
    law = in_words(outcome.law) if outcome.law is not None else ""
    name = getattr(function, "__name__", "your function")
    why = short(world, outcome.why)
    sentence = f"With `{name}` in place of our {rule.name} rule, {_verdict(outcome)}: {why.rstrip('.')}."
    lines = story(world, outcome.law is not None)
    return CounterExample(sentence, short(world, law), outcome.seed, lines, picture(world), world.now, world)


def in_words(law: Any) -> str:
    """The first sentence of a law, without its number in the table of invariants."""
    words = " ".join(inspect.cleandoc(type(law).__doc__ or law.name).split())
    words = re.sub(r"^[A-Z]+\d+[a-z]?( \([^)]*\))?: *", "", words).partition(". ")[0].rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."


def _verdict(outcome: Any) -> str:
    if outcome.law is not None:
        return f"a law is broken: “{outcome.broken}”"
    return f"something is wrong in the end ({outcome.broken})"


def story(world: Any, breaks: bool = True) -> tuple[str, ...]:
    """The last lines of what happened, few of a kind, without chatter; if it `breaks` a law, the last one too."""
    trace = world.recorder.trace
    told, of_kind = list(trace[-1:]) if breaks else [], Counter()
    for entry in reversed(trace[:-1] if breaks else trace):
        if not entry.routine and entry.kind not in DULL and of_kind[entry.kind] < OF_A_KIND and len(told) <= LINES:
            of_kind[entry.kind] += 1
            told.append(entry)
    return tuple(
        f"T+{entry.time / 1e6:.3f} s  {short(world, entry.place)}: {short(world, entry.sentence())}"
        for entry in reversed(told)
    )


def picture(world: Any) -> str:
    """Every partition's replicas, as strips; without the topics that Kafka keeps for itself."""
    pictures = []
    for cluster in world.clusters.values():
        try:
            for topic in [topic for topic in cluster.image.topics.values() if not topic.name.startswith("__")]:
                pictures += [strips(cluster, (topic.name, number), last=6) for number in range(len(topic.partitions))]
        except KafkaError:
            pictures.append(f"{cluster.name}: the controller is down")
    return "\n\n".join(pictures)
