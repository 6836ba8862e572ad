"""What the metadata says is done, once and in order."""

import pytest
from lone_broker import FLIGHTS, LoneBroker

from minikafka.events.replication import ReplicaRemoved
from minikafka.metadata.facts import RemoveTopicRecord
from minikafka.protocol.errors import Error, KafkaError


def refusal(broker, *name):
    with pytest.raises(KafkaError) as refused:
        broker.replicas.find(*name)
    return refused.value.error


def test_finding():
    broker = LoneBroker()
    flights = broker.topic()
    broker.topic(name="elsewhere", topic_id="elsewhere-id", replicas=(2, 3), isr=(2, 3), leader=2)
    assert broker.replicas.find("flights", 0) is flights
    assert broker.replicas.find("flights", 0, "flights-id") is flights
    assert refusal(broker, "flights", 0, "gone") == Error.UNKNOWN_TOPIC_ID
    assert refusal(broker, "flights", 1) == Error.UNKNOWN_TOPIC_OR_PARTITION
    assert refusal(broker, "elsewhere", 0) == Error.NOT_LEADER_OR_FOLLOWER


def test_the_topics_settings_reach_partition_and_log():
    broker = LoneBroker(**{"log.segment.bytes": 5000})
    flights = broker.topic(config={"min.insync.replicas": 2, "retention.ms": 1000})
    assert (flights.min_isr, flights.log.settings.retention_ms, flights.log.settings.segment_bytes) == (2, 1000, 5000)


def test_settings_of_the_whole_cluster_count_where_the_topic_says_nothing():
    from minikafka.metadata.facts import BROKER, ConfigRecord

    broker = LoneBroker()
    broker.say(ConfigRecord(BROKER, "", "min.insync.replicas", 2))
    assert broker.topic().min_isr == 2


def test_a_deleted_topic_leaves_nothing():
    broker = LoneBroker()
    broker.topic()
    broker.append("m1")
    broker.say(RemoveTopicRecord("flights-id"))
    assert broker.replicas.partitions == {}
    assert broker.store.logs == {}
    assert broker.machine.disk.list("flights-0/") == []
    assert [event.partition for event in broker.told(ReplicaRemoved)] == [FLIGHTS]


def test_a_topic_deleted_and_made_anew_in_one_go():
    broker = LoneBroker()
    old = broker.topic()
    broker.append("m1")
    broker.say(RemoveTopicRecord("flights-id"), *_born("new-id"))
    new = broker.replicas.partitions[FLIGHTS]
    assert new is not old
    assert (new.topic_id, new.log.log_end_offset, old.role) == ("new-id", 0, "offline")


def _born(topic_id):
    from minikafka.metadata import facts

    return (facts.TopicRecord("flights", topic_id),
            facts.PartitionRecord(topic_id, 0, (1, 2), (1, 2), (), (), 1, 0, 0, facts.RECOVERED))


def test_a_replica_that_moved_away_is_given_up():
    broker = LoneBroker()
    broker.topic(leader=2)
    broker.change(replicas=(2, 3), isr=(2, 3))
    assert broker.replicas.partitions == {}
    assert broker.fetchers.fetchers == {}


def test_logs_that_nobody_assigned_are_strays():
    broker = LoneBroker()
    broker.topic()
    broker.topic(name="other", topic_id="other-id")
    from lone_broker import TopicPartition

    from minikafka.protocol.topic_settings import topic_config

    stray = TopicPartition("stray", 0)
    broker.store.log_for(stray, "stray-id", topic_config(broker.config), 0)
    broker.replicas.remove_strays()
    assert [str(tp) for tp in broker.store.logs] == ["flights-0", "other-0"]


# -- fetchers


def carried(broker):
    return {leader: [str(tp) for tp in fetcher.states] for leader, fetcher in broker.fetchers.fetchers.items()}


def test_one_fetcher_for_each_leader():
    broker = LoneBroker(brokers=4)
    for name, leader in (("a", 2), ("b", 2), ("c", 3), ("d", 1)):
        broker.topic(name=name, topic_id=name, leader=leader, replicas=(1, leader) if leader > 1 else (1,))
    assert carried(broker) == {2: ["a-0", "b-0"], 3: ["c-0"]}
    broker.change(topic_id="b", leader=1)
    assert carried(broker) == {2: ["a-0"], 3: ["c-0"]}
    broker.change(topic_id="a", leader=-1)
    assert carried(broker) == {3: ["c-0"]}


def test_a_new_epoch_begins_anew_even_with_the_same_leader():
    broker = LoneBroker()
    broker.topic(leader=2)
    before = broker.fetchers.fetchers[2].states[FLIGHTS]
    broker.change(isr=(2,))
    assert broker.fetchers.fetchers[2].states[FLIGHTS] is before
    broker.change(leader=2)
    after = broker.fetchers.fetchers[2].states[FLIGHTS]
    assert after is not before
    assert after.leader_epoch == 1


def test_a_leader_that_is_not_known_is_not_fetched_from():
    broker = LoneBroker()
    broker.topic(leader=9, replicas=(1, 9), isr=(1, 9))
    assert carried(broker) == {}
