"""Laws of one replica's log (I1 to I7).

Promises     each class states one law: its tag, its precondition, and where it comes from (K is Kafka's code, V are
             Vanlightly's specifications, G Gustafson's).
Stands for   the state invariants of one replica.
Left out     expired producers (I6 looks only at logs that still begin at 0 and were never compacted).
Differs      looks only at the replica to which something has happened, and only as far as it may have changed.
"""

from __future__ import annotations

from typing import Any

from minikafka.events.replication import BecameLeader, HighWatermarkAdvanced, HighWatermarkLearned
from minikafka.events.storage import (
    BatchAppended,
    LogCompacted,
    LogRecovered,
    LogRestarted,
    LogStartMoved,
    LogTruncated,
    SegmentRolled,
)
from minikafka.laws.sight import KafkaLaw
from minikafka.log.partition_log import PartitionLog
from minikafka.log.producer_states import ProducerStates
from minikafka.log.segment import Segment
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.record_batch import check_crc
from minikafka.world.disk import ByteDamaged

_REWRITTEN = (LogTruncated, LogRestarted, LogRecovered)


class StartHighWatermarkAndEndAreInOrder(KafkaLaw):
    """I1: start <= last stable offset <= high watermark <= log end. Always (K)."""

    KINDS = (BatchAppended, HighWatermarkAdvanced, HighWatermarkLearned, LogStartMoved, *_REWRITTEN)

    def broken_by(self, place: str, event: Any) -> str | None:
        log = self.sight.log(place, event.partition)
        if log is None or log.log_start_offset <= log.last_stable_offset <= log.high_watermark <= log.log_end_offset:
            return None
        return (
            f"{event.partition} at {place} starts at {log.log_start_offset}, is stable up to {log.last_stable_offset}, "
            f"committed up to {log.high_watermark} and ends at {log.log_end_offset}"
        )


class OffsetsAreDense(KafkaLaw):
    """I2: offsets rise along the log without a gap. Always; what a follower fetches from a compacted log may have gaps
    (V: ValidReplicaState)."""

    KINDS = (BatchAppended,)

    def broken_by(self, place: str, event: BatchAppended) -> str | None:
        rows = self.sight.history(place, event.partition).copy(place)
        index = rows.at(event.base_offset)
        before = rows.rows[index - 1].last if index > 0 else event.base_offset - 1
        compacted = not event.as_leader and before < self.sight.history(place, event.partition).cleaned_to
        if before + 1 == event.base_offset <= event.last_offset or (compacted and before < event.base_offset):
            return None
        offsets = f"{event.base_offset}..{event.last_offset}"
        return f"offsets {offsets} of {event.partition} at {place} follow offset {before}"


class LeaderEpochsRiseAlongTheLog(KafkaLaw):
    """I3: a batch has the leader epoch of the batch before it, or a later one. Since KIP-279 (K)."""

    KINDS = (BatchAppended,)

    def broken_by(self, place: str, event: BatchAppended) -> str | None:
        rows = self.sight.history(place, event.partition).copy(place)
        index = rows.at(event.base_offset)
        if index < 1 or rows.rows[index - 1].epoch <= event.leader_epoch:
            return None
        return (
            f"the batch at {event.base_offset} of {event.partition} at {place} has leader epoch {event.leader_epoch}, "
            f"but epoch {rows.rows[index - 1].epoch} comes before it"
        )


class EpochListFitsTheLog(KafkaLaw):
    """I4: the epoch cache lists the first offset of each epoch in the log; only its last entry may have no data yet,
    and none begins behind the log end. Always (K; KAFKA-7415 for the last entry)."""

    KINDS = (BatchAppended, BecameLeader, LogStartMoved, *_REWRITTEN)

    def broken_by(self, place: str, event: Any) -> str | None:
        log = self.sight.log(place, event.partition)
        if log is None:
            return None
        held = self.sight.history(place, event.partition).copy(place).epochs
        start = log.log_start_offset
        if held and held[0][1] < start:
            held = _folded(held, start)
        told = log.epochs.entries
        if told == held or (told[:-1] == held and told[-1].start == log.log_end_offset):
            return None
        return f"the epoch cache of {event.partition} at {place} says {list(map(tuple, told))}, the log has {held}"


def _folded(epochs: list[tuple[int, int]], start: int) -> list[tuple[int, int]]:
    """What is left of these (epoch, first offset) once the log begins at `start`."""
    before = sum(first <= start for _, first in epochs)
    return [(epochs[before - 1][0], start), *epochs[before:]]


class RecoveryKeepsWhatIsWhole(KafkaLaw):
    """I5: the recovery point is not beyond the end; an opened log ends where its files end, every batch's checksum is
    right, and a mere crash has taken nothing. Always, as long as nobody damages a disk (K)."""

    KINDS = (*_REWRITTEN, ByteDamaged)

    def __init__(self) -> None:
        super().__init__()
        self._damaged: dict[str, None] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        if isinstance(event, ByteDamaged):
            self._damaged[place] = None
            return None
        broker = self.sight.machines[place].process
        log = None if broker is None else broker.store.logs.get(event.partition)
        if log is None:
            return None
        if log.recovery_point > log.log_end_offset:
            return (
                f"{event.partition} at {place} has the recovery point {log.recovery_point}, but its log ends at "
                f"{log.log_end_offset}"
            )
        return self._opened(place, event, log) if isinstance(event, LogRecovered) else None

    def _opened(self, place: str, event: LogRecovered, log: PartitionLog) -> str | None:
        copy = self.sight.history(place, event.partition).copy(place)
        gone = self.sight.gone.get((place, event.partition))
        if gone and not copy.lossy and place not in self._damaged:
            return f"the crash of {place} has cost {event.partition} the offsets {gone[0].base}..{gone[-1].last}"
        for segment in log.segments:
            data = log.disk.read(segment.path)
            if len(data) != segment.size:
                return f"{segment.path} at {place} has {len(data)} bytes, but its batches end at {segment.size}"
            try:
                for header in segment.headers:
                    check_crc(data, header)
            except KafkaError as wrong:
                return f"{event.partition} at {place} was opened with a damaged batch: {wrong}"
        return None


class ProducersAreWhatTheLogSays(KafkaLaw):
    """I6: the state of the producers is that which a replay of the log gives. While no producer has expired (K)."""

    KINDS = (BecameLeader, *_REWRITTEN)

    def broken_by(self, place: str, event: Any) -> str | None:
        broker = self.sight.machines[place].process
        log = None if broker is None else broker.store.logs.get(event.partition)
        if log is None or log.segments[0].base_offset or log.cleaned_to or self._compacted(place, event):
            return None  # the last batch of each producer stays: see CompactionKeepsTheEnds
        if log.producers == ProducerStates(log.batches(), log.batch_at):
            return None
        return f"the producers of {event.partition} at {place} are not those whose batches are in its log"


    def _compacted(self, place: str, event: Any) -> bool:
        return self.sight.history(place, event.partition).cleaned_to > 0


class IndexIsALowerBound(KafkaLaw):
    """I7: where an index sends a reader, nothing that it looks for lies before. Always (K)."""

    KINDS = (SegmentRolled, LogCompacted, *_REWRITTEN)

    def broken_by(self, place: str, event: Any) -> str | None:
        log = self.sight.log(place, event.partition)
        if log is None:
            return None
        segments = log.segments[-2:] if isinstance(event, SegmentRolled) else log.segments
        for segment in segments:
            why = _index_overshoots(segment)
            if why:
                return f"{why} ({event.partition} at {place})"
        return None


def _index_overshoots(segment: Segment) -> str | None:
    positions = {header.last_offset: header.position for header in segment.headers}
    for offset, position in segment.offset_index.entries:
        if positions.get(offset) != position:
            return f"{segment.path} has an index entry ({offset}, {position}), where no such batch lies"
    latest = {header.last_offset: header.max_timestamp for header in segment.headers}
    for timestamp, offset in segment.time_index.entries:
        if latest.get(offset) != timestamp:
            return f"{segment.path} has a time index entry ({timestamp}, {offset}), where no such batch lies"
    return None


STORAGE_LAWS = (
    StartHighWatermarkAndEndAreInOrder,
    OffsetsAreDense,
    LeaderEpochsRiseAlongTheLog,
    EpochListFitsTheLog,
    RecoveryKeepsWhatIsWhole,
    ProducersAreWhatTheLogSays,
    IndexIsALowerBound,
)
"""I1 to I7."""
