"""Sticky and cooperative-sticky: as even as possible, and then with as few moves as possible.

Promises     no member has two partitions more than another that could take one of them; what need not move stays. The
             cooperative assignor hands out nothing that another member still has: that waits for the next round.
Stands for   AbstractStickyAssignor, StickyAssignor, CooperativeStickyAssignor.
Left out     racks.
Differs      the same kind of result by a shorter way, so which partition moves may differ from Java's choice.
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.client.range_assignor import Shares, Wishes, in_order
from minikafka.protocol.names import TopicPartition


def assign_sticky(topics: Mapping[str, int], members: Wishes) -> Shares:
    """Balanced, with what each member had before as far as that goes. `topics`: how many partitions each has."""
    ordered = in_order(members)
    everything = [TopicPartition(topic, number) for topic in sorted(topics) for number in range(topics[topic])]
    shares = _what_they_had(topics, members, ordered)
    wanted = {topic: [member for member in ordered if topic in members[member].topics] for topic in topics}
    everything = [partition for partition in everything if wanted[partition.topic]]
    if all(len(readers) in (0, len(ordered)) for readers in wanted.values()):
        _cut_to_quota(shares, ordered, len(everything))
    taken = {partition: None for share in shares.values() for partition in share}
    free = [partition for partition in everything if partition not in taken]
    _deal(free, shares, wanted)
    _even_out(everything, shares, wanted)
    return {member: sorted(share) for member, share in shares.items()}


def assign_cooperatively(topics: Mapping[str, int], members: Wishes) -> Shares:
    """The sticky assignment without what would have to be taken from somebody: its owner has to give it up first."""
    owners: dict[TopicPartition, dict[str, None]] = {}
    for member, wish in members.items():
        for partition in wish.owned:
            owners.setdefault(partition, {})[member] = None
    target = assign_sticky(topics, members)
    return {
        member: [one for one in share if one not in owners or list(owners[one]) == [member]]
        for member, share in target.items()
    }


def _what_they_had(topics: Mapping[str, int], members: Wishes, ordered: list[str]) -> Shares:
    """Each member's old partitions that it still wants. Of two who claim one, the newer generation has it; else
    neither."""
    claims: dict[TopicPartition, tuple[int, str | None]] = {}
    for member in ordered:
        wish = members[member]
        for partition in wish.owned:
            if partition.topic in wish.topics and partition.partition < topics.get(partition.topic, 0):
                generation, _ = claims.get(partition, (-2, None))
                if wish.generation > generation:
                    claims[partition] = (wish.generation, member)
                elif wish.generation == generation:
                    claims[partition] = (generation, None)
    shares: Shares = {member: [] for member in ordered}
    for partition in sorted(claims):
        member = claims[partition][1]
        if member is not None:
            shares[member].append(partition)
    return shares


def _cut_to_quota(shares: Shares, ordered: list[str], count: int) -> None:
    """Nobody keeps more than an even share; where it is not even, those who have more keep one more."""
    each, more = divmod(count, len(ordered))
    for member in ordered:
        quota = each
        if len(shares[member]) > each and more > 0:
            quota, more = each + 1, more - 1
        del shares[member][quota:]


def _deal(free: list[TopicPartition], shares: Shares, wanted: Mapping[str, list[str]]) -> None:
    """Give each free partition to the member with the fewest that wants it."""
    by_count: dict[str, list[list[str]]] = {}
    for partition in free:
        readers = wanted[partition.topic]
        levels = by_count.get(partition.topic)
        if levels is None or len(by_count) > 1:
            levels = by_count[partition.topic] = _levels(readers, shares)
        while not levels[0]:
            del levels[0]
        member = levels[0].pop(0)
        shares[member].append(partition)
        if len(levels) == 1:
            levels.append([])
        levels[1].append(member)


def _levels(readers: list[str], shares: Shares) -> list[list[str]]:
    """The members by how many partitions they have, the fewest first; no gaps."""
    counts = [len(shares[member]) for member in readers]
    least = min(counts)
    levels: list[list[str]] = [[] for _ in range(max(counts) - least + 1)]
    for member, count in zip(readers, counts, strict=True):
        levels[count - least].append(member)
    return levels


def _even_out(everything: list[TopicPartition], shares: Shares, wanted: Mapping[str, list[str]]) -> None:
    """Move partitions while somebody has two more than another who could take one."""
    counts = {member: len(share) for member, share in shares.items()}
    if not counts or max(counts.values()) - min(counts.values()) < 2:
        return
    owner = {partition: member for member, share in shares.items() for partition in share}
    moved = True
    while moved:
        moved = False
        for partition in everything:
            one = owner[partition]
            other = min(wanted[partition.topic], key=counts.__getitem__)
            if counts[one] > counts[other] + 1:
                shares[one].remove(partition)
                shares[other].append(partition)
                counts[one] -= 1
                counts[other] += 1
                owner[partition] = other
                moved = True
