"""The record batch: the unit that is sent, appended, replicated, checked and read, whole.

Promises     every header field has a fixed place, so a header is read at once and the leader stamps in place.
             The checksum covers everything but the base offset and the leader epoch, which the leader assigns.
Stands for   org.apache.kafka.common.record.DefaultRecordBatch (magic 2).
Left out     compression, older message formats.
Differs      valid msgpack instead of Kafka's own layout (79 header bytes instead of 61); CRC-32 instead of CRC-32C.

    outer  array(4)  base_offset i64 | leader_epoch i32 | crc u32 | body bin32
    body   array(9)  attributes i16 | last_offset_delta i32 | base_timestamp i64 | max_timestamp i64 | producer_id i64
                     producer_epoch i16 | base_sequence i32 | records_count i32 | records bin32
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from struct import error as StructError
from typing import NamedTuple
from zlib import crc32

from minikafka.protocol.errors import Error, KafkaError

NO_PRODUCER_ID = -1
NO_PRODUCER_EPOCH = -1
NO_SEQUENCE = -1
NO_TIMESTAMP = -1
NO_LEADER_EPOCH = -1
MAX_SEQUENCE = 2**31 - 1

LOG_APPEND_TIME = 1 << 3  # attribute bits, as in Kafka
TRANSACTIONAL = 1 << 4
CONTROL = 1 << 5
DELETE_HORIZON = 1 << 6

_HEADER = Struct(">BBqBiBIBIBBhBiBqBqBqBhBiBiBI")
_TAGS = (0x94, 0xD3, 0xD2, 0xCE, 0xC6, 0x99, 0xD1, 0xD2, 0xD3, 0xD3, 0xD3, 0xD1, 0xD2, 0xD2, 0xC6)
_STAMP = Struct(">BBqBi")
_OUTER = Struct(">BBqBiBIBI")
_BODY = Struct(">BBhBiBqBqBqBhBiBiBI")
HEADER_SIZE = _HEADER.size
_CRC_START = _OUTER.size  # the checksum begins with the body


class BatchHeader(NamedTuple):
    """What a batch says about itself. `position` and `size` (bytes, header included) say where it lies."""

    base_offset: int
    leader_epoch: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    records_count: int
    position: int
    size: int

    @property
    def last_offset(self) -> int:
        """The offset of the last record (kept by compaction even when that record is gone)."""
        return self[0] + self[4]

    @property
    def next_offset(self) -> int:
        """The offset after the last record: where the following batch may begin."""
        return self[0] + self[4] + 1

    @property
    def last_sequence(self) -> int:
        """The sequence number of the last record, -1 without a producer id; it wraps from 2^31-1 to 0."""
        return NO_SEQUENCE if self[9] == NO_SEQUENCE else next_sequence(self[9], self[4])

    @property
    def is_control(self) -> bool:
        """A marker written by a broker, never shown to applications."""
        return bool(self[3] & CONTROL)

    @property
    def is_transactional(self) -> bool:
        """Part of a transaction."""
        return bool(self[3] & TRANSACTIONAL)

    @property
    def delete_horizon(self) -> int | None:
        """From when on (ms) compaction may take its tombstones away; None before a compaction has seen them. The base
        timestamp is its place."""
        return self[5] if self[3] & DELETE_HORIZON else None

    @property
    def is_log_append_time(self) -> bool:
        """Its records carry the leader's clock (`max_timestamp`), not the producer's."""
        return bool(self[3] & LOG_APPEND_TIME)


def next_sequence(sequence: int, increment: int = 1) -> int:
    """The sequence number `increment` records further on; after 2^31-1 comes 0."""
    return (sequence + increment) % (MAX_SEQUENCE + 1)


def read_header(data: bytes, position: int = 0) -> BatchHeader:
    """The header of the batch at `position`. CORRUPT_MESSAGE if no whole batch lies there; the CRC is not checked."""
    try:
        (t0, t1, base_offset, t2, leader_epoch, t3, crc, t4, body_size, t5, t6, attributes, t7, last_offset_delta,
         t8, base_timestamp, t9, max_timestamp, t10, producer_id, t11, producer_epoch, t12, base_sequence,
         t13, records_count, t14, records_size) = _HEADER.unpack_from(data, position)  # fmt: skip
    except StructError:
        raise _torn(data, position, HEADER_SIZE) from None
    if (t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14) != _TAGS:
        raise KafkaError(
            Error.CORRUPT_MESSAGE,
            f"no record batch begins at position {position}: the bytes there are "
            f"{bytes(data[position : position + 8])!r}; build batches with build_batch and keep them whole",
        )
    if body_size != records_size + _BODY.size or last_offset_delta < 0 or records_count < 0:
        raise KafkaError(
            Error.CORRUPT_MESSAGE,
            f"the batch at position {position} contradicts itself: {body_size} bytes of body, {records_size} of "
            f"records; {records_count} records up to offset delta {last_offset_delta}; send it again as it was built",
        )
    size = _CRC_START + body_size
    if position + size > len(data):
        raise _torn(data, position, size)
    return BatchHeader(base_offset, leader_epoch, crc, attributes, last_offset_delta, base_timestamp, max_timestamp,
                       producer_id, producer_epoch, base_sequence, records_count, position, size)  # fmt: skip


def headers_of(data: bytes) -> Iterator[BatchHeader]:
    """The headers of concatenated batches, in order. CORRUPT_MESSAGE at the first that is torn or foreign."""
    position = 0
    while position < len(data):
        header = read_header(data, position)
        yield header
        position += header.size


def check_crc(data: bytes, header: BatchHeader) -> None:
    """Promise that the batch's bytes are those its producer checked. CORRUPT_MESSAGE if they are not."""
    found = crc_of(data, header)
    if found != header.crc:
        raise KafkaError(
            Error.CORRUPT_MESSAGE,
            f"the batch at offset {header.base_offset} (position {header.position}) has crc {found:#010x}, "
            f"but its header says {header.crc:#010x}: a byte changed on the way; send or fetch it again",
        )


def crc_of(data: bytes, header: BatchHeader) -> int:
    """The checksum of the bytes as they are now."""
    start, end = header.position + _CRC_START, header.position + header.size
    return crc32(data[start:end] if end < len(data) else memoryview(data)[start:])


def stamp(data: bytes, header: BatchHeader, base_offset: int, leader_epoch: int) -> bytes:
    """The batch with the leader's offset and epoch. Neither is under the CRC, so that stays true."""
    start = header.position
    return _STAMP.pack(0x94, 0xD3, base_offset, 0xD2, leader_epoch) + data[start + _STAMP.size : start + header.size]


def stamp_time(data: bytes, header: BatchHeader, max_timestamp: int, log_append_time: bool) -> bytes:
    """The batch with the leader's word on its timestamps (ms), and a new CRC."""
    attributes = header.attributes & ~LOG_APPEND_TIME | (LOG_APPEND_TIME if log_append_time else 0)
    start = header.position
    records = data[start + HEADER_SIZE : start + header.size]
    return reassemble(header._replace(attributes=attributes, max_timestamp=max_timestamp), records)


def reassemble(header: BatchHeader, records: bytes) -> bytes:
    """The bytes of a batch with this header; its crc and size are computed, not taken from the header."""
    (base_offset, leader_epoch, _, attributes, last_offset_delta, base_timestamp, max_timestamp,
     producer_id, producer_epoch, base_sequence, records_count, _, _) = header  # fmt: skip
    try:
        body = _BODY.pack(0x99, 0xD1, attributes, 0xD2, last_offset_delta, 0xD3, base_timestamp, 0xD3, max_timestamp,
                          0xD3, producer_id, 0xD1, producer_epoch, 0xD2, base_sequence, 0xD2, records_count,
                          0xC6, len(records)) + records  # fmt: skip
        return _OUTER.pack(0x94, 0xD3, base_offset, 0xD2, leader_epoch, 0xCE, crc32(body), 0xC6, len(body)) + body
    except StructError as reason:
        raise KafkaError(
            Error.INVALID_RECORD,
            f"a header field does not fit its width ({reason}) in {header}; use whole numbers in range",
        ) from None


def assemble(records: bytes, count: int, *, base_timestamp: int, max_timestamp: int, base_offset: int = 0,
             leader_epoch: int = NO_LEADER_EPOCH, producer_id: int = NO_PRODUCER_ID,
             producer_epoch: int = NO_PRODUCER_EPOCH, base_sequence: int = NO_SEQUENCE,
             attributes: int = 0) -> bytes:  # fmt: skip
    """A batch around `count` records that are packed already (see records.py); timestamps in ms."""
    return reassemble(
        BatchHeader(base_offset, leader_epoch, 0, attributes, count - 1, base_timestamp, max_timestamp, producer_id,
                    producer_epoch, base_sequence, count, 0, 0),
        records,
    )  # fmt: skip


def _torn(data: bytes, position: int, needed: int) -> KafkaError:
    return KafkaError(
        Error.CORRUPT_MESSAGE,
        f"the batch at position {position} is torn: {needed} bytes belong to it, {max(len(data) - position, 0)} are "
        "there; send or fetch it again whole",
    )
