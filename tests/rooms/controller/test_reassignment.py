"""Partitions on the move: begun, completed with the ISR, taken back, refused."""

import pytest
from governed import Governed

from minikafka.controller.reassignment import alter_reassignments, ongoing
from minikafka.events.governance import LeaderElected, ReplicasRecorded
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.partition_requests import AlterPartitionReassignmentsRequest, Reassignment

FLIGHTS = TopicPartition("flights", 0)


@pytest.fixture
def cluster():
    """Five live brokers; flights-0 is on 0, 1, 2."""
    cluster = Governed().start(0, 1, 2, 3, 4)
    cluster.create(assignment=[[0, 1, 2]], min_insync_replicas=2)
    cluster.events.clear()
    return cluster


def move(cluster, *targets, topic="flights", number=0):
    rows = [Reassignment(topic, number, None if target is None else list(target)) for target in targets]
    request = AlterPartitionReassignmentsRequest(rows, 1000)
    return cluster.settle(alter_reassignments(cluster.image, request, cluster.config)).partitions


def on_the_move(cluster):
    now = cluster[0]
    return now.replicas, now.adding_replicas, now.removing_replicas


def test_a_move_begins_with_old_and_new_replicas(cluster):
    [answer] = move(cluster, (1, 3, 4))
    assert answer.error == Error.NONE
    assert on_the_move(cluster) == ((1, 3, 4, 0, 2), (3, 4), (0, 2))
    assert cluster.state() == (0, 0, [0, 1, 2], [])
    assert [row[:5] for row in ongoing(cluster.image).partitions] == [("flights", 0, [1, 3, 4, 0, 2], [3, 4], [0, 2])]
    assert cluster.events[0] == ReplicasRecorded(FLIGHTS, (1, 3, 4, 0, 2), (3, 4), (0, 2), (0, 1, 2))


def test_it_is_complete_when_the_whole_target_is_in_sync_and_the_leader_moves_along(cluster):
    move(cluster, (1, 3, 4))
    assert cluster.alter([0, 1, 2, 3]).error == Error.NONE
    assert on_the_move(cluster)[1:] == ((3, 4), (0, 2))
    answer = cluster.alter([0, 1, 2, 3, 4])
    assert answer.error == Error.NEW_LEADER_ELECTED
    assert on_the_move(cluster) == ((1, 3, 4), (), ())
    assert cluster.state() == (1, 1, [1, 3, 4], [])
    assert ongoing(cluster.image).partitions == []
    assert [type(event) for event in cluster.events[-2:]] == [ReplicasRecorded, LeaderElected]
    assert cluster.events[-1].clean


def test_a_newcomer_may_lead_at_once(cluster):
    move(cluster, (3,))
    cluster.alter([0, 1, 2, 3])
    assert cluster.state() == (3, 1, [3], []) and cluster.events[-1].clean


def test_the_leader_epoch_rises_even_if_the_leader_stays(cluster):
    move(cluster, (0, 1, 3))
    assert cluster.alter([0, 1, 2, 3]).error == Error.NEW_LEADER_ELECTED
    assert cluster.state() == (0, 1, [0, 1, 3], [])


def test_removing_alone_or_another_order_is_done_at_once(cluster):
    move(cluster, (1, 0))
    assert on_the_move(cluster) == ((1, 0), (), ()) and cluster.state() == (0, 1, [0, 1], [])
    move(cluster, (0, 1))
    assert on_the_move(cluster) == ((0, 1), (), ()) and cluster.state() == (0, 1, [0, 1], [])
    before = cluster.image
    assert move(cluster, (0, 1))[0].error == Error.NONE and cluster.image is before


def test_a_move_can_be_taken_back_and_changed(cluster):
    move(cluster, (0, 1, 3))
    cluster.alter([0, 1, 2])
    assert move(cluster, None)[0].error == Error.NONE
    assert on_the_move(cluster) == ((0, 1, 2), (), ())
    assert cluster.state() == (0, 1, [0, 1, 2], [])
    move(cluster, (0, 1, 3))
    move(cluster, (0, 1, 4))
    replicas, adding, removing = on_the_move(cluster)
    assert (sorted(replicas), adding, sorted(removing)) == ([0, 1, 2, 3, 4], (4,), [2, 3])
    cluster.alter([0, 1, 2, 4])
    assert on_the_move(cluster) == ((0, 1, 4), (), ())


def test_what_would_lose_records_is_not_taken_back(cluster):
    move(cluster, (3, 4))
    cluster.alter([0, 1, 2, 3])
    for broker in (1, 2, 0):
        cluster.fence(broker)
    assert cluster[0].isr == (3,)
    before = cluster.image
    [answer] = move(cluster, None)
    assert answer.error == Error.INVALID_REPLICA_ASSIGNMENT and "would lose records" in answer.message
    assert cluster.image is before


REFUSED = {
    "nothing under way": (None, {}, Error.NO_REASSIGNMENT_IN_PROGRESS, "nothing to cancel"),
    "empty": ((), {}, Error.INVALID_REPLICA_ASSIGNMENT, "names no broker"),
    "twice": ((1, 1), {}, Error.INVALID_REPLICA_ASSIGNMENT, "twice"),
    "unknown broker": ((1, 9), {}, Error.INVALID_REPLICA_ASSIGNMENT, "[9], which are not registered"),
    "unknown partition": ((1, 2), {"number": 7}, Error.UNKNOWN_TOPIC_OR_PARTITION, "check the topic"),
    "unknown topic": ((1, 2), {"topic": "gates"}, Error.UNKNOWN_TOPIC_OR_PARTITION, "check the topic"),
}


@pytest.mark.parametrize(("target", "where", "error", "part"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_and_nothing_changes(cluster, target, where, error, part):
    before = cluster.image
    [answer] = move(cluster, target, **where)
    assert answer.error == error and part in answer.message
    assert cluster.image is before and cluster.events == []


def test_a_partition_named_twice_moves_once(cluster):
    answers = move(cluster, (1, 2, 3), (2, 3, 4))
    assert [answer.error for answer in answers] == [Error.NONE, Error.INVALID_REQUEST]
    assert cluster[0].target_replicas == (1, 2, 3)
