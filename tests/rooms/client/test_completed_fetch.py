"""Batches become records: from the position on, past gaps and markers, and never from a damaged batch."""

import pytest

from minikafka.client.completed_fetch import CompletedFetch, ConsumerRecord
from minikafka.protocol.errors import CorruptRecordException
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import build_batch

P = TopicPartition("flights", 0)
CONTROL = 0x20


def batch(first, count, epoch=3, attributes=0):
    records = [(1000 + number, b"k", b"v%d" % number, None) for number in range(first, first + count)]
    return build_batch(records, base_offset=first, leader_epoch=epoch, attributes=attributes)


def fetched(*batches, offset=0, check=True):
    return CompletedFetch(P, offset, -1, b"".join(batches), check)


def test_records_come_with_everything_they_have():
    fetch = fetched(batch(7, 1), offset=7)
    assert fetch.take(10) == [ConsumerRecord("flights", 0, 7, 1007, b"k", b"v7", (), 3)]
    assert (fetch.next_offset, fetch.epoch, fetch.exhausted) == (8, 3, True)


def test_they_are_handed_out_a_few_at_a_time():
    fetch = fetched(batch(0, 3), batch(3, 3, epoch=4))
    assert [record.offset for record in fetch.take(2)] == [0, 1]
    assert (fetch.next_offset, fetch.epoch, fetch.exhausted) == (2, 3, False)
    assert [record.offset for record in fetch.take(3)] == [2, 3, 4]
    assert (fetch.next_offset, fetch.epoch) == (5, 4)
    assert [record.offset for record in fetch.take(3)] == [5]
    assert fetch.exhausted and fetch.take(3) == []


def test_what_lies_before_the_position_is_dropped():
    fetch = fetched(batch(0, 5), offset=3)
    assert [record.offset for record in fetch.take(10)] == [3, 4]


def test_offsets_may_have_gaps():
    fetch = fetched(batch(2, 1), batch(9, 1))
    assert [record.offset for record in fetch.take(10)] == [2, 9]
    assert fetch.next_offset == 10


def test_markers_are_passed_but_not_handed_out():
    fetch = fetched(batch(0, 1), batch(1, 1, attributes=CONTROL), batch(2, 1))
    assert [record.offset for record in fetch.take(10)] == [0, 2]
    fetch = fetched(batch(0, 1, attributes=CONTROL))
    assert fetch.take(10) == []
    assert (fetch.next_offset, fetch.exhausted) == (1, True)


def damaged(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def test_a_damaged_batch_stops_the_reader_before_it():
    fetch = fetched(batch(0, 2), damaged(batch(2, 2)))
    assert [record.offset for record in fetch.take(10)] == [0, 1]
    for _ in range(2):
        with pytest.raises(CorruptRecordException, match=r"flights-0 cannot be read at offset 2: .*seek\(\) past it"):
            fetch.take(10)
    assert fetch.next_offset == 2


def test_the_check_can_be_switched_off():
    fetch = fetched(batch(0, 1).replace(b"v0", b"v9"), check=False)
    assert [record.value for record in fetch.take(10)] == [b"v9"]
    assert fetch.next_offset == 1
