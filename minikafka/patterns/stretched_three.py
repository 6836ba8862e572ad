"""Three data centres, all alike: brokers and voters in each.

Promises     losing any one site leaves a majority of the voters and two of three replicas, one of which leads on;
             nobody has to do anything.
Stands for   the 3 data centre layout: 2-2-2 voters.
Left out     zones in a site.
Differs      -
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.patterns.site_drills import cut_off, lose
from minikafka.patterns.stretched_layout import Placement, Site, Stretched, stretch

if TYPE_CHECKING:
    from minikafka.deploy.kafka_world import World

STORY = """\
Three cities, near enough to each other. One replica in each, two must be in sync. One city may be lost on any day,
and the departures board does not notice; but every write waits until all three have it."""

SITES = (Site("west", 2, 2), Site("central", 2, 2), Site("east", 2, 2))

SAFE = Placement("1+1+1", {"west": 1, "central": 1, "east": 1}, min_isr=2)
"""One replica in each site; two are asked for, so that no site holds an acknowledged record alone."""

DRILLS = (lose("west"), lose("central"), lose("east"), cut_off("west", "central", "east"))


def build(world: World, via: Placement = SAFE, latency: str = "20ms", config: dict | None = None) -> Stretched:
    """The layout with a topic placed `via`; sites are `latency` apart, one way; `config` is for the brokers."""
    return stretch(world, SITES, via, latency, config)
