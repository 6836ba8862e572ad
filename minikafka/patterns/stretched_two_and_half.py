"""Two and a half data centres: two with brokers, a third, small one with the vote that breaks the tie.

Promises     losing any one site leaves a majority of the voters; with replicas in both big sites, one of them leads on.
Stands for   Confluent's 2.5 data centre layout: 2-2-1 voters.
Left out     zones in a site.
Differs      where the big sites lose sight of each other and both see the third, the documentation wants an operator,
             promotion or not. Here the leader's site goes on by itself if it has an observer to make up the number
             (inferred from the policies), and whoever reaches only the other site does not write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.patterns.site_drills import cut_off, lose
from minikafka.patterns.stretched_layout import Placement, Site, Stretched, stretch

if TYPE_CHECKING:
    from minikafka.deploy.kafka_world import World

STORY = """\
Two cities with data centres, and a cupboard in a third. All records stand in both cities, so that either may burn down.
The cupboard holds no record. It has a vote: whichever city is left, with the cupboard it is the majority."""

SITES = (Site("west", 3, 2), Site("east", 3, 2), Site("third", 0, 1))

SAFE = Placement("2+2", {"west": 2, "east": 2}, min_isr=3)
"""More replicas are asked for than one site has: what is acknowledged is in both."""

DRILLS = (lose("west"), lose("east"), lose("third"), cut_off("west", "east", "third"), cut_off("east", "west"))


def build(world: World, via: Placement = SAFE, latency: str = "20ms", config: dict | None = None) -> Stretched:
    """The layout with a topic placed `via`; sites are `latency` apart, one way; `config` is for the brokers."""
    return stretch(world, SITES, via, latency, config)
