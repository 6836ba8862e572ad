"""The words of a story about consumer groups.

Promises     each does what the method of that name does at the front door; those that have an answer tell it.
Stands for   the hands of those who run consumers, and kafka-consumer-groups.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.coordinator.group import Group
from minikafka.deploy.group_desk import group_table
from minikafka.deploy.partition_names import partition_named
from minikafka.protocol.names import TopicPartition
from minikafka.story.people import broker_number, client, number, plain_words, the_cluster, words
from minikafka.story.teller import StoryError, Teller
from minikafka.world.quantities import us


def subscribe(teller: Teller, line: str) -> None:
    """`subscribe c flights`, or `subscribe c pattern=flights.*`: the consumer joins its group with the next poll"""
    plain, named = words(line)
    if not plain:
        raise StoryError("subscribe takes a consumer and topics: subscribe c flights")
    client(teller, plain[0], "consumer").subscribe(*plain[1:], **named)


def keep_reading(teller: Teller, line: str) -> None:
    """`keep_reading c pause=100ms`: the consumer polls from now on, again and again"""
    [name] = plain_words(line, "consumer")
    client(teller, name, "consumer").keep_reading(**words(line)[1])


def close(teller: Teller, line: str) -> None:
    """`close c`: the consumer commits (if it does so automatically), leaves its group, and ends"""
    [name] = plain_words(line, "consumer")
    client(teller, name, "consumer").close()


async def commit(teller: Teller, line: str) -> str:
    """`commit c`, or `commit c flights-0=5`: until the group's coordinator has it"""
    plain, _ = words(line)
    if not plain:
        raise StoryError("commit takes a consumer, and perhaps offsets: commit c flights-0=5")
    await client(teller, plain[0], "consumer").consumer.commit_sync(_offsets(plain[1:]))
    return "committed"


async def committed(teller: Teller, line: str) -> str:
    """`committed c flights-0`: where the group stands there, as the consumer is told"""
    name, partition = plain_words(line, "consumer", "partition")
    found = partition_named(partition)
    row = (await client(teller, name, "consumer").consumer.committed([found]))[found]
    return "nothing" if row is None else f"{found} at {row.offset}"


async def groups(teller: Teller, line: str) -> str:
    """`groups`: which there are, and their states"""
    found = await the_cluster(teller).admin.list_groups()
    return "\n".join(f"{group}: {state}" for group, state in found.items()) or "no groups"


async def describe_group(teller: Teller, line: str) -> str:
    """`describe_group billing`: as kafka-consumer-groups --describe"""
    return await group_table(the_cluster(teller).admin, plain_words(line, "group")[0])


async def reset_offsets(teller: Teller, line: str) -> str:
    """`reset_offsets billing to=earliest` (or latest, a time such as 5s, or by_duration:PT10S), or `shift=-2`: for a
    group without members"""
    [group] = plain_words(line, "group")
    named = words(line)[1]
    to = named.get("to")
    if isinstance(to, str) and to[:1].isdigit():
        to = us(to) // 1000
    return _told(await the_cluster(teller).admin.reset_group_offsets(group, None, to, named.get("shift")))


async def set_offsets(teller: Teller, line: str) -> str:
    """`set_offsets billing flights-0=60`: a commit from outside, without generation or member id"""
    plain, _ = words(line)
    offsets = _offsets(plain[1:])
    if not plain or not offsets:
        raise StoryError("set_offsets takes a group and offsets: set_offsets billing flights-0=60")
    await the_cluster(teller).admin.alter_group_offsets(plain[0], offsets)
    return "set"


async def forget_offsets(teller: Teller, line: str) -> str:
    """`forget_offsets billing flights-0`: what the group has committed for the partition"""
    group, partition = plain_words(line, "group", "partition")
    await the_cluster(teller).admin.delete_group_offsets(group, [partition_named(partition)])
    return "forgotten"


async def delete_group(teller: Teller, line: str) -> str:
    """`delete_group billing`: with all that it has committed"""
    await the_cluster(teller).admin.delete_group(plain_words(line, "group")[0])
    return "deleted"


def _offsets(pairs: list[str]) -> dict[TopicPartition, int] | None:
    found = {}
    for pair in pairs:
        partition, equals, offset = pair.partition("=")
        if not equals:
            raise StoryError(f"{pair!r} is not a partition with an offset: write flights-0=5")
        found[partition_named(partition)] = number(offset, "an offset")
    return found or None


def _told(offsets: dict[TopicPartition, int]) -> str:
    return ", ".join(f"{partition} at {offset}" for partition, offset in offsets.items()) or "nothing to reset"


# -- conditions -------------------------------------------------------------------------------------------------


def _group(teller: Teller, name: str) -> tuple[int, Group | None]:
    """The broker that coordinates a group now, and the group as it knows it."""
    for broker_id, handle in the_cluster(teller).brokers.items():
        broker = handle.broker if handle.machine.running else None
        for shard in broker.offsets_topic.groups.shards.active() if broker is not None else ():
            if shard.group(name) is not None:
                return broker_id, shard.group(name)
    return -1, None


def stable(teller: Teller, group: str, members: str = "") -> Callable[[], bool]:
    """`stable billing 2`: the group is stable (with so many members)"""

    def met() -> bool:
        found = _group(teller, group)[1]
        return found is not None and found.state == "Stable" and (not members or len(found.members) == int(members))

    return met


def in_state(teller: Teller, group: str, state: str) -> Callable[[], bool]:
    """`group_state billing PreparingRebalance`: the group is in that state"""

    def met() -> bool:
        found = _group(teller, group)[1]
        return found is not None and found.state == state

    return met


def generation(teller: Teller, group: str, at_least: str) -> Callable[[], bool]:
    """`generation billing 6`: the group is in that generation or a later one"""

    def met() -> bool:
        found = _group(teller, group)[1]
        return found is not None and found.generation >= int(at_least)

    return met


def coordinator(teller: Teller, group: str, broker: str) -> Callable[[], bool]:
    """`coordinator billing b2`: that broker has read the group and coordinates it"""
    return lambda: _group(teller, group)[0] == broker_number(broker)


def assigned(teller: Teller, consumer: str, count: str) -> Callable[[], bool]:
    """`assigned c 2`: the consumer has so many partitions"""
    return lambda: len(client(teller, consumer, "consumer").consumer.assignment) == int(count)


GROUP_ASKING: dict[str, Callable[[Teller, str], Any]] = {
    command.__name__: command
    for command in (commit, committed, groups, describe_group, reset_offsets, set_offsets, forget_offsets,
                    delete_group)
}  # fmt: skip
"""What has an answer, as text."""

GROUP_DOINGS: dict[str, Callable] = {command.__name__: command for command in (subscribe, keep_reading, close)}
"""What just happens."""

GROUP_CONDITIONS: dict[str, Callable] = {
    "stable": stable, "group_state": in_state, "generation": generation, "coordinator": coordinator,
    "assigned": assigned,
}  # fmt: skip
"""What a story can wait for."""
