"""The logs of one broker, and the files beside them that outlive a stop.

Promises     after a start every log that the disk holds is open, recovered if the last stop was not clean; a log
             belongs to the topic id it was made for, so a topic made anew under an old name never finds the old
             records.
Stands for   kafka.log.LogManager.
Left out     several log directories, the renaming of deleted logs, recovery by several threads.
Differs      a log is deleted at once; Kafka renames it and deletes it file.delete.delay.ms later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.log import checkpoints
from minikafka.log.partition_log import PartitionLog
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import topic_config
from minikafka.world.disk import Disk

NOT_CLEAN = -1
"""The previous broker epoch of a broker whose last stop left no clean-shutdown file."""

PARTITION_METADATA = "partition.metadata"


class LogStore:
    """`logs` by partition; `previous_broker_epoch` is that of the last incarnation if it stopped cleanly."""

    def __init__(self, disk: Disk, config: Config, record: Callable[[Any], Any]):
        self.disk = disk
        self.config = config
        self.record = record
        self.logs: dict[TopicPartition, PartitionLog] = {}
        self.topic_ids: dict[TopicPartition, str] = {}
        self.previous_broker_epoch = NOT_CLEAN
        self._written: dict[str, dict[TopicPartition, int]] = {}

    def open_all(self, now: int) -> None:
        """Open what is on the disk. The clean-shutdown file is used up by that."""
        epoch = checkpoints.take_clean_shutdown(self.disk)
        clean = epoch is not None
        self.previous_broker_epoch = epoch if clean else NOT_CLEAN
        high_watermarks = checkpoints.read_offsets(self.disk, checkpoints.HIGH_WATERMARK)
        recovery_points = checkpoints.read_offsets(self.disk, checkpoints.RECOVERY_POINT)
        log_starts = checkpoints.read_offsets(self.disk, checkpoints.LOG_START)
        cleaned = checkpoints.read_offsets(self.disk, checkpoints.CLEANER)
        settings = topic_config(self.config)
        for path in self.disk.list(""):
            folder, _, name = path.rpartition("/")
            if name != PARTITION_METADATA:
                continue
            topic, _, number = folder.rpartition("-")
            tp = TopicPartition(topic, int(number))
            self.topic_ids[tp] = self.disk.read(path).decode().rpartition("topic_id: ")[2].strip()
            self.logs[tp] = PartitionLog.open(
                self.disk, folder, settings, now, self.record, tp, high_watermarks.get(tp, 0),
                recovery_points.get(tp, 0), clean, log_starts.get(tp, 0), cleaned.get(tp, 0),
            )  # fmt: skip

    def log_for(self, tp: TopicPartition, topic_id: str, config: Config, now: int) -> PartitionLog:
        """The log of this very topic's partition, made if there is none; one of an older topic is deleted."""
        log = self.logs.get(tp)
        if log is not None and self.topic_ids[tp] == topic_id:
            log.configure(config)
            return log
        self.delete(tp)
        path = f"{tp}/{PARTITION_METADATA}"
        self.disk.write(path, f"version: 0\ntopic_id: {topic_id}\n".encode())
        self.disk.flush(path)
        log = self.logs[tp] = PartitionLog.open(self.disk, str(tp), config, now, self.record, tp)
        self.topic_ids[tp] = topic_id
        return log

    def delete(self, tp: TopicPartition) -> None:
        """Remove a log and its files; nothing happens if there is none."""
        log = self.logs.pop(tp, None)
        self.topic_ids.pop(tp, None)
        if log is not None:
            log.delete()
            self._written.clear()

    def write_high_watermarks(self) -> None:
        """Write replication-offset-checkpoint, if a high watermark has moved since the last time."""
        self._write(checkpoints.HIGH_WATERMARK, {tp: log.high_watermark for tp, log in self.logs.items()})

    def write_recovery_points(self) -> None:
        """Write recovery-point-offset-checkpoint, if a log was flushed since the last time."""
        self._write(checkpoints.RECOVERY_POINT, {tp: log.recovery_point for tp, log in self.logs.items()})

    def write_log_starts(self) -> None:
        """Write log-start-offset-checkpoint, if a log start has moved since the last time."""
        self._write(checkpoints.LOG_START, {tp: log.log_start_offset for tp, log in self.logs.items()})

    def write_cleaned(self) -> None:
        """Write cleaner-offset-checkpoint, if a log was compacted since the last time."""
        cleaned = {tp: log.cleaned_to for tp, log in self.logs.items() if log.cleaned_to}
        self._write(checkpoints.CLEANER, cleaned)

    def _write(self, name: str, offsets: dict[TopicPartition, int]) -> None:
        if self._written.get(name) != offsets:
            checkpoints.write_offsets(self.disk, name, offsets)
            self._written[name] = offsets

    def close(self, broker_epoch: int) -> None:
        """Stop cleanly: flush and close every log, write all checkpoints, and say so in the clean-shutdown file."""
        for log in self.logs.values():
            log.close(clean=True)
        self._written.clear()
        self.write_recovery_points()
        self.write_high_watermarks()
        self.write_log_starts()
        checkpoints.write_clean_shutdown(self.disk, broker_epoch)
