"""What the line between two cities does to writes, and what crosses it: measured for one line at a time.

Promises     `over(line)` writes the flights of the day to a topic with replicas in both cities, all in sync, and gives
             the latency of writes, how many a second were taken, and what crossed. With a high `rate` more flights are
             offered than a far line takes: then `per_second` is the throughput, and the latency is mostly queue.
Stands for   a performance test before a cluster is stretched (kafka-producer-perf-test over a line with tc's delay,
             jitter, loss and rate).
Left out     several producers; congestion control.
Differs      two and a half data centres, whose third site is near.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.patterns import stretched_two_and_half
from minikafka.patterns.stretched_layout import Placement
from minikafka.recovery.attempts import attempts
from minikafka.recovery.border_traffic import Traffic, traffic
from minikafka.recovery.write_latency import WriteLatency, write_latency

WARM = "1s"
"""So long the producer gets to know the cluster; what is sent in this time is not counted."""


class Line(NamedTuple):
    """What it is like between the two cities, each way, in quantities as people write them."""

    latency: str
    jitter: str = "0ms"
    bandwidth: str | None = None
    loss: float = 0.0


class Crossing(NamedTuple):
    """`writes`: how long they took, and how many a second; `bytes`: what crossed borders between regions meanwhile."""

    writes: WriteLatency
    bytes: Traffic


def over(
    line: Line, acks: str = "all", rate: int = 20, lasting: str = "10s",
    via: Placement = stretched_two_and_half.SAFE, seed: int = 8, config: dict | None = None,
) -> Crossing:  # fmt: skip
    """Write `rate` flights a second to a topic placed `via`, and measure for `lasting`; `config` is the producer's."""
    world = World(seed)
    built = stretched_two_and_half.build(world, via)
    world.connect("west", "east", *line)
    flights = world.start(Departures(built.cluster, rate, built.topic, acks, zone=built.users, config=config))
    world.run_for(WARM)
    since = world.now
    world.run_for(lasting)
    until = world.now
    crossed = traffic(world, since=since, until=until)
    world.run_for("60s")
    found = write_latency(attempts(world, flights), since, until)
    assert found is not None, f"nothing sent within {lasting} was acknowledged a minute later: try a better line"
    return Crossing(found, crossed)
