"""What was carried between places, as the trace tells it and as the network's own meters do."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.deploy.traffic_bill import BILLS


def two_regions(**how):
    """One broker in the east and one in the west; a record and what replicating it takes."""
    world = World(seed=3, **how)
    east, west = world.region("east"), world.region("west")
    world.connect(east, west, latency="20ms")
    cluster = world.cluster("primary", brokers=2, region=[east, west])
    cluster.create_topic("flights", partitions=1, replication_factor=2)
    producer = cluster.producer()
    producer.send("flights", "UA1545")
    producer.flush()
    return world, cluster


@pytest.mark.parametrize("verb", ["cut", "hold"])
def test_what_was_turned_back_and_sent_again_counts_once(verb):
    world, cluster = two_regions()
    one, other = (broker.machine for broker in cluster.brokers.values())
    getattr(world.faults, verb)(one, other)
    world.run_for("2s")
    world.faults.heal(one, other) if verb == "cut" else world.faults.release(one, other)
    world.run_for("2s")
    assert any(True for _ in world.recorder.events("MessageStuck"))
    regions = {machine.region.name: machine.region for machine in world.network.machines.values()}
    meters = {ends: world.network.ways.bytes_between(*map(regions.get, ends)) for ends in BILLS["region"](world)}
    assert BILLS["region"](world) == meters


def test_the_end_of_a_time_is_not_in_it():
    world, _ = two_regions()
    whole, now = BILLS["zone"](world), world.now + 1
    parts = [BILLS["zone"](world, 0, 50_000), BILLS["zone"](world, 50_000, now)]
    assert whole == {ends: sum(part.get(ends, 0) for part in parts) for ends in whole}


def test_a_world_that_keeps_no_messages_says_so():
    world, _ = two_regions(keep="domain events")
    with pytest.raises(ValueError, match='keep="everything"'):
        BILLS["region"](world)
