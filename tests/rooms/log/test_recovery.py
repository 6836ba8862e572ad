"""How a log comes back: clean stop, crash, power loss, torn tails, damaged batches, lost files."""

from random import Random

import pytest
from shelf import FLIGHTS, Shelf, batch, check_invariants, numbered

from minikafka.events.storage import LogRecovered
from minikafka.log import checkpoints

ONE = len(numbered(1))  # bytes of a batch with one record


def three_segments():
    """Offsets 0..9 in segments of four, the first two flushed by rolls; epochs 1 and 2."""
    shelf = Shelf(segment_bytes=4 * ONE)
    shelf.fill(6, epoch=1)
    shelf.fill(4, epoch=2)
    shelf.log.set_high_watermark(9)
    return shelf


def log_file(base):
    return f"flights-0/{base:020d}.log"


# -- clean stop ----------------------------------------------------------------------------------------------------


def test_a_clean_stop_keeps_all_through_a_power_loss():
    shelf = three_segments()
    shelf.log.close(clean=True)
    shelf.disk.lose_power(Random(1))
    log = shelf.open(clean=True, high_watermark=9)
    assert (log.log_start_offset, log.high_watermark, log.log_end_offset, log.recovery_point) == (0, 9, 10, 10)
    assert shelf.events == [] and shelf.bases() == [0, 4, 8]
    assert log.epochs.entries == [(1, 0), (2, 6)]
    assert shelf.offsets() == list(range(10))
    check_invariants(log)


def test_after_a_clean_stop_nothing_is_scanned():
    shelf = three_segments()
    shelf.log.close(clean=True)
    shelf.disk.corrupt(log_file(4), ONE - 1)
    assert shelf.open(clean=True).log_end_offset == 10
    shelf.log.close(clean=False)
    assert shelf.open(clean=False).log_end_offset == 4


def test_an_unclean_close_flushes_nothing():
    shelf = three_segments()
    shelf.log.close(clean=False)
    assert shelf.disk.flushed_size(log_file(8)) == 0


# -- crash of the process ------------------------------------------------------------------------------------------


def test_a_crash_of_the_process_loses_nothing():
    shelf = three_segments()
    before = shelf.log.batches()
    log = shelf.open(recovery_point=8, high_watermark=9)
    assert log.batches() == before and log.high_watermark == 9 and log.recovery_point == 8
    assert shelf.events == [LogRecovered(FLIGHTS, 10, 10, "1 of 3 segment(s) scanned, all intact", 0)]
    check_invariants(log)


def test_a_crash_does_not_make_the_unflushed_safe():
    shelf = three_segments()
    shelf.open(recovery_point=8)
    shelf.disk.lose_power()
    assert shelf.open(recovery_point=8).log_end_offset == 8


@pytest.mark.parametrize("recovery_point, scanned", [(0, 3), (3, 3), (4, 2), (7, 2), (8, 1), (10, 1)])
def test_segments_with_data_from_the_recovery_point_on_are_scanned(recovery_point, scanned):
    shelf = three_segments()
    shelf.open(recovery_point=recovery_point)
    assert shelf.events[0].reason.startswith(f"{scanned} of 3 segment(s) scanned")


def test_damage_below_the_recovery_point_is_not_looked_for():
    shelf = three_segments()
    shelf.disk.corrupt(log_file(0), ONE - 1)
    assert shelf.open(recovery_point=4).log_end_offset == 10
    assert shelf.open(recovery_point=3).log_end_offset == 0


def test_the_high_watermark_is_clamped_and_0_without_a_checkpoint():
    shelf = three_segments()
    assert shelf.open().high_watermark == 0
    assert shelf.open(high_watermark=500).high_watermark == 10
    assert shelf.open(high_watermark=3, log_start=5).high_watermark == 5


# -- power loss ----------------------------------------------------------------------------------------------------


def test_a_power_loss_takes_what_was_not_flushed():
    shelf = three_segments()
    shelf.disk.lose_power()
    log = shelf.open(recovery_point=8, high_watermark=9)
    assert (log.log_end_offset, log.high_watermark, log.recovery_point) == (8, 8, 8)
    assert log.epochs.entries == [(1, 0), (2, 6)]
    check_invariants(log)


def test_epochs_that_began_in_what_was_lost_are_forgotten():
    shelf = three_segments()
    shelf.fill(1, epoch=5)
    shelf.disk.lose_power()
    log = shelf.open(recovery_point=8)
    assert log.epochs.entries == [(1, 0), (2, 6)]
    shelf.fill(1, epoch=6)
    assert log.epochs.entries == [(1, 0), (2, 6), (6, 8)]
    check_invariants(log)


@pytest.mark.parametrize("seed", range(12))
def test_a_torn_tail_is_cut_off(seed):
    shelf = Shelf()
    shelf.fill(3)
    shelf.log.flush()
    shelf.fill(2, records=5)
    shelf.disk.lose_power(Random(seed))
    torn = shelf.disk.size(log_file(0)) - 3 * ONE
    log = shelf.open(recovery_point=3)
    assert log.log_end_offset == 3 and shelf.disk.size(log_file(0)) == 3 * ONE
    assert ("torn" in shelf.events[0].sentence()) == (torn > 0)
    shelf.disk.lose_power()
    assert shelf.disk.size(log_file(0)) == 3 * ONE
    check_invariants(log)


def test_a_log_that_was_never_flushed_comes_back_empty():
    shelf = Shelf()
    shelf.fill(5)
    shelf.disk.lose_power()
    log = shelf.open(high_watermark=4)
    assert (log.log_start_offset, log.high_watermark, log.log_end_offset) == (0, 0, 0)
    assert log.epochs.entries == [] and log.producers.entries == {}


def test_a_new_segment_keeps_its_base_through_a_power_loss():
    """All old segments were deleted: only the empty file's name knows the offset."""
    shelf = Shelf(retention_ms=10)
    shelf.fill(5)
    shelf.log.set_high_watermark(5)
    assert shelf.log.enforce_retention(10**9) == 1
    shelf.disk.lose_power()
    assert shelf.open().log_end_offset == 5


# -- damage --------------------------------------------------------------------------------------------------------


def test_a_damaged_batch_in_the_middle_cuts_the_log_there_and_deletes_later_segments():
    shelf = three_segments()
    shelf.disk.corrupt(log_file(4), 2 * ONE - 1)  # the batch at offset 5
    log = shelf.open(high_watermark=9)
    assert log.log_end_offset == 5 and log.high_watermark == 5 and shelf.bases() == [0, 4]
    assert not shelf.disk.exists(log_file(8))
    assert log.epochs.entries == [(1, 0)]
    event = shelf.events[0]
    assert (event.old_end, event.new_end) == (8, 5)
    assert "a byte changed on the way" in event.sentence() and "1 later segment(s) deleted" in event.sentence()
    check_invariants(log)
    shelf.disk.lose_power()
    assert shelf.open().log_end_offset == 5


DAMAGE = {
    "crc": lambda disk: disk.corrupt(log_file(4), ONE - 1),
    "a tag": lambda disk: disk.corrupt(log_file(4), 0),
    "a length": lambda disk: disk.corrupt(log_file(4), 22),
    "an offset": lambda disk: disk.corrupt(log_file(4), 9),
    "a torn end": lambda disk: disk.truncate(log_file(4), 4 * ONE - 7),
    "a torn header": lambda disk: disk.truncate(log_file(4), 3 * ONE + 20),
    "zeros behind": lambda disk: disk.append(log_file(4), b"\x00" * 500),
    "foreign bytes behind": lambda disk: disk.append(log_file(4), b"GET / HTTP/1.1\r\n" * 10),
    "an old batch behind": lambda disk: disk.append(log_file(4), batch(base_offset=2, leader_epoch=1)),
}
LEFT = {"a torn end": 7, "a torn header": 7, "zeros behind": 8, "foreign bytes behind": 8, "an old batch behind": 8}


@pytest.mark.parametrize("name", DAMAGE)
def test_whatever_is_no_batch_ends_the_log(name):
    shelf = three_segments()
    DAMAGE[name](shelf.disk)
    log = shelf.open()
    assert log.log_end_offset == LEFT.get(name, 4)
    assert not shelf.disk.exists(log_file(8))
    check_invariants(log)
    shelf.fill(3, epoch=9)
    check_invariants(log)
    assert shelf.offsets() == list(range(log.log_end_offset))


def test_a_damaged_header_is_found_even_after_a_clean_stop():
    shelf = three_segments()
    shelf.log.close(clean=True)
    shelf.disk.corrupt(log_file(4), 0)
    log = shelf.open(clean=True, recovery_point=10)
    assert (log.log_end_offset, log.recovery_point) == (4, 4)
    assert shelf.kinds() == ["LogRecovered"]


def test_a_checkpoint_above_the_recovered_end_is_lowered():
    """Else data written between the two would not be scanned after the next crash."""
    shelf = three_segments()
    checkpoints.write_offsets(shelf.disk, checkpoints.RECOVERY_POINT, {FLIGHTS: 10})
    shelf.disk.corrupt(log_file(8), 0)
    shelf.open(recovery_point=10)
    assert checkpoints.read_offsets(shelf.disk, checkpoints.RECOVERY_POINT) == {FLIGHTS: 8}


@pytest.mark.parametrize("content", [b"", b"0\n1\n", b"0\n2\n1 0\n2\n", b"0\n2\n2 0\n1 5\n", b"\xff", b"0\nx\n", None])
def test_a_damaged_or_missing_epoch_file_is_rebuilt_from_the_batches(content):
    shelf = three_segments()
    path = shelf.log.epochs.path
    shelf.log.close(clean=True)
    if content is None:
        shelf.disk.delete(path)
    else:
        shelf.disk.write(path, content)
    log = shelf.open(clean=True)
    assert log.epochs.entries == [(1, 0), (2, 6)]
    assert shelf.kinds() == ["FileRebuilt"] and path in shelf.events[0].sentence()
    assert shelf.open(clean=True).epochs.entries == [(1, 0), (2, 6)] and shelf.events == []


# -- the start -----------------------------------------------------------------------------------------------------


def test_the_start_is_what_the_checkpoint_says():
    shelf = three_segments()
    log = shelf.open(log_start=7)
    assert log.log_start_offset == 7 and log.epochs.entries == [(2, 7)] and shelf.offsets() == [7, 8, 9]
    check_invariants(log)


def test_without_its_checkpoint_the_start_goes_back_but_not_before_the_first_segment():
    shelf = three_segments()
    shelf.log.advance_log_start(6)
    shelf.log.enforce_retention(0)
    assert shelf.bases() == [4, 8]
    assert shelf.open(log_start=0).log_start_offset == 4


def test_a_log_that_ends_below_its_start_begins_anew_there():
    shelf = three_segments()
    log = shelf.open(log_start=50, high_watermark=60)
    assert (log.log_start_offset, log.high_watermark, log.log_end_offset, log.recovery_point) == (50, 50, 50, 0)
    assert shelf.bases() == [50] and log.epochs.entries == [] and log.producers.entries == {}
    assert "its end 10 is below its start 50" in shelf.events[0].sentence()
    shelf.fill(1, epoch=3)
    assert shelf.offsets() == [50]
    check_invariants(log)


def test_a_new_log_begins_at_the_start_it_is_told():
    shelf = Shelf()
    shelf.log.delete()
    log = shelf.open(log_start=20)
    assert (log.log_start_offset, log.log_end_offset) == (20, 20) and shelf.events == []


def test_files_of_other_names_are_left_alone():
    shelf = three_segments()
    shelf.disk.append("flights-0/partition.metadata", b"topic")
    shelf.disk.append("flights-0/notes.log", b"mine")
    shelf.disk.append("flights-01/00000000000000000099.log", b"another partition's")
    assert shelf.open().log_end_offset == 10
    assert shelf.disk.read("flights-0/notes.log") == b"mine"
