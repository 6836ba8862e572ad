"""Two data centres: enough for two copies of everything, not enough for a majority.

Promises     nothing acknowledged is lost with a site, when more replicas must be in sync than one site has; but with
             either site the majority of the voters is gone, and somebody must force what is left to rule alone.
Stands for   the 2 data centre layout: 3-3 voters, avoided where a third site can be found.
Left out     an uneven quorum (3-2) with a preferred site.
Differs      -
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.patterns.site_drills import cut_off, lose, rule_alone
from minikafka.patterns.stretched_layout import Placement, Site, Stretched, stretch

if TYPE_CHECKING:
    from minikafka.deploy.kafka_world import World

STORY = """\
Two cities, and no third. Each has half of the votes. When one burns down, the other has all the records and cannot
decide anything: half is not a majority. A person must say that the other city will not come back."""

SITES = (Site("west", 3, 3), Site("east", 3, 3))

SAFE = Placement("2+2", {"west": 2, "east": 2}, min_isr=3)
"""More replicas are asked for than one site has: what is acknowledged is in both."""

DRILLS = (lose("west", rule_alone), lose("east", rule_alone), cut_off("west", "east"))


def build(world: World, via: Placement = SAFE, latency: str = "20ms", config: dict | None = None) -> Stretched:
    """The layout with a topic placed `via`; sites are `latency` apart, one way; `config` is for the brokers."""
    return stretch(world, SITES, via, latency, config)
