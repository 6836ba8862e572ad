"""From a time to an offset: first by offset, not by time."""

import pytest
from shelf import MS, Shelf, numbered

from minikafka.protocol.records import build_batch

ONE = len(numbered(1))


def timed(*batches, **settings):
    """A log with these batches, each a tuple of timestamps."""
    shelf = Shelf(**settings)
    for number, timestamps in enumerate(batches):
        records = [(timestamp, None, b"abc", None) for timestamp in timestamps]
        shelf.log.append_as_leader(build_batch(records), 1 + number, 0)
    return shelf.log


@pytest.mark.parametrize("timestamp, found", [
    (0, (10, 0, 1)), (10, (10, 0, 1)), (11, (40, 1, 1)), (40, (40, 1, 1)), (41, (50, 4, 3)), (50, (50, 4, 3)),
    (51, None),
])  # fmt: skip
def test_the_first_record_by_offset_that_is_not_earlier(timestamp, found):
    log = timed((10, 40, 20), (30,), (50, 45))
    assert log.offset_for_timestamp(timestamp, log.log_end_offset) == found


def test_only_below_up_to():
    log = timed((10, 40, 20), (30,), (50, 45))
    assert log.offset_for_timestamp(41, 5) == (50, 4, 3)
    assert log.offset_for_timestamp(41, 4) is None


def test_only_from_the_start_on():
    log = timed((10, 40, 20), (30,), (50, 45))
    log.set_high_watermark(6)
    log.advance_log_start(2)
    assert log.offset_for_timestamp(0, 6) == (20, 2, 1)
    assert log.offset_for_timestamp(25, 6) == (30, 3, 2)


def test_over_segments():
    log = timed((10,), (20,), (15,), (40,), (30,), segment_bytes=2 * ONE)
    assert [segment.base_offset for segment in log.segments] == [0, 2, 4]
    assert log.offset_for_timestamp(21, 5) == (40, 3, 4)
    assert log.offset_for_timestamp(12, 5) == (20, 1, 2)


def test_the_index_is_used_and_right():
    log = timed(*((timestamp,) for timestamp in (5, 9, 7, 3, 20, 1, 21, 8)), index_interval_bytes=0)
    every = [(5, 0), (9, 1), (7, 2), (3, 3), (20, 4), (1, 5), (21, 6), (8, 7)]
    for wanted in range(23):
        expected = next(((timestamp, offset) for timestamp, offset in every if timestamp >= wanted), None)
        found = log.offset_for_timestamp(wanted, 8)
        assert (found and found[:2]) == expected


def test_log_append_time_counts_where_it_is_used():
    shelf = Shelf(message_timestamp_type="LogAppendTime")
    shelf.lead(b"a", b"b", timestamp=999, now=30 * MS)
    shelf.lead(b"c", timestamp=1, now=60 * MS)
    assert shelf.log.offset_for_timestamp(31, 3) == (60, 2, 1)
    assert shelf.log.offset_for_timestamp(30, 3) == (30, 0, 1)


def test_the_first_record_with_the_largest_timestamp():
    log = timed((10, 40, 20), (40,), (50, 45, 50))
    assert log.offset_of_max_timestamp(7) == (50, 4, 3)
    assert log.offset_of_max_timestamp(4) is None
    assert timed((-1, -1)).offset_of_max_timestamp(2) is None


def test_an_empty_log_has_no_times():
    log = Shelf().log
    assert log.offset_for_timestamp(0, 10) is None and log.offset_of_max_timestamp(10) is None
