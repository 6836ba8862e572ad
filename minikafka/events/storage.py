"""What can happen to a partition's log on one machine.

Promises     every change of a log's offsets or files is one of these; together they rebuild start and end of each log.
Stands for   the lines that UnifiedLog, LogLoader and LogSegment write to server.log.
Left out     tiered storage.
Differs      appends are told too; Kafka only counts them.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.names import TopicPartition


class BatchAppended(NamedTuple):
    """A batch was written to the end of the log (not yet flushed)."""

    partition: TopicPartition
    base_offset: int
    last_offset: int
    leader_epoch: int
    size: int
    producer_id: int
    base_sequence: int
    as_leader: bool
    ROUTINE = True

    def sentence(self) -> str:
        """The append in one sentence."""
        role = "leader" if self.as_leader else "follower"
        return (f"appended offsets {self.base_offset}..{self.last_offset} of {self.partition} as {role} "
                f"under epoch {self.leader_epoch} ({self.size} bytes)")  # fmt: skip


class DuplicateBatchSeen(NamedTuple):
    """An idempotent producer sent a batch again that is in the log: it was acknowledged and not appended."""

    partition: TopicPartition
    base_offset: int
    last_offset: int
    producer_id: int
    base_sequence: int

    def sentence(self) -> str:
        """The duplicate in one sentence."""
        return (f"producer {self.producer_id} sent sequence {self.base_sequence} of {self.partition} again; nothing "
                f"was appended, it is in the log at offsets {self.base_offset}..{self.last_offset}")  # fmt: skip


class TransactionOpened(NamedTuple):
    """The first record of a transaction is in the log: from here on nothing is decided for read_committed."""

    partition: TopicPartition
    producer_id: int
    producer_epoch: int
    first_offset: int

    def sentence(self) -> str:
        """Whose, and where."""
        return (f"producer {self.producer_id} (epoch {self.producer_epoch}) has a transaction open in "
                f"{self.partition} from offset {self.first_offset} on")  # fmt: skip


class TransactionEnded(NamedTuple):
    """A marker is in the log; `first_offset` is -1 if the producer had no transaction open there."""

    partition: TopicPartition
    producer_id: int
    producer_epoch: int
    outcome: str
    first_offset: int
    offset: int

    def sentence(self) -> str:
        """How it ended, and which records it concerns."""
        what = f"the transaction from offset {self.first_offset}" if self.first_offset >= 0 else "no open transaction"
        return (f"marker {self.outcome} of producer {self.producer_id} (epoch {self.producer_epoch}) at offset "
                f"{self.offset} of {self.partition} ends {what}")  # fmt: skip


class SegmentRolled(NamedTuple):
    """A new active segment was begun; the one before it is closed and flushed."""

    partition: TopicPartition
    base_offset: int
    why: str

    def sentence(self) -> str:
        """The roll in one sentence."""
        return f"rolled {self.partition} to a new segment at offset {self.base_offset}: {self.why}"


class LogFlushed(NamedTuple):
    """Everything below the recovery point is on disk for good."""

    partition: TopicPartition
    recovery_point: int
    ROUTINE = True

    def sentence(self) -> str:
        """The flush in one sentence."""
        return f"flushed {self.partition}: everything below offset {self.recovery_point} survives a power loss"


class LogTruncated(NamedTuple):
    """The end of the log was cut away."""

    partition: TopicPartition
    old_end: int
    new_end: int

    def sentence(self) -> str:
        """The truncation in one sentence."""
        gone = self.old_end - self.new_end
        told = "1 offset is" if gone == 1 else f"{gone} offsets are"
        return f"truncated {self.partition} from offset {self.old_end} to {self.new_end}: {told} gone from this replica"


class LogRestarted(NamedTuple):
    """The whole log was dropped; it begins anew, empty, at another offset."""

    partition: TopicPartition
    old_start: int
    old_end: int
    new_start: int

    def sentence(self) -> str:
        """The new beginning in one sentence."""
        return (f"dropped all of {self.partition} (offsets {self.old_start} up to {self.old_end}); "
                f"it starts empty at {self.new_start}")  # fmt: skip


class LogStartMoved(NamedTuple):
    """Records below the new start can no longer be read."""

    partition: TopicPartition
    old_start: int
    new_start: int
    why: str

    def sentence(self) -> str:
        """The move in one sentence."""
        return f"the log of {self.partition} now starts at {self.new_start} instead of {self.old_start}: {self.why}"


class SegmentsDeleted(NamedTuple):
    """Whole segments at the old end of the log were deleted."""

    partition: TopicPartition
    segments: int
    first_offset: int
    next_offset: int
    size: int
    why: str

    def sentence(self) -> str:
        """The deletion in one sentence."""
        return (f"deleted {self.segments} segment(s) of {self.partition}, offsets {self.first_offset} "
                f"up to {self.next_offset} ({self.size} bytes): {self.why}")  # fmt: skip


class CompactionStarted(NamedTuple):
    """The cleaner has begun with a log; `ratio`: how much of it was dirty, in percent."""

    partition: TopicPartition
    first_dirty: int
    up_to: int
    ratio: int
    why: str

    def sentence(self) -> str:
        """What is dirty, and why now."""
        return (f"begins to compact {self.partition}: offsets {self.first_dirty} up to {self.up_to} are new, "
                f"{self.ratio}% of what can be compacted ({self.why})")  # fmt: skip


class SegmentsCompacted(NamedTuple):
    """One new segment has taken the place of these, up to `next_offset`; `gone`: runs of offsets (first, last) that are
    no more."""

    partition: TopicPartition
    base_offset: int
    segments: int
    old_size: int
    new_size: int
    next_offset: int = 0
    gone: tuple = ()
    ROUTINE = True

    def sentence(self) -> str:
        """How much smaller."""
        return (f"put a new segment of {self.partition} at offset {self.base_offset}, {self.new_size} bytes, in the "
                f"place of {self.segments} with {self.old_size}")  # fmt: skip


class LogCompacted(NamedTuple):
    """Below `up_to` only the last record of each key is left. Sizes in bytes."""

    partition: TopicPartition
    up_to: int
    segments: tuple
    size: tuple
    records: int
    tombstones: int

    def sentence(self) -> str:
        """What it was, and what is left."""
        tombstones = f", {self.tombstones} of them tombstones" if self.tombstones else ""
        return (f"compacted {self.partition} up to offset {self.up_to}: {self.records} records are gone{tombstones}; "
                f"{self.segments[0]} segment(s) of {self.size[0]} bytes became {self.segments[1]} of {self.size[1]}"
                )  # fmt: skip


class CompactionGivenUp(NamedTuple):
    """The log has changed under the cleaner's hands; what it had finished stays."""

    partition: TopicPartition
    why: str

    def sentence(self) -> str:
        """Why."""
        return f"gave up compacting {self.partition}: {self.why}"


class CompactionFinished(NamedTuple):
    """A stop had interrupted a compaction: a complete new segment was put in its place when the log was opened; `gone`:
    runs of offsets (first, last) that are no more."""

    partition: TopicPartition
    base_offset: int
    next_offset: int
    gone: tuple = ()

    def sentence(self) -> str:
        """Which segment."""
        return (f"finished a compaction of {self.partition}: offsets {self.base_offset} up to {self.next_offset} are "
                "in the new segment")  # fmt: skip


class LogRecovered(NamedTuple):
    """The log was opened after a stop that was not clean; `old_end` is the end that its files still spoke of."""

    partition: TopicPartition
    old_end: int
    new_end: int
    reason: str
    log_start: int

    def sentence(self) -> str:
        """The recovery in one sentence."""
        before = "as before" if self.new_end == self.old_end else f"before the stop at {self.old_end}"
        return f"looked through its log of {self.partition}: it ends at {self.new_end}, {before}; {self.reason}"


class FileRebuilt(NamedTuple):
    """A missing or damaged file beside the log (an index, the epochs) was written anew from the batches."""

    partition: TopicPartition
    path: str
    why: str

    def sentence(self) -> str:
        """The rebuilding in one sentence."""
        return f"rebuilt {self.path} of {self.partition} from its batches: {self.why}"


class LogDeleted(NamedTuple):
    """The partition's files are gone from this machine."""

    partition: TopicPartition
    old_end: int

    def sentence(self) -> str:
        """The end in one sentence."""
        return f"deleted the log of {self.partition}, which ended at offset {self.old_end}"
