"""A changed constraint, applied: the same brokers in other roles, or a refusal."""

import json

import pytest
from governed import Governed

from minikafka.controller.placement_change import apply_placement
from minikafka.controller.reassignment import alter_reassignments
from minikafka.events.observers import ObserverPromoted, ObserversAssigned
from minikafka.metadata.facts import TOPIC, ConfigRecord
from minikafka.metadata.observer_policy import expected_in_sync
from minikafka.protocol.error_codes import Error
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.partition_requests import AlterPartitionReassignmentsRequest, Reassignment
from minikafka.protocol.placement_requests import ApplyPlacementRequest

FLIGHTS = TopicPartition("flights", 0)
SETTING = "confluent.placement.constraints"


def at(**racks):
    return [{"count": count, "constraints": {"rack": rack}} for rack, count in racks.items()]


@pytest.fixture
def cluster():
    cluster = Governed(elr=False).start(1, 2, 3, 4, racks={1: "west", 2: "west", 3: "east", 4: "east"})
    text = json.dumps({"version": 1, "replicas": at(west=2), "observers": at(east=2)})
    cluster.create(assignment=[[2, 1, 3, 4]], **{SETTING: text})
    return cluster


def turn(cluster, replicas, observers=()):
    text = json.dumps({"version": 1, "replicas": replicas, "observers": list(observers)})
    cluster.image = cluster.image.apply([ConfigRecord(TOPIC, "flights", SETTING, text)], cluster.image.offset + 1)


def apply(cluster, *topics):
    return cluster.settle(apply_placement(cluster.image, ApplyPlacementRequest(list(topics) or ["flights"]))).topics


def test_the_same_brokers_take_other_roles(cluster):
    turn(cluster, at(east=2), at(west=2))
    [answer] = apply(cluster)
    assert answer.error == Error.NONE
    now = cluster.image.partition(FLIGHTS)
    assert (now.replicas, now.observers, now.sync_replicas) == ((3, 4, 2, 1), (2, 1), (3, 4))
    assert (now.leader, now.isr, now.leader_epoch) == (2, (2, 1), 0)  # nothing else has changed
    assert cluster.events[-1] == ObserversAssigned(FLIGHTS, (3, 4, 2, 1), (2, 1), "leader-is-observer")
    assert not [event for event in cluster.events if isinstance(event, ObserverPromoted)]


def test_what_is_in_place_stays(cluster):
    before = cluster.image
    assert apply(cluster)[0].error == Error.NONE
    assert cluster.image is before


def test_observers_may_become_sync_replicas(cluster):
    turn(cluster, at(west=2, east=2))
    apply(cluster)
    now = cluster.image.partition(FLIGHTS)
    assert (now.replicas, now.observers) == ((2, 1, 3, 4), ())
    assert cluster.events[-1].sentence() == "flights-0 has no observers any more, its replicas are [2, 1, 3, 4]"
    assert cluster.alter([2, 1, 3]).error == Error.NONE


@pytest.mark.parametrize(
    ("replicas", "observers", "says"),
    [
        (at(west=2), at(east=1), "wants 3 replicas of flights-0, which has 4: there is no place for [4]; reassign"),
        (at(west=3), at(east=1), "3 replicas of flights-0 shall be in the rack 'west', and 2 of its replicas"),
        (at(north=1), at(east=1), "1 replicas of flights-0 shall be in the rack 'north', and 0 of its replicas"),
    ],
)
def test_other_brokers_take_a_reassignment(cluster, replicas, observers, says):
    before = cluster.image.partition(FLIGHTS)
    turn(cluster, replicas, observers)
    [answer] = apply(cluster)
    assert answer.error == Error.INVALID_REPLICA_ASSIGNMENT and says in answer.message
    assert cluster.image.partition(FLIGHTS) == before


def test_no_topic_and_no_constraint(cluster):
    cluster.create("plain", assignment=[[1, 2]])
    unknown, plain = apply(cluster, "nothing", "plain")
    assert unknown.error == Error.UNKNOWN_TOPIC_OR_PARTITION and "nothing does not exist" in unknown.message
    assert plain.error == Error.INVALID_REQUEST and "topic plain has no placement constraint; set" in plain.message


def move(cluster, target):
    request = AlterPartitionReassignmentsRequest([Reassignment("flights", 0, target)], 1000)
    return cluster.settle(alter_reassignments(cluster.image, request, cluster.config)).partitions[0]


@pytest.fixture
def six(cluster):
    """Two brokers more in the east, and a constraint that wants the topic there, with an observer in the west."""
    for broker in (5, 6):
        cluster.start(broker, racks={broker: "east"})
    turn(cluster, at(east=2), at(west=1))
    return cluster


def test_a_reassignment_to_the_same_brokers_does_what_applying_does(cluster):
    turn(cluster, at(east=2), at(west=2))
    before = cluster.image
    apply(cluster)
    applied, cluster.image = cluster.image.partition(FLIGHTS), before
    assert move(cluster, [3, 4, 2, 1]).error == Error.NONE
    assert cluster.image.partition(FLIGHTS) == applied


def test_a_target_has_to_fit_the_constraint(six):
    before = six.image
    answer = move(six, [5, 1, 2])
    assert answer.error == Error.INVALID_REPLICA_ASSIGNMENT
    assert "has 1 in 'east', 1 in 'west' as replicas, the placement constraint wants 2 in 'east'" in answer.message
    assert six.image is before


def test_a_move_waits_for_the_sync_replicas_and_not_for_observers(six):
    assert move(six, [5, 6, 1]).error == Error.NONE
    now = six.image.partition(FLIGHTS)
    assert (now.replicas, now.observers) == ((5, 6, 1, 2, 3, 4), (1, 3, 4))
    assert expected_in_sync(now) == (5, 6)
    assert six.alter([2, 1, 5]).error == Error.NONE
    assert six.image.partition(FLIGHTS).reassigning
    six.alter([2, 1, 5, 6])
    now = six.image.partition(FLIGHTS)
    assert (now.replicas, now.observers, now.reassigning) == ((5, 6, 1), (1,), False)
    assert (now.leader, now.isr) == (5, (1, 5, 6))


def test_while_it_moves_nothing_is_applied(six):
    move(six, [5, 6, 1])
    [answer] = apply(six)
    assert answer.error == Error.REASSIGNMENT_IN_PROGRESS and "flights-0 is on its way" in answer.message


def test_a_move_that_is_taken_back_leaves_the_roles_to_those_that_stay(six):
    move(six, [5, 6, 1])
    assert move(six, None).error == Error.NONE
    now = six.image.partition(FLIGHTS)
    assert (now.replicas, now.observers, now.reassigning) == ((1, 2, 3, 4), (1, 3, 4), False)


def test_a_move_that_is_taken_back_leaves_more_than_observers():
    cluster = Governed(elr=False).start(1, 2, 3, 4, racks={1: "west", 2: "west", 3: "east", 4: "east"})
    cluster.create(assignment=[[1, 2]], **{SETTING: json.dumps({"version": 1, "replicas": at(west=2)})})
    turn(cluster, at(east=2), at(west=2))
    move(cluster, [3, 4, 1, 2])
    assert cluster.image.partition(FLIGHTS).observers == (1, 2)
    move(cluster, None)
    now = cluster.image.partition(FLIGHTS)
    assert (now.replicas, now.observers, now.isr) == ((1, 2), (), (1, 2))
