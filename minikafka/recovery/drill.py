"""A drill: a calm while, a disaster, what happens by itself, what people then do; and the measured result.

Promises     `run_drill` works on a world of its own, on the real flights, and returns numbers: latency of writes in the
             calm, what was lost, when writes went on, and whether anybody had to do anything for that.
Stands for   a game day.
Left out     the time that people take: what they do here is done at once, `patience` after the disaster.
Differs      the same seed gives the same disaster, so that two designs can be compared under one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.recovery.attempts import attempts
from minikafka.recovery.recovery_point import RecoveryPoint, recovery_point
from minikafka.recovery.recovery_time import RecoveryTime, recovery_time
from minikafka.recovery.write_latency import WriteLatency, write_latency
from minikafka.world.quantities import say_span, us

AUTOMATIC, MANUAL, NEVER = "automatic", "manual", "none"
"""How writes went on: by themselves, after somebody did something, not at all while the drill was watched."""


class Drill(NamedTuple):
    """`strike` does the disaster to what a pattern built, and returns when it is complete; `respond`, if any, is what
    an operator does when writes do not go on by themselves."""

    name: str
    says: str
    strike: Callable[[Any], None]
    respond: Callable[[Any], None] | None = None


class Outcome(NamedTuple):
    """`calm` before the disaster; `point` and `time` after it; `writes` is AUTOMATIC, MANUAL or NEVER."""

    drill: str
    calm: WriteLatency
    point: RecoveryPoint
    time: RecoveryTime
    writes: str

    def row(self) -> tuple[str, ...]:
        """The outcome in words for a table: latency, RPO in records and time, how and when writes went on."""
        lost, span = ("-", "-") if self.point.unknown else (str(self.point.records), say_span(self.point.span))
        resumed = "-" if self.time.longest is None else say_span(self.time.longest)
        return (self.drill, say_span(self.calm.p50), lost, span, self.writes, resumed)


HEADINGS = ("drill", "write latency", "records lost", "RPO", "writes", "RTO")


def run_drill(
    build: Callable[[World], Any],
    drill: Drill,
    seed: int = 7,
    rate: int = 10,
    calm: str | int = "5s",
    patience: str | int = "90s",
    watch: str | int = "90s",
    **workload: Any,
) -> Outcome:
    """Build, write flights at `rate` a second, strike after the `calm`; respond after `patience`, and `watch` on.

    What is built has a `cluster`, a `topic`, and a place for the `users`, which the disaster spares. Further arguments
    go to the workload, for example acks="all".
    """
    world = World(seed)
    built = build(world)
    flights = world.start(Departures(built.cluster, rate=rate, topic=built.topic, zone=built.users, **workload))
    world.run_for(us(calm))
    over = world.now
    drill.strike(built)
    disaster = world.now
    world.run_for(us(patience))
    time, writes = recovery_time(attempts(world, flights), disaster), AUTOMATIC
    if time.longest is None and drill.respond is not None:
        drill.respond(built)
        world.run_for(us(watch))
        time, writes = recovery_time(attempts(world, flights), disaster), MANUAL
    if time.longest is None:
        writes = NEVER
    tried = attempts(world, flights)
    before = write_latency(tried, until=over)
    assert before is not None, "nothing was acknowledged in the calm: a longer calm, or a design that takes writes"
    return Outcome(drill.name, before, recovery_point(tried, disaster), time, writes)
