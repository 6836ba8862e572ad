"""The state of one log: its segments, its offsets, its epochs and producers, and how they move together.

Promises     start <= last stable offset <= high watermark <= end, always, and recovery point <= end.
             A power loss takes nothing below the recovery point.
Stands for   org.apache.kafka.storage.internals.log.LocalLog, with the offsets that UnifiedLog adds to it.
Left out     -
Differs      a roll flushes the old segment at once, not in the background.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from minikafka.events.storage import FileRebuilt, LogFlushed, LogStartMoved, SegmentRolled
from minikafka.log import log_transactions
from minikafka.log.checkpoints import lower_recovery_point
from minikafka.log.leader_epochs import LeaderEpochs
from minikafka.log.log_config import LogConfig
from minikafka.log.log_transactions import find_transactions, last_stable_offset
from minikafka.log.producer_states import (
    ProducerStates,
    delete_snapshots,
    load_states,
    snapshot_offsets,
    write_snapshot,
)
from minikafka.log.recovery import Loaded
from minikafka.log.segment import CLEANED, SWAP, Segment
from minikafka.log.transaction_index import AbortedTxn
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader
from minikafka.protocol.settings import Config
from minikafka.world.disk import Disk


class LocalLog:
    """What the rooms of a log share. Outside, read its attributes; change it through `PartitionLog` only.

    `cleaned_to`: below it everything has been compacted once (Kafka: the cleaner's checkpoint); `cuts`: how often
    segments were taken away at either end.
    """

    def __init__(self, disk: Disk, folder: str, config: Config, partition: TopicPartition,
                 record: Callable[[object], object], loaded: Loaded) -> None:  # fmt: skip
        self.disk = disk
        self.folder = folder
        self.partition = partition
        self.record = record
        self.segments: list[Segment] = loaded.segments
        self.active = loaded.segments[-1]
        self.configure(config)
        self.log_start_offset = loaded.log_start_offset
        self.log_end_offset = loaded.log_end_offset
        self.recovery_point = loaded.recovery_point
        self.high_watermark = self.log_start_offset
        self.cleaned_to = 0
        self.cuts = 0
        self.epochs = LeaderEpochs(disk, folder)
        self.producers = ProducerStates()
        self.closed = False

    @property
    def last_stable_offset(self) -> int:
        """The end of what read_committed consumers see: everything below it is committed or aborted."""
        return last_stable_offset(self)

    @property
    def size(self) -> int:
        """Bytes of all segments."""
        return sum(segment.size for segment in self.segments)

    def configure(self, config: Config) -> None:
        """Use these topic settings from now on."""
        self.config = config
        self.settings = LogConfig.of(config)
        self.active.configure(self.settings)

    def batches(self) -> list[BatchHeader]:
        """The headers of all batches, in order; positions count within each segment."""
        return [header for segment in self.segments for header in segment.headers]

    def batch_at(self, header: BatchHeader) -> bytes:
        """The bytes of one of its batches."""
        index = bisect_right(self.segments, header.base_offset, key=lambda segment: segment.base_offset)
        return self.segments[max(index - 1, 0)].batch_at(header)

    def set_high_watermark(self, offset: int) -> bool:
        """Move it, clamped to [start, end]; returns whether it has changed."""
        new = max(self.log_start_offset, min(offset, self.log_end_offset))
        old, self.high_watermark = self.high_watermark, new
        if new < old and self.producers.entries:
            find_transactions(self)  # what was over may be undecided again
        elif self.producers.ended:
            self.producers.replicated_to(new)
        return new != old

    def advance_log_start(self, offset: int, why: str = "records were deleted") -> bool:
        """Raise the start; returns whether it has moved. Above the high watermark or below 0: OFFSET_OUT_OF_RANGE."""
        self.require_open()
        if not 0 <= offset <= self.high_watermark:
            raise KafkaError(
                Error.OFFSET_OUT_OF_RANGE,
                f"the log start of {self.partition} cannot become {offset}; choose an offset from 0 "
                f"to the high watermark {self.high_watermark}",
            )
        if offset <= self.log_start_offset:
            return False
        old = self.log_start_offset
        self.log_start_offset = offset
        self.epochs.truncate_from_start(offset)
        self.record(LogStartMoved(self.partition, old, offset, why))
        return True

    def flush(self) -> None:
        """Make everything durable: the recovery point becomes the end."""
        self.require_open()
        if self.recovery_point == self.log_end_offset:
            return
        for segment in reversed(self.segments):
            segment.flush()
            if segment.base_offset <= self.recovery_point:
                break
        self.recovery_point = self.log_end_offset
        self.record(LogFlushed(self.partition, self.recovery_point))

    def roll(self, base_offset: int, why: str, now_ms: int) -> None:
        """Close and flush the active segment, keep the producers' state, begin the next segment."""
        base_offset = max(base_offset, self.log_end_offset)
        write_snapshot(self.producers, self.disk, self.folder, base_offset)
        self.active.close()
        self.flush()
        self.begin_segment(base_offset, now_ms)
        self.record(SegmentRolled(self.partition, base_offset, why))

    def begin_segment(self, base_offset: int, now_ms: int) -> None:
        """Append from now on to a new, empty segment."""
        self.active = Segment.create(self.disk, self.folder, base_offset, self.settings, now_ms)
        self.segments.append(self.active)

    def set_end(self, offset: int) -> None:
        """The end has moved, and with it the end of the latest epoch."""
        self.log_end_offset = self.epochs.log_end = offset

    def load_producers(self) -> None:
        """The producers' state as the log has it now, from the newest snapshot that is not beyond its end."""
        self.producers = load_states(self.disk, self.folder, self.batches(), self.log_end_offset, self.batch_at)
        find_transactions(self)

    def aborted_transactions(self, first: int, end: int) -> list[AbortedTxn]:
        """The aborted transactions with a record in [first, end), in the order of their first records."""
        return log_transactions.aborted_transactions(self, first, end)

    def ongoing_transactions(self) -> list[log_transactions.OpenTransaction]:
        """The transactions without a marker, oldest first."""
        return log_transactions.ongoing_transactions(self)

    def cut(self) -> None:
        """Segments go, at one end or the other: a compaction that is under way must not bring them back."""
        self.cuts += 1
        for path in self.disk.list(f"{self.folder}/"):
            if path.endswith((CLEANED, SWAP)):
                self.disk.delete(path)

    def lower_recovery_point(self, offset: int) -> None:
        """The log was cut at `offset`: what will be written there again is neither flushed nor compacted, and no
        checkpoint must say that it is."""
        self.cut()
        if max(self.recovery_point, self.cleaned_to) > offset:
            self.recovery_point = min(self.recovery_point, offset)
            self.cleaned_to = min(self.cleaned_to, offset)
            lower_recovery_point(self.disk, self.partition, offset, self.root)

    def keep_snapshots(self) -> None:
        """Drop the producer snapshots that belong to no segment, but for the newest."""
        bases = [segment.base_offset for segment in self.segments]
        delete_snapshots(self.disk, self.folder, keep=[*bases, *snapshot_offsets(self.disk, self.folder)[-1:]])

    def require_open(self) -> None:
        """KAFKA_STORAGE_ERROR after `close` or `delete`."""
        if self.closed:
            raise KafkaError(Error.KAFKA_STORAGE_ERROR, f"the log of {self.partition} is closed; open it again first")

    @property
    def root(self) -> str:
        """The folder of the checkpoint files, "" or with a slash at its end."""
        parent = self.folder.rpartition("/")[0]
        return f"{parent}/" if parent else ""

    def load_epochs(self) -> None:
        """The epochs of the file, as far as the log reaches; what the file has lost comes from the batches."""
        epochs = self.epochs
        problem = epochs.load()
        epochs.truncate_from_end(self.log_end_offset)
        known = epochs.latest
        for segment in self.segments:
            for header in segment.headers:
                if header.leader_epoch > epochs.latest:
                    epochs.assign(header.leader_epoch, header.base_offset)
        epochs.truncate_from_start(self.log_start_offset)
        if problem or epochs.latest > known:
            why = problem or f"the batches reach epoch {epochs.latest}, the file only {known}"
            self.record(FileRebuilt(self.partition, epochs.path, why))
