"""A cluster, from a short description to running machines, and the administrator's commands.

Promises     `world.cluster("primary", brokers=3, region=east)` returns when all brokers are registered and unfenced;
             bad settings are refused before anything is built; each command returns when the cluster has answered.
Stands for   an installation script, and the kafka-topics, kafka-leader-election and kafka-delete-records commands.
Left out     controllers on brokers' machines (combined mode).
Differs      brokers are numbered from 1 and placed on zones in turn; a broker's rack is its zone, or, if asked for,
             its region.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from minikafka.broker.broker import Broker
from minikafka.client.admin import Admin
from minikafka.client.interceptors import Interceptor
from minikafka.deploy.controllers import Controllers, controller_names
from minikafka.deploy.group_desk import GroupDesk
from minikafka.deploy.handles import BrokerHandle, ConsumerHandle, ProducerHandle, partition_named
from minikafka.deploy.security_desk import SecurityDesk, with_servers
from minikafka.deploy.topic_desk import TopicDesk
from minikafka.deploy.transaction_desk import TransactionDesk
from minikafka.metadata.observer_policy import CONSTRAINTS
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.placement_constraints import written
from minikafka.protocol.settings import Config
from minikafka.world.journal import FrontDoor, front_door
from minikafka.world.places import Region, Zone

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition
    from minikafka.deploy.kafka_world import World
    from minikafka.metadata.registrations import PartitionRegistration
    from minikafka.world.machine import Machine

READY_WITHIN = "2min"


class Cluster(Controllers, GroupDesk, TopicDesk, SecurityDesk, TransactionDesk, FrontDoor):
    """A running cluster: `brokers` and `controllers` by id, `bootstrap` addresses, and the administrator's commands."""

    def __init__(
        self, world: World, name: str, brokers: int, zones: list[Zone], config: dict, features: dict,
        controller_zones: list[Zone] | None = None, rack: str = "zone",
        clients_at: Zone | None = None,
    ):  # fmt: skip
        Config(BROKER, config)
        if not isinstance(brokers, int) or isinstance(brokers, bool) or brokers < 1:
            raise ConfigException(f"brokers={brokers!r}: a cluster has at least one broker; three are usual")
        if rack not in ("zone", "region"):
            raise ConfigException(f"rack={rack!r}: a broker's rack is its zone or its region, write one of the two")
        controller_zones = controller_zones or zones[:1]
        servers = [*controller_names(name, len(controller_zones)), *(f"{name}/b{n + 1}" for n in range(brokers))]
        self.name = name
        self.config = config = with_servers(config, [*servers, f"{name}/admin"])
        self.rack = rack
        self.build_controllers(world, controller_zones, Config(BROKER, config), features)
        super().__init__(world, f"cluster:{name}")
        self.brokers: dict[int, BrokerHandle] = {}
        self.bootstrap: list[str] = []
        self._clients = 0
        self._clients_at = clients_at or zones[0]
        self.start_controllers()
        for broker_id in range(1, brokers + 1):
            machine = world.machine(f"{name}/b{broker_id}", zones[(broker_id - 1) % len(zones)])
            self._install(machine, broker_id)
            self.brokers[broker_id] = BrokerHandle(self, broker_id, machine)
            self.bootstrap.append(machine.name)
            machine.start()
        self.admin = Admin(self._client_machine("admin", None), self.bootstrap, {})

    def _install(self, machine: Machine, broker_id: int) -> None:
        config = Config(BROKER, {"broker.rack": getattr(machine, self.rack).name, **self.config})
        controllers = [handle.name for handle in self.controllers.values()]
        machine.install(lambda machine: Broker(machine, broker_id, self.name, config, controllers))

    # -- the administrator --------------------------------------------------------------------------------------

    @front_door
    def create_topic(
        self,
        name: str,
        partitions: int | None = None,
        replication_factor: int | None = None,
        config: dict | None = None,
        assignment: list[list[int]] | None = None,
        placement: dict | str | None = None,
    ) -> None:
        """Make a topic, and wait until its leaders lead. `assignment` lists each partition's replicas, leader first;
        `placement` is a constraint by racks (confluent.placement.constraints), in place of a replication factor."""
        config = {**(config or {}), **({} if placement is None else {CONSTRAINTS: written(placement)})}
        self.world.finish(self.admin.create_topic(name, partitions, replication_factor, config, assignment=assignment))
        self.world.finish(self._until(lambda: self._led(name)))

    @front_door
    def delete_topic(self, name: str) -> None:
        """Delete a topic with all its records, everywhere."""
        self.world.finish(self.admin.delete_topic(name))

    @front_door
    def elect(self, partition: Any, kind: str = "preferred") -> None:
        """Elect a leader anew: "preferred" (the first replica), "unclean" (any live one, at the price of records)."""
        self.world.finish(self.admin.elect_leaders(kind, [partition_named(partition)]))

    @front_door
    def delete_records(self, partition: Any, before: int) -> int:
        """Delete the records below an offset (-1: below the high watermark); returns the low watermark."""
        found = partition_named(partition)
        return self.world.finish(self.admin.delete_records({found: before}))[found]

    @front_door
    def producer(
        self, name: str | None = None, zone: Any = None, acks: Any = None, config: dict | None = None,
        interceptors: Iterable[Interceptor] = (), transactional_id: str | None = None,
    ) -> ProducerHandle:  # fmt: skip
        """A producer in a zone (the first, if not said); `acks` and `transactional_id` are short ways to write the
        settings; what it sends goes through the `interceptors`."""
        config = {**(config or {}), **({} if acks is None else {"acks": str(acks)})}
        config |= {} if transactional_id is None else {"transactional.id": transactional_id}
        name = name or self._next_client("producer")
        return ProducerHandle(self, name, self._client_machine(name, zone), config, interceptors)

    @front_door
    def consumer(
        self, name: str | None = None, zone: Any = None, config: dict | None = None, group: str | None = None,
        interceptors: Iterable[Interceptor] = ()
    ) -> ConsumerHandle:  # fmt: skip
        """A consumer in a zone (the first, if not said); call `assign` on it, or with a `group` (group.id)
        `subscribe`. What it reads goes through the `interceptors`."""
        config = {**(config or {}), **({} if group is None else {"group.id": group})}
        name = name or self._next_client("consumer")
        return ConsumerHandle(self, name, self._client_machine(name, zone), config or {}, interceptors)

    # -- looking ------------------------------------------------------------------------------------------------

    def broker(self, broker_id: int) -> BrokerHandle:
        """The broker of that id."""
        if broker_id not in self.brokers:
            known = ", ".join(map(str, self.brokers))
            raise KafkaError(
                Error.BROKER_ID_NOT_REGISTERED, f"{self.name} has no broker {broker_id!r}: its brokers are {known}"
            )
        return self.brokers[broker_id]

    def leader(self, partition: Any) -> BrokerHandle | None:
        """The broker that the controller has recorded as leader; None if there is none."""
        leader = self.registration(partition).leader
        return self.brokers[leader] if leader >= 0 else None

    def followers(self, partition: Any) -> list[BrokerHandle]:
        """The other replicas' brokers, in the order of the replica list."""
        found = self.registration(partition)
        return [self.brokers[replica] for replica in found.replicas if replica != found.leader]

    def replicas(self, partition: Any) -> dict[int, Partition]:
        """Each live broker's own view of the partition, in the order of the replica list."""
        found = partition_named(partition)
        views = {}
        for replica in self.registration(found).replicas:
            broker = self.brokers[replica].broker
            if broker is not None and found in broker.partitions:
                views[replica] = broker.partitions[found]
        return views

    def registration(self, partition: Any) -> PartitionRegistration:
        """What the controller has recorded of a partition: replicas, ISR, leader, epochs."""
        found = partition_named(partition)
        registered = self.image.partition(found)
        if registered is None:
            topics = ", ".join(self.image.topics) or "none"
            raise KafkaError(Error.UNKNOWN_TOPIC_OR_PARTITION, f"{self.name} has no {found}: its topics are {topics}")
        return registered

    # -- waiting ------------------------------------------------------------------------------------------------

    def wait_until_ready(self) -> None:
        """Let time pass until every broker is registered, unfenced, and has heard so."""
        self.world.finish(self._until(self._ready), READY_WITHIN)

    def _ready(self) -> bool:
        brokers = self.image.brokers
        return len(brokers) == len(self.brokers) and all(broker.alive for broker in brokers.values())

    def _led(self, topic: str) -> bool:
        registered = self.image.topics.get(topic)
        return registered is not None and all(
            state.leader < 0 or self._leads(TopicPartition(topic, index), state.leader)
            for index, state in enumerate(registered.partitions)
        )

    def _leads(self, partition: TopicPartition, leader: int) -> bool:
        broker = self.brokers[leader].broker
        return broker is None or (partition in broker.partitions and broker.partitions[partition].role == "leader")

    async def _until(self, condition: Any) -> None:
        while not condition():
            await self.world.kernel.sleep(1_000)

    # -- clients' machines --------------------------------------------------------------------------------------

    def _next_client(self, kind: str) -> str:
        self._clients += 1
        return f"{kind}-{self._clients}"

    def _client_machine(self, name: str, zone: Any) -> Machine:
        place = self._clients_at if zone is None else self.world.place(zone)
        place = place.zones[0] if isinstance(place, Region) else place
        machine = self.world.machine(f"{self.name}/{name}", place)
        if name == "admin":
            machine.start()
        return machine
