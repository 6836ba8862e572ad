"""A topic as kafka-topics prints it."""

import pytest

from minikafka import KafkaError, World
from minikafka.deploy.describe import describe


def test_a_topic_with_its_partitions_and_settings():
    world = World(seed=7)
    primary = world.cluster("primary")
    settings = {"min.insync.replicas": 2, "cleanup.policy": "delete"}
    primary.create_topic("flights", assignment=[[1, 2, 3], [2, 3, 1]], config=settings)
    assert describe(primary, "flights").splitlines() == [
        "Topic: flights  PartitionCount: 2  ReplicationFactor: 3  Configs: cleanup.policy=delete,min.insync.replicas=2",
        "  Topic: flights  Partition: 0  Leader: 1  Replicas: 1,2,3  Isr: 1,2,3  Elr:   LastKnownElr:",
        "  Topic: flights  Partition: 1  Leader: 2  Replicas: 2,3,1  Isr: 2,3,1  Elr:   LastKnownElr:",
    ]


def test_without_leader():
    world = World(seed=7)
    primary = world.cluster("primary")
    primary.create_topic("flights", assignment=[[1, 2]], config={"min.insync.replicas": 2})
    for broker in (2, 1):
        primary.broker(broker).shut_down()
    told = describe(primary, "flights").splitlines()[1]
    assert "Leader: none" in told and "Isr:   Elr: 1,2  LastKnownElr: 1" in told


def test_a_topic_that_is_not_there():
    primary = World(seed=7).cluster("primary", brokers=1)
    with pytest.raises(KafkaError, match="primary has no topic 'trains': it has none"):
        describe(primary, "trains")
