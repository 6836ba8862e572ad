"""Which segments are deleted: by time, by size, by the start; never above the high watermark."""

from shelf import FLIGHTS, MS, Shelf, check_invariants, numbered

from minikafka.events.storage import LogStartMoved, SegmentsDeleted

ONE = len(numbered(1))  # bytes of a batch with one record


def filled(timestamps, **settings):
    """One record for each timestamp, two to a segment, all committed."""
    shelf = Shelf(segment_bytes=2 * ONE, **settings)
    for timestamp in timestamps:
        shelf.lead(b"abc", timestamp=timestamp)
    shelf.log.set_high_watermark(shelf.log.log_end_offset)
    shelf.events.clear()
    return shelf


# -- time ----------------------------------------------------------------------------------------------------------


def test_a_segment_goes_when_its_newest_record_is_too_old():
    shelf = filled([10, 20, 30, 40, 50], retention_ms=100)
    assert shelf.log.enforce_retention(120 * MS) == 0
    assert shelf.log.enforce_retention(121 * MS) == 1
    assert shelf.bases() == [2, 4] and shelf.log.log_start_offset == 2
    assert shelf.events == [
        SegmentsDeleted(FLIGHTS, 1, 0, 2, 2 * ONE, "their newest records are older than retention.ms=100"),
        LogStartMoved(FLIGHTS, 0, 2, "their newest records are older than retention.ms=100"),
    ]
    assert shelf.log.epochs.entries == [(1, 2)]
    check_invariants(shelf.log)


def test_a_future_timestamp_blocks_its_segment_and_all_younger_ones():
    shelf = filled([10, 5000, 10, 10, 10], retention_ms=100)
    assert shelf.log.enforce_retention(1000 * MS) == 0
    assert shelf.bases() == [0, 2, 4]


def test_records_without_a_timestamp_count_from_when_they_were_written():
    shelf = Shelf(segment_bytes=2 * ONE, retention_ms=100)
    for _ in range(3):
        shelf.lead(b"abc", timestamp=-1, now=500 * MS)
    shelf.log.set_high_watermark(3)
    assert shelf.log.enforce_retention(600 * MS) == 0
    assert shelf.log.enforce_retention(601 * MS) == 2


def test_retention_ms_minus_one_keeps_for_ever():
    shelf = filled([10] * 5, retention_ms=-1)
    assert shelf.log.enforce_retention(10**15) == 0


def test_if_all_must_go_an_empty_segment_is_rolled_first():
    shelf = filled([10] * 5, retention_ms=100)
    assert shelf.log.enforce_retention(1000 * MS) == 3
    assert shelf.bases() == [5] and shelf.log.size == 0
    assert (shelf.log.log_start_offset, shelf.log.high_watermark, shelf.log.log_end_offset) == (5, 5, 5)
    assert shelf.kinds() == ["LogFlushed", "SegmentRolled", "SegmentsDeleted", "LogStartMoved"]
    check_invariants(shelf.log)
    assert shelf.log.enforce_retention(2000 * MS) == 0
    shelf.lead(b"abc")
    assert shelf.offsets() == [5]


# -- size ----------------------------------------------------------------------------------------------------------


def test_the_oldest_go_while_the_rest_still_has_retention_bytes():
    shelf = filled([10] * 9, retention_bytes=5 * ONE)
    assert shelf.log.enforce_retention(0) == 2  # 9 - 2 - 2 = 5, and two more would leave 3
    assert shelf.log.size == 5 * ONE and shelf.bases() == [4, 6, 8]
    assert "retention.bytes=" in shelf.events[0].sentence()
    check_invariants(shelf.log)


def test_a_log_just_over_its_size_keeps_a_segment_that_is_larger_than_the_excess():
    shelf = filled([10] * 6, retention_bytes=5 * ONE)
    assert shelf.log.enforce_retention(0) == 0


def test_size_goes_before_time_and_both_count():
    shelf = filled([10, 10, 20, 20, 500, 500, 500], retention_bytes=5 * ONE, retention_ms=100)
    assert shelf.log.enforce_retention(200 * MS) == 2
    assert [event.why.split(" ")[-1] for event in shelf.events if isinstance(event, SegmentsDeleted)] == [
        f"retention.bytes={5 * ONE}", "retention.ms=100"]  # fmt: skip


# -- the start and the high watermark ------------------------------------------------------------------------------


def test_segments_below_the_start_go():
    shelf = filled([10] * 7)
    shelf.log.advance_log_start(5)
    assert shelf.log.enforce_retention(0) == 2
    assert shelf.bases() == [4, 6] and shelf.log.log_start_offset == 5
    assert shelf.events[-1].why == "they lie below the log start 5"
    check_invariants(shelf.log)


def test_the_active_segment_does_not_go_because_of_the_start():
    shelf = filled([10] * 5)
    shelf.log.advance_log_start(5)
    assert shelf.log.enforce_retention(0) == 2
    assert shelf.bases() == [4] and shelf.log.log_start_offset == 5


def test_nothing_goes_that_is_not_committed():
    shelf = filled([10] * 7, retention_ms=1)
    shelf.log.set_high_watermark(3)
    assert shelf.log.enforce_retention(10**6 * MS) == 1
    assert shelf.bases() == [2, 4, 6] and shelf.log.log_start_offset == 2
    shelf.log.set_high_watermark(7)
    assert shelf.log.enforce_retention(10**6 * MS) == 3


def test_a_compacted_topic_only_loses_what_is_below_its_start():
    shelf = filled([], cleanup_policy="delete")
    shelf.fill(7)
    shelf.configure(cleanup_policy="compact", retention_ms=1, retention_bytes=1, segment_bytes=2 * ONE)
    shelf.log.configure(shelf.config)
    shelf.log.set_high_watermark(7)
    assert shelf.log.enforce_retention(10**6 * MS) == 0
    shelf.log.advance_log_start(2)
    assert shelf.log.enforce_retention(10**6 * MS) == 1


def test_both_policies_delete_too():
    shelf = Shelf(cleanup_policy="compact,delete", retention_ms=1)
    assert shelf.log.settings.delete and shelf.log.settings.compact


def test_files_and_snapshots_of_deleted_segments_are_gone():
    shelf = filled([10, 10, 20, 20, 30], retention_ms=100)
    shelf.log.enforce_retention(125 * MS)
    assert shelf.bases() == [4]
    assert [path for path in shelf.disk.list("flights-0/0")] == [
        "flights-0/00000000000000000004.index", "flights-0/00000000000000000004.log",
        "flights-0/00000000000000000004.snapshot", "flights-0/00000000000000000004.timeindex",
    ]  # fmt: skip


def test_deleted_segments_do_not_return_after_a_power_loss():
    shelf = filled([10, 10, 20, 20, 30], retention_ms=100)
    shelf.log.enforce_retention(111 * MS)
    shelf.disk.lose_power()
    log = shelf.open(log_start=0, recovery_point=4)
    assert (log.log_start_offset, log.log_end_offset) == (2, 4)
