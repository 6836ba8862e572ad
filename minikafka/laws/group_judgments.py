"""Judgments about what groups were given and what they committed (O8, O13, O14, L10, and the second half of O15).

Promises     `world.judge(*GROUP_JUDGMENTS)` after everything is healed; each finding names its anomaly, the partition
             and the numbers. What a seek, a reset or a commit from outside has moved is not held against anybody.
Stands for   the checkers of Jepsen's and Maelstrom's Kafka workloads, for groups.
Left out     -
Differs      judges by offsets; a record counts as processed when a poll has handed it out. Offsets without a record
             (of markers, or compacted away) are nobody's loss.
"""

from __future__ import annotations

from minikafka.coordinator.group import EMPTY, STABLE, Group
from minikafka.laws.final_logs import final_logs
from minikafka.laws.group_ledger import GroupLedger, Reading, Share
from minikafka.laws.hidden_offsets import HiddenOffsets
from minikafka.laws.sight import Sight
from minikafka.protocol.member_metadata import read_assignment
from minikafka.protocol.names import TopicPartition
from minikafka.world.laws import Finding
from minikafka.world.quantities import counted
from minikafka.world.world import World


def group_lost(world: World) -> list[Finding]:
    """O14: below what a group has committed every record was given to one of its members. DUR, and nobody moved by
    hand."""
    found = []
    hidden = HiddenOffsets(world)
    logs = {(log.cluster, log.tp): log for log in final_logs(world) if log.history.durable}
    for (cluster, group, tp), share in _shares(world):
        log = logs.get((cluster, tp))
        if share.chapter or not share.readings or log is None:
            continue
        stepped_over = hidden.of(cluster, tp, any(one.client in hidden.committed_readers for one in share.readings))
        for first, last in _never_given(share, log.log.log_start_offset):
            missed = [record.offset for _, record in log.records() if first <= record.offset <= last]
            if any(offset not in stepped_over for offset in missed):
                why = f"{group} has committed {share.committed}, and nobody was given {_range(first, last)}"
                found.append(Finding("lost", str(tp), why))
    return found


def _never_given(share: Share, start: int) -> list[tuple[int, int]]:
    """The offsets from where the group began up to where it has committed that nobody was given."""
    holes, readings = [], sorted(share.readings, key=lambda reading: reading.first)
    upcoming = max(readings[0].first, start)
    for first, last in (*((reading.first, reading.last) for reading in readings), (share.committed, share.committed)):
        if upcoming < min(first, share.committed):
            holes.append((upcoming, min(first, share.committed) - 1))
        upcoming = max(upcoming, last + 1)
    return holes


def group_duplicated(world: World) -> list[Finding]:
    """O8: from taking a partition over to giving it back a member is given no record twice, unless it was moved by
    hand. (The next owner may be given again what was not committed.)"""
    found = []
    for (_, group, tp), share in _shares(world):
        given: dict[tuple[str, int, int], Reading] = {}
        for reading in share.readings:
            key = (reading.client, reading.taken, reading.chapter)
            before = given.get(key)
            if before is not None and reading.first <= before.last:
                why = f"{reading.client} of {group} was given up to {before.last}, and again from {reading.first}"
                found.append(Finding("duplicated", str(tp), why))
            if before is None or reading.last > before.last:
                given[key] = reading
    return found


def group_reordered(world: World) -> list[Finding]:
    """O8: a group gets to see the records of a partition for the first time in their order; zombies are left out.
    DUR."""
    found = []
    for (cluster, group, tp), share in _shares(world):
        if not _durable(world, cluster, tp):
            continue
        chapter, seen_from, seen_to = -1, 0, 0
        holes: list[tuple[int, int]] = []
        newest = -1
        for reading in share.readings:
            newest = max(newest, reading.generation)
            if reading.generation < newest:
                continue
            if reading.chapter != chapter:
                chapter, seen_from, seen_to, holes = reading.chapter, reading.first, reading.first, []
            late = [hole for hole in holes if reading.first <= hole[1] and hole[0] <= reading.last]
            if late or reading.first < seen_from:
                why = f"{group} was given {_range(reading.first, reading.last)} for the first time after {seen_to - 1}"
                found.append(Finding("reordered", str(tp), why))
            if reading.first > seen_to:
                holes.append((seen_to, reading.first - 1))
            seen_from, seen_to = min(seen_from, reading.first), max(seen_to, reading.last + 1)
    return found


def group_skipped(world: World) -> list[Finding]:
    """O8, O13: who takes a partition over does not begin above what the group has committed. DUR."""
    return _bad_starts(world, "skipped", lambda start: start.offset > start.highest >= 0)


def group_rewound(world: World) -> list[Finding]:
    """O8, O13: who takes a partition over does not begin below what the group has committed, and does not commit less
    than others have. DUR."""
    found = _bad_starts(world, "rewound", lambda start: 0 <= start.offset < start.confirmed)
    for (cluster, group, tp), share in _shares(world):
        for before, after in share.rewinds if _durable(world, cluster, tp) else ():
            if before.member != after.member and before.generation >= 0 and not share.chapter:
                why = (
                    f"{group} had committed {before.offset} by {before.member} in generation {before.generation}, then "
                    f"{after.offset} by {after.member} in generation {after.generation}"
                )
                found.append(Finding("rewound", str(tp), why))
    return found


def _bad_starts(world: World, anomaly: str, wrong) -> list[Finding]:
    found = []
    for (cluster, group, tp), share in _shares(world):
        for start in share.starts if _durable(world, cluster, tp) else ():
            if wrong(start):
                why = f"{start.client} began at {start.offset}, but {group} had committed {start.confirmed}"
                found.append(Finding(anomaly, str(tp), why))
    return found


def groups_come_to_rest(world: World) -> list[Finding]:
    """L10, O15: a group with members is stable, and all partitions of the topics that its members want are assigned."""
    found = []
    for machine in world.network.machines.values():
        topic = getattr(machine.process, "offsets_topic", None)
        for shard in topic.groups.shards.active() if topic is not None and machine.running else ():
            for group in shard.groups.values():
                why = _unrest(group, topic)
                if why:
                    found.append(Finding("stuck", group.group_id, why))
    return found


def _unrest(group: Group, topic) -> str:
    if group.state not in (STABLE, EMPTY):
        return f"is {group.state} with {counted(len(group.members), 'member')}"
    wanted = group.subscribed_topics() or {}
    assigned = {tp: None for member in group.members.values() for tp in read_assignment(member.assignment)}
    image = topic.broker.image
    missing = [
        str(TopicPartition(name, number))
        for name in wanted if name in image.topics
        for number in range(len(image.topics[name].partitions))
        if TopicPartition(name, number) not in assigned
    ]  # fmt: skip
    return f"is stable, and nobody reads {', '.join(missing)}" if missing else ""


def _shares(world: World) -> list[tuple[tuple[str, str, TopicPartition], Share]]:
    return list(GroupLedger.of(world).shares.items())


def _durable(world: World, cluster: str, read: TopicPartition) -> bool:
    """Whether nothing that a group has recorded can have been lost in this cluster, nor of the partition that it reads:
    where the log has lost what was committed, a place in it is out of range, and `auto.offset.reset` is asked."""
    counts = {
        tp: history
        for (name, tp), history in Sight.of(world).histories.items()
        if name == cluster and (tp == read or tp.topic.startswith("__"))
    }
    return all(history.durable for history in counts.values())


def _range(first: int, last: int) -> str:
    return f"offset {first}" if first == last else f"offsets {first} to {last}"


GROUP_JUDGMENTS = (group_lost, group_duplicated, group_reordered, group_skipped, group_rewound)
"""Every judgment about what groups were given."""
