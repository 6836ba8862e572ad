"""Range and round-robin: the two assignors without a memory.

Promises     range gives each member neighbouring partitions of each topic; round-robin deals all partitions out one
             by one.
Stands for   RangeAssignor and RoundRobinAssignor.
Left out     racks (KIP-881).
Differs      -
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from minikafka.protocol.names import TopicPartition


class Wish(NamedTuple):
    """What a member tells the leader: its topics, what it has (or had in `generation`), its instance id."""

    topics: tuple[str, ...]
    owned: tuple[TopicPartition, ...] = ()
    generation: int = -1
    instance_id: str | None = None


Wishes = Mapping[str, Wish]
"""By member id."""

Shares = dict[str, list[TopicPartition]]
"""Each member's partitions."""


def in_order(members: Wishes) -> list[str]:
    """The members' ids: static members first, by their instance ids, then the others by their member ids."""
    return sorted(members, key=lambda one: (members[one].instance_id is None, members[one].instance_id or one, one))


def assign_ranges(topics: Mapping[str, int], members: Wishes) -> Shares:
    """Topic by topic neighbouring partitions; the first members get one more. `topics`: how many partitions each
    has."""
    shares: Shares = {member: [] for member in members}
    ordered = in_order(members)
    for topic in sorted(topics):
        readers = [member for member in ordered if topic in members[member].topics]
        if not readers:
            continue
        each, more = divmod(topics[topic], len(readers))
        start = 0
        for place, member in enumerate(readers):
            end = start + each + (place < more)
            shares[member] += [TopicPartition(topic, number) for number in range(start, end)]
            start = end
    return shares


def assign_round_robin(topics: Mapping[str, int], members: Wishes) -> Shares:
    """All partitions, sorted, in turn to the members that want them."""
    shares: Shares = {member: [] for member in members}
    ordered = in_order(members)
    turn = 0
    for topic in sorted(topics):
        if not any(topic in wish.topics for wish in members.values()):
            continue
        for number in range(topics[topic]):
            while topic not in members[ordered[turn % len(ordered)]].topics:
                turn += 1
            shares[ordered[turn % len(ordered)]].append(TopicPartition(topic, number))
            turn += 1
    return shares
