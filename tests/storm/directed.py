"""Schedules made by hand for what storms seldom hit: something is held on its way while the world around it changes.

Each plays in a world with all laws and ends at rest; with today's rules no law breaks.
"""

from __future__ import annotations

from minikafka.deploy.cluster import Cluster
from minikafka.deploy.kafka_world import World
from minikafka.events.replication import BecameFollower, HighWatermarkAdvanced, IsrChangeAsked
from minikafka.laws.all_laws import all_laws
from minikafka.laws.client_judgments import JUDGMENTS
from minikafka.storm.traffic import PRODUCER, Writer
from minikafka.world.laws import Finding

FAST = {
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 400,
    "replica.lag.time.max.ms": 3000,
    "replica.fetch.wait.max.ms": 200,
    "auto.leader.rebalance.enable": False,
}
ELECTION = "flights-0"


def a_cluster(replicas: list[int], **settings: object) -> tuple[World, Cluster]:
    """A cluster of three with one partition on these brokers, the first of them leader."""
    world = World(seed=3)
    world.law(*all_laws(world))
    cluster = world.cluster("storm", brokers=3, config={**FAST, **settings})
    cluster.create_topic("flights", config={"min.insync.replicas": 2}, assignment=[replicas])
    return world, cluster


def send(cluster: Cluster, producer, *values: str) -> None:
    """Send these, and wait until they are acknowledged."""
    for value in values:
        producer.send("flights", value)
    producer.flush()


def a_fetch_from_the_grave() -> list[Finding]:
    """KIP-903: the last fetch of a broker is held while it loses power and comes back with a shorter log."""
    world, cluster = a_cluster([1, 2, 3], **{"max.incremental.fetch.session.cache.slots": 0})
    producer = cluster.producer(config=PRODUCER)
    send(cluster, producer, "one", "two", "three")
    world.run_for("100ms")
    world.faults.hold("storm/b3", "storm/b1")  # its next fetch says that it has all three
    world.run_for("300ms")
    world.faults.power_off("storm/b3")
    world.run_for("4s")
    world.faults.start("storm/b3")
    world.run_for("1s")
    world.faults.hold("storm/b1", "storm/b3")  # nothing new reaches it
    world.faults.release("storm/b3", "storm/b1")
    world.run_for("1s")
    world.faults.release("storm/b1", "storm/b3")
    world.run_for("4s")
    return world.judge(*JUDGMENTS)


def a_fetch_from_another_epoch() -> list[Finding]:
    """KIP-320: a fetch that was made under epoch 1 arrives at the same leader in epoch 3."""
    world, cluster = a_cluster([2, 1, 3])
    world.faults.stop("storm/b2")
    world.run_for("1s")  # broker 1 leads
    world.faults.start("storm/b2")
    world.run_for("2s")
    producer = cluster.producer(config={**PRODUCER, "acks": 1, "enable.idempotence": False})
    send(cluster, producer, "first")
    world.run_for("300ms")
    for held in (("storm/b1", "storm/b2"), ("storm/controller", "storm/b3"), ("storm/b2", "storm/b1")):
        world.faults.hold(*held)
    world.faults.hold("storm/b2", "storm/b1")
    send(cluster, producer, "only on 1 and 3")
    world.run_for("1ms")
    world.faults.hold("storm/b3", "storm/b1")  # its next fetch says that it has the second record
    world.run_for("150ms")
    cluster.elect(ELECTION)  # broker 2 leads, and lacks that record
    world.run_for("100ms")
    other = cluster.producer(config={**PRODUCER, "acks": 1, "enable.idempotence": False})
    send(cluster, other, "instead")
    for held in (("storm/b1", "storm/b2"), ("storm/b2", "storm/b1")):
        world.faults.release(*held)
    world.run_for("300ms")  # broker 1 has cut its log, and has the other record
    world.faults.stop("storm/b2")  # broker 1 leads again
    world.run_for("300ms")
    world.faults.release("storm/b3", "storm/b1")
    world.run_for("300ms")
    world.faults.release("storm/controller", "storm/b3")
    world.run_for("3s")
    world.faults.start("storm/b2")
    world.run_for("3s")
    return world.judge(*JUDGMENTS)


def an_answer_held_across_an_election() -> list[Finding]:
    """A batch waits for its commit while the leadership moves on and another record takes its offset."""
    world, cluster = a_cluster([2, 1, 3])
    world.faults.stop("storm/b2")
    world.run_for("1s")  # broker 1 leads
    world.faults.start("storm/b2")
    world.run_for("2s")
    partitions = [next(iter(cluster.brokers[1].broker.partitions))]
    patient = Writer(cluster, "patient", partitions, 10_000_000, "all", None)
    world.start(patient)
    send(cluster, patient.handle, "first")
    for held in (("storm/b1", "storm/b2"), ("storm/b1", "storm/b3")):
        world.faults.hold(*held)
    producer = patient.handle.producer
    patient.sent.append((Value(b"nobody else has it"), producer.send("flights", b"nobody else has it")))
    world.run_for("50ms")
    cluster.elect(ELECTION)  # broker 2 leads, and lacks it
    other = cluster.producer(config={**PRODUCER, "acks": 1, "enable.idempotence": False})
    send(cluster, other, "it takes the offset")
    for held in (("storm/b1", "storm/b2"), ("storm/b1", "storm/b3")):
        world.faults.release(*held)
    world.run_for("4s")
    return world.judge(*JUDGMENTS)


def a_newcomer_in_flight() -> list[Finding]:
    """KIP-497: the controller has taken a replica into the ISR, but its leader has not heard so yet."""
    world, cluster = a_cluster([1, 2, 3])
    producer = cluster.producer(config=PRODUCER)
    send(cluster, producer, "one")
    world.faults.cut("storm/b1", "storm/b3")
    send(cluster, producer, "two")
    world.run_for("6s")  # broker 3 is out of the ISR, and alive
    world.faults.hold("storm/controller", "storm/b1")
    world.faults.heal("storm/b1", "storm/b3")
    world.run_for("1500ms")
    world.faults.hold("storm/b1", "storm/b3")
    producer.send("flights", "three")
    world.run_for("100ms")
    world.faults.release("storm/controller", "storm/b1")
    world.faults.release("storm/b1", "storm/b3")
    world.run_for("4s")
    return world.judge(*JUDGMENTS)


def a_wish_of_a_sleeper() -> list[Finding]:
    """A leader stands still with a fetch in hand; its follower loses power meanwhile and registers anew. The leader
    wakes and asks for it, in the name of its former life: the wish is refused, and breaks no law."""
    world, cluster = a_cluster([1, 2, 3])
    producer = cluster.producer(config=PRODUCER)
    send(cluster, producer, "one")
    world.faults.cut("storm/b1", "storm/b3")
    send(cluster, producer, "two", "three")
    world.run_for("6s")  # broker 3 is out of the ISR, and alive
    world.faults.hold("storm/b1", "storm/b3")
    world.faults.heal("storm/b1", "storm/b3")
    world.run_for("1500ms")
    world.faults.hold("storm/b3", "storm/b1")  # its next fetch says that it has all three
    world.faults.release("storm/b1", "storm/b3")
    world.run_for("20ms")
    world.faults.freeze("storm/b1")
    world.faults.release("storm/b3", "storm/b1")
    world.run_for("100ms")
    world.faults.power_off("storm/b3")
    world.run_for("4s")
    world.faults.hold("storm/b2", "storm/b3")  # nothing new reaches it
    world.faults.start("storm/b3")
    world.run_for("1s")
    world.faults.thaw("storm/b1")
    world.run_for("1s")
    world.faults.release("storm/b2", "storm/b3")
    world.run_for("4s")
    asked = [entry for entry in world.recorder.events(IsrChangeAsked) if entry.place == "storm/b1"]
    assert asked[-1].event.isr_to == (1, 2, 3), "the sleeper has asked for nobody: the schedule has missed its point"
    return world.judge(*JUDGMENTS)


def a_last_commit_of_a_sleeper() -> list[Finding]:
    """A leader sleeps through two pieces of news: fewer have to be in sync, and another leads. It wakes, commits by
    the one, steps down by the other, and learns from the new leader what has been committed since: more than it said.
    """
    world, cluster = a_cluster([1, 2, 3])
    hurried = {**PRODUCER, "acks": 1, "enable.idempotence": False}
    send(cluster, cluster.producer(config=hurried), "one")
    cluster.alter_config("flights", {"min.insync.replicas": 3})
    world.faults.stop("storm/b3")
    world.run_for("1s")  # two are in sync: what is appended now stays uncommitted
    send(cluster, cluster.producer(config=hurried), "two", "three")
    world.run_for("300ms")
    world.faults.freeze("storm/b1")
    cluster.alter_config("flights", {"min.insync.replicas": 1})
    world.run_for("4s")  # broker 2 leads
    send(cluster, cluster.producer(config=PRODUCER), "four", "five")
    world.faults.thaw("storm/b1")
    world.run_for("1s")
    told = world.recorder.events(HighWatermarkAdvanced, BecameFollower)
    commit, farewell = [entry for entry in told if entry.place == "storm/b1"][-2:]
    at_once = type(farewell.event) is BecameFollower and commit.event.new == 3 and commit.time == farewell.time
    assert at_once, "the sleeper has committed nothing on its way out: the schedule has missed its point"
    world.faults.start("storm/b3")
    world.run_for("4s")
    return world.judge(*JUDGMENTS)


class Value:
    """Something that was sent."""

    def __init__(self, value: bytes):
        self.value = value


DIRECTED = (
    a_fetch_from_the_grave,
    a_fetch_from_another_epoch,
    an_answer_held_across_an_election,
    a_newcomer_in_flight,
    a_wish_of_a_sleeper,
    a_last_commit_of_a_sleeper,
)
