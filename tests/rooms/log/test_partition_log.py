"""The log as a whole: append, read, high watermark, flush, close, delete; and its invariants under a random life."""

from random import Random

import pytest
from shelf import FLIGHTS, MS, Shelf, batch, check_invariants, numbered, read_all

from minikafka.events.storage import BatchAppended, DuplicateBatchSeen, LogDeleted, LogFlushed
from minikafka.log import checkpoints
from minikafka.log.batch_validation import CONTROLLER
from minikafka.log.partition_log import Appended
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import headers_of, read_header, stamp_time
from minikafka.world.disk import DiskError

ONE = len(numbered(1))  # bytes of a batch with one record

# -- append as leader ----------------------------------------------------------------------------------------------


def test_the_leader_gives_offsets_and_its_epoch():
    shelf = Shelf()
    assert shelf.lead(b"a", b"b", epoch=4) == Appended(0, 1, -1, False)
    assert shelf.lead(b"c", epoch=4) == Appended(2, 2, -1, False)
    records = [(record.offset, record.value, record.leader_epoch) for record in read_all(shelf.log)]
    assert records == [(0, b"a", 4), (1, b"b", 4), (2, b"c", 4)]
    assert shelf.log.log_end_offset == 3 and shelf.log.high_watermark == 0
    check_invariants(shelf.log)


def test_an_append_is_told():
    shelf = Shelf()
    shelf.lead(b"a", b"b", epoch=4, producer_id=9, producer_epoch=0, base_sequence=5)
    size = shelf.log.batches()[0].size
    assert shelf.events == [BatchAppended(FLIGHTS, 0, 1, 4, size, 9, 5, True)]
    assert shelf.events[0].sentence() == f"appended offsets 0..1 of flights-0 as leader under epoch 4 ({size} bytes)"


def test_log_append_time_is_the_leaders_clock_and_is_answered():
    shelf = Shelf(message_timestamp_type="LogAppendTime")
    assert shelf.lead(b"a", b"b", timestamp=5, now=70 * MS).log_append_time == 70
    assert [record.timestamp for record in read_all(shelf.log)] == [70, 70]
    check_invariants(shelf.log)


def test_the_leader_corrects_the_largest_timestamp():
    shelf = Shelf()
    wrong = bytearray(numbered(2, timestamp=10))
    honest = read_header(bytes(wrong))
    shelf.log.append_as_leader(stamp_time(bytes(wrong), honest, 999, False), 1, 0)
    assert shelf.log.batches()[0].max_timestamp == 10
    check_invariants(shelf.log)


def test_a_duplicate_is_answered_with_its_first_place_and_not_appended():
    shelf = Shelf()
    first = {"producer_id": 9, "producer_epoch": 0, "base_sequence": 0, "timestamp": 33}
    shelf.lead(b"other")
    assert shelf.lead(b"a", b"b", **first).duplicate is False
    shelf.events.clear()
    assert shelf.lead(b"a", b"b", **first) == Appended(1, 2, 33, True)
    assert shelf.log.log_end_offset == 3
    assert shelf.events == [DuplicateBatchSeen(FLIGHTS, 1, 2, 9, 0)]


def test_brokers_may_append_several_batches_at_once():
    shelf = Shelf()
    appended = shelf.log.append_as_leader(numbered(3) + numbered(2), 2, 0, CONTROLLER)
    assert appended == Appended(0, 4, -1, False)
    assert [header.base_offset for header in shelf.log.batches()] == [0, 3]
    check_invariants(shelf.log)


# -- append as follower --------------------------------------------------------------------------------------------


def test_a_follower_holds_the_leaders_bytes():
    leader, follower = Shelf(), Shelf()
    for epoch in (1, 1, 3):
        leader.fill(4, records=3, epoch=epoch)
    data = leader.log.read(0, 1 << 20, leader.log.log_end_offset)
    assert follower.log.append_as_follower(data, 3, 0) == 36
    assert follower.disk.read(follower.log.active.path) == leader.disk.read(leader.log.active.path)
    assert follower.log.epochs.entries == leader.log.epochs.entries == [(1, 0), (3, 24)]
    assert [event.as_leader for event in follower.events] == [False] * 12
    check_invariants(follower.log)


def test_batches_of_a_newer_epoch_are_left_out():
    leader, follower = Shelf(), Shelf()
    for epoch in (1, 2, 3):
        leader.fill(1, epoch=epoch)
    data = leader.log.read(0, 1 << 20, 3)
    assert follower.log.append_as_follower(data, 2, 0) == 2
    assert follower.log.epochs.latest == 2


def test_a_follower_accepts_gaps():
    follower = Shelf()
    follower.log.append_as_follower(batch(base_offset=0, leader_epoch=1), 1, 0)
    follower.log.append_as_follower(batch(base_offset=7, leader_epoch=1), 1, 0)
    assert follower.offsets() == [0, 7] and follower.log.log_end_offset == 8
    check_invariants(follower.log, dense=False)


def test_nothing_fetched_changes_nothing():
    shelf = Shelf()
    assert shelf.log.append_as_follower(b"", 1, 0) == 0
    assert shelf.events == []


# -- read ----------------------------------------------------------------------------------------------------------


def test_a_read_begins_with_the_batch_that_holds_the_offset():
    shelf = Shelf()
    shelf.fill(5, records=3)
    assert [header.base_offset for header in headers_of(shelf.log.read(7, 1 << 20, 15))] == [6, 9, 12]


def test_a_read_ends_below_up_to_with_whole_batches():
    shelf = Shelf()
    shelf.fill(5, records=3)
    assert [header.base_offset for header in headers_of(shelf.log.read(0, 1 << 20, 11))] == [0, 3, 6]
    assert shelf.log.read(0, 1 << 20, 2) == b""
    assert shelf.log.read(12, 1 << 20, 12) == b""


def test_a_read_is_limited_in_bytes_but_gives_at_least_one_batch():
    shelf = Shelf()
    shelf.fill(5, records=3)
    size = shelf.log.batches()[0].size
    assert len(shelf.log.read(3, 2 * size, 15)) == 2 * size
    assert len(shelf.log.read(3, 3 * size - 1, 15)) == 2 * size
    assert len(shelf.log.read(3, 1, 15)) == size
    assert shelf.log.read(3, 1, 15, at_least_one=False) == b""
    assert shelf.log.read(3, size, 15, at_least_one=False) != b""


def test_a_read_ends_with_its_segment_and_the_next_goes_on():
    shelf = Shelf(segment_bytes=3 * ONE)
    shelf.fill(8)
    assert shelf.bases() == [0, 3, 6]
    assert [header.base_offset for header in headers_of(shelf.log.read(1, 1 << 20, 8))] == [1, 2]
    assert shelf.offsets() == list(range(8))


def test_a_read_passes_a_gap_between_segments():
    shelf = Shelf(segment_bytes=2 * len(batch()))
    for base in (0, 1, 10, 11):
        shelf.log.append_as_follower(batch(base_offset=base, leader_epoch=1), 1, 0)
    assert shelf.bases() == [0, 10]
    assert read_header(shelf.log.read(5, 1 << 20, 12)).base_offset == 10


def test_a_read_at_the_end_is_empty():
    shelf = Shelf()
    shelf.fill(2)
    assert shelf.log.read(2, 1 << 20, 2) == b""


@pytest.mark.parametrize("offset", [-1, 2, 9])
def test_a_read_outside_the_log_is_refused(offset):
    shelf = Shelf()
    shelf.fill(8)
    shelf.log.set_high_watermark(8)
    shelf.log.advance_log_start(3)
    shelf.refuses(Error.OFFSET_OUT_OF_RANGE, lambda: shelf.log.read(offset, 100, 8), f"offset {offset}", "3 up to 8")


# -- high watermark, log start -------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked, becomes", [(-5, 2), (0, 2), (3, 3), (6, 6), (7, 6), (10**9, 6)])
def test_the_high_watermark_stays_between_start_and_end(asked, becomes):
    shelf = Shelf()
    shelf.fill(6)
    shelf.log.set_high_watermark(4)
    shelf.log.advance_log_start(2)
    assert shelf.log.set_high_watermark(asked) is True
    assert shelf.log.high_watermark == shelf.log.last_stable_offset == becomes
    assert shelf.log.set_high_watermark(asked) is False


def test_the_log_start_may_lie_inside_a_batch():
    shelf = Shelf()
    shelf.fill(3, records=4)
    shelf.log.set_high_watermark(12)
    assert shelf.log.advance_log_start(6, "delete-records") is True
    assert shelf.events[-1].sentence() == "the log of flights-0 now starts at 6 instead of 0: delete-records"
    assert read_header(shelf.log.read(6, 1 << 20, 12)).base_offset == 4
    assert shelf.log.epochs.entries == [(1, 6)]
    assert shelf.log.advance_log_start(6) is False and shelf.log.advance_log_start(2) is False
    assert shelf.log.log_start_offset == 6
    check_invariants(shelf.log)


@pytest.mark.parametrize("offset", [-1, 5, 100])
def test_the_log_start_does_not_pass_the_high_watermark(offset):
    shelf = Shelf()
    shelf.fill(8)
    shelf.log.set_high_watermark(4)
    shelf.refuses(Error.OFFSET_OUT_OF_RANGE, lambda: shelf.log.advance_log_start(offset), str(offset), "watermark 4")


# -- flush, close, delete ------------------------------------------------------------------------------------------


def test_an_append_flushes_nothing():
    shelf = Shelf()
    shelf.fill(10)
    assert shelf.log.recovery_point == 0 and shelf.disk.flushed_size(shelf.log.active.path) == 0


def test_flush_messages_flushes_after_so_many_records():
    shelf = Shelf(flush_messages=3)
    shelf.fill(2)
    assert shelf.log.recovery_point == 0
    shelf.fill(1)
    assert shelf.log.recovery_point == 3
    assert shelf.disk.flushed_size(shelf.log.active.path) == shelf.log.size
    assert shelf.events[-1] == LogFlushed(FLIGHTS, 3)


def test_a_flush_reaches_back_to_the_recovery_point():
    shelf = Shelf(segment_bytes=2 * ONE)
    shelf.fill(5)
    shelf.log.flush()
    assert shelf.log.recovery_point == 5
    assert all(shelf.disk.flushed_size(segment.path) == segment.size for segment in shelf.log.segments)
    shelf.events.clear()
    shelf.log.flush()
    assert shelf.events == []


@pytest.mark.parametrize("call", [
    lambda log: log.append_as_leader(batch(), 1, 0), lambda log: log.append_as_follower(batch(), 1, 0),
    lambda log: log.truncate_to(0), lambda log: log.truncate_fully_and_start_at(5), lambda log: log.flush(),
    lambda log: log.advance_log_start(0), lambda log: log.enforce_retention(0),
])  # fmt: skip
def test_a_closed_log_is_not_changed(call):
    shelf = Shelf()
    shelf.fill(3)
    shelf.log.close(clean=False)
    shelf.log.close(clean=True)
    shelf.refuses(Error.KAFKA_STORAGE_ERROR, lambda: call(shelf.log), "flights-0 is closed")


def test_a_deleted_log_leaves_nothing_behind():
    shelf = Shelf()
    shelf.fill(3)
    for name in (checkpoints.RECOVERY_POINT, checkpoints.HIGH_WATERMARK, checkpoints.LOG_START):
        checkpoints.write_offsets(shelf.disk, name, {FLIGHTS: 3})
    shelf.log.delete()
    assert shelf.disk.list("flights-0/") == []
    assert checkpoints.read_offsets(shelf.disk, checkpoints.HIGH_WATERMARK) == {}
    assert shelf.events[-1] == LogDeleted(FLIGHTS, 3)
    with pytest.raises(DiskError):
        shelf.log.read(0, 100, 3)
    assert shelf.open().log_end_offset == 0


def test_new_settings_apply_from_the_next_append():
    shelf = Shelf()
    shelf.fill(2)
    shelf.configure(segment_bytes=2 * ONE, max_message_bytes=ONE)
    shelf.log.configure(shelf.config)
    shelf.fill(1)
    assert shelf.bases() == [0, 2]
    shelf.refuses(Error.MESSAGE_TOO_LARGE, lambda: shelf.fill(1, records=50))


# -- a random life -------------------------------------------------------------------------------------------------


def live(shelf, dice, steps):
    """Appends of two producers, truncations, stops of each kind, retention; the invariants after each step."""
    epoch, sequence, durable = 1, {}, 0
    for _ in range(steps):
        log = shelf.log
        act = dice.choice(["append"] * 8 + ["retry", "lead", "cut", "crash", "power", "clean", "flush", "watermark"])
        if act == "append":
            producer = dice.choice([-1, 5, 6])
            count = dice.randint(1, 5)
            fields = {"timestamp": dice.randint(0, 50)}
            if producer >= 0:
                fields |= {"producer_id": producer, "producer_epoch": epoch, "base_sequence": sequence.get(producer, 0)}
            try:
                log.append_as_leader(numbered(count, **fields), epoch, 0)
                if producer >= 0:
                    sequence[producer] = fields["base_sequence"] + count
            except KafkaError as refusal:  # a truncation took the producer's last batch
                assert refusal.error is Error.OUT_OF_ORDER_SEQUENCE_NUMBER
                sequence = {}
                epoch += 1
        elif act == "lead":
            epoch += 1
            sequence = {}
            log.epochs.assign(epoch, log.log_end_offset)
        elif act == "cut":
            ends = [log.log_start_offset, *(header.next_offset for header in log.batches())]
            log.truncate_to(max(dice.choice(ends), log.log_start_offset))
        elif act in ("crash", "power", "clean"):
            log.close(clean=act == "clean")
            durable, end, start = log.recovery_point, log.log_end_offset, log.log_start_offset
            if act == "power":
                shelf.disk.lose_power(dice)
            log = shelf.open(recovery_point=durable, clean=act == "clean", log_start=start, high_watermark=end)
            assert durable <= log.log_end_offset <= end
            assert log.log_end_offset == end or act == "power"
            sequence = {}
            epoch += 1
        elif act == "flush":
            log.flush()
        elif act == "watermark":
            log.set_high_watermark(dice.randint(0, log.log_end_offset))
        check_invariants(shelf.log)
        assert shelf.offsets() == list(range(shelf.log.log_start_offset, shelf.log.log_end_offset))


@pytest.mark.parametrize("seed", range(12))
def test_the_invariants_hold_through_a_random_life(seed):
    live(Shelf(segment_bytes=1200, index_interval_bytes=200), Random(seed), 150)
