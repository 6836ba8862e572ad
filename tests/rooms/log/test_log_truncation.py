"""Cutting the end: whole batches go, and everything concluded from them; no crash brings them back."""

import pytest
from shelf import FLIGHTS, Shelf, batch, check_invariants, numbered

from minikafka.events.storage import LogRestarted, LogTruncated
from minikafka.log import checkpoints
from minikafka.protocol.errors import Error

ONE = len(numbered(1))  # bytes of a batch with one record


def filled(batches=4, records=5, **settings):
    shelf = Shelf(**settings)
    shelf.fill(batches, records)
    shelf.events.clear()
    return shelf


def test_the_end_becomes_the_offset():
    shelf = filled()
    assert shelf.log.truncate_to(10) is True
    assert shelf.log.log_end_offset == 10 and shelf.offsets() == list(range(10))
    assert shelf.events == [LogTruncated(FLIGHTS, 20, 10)]
    assert shelf.events[0].sentence().startswith("truncated flights-0 from offset 20 to 10: 10 offsets are gone")
    check_invariants(shelf.log)


def test_a_batch_goes_as_a_whole():
    shelf = filled()
    shelf.log.truncate_to(12)
    assert shelf.log.log_end_offset == 12
    assert shelf.offsets() == list(range(10))
    assert shelf.disk.size(shelf.log.active.path) == shelf.log.size == shelf.log.active.ends[1]
    shelf.log.append_as_follower(batch(base_offset=12, leader_epoch=1), 1, 0)
    assert shelf.offsets() == [*range(10), 12]
    check_invariants(shelf.log, dense=False)


def test_later_segments_are_deleted():
    shelf = filled(9, 1, segment_bytes=3 * ONE)
    shelf.log.truncate_to(4)
    assert shelf.bases() == [0, 3] and shelf.log.active.base_offset == 3
    assert not [path for path in shelf.disk.list() if "00006" in path]
    shelf.fill(2)
    assert shelf.offsets() == list(range(6))
    check_invariants(shelf.log)


def test_cutting_at_a_segments_base_leaves_it_empty():
    shelf = filled(9, 1, segment_bytes=3 * ONE)
    shelf.log.truncate_to(6)
    assert shelf.bases() == [0, 3, 6] and shelf.log.active.size == 0
    shelf.fill(1)
    assert shelf.offsets() == list(range(7))
    check_invariants(shelf.log)


def test_at_or_above_the_end_only_epochs_without_data_go():
    shelf = filled()
    shelf.log.epochs.assign(7, 20)
    assert shelf.log.truncate_to(20) is False
    assert shelf.log.epochs.entries == [(1, 0)]
    assert shelf.log.truncate_to(500) is False
    assert shelf.log.log_end_offset == 20 and shelf.events == []


def test_the_high_watermark_and_the_start_come_down_with_the_end():
    shelf = filled()
    shelf.log.set_high_watermark(15)
    shelf.log.advance_log_start(12)
    shelf.log.truncate_to(15)
    assert (shelf.log.log_start_offset, shelf.log.high_watermark) == (12, 15)
    shelf.log.truncate_to(10)
    assert (shelf.log.log_start_offset, shelf.log.high_watermark, shelf.log.log_end_offset) == (10, 10, 10)
    check_invariants(shelf.log)


def test_below_the_first_segment_the_log_begins_anew():
    shelf = filled(9, 1, segment_bytes=3 * ONE)
    shelf.log.set_high_watermark(9)
    shelf.log.advance_log_start(6)
    shelf.log.enforce_retention(0)
    assert shelf.log.truncate_to(4) is True
    assert (shelf.log.log_start_offset, shelf.log.high_watermark, shelf.log.log_end_offset) == (4, 4, 4)
    assert shelf.bases() == [4] and shelf.kinds()[-1] == "LogRestarted"


def test_a_log_begun_anew_is_empty_in_every_way():
    shelf = filled(9, 1, segment_bytes=3 * ONE)
    shelf.lead(producer_id=5, producer_epoch=0, base_sequence=0)
    shelf.events.clear()
    shelf.log.truncate_fully_and_start_at(100)
    assert (shelf.log.log_start_offset, shelf.log.high_watermark, shelf.log.log_end_offset) == (100, 100, 100)
    assert shelf.log.epochs.entries == [] and shelf.log.producers.entries == {} and shelf.log.batches() == []
    assert shelf.events == [LogRestarted(FLIGHTS, 0, 10, 100)]
    assert shelf.disk.list("flights-0/0") == [
        "flights-0/00000000000000000100.index", "flights-0/00000000000000000100.log",
        "flights-0/00000000000000000100.timeindex",
    ]  # fmt: skip
    shelf.disk.lose_power()
    assert shelf.open().log_end_offset == 100
    shelf.log.append_as_follower(batch(base_offset=100, leader_epoch=4), 4, 0)
    assert shelf.offsets() == [100]
    check_invariants(shelf.log)


@pytest.mark.parametrize("call", [lambda log: log.truncate_to(-1), lambda log: log.truncate_fully_and_start_at(-7)])
def test_an_offset_below_zero_is_refused(call):
    shelf = filled()
    shelf.refuses(Error.OFFSET_OUT_OF_RANGE, lambda: call(shelf.log), "offsets begin at 0")


# -- no resurrection -----------------------------------------------------------------------------------------------


def test_flushed_data_that_was_cut_does_not_return():
    shelf = filled()
    shelf.log.flush()
    shelf.log.truncate_to(10)
    shelf.disk.lose_power()
    assert shelf.open(recovery_point=20).log_end_offset == 10


def test_cut_segments_do_not_return():
    shelf = filled(9, 1, segment_bytes=3 * ONE)
    shelf.log.flush()
    shelf.log.truncate_to(2)
    shelf.disk.lose_power()
    assert shelf.open().log_end_offset == 2


def test_the_recovery_point_is_lowered_in_memory_and_durably():
    shelf = filled()
    shelf.log.flush()
    checkpoints.write_offsets(shelf.disk, checkpoints.RECOVERY_POINT, {FLIGHTS: 20, ("a", 1): 7})
    shelf.log.truncate_to(10)
    assert shelf.log.recovery_point == 10
    shelf.disk.lose_power()
    assert checkpoints.read_offsets(shelf.disk, checkpoints.RECOVERY_POINT) == {FLIGHTS: 10, ("a", 1): 7}


def test_what_is_written_again_is_scanned_after_a_crash():
    shelf = filled()
    shelf.log.flush()
    checkpoints.write_offsets(shelf.disk, checkpoints.RECOVERY_POINT, {FLIGHTS: 20})
    shelf.log.truncate_to(10)
    shelf.fill(2, 5, epoch=2)
    shelf.disk.corrupt(shelf.log.active.path, shelf.log.size - 1)
    point = checkpoints.read_offsets(shelf.disk, checkpoints.RECOVERY_POINT)[FLIGHTS]
    assert shelf.open(recovery_point=point).log_end_offset == 15


def test_a_recovery_point_below_the_cut_stays():
    shelf = filled()
    shelf.log.truncate_to(10)
    assert shelf.log.recovery_point == 0
    shelf.log.flush()
    shelf.fill(1)
    shelf.log.truncate_to(10)
    assert shelf.log.recovery_point == 10
