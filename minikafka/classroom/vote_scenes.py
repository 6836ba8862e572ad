"""Lab 07: the scenes in which a learner's rule "does it get my vote?" is tried.

Promises     each is a function (world, seed) for `trial("vote", ..., scenes=SCENES)`: the active controller dies and
             two stand at the same time; one with a shorter log stands; one with a longer log of an older epoch stands.
Stands for   a bad week for three racks.
Left out     -
Differs      -
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from minikafka.protocol.errors import KafkaError
from minikafka.world.quantities import us

PATIENCE = "20s"
QUICK = {"broker.session.timeout.ms": 1000, "broker.heartbeat.interval.ms": 200}
MANY = 8
"""Partitions of the topic: so many facts are decided when a broker dies."""


class Racks:
    """Three brokers, three controllers, one topic."""

    def __init__(self, world: Any):
        self.world = world
        self.cluster = world.cluster("primary", brokers=3, controllers=3, config=QUICK)
        self.topic("flights", MANY)
        self.first = self.cluster.active_controller
        others = [one for one in self.cluster.controllers.values() if one is not self.first]
        self.second, self.third = others

    def topic(self, name: str, partitions: int = 1) -> None:
        """A decision: the topic is there when this returns, so a majority has it."""
        with suppress(KafkaError):
            self.cluster.create_topic(name, partitions=partitions, replication_factor=3)

    def until_somebody_decides(self) -> None:
        """Let time pass until a controller is active, or patience ends."""
        give_up = self.world.now + us(PATIENCE)
        while self.cluster.active_controller is None and self.world.now < give_up:
            self.world.run_for("50ms")

    def leave_to(self, voter: Any, leader: Any) -> None:
        """The leader dies, and the voter is restarted: when it is back somebody is asking it for its vote already."""
        self.world.faults.crash(leader)
        self.world.faults.crash(voter)
        self.world.run_for("1500ms")
        self.world.faults.start(voter)
        self.until_somebody_decides()

    def separate(self, one: Any, *others: Any) -> None:
        """Nothing passes between one controller and these others."""
        for other in others:
            self.world.faults.cut(one, other)

    def join(self, one: Any, *others: Any) -> None:
        """Everything passes again."""
        for other in others:
            self.world.faults.heal(one, other)


def two_stand_at_once(world: Any, seed: int) -> None:
    """The active controller dies, and the two others notice it at the same moment."""
    racks = Racks(world)
    world.run_for(10_000 * seed)
    world.faults.crash(racks.first)
    racks.until_somebody_decides()
    racks.topic("weather")
    world.faults.start(racks.first)
    world.run_for("3s")


def one_has_slept(world: Any, seed: int) -> None:
    """One was cut off while the two others decided. Then the leader dies, and the sleeper would like to lead."""
    racks = Racks(world)
    sleeper, awake = (racks.second, racks.third) if seed % 2 else (racks.third, racks.second)
    racks.separate(sleeper, racks.first, awake)
    racks.topic("weather")
    world.run_for(1_500_000 + 10_000 * seed)
    racks.join(sleeper, awake)
    racks.leave_to(awake, racks.first)
    racks.topic("gates")
    racks.join(sleeper, racks.first)
    world.faults.start(racks.first)
    world.run_for("4s")


def one_has_dreamed(world: Any, seed: int) -> None:
    """The active controller is cut off, and a broker crashes: it decides much, and nobody gets it. The others elect one
    and decide. That one dies, and the dreamer, whose log is longer and older, would like to lead."""
    racks = Racks(world)
    dreamer = racks.first
    racks.separate(dreamer, racks.second, racks.third)
    world.faults.crash(racks.cluster.broker(3))
    world.run_for(2_000_000 + 10_000 * seed)
    world.faults.start(racks.cluster.broker(3))
    world.run_for("2s")
    racks.until_somebody_decides()
    racks.topic("weather")
    active = racks.cluster.active_controller or racks.second
    other = racks.second if active is racks.third else racks.third
    racks.join(dreamer, other)
    racks.leave_to(other, active)
    racks.topic("gates")
    racks.join(dreamer, active)
    world.faults.start(active)
    world.run_for("4s")


SCENES = (two_stand_at_once, one_has_slept, one_has_dreamed)
