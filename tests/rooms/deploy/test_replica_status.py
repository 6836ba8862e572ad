"""The leader's view of its replicas, and what it reports."""

import json

import pytest

from minikafka.deploy.describe import describe
from minikafka.deploy.kafka_world import World
from minikafka.deploy.replica_status import HEADINGS, partition_metrics, replica_status, status_table
from minikafka.protocol.errors import ConfigException

PLACEMENT = {
    "version": 2,
    "replicas": [{"count": 2, "constraints": {"rack": "west"}}],
    "observers": [{"count": 2, "constraints": {"rack": "east"}}],
}


@pytest.fixture
def cluster():
    world = World(seed=5)
    west, east = world.region("west", zones=1), world.region("east", zones=1)
    world.connect(west, east, latency="50ms", jitter=0)
    cluster = world.cluster("c", brokers=4, region=[west, west, east, east], rack="region")
    cluster.create_topic("flights", config={"min.insync.replicas": 2}, assignment=[[1, 2, 3, 4]], placement=PLACEMENT)
    producer = cluster.producer()
    producer.send("flights", "one")
    producer.flush()
    world.run_for("1s")
    return cluster


def test_all_is_well(cluster):
    rows = replica_status(cluster, "flights-0")
    assert [row.replica for row in rows] == [1, 2, 3, 4]
    assert [row.is_leader for row in rows] == [True, False, False, False]
    assert [row.is_observer for row in rows] == [False, False, True, True]
    assert [row.is_isr_eligible for row in rows] == [row.is_in_isr for row in rows] == [True, True, False, False]
    assert all(row.is_caught_up and row.log_end_offset == 1 for row in rows)
    assert rows[0].last_fetch_lag_ms == 0 and 0 <= rows[2].last_fetch_lag_ms <= 600
    assert partition_metrics(cluster, "flights-0") == {
        "ReplicasCount": 4, "ObserverReplicasCount": 2, "InSyncReplicasCount": 2, "CaughtUpReplicasCount": 4,
        "IsNotCaughtUp": 0, "ObserversInIsrCount": 0}  # fmt: skip


def test_a_promotion_and_one_that_lags(cluster):
    world = cluster.world
    world.faults.crash("c/b2")
    world.faults.cut("c/b1", "c/b3")
    world.run_for("12s")
    producer = cluster.producer(acks="1")
    producer.send("flights", "two")
    world.run_for("40s")
    numbers = partition_metrics(cluster, "flights-0")
    assert (numbers["InSyncReplicasCount"], numbers["ObserversInIsrCount"]) == (2, 1)
    assert (numbers["CaughtUpReplicasCount"], numbers["IsNotCaughtUp"]) == (2, 1)
    lagging = replica_status(cluster, "flights-0")[2]
    assert not lagging.is_caught_up and lagging.last_caught_up_lag_ms > 30_000 and lagging.log_end_offset == 1
    assert "Isr: 1,4  Offline: 2  Observers: 3,4" in describe(cluster, "flights")


def test_without_a_leader_every_number_is_0(cluster):
    for broker in (1, 2):
        cluster.world.faults.crash(f"c/b{broker}")
    assert set(partition_metrics(cluster, "flights-0").values()) == {0}
    assert replica_status(cluster, "flights-0") == []


def test_the_table(cluster):
    lines = status_table(cluster, "flights-0").splitlines()
    assert lines[0].split() == list(HEADINGS)
    assert lines[1].split()[:4] == ["1", "true", "false", "true"] and len(lines) == 5


def test_describe_says_nothing_of_observers_where_there_are_none(cluster):
    cluster.create_topic("plain", replication_factor=2)
    assert "Observers" not in describe(cluster, "plain") and "Offline" not in describe(cluster, "plain")
    assert "ReplicationFactor: 4" in describe(cluster, "flights")


def test_the_offsets_topic_has_a_placement_of_its_own():
    world = World(seed=5)
    west, east = world.region("west", zones=1), world.region("east", zones=1)
    world.connect(west, east, latency="20ms")
    config = {"confluent.offsets.topic.placement.constraints": json.dumps(PLACEMENT), "offsets.topic.num.partitions": 2}
    cluster = world.cluster("c", brokers=4, region=[west, west, east, east], rack="region", config=config)
    cluster.create_topic("flights")
    member = cluster.consumer(group="crew")
    member.subscribe("flights")
    member.poll("10s")
    for partition in cluster.image.topics["__consumer_offsets"].partitions:
        assert sorted(partition.isr) == [1, 2] and sorted(partition.observers) == [3, 4]


def test_a_rack_is_a_zone_or_a_region():
    with pytest.raises(ConfigException, match="rack=.row.: a broker.s rack is its zone or its region"):
        World(seed=1).cluster("c", rack="row")
