"""Open transactions, markers, the last stable offset, the index of aborted ones: after appends, cuts and crashes."""

import pytest
from shelf import Shelf, check_invariants, numbered

from minikafka.log.batch_validation import COORDINATOR
from minikafka.log.inspect import inspect
from minikafka.protocol.control_records import Marker, marker_batch, marker_of
from minikafka.protocol.errors import Error
from minikafka.protocol.record_batch import TRANSACTIONAL, read_header


def write(shelf, producer=7, epoch=0, sequence=0, count=1):
    """A batch of a transaction."""
    data = numbered(count, producer_id=producer, producer_epoch=epoch, base_sequence=sequence, attributes=TRANSACTIONAL)
    return shelf.log.append_as_leader(data, 1, 0)


def mark(shelf, committed, producer=7, epoch=1, coordinator=3, at=50):
    """The end of a transaction."""
    data = marker_batch(producer, epoch, Marker(committed, coordinator), at)
    return shelf.log.append_as_leader(data, 1, at * 1000, COORDINATOR).base_offset


def all_committed(shelf):
    shelf.log.set_high_watermark(shelf.log.log_end_offset)


def names(shelf, first=0, end=1000):
    return [tuple(one) for one in shelf.log.aborted_transactions(first, end)]


def test_a_marker_says_what_it_was_told():
    data = marker_batch(7, 2, Marker(False, 9), 50)
    header = read_header(data)
    assert header.is_control and header.is_transactional and header.records_count == 1
    assert marker_of(data, header) == Marker(False, 9) and Marker(False, 9).outcome == "ABORT"


def test_an_open_transaction_holds_the_last_stable_offset():
    shelf = Shelf()
    shelf.lead()
    write(shelf)
    shelf.lead()
    all_committed(shelf)
    assert (shelf.log.last_stable_offset, shelf.log.high_watermark) == (1, 3)
    [open_one] = shelf.log.ongoing_transactions()
    assert open_one[:3] == (7, 0, 1)
    check_invariants(shelf.log)


def test_the_marker_counts_when_it_is_replicated():
    shelf = Shelf()
    write(shelf)
    marker = mark(shelf, True)
    shelf.log.set_high_watermark(marker)
    assert shelf.log.ongoing_transactions() == [] and shelf.log.last_stable_offset == 0
    shelf.log.set_high_watermark(marker + 1)
    assert shelf.log.last_stable_offset == marker + 1
    assert names(shelf) == [] and not shelf.disk.exists(shelf.log.active.aborted.path)


def test_the_oldest_open_transaction_decides():
    shelf = Shelf()
    write(shelf, producer=7)
    write(shelf, producer=8)
    mark(shelf, True, producer=7)
    all_committed(shelf)
    assert shelf.log.last_stable_offset == 1
    mark(shelf, False, producer=8)
    all_committed(shelf)
    assert shelf.log.last_stable_offset == 4
    assert names(shelf) == [(8, 1, 3)]


def test_aborted_ones_are_found_by_the_offsets_they_touch():
    shelf = Shelf(segment_bytes=300)
    for _ in range(3):
        write(shelf, epoch=_, sequence=0)
        mark(shelf, False, epoch=_ + 1)
        shelf.lead()
    assert len(shelf.bases()) > 2
    assert names(shelf) == [(7, 0, 1), (7, 3, 4), (7, 6, 7)]
    assert names(shelf, 4, 6) == [(7, 3, 4)] and names(shelf, 5, 6) == [] and names(shelf, 0, 3) == [(7, 0, 1)]


@pytest.mark.parametrize("stop", [{}, {"recovery_point": 100, "clean": True}])
def test_all_of_it_comes_back_from_the_disk(stop):
    shelf = Shelf(segment_bytes=300)
    write(shelf)
    mark(shelf, False)
    write(shelf, producer=8)
    shelf.lead()
    write(shelf, producer=9)
    mark(shelf, False, producer=9)
    before = shelf.log.producers
    shelf.log.close(clean=bool(stop))
    log = shelf.open(high_watermark=100, **stop)
    assert log.producers == before
    assert (log.last_stable_offset, [one.producer_id for one in log.ongoing_transactions()]) == (2, [8])
    assert names(shelf) == [(7, 0, 1), (9, 4, 5)]
    check_invariants(log)


def test_what_ended_before_a_snapshot_may_still_be_undecided():
    """The marker is in the log, and not below the high watermark that the checkpoint knows."""
    shelf = Shelf(segment_bytes=200)
    shelf.lead()
    write(shelf)
    mark(shelf, True)
    for _ in range(4):
        shelf.lead()
    shelf.log.close(clean=True)
    log = shelf.open(high_watermark=2, clean=True, recovery_point=100)
    assert log.last_stable_offset == 1
    log.set_high_watermark(3)
    assert log.last_stable_offset == 3


def test_a_cut_marker_opens_the_transaction_again():
    shelf = Shelf()
    write(shelf)
    marker = mark(shelf, False)
    shelf.log.truncate_to(marker)
    assert [one.producer_id for one in shelf.log.ongoing_transactions()] == [7]
    assert names(shelf) == [] and shelf.log.active.aborted.entries == []
    shelf.log.truncate_to(0)
    assert shelf.log.ongoing_transactions() == []
    check_invariants(shelf.log)


def test_a_lost_index_is_made_anew():
    shelf = Shelf()
    write(shelf)
    mark(shelf, False)
    path = shelf.log.active.aborted.path
    shelf.log.close(clean=True)
    shelf.disk.delete(path)
    shelf.open(clean=True, recovery_point=2, high_watermark=2)
    assert names(shelf) == [(7, 0, 1)] and shelf.disk.exists(path) and "FileRebuilt" in shelf.kinds()


def test_a_deleted_log_leaves_no_index_behind():
    shelf = Shelf()
    write(shelf)
    mark(shelf, False)
    shelf.log.truncate_fully_and_start_at(5)
    assert not [path for path in shelf.disk.list() if path.endswith(".txnindex")]


def test_deleted_records_do_not_hold_anything():
    shelf = Shelf()
    write(shelf)
    shelf.lead()
    all_committed(shelf)
    shelf.log.advance_log_start(2)
    assert shelf.log.last_stable_offset == 2


def test_a_marker_has_an_epoch_of_its_own_and_what_was_sent_before_comes_too_late():
    shelf = Shelf()
    write(shelf, epoch=4)
    mark(shelf, False, epoch=5)
    shelf.refuses(Error.INVALID_PRODUCER_EPOCH, lambda: write(shelf, epoch=4, sequence=1), "epoch 5 has written since")
    shelf.refuses(Error.OUT_OF_ORDER_SEQUENCE_NUMBER, lambda: write(shelf, epoch=5, sequence=1), "where 0 must follow")
    assert write(shelf, epoch=5, sequence=0).base_offset == 2


def test_a_marker_of_an_old_epoch_is_refused():
    shelf = Shelf()
    write(shelf, epoch=4)
    shelf.refuses(Error.INVALID_PRODUCER_EPOCH, lambda: mark(shelf, True, epoch=3))


def test_in_a_transaction_nothing_else_is_written():
    shelf = Shelf()
    write(shelf)
    data = numbered(1, producer_id=7, producer_epoch=0, base_sequence=1)
    shelf.refuses(Error.INVALID_TXN_STATE, lambda: shelf.log.append_as_leader(data, 1, 0), "since offset 0")


def test_a_producer_with_an_open_transaction_is_not_forgotten():
    shelf = Shelf()
    write(shelf)
    assert shelf.log.producers.expire(10**15, 1000) == 0
    mark(shelf, True, at=50)
    assert shelf.log.producers.expire(51_000 + 1_000_000, 1000) == 1


def test_followers_have_the_same():
    shelf, follower = Shelf(), Shelf()
    write(shelf)
    mark(shelf, False)
    write(shelf, epoch=1, producer=8)
    data = shelf.log.read(0, 1 << 20, shelf.log.log_end_offset)
    follower.log.append_as_follower(data, 1, 0)
    assert follower.log.producers == shelf.log.producers and names(follower) == names(shelf)
    assert follower.disk.read(follower.log.active.path) == shelf.disk.read(shelf.log.active.path)


def test_markers_are_told():
    shelf = Shelf()
    write(shelf)
    mark(shelf, False, coordinator=3)
    told = inspect(shelf.log, deep=True).splitlines()
    assert "isTransactional: true isControl: true" in told[-2]
    assert told[-1] == "| offset: 1 CreateTime: 50 endTxnMarker: ABORT coordinatorEpoch: 3"


def test_where_the_high_watermark_falls_what_was_over_is_undecided_again():
    shelf = Shelf()
    shelf.lead()
    write(shelf)
    mark(shelf, True)
    all_committed(shelf)
    shelf.log.set_high_watermark(2)
    assert shelf.log.last_stable_offset == 1
