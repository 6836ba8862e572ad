"""From a time to an offset.

Promises     the first record by offset whose timestamp is not earlier; timestamps need not rise along the log.
Stands for   UnifiedLog.fetchOffsetByTimestamp and LogSegment.findOffsetByTimestamp.
Left out     tiered storage. The special timestamps (-1, -2, ...) are the broker's business, but for the largest.
Differs      nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from minikafka.log.segment import Segment
from minikafka.protocol.record_batch import read_header
from minikafka.protocol.records import Record, records_of


class TimestampAndOffset(NamedTuple):
    """A record's timestamp (ms), offset and leader epoch."""

    timestamp: int
    offset: int
    epoch: int


def first_at_or_after(segments: list[Segment], timestamp: int, log_start: int) -> TimestampAndOffset | None:
    """The first record from `log_start` on that is not earlier. As in Kafka only one segment is searched: the first
    that has such a record at all."""
    for segment in segments:
        if segment.max_timestamp >= timestamp and segment.headers:
            return _in_segment(segment, timestamp, log_start)
    return None


def largest(segments: list[Segment], log_start: int) -> TimestampAndOffset | None:
    """The first record that has the largest timestamp of all."""
    best = max((segment.max_timestamp for segment in segments if segment.headers), default=-1)
    return first_at_or_after(segments, best, log_start) if best >= 0 else None


def _in_segment(segment: Segment, timestamp: int, log_start: int) -> TimestampAndOffset | None:
    begin = max(segment.time_index.lookup(timestamp)[1], log_start)
    for header in segment.headers[bisect_right(segment.nexts, begin):]:
        if header.max_timestamp < timestamp:
            continue
        for record in _records(segment, header):
            if record.timestamp >= timestamp and record.offset >= log_start:
                return TimestampAndOffset(record.timestamp, record.offset, header.leader_epoch)
    return None


def _records(segment: Segment, header) -> list[Record]:
    data = segment.batch_at(header)
    return records_of(data, read_header(data))
