"""Which committed offsets have expired.

Promises     offsets of a group without members are forgotten offsets.retention.minutes after it became empty; those of
             a group at work only for topics that it no longer reads; a group that is empty and has no offsets is gone.
Stands for   OffsetMetadataManager.cleanupExpiredOffsets, ClassicGroup.offsetExpirationCondition.
Left out     -
Differs      -
"""

from __future__ import annotations

from minikafka.coordinator.group import EMPTY, STABLE, Group
from minikafka.coordinator.offset_records import Change, GroupChange, OffsetChange
from minikafka.coordinator.shard import Shard


def expired(shard: Shard, group_id: str, now: int) -> list[Change]:
    """The changes that forget what is too old, and the group itself if nothing of it is left; `now` in µs."""
    group = shard.groups[group_id]
    retention = shard.config["offsets.retention.minutes"] * 60_000
    offsets = list(shard.offsets.latest(group_id))
    topics = group.subscribed_topics()
    old: list[Change] = []
    for partition, stored in offsets:
        since = _useless_since(group, partition.topic, stored.committed_at, topics)
        if since is not None and now // 1000 - since >= retention:
            old.append(OffsetChange(group_id, partition, None))
    if group.state == EMPTY and not group.pending and len(old) == len(offsets):
        old.append(GroupChange(group_id, None))
    return old


def _useless_since(group: Group, topic: str, committed_at: int, topics: dict[str, None] | None) -> int | None:
    """When (ms) the offset ceased to be of use; None if it still is."""
    if not group.protocol_type:
        return committed_at
    if group.state == EMPTY:
        return max(group.since, committed_at)
    if group.state == STABLE and topics is not None and topic not in topics:
        return committed_at
    return None
