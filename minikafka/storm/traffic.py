"""What goes on in a cluster while the storm blows: producers that number their records, a consumer that reads them
all.

Promises     every record's value is "who/partition/number", unique in the world; a writer keeps all receipts
             (`sent`), a reader all it was given (`seen`) and every answer about the end of a log (`ends`): what the
             judgments need.
Stands for   the clients of Jepsen's Kafka workload.
Left out     keys, headers, more than one reader.
Differs      an error never ends a client: it is noted, and the client goes on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikafka.client.admin import Admin
from minikafka.client.receipt import Receipt
from minikafka.deploy.cluster import Cluster
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.world.secrets import hushed
from minikafka.world.world import World

CLIENT = {"retry.backoff.ms": 50, "metadata.max.age.ms": 2000, "request.timeout.ms": 1500}
PRODUCER = {**CLIENT, "linger.ms": 0, "delivery.timeout.ms": 8000, "max.block.ms": 8000}
CONSUMER = {**CLIENT, "auto.offset.reset": "earliest", "fetch.max.wait.ms": 250}
ADMIN = {"request.timeout.ms": 1500, "default.api.timeout.ms": 4000, "retry.backoff.ms": 50}
END_EVERY = 1_500_000
"""µs between two questions for the ends of the logs."""


class Numbered(NamedTuple):
    """A record of a writer."""

    value: bytes


class Writer:
    """Sends a record every `pause` µs, to each partition in turn, until it is told to `stop`."""

    def __init__(self, cluster: Cluster, name: str, partitions: list[TopicPartition], pause: int, acks: str, zone: Any,
                 login: dict | None = None):  # fmt: skip
        self.cluster = cluster
        self.name = name
        self.partitions = partitions
        self.pause = pause
        self.acks = acks
        self.zone = zone
        self.login = hushed(login or {})
        self.sent: list[tuple[Numbered, Receipt]] = []
        self.going = True

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "name": self.name, "partitions": list(self.partitions), "pause": self.pause,
                "acks": self.acks, "zone": self.zone, "login": self.login}  # fmt: skip

    def start(self, world: World) -> None:
        """Begin to send."""
        config = {**PRODUCER, **self.login, "acks": self.acks, "enable.idempotence": self.acks == "all"}
        self.handle = self.cluster.producer(self.name, self.zone, config=config)
        self.handle.machine.spawn(self._write(), f"writer {self.name}")

    def stop(self) -> None:
        """Send no more; what was sent may still be under way."""
        self.going = False

    async def _write(self) -> None:
        machine, producer, turn = self.handle.machine, self.handle.producer, 0
        while self.going:
            await machine.sleep(self.pause)
            tp = self.partitions[turn % len(self.partitions)]
            record = Numbered(f"{self.name}/{tp.partition}/{turn // len(self.partitions)}".encode())
            self.sent.append((record, producer.send(tp.topic, record.value, partition=tp.partition)))
            turn += 1


class Reader:
    """Reads all partitions from their beginning on, and now and then asks where they end. With a `rack` from a replica
    there, if there is one."""

    def __init__(self, cluster: Cluster, name: str, partitions: list[TopicPartition], zone: Any, rack: str = "",
                 login: dict | None = None):  # fmt: skip
        self.cluster = cluster
        self.name = name
        self.partitions = partitions
        self.zone = zone
        self.rack = rack
        self.login = hushed(login or {})
        self.seen: list[tuple[TopicPartition, int, bytes]] = []
        self.ends: list[tuple[int, TopicPartition, int, int]] = []
        self.complaints: list[str] = []

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "name": self.name, "partitions": list(self.partitions), "zone": self.zone,
                "rack": self.rack, "login": self.login}  # fmt: skip

    def start(self, world: World) -> None:
        """Begin to read."""
        config = {**CONSUMER, **self.login, "client.rack": self.rack}
        self.handle = self.cluster.consumer(self.name, self.zone, config=config)
        self.handle.consumer.assign(self.partitions)
        self.handle.machine.spawn(self._read(), f"reader {self.name}")
        self.handle.machine.spawn(self._ask_ends(), f"ends for {self.name}")

    def behind(self) -> list[TopicPartition]:
        """The partitions that it has not read to the end of its leader's log."""
        left = []
        for tp in self.partitions:
            leader = self.cluster.leader(tp)
            broker = None if leader is None else leader.broker
            partition = None if broker is None else broker.partitions.get(tp)
            if partition is not None and self.handle.position(tp) != partition.log.log_end_offset:
                left.append(tp)
        return left

    async def _read(self) -> None:
        machine, consumer = self.handle.machine, self.handle.consumer
        while True:
            try:
                records = await consumer.poll(500_000)
            except KafkaError as error:
                self.complaints.append(str(error))
                await machine.sleep(100_000)
                continue
            self.seen += [(TopicPartition(r.topic, r.partition), r.offset, r.value) for r in records]

    async def _ask_ends(self) -> None:
        machine = self.handle.machine
        admin = Admin(machine, self.cluster.bootstrap, {**ADMIN, **self.login}, f"{self.name} asking")
        while True:
            await machine.sleep(END_EVERY)
            asked_at = machine.now
            try:
                ends = await admin.list_offsets(dict.fromkeys(self.partitions, "latest"))
            except KafkaError as error:
                self.complaints.append(str(error))
                continue
            self.ends += [(asked_at, tp, row.offset, row.leader_epoch) for tp, row in ends.items()]
