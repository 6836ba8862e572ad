"""The log of one partition on one machine: append at the end, read anywhere, drop at either end.

Promises     offsets rise, batches stay whole, and a refused batch changes nothing.
             Nothing is flushed by an append (unless flush.messages says so): a crash of the process loses nothing,
             a power loss may take everything above the recovery point.
Stands for   org.apache.kafka.storage.internals.log.UnifiedLog.
Left out     tiered storage, flush.ms.
Differs      whether to roll is asked for each batch of a fetched response, and only after a batch has been accepted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from minikafka.events.storage import BatchAppended, DuplicateBatchSeen, LogDeleted
from minikafka.log import log_transactions, timestamp_lookup
from minikafka.log.batch_validation import CLIENT, validate_for_follower, validate_for_leader
from minikafka.log.checkpoints import forget_partition, lower_recovery_point
from minikafka.log.local_log import LocalLog
from minikafka.log.log_config import LogConfig
from minikafka.log.log_truncation import truncate_fully_and_start_at, truncate_to
from minikafka.log.producer_states import ProducerBatch, write_snapshot
from minikafka.log.recovery import load_log
from minikafka.log.retention import enforce_retention
from minikafka.log.timestamp_lookup import TimestampAndOffset
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader, stamp
from minikafka.protocol.settings import Config
from minikafka.world.disk import Disk


class Appended(NamedTuple):
    """Where the batch is. `log_append_time` in ms, -1 with CreateTime; a `duplicate` was there before."""

    base_offset: int
    last_offset: int
    log_append_time: int
    duplicate: bool


class PartitionLog(LocalLog):
    """Open one with `PartitionLog.open`. Offsets are plain attributes to read; only methods change them."""

    @classmethod
    def open(cls, disk: Disk, folder: str, config: Config, now: int, record: Callable[[object], object] | None = None,
             partition: TopicPartition | None = None, high_watermark: int = 0, recovery_point: int = 0,
             clean: bool = False, log_start: int = 0, cleaned_to: int = 0) -> PartitionLog:  # fmt: skip
        """Bring the log in `folder` back, or begin it. The offsets are what the checkpoints said; `clean` that
        the clean-shutdown file was there. `now` in µs."""
        if partition is None:
            topic, _, number = folder.rpartition("/")[2].rpartition("-")
            partition = TopicPartition(topic, int(number))
        record = record or (lambda event: None)
        loaded = load_log(disk, folder, LogConfig.of(config), now // 1000, partition, recovery_point, clean, log_start,
                          record)  # fmt: skip
        log = cls(disk, folder, config, partition, record, loaded)
        if recovery_point > log.recovery_point:
            lower_recovery_point(disk, partition, log.recovery_point, log.root)
        log.epochs.log_end = log.log_end_offset
        log.load_epochs()
        log.load_producers()
        log.keep_snapshots()
        log.set_high_watermark(high_watermark)
        log.cleaned_to = cleaned_to if cleaned_to <= log.log_end_offset else 0
        return log

    def append_as_leader(self, data: bytes, leader_epoch: int, now: int, origin: str = CLIENT) -> Appended:
        """Give the batch the next offsets and this epoch, and write it; see batch_validation for what is refused.

        A batch that is among its producer's last five is not written again: its first place is the answer.
        """
        self.require_open()
        now_ms = now // 1000
        batches = validate_for_leader(data, self.settings, now_ms, origin)
        header = batches[0][0]
        if header.producer_id >= 0 and origin == CLIENT:
            duplicate = self.producers.find_duplicate(header)
            if duplicate is not None:
                return self._answer_duplicate(header, duplicate)
            self.producers.check(header)
        elif header.producer_id >= 0:
            self.producers.check_epoch(header)
        first = self.log_end_offset
        for header, batch in batches:
            base = self.log_end_offset
            batch = stamp(batch, header, base, leader_epoch)
            header = BatchHeader(base, leader_epoch, *header[2:11], self.active.size, header.size)
            self._write(header, batch, now_ms, True)
        return Appended(first, self.log_end_offset - 1, now_ms if self.settings.log_append_time else -1, False)

    def append_as_follower(self, data: bytes, leader_epoch: int, now: int) -> int:
        """Write what was fetched under `leader_epoch`, as it is; returns the new end. Batches of a newer epoch are
        left out. All or nothing: see batch_validation for what is refused."""
        self.require_open()
        for header in validate_for_follower(data, leader_epoch, self.log_end_offset):
            batch = data if header.size == len(data) else data[header.position : header.position + header.size]
            self._write(header, batch, now // 1000, False)
        return self.log_end_offset

    def read(self, offset: int, max_bytes: int, up_to: int, at_least_one: bool = True) -> bytes:
        """Whole batches from the one that holds `offset` on, all below `up_to`, at most `max_bytes`.

        With `at_least_one` the first may be larger. As in Kafka a read ends with its segment. Outside [start, end]:
        OFFSET_OUT_OF_RANGE.
        """
        if not self.log_start_offset <= offset <= self.log_end_offset:
            raise KafkaError(
                Error.OFFSET_OUT_OF_RANGE,
                f"offset {offset} of {self.partition} is not in the log, which has {self.log_start_offset} up to "
                f"{self.log_end_offset}; begin at one of these ends",
            )
        if offset >= self.active.base_offset:
            return self.active.read(offset, max_bytes, up_to, at_least_one)
        index = max(bisect_right(self.segments, offset, key=lambda segment: segment.base_offset) - 1, 0)
        while index < len(self.segments) - 1 and not self.segments[index].holds_from(offset):
            index += 1  # compaction has left a gap, or nothing of a whole segment
        return self.segments[index].read(offset, max_bytes, up_to, at_least_one)

    def offset_for_timestamp(self, timestamp: int, up_to: int) -> TimestampAndOffset | None:
        """The first record not earlier than `timestamp` (ms), if its offset is below `up_to`."""
        found = timestamp_lookup.first_at_or_after(self.segments, timestamp, self.log_start_offset)
        return found if found is not None and found.offset < up_to else None

    def offset_of_max_timestamp(self, up_to: int) -> TimestampAndOffset | None:
        """The first record with the largest timestamp of the log, if its offset is below `up_to`."""
        found = timestamp_lookup.largest(self.segments, self.log_start_offset)
        return found if found is not None and found.offset < up_to else None

    def truncate_to(self, offset: int) -> bool:
        """Drop `offset` and all above, whole batches; returns whether data went. Durable when it returns."""
        self.require_open()
        return truncate_to(self, offset)

    def truncate_fully_and_start_at(self, offset: int) -> None:
        """Drop everything and begin anew at `offset`. Durable when it returns."""
        self.require_open()
        truncate_fully_and_start_at(self, offset)

    def enforce_retention(self, now: int) -> int:
        """Delete the old segments that have had their time; returns how many. `now` in µs."""
        self.require_open()
        return enforce_retention(self, now // 1000)

    def close(self, clean: bool) -> None:
        """Stop. A clean stop flushes all and keeps the producers' state; any other leaves things as they are."""
        if self.closed:
            return
        if clean:
            self.flush()
            self.active.close()
            write_snapshot(self.producers, self.disk, self.folder, self.log_end_offset)
        self.closed = True

    def delete(self) -> None:
        """Remove the partition's files, and what the checkpoints say of it."""
        for path in self.disk.list(f"{self.folder}/"):
            self.disk.delete(path)
        forget_partition(self.disk, self.partition, self.root)
        self.closed = True
        self.record(LogDeleted(self.partition, self.log_end_offset))

    def _note_producer(self, header: BatchHeader, batch: bytes) -> None:
        if header.is_transactional:
            log_transactions.take_note(self, header, batch)
        else:
            self.producers.update(header)

    def _answer_duplicate(self, header: BatchHeader, first: ProducerBatch) -> Appended:
        self.record(DuplicateBatchSeen(self.partition, first.base_offset, first.last_offset, header.producer_id,
                                       header.base_sequence))  # fmt: skip
        return Appended(first.base_offset, first.last_offset, first.timestamp, True)

    def _write(self, header: BatchHeader, batch: bytes, now_ms: int, as_leader: bool) -> None:
        """Roll if need be, then add the batch to the active segment, and everything that follows from it."""
        why = self.active.why_roll(header, self.settings, now_ms)
        if why:
            self.roll(header.base_offset, why, now_ms)
        self.active.append(header, batch, now_ms)
        if header.leader_epoch != self.epochs.latest:
            self.epochs.assign(header.leader_epoch, header.base_offset)
        if header.producer_id >= 0:
            self._note_producer(header, batch)
        self.set_end(header.last_offset + 1)
        self.record(BatchAppended(self.partition, header.base_offset, header.last_offset, header.leader_epoch,
                                  header.size, header.producer_id, header.base_sequence, as_leader))  # fmt: skip
        if self.log_end_offset - self.recovery_point >= self.settings.flush_messages:
            self.flush()
