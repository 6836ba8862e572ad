"""Lab 06: the scenes in which a learner's rule "whose commits count?" is tried.

Promises     each is a function (world, seed) for `trial("commit", ..., scenes=SCENES)`: a member that was put out
             commits while the others are slow to join; one of an old generation commits; somebody outside commits;
             an empty group is moved by its administrator.
Stands for   pauses of a garbage collector, and people with a script.
Left out     what a storm rolls by itself: `trial("commit", ...)` without scenes.
Differs      -
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from minikafka.deploy.flights import departures, load_flights
from minikafka.protocol.errors import KafkaError

BROKERS = {"offsets.topic.num.partitions": 1, "group.initial.rebalance.delay.ms": 100, "min.insync.replicas": 2,
           "group.min.session.timeout.ms": 1000}  # fmt: skip
MEMBER = {"auto.offset.reset": "earliest", "enable.auto.commit": False, "session.timeout.ms": 2000,
          "heartbeat.interval.ms": 300, "default.api.timeout.ms": 1000}  # fmt: skip
GROUP, FLIGHTS = "fees", "flights-0"


class Office:
    """A cluster with some flights in its log, and the clerks of the group that reads them."""

    def __init__(self, world: Any, seed: int):
        self.world = world
        self.cluster = world.cluster("primary", brokers=3, config=BROKERS)
        self.cluster.create_topic("flights", partitions=2, replication_factor=3)
        gate = self.cluster.producer("gate", config={"linger.ms": 0})
        for event in departures(load_flights())[: 6 + seed % 4]:
            gate.send("flights", event.value, key=event.key, partition=0)
        gate.flush()
        self.one, self.two = (self.clerk(name) for name in ("m1", "m2"))
        self.one.subscribe("flights")
        self.one.poll("10s")
        self.one.commit({FLIGHTS: 2})

    def clerk(self, name: str) -> Any:
        """A consumer of the group on a machine of its own."""
        return self.cluster.consumer(name, group=GROUP, config=MEMBER)

    def try_to_commit(self, clerk: Any, offset: int) -> None:
        """A commit; whether it is refused is for the laws to judge."""
        with suppress(KafkaError):
            clerk.commit({FLIGHTS: offset})

    def move(self, to: str) -> None:
        """What `kafka-consumer-groups --reset-offsets` does, from outside."""
        with suppress(KafkaError):
            self.cluster.reset_offsets(GROUP, [FLIGHTS], to=to)


def put_out(world: Any, seed: int) -> None:
    """m1 freezes; m2 takes its place and commits; m1 wakes up, and commits what it had begun."""
    office = Office(world, seed)
    world.faults.freeze(office.one.machine)
    office.two.subscribe("flights")
    office.two.poll("10s")
    office.try_to_commit(office.two, 6)
    world.faults.thaw(office.one.machine)
    office.try_to_commit(office.one, 3 + seed % 3)
    world.run_for("2s")


def put_out_while_others_join(world: Any, seed: int) -> None:
    """m1 is put out while m2 is busy and has not joined again: the generation is still the one that m1 names."""
    office = Office(world, seed)
    office.two.subscribe("flights")
    office.two.keep_reading("8s")
    world.run_for("500ms")
    office.one.poll("1s")
    world.faults.freeze(office.one.machine)
    world.run_for("2500ms")
    world.faults.thaw(office.one.machine)
    office.try_to_commit(office.one, 3 + seed % 3)
    world.run_for("1s")


def of_an_old_generation(world: Any, seed: int) -> None:
    """m2 joins, and m1 joins again with it; a commit that m1 sends before it has heard the outcome comes too late."""
    office = Office(world, seed)
    desk = office.cluster.leader("__consumer_offsets-0")
    office.two.subscribe("flights")
    office.two.keep_reading()
    world.run_for("500ms")
    world.faults.hold(desk, office.one.machine)
    office.one.keep_reading("10s")
    world.run_for("100ms")
    office.try_to_commit(office.one, 3 + seed % 3)
    world.faults.release(desk, office.one.machine)
    world.run_for("2s")


def from_outside(world: Any, seed: int) -> None:
    """A script commits for a group that is at work; then everybody goes home, and an administrator moves it."""
    office = Office(world, seed)
    script = office.cluster.consumer("script", group=GROUP, config=MEMBER)
    script.assign(FLIGHTS)
    office.try_to_commit(script, 8)
    world.run_for("1s")
    office.try_to_commit(office.one, 4)
    office.one.close()
    office.move("earliest")


SCENES = (put_out, put_out_while_others_join, of_an_old_generation, from_outside)
