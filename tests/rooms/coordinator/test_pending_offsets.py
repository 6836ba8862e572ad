"""Offsets in transactions: pending, committed by a marker or forgotten, and what is told meanwhile."""

from minikafka.coordinator.offset_records import OffsetChange, StoredOffset
from minikafka.coordinator.pending_offsets import EndOfTransaction, PendingOffsets, PendingRecord
from minikafka.coordinator.shard import Shard
from minikafka.coordinator.shard import batch_of as packed
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import read_header
from minikafka.protocol.records import records_of

F0 = TopicPartition("flights", 0)


def change(offset):
    return OffsetChange("g", F0, StoredOffset(offset, -1, "", 0))


def record(offset, at):
    data = packed([change(offset)], 0)
    return records_of(data, read_header(data))[0]._replace(offset=at)


def a_shard(desk_or_none=None):
    class Machine:
        now = 0

        def future(self):
            return None

    return Shard(Machine(), {}, None, 0, 0, None)


def committed(shard, high_watermark=100):
    found = shard.offsets.committed("g", F0, high_watermark)
    return None if found is None else found.offset


def test_pending_until_the_marker_is_replicated():
    pending = PendingOffsets()
    pending.add(7, change(5), 10)
    assert pending.unstable("g", F0, 100) and not pending.unstable("g", TopicPartition("flights", 1), 100)
    [ended] = pending.end(7, 12)
    assert (ended.change.stored.offset, ended.at) == (5, 10)
    assert pending.unstable("g", F0, 12) and not pending.unstable("g", F0, 13)
    assert pending.end(7, 20) == []


def test_a_commit_counts_from_its_marker_on():
    shard = a_shard()
    shard.apply(change(1), 3)
    shard.replay(PendingRecord(7, record(5, 10)))
    assert committed(shard) == 1
    shard.replay(EndOfTransaction(7, True, 12))
    assert committed(shard, 12) == 1 and committed(shard, 13) == 5


def test_an_abort_leaves_things_as_they_were():
    shard = a_shard()
    shard.apply(change(1), 3)
    shard.replay(PendingRecord(7, record(5, 10)))
    shard.replay(EndOfTransaction(7, False, 12))
    assert committed(shard) == 1 and not shard.pending.unstable("g", F0, 13)


def test_what_was_committed_later_without_a_transaction_stays():
    shard = a_shard()
    shard.replay(PendingRecord(7, record(5, 10)))
    shard.apply(change(9), 11)
    assert shard.end_transaction(7, True, 12) == []
    assert committed(shard) == 9


def test_of_two_transactions_the_later_offset_stays_whatever_the_order_of_the_markers():
    shard = a_shard()
    shard.replay(PendingRecord(7, record(5, 10)))
    shard.replay(PendingRecord(8, record(6, 11)))
    shard.replay(EndOfTransaction(8, True, 12))
    shard.replay(EndOfTransaction(7, True, 13))
    assert committed(shard) == 6
    shard.replay(PendingRecord(8, record(7, 14)))
    shard.replay(PendingRecord(7, record(8, 15)))
    shard.replay(EndOfTransaction(8, True, 16))
    shard.replay(EndOfTransaction(7, True, 17))
    assert committed(shard) == 8
