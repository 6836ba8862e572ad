"""What a person at the front door holds of a cluster: brokers, producers, consumers.

Promises     every call is an ordinary one: it lets the time pass that it needs and returns; it is written in the
             journal.
Stands for   the command line of a machine in the cluster, and the programs of its users.
Left out     -
Differs      a real producer or consumer is driven by its own program; here either by hand or by a workload.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from minikafka.client.consumer import Consumer
from minikafka.client.interceptors import Interceptor
from minikafka.client.producer import Producer
from minikafka.deploy.group_desk import MemberCalls
from minikafka.deploy.partition_names import partition_named
from minikafka.deploy.transaction_desk import TransactionCalls
from minikafka.protocol.errors import Error, KafkaError
from minikafka.world.journal import FrontDoor, front_door
from minikafka.world.quantities import us

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker
    from minikafka.client.receipt import Receipt
    from minikafka.deploy.cluster import Cluster
    from minikafka.deploy.kafka_world import World
    from minikafka.world.machine import Machine


class ServerHandle(FrontDoor):
    """A broker or a controller: its `id` and its `machine`."""

    def __init__(self, world: World, kind: str, server_id: int, machine: Machine):
        super().__init__(world, f"{kind}:{machine.name}")
        self.id = server_id
        self.machine = machine

    @property
    def name(self) -> str:
        """The machine's name, which is also its address: "primary/b1", "primary/c1"."""
        return self.machine.name

    @front_door
    def shut_down(self) -> None:
        """Controlled shutdown: hand over what it leads, flush, stop; returns when it is done."""
        self.world.finish(self._until_down(), name=f"shut down {self.name}")

    async def _until_down(self) -> None:
        await self.world.stop_in_order(self.machine)


class BrokerHandle(ServerHandle):
    """One broker: `id`, `machine`, and `broker`, the running process (None while it is down)."""

    def __init__(self, cluster: Cluster, broker_id: int, machine: Machine):
        super().__init__(cluster.world, "broker", broker_id, machine)
        self.cluster = cluster

    @property
    def broker(self) -> Broker | None:
        """The process, while it is up."""
        return self.machine.process

    def __repr__(self) -> str:
        return f"<{self.name}, {self.machine.state}>"


class ProducerHandle(TransactionCalls, FrontDoor):
    """A producer on a machine of its own."""

    def __init__(self, cluster: Cluster, name: str, machine: Machine, config: dict,
                 interceptors: Iterable[Interceptor] = ()):  # fmt: skip
        self._bootstrap, self._config, self._interceptors = cluster.bootstrap, config, tuple(interceptors)
        machine.install(self._boot)
        machine.start()
        super().__init__(cluster.world, _door("producer", name, machine, cluster))
        self.name = name
        self.machine = machine

    def _boot(self, machine: Machine) -> Producer:
        return Producer(machine, self._bootstrap, self._config, interceptors=self._interceptors)

    @property
    def producer(self) -> Producer:
        """The producer itself; an error while its machine is down."""
        return _process(self.machine)

    @front_door
    def send(
        self,
        topic: str,
        value: Any,
        key: Any = None,
        partition: int | None = None,
        timestamp: int | None = None,
        headers: Any = None,
    ) -> Receipt:
        """Hand a record over; it leaves when time passes. The receipt tells what became of it."""
        return self.producer.send(topic, value, key=key, partition=partition, timestamp=timestamp, headers=headers)

    @front_door
    def flush(self, within: str | int = "5min") -> None:
        """Let time pass until everything that was handed over is acknowledged or has failed."""
        self.world.finish(self.producer.flush(), within)

    @front_door
    def close(self) -> None:
        """Flush, and end the producer."""
        self.world.finish(self.producer.close())
        self.machine.end()


class ConsumerHandle(MemberCalls, FrontDoor):
    """A consumer on a machine of its own."""

    def __init__(self, cluster: Cluster, name: str, machine: Machine, config: dict,
                 interceptors: Iterable[Interceptor] = ()):  # fmt: skip
        self._bootstrap, self._config, self._interceptors = cluster.bootstrap, config, tuple(interceptors)
        machine.install(self._boot)
        machine.start()
        super().__init__(cluster.world, _door("consumer", name, machine, cluster))
        self.name = name
        self.machine = machine
        self.seen: list[tuple] = []
        self.refusals: list[KafkaError] = []

    def _boot(self, machine: Machine) -> Consumer:
        return Consumer(machine, self._bootstrap, self._config, interceptors=self._interceptors)

    @property
    def consumer(self) -> Consumer:
        """The consumer itself; an error while its machine is down."""
        return _process(self.machine)

    @front_door
    def assign(self, *partitions: Any) -> None:
        """Read these partitions: `assign("flights-0", "flights-1")`."""
        self.consumer.assign([partition_named(p) for p in partitions])

    @front_door
    def seek(self, partition: Any, offset: int) -> None:
        """Read on from `offset`."""
        self.consumer.seek(partition_named(partition), offset)

    @front_door
    def poll(self, timeout: str | int = "1s") -> list:
        """The next records; an empty list if none come within `timeout`."""
        return self.world.finish(self.consumer.poll(us(timeout)))

    def position(self, partition: Any) -> int | None:
        """The offset of the next record to be read, if it is known."""
        return self.consumer.position(partition_named(partition))

    @front_door
    def close(self) -> None:
        """End the consumer; a member of a group commits and leaves first."""
        closing = self.consumer.close()
        if not closing.done:
            self.world.finish(self._closed(closing))
        self.machine.end()

    async def _closed(self, closing: Any) -> None:
        await closing


def _door(kind: str, name: str, machine: Machine, cluster: Cluster) -> str:
    """The short name, or if a client of another cluster has it, the one with the cluster in it."""
    return cluster.world.free_door(f"{kind}:{name}", f"{kind}:{machine.name}")


def _process(machine: Machine) -> Any:
    if machine.process is None:
        how = f"start it with faults.start({machine.name!r})"
        raise KafkaError(Error.NETWORK_EXCEPTION, f"{machine.name} is {machine.state}: {how}")
    return machine.process
