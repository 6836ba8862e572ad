"""Which offsets of a segment are no more: the gaps that compaction leaves.

Promises     every offset from the segment's base up to `until` is in a gap, or is the offset of a record that is there.
Stands for   nothing in Kafka: what `kafka-dump-log` shows between the lines.
Left out     -
Differs      -
"""

from __future__ import annotations

from minikafka.log.segment import Segment
from minikafka.protocol.records import rows_of


def gaps_in(segment: Segment, until: int) -> tuple[tuple[int, int], ...]:
    """(first, last) of each run of offsets that are not there."""
    data, found, expected = segment.content(), [], segment.base_offset
    for header in segment.headers:
        rows = [0] if header.is_control else [row[0] for row in rows_of(data, header)]
        for offset in (header.base_offset + row for row in rows):
            if offset > expected:
                found.append((expected, offset - 1))
            expected = offset + 1
    if until > expected:
        found.append((expected, until - 1))
    return tuple(found)
