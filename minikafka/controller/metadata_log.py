"""The metadata log on a controller's disk: written, flushed, and true once a majority has it.

Promises     what was appended survives a loss of power; what lies below the high watermark is never dropped.
Stands for   KafkaMetadataLog.
Left out     snapshots, and the deletion of old segments.
Differs      the high watermark may be the end (one voter), as there is nobody else to ask.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minikafka.log.batch_validation import CONTROLLER
from minikafka.log.partition_log import PartitionLog
from minikafka.metadata.fact_batches import CommittedFacts, batch_of, facts_after, leader_change
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader
from minikafka.protocol.settings import LONG_MAX, Config
from minikafka.protocol.topic_settings import TOPIC
from minikafka.world.disk import Disk

CLUSTER_METADATA = TopicPartition("__cluster_metadata", 0)
FETCH_BYTES = 8 * 1024 * 1024
"""The most that one answer to a fetch holds, unless a single batch is larger."""


class MetadataLog:
    """The log of `__cluster_metadata-0` on this disk, open for writing."""

    def __init__(self, disk: Disk, now: int):
        """Open (and if need be repair) the log; `now` in µs."""
        settings = {"max.message.bytes": 1024**3, "retention.ms": -1, "segment.ms": LONG_MAX}
        self._log = PartitionLog.open(
            disk, str(CLUSTER_METADATA), Config(TOPIC, settings), now, partition=CLUSTER_METADATA
        )

    @property
    def end_offset(self) -> int:
        """The offset of the next fact."""
        return self._log.log_end_offset

    @property
    def last_epoch(self) -> int:
        """The epoch in which the last batch was written, 0 in an empty log."""
        return max(self._log.epochs.latest, 0)

    @property
    def high_watermark(self) -> int:
        """What lies below is committed, as far as this controller knows."""
        return self._log.high_watermark

    def append(self, facts: Iterable[NamedTuple], epoch: int, now: int) -> int:
        """Record these facts as one batch, on disk for certain; returns the offset of the last."""
        return self._write(batch_of(facts, now), epoch, now)

    def begin_epoch(self, epoch: int, leader: int, now: int) -> int:
        """Record that a leader's epoch begins here (LeaderChangeMessage): no fact about the cluster, but an offset."""
        return self._write(leader_change(leader, now), epoch, now)

    def follow(self, data: bytes, epoch: int, now: int) -> None:
        """Add what was fetched from the leader of this epoch, on disk for certain."""
        self._log.append_as_follower(data, epoch, now)
        self._log.flush()

    def truncate_to(self, offset: int) -> None:
        """Drop this offset and all above. Durable when it returns."""
        self._log.truncate_to(offset)

    def end_of_epoch(self, epoch: int) -> tuple[int, int]:
        """The latest epoch up to this one that the log knows, and where it ends; its own end if all are earlier."""
        if epoch <= 0:
            return 0, 0
        known, end = self._log.epochs.end_offset_for(epoch)
        return (known, end) if known > 0 else (self.last_epoch, self.end_offset)

    def end_of_agreement(self, epoch: int, end: int) -> int:
        """Where to cut, if the leader's log knows of no later epoch than this one and ends it there."""
        own_epoch, own_end = self.end_of_epoch(epoch)
        return min(own_end, end) if own_epoch == epoch else own_end

    def commit(self, high_watermark: int) -> bool:
        """Everything below is committed (at most what is here); returns whether that is news."""
        return high_watermark > self.high_watermark and self._log.set_high_watermark(high_watermark)

    def read(self, offset: int, up_to: int) -> bytes:
        """Whole batches below `up_to`, the first of them holding `offset`."""
        return self._log.read(offset, FETCH_BYTES, up_to)

    def committed_after(self, offset: int) -> Iterator[CommittedFacts]:
        """The committed batches behind this offset."""
        while offset + 1 < self.high_watermark:
            for batch in facts_after(offset, self.read(offset + 1, self.high_watermark)):
                offset = batch.offset
                yield batch

    def headers_from(self, offset: int) -> list[BatchHeader]:
        """The headers of the batches that begin at this offset or later, in order."""
        headers = self._log.batches()
        return headers[bisect_left(headers, offset, key=lambda header: header.base_offset) :]

    def _write(self, data: bytes, epoch: int, now: int) -> int:
        appended = self._log.append_as_leader(data, epoch, now, CONTROLLER)
        self._log.flush()
        return appended.last_offset
