"""What groups have committed, as far as it is replicated.

Promises     a change counts from the moment it is in the log, but nobody is told of it before it is replicated; so
             what was told once is never taken back.
Stands for   OffsetMetadataManager and its timeline collections.
Left out     -
Differs      the last few versions of one offset are kept in a list; Kafka keeps snapshots of whole tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minikafka.coordinator.offset_records import StoredOffset
from minikafka.protocol.names import TopicPartition


class Version(NamedTuple):
    """A commit (None: its removal), and the offset in __consumer_offsets from which on it counts: its record's, or its
    transaction's marker. `written` is its record's."""

    at: int
    stored: StoredOffset | None
    written: int


class GroupOffsets:
    """Of all groups of one partition of __consumer_offsets."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[TopicPartition, list[Version]]] = {}

    def apply(self, group_id: str, partition: TopicPartition, stored: StoredOffset | None, at: int,
              written: int | None = None) -> bool:  # fmt: skip
        """The record at offset `at` says so; or the one at `written`, whose transaction has its marker at `at`: then
        what was written after it stays, and the answer is False."""
        versions = self._groups.setdefault(group_id, {}).setdefault(partition, [])
        if written is not None and versions and versions[-1].written > written:
            return False
        versions.append(Version(at, stored, at if written is None else written))
        return True

    def committed(self, group_id: str, partition: TopicPartition, high_watermark: int) -> StoredOffset | None:
        """What is committed below the high watermark; older versions are forgotten."""
        versions = self._groups.get(group_id, {}).get(partition)
        if not versions:
            return None
        while len(versions) > 1 and versions[1].at < high_watermark:
            del versions[0]
        return versions[0].stored if versions[0].at < high_watermark else None

    def latest(self, group_id: str) -> Iterator[tuple[TopicPartition, StoredOffset]]:
        """What is written down for a group, replicated or not."""
        for partition, versions in self._groups.get(group_id, {}).items():
            if versions[-1].stored is not None:
                yield partition, versions[-1].stored

    def partitions(self, group_id: str) -> list[TopicPartition]:
        """The partitions for which anything was ever committed."""
        return list(self._groups.get(group_id, ()))

    def groups(self) -> list[str]:
        """The groups that have something written down."""
        return [group_id for group_id in self._groups if any(True for _ in self.latest(group_id))]
