"""The words of a story about topics that exist already: their settings, their placement, their compaction.

Promises     each does what the method of that name does at the front door, and tells the answer.
Stands for   kafka-configs.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.deploy.partition_names import partition_named
from minikafka.events.governance import told
from minikafka.log.segment import SWAP
from minikafka.story.people import broker_number, number, plain_words, split, the_cluster, words
from minikafka.story.scenery import PLACEMENT, assignment, placement_setting
from minikafka.story.teller import StoryError, Teller


async def alter_config(teller: Teller, line: str) -> str:
    """`alter_config flights min.insync.replicas=1 retention.ms=default` (default: take it away); `b2` for a broker,
    `all_brokers` for all of them; a placement as for `topic`"""
    what, changes = _what(teller, line)
    asked, changes = split(changes, *PLACEMENT)
    changes = {**changes, **placement_setting(asked)}
    await the_cluster(teller).admin.alter_config(what, {k: None if v == "default" else v for k, v in changes.items()})
    return "done"


async def describe_config(teller: Teller, line: str) -> str:
    """`describe_config flights min.insync.replicas`: the value in force, and all places that give it one"""
    what, _ = _what(teller, line)
    names = words(line)[0][1:] or None
    found = await the_cluster(teller).admin.describe_config(what, names)
    return "\n".join(
        f"{name}={told(entry.value)}  " + ", ".join(f"{source} {told(value)}" for _, value, source in entry.synonyms)
        for name, entry in found.items()
    )


async def apply_placement(teller: Teller, line: str) -> str:
    """`apply_placement flights`: its replicas take the roles that its placement constraint says"""
    [topic] = plain_words(line, "topic")
    await the_cluster(teller).admin.apply_placement(topic)
    return "done"


async def add_partitions(teller: Teller, line: str) -> str:
    """`add_partitions flights 4`, perhaps with `assignment=2,3,1/3,1,2` for the new ones: it has four from now on"""
    topic, total = plain_words(line, "topic", "number")
    own = assignment(words(line)[1])
    await the_cluster(teller).admin.add_partitions(topic, number(total, "how many there shall be"), **own)
    return "done"


async def reassign(teller: Teller, line: str) -> str:
    """`reassign flights-0 2,3,4` (the preferred leader first), or `reassign flights-0 cancel`"""
    name, target = plain_words(line, "partition", "brokers")
    replicas = None if target == "cancel" else [broker_number(one) for one in target.split(",")]
    await the_cluster(teller).admin.reassign({partition_named(name): replicas})
    return "done"


async def reassignments(teller: Teller, line: str) -> str:
    """`reassignments`: what moves"""
    found = await the_cluster(teller).admin.reassignments()
    told = [f"{tp}: replicas {list(row.replicas)}, adding {list(row.adding)}, removing {list(row.removing)}"
            for tp, row in found.items()]  # fmt: skip
    return "\n".join(told) or "nothing moves"


def _what(teller: Teller, line: str) -> tuple[str | int | None, dict[str, Any]]:
    plain, changes = words(line)
    if not plain or len(plain) + len(changes) < 2:
        raise StoryError(f"{line.split()[0]} takes a topic, a broker (b2) or all_brokers, and settings")
    name = plain[0]
    if name == "all_brokers":
        return None, changes
    if name in the_cluster(teller).image.topics or not name.removeprefix("b").isdigit():
        return name, changes
    return broker_number(name), changes


TOPIC_ASKING: dict[str, Callable[[Teller, str], Any]] = {
    command.__name__: command
    for command in (alter_config, describe_config, add_partitions, reassign, reassignments, apply_placement)
}
"""What has an answer, as text."""


def cleaning(teller: Teller, broker: str, partition: str) -> Callable[[], bool]:
    """`cleaning b1 seats-0`: the broker's log cleaner is at work on its log"""
    found, handle = partition_named(partition), the_cluster(teller).broker(broker_number(broker))
    return lambda: handle.broker is not None and handle.broker.cleaner.busy == found


def half_cleaned(teller: Teller, broker: str, partition: str) -> Callable[[], bool]:
    """`half_cleaned b1 seats-0`: a compacted segment is about to take its place"""
    disk = the_cluster(teller).broker(broker_number(broker)).machine.disk
    return lambda: any(path.endswith(SWAP) for path in disk.list(f"{partition}/"))


def cleaned(teller: Teller, broker: str, partition: str, offset: str) -> Callable[[], bool]:
    """`cleaned b1 seats-0 12`: the broker has compacted its log up to there, or further"""
    found, handle = partition_named(partition), the_cluster(teller).broker(broker_number(broker))

    def met() -> bool:
        held = handle.broker.partitions.get(found) if handle.broker is not None else None
        return held is not None and held.log.cleaned_to >= int(offset)

    return met


TOPIC_CONDITIONS: dict[str, Callable] = {"cleaning": cleaning, "half_cleaned": half_cleaned, "cleaned": cleaned}
"""What a story can wait for."""
