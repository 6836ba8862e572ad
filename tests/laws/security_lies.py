"""For every law about access a cluster in which it is broken: a guard is taken away, or a lie is told."""

from __future__ import annotations

from unittest.mock import patch

from small_world import SmallWorld

from minikafka.broker.permissions import PERMISSIONS
from minikafka.events.security import Authenticated
from minikafka.laws import security_laws
from minikafka.protocol import client_requests, group_requests
from minikafka.protocol.names import TopicPartition

GUARDED = {"authorizer.class.name": "StandardAuthorizer", "offsets.topic.num.partitions": 1,
           "offsets.topic.replication.factor": 1, "group.initial.rebalance.delay.ms": 0}  # fmt: skip


def a_guarded_cluster(small: SmallWorld, *unchecked: type):
    """Everybody is anonymous there and may only look; these requests have lost their rows in the table."""
    with patch.dict(PERMISSIONS, dict.fromkeys(unchecked, ())):
        cluster = small.world.cluster("guarded", brokers=1, config=GUARDED)
    cluster.create_topic("flights")
    for resource in ("topic:flights", "group:crew"):
        cluster.add_acl("User:ANONYMOUS", "DESCRIBE", resource)
    return cluster


def an_unchecked_write(small: SmallWorld) -> None:
    cluster = a_guarded_cluster(small, client_requests.ProduceRequest)
    producer = cluster.producer("p", config={"linger.ms": 0, "enable.idempotence": False})
    producer.send("flights", "x", partition=0)


def an_unchecked_commit(small: SmallWorld) -> None:
    cluster = a_guarded_cluster(small, group_requests.OffsetCommitRequest)
    outsider = cluster.consumer("m", group="crew", config={"enable.auto.commit": False})
    outsider.assign("flights-0")
    rows = {TopicPartition("flights", 0): 0}
    outsider.machine.spawn(outsider.consumer.commit_sync(rows), "application")


def an_unchecked_read(small: SmallWorld) -> None:
    cluster = a_guarded_cluster(small)
    cluster.brokers[1].broker.access.require_fetch = lambda reader, replica_id, topic: None
    cluster.add_acl("User:CN=guarded/admin", "READ", "topic:flights")
    reader = cluster.consumer("r", config={"auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    reader.keep_reading()
    cluster.add_acl("User:ANONYMOUS", "WRITE", "topic:flights")
    producer = cluster.producer("p", config={"linger.ms": 0, "enable.idempotence": False})
    producer.send("flights", "x", partition=0)


def a_name_that_was_never_given(small: SmallWorld) -> None:
    cluster = a_guarded_cluster(small)
    cluster.create_user("alice", "wonderland")
    cluster.producer("p")
    small.tell("guarded/b1", Authenticated("User:alice", "guarded/p", "SCRAM-SHA-256"))


SECURITY_LIES = {
    security_laws.NothingIsWrittenForWhomTheRulesDeny: an_unchecked_write,
    security_laws.NothingIsCommittedForWhomTheRulesDeny: an_unchecked_commit,
    security_laws.NothingIsReadByWhomTheRulesDeny: an_unchecked_read,
    security_laws.OnlyWhoKnowsThePasswordIsLetIn: a_name_that_was_never_given,
}
"""The lie that breaks each law."""
