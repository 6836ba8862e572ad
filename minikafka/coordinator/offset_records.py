"""The records of `__consumer_offsets`: what a group has committed, and who its members are.

Promises     what was packed comes out equal; a record without a value says that the thing its key names is gone; an
             unknown kind of key is stepped over.
Stands for   OffsetCommitKey and OffsetCommitValue (type 1), GroupMetadataKey and GroupMetadataValue (type 2).
Left out     topic ids beside the offset, the records of KIP-848.
Differs      msgpack instead of Kafka's layout.
"""

from __future__ import annotations

from typing import NamedTuple

import msgpack

from minikafka.protocol.errors import CorruptRecordException
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import Record, build_batch

OFFSET_COMMIT = 1
GROUP_METADATA = 2


class StoredOffset(NamedTuple):
    """A committed offset: the next one to read, the epoch before it (-1: not known), a note, and when (ms)."""

    offset: int
    leader_epoch: int
    metadata: str
    committed_at: int


class StoredMember(NamedTuple):
    """A member with everything a new coordinator has to know; times in µs."""

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    session_timeout: int
    rebalance_timeout: int
    metadata: bytes
    assignment: bytes


class StoredGroup(NamedTuple):
    """A generation of a group, in which everybody knows what to do; without members it is empty since `since` (ms)."""

    group_id: str
    protocol_type: str
    generation: int
    protocol: str
    leader: str
    since: int
    members: tuple[StoredMember, ...]


class OffsetChange(NamedTuple):
    """A group's committed offset in one partition is this now; None: there is none any more."""

    group_id: str
    partition: TopicPartition
    stored: StoredOffset | None


class GroupChange(NamedTuple):
    """The group stands as stored; None: it is gone."""

    group_id: str
    stored: StoredGroup | None


Change = OffsetChange | GroupChange


def batch_of(changes: list[Change], now: int, **who: int) -> bytes:
    """The batch that says so. `now` in µs; `who` is for `build_batch`."""
    rows = []
    for change in changes:
        if isinstance(change, OffsetChange):
            key = (OFFSET_COMMIT, change.group_id, *change.partition)
        else:
            key = (GROUP_METADATA, change.group_id)
        value = None if change.stored is None else msgpack.packb(change.stored)
        rows.append((now // 1000, msgpack.packb(key), value, None))
    return build_batch(rows, **who)


def change_of(record: Record) -> Change | None:
    """The change in this record; None if its kind is not known."""
    try:
        kind, group_id, *rest = msgpack.unpackb(record.key, use_list=False)
        fields = None if record.value is None else msgpack.unpackb(record.value, use_list=False)
        if kind == OFFSET_COMMIT:
            return OffsetChange(group_id, TopicPartition(*rest), None if fields is None else StoredOffset(*fields))
        if kind == GROUP_METADATA:
            if fields is None:
                return GroupChange(group_id, None)
            members = tuple(StoredMember(*row) for row in fields[-1])
            return GroupChange(group_id, StoredGroup(*fields[:-1], members))
        return None
    except (ValueError, TypeError, msgpack.UnpackException) as reason:
        raise CorruptRecordException(
            f"the record at offset {record.offset} of a partition of __consumer_offsets is unreadable ({reason}); "
            "only the group coordinator may write there"
        ) from None
