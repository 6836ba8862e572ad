"""The record batch: its fixed layout, its checksum, its stamps, and what is refused."""

import msgpack
import pytest

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import (
    CONTROL,
    HEADER_SIZE,
    LOG_APPEND_TIME,
    MAX_SEQUENCE,
    TRANSACTIONAL,
    assemble,
    check_crc,
    headers_of,
    next_sequence,
    read_header,
    stamp,
    stamp_time,
)
from minikafka.protocol.records import Record, build_batch, records_of, rows_of

RECORDS = [(1000, b"k1", b"v1", None), (1005, None, b"hello", [("h", b"x"), ("n", None)]), (1003, b"k3", None, None)]


def batch(**fields):
    return build_batch(RECORDS, **fields)


def refused(error, call, *words):
    with pytest.raises(KafkaError) as caught:
        call()
    assert caught.value.error is error
    for word in words:
        assert word in str(caught.value)


# -- what a batch says ---------------------------------------------------------------------------------------------


def test_the_header_says_what_was_built():
    header = read_header(batch(producer_id=7, producer_epoch=2, base_sequence=40, base_offset=12, leader_epoch=3))
    assert header.base_offset == 12 and header.last_offset == 14 and header.next_offset == 15
    assert header.leader_epoch == 3 and header.records_count == 3 and header.last_offset_delta == 2
    assert header.base_timestamp == 1000 and header.max_timestamp == 1005
    assert (header.producer_id, header.producer_epoch, header.base_sequence, header.last_sequence) == (7, 2, 40, 42)
    assert header.position == 0 and header.size == len(batch())


def test_a_client_batch_has_no_epoch_and_without_a_producer_id_no_sequence():
    header = read_header(batch())
    assert (header.base_offset, header.leader_epoch) == (0, -1)
    assert (header.producer_id, header.producer_epoch, header.base_sequence, header.last_sequence) == (-1, -1, -1, -1)


def test_records_come_back_with_the_leaders_offsets_and_epoch():
    data = stamp(batch(), read_header(batch()), 500, 9)
    assert records_of(data, read_header(data)) == [
        Record(500, 1000, b"k1", b"v1", (), 9),
        Record(501, 1005, None, b"hello", (("h", b"x"), ("n", None)), 9),
        Record(502, 1003, b"k3", None, (), 9),
    ]


def test_empty_is_not_null():
    data = build_batch([(0, b"", b"", None), (0, None, None, None)])
    assert [record[2:4] for record in records_of(data, read_header(data))] == [(b"", b""), (None, None)]


def test_a_batch_is_valid_msgpack():
    base_offset, leader_epoch, crc, body = msgpack.unpackb(batch(base_offset=3, producer_id=7))
    fields = msgpack.unpackb(body)
    assert (base_offset, leader_epoch, crc) == (3, -1, read_header(batch(base_offset=3, producer_id=7)).crc)
    assert fields[:8] == [0, 2, 1000, 1005, 7, -1, -1, 3]
    assert msgpack.unpackb(fields[8])[0] == [0, 0, b"k1", b"v1", None]


def test_the_layout_is_fixed():
    """A golden batch: another layout would not read what older worlds wrote."""
    data = build_batch([(5, None, b"v", None)], base_offset=1, leader_epoch=2)
    assert data.hex() == (
        "94d30000000000000001d200000002ce" + data[16:20].hex() + "c60000003f"
        "99d10000d200000000d30000000000000005d30000000000000005d3ffffffffffffffffd1ffffd2ffffffffd200000001"
        "c60000000991950000c0c40176c0"
    )  # fmt: skip
    assert HEADER_SIZE == 79 and len(data) == 88


@pytest.mark.parametrize("bit, name", [(TRANSACTIONAL, "is_transactional"), (CONTROL, "is_control"),
                                       (LOG_APPEND_TIME, "is_log_append_time")])  # fmt: skip
def test_attributes_are_kafkas_bits(bit, name):
    assert getattr(read_header(batch(attributes=bit)), name) is True
    assert getattr(read_header(batch()), name) is False


def test_concatenated_batches_are_walked_one_by_one():
    data = batch() + batch(base_offset=3) + build_batch(RECORDS[:1], base_offset=6)
    headers = list(headers_of(data))
    assert [header.base_offset for header in headers] == [0, 3, 6]
    assert [header.position for header in headers] == [0, len(batch()), 2 * len(batch())]
    assert [record.offset for header in headers for record in records_of(data, header)] == list(range(7))
    for header in headers:
        check_crc(data, header)
    assert list(headers_of(b"")) == []


def test_sequences_wrap_to_zero():
    assert next_sequence(MAX_SEQUENCE) == 0
    assert next_sequence(MAX_SEQUENCE - 1, 5) == 3
    header = read_header(batch(producer_id=1, producer_epoch=0, base_sequence=MAX_SEQUENCE - 1))
    assert header.last_sequence == 0


# -- checksum and stamps -------------------------------------------------------------------------------------------


def test_a_stamp_changes_offset_and_epoch_and_nothing_else():
    data = batch(producer_id=7, producer_epoch=0, base_sequence=0)
    stamped = stamp(data, read_header(data), 2**40, 77)
    before, after = read_header(data), read_header(stamped)
    assert after == before._replace(base_offset=2**40, leader_epoch=77)
    check_crc(stamped, after)
    assert read_header(data) == before


def test_a_stamp_takes_one_batch_out_of_many():
    data = batch() + batch()
    second = list(headers_of(data))[1]
    stamped = stamp(data, second, 3, 1)
    assert len(stamped) == len(batch()) and read_header(stamped).base_offset == 3


def test_log_append_time_is_every_records_time():
    data = stamp_time(batch(), read_header(batch()), 9000, log_append_time=True)
    header = read_header(data)
    check_crc(data, header)
    assert header.is_log_append_time and header.max_timestamp == 9000
    assert [record.timestamp for record in records_of(data, header)] == [9000, 9000, 9000]


def test_every_byte_of_the_body_is_under_the_checksum():
    data = batch()
    for position in range(25, len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x01
        with pytest.raises(KafkaError) as caught:
            header = read_header(bytes(damaged))
            check_crc(bytes(damaged), header)
        assert caught.value.error is Error.CORRUPT_MESSAGE


# -- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 15, 25, HEADER_SIZE - 1, HEADER_SIZE, 100])
def test_a_torn_batch_is_refused(size):
    refused(Error.CORRUPT_MESSAGE, lambda: read_header(batch()[:size]), "torn", f"{size} are there", "send or fetch")


@pytest.mark.parametrize("data", [b"\x00" * 100, b"GET / HTTP/1.1\r\n" * 8, msgpack.packb([1, 2, 3, b"x" * 100])])
def test_foreign_bytes_are_refused(data):
    refused(Error.CORRUPT_MESSAGE, lambda: read_header(data), "no record batch begins at position 0")


def test_a_position_inside_a_batch_is_refused():
    refused(Error.CORRUPT_MESSAGE, lambda: read_header(batch() * 2, 7), "position 7")


def test_sizes_that_contradict_each_other_are_refused():
    data = bytearray(batch())
    data[78] += 1  # the records' own length
    refused(Error.CORRUPT_MESSAGE, lambda: read_header(bytes(data)), "contradicts itself")


def test_a_changed_byte_is_found_and_both_checksums_are_told():
    data = bytearray(batch())
    data[-1] ^= 1
    header = read_header(bytes(data))
    refused(Error.CORRUPT_MESSAGE, lambda: check_crc(bytes(data), header), f"{header.crc:#010x}", "a byte changed")


@pytest.mark.parametrize("packed, count", [
    (b"\xc1", 1), (b"\x91", 1), (msgpack.packb([]), 1), (msgpack.packb([[0, 0, None, None, None]] * 2), 3),
    (msgpack.packb({"a": 1}), 1), (msgpack.packb(5), 1), (b"", 1),
])  # fmt: skip
def test_records_that_are_no_records_are_refused(packed, count):
    data = assemble(packed, count, base_timestamp=0, max_timestamp=0)
    refused(Error.CORRUPT_MESSAGE, lambda: rows_of(data, read_header(data)), "unreadable")


@pytest.mark.parametrize("row", [[0, 0, None], [None, 0, None, None, None], ["0", 0, None, None, None], 5])
def test_a_row_of_another_shape_is_refused(row):
    data = assemble(msgpack.packb([row]), 1, base_timestamp=0, max_timestamp=0)
    refused(Error.CORRUPT_MESSAGE, lambda: records_of(data, read_header(data)), "offset 0", "unreadable")


@pytest.mark.parametrize("records, words", [
    ([], "0 records"), ([(None, b"k", b"v", None)], "timestamp ms"), ([(0, object(), b"v", None)], "cannot be packed"),
    ([(0, b"k", b"v")], "cannot be packed"), ([(2**70, b"k", b"v", None)], "does not fit"),
])  # fmt: skip
def test_records_that_cannot_be_packed_are_refused(records, words):
    refused(Error.INVALID_RECORD, lambda: build_batch(records), words)


@pytest.mark.parametrize("field, value", [("producer_epoch", 2**15), ("base_sequence", 2**31), ("leader_epoch", 2**31),
                                          ("base_offset", 2**63), ("producer_id", "seven")])  # fmt: skip
def test_a_field_that_does_not_fit_is_refused(field, value):
    refused(Error.INVALID_RECORD, lambda: batch(**{field: value}), "does not fit its width", repr(value))
