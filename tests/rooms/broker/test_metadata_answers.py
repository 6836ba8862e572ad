"""What a client is told of the cluster."""

from lone_broker import LoneBroker

from minikafka.broker.metadata_answers import metadata
from minikafka.protocol.client_requests import MetadataRequest
from minikafka.protocol.errors import Error


def asked(broker, *names):
    return broker.finish(metadata(broker, MetadataRequest(list(names) if names else None), ""))


def test_brokers_and_partitions():
    broker = LoneBroker()
    broker.topic(isr=(1, 2))
    answer = asked(broker)
    assert answer.cluster == "alone"
    assert [(one.broker_id, one.address) for one in answer.brokers] == [(1, "b1"), (2, "b2"), (3, "b3")]
    (topic,) = answer.topics
    (partition,) = topic.partitions
    assert (topic.error, topic.topic, topic.topic_id) == (Error.NONE, "flights", "flights-id")
    assert partition[:3] == (Error.NONE, 0, 1)
    assert (partition.leader_epoch, partition.replicas, partition.isr, partition.offline) == (0, [1, 2, 3], [1, 2], [])


def test_a_fenced_broker_is_not_named_and_does_not_lead():
    broker = LoneBroker()
    broker.topic(leader=2)
    broker.fence(2)
    answer = asked(broker, "flights")
    assert [one.broker_id for one in answer.brokers] == [1, 3]
    (partition,) = answer.topics[0].partitions
    assert (partition.error, partition.leader, partition.offline) == (Error.LEADER_NOT_AVAILABLE, -1, [2])


def test_topics_that_are_not_there():
    answer = asked(LoneBroker(), "nowhere", "no such name")
    assert [topic.error for topic in answer.topics] == [Error.UNKNOWN_TOPIC_OR_PARTITION, Error.INVALID_TOPIC_EXCEPTION]


def test_a_topic_is_described_anew_only_when_something_has_changed():
    broker = LoneBroker()
    broker.topic()
    first, again = asked(broker, "flights"), asked(broker, "flights")
    assert again.topics[0] is first.topics[0]
    broker.fence(2)
    later = asked(broker, "flights")
    assert later.topics[0] is not first.topics[0] and later.topics[0].partitions[0].offline == [2]
