"""Offsets that wait for the end of a transaction.

Promises     a pending offset counts for nobody before its transaction's COMMIT marker, and never after an ABORT;
             until the marker is replicated whoever asks is told that the offset is unstable.
Stands for   OffsetMetadataManager: pendingTransactionalOffsets, replayEndTransactionMarker.
Left out     -
Differs      which markers are replicated is told by the high watermark; Kafka keeps snapshots of whole tables.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.coordinator.offset_records import OffsetChange
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import Record


class PendingRecord(NamedTuple):
    """A record of `__consumer_offsets` that belongs to a transaction of this producer."""

    producer_id: int
    record: Record


class EndOfTransaction(NamedTuple):
    """A marker in `__consumer_offsets`, at `offset`."""

    producer_id: int
    committed: bool
    offset: int


class Pending(NamedTuple):
    """A change that waits: `at` is its record's offset, `generation` that of the member who wrote it (0: not known)."""

    change: OffsetChange
    at: int
    generation: int


class PendingOffsets:
    """Of all groups of one partition of `__consumer_offsets`, by producer id."""

    def __init__(self) -> None:
        self._open: dict[int, dict[tuple, Pending]] = {}
        self._ending: list[tuple[int, dict[tuple, Pending]]] = []

    def add(self, producer_id: int, change: OffsetChange, at: int, generation: int = 0) -> None:
        """The record at offset `at` says so, if its transaction commits."""
        self._open.setdefault(producer_id, {})[change.group_id, change.partition] = Pending(change, at, generation)

    def end(self, producer_id: int, at: int) -> list[Pending]:
        """The marker at offset `at` ends what is pending for this producer: it is handed over, and pending no more."""
        ended = self._open.pop(producer_id, {})
        if ended:
            self._ending.append((at, ended))
        return list(ended.values())

    def unstable(self, group_id: str, partition: TopicPartition, high_watermark: int) -> bool:
        """Whether it may still change what the group has committed there."""
        self._ending = [(at, ended) for at, ended in self._ending if at >= high_watermark]
        key = (group_id, partition)
        return any(key in pending for pending in self._open.values()) or any(key in ended for _, ended in self._ending)
