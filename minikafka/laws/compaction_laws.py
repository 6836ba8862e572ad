"""Laws of compaction (I8, I9).

Promises     each class states one law: its precondition, and where it comes from (K is Kafka's documentation and code).
Stands for   "Log compaction ensures that Kafka will always retain at least the last known value for each message key".
Left out     what a follower that was away longer than delete.retention.ms never hears: tombstones may pass it by.
Differs      looks at the records themselves, before and after, where other laws compare checksums.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minikafka.events.storage import CompactionStarted, LogCompacted
from minikafka.laws.sight import KafkaLaw
from minikafka.log.compaction import aborted_in
from minikafka.log.partition_log import PartitionLog
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader
from minikafka.protocol.records import Record, records_of


def records_below(log: PartitionLog, up_to: int) -> Iterator[tuple[BatchHeader, Record]]:
    """The records below an offset that count: neither markers nor what was aborted."""
    aborted = aborted_in(log, 0, up_to)
    for segment in log.segments:
        data = segment.content()
        for header in segment.headers:
            if header.base_offset < up_to and not header.is_control and not aborted(header):
                yield from ((header, record) for record in records_of(data, header))


class CompactionKeepsTheLastValues(KafkaLaw):
    """I8: a compaction leaves the last record of each key where it was; a tombstone goes only after its batch's delete
    horizon; and no offset holds another record than before. Always (K)."""

    KINDS = (CompactionStarted, LogCompacted)

    def __init__(self) -> None:
        super().__init__()
        self._before: dict[tuple[str, TopicPartition], dict[int, tuple[BatchHeader, Record]]] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        log, key = self.sight.log(place, event.partition), (place, event.partition)
        if log is None:
            return None
        if isinstance(event, CompactionStarted):
            held = records_below(log, event.up_to)
            self._before[key] = {record.offset: (header, record) for header, record in held}
            return None
        before = self._before.pop(key, {})
        after = {record.offset: record for _, record in records_below(log, event.up_to)}
        for offset, record in after.items():
            if before and (offset not in before or before[offset][1] != record):
                return f"offset {offset} of {event.partition} at {place} was made up or changed by a compaction"
        last = {record.key: offset for offset, (_, record) in before.items() if record.key is not None}
        for offset in last.values():
            header, record = before[offset]
            horizon = header.delete_horizon
            may_go = record.value is None and horizon is not None and horizon <= self.sight.world.now // 1000
            if offset not in after and not may_go:
                return (
                    f"a compaction of {event.partition} at {place} has lost offset {offset}, the last record of "
                    f"{record.key!r} below {event.up_to}"
                )
        return None


class CompactionKeepsTheEnds(KafkaLaw):
    """I9: a compaction moves neither start nor end of a log, and each producer's last sequence can still be read from
    the batches. Always, while no producer has expired (K)."""

    KINDS = (LogCompacted,)

    def broken_by(self, place: str, event: LogCompacted) -> str | None:
        log, replica = self.sight.log(place, event.partition), self.sight.picture.at(place).replica(
            place, event.partition)  # fmt: skip
        if log is None:
            return None
        if (replica.log_start, replica.log_end) != (log.log_start_offset, log.log_end_offset):
            return f"a compaction has moved the ends of {event.partition} at {place}"
        last = {header.producer_id: header.last_sequence for header in log.batches() if header.base_sequence >= 0}
        for producer, entry in log.producers.entries.items():
            if entry.batches and producer in last and last[producer] != entry.last_sequence:
                return (
                    f"after a compaction of {event.partition} at {place} the last sequence of producer {producer} is "
                    f"{last[producer]} in its batches, and was {entry.last_sequence}"
                )
        return None


COMPACTION_LAWS = (CompactionKeepsTheLastValues, CompactionKeepsTheEnds)
"""I8 and I9, which are ours."""
