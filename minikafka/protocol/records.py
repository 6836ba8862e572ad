"""The records inside a batch: packed together, read together.

Promises     what build_batch packs, records_of returns, with the offsets and timestamps the leader gave.
Stands for   org.apache.kafka.common.record.DefaultRecord and MemoryRecordsBuilder.
Left out     record attributes (unused in Kafka too).
Differs      msgpack rows [offset delta, timestamp delta, key, value, headers] instead of varints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgpack

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import HEADER_SIZE, BatchHeader, assemble


class Record(NamedTuple):
    """One record as a consumer sees it: `timestamp` in ms, `headers` a tuple of (name, bytes or None)."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    leader_epoch: int


def build_batch(records: Sequence[tuple], *, base_offset: int = 0, leader_epoch: int = -1, producer_id: int = -1,
                producer_epoch: int = -1, base_sequence: int = -1, attributes: int = 0) -> bytes:  # fmt: skip
    """A batch of records (timestamp ms, key, value, headers). INVALID_RECORD for none, or one that cannot be packed."""
    if not records:
        raise KafkaError(Error.INVALID_RECORD, "a batch of 0 records says nothing; put at least one record into it")
    try:
        base_timestamp = records[0][0]
        rows = [
            (delta, timestamp - base_timestamp, key, value, headers or None)
            for delta, (timestamp, key, value, headers) in enumerate(records)
        ]
        packed = msgpack.packb(rows)
    except (TypeError, ValueError, OverflowError) as reason:
        raise KafkaError(
            Error.INVALID_RECORD,
            f"a record cannot be packed ({reason}); give (timestamp ms, key, value, headers), key and value as bytes",
        ) from None
    return assemble(packed, len(rows), base_timestamp=base_timestamp, max_timestamp=max(row[0] for row in records),
                    base_offset=base_offset, leader_epoch=leader_epoch, producer_id=producer_id,
                    producer_epoch=producer_epoch, base_sequence=base_sequence, attributes=attributes)  # fmt: skip


def rows_of(data: bytes, header: BatchHeader) -> tuple:
    """The packed rows of a batch as they are: (offset delta, timestamp delta, key, value, headers).

    CORRUPT_MESSAGE if they are no rows, or not as many as the header says.
    """
    records = memoryview(data)[header.position + HEADER_SIZE : header.position + header.size]
    try:
        rows = msgpack.unpackb(records, use_list=False)
    except (ValueError, msgpack.UnpackException) as reason:
        raise _unreadable(header, repr(reason)) from None
    if not isinstance(rows, tuple) or len(rows) != header.records_count:
        found = len(rows) if isinstance(rows, tuple) else type(rows).__name__
        raise _unreadable(header, f"the header promises {header.records_count} records, there are {found}")
    return rows


def records_of(data: bytes, header: BatchHeader) -> list[Record]:
    """The records of one batch, in order of offset. CORRUPT_MESSAGE if the bytes are no records."""
    base, first, epoch = header.base_offset, header.base_timestamp, header.leader_epoch
    rows = rows_of(data, header)
    new = tuple.__new__  # half the price of Record(...), and this runs for every record that is read
    try:
        if header.is_log_append_time:
            stamp = header.max_timestamp
            return [new(Record, (base + o, stamp, key, value, more or (), epoch)) for o, _, key, value, more in rows]
        return [new(Record, (base + o, first + t, key, value, more or (), epoch)) for o, t, key, value, more in rows]
    except (TypeError, ValueError) as reason:
        raise _unreadable(header, repr(reason)) from None


def _unreadable(header: BatchHeader, why: str) -> KafkaError:
    return KafkaError(
        Error.CORRUPT_MESSAGE,
        f"the records of the batch at offset {header.base_offset} are unreadable: {why}; build them with build_batch",
    )
