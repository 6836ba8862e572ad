"""What is written about KRaft's quorum, sentence by sentence."""

from __future__ import annotations

from itertools import combinations

import pytest

from minikafka import World
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.errors import KafkaError


@pytest.fixture
def cluster():
    """Three brokers, three controllers, one topic."""
    made = World(seed=4).cluster("primary", controllers=3)
    made.create_topic("flights", assignment=[[1, 2, 3]], config={"min.insync.replicas": 2})
    made.world.run_for("1s")
    return made


def others(cluster):
    """The controllers that do not decide."""
    return [one for one in cluster.controllers.values() if one is not cluster.active_controller]


@pytest.mark.parametrize("name, default", [
    ("controller.quorum.election.timeout.ms", 1000), ("controller.quorum.fetch.timeout.ms", 2000),
    ("controller.quorum.election.backoff.max.ms", 1000), ("controller.quorum.request.timeout.ms", 2000),
])  # fmt: skip
def test_defaults(name, default):
    """Kafka docs, broker configurations."""
    assert BROKER[name].default == default


def test_the_high_watermark_is_what_a_majority_holds_beyond_the_start_of_the_leaders_epoch(cluster):
    """KIP-595: a leader must first commit a record of its own epoch (LeaderChangeMessage)."""
    told = next(entry.event for entry in cluster.world.recorder.events("MetadataCommitted"))
    began = next(entry.event for entry in cluster.world.recorder.events("BecameQuorumLeader"))
    assert told.new == began.epoch_start + 1
    assert sum(end >= told.new for _, end in told.ends) == 2


def test_a_voter_flushes_its_log_before_its_fetch_offset_counts(cluster):
    """KIP-595: log appends are fsynced before the next fetch."""
    cluster.create_topic("weather", assignment=[[1, 2, 3]])
    for one in cluster.controllers.values():
        cluster.world.faults.power_off(one.machine)
    for one in others(cluster):
        cluster.world.faults.start(one.machine)
    cluster.world.run_for("8s")
    assert "weather" in cluster.image.topics and cluster.active_controller is not None


def test_the_leader_resigns_if_no_majority_has_fetched_for_one_and_a_half_fetch_timeouts(cluster):
    """KAFKA-15489, check quorum."""
    active = cluster.active_controller
    for one in others(cluster):
        cluster.world.faults.crash(one.machine)
    cluster.world.run_for("2400ms")
    assert active.controller.active
    cluster.world.run_for("700ms")
    assert not active.controller.active


def test_without_a_quorum_leaders_whose_isr_stays_the_same_keep_serving(cluster):
    """KIP-631; no elections, ISR changes, topics, fencing, producer ids."""
    for one in cluster.controllers.values():
        cluster.world.faults.crash(one.machine)
    consumer = cluster.consumer(config={"auto.offset.reset": "earliest"})
    consumer.assign("flights-0")
    producer = cluster.producer(acks="all", config={"enable.idempotence": False})
    cluster.world.run_for("60s")
    receipt = producer.send("flights", "AA1")
    producer.flush()
    assert receipt.metadata.offset == 0
    assert [record.offset for record in consumer.poll("5s")] == [0]
    with pytest.raises(KafkaError):
        cluster.create_topic("weather")


def test_brokers_keep_their_epochs_across_a_failover_and_have_a_fresh_session(cluster):
    """KIP-631: registrations are in the metadata log; the session of a broker begins anew at a new controller."""
    epochs = {id: broker.epoch for id, broker in cluster.image.brokers.items()}
    cluster.world.faults.crash(cluster.active_controller.machine)
    cluster.world.run_for("15s")
    assert cluster.active_controller is not None
    assert {id: broker.epoch for id, broker in cluster.image.brokers.items()} == epochs
    assert not list(cluster.world.recorder.events("BrokerFenced"))


def test_with_one_site_of_three_lost_the_quorum_is_kept_with_one_of_two_perhaps_not():
    """Confluent, choosing a topology: 1-1-1 survives any site, of 2-1 only the smaller may be lost."""
    for sites, lost, kept in ((3, 0, True), (2, 0, False), (2, 1, True)):
        world = World(seed=2)
        regions = [world.region(f"site{number}", zones=2) for number in range(sites)]
        for one, other in combinations(regions, 2):
            world.connect(one, other, latency="10ms")
        places = [regions[0].zones[0], regions[1].zones[0], regions[2 % sites].zones[1]]
        cluster = world.cluster("p", region=regions, controllers=3, controllers_at=places)
        world.faults.lose(regions[lost])
        world.run_for("10s")
        assert (cluster.active_controller is not None) == kept, (sites, lost)
