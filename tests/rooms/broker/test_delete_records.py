"""DeleteRecords: what is refused, and for whom it waits."""

import pytest
from lone_broker import MS, LoneBroker

from minikafka.broker.delete_records import delete_records
from minikafka.protocol.admin_requests import DeleteRecordsPartition, DeleteRecordsRequest
from minikafka.protocol.errors import Error


def deleting(broker, offset, timeout_ms=500, topic="flights"):
    rows = [DeleteRecordsPartition(topic, 0, offset)]
    return broker.start(delete_records(broker, DeleteRecordsRequest(rows, timeout_ms), ""))


def answer(task):
    (row,) = task.value.partitions
    return row.error, row.low_watermark


def with_records(committed=2, **topic):
    broker = LoneBroker()
    flights = broker.topic(**topic)
    for value in "abc":
        broker.append(value)
    broker.fetch(2, committed)
    broker.fetch(3, committed)
    return broker, flights


def test_it_waits_for_every_live_replica():
    broker, flights = with_records()
    task = deleting(broker, 1)
    assert (flights.log.log_start_offset, task.done) == (1, False)
    broker.fetch(2, 2, start=1)
    broker.pass_time(0)
    assert not task.done
    broker.fetch(3, 2, start=1)
    broker.pass_time(0)
    assert answer(task) == (Error.NONE, 1)


def test_a_dead_replica_is_not_waited_for():
    broker, _ = with_records()
    broker.fence(3)
    task = deleting(broker, 2)
    broker.fetch(2, 2, start=2)
    broker.pass_time(0)
    assert answer(task) == (Error.NONE, 2)


def test_the_time_runs_out():
    broker, flights = with_records()
    task = deleting(broker, 1)
    broker.pass_time(500 * MS)
    assert answer(task) == (Error.REQUEST_TIMED_OUT, 0)
    assert flights.log.log_start_offset == 1


def test_minus_one_means_the_high_watermark():
    broker, flights = with_records(committed=2)
    deleting(broker, -1)
    assert flights.log.log_start_offset == 2


@pytest.mark.parametrize("offset", [3, -2])
def test_what_is_not_committed_stays(offset):
    broker, flights = with_records(committed=2)
    assert answer(deleting(broker, offset)) == (Error.OFFSET_OUT_OF_RANGE, -1)
    assert flights.log.log_start_offset == 0


def test_what_is_deleted_already_is_no_error():
    broker, _ = with_records()
    deleting(broker, 2)
    broker.fetch(2, 2, start=2)
    broker.fetch(3, 2, start=2)
    assert answer(deleting(broker, 1)) == (Error.NONE, 2)


def test_a_compacted_topic_keeps_its_records():
    broker = LoneBroker()
    broker.topic(config={"cleanup.policy": "compact"})
    assert answer(deleting(broker, 0)) == (Error.POLICY_VIOLATION, -1)


def test_only_the_leader_deletes_and_only_while_it_leads():
    broker, _ = with_records()
    task = deleting(broker, 1)
    broker.change(leader=2)
    broker.pass_time(0)
    assert answer(task) == (Error.NOT_LEADER_OR_FOLLOWER, -1)
    assert answer(deleting(broker, 1)) == (Error.NOT_LEADER_OR_FOLLOWER, -1)
    assert answer(deleting(broker, 1, topic="nowhere")) == (Error.UNKNOWN_TOPIC_OR_PARTITION, -1)
