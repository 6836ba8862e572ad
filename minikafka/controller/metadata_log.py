"""The metadata log on the controller's disk: written, flushed, and only then true.

Promises     what was recorded survives a loss of power; each start has a higher controller epoch than all before.
Stands for   KafkaRaftClient and KafkaMetadataLog, with one voter.
Left out     the quorum, snapshots, and the deletion of old segments.
Differs      the controller epoch is counted by starts; with one voter each start is an election won.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from minikafka.log.batch_validation import CONTROLLER
from minikafka.log.partition_log import PartitionLog
from minikafka.metadata.fact_batches import apply_batches, batch_of
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import LONG_MAX, Config
from minikafka.protocol.topic_settings import TOPIC
from minikafka.world.disk import Disk

CLUSTER_METADATA = TopicPartition("__cluster_metadata", 0)
QUORUM_STATE = "quorum-state"
FETCH_BYTES = 8 * 1024 * 1024
"""The most that one answer to FetchMetadata holds, unless a single batch is larger."""


class MetadataLog:
    """The log of `__cluster_metadata-0` on this disk, open for writing."""

    def __init__(self, disk: Disk, now: int):
        """Open (and if need be repair) the log; `now` in µs."""
        self.epoch = _next_epoch(disk)
        settings = {"max.message.bytes": 1024**3, "retention.ms": -1, "segment.ms": LONG_MAX}
        self._log = PartitionLog.open(
            disk, str(CLUSTER_METADATA), Config(TOPIC, settings), now, partition=CLUSTER_METADATA
        )

    @property
    def end_offset(self) -> int:
        """The offset of the next fact."""
        return self._log.log_end_offset

    @property
    def high_watermark(self) -> int:
        """What lies below is committed."""
        return self._log.high_watermark

    def append(self, facts: Iterable[NamedTuple], now: int) -> int:
        """Record these facts as one batch, on disk for certain; returns the offset of the last."""
        appended = self._log.append_as_leader(batch_of(facts, now), self.epoch, now, CONTROLLER)
        self._log.flush()
        return appended.last_offset

    def commit(self, offset: int) -> None:
        """Everything up to and including this offset is committed."""
        self._log.set_high_watermark(offset + 1)

    def read(self, offset: int) -> bytes:
        """Whole committed batches, the first of them holding `offset`."""
        return self._log.read(offset, FETCH_BYTES, self.high_watermark)

    def replay(self) -> ClusterImage:
        """The image of everything on the disk."""
        image = ClusterImage()
        while image.offset + 1 < self.end_offset:
            image = apply_batches(image, self._log.read(image.offset + 1, FETCH_BYTES, self.end_offset))
        return image


def _next_epoch(disk: Disk) -> int:
    epoch = json.loads(disk.read(QUORUM_STATE))["leaderEpoch"] + 1 if disk.exists(QUORUM_STATE) else 1
    disk.write(QUORUM_STATE, json.dumps({"leaderEpoch": epoch}).encode())
    disk.flush(QUORUM_STATE)
    return epoch
