"""Produce: the table of results, row by row."""

import pytest
from lone_broker import FLIGHTS, MS, LoneBroker, S, batch

from minikafka.events.replication import ProduceRefused
from minikafka.protocol.errors import Error
from minikafka.world.network import Disconnected


def result(task):
    (row,) = task.value.partitions
    return row


@pytest.mark.parametrize("acks", [2, -2, 7])
def test_acks_that_do_not_exist(acks):
    broker = LoneBroker()
    flights = broker.topic()
    row = broker.finish(broker.producing("m1", acks=acks)).partitions[0]
    assert (row.error, row.base_offset) == (Error.INVALID_REQUIRED_ACKS, -1)
    assert flights.log.log_end_offset == 0


def test_acks_1_is_answered_when_the_leader_has_it():
    broker = LoneBroker()
    broker.topic()
    broker.append("m0")
    row = broker.append("m1", "m2")
    assert (row.error, row.base_offset, row.log_append_time, row.log_start_offset) == (Error.NONE, 1, -1, 0)


def test_acks_0_is_not_answered():
    broker = LoneBroker()
    flights = broker.topic()
    assert broker.finish(broker.producing("m1", acks=0)) is None
    assert flights.log.log_end_offset == 1


def test_an_error_with_acks_0_closes_the_connection():
    broker = LoneBroker()
    broker.topic(leader=2)
    with pytest.raises(Disconnected):
        broker.finish(broker.producing("m1", acks=0))
    assert broker.machine.name == "b1"
    refusals = [one.event for one in broker.world.recorder.events(ProduceRefused)]
    assert [(one.partition, one.error, one.acks) for one in refusals] == [(FLIGHTS, "NOT_LEADER_OR_FOLLOWER", 0)]


def test_acks_all_waits_for_the_high_watermark():
    broker = LoneBroker()
    broker.topic()
    task = broker.start(broker.producing("m1"))
    broker.fetch(2, 1)
    assert not task.done
    broker.fetch(3, 1)
    broker.pass_time(0)
    assert (result(task).error, result(task).base_offset) == (Error.NONE, 0)


@pytest.mark.parametrize(("acks", "error", "end"), [
    (-1, Error.NOT_ENOUGH_REPLICAS, 0), (1, Error.NONE, 1),
])
def test_under_the_minimum_isr_only_acks_all_is_refused(acks, error, end):
    broker = LoneBroker()
    flights = broker.topic(isr=(1,), config={"min.insync.replicas": 2})
    row = broker.finish(broker.producing("m1", acks=acks)).partitions[0]
    assert row.error == error
    assert (flights.log.log_end_offset, flights.high_watermark) == (end, 0)
    assert "min.insync.replicas" in (row.message or "min.insync.replicas")


def test_the_gate_looks_at_the_recorded_isr_and_not_at_who_may_join():
    broker = LoneBroker()
    broker.topic(isr=(1,), config={"min.insync.replicas": 2})
    broker.fetch(2, 0)
    assert broker.replicas.partitions[FLIGHTS].isr_state.maximal_isr == (1, 2)
    assert broker.finish(broker.producing("m1")).partitions[0].error == Error.NOT_ENOUGH_REPLICAS


def test_an_isr_that_drops_after_the_append_ends_in_a_timeout():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2), config={"min.insync.replicas": 2})
    task = broker.start(broker.producing("m1", timeout_ms=500))
    broker.change(isr=(1,))
    broker.pass_time(499 * MS)
    assert not task.done
    broker.pass_time(1 * MS)
    assert (result(task).error, result(task).base_offset) == (Error.REQUEST_TIMED_OUT, -1)
    assert flights.log.log_end_offset == 1


def test_committed_but_on_too_few_replicas():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2), config={"min.insync.replicas": 2})
    task = broker.start(broker.producing("m1"))
    flights.min_isr = 3
    flights.log.set_high_watermark(1)
    flights.news.post(8)
    broker.pass_time(0)
    assert result(task).error == Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND


def test_leadership_lost_while_waiting():
    broker = LoneBroker()
    flights = broker.topic()
    task = broker.start(broker.producing("m1"))
    broker.change(leader=2)
    broker.pass_time(0)
    row = result(task)
    assert (row.error, row.current_leader, row.current_leader_epoch) == (Error.NOT_LEADER_OR_FOLLOWER, 2, 1)
    assert flights.log.log_end_offset == 1


def test_leadership_lost_and_won_again_before_anyone_looks():
    broker = LoneBroker()
    broker.topic()
    task = broker.machine.spawn(broker.producing("m1"))
    broker.pass_time(0)
    broker.change(leader=2)
    broker.change(leader=1)
    broker.pass_time(0)
    assert result(task).error == Error.NOT_LEADER_OR_FOLLOWER


def test_a_leader_that_is_elected_again_goes_on_waiting():
    broker = LoneBroker()
    broker.topic()
    task = broker.start(broker.producing("m1"))
    broker.change(leader=1)
    broker.fetch(2, 1)
    broker.fetch(3, 1)
    broker.pass_time(0)
    assert (result(task).error, result(task).base_offset) == (Error.NONE, 0)


def test_a_deleted_topic_ends_the_wait():
    from minikafka.metadata.facts import RemoveTopicRecord

    broker = LoneBroker()
    broker.topic()
    task = broker.start(broker.producing("m1"))
    broker.say(RemoveTopicRecord("flights-id"))
    broker.pass_time(0)
    assert result(task).error == Error.NOT_LEADER_OR_FOLLOWER


def test_a_duplicate_waits_for_the_high_watermark_too():
    broker = LoneBroker()
    flights = broker.topic()
    data = batch("m1", producer_id=7, producer_epoch=0, base_sequence=0)
    first = broker.start(broker.producing(data=data, timeout_ms=100))
    broker.pass_time(100 * MS)
    assert result(first).error == Error.REQUEST_TIMED_OUT
    again = broker.start(broker.producing(data=data))
    assert flights.log.log_end_offset == 1
    assert not again.done
    broker.fetch(2, 1)
    broker.fetch(3, 1)
    broker.pass_time(0)
    assert (result(again).error, result(again).base_offset) == (Error.NONE, 0)


@pytest.mark.parametrize(("topic", "leader", "error"), [
    ("flights", 2, Error.NOT_LEADER_OR_FOLLOWER),
    ("nowhere", 1, Error.UNKNOWN_TOPIC_OR_PARTITION),
])
def test_not_here(topic, leader, error):
    broker = LoneBroker()
    broker.topic(leader=leader)
    row = broker.finish(broker.producing("m1", topic=topic)).partitions[0]
    assert (row.error, row.base_offset) == (error, -1)
    assert row.message


def test_a_corrupt_batch_changes_nothing():
    broker = LoneBroker()
    flights = broker.topic()
    damaged = bytearray(batch("m1"))
    damaged[-1] ^= 1
    row = broker.finish(broker.producing(data=bytes(damaged))).partitions[0]
    assert row.error == Error.CORRUPT_MESSAGE
    assert flights.log.log_end_offset == 0


def test_each_partition_of_a_request_has_its_own_result():
    from minikafka.broker.produce import produce
    from minikafka.protocol.client_requests import ProducePartition, ProduceRequest

    broker = LoneBroker()
    broker.topic()
    rows = [ProducePartition("flights", 0, batch("m1")), ProducePartition("nowhere", 0, batch("m1"))]
    task = broker.start(produce(broker, ProduceRequest(-1, 10_000, rows), "client"))
    assert not task.done
    broker.pass_time(10 * S)
    assert [row.error for row in task.value.partitions] == [Error.REQUEST_TIMED_OUT, Error.UNKNOWN_TOPIC_OR_PARTITION]
