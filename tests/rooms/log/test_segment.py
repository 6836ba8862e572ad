"""When a segment is rolled, and what its indexes promise."""

import pytest
from shelf import MS, Shelf, batch, check_invariants, numbered

from minikafka.events.storage import LogFlushed, SegmentRolled
from minikafka.log.indexes import OffsetIndex, TimeIndex
from minikafka.log.segment import LARGEST_RELATIVE_OFFSET
from minikafka.world.disk import Disk

ONE = len(numbered(1))  # bytes of a batch with one record


# -- the conditions of a roll --------------------------------------------------------------------------------------


def test_a_batch_that_would_exceed_segment_bytes_begins_a_new_segment():
    shelf = Shelf(segment_bytes=3 * ONE)
    shelf.fill(3)
    assert shelf.bases() == [0]
    shelf.fill(1)
    assert shelf.bases() == [0, 3] and shelf.log.segments[0].size == 3 * ONE
    assert [event.base_offset for event in shelf.events if isinstance(event, SegmentRolled)] == [3]


def test_record_time_rolls_not_the_clock():
    shelf = Shelf(segment_ms=100)
    shelf.lead(timestamp=1000, now=0)
    shelf.lead(timestamp=1100, now=10**9 * MS)
    assert shelf.bases() == [0]
    shelf.lead(timestamp=1101, now=0)
    assert shelf.bases() == [0, 2]
    assert "101 ms have passed since its first batch, over segment.ms=100" in shelf.events[-2].sentence()


def test_the_first_batchs_time_counts_not_the_largest():
    shelf = Shelf(segment_ms=100)
    for timestamp in (1000, 1090, 1095):
        shelf.lead(timestamp=timestamp)
    assert shelf.bases() == [0]
    shelf.lead(timestamp=500)
    assert shelf.bases() == [0]


def test_without_timestamps_the_clock_rolls():
    shelf = Shelf(segment_ms=100)
    shelf.lead(timestamp=-1, now=0)
    shelf.lead(timestamp=-1, now=100 * MS)
    assert shelf.bases() == [0]
    shelf.lead(timestamp=-1, now=101 * MS)
    assert shelf.bases() == [0, 2]


def test_an_empty_segment_is_not_rolled_by_time():
    shelf = Shelf(segment_ms=100)
    shelf.lead(timestamp=1000, now=10**6 * MS)
    assert shelf.bases() == [0]


def test_a_full_index_rolls():
    shelf = Shelf(segment_index_bytes=40, index_interval_bytes=0)  # 5 offset entries, 3 time entries
    shelf.fill(20)
    assert shelf.bases()[:2] == [0, 6]  # a segment's first batch has no entry, and equal timestamps have one entry
    assert "segment.index.bytes=40" in next(e for e in shelf.events if isinstance(e, SegmentRolled)).sentence()
    check_invariants(shelf.log)


def test_a_time_index_with_room_for_its_last_entry_only_rolls():
    shelf = Shelf(segment_index_bytes=40, index_interval_bytes=0)
    for timestamp in range(1, 8):
        shelf.lead(timestamp=timestamp)
    assert shelf.bases() == [0, 3, 6]
    assert [len(segment.time_index) for segment in shelf.log.segments] == [2, 2, 0]
    check_invariants(shelf.log)


def test_an_offset_too_far_from_the_base_rolls():
    shelf = Shelf()
    for base in (0, LARGEST_RELATIVE_OFFSET, LARGEST_RELATIVE_OFFSET + 1):
        shelf.log.append_as_follower(batch(base_offset=base, leader_epoch=1), 1, 0)
    assert shelf.bases() == [0, LARGEST_RELATIVE_OFFSET + 1]


def test_a_roll_flushes_the_old_segment_and_moves_the_recovery_point():
    shelf = Shelf(segment_bytes=3 * ONE, index_interval_bytes=50)
    shelf.fill(4)
    old, new = shelf.log.segments
    assert shelf.log.recovery_point == 3
    for path in (old.path, old.offset_index.path, old.time_index.path):
        assert shelf.disk.flushed_size(path) == shelf.disk.size(path) > 0
    assert shelf.disk.flushed_size(new.path) == 0
    assert [type(event) for event in shelf.events[3:5]] == [LogFlushed, SegmentRolled]


def test_the_files_have_kafkas_names():
    shelf = Shelf(segment_bytes=ONE)
    shelf.fill(2)
    assert shelf.disk.list() == [
        "flights-0/00000000000000000000.index", "flights-0/00000000000000000000.log",
        "flights-0/00000000000000000000.timeindex", "flights-0/00000000000000000001.index",
        "flights-0/00000000000000000001.log", "flights-0/00000000000000000001.snapshot",
        "flights-0/00000000000000000001.timeindex", "flights-0/leader-epoch-checkpoint",
    ]  # fmt: skip


# -- the indexes ---------------------------------------------------------------------------------------------------


def test_an_entry_is_written_each_interval_and_points_to_its_batch():
    shelf = Shelf(index_interval_bytes=2 * ONE)
    for timestamp in (5, 9, 7, 3, 20, 1, 1):
        shelf.lead(b"abc", timestamp=timestamp)
    segment = shelf.log.active
    assert segment.offset_index.entries == [(3, 3 * ONE), (6, 6 * ONE)]
    assert segment.time_index.entries == [(9, 1), (20, 4)]
    assert segment.offset_index.lookup(2) == (0, 0)
    assert segment.offset_index.lookup(3) == segment.offset_index.lookup(5) == (3, 3 * ONE)
    assert segment.time_index.lookup(8) == (-1, 0)
    assert segment.time_index.lookup(19) == (9, 1)
    check_invariants(shelf.log)


def test_the_index_files_have_kafkas_entries():
    disk = Disk()
    offsets, times = OffsetIndex(disk, "x.index", 100), TimeIndex(disk, "x.timeindex", 100)
    for index in (offsets, times):
        index.create()
        index.set_room(1000)
    offsets.append(107, 4096)
    times.maybe_append(5000, 106)
    times.maybe_append(5000, 107)
    assert disk.read("x.index").hex() == "00000007" "00001000"
    assert disk.read("x.timeindex").hex() == "0000000000001388" "00000006"


def test_a_rolled_segment_gets_its_last_time_entry():
    shelf = Shelf(segment_bytes=3 * ONE)
    for timestamp in (5, 9, 7, 3):
        shelf.lead(b"abc", timestamp=timestamp)
    assert shelf.log.segments[0].time_index.entries == [(9, 1)]


def test_an_index_is_cut_with_its_log():
    shelf = Shelf(index_interval_bytes=0)
    for timestamp in range(6):
        shelf.lead(timestamp=timestamp)
    shelf.log.truncate_to(3)
    assert [offset for offset, _ in shelf.log.active.offset_index.entries] == [1, 2]
    assert [timestamp for timestamp, _ in shelf.log.active.time_index.entries] == [1, 2]
    shelf.lead(timestamp=1)
    check_invariants(shelf.log)


def test_new_index_settings_reach_the_active_segment():
    shelf = Shelf(index_interval_bytes=10**6)
    shelf.fill(5)
    shelf.configure(index_interval_bytes=0)
    shelf.log.configure(shelf.config)
    shelf.fill(2)
    assert len(shelf.log.active.offset_index) == 2
    check_invariants(shelf.log)


# -- damaged indexes -----------------------------------------------------------------------------------------------


def stopped(**settings):
    """A log of three segments that was stopped cleanly, its indexes full of entries."""
    shelf = Shelf(segment_bytes=4 * ONE, index_interval_bytes=0, **settings)
    for timestamp in range(10):
        shelf.lead(b"abc", timestamp=timestamp)
    shelf.log.close(clean=True)
    return shelf


def index_entries(shelf):
    return [(segment.offset_index.entries, segment.time_index.entries) for segment in shelf.log.segments]


HURT = {
    "missing": lambda disk, path: disk.delete(path),
    "torn": lambda disk, path: disk.truncate(path, disk.size(path) - 3),
    "foreign": lambda disk, path: disk.write(path, b"\x00" * 24),
    "damaged in front": lambda disk, path: disk.corrupt(path, 3),
    "damaged behind": lambda disk, path: disk.corrupt(path, disk.size(path) - 1),
}


@pytest.mark.parametrize("kind", [".index", ".timeindex"])
@pytest.mark.parametrize("hurt", HURT.values(), ids=HURT)
def test_a_hurt_index_is_rebuilt_after_a_clean_stop(kind, hurt):
    shelf = stopped()
    before = index_entries(shelf)
    hurt(shelf.disk, "flights-0/00000000000000000004" + kind)
    shelf.open(clean=True)
    assert shelf.kinds() == ["FileRebuilt"]
    assert "00000000000000000004" in shelf.events[0].sentence()
    offsets, times = index_entries(shelf)[1]
    assert offsets == before[1][0] and times[:3] == before[1][1][:3]
    check_invariants(shelf.log)
    assert shelf.offsets() == list(range(10))


def test_a_sound_index_is_left_as_it_is():
    shelf = stopped()
    before = index_entries(shelf)
    shelf.open(clean=True)
    assert shelf.events == [] and index_entries(shelf) == before
