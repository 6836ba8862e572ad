"""A topic that grows in the storm, while it is written to by key and read by a group.

Promises     `gates` begins with one partition and gets another every few seconds, up to `MOST`; one writer leaves the
             choice of the partition to its producer; two members of a group of their own read everything.
Stands for   a topic that has become too small, and is made larger in passing.
Left out     members that come and go: see members.
Differs      an error never ends it: a topic may have grown without anybody hearing of it.
"""

from __future__ import annotations

from typing import Any

from minikafka.client.admin import Admin
from minikafka.client.receipt import Receipt
from minikafka.deploy.cluster import Cluster
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.storm.members import MEMBER, MemberProcess, unread
from minikafka.storm.traffic import ADMIN, PRODUCER
from minikafka.storm.traffic import Numbered as Call
from minikafka.world.secrets import hushed
from minikafka.world.world import World

GATES = "gates"
MOST = 5
KEYS = 8
PAUSE = 150_000
"""µs between two records."""

KEEPERS = {**MEMBER, "group.id": "gatekeepers"}


class Gates:
    """The topic, its writer, its readers, and the one who makes it larger."""

    acks = "all"

    def __init__(self, cluster: Cluster, zones: Any, login: dict | None = None):
        self.cluster = cluster
        self.zones = list(zones)
        self.login = hushed(login or {})
        self.sent: list[tuple[Call, Receipt]] = []
        self.complaints: list[str] = []
        self.going = True

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "zones": self.zones, "login": self.login}

    def start(self, world: World) -> None:
        """Make the topic, and begin to write, to read and to grow."""
        self.cluster.create_topic(GATES, partitions=1, replication_factor=3, config={"min.insync.replicas": 2})
        config = {**PRODUCER, **self.login, "acks": self.acks, "batch.size": 0}
        self.handle = self.cluster.producer("g1", self.zones[0], config=config)
        self.machines = [self._keeper(world, number) for number in (1, 2)]
        self.handle.machine.spawn(self._call(), "gate calls")
        self.handle.machine.spawn(self._grow(), "more gates")

    def stop(self) -> None:
        """Write nothing more, and grow no more."""
        self.going = False

    def behind(self) -> list[TopicPartition]:
        """The partitions that nobody has read to the end, as many as there are by now."""
        return unread(self.cluster, GATES, len(self.cluster.image.topics[GATES].partitions), self.machines)

    def _keeper(self, world: World, number: int) -> Any:
        machine = world.machine(f"{self.cluster.name}/gk{number}", self.zones[number % len(self.zones)])
        config = {**KEEPERS, **self.login}
        machine.install(lambda machine: MemberProcess(machine, self.cluster, GATES, config))
        machine.start()
        return machine

    async def _call(self) -> None:
        machine, producer, number = self.handle.machine, self.handle.producer, 0
        dice = machine.dice("gate calls")
        while self.going:
            await machine.sleep(PAUSE)
            call = Call(f"gate call {number}".encode())
            self.sent.append((call, producer.send(GATES, call.value, key=f"gate{dice.randrange(KEYS)}")))
            number += 1

    async def _grow(self) -> None:
        machine = self.handle.machine
        dice = machine.dice("more gates")
        admin = Admin(machine, self.cluster.bootstrap, {**ADMIN, **self.login}, "growing")
        for size in range(2, MOST + 1):
            await machine.sleep(dice.randrange(1_500_000, 5_000_000))
            if not self.going:
                return
            try:
                await admin.add_partitions(GATES, size)
            except KafkaError as error:
                self.complaints.append(str(error))
