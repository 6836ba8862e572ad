"""Idempotence, row by row: duplicates, gaps, fences, wrapping, snapshots, expiry."""

import pytest
from shelf import MS, Shelf, batch, check_invariants, numbered

from minikafka.log.producer_states import ProducerBatch, ProducerStates, snapshot_offsets
from minikafka.protocol.errors import Error
from minikafka.protocol.record_batch import MAX_SEQUENCE


def send(shelf, sequence, count=1, epoch=0, producer=7, timestamp=0):
    """One batch of an idempotent producer."""
    data = numbered(count, timestamp, producer_id=producer, producer_epoch=epoch, base_sequence=sequence)
    return shelf.log.append_as_leader(data, 1, 0)


def written(*sequences, **settings):
    shelf = Shelf(**settings)
    for sequence in sequences:
        send(shelf, sequence)
    return shelf


def test_the_next_sequence_is_accepted():
    shelf = written(0, 1, 2)
    assert send(shelf, 3, count=4).base_offset == 3
    assert send(shelf, 7).base_offset == 7
    assert shelf.log.producers.entries[7].last_sequence == 7
    check_invariants(shelf.log)


def test_an_unknown_producer_may_begin_anywhere():
    shelf = Shelf()
    assert send(shelf, 4000).base_offset == 0
    assert send(shelf, 4001).base_offset == 1


@pytest.mark.parametrize("sequence, offset", [(5, 5), (4, 4), (3, 3), (2, 2), (1, 1)])
def test_each_of_the_last_five_batches_is_recognised(sequence, offset):
    shelf = written(0, 1, 2, 3, 4, 5)
    appended = send(shelf, sequence)
    assert (appended.base_offset, appended.duplicate) == (offset, True)
    assert shelf.log.log_end_offset == 6


def test_a_duplicate_older_than_five_batches_is_out_of_order():
    shelf = written(0, 1, 2, 3, 4, 5)
    shelf.refuses(Error.OUT_OF_ORDER_SEQUENCE_NUMBER, lambda: send(shelf, 0), "0 where 6 must follow")


@pytest.mark.parametrize("sequence, count", [(0, 1), (0, 3), (1, 1), (1, 2), (3, 1), (5, 1)])
def test_only_a_batch_of_exactly_the_same_sequences_is_a_duplicate(sequence, count):
    shelf = Shelf()
    send(shelf, 0, count=2)
    shelf.refuses(Error.OUT_OF_ORDER_SEQUENCE_NUMBER, lambda: send(shelf, sequence, count), f"{sequence} where 2 must")
    assert send(shelf, 0, count=2).duplicate is True


def test_an_older_epoch_is_fenced_even_with_a_sequence_that_fits():
    shelf = written(0, 1)
    send(shelf, 0, epoch=3)
    shelf.refuses(Error.INVALID_PRODUCER_EPOCH, lambda: send(shelf, 2, epoch=0), "epoch 0 is fenced", "epoch 3")
    shelf.refuses(Error.INVALID_PRODUCER_EPOCH, lambda: send(shelf, 1, epoch=0))


def test_a_newer_epoch_begins_at_zero():
    shelf = written(0, 1)
    shelf.refuses(Error.OUT_OF_ORDER_SEQUENCE_NUMBER, lambda: send(shelf, 2, epoch=1), "2 where 0")
    assert send(shelf, 0, epoch=1).duplicate is False
    assert send(shelf, 1, epoch=1).base_offset == 3
    assert shelf.log.producers.entries[7].epoch == 1
    check_invariants(shelf.log)


def test_batches_of_an_earlier_epoch_are_no_duplicates_of_the_newer():
    shelf = written(0, 1)
    assert send(shelf, 0, epoch=1).base_offset == 2
    assert send(shelf, 0, epoch=1) == (2, 2, 0, True)


def test_sequences_wrap_within_a_batch_and_between_batches():
    shelf = Shelf()
    send(shelf, MAX_SEQUENCE - 1, count=2)
    assert send(shelf, 0).base_offset == 2
    wrapped = Shelf()
    send(wrapped, MAX_SEQUENCE, count=3)
    assert wrapped.log.producers.entries[7].last_sequence == 1
    assert send(wrapped, MAX_SEQUENCE, count=3).duplicate is True
    assert send(wrapped, 2).base_offset == 3
    wrapped.refuses(Error.OUT_OF_ORDER_SEQUENCE_NUMBER, lambda: send(wrapped, 2, count=2), "2 where 3")


def test_producers_do_not_disturb_each_other():
    shelf = Shelf()
    send(shelf, 0, producer=1)
    send(shelf, 0, producer=2)
    shelf.lead(b"without a producer id")
    assert send(shelf, 1, producer=1).base_offset == 3
    assert send(shelf, 0, producer=2).duplicate is True
    assert list(shelf.log.producers.entries) == [1, 2]


def test_a_follower_has_the_leaders_state():
    leader, follower = written(*range(9)), Shelf()
    send(leader, 0, epoch=1, count=3)
    follower.log.append_as_follower(leader.log.read(0, 1 << 20, 12), 1, 0)
    assert follower.log.producers == leader.log.producers
    assert send(follower, 0, epoch=1, count=3).duplicate is True


def test_a_follower_does_not_judge():
    follower = Shelf()
    for base, sequence in ((0, 0), (1, 50), (2, 7)):
        data = batch(base_offset=base, leader_epoch=1, producer_id=7, producer_epoch=0, base_sequence=sequence)
        follower.log.append_as_follower(data, 1, 0)
    assert follower.log.producers.entries[7].last_sequence == 7


def test_the_state_is_rebuilt_by_truncation():
    shelf = written(*range(8))
    shelf.log.truncate_to(6)
    assert [entry.first_sequence for entry in shelf.log.producers.entries[7].batches] == [1, 2, 3, 4, 5]
    assert send(shelf, 6).base_offset == 6
    shelf.log.truncate_to(0)
    assert shelf.log.producers.entries == {}
    check_invariants(shelf.log)


def test_a_roll_keeps_a_snapshot_and_truncation_uses_the_one_below():
    shelf = written(*range(9), segment_bytes=3 * len(numbered(1)))
    assert shelf.bases() == [0, 3, 6] and snapshot_offsets(shelf.disk, "flights-0") == [3, 6]
    shelf.log.truncate_to(5)
    assert snapshot_offsets(shelf.disk, "flights-0") == [3]
    check_invariants(shelf.log)
    assert send(shelf, 5).base_offset == 5


@pytest.mark.parametrize("clean", [True, False])
def test_the_state_survives_a_restart(clean):
    shelf = written(*range(9), segment_bytes=3 * len(numbered(1)))
    before = shelf.log.producers
    shelf.log.close(clean)
    shelf.open(clean=clean)
    assert shelf.log.producers == before and shelf.log.producers is not before
    assert send(shelf, 5).duplicate is True
    assert send(shelf, 9).base_offset == 9


def test_the_state_outlives_the_segments_it_came_from():
    """After retention only the snapshot remembers the producer."""
    shelf = written(0, 1, 2, retention_ms=10)
    shelf.log.set_high_watermark(3)
    assert shelf.log.enforce_retention(1000 * MS) == 1
    shelf.log.close(clean=True)
    shelf.open(clean=True)
    assert shelf.log.batches() == [] and shelf.log.log_end_offset == 3
    assert send(shelf, 2).duplicate is True
    shelf.refuses(Error.OUT_OF_ORDER_SEQUENCE_NUMBER, lambda: send(shelf, 9))


def test_a_damaged_snapshot_is_dropped_and_the_one_before_used():
    shelf = written(*range(9), segment_bytes=3 * len(numbered(1)))
    before = shelf.log.producers
    shelf.log.close(clean=False)
    path = "flights-0/00000000000000000006.snapshot"
    shelf.disk.corrupt(path, shelf.disk.size(path) - 1)
    shelf.open()
    assert shelf.log.producers == before
    assert snapshot_offsets(shelf.disk, "flights-0") == [3]


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x93\x01\x00\xc0", b"hello"])
def test_a_foreign_snapshot_is_dropped(content):
    shelf = written(0, 1)
    shelf.log.close(clean=False)
    shelf.disk.write("flights-0/00000000000000000001.snapshot", content)
    shelf.open()
    assert snapshot_offsets(shelf.disk, "flights-0") == []
    check_invariants(shelf.log)


def test_a_producer_expires_after_its_last_write():
    shelf = Shelf()
    send(shelf, 0, producer=1, timestamp=100)
    send(shelf, 0, producer=2, timestamp=200)
    assert shelf.log.producers.expire(1099 * MS, 1000) == 0
    assert shelf.log.producers.expire(1100 * MS, 1000) == 1
    assert list(shelf.log.producers.entries) == [2]
    assert send(shelf, 77, producer=1).base_offset == 2


def test_what_is_known_of_a_batch():
    shelf = Shelf()
    send(shelf, 10, count=3, timestamp=40)
    entry = shelf.log.producers.entries[7]
    assert entry.batches == [ProducerBatch(10, 12, 0, 2, 40)]
    assert (entry.epoch, entry.last_sequence, entry.last_timestamp) == (0, 12, 40)
    assert shelf.log.producers == ProducerStates(shelf.log.batches()) != ProducerStates()
