"""ListOffsets, row by row of the table."""

import pytest
from lone_broker import LoneBroker

from minikafka.broker.epoch_ends import offset_for_leader_epoch
from minikafka.broker.list_offsets import list_offsets
from minikafka.protocol.client_requests import (
    EpochPartition,
    ListOffsetsPartition,
    ListOffsetsRequest,
    OffsetForLeaderEpochRequest,
    ProducePartition,
    ProduceRequest,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.records import build_batch

LATEST, EARLIEST, LARGEST, EARLIEST_LOCAL = -1, -2, -3, -4


def asked(broker, timestamp, replica=-1, epoch=-1, twice=False):
    row = ListOffsetsPartition("flights", 0, epoch, timestamp)
    request = ListOffsetsRequest(replica, 0, [row, row] if twice else [row])
    found = broker.finish(list_offsets(broker, request, "")).partitions[0]
    return (found.timestamp, found.offset) if found.error == Error.NONE else found.error


def with_times(*timestamps, committed=True):
    """A leader whose records have these timestamps (ms), one batch each."""
    broker = LoneBroker()
    broker.topic(isr=(1, 2))
    for number, timestamp in enumerate(timestamps):
        data = build_batch([(timestamp, None, b"%d" % number, None)])
        broker.finish(_produce(broker, data))
    if committed:
        broker.fetch(2, len(timestamps))
    return broker


def _produce(broker, data):
    from minikafka.broker.produce import produce

    return produce(broker, ProduceRequest(1, 0, [ProducePartition("flights", 0, data)]), "")


def test_ends():
    broker = with_times(10, 20, 30, committed=False)
    assert asked(broker, LATEST) == (-1, 0)
    assert asked(broker, LATEST, replica=2) == (-1, 3)
    broker.fetch(2, 2)
    assert asked(broker, LATEST) == (-1, 2)
    assert asked(broker, EARLIEST) == asked(broker, EARLIEST_LOCAL) == (-1, 0)


@pytest.mark.parametrize(("timestamp", "found"), [
    (0, (10, 0)), (10, (10, 0)), (11, (30, 1)), (25, (30, 1)), (31, (-1, -1)), (LARGEST, (30, 1)),
])
def test_the_first_record_not_earlier(timestamp, found):
    assert asked(with_times(10, 30, 20), timestamp) == found


def test_what_is_not_committed_is_not_there():
    broker = with_times(10, 20, committed=False)
    broker.fetch(2, 1)
    assert asked(broker, 15) == (-1, -1)
    assert asked(broker, LARGEST) == (-1, -1)
    assert asked(broker, 5) == (10, 0)
    assert asked(broker, 15, replica=2) == (20, 1)


def test_a_new_leader_does_not_know_yet_what_is_committed():
    broker = with_times(10, 20, committed=False)
    broker.fetch(2, 1)
    broker.change(leader=1)
    assert asked(broker, LATEST) == Error.OFFSET_NOT_AVAILABLE
    assert asked(broker, 15) == Error.OFFSET_NOT_AVAILABLE
    assert asked(broker, 5) == (10, 0)
    assert asked(broker, 25) == (-1, -1)
    assert asked(broker, EARLIEST) == (-1, 0)
    assert asked(broker, LATEST, replica=2) == (-1, 2)
    broker.fetch(2, 2)
    assert asked(broker, LATEST) == (-1, 2)


@pytest.mark.parametrize(("epoch", "error"), [(0, Error.FENCED_LEADER_EPOCH), (2, Error.UNKNOWN_LEADER_EPOCH)])
def test_epochs(epoch, error):
    broker = with_times(10)
    broker.change(leader=1)
    assert asked(broker, EARLIEST, epoch=epoch) == error


def test_only_the_leader_answers():
    broker = with_times(10)
    broker.change(leader=2)
    assert asked(broker, LATEST) == Error.NOT_LEADER_OR_FOLLOWER


def test_naming_a_partition_twice():
    assert asked(with_times(10), LATEST, twice=True) == Error.INVALID_REQUEST


def test_a_time_that_is_none():
    assert asked(with_times(10), -7) == Error.INVALID_REQUEST


# -- where epochs end


def epoch_end(broker, epoch, current=-1):
    request = OffsetForLeaderEpochRequest(-1, [EpochPartition("flights", 0, current, epoch)])
    row = broker.finish(offset_for_leader_epoch(broker, request, "")).partitions[0]
    return (row.leader_epoch, row.end_offset) if row.error == Error.NONE else row.error


def test_epoch_ends():
    broker = with_times(10, 20)
    broker.change(leader=1)
    broker.change(leader=1)
    broker.append("more")
    assert epoch_end(broker, 0) == (0, 2)
    assert epoch_end(broker, 2) == (2, 3)
    assert epoch_end(broker, 3) == (-1, -1)
    assert epoch_end(broker, -1) == (-1, -1)


def test_epoch_ends_are_told_by_the_leader_of_this_epoch_alone():
    broker = with_times(10)
    assert epoch_end(broker, 0, current=1) == Error.UNKNOWN_LEADER_EPOCH
    broker.change(leader=2)
    assert epoch_end(broker, 0, current=0) == Error.FENCED_LEADER_EPOCH
    assert epoch_end(broker, 0) == Error.NOT_LEADER_OR_FOLLOWER
