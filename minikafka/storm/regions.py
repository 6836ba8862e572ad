"""A storm over two regions: where a topic's replicas and observers are, and what happens to a whole region.

Promises     rolled from dice of its own, so that other storms stay what they are; what is broken is mended later. Three
             controllers stand one in each region and one on a third site, and are lost with their region.
Stands for   the outages that stretched clusters are built for.
Left out     loss of power in a whole region: no promise would outlive it, unless records are flushed.
Differs      a region is lost when all its machines crash in the same instant, or, in careful storms, when they stand
             still until it is back; a controller that is alone is spared.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from minikafka.protocol.placement_constraints import POLICIES
from minikafka.storm.schedule import SECOND, Step

WEST, EAST, THIRD = "west", "east", "third"
BROKERS = 6
"""The first half of them in the west, the other in the east."""

LAYOUTS = (
    ({WEST: 2}, {EAST: 2}),
    ({WEST: 2, EAST: 1}, {WEST: 1, EAST: 1}),
    ({WEST: 1, EAST: 1}, {WEST: 1, EAST: 1}),
    ({WEST: 2, EAST: 2}, {WEST: 1, EAST: 1}),
)
"""(sync replicas, observers) in each region."""

Sites = tuple[list[str], list[str]]
"""The machines in the west, and those in the east."""


def places(world: Any) -> list[Any]:
    """The two regions, with the way between them."""
    west, east = (world.region(name, zones=3) for name in (WEST, EAST))
    world.connect(west, east, latency="20ms", jitter="5ms")
    return [west, east]


def sites_of_controllers(world: Any, coasts: list[Any]) -> list[Any]:
    """A zone in each region, and one on a third site that no broker is in: whichever is lost, two remain."""
    third = world.region(THIRD, zones=1)
    for coast in coasts:
        world.connect(coast, third, latency="15ms", jitter="5ms")
    return [site.zones[0] for site in (*coasts, third)]


def roll_placement(dice: Random) -> dict:
    """A placement constraint."""
    replicas, observers = dice.choice(LAYOUTS)
    made: dict = {"version": 2, "replicas": _counts(replicas), "observers": _counts(observers)}
    policy = dice.choice((None, *POLICIES))
    return {**made, "version": 1} if policy is None else {**made, "observerPromotionPolicy": policy}


def roll_regions(
    dice: Random, machines: list[str], begin: int, end: int, controllers: Sequence[str] = (), careful: bool = False
) -> list[Step]:
    """The steps that concern whole regions, between two times (µs). Of three `controllers` the first is in the west,
    the second in the east. `careful`: what counts as a loss of records does not befall a whole region."""
    half = len(machines) // 2
    sites = (machines[:half] + list(controllers[:1]), machines[half:] + list(controllers[1:2]))
    kinds = (_stand_still if careful else _lose, _cut, _cut_oneway, _flap, *[_cut_off] * bool(controllers))
    steps: list[Step] = []
    now = begin
    while (now := now + dice.randrange(2 * SECOND, 7 * SECOND)) < end:
        until = min(end, now + dice.randrange(SECOND // 2, 5 * SECOND))
        dice.choice(kinds)(dice, sites, now, until, steps)
    return steps


def _lose(dice: Random, sites: Sites, now: int, until: int, steps: list[Step]) -> None:
    for machine in dice.choice(sites):
        steps += [Step(now, "crash", (machine,)), Step(until, "start", (machine,))]


def _stand_still(dice: Random, sites: Sites, now: int, until: int, steps: list[Step]) -> None:
    """Nobody hears anything from the region, and it comes back believing what it believed."""
    for machine in dice.choice(sites):
        steps += [Step(now, "freeze", (machine,)), Step(until, "thaw", (machine,))]


def _cut_off(dice: Random, sites: Sites, now: int, until: int, steps: list[Step]) -> None:
    """A region is alone: it reaches neither the other nor the third site."""
    alone, other = dice.choice(((WEST, EAST), (EAST, WEST)))
    for there in (other, THIRD):
        steps += [Step(now, "cut", (alone, there)), Step(until, "heal", (alone, there))]


def _cut(dice: Random, sites: Sites, now: int, until: int, steps: list[Step]) -> None:
    steps += [Step(now, "cut", (WEST, EAST)), Step(until, "heal", (WEST, EAST))]


def _cut_oneway(dice: Random, sites: Sites, now: int, until: int, steps: list[Step]) -> None:
    ends = dice.choice(((WEST, EAST), (EAST, WEST)))
    steps += [Step(now, "cut_oneway", ends), Step(until, "heal_oneway", ends)]


def _flap(dice: Random, sites: Sites, now: int, until: int, steps: list[Step]) -> None:
    while now < until:
        back = min(until, now + dice.randrange(SECOND // 10, SECOND))
        _cut(dice, sites, now, back, steps)
        now = back + dice.randrange(SECOND // 10, SECOND)


def _counts(racks: dict[str, int]) -> list[dict]:
    return [{"count": count, "constraints": {"rack": rack}} for rack, count in racks.items()]
