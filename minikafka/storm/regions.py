"""A storm over two regions: where a topic's replicas and observers are, and what happens to a whole region.

Promises     rolled from dice of its own, so that other storms stay what they are; what is broken is mended later.
Stands for   the outages that stretched clusters are built for.
Left out     loss of power in a whole region: no promise would outlive it, unless records are flushed.
Differs      a region is lost when all its brokers crash in the same instant; the controller is not in it.
"""

from __future__ import annotations

from random import Random
from typing import Any

from minikafka.protocol.placement_constraints import POLICIES
from minikafka.storm.schedule import SECOND, Step

WEST, EAST = "west", "east"
BROKERS = 6
"""The first half of them in the west, the other in the east."""

LAYOUTS = (
    ({WEST: 2}, {EAST: 2}),
    ({WEST: 2, EAST: 1}, {WEST: 1, EAST: 1}),
    ({WEST: 1, EAST: 1}, {WEST: 1, EAST: 1}),
    ({WEST: 2, EAST: 2}, {WEST: 1, EAST: 1}),
)
"""(sync replicas, observers) in each region."""


def places(world: Any) -> list[Any]:
    """The two regions, with the way between them."""
    west, east = (world.region(name, zones=3) for name in (WEST, EAST))
    world.connect(west, east, latency="20ms", jitter="5ms")
    return [west, east]


def roll_placement(dice: Random) -> dict:
    """A placement constraint."""
    replicas, observers = dice.choice(LAYOUTS)
    made: dict = {"version": 2, "replicas": _counts(replicas), "observers": _counts(observers)}
    policy = dice.choice((None, *POLICIES))
    return {**made, "version": 1} if policy is None else {**made, "observerPromotionPolicy": policy}


def roll_regions(dice: Random, machines: list[str], begin: int, end: int) -> list[Step]:
    """The steps that concern whole regions, between two times (µs)."""
    steps: list[Step] = []
    now = begin
    while (now := now + dice.randrange(2 * SECOND, 7 * SECOND)) < end:
        until = min(end, now + dice.randrange(SECOND // 2, 5 * SECOND))
        dice.choice((_lose, _cut, _cut_oneway, _flap))(dice, machines, now, until, steps)
    return steps


def _lose(dice: Random, machines: list[str], now: int, until: int, steps: list[Step]) -> None:
    half = len(machines) // 2
    for machine in dice.choice((machines[:half], machines[half:])):
        steps += [Step(now, "crash", (machine,)), Step(until, "start", (machine,))]


def _cut(dice: Random, machines: list[str], now: int, until: int, steps: list[Step]) -> None:
    steps += [Step(now, "cut", (WEST, EAST)), Step(until, "heal", (WEST, EAST))]


def _cut_oneway(dice: Random, machines: list[str], now: int, until: int, steps: list[Step]) -> None:
    ends = dice.choice(((WEST, EAST), (EAST, WEST)))
    steps += [Step(now, "cut_oneway", ends), Step(until, "heal_oneway", ends)]


def _flap(dice: Random, machines: list[str], now: int, until: int, steps: list[Step]) -> None:
    while now < until:
        back = min(until, now + dice.randrange(SECOND // 10, SECOND))
        _cut(dice, machines, now, back, steps)
        now = back + dice.randrange(SECOND // 10, SECOND)


def _counts(racks: dict[str, int]) -> list[dict]:
    return [{"count": count, "constraints": {"rack": rack}} for rack, count in racks.items()]
