"""Topics with a placement constraint: where they go, what is refused, and who may come into the ISR."""

import json
import re

import pytest
from governed import Governed

from minikafka.events.observers import ObserverDemoted, ObserverPromoted, ObserversAssigned
from minikafka.metadata.facts import PartitionChangeRecord, PartitionRecord, pack_facts, unpack_facts
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition

FLIGHTS = TopicPartition("flights", 0)
RACKS = {1: "west", 2: "west", 3: "east", 4: "east"}


def at(**racks):
    return [{"count": count, "constraints": {"rack": rack}} for rack, count in racks.items()]


def constraint(replicas, observers=(), version=2, **more):
    return json.dumps({"version": version, "replicas": replicas, "observers": list(observers), **more})


WEST_THEN_EAST = constraint(at(west=2), at(east=2))


def governed(**settings):
    return Governed(elr=False, **settings).start(1, 2, 3, 4, racks=RACKS)


def create(cluster, placement=WEST_THEN_EAST, **more):
    return cluster.create(**{"confluent.placement.constraints": placement} if placement else {}, **more)


def test_sync_replicas_come_first_and_observers_last():
    cluster = governed()
    assert create(cluster, partitions=4).error == Error.NONE
    for partition in cluster.image.topics["flights"].partitions:
        assert sorted(partition.replicas[:2]) == [1, 2] and sorted(partition.replicas[2:]) == [3, 4]
        assert partition.observers == partition.replicas[2:]
        assert partition.isr == partition.replicas[:2] == partition.sync_replicas
        assert partition.leader == partition.replicas[0]
    assert {partition.leader for partition in cluster.image.topics["flights"].partitions} == {1, 2}
    assigned = [event for event in cluster.events if isinstance(event, ObserversAssigned)]
    assert len(assigned) == 4 and "are observers (under-min-isr)" in assigned[0].sentence()


def test_a_rack_may_hold_both():
    cluster = governed()
    assert create(cluster, constraint(at(west=1, east=1), at(west=1, east=1))).error == Error.NONE
    partition = cluster.image.partition(FLIGHTS)
    assert sorted(partition.replicas) == [1, 2, 3, 4] and len(partition.observers) == 2


REFUSED = [
    ({"placement": constraint(at(west=3))}, {}, Error.INVALID_REPLICA_ASSIGNMENT,
     r"the rack 'west' shall hold 3 replicas and observers, and has 2 brokers \[1, 2\]; ask for fewer, or start more"),
    ({"placement": constraint(at(west=2), at(west=1))}, {}, Error.INVALID_REPLICA_ASSIGNMENT,
     "the rack 'west' shall hold 3 replicas and observers, and has 2 brokers"),
    ({"placement": constraint(at(paris=1))}, {}, Error.INVALID_REPLICA_ASSIGNMENT,
     r"the rack 'paris' shall hold 1 replicas and observers, and has 0 brokers \[\].*racks: east, west"),
    ({"factor": 3}, {}, Error.INVALID_REQUEST,
     "has a placement constraint for 4 replicas and also replication_factor=3; set the factor to -1"),
    ({"placement": constraint(at(west=1), at(west=1))}, {"inter_broker_protocol_version": "3.2"},
     Error.INVALID_REPLICA_ASSIGNMENT,
     "the rack 'west' stands in replicas and in observers, 2 brokers in all, which takes .*version 3.3 and not 3.2"),
    ({"placement": constraint(at(west=1), at(west=1))}, {"inter_broker_protocol_version": "new"},
     Error.INVALID_REPLICA_ASSIGNMENT, "inter.broker.protocol.version='new' is no version; write it like 3.3"),
    ({"assignment": [[1, 3, 2, 4]]}, {}, Error.INVALID_REPLICA_ASSIGNMENT,
     "has 1 in 'west', 1 in 'east' as replicas, the placement constraint wants 2 in 'west'; list the sync"),
    ({"assignment": [[1, 2, 3]]}, {}, Error.INVALID_REPLICA_ASSIGNMENT,
     "has 1 in 'east' as observers, the placement constraint wants 2 in 'east'"),
    ({"placement": '{"version": 7}'}, {}, Error.INVALID_CONFIG, "version=7 is not known"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "settings", "error", "sentence"), REFUSED, ids=[row[3][:50] for row in REFUSED])
def test_what_cannot_be_is_refused_and_nothing_is_made(asked, settings, error, sentence):
    cluster = governed(**settings)
    answer = create(cluster, **asked)
    assert answer.error == error
    assert re.search(sentence, answer.message), answer.message
    assert not cluster.image.topics


def test_an_assignment_by_hand_may_fit_the_constraint():
    cluster = governed()
    assert create(cluster, assignment=[[2, 1, 3, 4]]).error == Error.NONE
    assert cluster.image.partition(FLIGHTS)[:2] == ((2, 1, 3, 4), (2, 1))


def test_the_clusters_default_holds_where_nothing_is_said():
    cluster = governed(**{"confluent.log.placement.constraints": WEST_THEN_EAST})
    create(cluster, None)
    assert len(cluster.image.partition(FLIGHTS).observers) == 2
    assert cluster.image.topic_config("flights")["confluent.placement.constraints"] == WEST_THEN_EAST


@pytest.mark.parametrize("said", [{"factor": 2}, {"assignment": [[1, 3]]}])
def test_a_factor_or_an_assignment_puts_the_default_aside(said):
    cluster = governed(**{"confluent.log.placement.constraints": WEST_THEN_EAST})
    create(cluster, None, **said)
    partition = cluster.image.partition(FLIGHTS)
    assert len(partition.replicas) == 2 and partition.observers == ()
    assert not cluster.image.topic_config("flights")


def test_only_observers_are_alive():
    cluster = governed()
    cluster.fence(1), cluster.fence(2)
    answer = create(cluster)
    assert answer.error == Error.INVALID_REPLICA_ASSIGNMENT and "only the observers [" in answer.message


def test_facts_without_observers_take_no_more_room():
    old = PartitionRecord("id", 0, (1,), (1,), (), (), 1, 0, 0, 0)
    new = old._replace(observers=(2,))
    change = PartitionChangeRecord("id", 0, observers=(2,))
    assert unpack_facts(pack_facts([old, new, change])) == [old, new, change]
    assert len(pack_facts([new])[0]) == len(pack_facts([old])[0]) + 2


# -- the ISR


def promoting(policy, min_isr=2):
    cluster = governed()
    create(cluster, constraint(at(west=2), at(east=2), observerPromotionPolicy=policy), assignment=[[1, 2, 3, 4]],
           **{"min.insync.replicas": min_isr})  # fmt: skip
    return cluster


def now(cluster):
    return cluster.image.partition(FLIGHTS)


def test_an_observer_is_let_in_as_far_as_it_is_needed():
    cluster = promoting("under-min-isr")
    assert cluster.alter([1, 2, 3]).error == Error.INELIGIBLE_REPLICA
    cluster.fence(2)
    assert cluster.alter([1, 3, 4]).error == Error.INELIGIBLE_REPLICA
    assert now(cluster).isr == (1,)
    assert cluster.alter([1, 3]).error == Error.NONE
    assert [event.observer for event in cluster.events if isinstance(event, ObserverPromoted)] == [3]
    assert cluster.alter([1]).error == Error.NONE
    assert [event.observer for event in cluster.events if isinstance(event, ObserverDemoted)] == [3]


@pytest.mark.parametrize(("policy", "min_isr", "lets"), [
    ("under-replicated", 1, True), ("under-min-isr", 1, False), ("leader-is-observer", 2, False)])  # fmt: skip
def test_what_each_policy_lets_in_after_one_loss(policy, min_isr, lets):
    cluster = promoting(policy, min_isr)
    cluster.fence(2)
    assert (cluster.alter([1, 3]).error == Error.NONE) is lets


def test_a_refusal_names_the_policy():
    cluster = promoting("leader-is-observer")
    cluster.alter([1, 2, 4])
    assert "broker 4 is an observer, and the policy leader-is-observer wants 0 in sync" in cluster.events[-1].why


def test_no_observer_is_elected_cleanly_and_any_uncleanly():
    cluster = promoting("under-min-isr")
    cluster.fence(2), cluster.fence(1)
    assert now(cluster).leader == -1
    [answer] = cluster.elect(1, [FLIGHTS])
    assert answer.error == Error.NONE
    assert (now(cluster).leader, now(cluster).isr) == (3, (3,))
    assert cluster.alter([3, 4]).error == Error.NONE


def test_a_promoted_observer_is_elected_cleanly():
    cluster = promoting("under-min-isr")
    cluster.fence(2)
    cluster.alter([1, 4])
    cluster.fence(1)
    assert (now(cluster).leader, now(cluster).isr, now(cluster).leader_recovery_state) == (4, (4,), 0)
