"""Each mistake with the care of logs is noticed by a law; without it the same run breaks none."""

from __future__ import annotations

import pytest
from log_mutants import LOG_MUTANTS, last_batch_of_a_producer_dropped

from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.laws.client_judgments import JUDGMENTS
from minikafka.world.laws import LawBroken


def a_busy_cleaner():
    """Seats that come, change and are given back, on three replicas that compact every half a second."""
    world = World(seed=3)
    world.law(*all_laws(world))
    cluster = world.cluster("primary", brokers=3, config={"log.cleaner.backoff.ms": 500})
    cluster.create_topic("seats", partitions=1, replication_factor=3, config={
        "cleanup.policy": "compact", "segment.bytes": 500, "delete.retention.ms": 2000, "min.insync.replicas": 2,
    })  # fmt: skip
    producer = cluster.producer(config={"linger.ms": 0, "batch.size": 0})
    for number in range(60):
        value = None if number % 7 == 3 else f"v{number}"
        producer.send("seats", value, key=f"k{number % 5}")
        producer.flush()
        world.run_for("50ms")
    world.run_for("2s")
    return world, cluster, producer


def test_without_a_mistake_nothing_is_broken():
    world, _, _ = a_busy_cleaner()
    assert world.judge(*JUDGMENTS) == []


@pytest.mark.parametrize("mutant", LOG_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_mistake_is_noticed(mutant, caught):
    with mutant(), pytest.raises(LawBroken) as broken:
        a_busy_cleaner()
    caught[mutant.__name__] = broken.value.law.name, "a busy cleaner"


def test_without_the_empty_batch_a_producer_is_forgotten():
    """Why it stays: after a restart without snapshots the batches are all that is left of a producer."""

    def sequences():
        world, cluster, producer = a_busy_cleaner()
        producer.close()
        other = cluster.producer(config={"linger.ms": 0, "batch.size": 0})
        for number in range(20):
            other.send("seats", f"w{number}", key=f"k{number % 5}")
            other.flush()
        world.run_for("2s")
        log = cluster.leader("seats-0").broker.partitions["seats", 0].log
        return {header.producer_id for header in log.batches()}

    assert len(sequences()) == 2
    with last_batch_of_a_producer_dropped():
        assert len(sequences()) == 1
