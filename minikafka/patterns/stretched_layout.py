"""What the stretched layouts have in common: sites, what stands on each, and where a topic's replicas are.

Promises     `stretch` builds one cluster over several sites, every two of them equally far apart, with one topic
             placed as asked; a site's name is its brokers' rack. The users are near every site. A placement that a
             site has no brokers for is refused.
Stands for   a multi-region cluster with `broker.rack` set to the site, and an assignment by hand or by a placement
             constraint.
Left out     several zones in a site.
Differs      -
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from minikafka.protocol.errors import ConfigException
from minikafka.world.places import Region

if TYPE_CHECKING:
    from minikafka.deploy.cluster import Cluster
    from minikafka.deploy.kafka_world import World

TOPIC = "flights"
JITTER = "1ms"

NEARBY = "1ms"
"""So far are the users from every site: they are everywhere, and no disaster strikes them."""


class Site(NamedTuple):
    """A data centre: so many brokers, so many of the quorum's voters."""

    name: str
    brokers: int
    voters: int


class Placement(NamedTuple):
    """Replicas and observers on each site, by its name; the first site named leads. `policy`: when observers are
    promoted."""

    name: str
    sync: Mapping[str, int]
    min_isr: int
    observers: Mapping[str, int] = {}
    policy: str = ""


class Stretched(NamedTuple):
    """What was built: the cluster, its sites by name, the topic, and where the users are."""

    world: World
    cluster: Cluster
    sites: dict[str, Region]
    topic: str
    placement: Placement
    users: Region


def stretch(
    world: World, sites: tuple[Site, ...], placement: Placement, latency: str = "20ms", config: dict | None = None
) -> Stretched:
    """One cluster named "stretched" over these sites, `latency` apart one way, and the topic; `config` is for its
    brokers."""
    _must_fit(sites, placement)
    regions = {site.name: world.region(site.name) for site in sites}
    for index, one in enumerate(sites):
        for other in sites[index + 1 :]:
            world.connect(regions[one.name], regions[other.name], latency=latency, jitter=JITTER)
    users = world.region("users")
    for region in regions.values():
        world.connect(users, region, latency=NEARBY)
    cluster = world.cluster(
        "stretched",
        brokers=sum(site.brokers for site in sites),
        region=[regions[site.name] for site in sites for _ in range(site.brokers)],
        controllers=sum(site.voters for site in sites),
        controllers_at=[regions[site.name] for site in sites for _ in range(site.voters)],
        config=config,
        rack="region",
        clients_at=users,
    )
    _create_topic(cluster, sites, placement)
    return Stretched(world, cluster, regions, TOPIC, placement, users)


def _create_topic(cluster: Cluster, sites: tuple[Site, ...], placement: Placement) -> None:
    config = {"min.insync.replicas": placement.min_isr}
    if placement.observers:
        cluster.create_topic(TOPIC, partitions=1, placement=constraints(placement), config=config)
        return
    brokers = iter(range(1, sum(site.brokers for site in sites) + 1))
    at = {site.name: [next(brokers) for _ in range(site.brokers)] for site in sites}
    replicas = [broker for name, count in placement.sync.items() for broker in at[name][:count]]
    cluster.create_topic(TOPIC, config=config, assignment=[replicas])


def constraints(placement: Placement) -> dict:
    """The placement as `confluent.placement.constraints` has it; with a policy it is of version 2."""
    told = {
        "version": 2 if placement.policy else 1,
        "replicas": _counts(placement.sync),
        "observers": _counts(placement.observers),
    }
    return {**told, **({"observerPromotionPolicy": placement.policy} if placement.policy else {})}


def _counts(at: Mapping[str, int]) -> list[dict]:
    return [{"count": count, "constraints": {"rack": site}} for site, count in at.items() if count]


def _must_fit(sites: tuple[Site, ...], placement: Placement) -> None:
    room = {site.name: site.brokers for site in sites}
    for name in dict.fromkeys([*placement.sync, *placement.observers]):
        asked = placement.sync.get(name, 0) + placement.observers.get(name, 0)
        if name not in room:
            raise ConfigException(f"the placement names the site {name!r}: the sites are {', '.join(room)}")
        if asked > room[name]:
            raise ConfigException(
                f"the placement asks for {asked} replicas at {name!r}, which has {room[name]} brokers: "
                "ask for fewer, or give the site more brokers"
            )
