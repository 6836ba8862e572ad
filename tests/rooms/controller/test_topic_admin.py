"""Topics made and deleted, and all the ways in which that is refused."""

import pytest
from governed import Governed

from minikafka.controller.producer_ids import allocate_producer_ids
from minikafka.controller.topic_admin import create_topics
from minikafka.events.governance import TopicCreated, TopicDeleted
from minikafka.protocol.admin_requests import CreatableTopic, CreateTopicsRequest
from minikafka.protocol.cluster_requests import AllocateProducerIdsRequest
from minikafka.protocol.errors import Error


@pytest.fixture
def cluster():
    """Three live brokers in three racks."""
    settings = {"num.partitions": 4, "default.replication.factor": 2}
    return Governed(**settings).start(0, 1, 2, racks={0: "a", 1: "b", 2: "c"})


def test_a_topic_is_made_with_its_partitions_and_settings(cluster):
    row = cluster.create(partitions=3, factor=3, min_insync_replicas="2")
    topic = cluster.image.topics["flights"]
    assert (row.error, row.topic_id, len(row.topic_id)) == (Error.NONE, topic.id, 22)
    assert cluster.image.topic_config("flights") == {"min.insync.replicas": 2}
    assert len(topic.partitions) == 3
    for partition in topic.partitions:
        assert sorted(partition.replicas) == [0, 1, 2]
        assert partition.isr == partition.replicas
        assert (partition.leader, partition.leader_epoch, partition.partition_epoch) == (partition.replicas[0], 0, 0)
    assert isinstance(cluster.events[-1], TopicCreated)
    assert "3 partitions, replicas [" in cluster.events[-1].sentence()


def test_minus_one_takes_num_partitions_and_default_replication_factor(cluster):
    cluster.create()
    partitions = cluster.image.topics["flights"].partitions
    assert [len(partition.replicas) for partition in partitions] == [2, 2, 2, 2]


def test_the_first_isr_is_the_live_replicas_and_its_first_leads(cluster):
    cluster.fence(0)
    cluster.create(assignment=[[0, 1, 2], [2, 0, 1]])
    assert cluster.state(0) == (1, 0, [1, 2], [])
    assert cluster.state(1) == (2, 0, [2, 1], [])


def test_validate_only_answers_and_changes_nothing(cluster):
    before = cluster.image
    assert cluster.create(partitions=1, factor=1, validate_only=True).error == Error.NONE
    assert cluster.create(partitions=1, factor=9, validate_only=True).error == Error.INVALID_REPLICATION_FACTOR
    assert cluster.image is before


def test_a_deleted_topic_is_gone_with_its_settings_and_its_name_is_free(cluster):
    first = cluster.create(partitions=1, factor=1, retention_ms=1000).topic_id
    assert cluster.delete("flights").topics[0].error == Error.NONE
    assert (cluster.image.topics, cluster.image.configs.get(("topic", "flights"))) == ({}, None)
    assert cluster.image.topic_by_id(first) is None
    assert cluster.events[-1] == TopicDeleted("flights", first)
    assert cluster.create(partitions=1, factor=1).topic_id != first


REFUSED = {
    "factor 0": ({"factor": 0, "partitions": 1}, Error.INVALID_REPLICATION_FACTOR, "use at least 1"),
    "factor below -1": ({"factor": -2, "partitions": 1}, Error.INVALID_REPLICATION_FACTOR, "use at least 1"),
    "factor too large": ({"factor": 4, "partitions": 1}, Error.INVALID_REPLICATION_FACTOR, "only 3 broker(s)"),
    "no partitions": ({"factor": 1, "partitions": 0}, Error.INVALID_PARTITIONS, "num_partitions=0"),
    "empty name": ({"name": "", "factor": 1}, Error.INVALID_TOPIC_EXCEPTION, "is empty"),
    "bad name": ({"name": "what a name", "factor": 1}, Error.INVALID_TOPIC_EXCEPTION, "contains ' '"),
    "existing": ({"name": "old_one", "factor": 1}, Error.TOPIC_ALREADY_EXISTS, "choose another name"),
    "colliding": ({"name": "old.one", "factor": 1}, Error.INVALID_TOPIC_EXCEPTION, "collides with"),
    "unknown setting": ({"factor": 1, "min_insync": 2}, Error.INVALID_CONFIG, "min.insync is no setting of a topic"),
    "bad setting": ({"factor": 1, "retention_ms": "soon"}, Error.INVALID_CONFIG, "retention.ms='soon'"),
    "empty assignment": ({"assignment": [[]]}, Error.INVALID_REPLICA_ASSIGNMENT, "names no broker"),
    "double assignment": ({"assignment": [[0, 1, 0]]}, Error.INVALID_REPLICA_ASSIGNMENT, "twice"),
    "unknown broker": ({"assignment": [[0, 7]]}, Error.INVALID_REPLICA_ASSIGNMENT, "[7], which are not registered"),
    "uneven": ({"assignment": [[0, 1], [2]]}, Error.INVALID_REPLICA_ASSIGNMENT, "another length"),
    "assignment and count": ({"assignment": [[0]], "partitions": 1}, Error.INVALID_REQUEST, "set both to -1"),
    "assignment and factor": ({"assignment": [[0]], "factor": 1}, Error.INVALID_REQUEST, "set both to -1"),
}


@pytest.mark.parametrize("asked, error, part", REFUSED.values(), ids=REFUSED.keys())
def test_a_topic_that_cannot_be_is_refused_and_nothing_changes(cluster, asked, error, part):
    cluster.create("old_one", partitions=1, factor=1)
    before = cluster.image
    row = cluster.create(**asked)
    assert (row.error, row.topic_id) == (error, "")
    assert part in row.message
    assert cluster.image is before


def test_an_assignment_to_dead_brokers_is_refused(cluster):
    cluster.fence(0)
    row = cluster.create(assignment=[[0]])
    assert row.error == Error.INVALID_REPLICA_ASSIGNMENT
    assert "fenced or shutting down" in row.message


def test_without_a_live_broker_there_is_no_topic(cluster):
    for broker in (0, 1, 2):
        cluster.fence(broker)
    assert cluster.create(partitions=1, factor=1).error == Error.INVALID_REPLICATION_FACTOR


def test_a_broker_that_is_shutting_down_gets_no_replicas(cluster):
    cluster.create("led", assignment=[[0, 1]])
    cluster.heartbeat(0, want_shut_down=True)
    assert cluster.create(partitions=1, factor=3).error == Error.INVALID_REPLICATION_FACTOR
    cluster.create(partitions=10, factor=2)
    assert all(0 not in partition.replicas for partition in cluster.image.topics["flights"].partitions)


def test_a_name_twice_in_one_request_is_refused_twice_and_others_are_made(cluster):
    topics = [CreatableTopic(name, 1, 1, [], []) for name in ("a", "b", "a")]
    decision = create_topics(cluster.image, CreateTopicsRequest(topics, 1000, False), cluster.config, cluster.dice)
    rows = cluster.settle(decision).topics
    assert [row.error for row in rows] == [Error.INVALID_REQUEST, Error.NONE, Error.INVALID_REQUEST]
    assert list(cluster.image.topics) == ["b"]


def test_deleting_what_is_not_there_is_refused(cluster):
    cluster.create(partitions=1, factor=1)
    rows = cluster.delete("flughts", "flights").topics
    assert [row.error for row in rows] == [Error.UNKNOWN_TOPIC_OR_PARTITION, Error.NONE]
    assert "check its name" in rows[0].message


def test_delete_topic_enable():
    cluster = Governed(**{"delete.topic.enable": False}).start(0)
    cluster.create(partitions=1, factor=1)
    (row,) = cluster.delete("flights").topics
    assert row.error == Error.TOPIC_DELETION_DISABLED
    assert "flights" in cluster.image.topics


def test_blocks_of_producer_ids_never_overlap(cluster):
    starts = []
    for broker in (0, 1, 0):
        request = AllocateProducerIdsRequest(broker, cluster.image.brokers[broker].epoch)
        response = cluster.settle(allocate_producer_ids(cluster.image, request))
        starts.append((response.error, response.producer_id_start, response.producer_id_len))
    assert starts == [(Error.NONE, 0, 1000), (Error.NONE, 1000, 1000), (Error.NONE, 2000, 1000)]


def test_an_earlier_incarnation_gets_no_producer_ids(cluster):
    before = cluster.image
    for request in (AllocateProducerIdsRequest(0, 99), AllocateProducerIdsRequest(9, 0)):
        assert cluster.settle(allocate_producer_ids(cluster.image, request)).error == Error.STALE_BROKER_EPOCH
    assert cluster.image is before
