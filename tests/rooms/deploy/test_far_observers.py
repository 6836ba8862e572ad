"""Observers far away: writes do not notice the distance, and readers beside them do not cross it."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.deploy.traffic_bill import bytes_between, bytes_between_zones
from minikafka.protocol.broker_settings import RACK_AWARE_SELECTOR

WEST_AND_OBSERVED = {
    "version": 2,
    "replicas": [{"count": 2, "constraints": {"rack": "west"}}],
    "observers": [{"count": 1, "constraints": {"rack": "east"}}],
}


def built(distance, placement=WEST_AND_OBSERVED):
    world = World(seed=4)
    west, east = world.region("west", zones=1), world.region("east", zones=1)
    world.connect(west, east, latency=distance, jitter=0)
    cluster = world.cluster("c", brokers=3, region=[west, west, east], rack="region",
                            config={"replica.selector.class": RACK_AWARE_SELECTOR})  # fmt: skip
    cluster.create_topic("flights", config={"min.insync.replicas": 2}, assignment=[[1, 2, 3]], placement=placement)
    return world, cluster


def time_of_writes(world, cluster, count=20):
    producer = cluster.producer(acks="all", config={"linger.ms": 0})
    world.run_for("1s")
    began = world.now
    for number in range(count):
        producer.send("flights", f"flight {number}")
        producer.flush()
    return (world.now - began) // count


def test_writes_take_as_long_wherever_the_observer_is():
    times = [time_of_writes(*built(distance)) for distance in ("1ms", "50ms", "200ms")]
    assert max(times) - min(times) < 1_000 and max(times) < 6_000


def test_a_sync_replica_there_would_be_noticed():
    both = [{"count": 2, "constraints": {"rack": "west"}}, {"count": 1, "constraints": {"rack": "east"}}]
    assert time_of_writes(*built("50ms", {"version": 1, "replicas": both})) > 100_000


@pytest.mark.parametrize(("rack", "crosses"), [("", True), ("east", False)])
def test_readers_beside_an_observer_do_not_cross_the_sea(rack, crosses):
    world, cluster = built("50ms")
    producer = cluster.producer(config={"linger.ms": 0})
    for _ in range(100):
        producer.send("flights", "x" * 500, partition=0)
    producer.flush()
    world.run_for("2s")
    before = world.now
    reader = cluster.consumer(zone="east", config={"client.rack": rack, "auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    records = []
    while len(records) < 100:
        records += reader.poll("2s")
    carried = bytes_between(world, before, world.now)
    assert (carried.get(("west", "east"), 0) > 50_000) is crosses
    assert (carried.get(("east", "east"), 0) > 50_000) is not crosses
    if rack:
        assert bytes_between_zones(world, before, world.now)[("east-a", "east-a")] == carried["east", "east"]
