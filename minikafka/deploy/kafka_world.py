"""The world with Kafka in it: what a learner types first.

Promises     `World(seed=7)` is the world of `world.world`, with `cluster` and `start` added.
Stands for   everything.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.deploy.cluster import Cluster
from minikafka.deploy.controllers import places_of_controllers
from minikafka.deploy.workload import Arrivals, Departures
from minikafka.protocol.errors import ConfigException
from minikafka.world.journal import front_door
from minikafka.world.places import Region, Zone
from minikafka.world.world import World as EmptyWorld


class World(EmptyWorld):
    """Regions, clusters, workloads and faults; the same seed and the same calls give the same trace."""

    things = {"Departures": Departures, "Arrivals": Arrivals}

    def __init__(self, seed: int = 0, **options: Any):
        super().__init__(seed, **options)
        self.clusters: dict[str, Cluster] = {}
        self.workloads: list[Any] = []

    @front_door
    def cluster(
        self,
        name: str,
        brokers: int = 3,
        region: Any = None,
        config: dict | None = None,
        features: dict | None = None,
        controllers: int = 1,
        controllers_at: Any = None,
        rack: str = "zone",
        clients_at: Any = None,
    ) -> Cluster:
        """Build a cluster and wait until it is ready.

        `region` is a region, a zone, or a list of them (none: a region "home" with three zones is made); `config` holds
        broker settings by Kafka's names, `features` levels such as {"eligible.leader.replicas.version": 0}. One
        controller, or a quorum of three or five: in the zones (or regions) `controllers_at`, in turn (none: in those of
        the brokers); a region of several zones stands for each of them in turn. A broker's `rack` is its "zone" or its
        "region". Clients that say nothing, and the administrator, stand `clients_at` (none: with the first broker).
        """
        if not isinstance(name, str) or not name or "/" in name:
            raise ConfigException(f"cluster name {name!r}: write a name without a slash, for example \"primary\"")
        zones = self._zones(region)
        places = places_of_controllers(zones if controllers_at is None else self._zones(controllers_at), controllers)
        clients = self._zones(clients_at or zones)[0]
        cluster = Cluster(self, name, brokers, zones, config or {}, features or {}, places, rack, clients)
        self.clusters[name] = cluster
        cluster.wait_until_ready()
        return cluster

    @front_door
    def start(self, workload: Any) -> Any:
        """Start a workload; it goes on while time passes. Returns it."""
        workload.start(self)
        self.workloads.append(workload)
        return workload

    def _zones(self, region: Any) -> list[Zone]:
        if region is None:
            region = self._places.get("home") or self.region("home", zones=3)
        places = [self.place(place) for place in (region if isinstance(region, list | tuple) else [region])]
        zones: list[Zone] = []
        for place in places:
            if isinstance(place, Region):
                zones.extend(place.zones)
            elif isinstance(place, Zone):
                zones.append(place)
            else:
                raise ConfigException(f"{place.name} is a machine: a cluster is placed in regions or zones")
        return zones
