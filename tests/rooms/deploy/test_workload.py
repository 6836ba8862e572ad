"""Workloads: the real flights, at an even rate."""

import pytest

from minikafka import Arrivals, Departures, World
from minikafka.protocol.errors import ConfigException


@pytest.fixture
def primary():
    world = World(seed=7)
    made = world.cluster("primary")
    made.create_topic("flights", partitions=3, replication_factor=3)
    return made


def test_records_come_at_the_rate_and_in_the_order_of_the_day(primary):
    world = primary.world
    workload = world.start(Departures(primary, rate=50, limit=40))
    world.run_for("500ms")
    assert len(workload.sent) == pytest.approx(25, abs=1)
    assert not workload.done
    world.run_for("2s")
    assert workload.done and len(workload.acknowledged) == 40
    assert [event for event, _ in workload.sent] == workload.events
    minutes = [event.minute for event in workload.events]
    assert minutes == sorted(minutes)


def test_a_rate_that_does_not_divide_a_second_does_not_drift(primary):
    workload = primary.world.start(Departures(primary, rate=7, limit=100))
    primary.world.run_for("10s")
    assert len(workload.sent) == pytest.approx(70, abs=1)


def test_a_flight_keeps_its_partition(primary):
    workload = primary.world.start(Departures(primary, rate=500, limit=300))
    primary.world.run_for("2s")
    places: dict = {}
    for event, receipt in workload.acknowledged:
        assert places.setdefault(event.key, receipt.metadata.partition) == receipt.metadata.partition
    assert len(set(places.values())) == 3


def test_arrivals_are_other_events(primary):
    departed, arrived = Departures(primary, limit=1).events[0], Arrivals(primary, limit=1).events[0]
    assert b'"departed"' in departed.value and b'"arrived"' in arrived.value


@pytest.mark.parametrize("rate", [0, -1, 1.5, "100", 1_000_001])
def test_a_rate_that_cannot_be_is_refused(primary, rate):
    with pytest.raises(ConfigException, match="rate="):
        Departures(primary, rate=rate)


def test_acks_and_settings_are_the_producers(primary):
    workload = primary.world.start(Departures(primary, limit=1, acks=1, config={"linger.ms": 0}))
    config = workload.handle.producer.config
    assert (config["acks"], config["linger.ms"]) == ("1", 0)


def test_a_world_with_a_workload_can_be_forked(primary):
    world = primary.world
    world.start(Departures(primary, rate=100, limit=50))
    world.run_for("200ms")
    other = world.fork()
    for one in (world, other):
        one.run_for("1s")
    assert other.recorder.digest() == world.recorder.digest()
    assert len(other.workloads[0].acknowledged) == 50
