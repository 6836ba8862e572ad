"""What may not be appended: each refusal with Kafka's error, a remedy, and a log that is as it was."""

import msgpack
import pytest
from shelf import MS, Shelf, batch, numbered, read_all

from minikafka.log.batch_validation import CONTROLLER, OffsetsOutOfOrderException, UnexpectedAppendOffsetException
from minikafka.protocol.errors import Error
from minikafka.protocol.record_batch import CONTROL, LOG_APPEND_TIME, assemble, read_header
from minikafka.protocol.records import build_batch


def busy(**settings):
    """A log that holds something already, with a producer and a high watermark."""
    shelf = Shelf(**settings)
    shelf.lead(b"a", b"b", producer_id=5, producer_epoch=1, base_sequence=0)
    shelf.lead(b"c", producer_id=5, producer_epoch=1, base_sequence=2)
    shelf.log.set_high_watermark(2)
    return shelf


def damaged(data, position=-1):
    changed = bytearray(data)
    changed[position] ^= 0xFF
    return bytes(changed)


def packed(records, count):
    """A batch around these bytes, whatever they are."""
    return assemble(records, count, base_timestamp=0, max_timestamp=0)


def rows(*rows, count=None):
    """A batch around rows as they are, whatever they are."""
    return packed(msgpack.packb(rows), len(rows) if count is None else count)


ROW = [0, 0, None, b"v", None]

BAD = {
    "no batch": (b"", Error.INVALID_RECORD, "no batch to append", "send one batch"),
    "two batches": (batch() * 2, Error.INVALID_RECORD, "bytes follow the first batch"),
    "bytes behind the batch": (batch() + b"?", Error.INVALID_RECORD, "1 bytes follow"),
    "an offset": (batch(base_offset=3), Error.INVALID_RECORD, "base offset 3", "the leader assigns"),
    "a control batch": (batch(attributes=CONTROL), Error.INVALID_RECORD, "control batch"),
    "a producer without a sequence": (batch(producer_id=5), Error.INVALID_RECORD, "sequence -1", "count from 0"),
    "a damaged value": (damaged(batch()), Error.CORRUPT_MESSAGE, "crc", "send or fetch it again"),
    "a damaged header": (damaged(batch(), 50), Error.CORRUPT_MESSAGE, "crc"),
    "a damaged tag": (damaged(batch(), 0), Error.CORRUPT_MESSAGE, "no record batch begins"),
    "a damaged attribute": (damaged(batch(), 27), Error.CORRUPT_MESSAGE, "crc"),
    "a torn batch": (batch()[:-1], Error.CORRUPT_MESSAGE, "torn", "whole"),
    "foreign bytes": (b"\x00" * 200, Error.CORRUPT_MESSAGE, "no record batch begins"),
    "a gap in the offsets": (rows(ROW, [2, *ROW[1:]]), Error.INVALID_RECORD, "(0, 2)", "without a gap"),
    "offsets that fall": (rows([1, *ROW[1:]], ROW), Error.INVALID_RECORD, "(1, 0)"),
    "no records": (packed(msgpack.packb([]), 0), Error.CORRUPT_MESSAGE, "contradicts itself"),
    "fewer records than said": (rows(ROW, count=2), Error.CORRUPT_MESSAGE, "promises 2 records, there are 1"),
    "records that are no msgpack": (packed(b"\xc1", 1), Error.CORRUPT_MESSAGE, "unreadable"),
    "rows of two fields": (rows([0, 0]), Error.INVALID_RECORD, "no rows of five fields"),
    "rows of different sizes": (rows(ROW, [1, 0]), Error.INVALID_RECORD, "no rows of five fields"),
    "rows that are no rows": (rows(1, 2), Error.INVALID_RECORD, "no rows of five fields"),
    "a time that is no number": (rows([0, "now", None, None, None]), Error.INVALID_RECORD, "no rows"),
    "a claim of LogAppendTime": (batch(attributes=LOG_APPEND_TIME), Error.INVALID_TIMESTAMP, "attribute bit 3"),
    "a time too far ahead": (
        batch(timestamp=3_600_002), Error.INVALID_TIMESTAMP, "3600001 ms ahead", "after.max.ms=3600000"),
    "a fenced producer": (
        batch(producer_id=5, producer_epoch=0, base_sequence=3), Error.INVALID_PRODUCER_EPOCH, "epoch 1 has written"),
    "a gap in the sequence": (
        batch(producer_id=5, producer_epoch=1, base_sequence=4), Error.OUT_OF_ORDER_SEQUENCE_NUMBER, "4 where 3 must"),
    "half a duplicate": (
        batch(producer_id=5, producer_epoch=1, base_sequence=0), Error.OUT_OF_ORDER_SEQUENCE_NUMBER, "0 where 3"),
    "a new epoch that does not begin at 0": (
        batch(producer_id=5, producer_epoch=2, base_sequence=3), Error.OUT_OF_ORDER_SEQUENCE_NUMBER, "3 where 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_batch_is_refused_and_changes_nothing(name):
    data, error, *words = BAD[name]
    shelf = busy()
    shelf.refuses(error, lambda: shelf.log.append_as_leader(data, 1, 1 * MS), *words)
    assert [record.value for record in read_all(shelf.log)] == [b"a", b"b", b"c"]
    assert shelf.lead(b"d", producer_id=5, producer_epoch=1, base_sequence=3).base_offset == 3


def test_a_batch_over_max_message_bytes_is_refused_one_of_that_size_is_not():
    size = len(numbered(10))
    shelf = busy(max_message_bytes=size - 1)
    words = (f"a batch of {size} bytes", f"max.message.bytes={size - 1}")
    shelf.refuses(Error.MESSAGE_TOO_LARGE, lambda: shelf.fill(1, records=10), *words)
    Shelf(max_message_bytes=size).fill(1, records=10)


def test_a_batch_over_segment_bytes_is_refused_one_of_that_size_is_not():
    size = len(numbered(10))
    shelf = busy(segment_bytes=size - 1)
    shelf.refuses(Error.RECORD_LIST_TOO_LARGE, lambda: shelf.fill(1, records=10), f"segment.bytes={size - 1}")
    Shelf(segment_bytes=size).fill(1, records=10)


def test_a_compacted_topic_wants_keys():
    shelf = Shelf(cleanup_policy="compact")
    keyless = build_batch([(0, b"k", b"v", None), (0, None, b"v", None)])
    shelf.refuses(Error.INVALID_RECORD, lambda: shelf.log.append_as_leader(keyless, 1, 0), "record 1 has no key")
    shelf.log.append_as_leader(build_batch([(0, b"k", None, None)]), 1, 0)


def test_a_record_may_not_be_older_than_before_max_ms():
    shelf = Shelf(message_timestamp_before_max_ms=50)
    old = build_batch([(100, None, b"v", None), (49, None, b"v", None)])
    words = ("51 ms before", "before.max.ms=50")
    shelf.refuses(Error.INVALID_TIMESTAMP, lambda: shelf.log.append_as_leader(old, 1, 100 * MS), *words)
    assert shelf.lead(timestamp=50, now=100 * MS).base_offset == 0
    assert shelf.lead(timestamp=-1, now=100 * MS).base_offset == 1  # no timestamp is no old one


def test_with_log_append_time_the_producers_clock_does_not_matter():
    shelf = Shelf(message_timestamp_type="LogAppendTime")
    shelf.lead(timestamp=10**9, now=5 * MS)
    assert read_all(shelf.log)[0].timestamp == 5


def test_brokers_batches_are_checked_for_size_and_damage_only():
    shelf = Shelf(max_message_bytes=500)
    control = batch(attributes=CONTROL)
    shelf.log.append_as_leader(control, 1, 0, CONTROLLER)
    shelf.refuses(Error.CORRUPT_MESSAGE, lambda: shelf.log.append_as_leader(damaged(control), 1, 0, CONTROLLER), "crc")
    shelf.refuses(
        Error.MESSAGE_TOO_LARGE, lambda: shelf.log.append_as_leader(control + numbered(100), 1, 0, CONTROLLER), "500"
    )


# -- fetched batches -----------------------------------------------------------------------------------------------


def fetched(base, count=1, epoch=1):
    return numbered(count, base_offset=base, leader_epoch=epoch)


FETCHED_BAD = {
    "damaged": (damaged(fetched(3)), Error.CORRUPT_MESSAGE, "crc"),
    "the second damaged": (fetched(3) + damaged(fetched(4)), Error.CORRUPT_MESSAGE, "crc"),
    "torn": (fetched(3) + fetched(4)[:-5], Error.CORRUPT_MESSAGE, "torn"),
    "torn in the header": (fetched(3) + fetched(4)[:20], Error.CORRUPT_MESSAGE, "torn"),
    "foreign": (b"\x00" * 100, Error.CORRUPT_MESSAGE, "no record batch begins"),
    "below the end": (fetched(2), Error.UNKNOWN_SERVER_ERROR, "the log ends at 3", "fetch from its end"),
    "below the end and beyond": (fetched(2, 5), Error.UNKNOWN_SERVER_ERROR, "offsets 2..6"),
    "out of order": (fetched(5) + fetched(4), Error.UNKNOWN_SERVER_ERROR, "offset 4 follows one that ends at 5"),
    "overlapping": (fetched(3, 3) + fetched(5), Error.UNKNOWN_SERVER_ERROR, "offset 5 follows one that ends at 5"),
}


@pytest.mark.parametrize("name", FETCHED_BAD)
def test_bad_fetched_bytes_are_refused_whole(name):
    data, error, *words = FETCHED_BAD[name]
    shelf = busy()
    shelf.refuses(error, lambda: shelf.log.append_as_follower(data, 1, 0), *words)


def test_an_unexpected_offset_says_what_the_follower_needs_to_know():
    shelf = busy()
    with pytest.raises(UnexpectedAppendOffsetException) as caught:
        shelf.log.append_as_follower(fetched(1, 2) + fetched(3), 1, 0)
    refusal = caught.value
    assert (refusal.first_offset, refusal.last_offset, refusal.log_end_offset) == (1, 3, 3)
    with pytest.raises(OffsetsOutOfOrderException):
        shelf.log.append_as_follower(fetched(5) + fetched(4), 1, 0)


def test_a_follower_takes_what_is_over_its_own_limits():
    """The leader has judged the size; its follower must hold the same bytes."""
    shelf = Shelf(max_message_bytes=100, segment_bytes=200)
    shelf.log.append_as_follower(fetched(0, 50) + fetched(50), 1, 0)
    assert shelf.bases() == [0, 50] and shelf.log.log_end_offset == 51


def test_a_header_field_of_a_client_that_only_the_leader_may_set_is_overwritten():
    shelf = Shelf()
    shelf.log.append_as_leader(batch(leader_epoch=99), 3, 0)
    assert read_header(shelf.log.read(0, 1000, 1)).leader_epoch == 3
