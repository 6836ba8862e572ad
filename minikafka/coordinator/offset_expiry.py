"""Which committed offsets have had their time.

Promises     offsets of a group without members go offsets.retention.minutes after it became empty; those of a group
             at work only for topics it reads no more; a group that is empty and remembers nothing is gone.
Stands for   OffsetMetadataManager.cleanupExpiredOffsets, ClassicGroup.offsetExpirationCondition.
Left out     -
Differs      -
"""

from __future__ import annotations

from minikafka.coordinator.group import EMPTY, STABLE, Group
from minikafka.coordinator.offset_records import Change, GroupChange, OffsetChange
from minikafka.coordinator.shard import Shard


def expired(shard: Shard, group_id: str, now: int) -> list[Change]:
    """The changes that forget what is too old, and perhaps the group."""
    group = shard.groups[group_id]
    retention = shard.config["offsets.retention.minutes"] * 60_000
    offsets = list(shard.offsets.latest(group_id))
    topics = group.subscribed_topics()
    old: list[Change] = [
        OffsetChange(group_id, partition, None)
        for partition, stored in offsets
        if _since(group, partition.topic, stored.committed_at, topics) is not None
        and now // 1000 - _since(group, partition.topic, stored.committed_at, topics) >= retention
    ]
    if group.state == EMPTY and not group.pending and len(old) == len(offsets):
        old.append(GroupChange(group_id, None))
    return old


def _since(group: Group, topic: str, committed_at: int, topics: dict[str, None] | None) -> int | None:
    """Since when (ms) the offset has been of no use; None if it is."""
    if not group.protocol_type:
        return committed_at
    if group.state == EMPTY:
        return max(group.since, committed_at)
    if group.state == STABLE and topics is not None and topic not in topics:
        return committed_at
    return None
