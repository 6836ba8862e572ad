"""An administrator of a real cluster: topics, elections, deleting records, and errors with their remedies."""

import pytest

from minikafka import Error, KafkaError, TopicPartition, World
from minikafka.client.admin import Admin
from minikafka.protocol.errors import ConfigException, TimeoutException

P = TopicPartition("flights", 0)


@pytest.fixture
def cluster():
    world = World(seed=7)
    made = world.cluster("primary", brokers=3)
    made.create_topic("flights", partitions=2, replication_factor=3)
    return made


def ask(cluster, coroutine):
    return cluster.world.finish(coroutine)


def test_topics_are_made_described_and_deleted(cluster):
    admin = cluster.admin
    topic_id = ask(cluster, admin.create_topic("arrivals", 3, 2, {"retention.ms": 1000}))
    cluster.world.run_for("1s")
    found = ask(cluster, admin.describe_topic("arrivals"))
    assert (found.name, found.topic_id, len(found.partitions)) == ("arrivals", topic_id, 3)
    assert all(len(row.replicas) == 2 and row.leader == row.replicas[0] for row in found.partitions)
    ask(cluster, admin.delete_topic("arrivals"))
    cluster.world.run_for("1s")
    with pytest.raises(KafkaError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        ask(cluster, admin.describe_topic("arrivals"))


def test_an_assignment_says_who_leads(cluster):
    ask(cluster, cluster.admin.create_topic("arrivals", assignment=[[3, 1], [2, 3]]))
    cluster.world.run_for("1s")
    found = ask(cluster, cluster.admin.describe_topic("arrivals"))
    assert [row.leader for row in found.partitions] == [3, 2]


def test_validate_only_makes_nothing(cluster):
    ask(cluster, cluster.admin.create_topic("arrivals", 1, 1, validate_only=True))
    cluster.world.run_for("1s")
    assert "arrivals" not in cluster.image.topics


def test_the_cluster_is_described(cluster):
    found = ask(cluster, cluster.admin.describe_cluster())
    assert found.cluster == "primary"
    assert sorted(broker.broker_id for broker in found.brokers) == [1, 2, 3]
    assert "flights" in found.topics


def test_elections(cluster):
    partition = TopicPartition("flights", 0)
    assert ask(cluster, cluster.admin.elect_leaders("preferred", [partition])) == {partition: Error.ELECTION_NOT_NEEDED}
    with pytest.raises(KafkaError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        ask(cluster, cluster.admin.elect_leaders("preferred", [TopicPartition("nowhere", 0)]))


def test_records_are_deleted_and_offsets_listed(cluster):
    producer = cluster.producer()
    for number in range(10):
        producer.send("flights", b"%d" % number, partition=0, timestamp=100 + number)
    producer.flush()
    assert ask(cluster, cluster.admin.delete_records({P: 4})) == {P: 4}
    times = {"earliest": 4, "latest": 10, 107: 7}
    for time, offset in times.items():
        assert ask(cluster, cluster.admin.list_offsets({P: time}))[P].offset == offset
    assert ask(cluster, cluster.admin.delete_records({P: -1})) == {P: 10}
    with pytest.raises(KafkaError, match="OFFSET_OUT_OF_RANGE"):
        ask(cluster, cluster.admin.delete_records({P: 11}))
    assert ask(cluster, cluster.admin.list_offsets({P: "earliest"}))[P].offset == 10


BAD = [
    (lambda a: a.create_topic("flights", 1, 1), Error.TOPIC_ALREADY_EXISTS, "exists"),
    (lambda a: a.create_topic("two words", 1, 1), Error.INVALID_TOPIC_EXCEPTION, "contains ' '"),
    (lambda a: a.create_topic("new", "three", 1), Error.INVALID_REQUEST, "no whole number"),
    (lambda a: a.create_topic("new", 0, 1), Error.INVALID_PARTITIONS, "at least 1"),
    (lambda a: a.create_topic("new", 1, 4), Error.INVALID_REPLICATION_FACTOR, "4"),
    (lambda a: a.create_topic("new", 1, 1, {"retention": 5}), Error.INVALID_CONFIG, "retention"),
    (lambda a: a.create_topic("new", 1, 1, {"min.insync.replicas": 0}), Error.INVALID_CONFIG, "at least 1"),
    (lambda a: a.create_topic("new", assignment=[[1, 9]]), Error.INVALID_REPLICA_ASSIGNMENT, "9"),
    (lambda a: a.delete_topic("nowhere"), Error.UNKNOWN_TOPIC_OR_PARTITION, "nowhere"),
    (lambda a: a.elect_leaders("best", [P]), Error.INVALID_REQUEST, "choose one of preferred, unclean"),
    (lambda a: a.elect_leaders("preferred", []), Error.INVALID_REQUEST, "no partition was named"),
    (lambda a: a.delete_records({P: -2}), Error.OFFSET_OUT_OF_RANGE, "-1 for the high watermark"),
    (lambda a: a.list_offsets({P: "yesterday"}), Error.INVALID_REQUEST, "earliest, latest"),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD)
def test_what_cannot_be_is_refused_and_changes_nothing(cluster, call, error, words):
    before = cluster.image
    with pytest.raises(KafkaError) as refused:
        ask(cluster, call(cluster.admin))
    assert refused.value.error == error
    assert words in str(refused.value)
    assert dict(cluster.image.topics) == dict(before.topics)


def test_dead_brokers_are_passed_over(cluster):
    cluster.world.faults.crash(cluster.broker(1))
    cluster.world.faults.crash(cluster.broker(2))
    found = ask(cluster, cluster.admin.describe_cluster())
    assert found.cluster == "primary"


def test_without_any_broker_the_call_times_out(cluster):
    admin = Admin(cluster.admin.machine, cluster.bootstrap, {"default.api.timeout.ms": 3000}, name="hasty")
    for number in (1, 2, 3):
        cluster.world.faults.crash(cluster.broker(number))
    began = cluster.world.now
    with pytest.raises(
        TimeoutException, match="describing the cluster was not done within default.api.timeout.ms=3000"
    ):
        ask(cluster, admin.describe_cluster())
    assert cluster.world.now - began == 3_000_000
    admin.close()


def test_settings_that_are_not_an_admins(cluster):
    with pytest.raises(
        ConfigException, match="acks is no setting of a admin client|acks is no setting of an admin client"
    ):
        Admin(cluster.admin.machine, cluster.bootstrap, {"acks": "all"})
