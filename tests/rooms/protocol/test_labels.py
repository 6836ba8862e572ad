"""Labels: every message has one, and what is routine is told apart."""

import pytest

from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import cluster_requests as cluster
from minikafka.protocol.errors import Error
from minikafka.protocol.labels import count_records, is_routine, label
from minikafka.protocol.message import REQUESTS
from minikafka.protocol.records import build_batch

THREE = build_batch([(0, None, b"a", None), (0, None, b"b", None), (0, None, b"c", None)])
ONE = build_batch([(0, b"k", b"v", None)])


def position(offset, partition=0):
    return client.FetchPartition("flights", partition, "id", 3, offset, 3, 0, 1000)


def fetch(*partitions, forgotten=(), session_epoch=5):
    return client.FetchRequest(2, 17, 500, 1, 1000, 0, 77, session_epoch, partitions, forgotten, "")


def part(records=b"", error=0, diverging=None):
    return client.FetchedPartition("flights", 0, error, 105, 105, 0, diverging, 1, 3, -1, records)


def fetched(*partitions, error=0):
    return client.FetchResponse(error, 77, partitions)


def produced(error=0):
    return client.ProducedPartition("flights", 0, error, 105, -1, 0, 1, 3, None)


def altered(error=0):
    return cluster.AlteredPartition("id", 0, error, 1, 3, (1, 2), 0, 8)


def alter(*members):
    return cluster.AlterPartitionPartition("id", 0, 3, [cluster.IsrMember(m, 9) for m in members], 0, 7)


@pytest.mark.parametrize("message, words", [
    (fetch(), "fetch"),
    (fetch(position(105)), "fetch @105"),
    (fetch(position(105), position(7, 1)), "fetch 2 partitions"),
    (fetched(), "no news"),
    (fetched(part(THREE)), "3 records"),
    (fetched(part(THREE + ONE), part(ONE)), "5 records"),
    (fetched(part(ONE)), "1 record"),
    (fetched(part()), "high watermark 105"),
    (fetched(part(), part()), "marks"),
    (fetched(part(diverging=(2, 99))), "diverged: epoch 2 ends @99"),
    (fetched(part(error=Error.FENCED_LEADER_EPOCH)), "FENCED_LEADER_EPOCH"),
    (fetched(error=70), "FETCH_SESSION_ID_NOT_FOUND"),
    (client.ProduceRequest(-1, 100, [client.ProducePartition("flights", 0, THREE)]), "produce 3 records"),
    (client.ProduceResponse([produced()]), "ack @105"),
    (client.ProduceResponse([produced(), produced()]), "ack"),
    (client.ProduceResponse([produced(), produced(19)]), "NOT_ENOUGH_REPLICAS"),
    (client.MetadataRequest(None), "who leads?"),
    (cluster.BrokerHeartbeatRequest(1, 9, 42, False, False), "heartbeat"),
    (cluster.BrokerHeartbeatRequest(1, 9, 42, True, False), "heartbeat: fence me"),
    (cluster.BrokerHeartbeatRequest(1, 9, 42, False, True), "heartbeat: shutting down"),
    (cluster.BrokerHeartbeatResponse(0, True, False, False), "alive"),
    (cluster.BrokerHeartbeatResponse(0, True, True, False), "fenced"),
    (cluster.BrokerHeartbeatResponse(0, True, True, True), "shut down now"),
    (cluster.BrokerHeartbeatResponse(77, False, False, False), "STALE_BROKER_EPOCH"),
    (cluster.AlterPartitionRequest(1, 9, [alter(1, 2)]), "AlterPartition [1,2]"),
    (cluster.AlterPartitionRequest(1, 9, [alter(1), alter(1)]), "AlterPartition 2 partitions"),
    (cluster.AlterPartitionResponse(0, [altered()]), "ISR [1,2]"),
    (cluster.AlterPartitionResponse(0, [altered(107)]), "INELIGIBLE_REPLICA"),
    (cluster.AlterPartitionResponse(77, []), "STALE_BROKER_EPOCH"),
    (cluster.FetchMetadataRequest(1, 9, 42, 500), "fetch metadata @42"),
    (cluster.FetchMetadataResponse(0, 1, 42, b""), "no news"),
    (cluster.FetchMetadataResponse(0, 1, 42, THREE), "metadata: 3 records"),
    (cluster.BrokerRegistrationResponse(101, -1), "DUPLICATE_BROKER_REGISTRATION"),
    (admin.CreateTopicsRequest([admin.CreatableTopic("flights", 3, 3, [], [])], 100, False), "create flights"),
    (admin.DeleteTopicsRequest(["flights", "bookings"], 100), "delete 2 topics"),
    (admin.DeleteTopicsResponse([admin.DeletedTopic("flights", 3, None)]), "UNKNOWN_TOPIC_OR_PARTITION"),
])
def test_a_message_in_a_few_words(message, words):
    assert label(message) == words


@pytest.mark.parametrize("kind", [*REQUESTS.values(), *(kind.Response for kind in REQUESTS.values())],
                         ids=lambda kind: kind.__name__)
def test_every_message_has_a_label_even_when_empty(kind):
    empty = kind._make(() if name in getattr(kind, "NESTED", {}) or name == "topics" else 0 for name in kind._fields)
    assert label(empty)
    assert is_routine(empty) in (True, False)


@pytest.mark.parametrize("message", [
    fetch(), fetched(), cluster.BrokerHeartbeatRequest(1, 9, 42, False, False),
    cluster.BrokerHeartbeatResponse(0, True, False, False), cluster.FetchMetadataRequest(1, 9, 42, 500),
    cluster.FetchMetadataResponse(0, 1, 42, b""),
])
def test_what_says_nothing_new_is_routine(message):
    assert is_routine(message)


@pytest.mark.parametrize("message", [
    fetch(position(105)), fetch(session_epoch=0), fetch(session_epoch=-1),
    fetch(forgotten=(client.ForgottenPartition("flights", 0),)), fetched(part()), fetched(error=70),
    cluster.BrokerHeartbeatRequest(1, 9, 42, True, False), cluster.BrokerHeartbeatRequest(1, 9, 42, False, True),
    cluster.BrokerHeartbeatResponse(0, True, True, False), cluster.BrokerHeartbeatResponse(0, True, False, True),
    cluster.BrokerHeartbeatResponse(77, True, False, False), cluster.FetchMetadataResponse(0, 1, 42, ONE),
    cluster.FetchMetadataResponse(77, 1, 42, b""), client.MetadataRequest(None),
])
def test_what_says_something_is_not(message):
    assert not is_routine(message)


def test_damaged_records_are_counted_as_far_as_they_can_be_read():
    assert count_records(THREE + ONE[:-1]) == 3
    assert count_records(b"nonsense") == 0
