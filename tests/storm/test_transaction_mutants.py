"""Each mistake with transactions is noticed, in the story made for it; without the mistake the same story is clean."""

from __future__ import annotations

import pytest
import transaction_mutants as mutants

from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.laws.transaction_judgments import TRANSACTION_JUDGMENTS
from minikafka.protocol.errors import KafkaError
from minikafka.world.laws import LawBroken

FAST = {"transaction.state.log.num.partitions": 1, "broker.session.timeout.ms": 3000, "replica.lag.time.max.ms": 2000,
        "request.timeout.ms": 2000, "auto.leader.rebalance.enable": False}  # fmt: skip


def begun():
    """A transaction of "booking" with a record in two partitions, and a reader of committed records."""
    world = World(seed=3)
    world.law(*all_laws(world))
    cluster = world.cluster("primary", brokers=3, config=FAST)
    cluster.create_topic("flights", assignment=[[1, 2, 3], [2, 3, 1]], config={"min.insync.replicas": 2})
    reader = cluster.consumer("r", config={"isolation.level": "read_committed", "auto.offset.reset": "earliest"})
    reader.assign("flights-0", "flights-1")
    producer = cluster.producer("p", transactional_id="booking", config={"linger.ms": 0})
    write(producer)
    return world, cluster, reader, producer


def write(producer):
    producer.begin()
    for partition in (0, 1):
        producer.send("flights", "seat", partition=partition)
    producer.flush()


def read_on(reader):
    for _ in range(6):
        reader.poll("200ms")


def an_abort():
    world, _, reader, producer = begun()
    producer.abort()
    world.run_for("1s")
    read_on(reader)
    return world


def a_zombie():
    world, cluster, _, old = begun()
    new = cluster.producer("new", transactional_id="booking", config={"linger.ms": 0})
    write(new)
    try:
        old.commit()
    except KafkaError:
        new.commit()
    world.run_for("1s")
    return world


def a_failover():
    world, cluster, _, producer = begun()
    coordinator = cluster.leader("__transaction_state-0")
    other = next(broker for number, broker in cluster.brokers.items() if number != coordinator.id and number != 3)
    world.faults.hold(coordinator.name, other.name)
    producer.commit()
    world.faults.crash(coordinator.machine)
    world.run_for("20s")
    return world


def a_crowd():
    world, cluster, reader, producer = begun()
    plain = cluster.producer("plain", config={"linger.ms": 0})
    plain.send("flights", "other", partition=0)
    plain.flush()
    world.run_for("1s")
    producer.commit()
    world.run_for("1s")
    return world


STORIES = {
    mutants.aborted_records_delivered: (an_abort, "aborted-read"),
    mutants.zombies_commit: (a_zombie, "torn"),
    mutants.markers_forgotten_after_a_failover: (a_failover, "hanging"),
    mutants.what_is_replicated_is_stable: (a_crowd, "nothing undecided is stable"),
}


def verdict(story):
    try:
        return {finding.anomaly: None for finding in story().judge(*TRANSACTION_JUDGMENTS)}
    except LawBroken as broken:
        return {broken.law.name: None}


@pytest.mark.parametrize("mutant", mutants.TRANSACTION_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_it_is_caught(mutant):
    story, anomaly = STORIES[mutant]
    with mutant():
        assert anomaly in verdict(story)


@pytest.mark.parametrize("mutant", mutants.TRANSACTION_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_without_it_all_is_well(mutant):
    assert verdict(STORIES[mutant][0]) == {}
