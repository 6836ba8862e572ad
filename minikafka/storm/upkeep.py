"""Upkeep in the storm: topics that are compacted, grow, or are deleted while they are written to, and new settings.

Promises     two writers share a few keys of `seats`, with tombstones among them, one reader reads it from its
             beginning; settings of both topics change every second or so, to values that no promise depends on. Of
             what grows see gates, of what is deleted rosters. All is rolled from dice of its own.
Stands for   the daily work of those who run a cluster.
Left out     retention: what it takes is not lost.
Differs      an error never ends it: a change may fail, or be done without anybody hearing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from minikafka.client.admin import Admin
from minikafka.client.receipt import Receipt
from minikafka.deploy.cluster import Cluster
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.storm.gates import Gates
from minikafka.storm.rosters import Rosters
from minikafka.storm.traffic import ADMIN, PRODUCER, Reader
from minikafka.world.secrets import hushed
from minikafka.world.world import World

SEATS = "seats"
PARTITIONS = [TopicPartition(SEATS, 0), TopicPartition(SEATS, 1)]
KEYS, TOMBSTONES = 6, 0.15
COMPACT = {"cleanup.policy": "compact", "segment.bytes": 900, "delete.retention.ms": 2500, "min.insync.replicas": 2,
           "index.interval.bytes": 200}  # fmt: skip
CHANGES: Mapping[str, tuple] = {
    "segment.bytes": (700, 1500, 5000, None),
    "min.cleanable.dirty.ratio": (0.1, 0.5, 0.9, None),
    "min.compaction.lag.ms": (0, 1500, None),
    "max.compaction.lag.ms": (4000, 60_000, None),
    "delete.retention.ms": (500, 5000, None),
    "flush.messages": (1, None),
}
"""What a setting is changed to; None takes it away."""

MINIMA, MINIMA_OF_TWO = (1, 2, 2, 3), (1, 2, 2)
"""What min.insync.replicas is changed to; with observers only two replicas may be meant to be in sync, and a topic that
asks for three commits nothing more. With ELR it is left alone: a change empties the ELR, and a partition without ISR
would have nobody left to lead it."""


class Keyed(NamedTuple):
    """A record of a writer with keys; without a value it is a tombstone."""

    value: bytes | None
    key: bytes


class Seating:
    """Gives seats away and takes them back."""

    acks = "all"

    def __init__(self, cluster: Cluster, name: str, pause: int, zone: Any, login: dict | None = None):
        self.cluster = cluster
        self.name = name
        self.pause = pause
        self.zone = zone
        self.login = hushed(login or {})
        self.sent: list[tuple[Keyed, Receipt]] = []
        self.going = True

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "name": self.name, "pause": self.pause, "zone": self.zone,
                "login": self.login}  # fmt: skip

    def start(self, world: World) -> None:
        """Begin to send."""
        self.handle = self.cluster.producer(self.name, self.zone, config={**PRODUCER, **self.login, "acks": "all"})
        self.handle.machine.spawn(self._write(), f"seating {self.name}")

    def stop(self) -> None:
        """Send no more."""
        self.going = False

    async def _write(self) -> None:
        machine, turn = self.handle.machine, 0
        dice = machine.dice("seating")
        while self.going:
            await machine.sleep(self.pause)
            tp, key = PARTITIONS[turn % 2], f"{self.name}{dice.randrange(KEYS)}".encode()
            value = None if dice.random() < TOMBSTONES else f"{self.name}/{tp.partition}/{turn}".encode()
            record = Keyed(value, key)
            self.sent.append((record, self.handle.producer.send(SEATS, value, key=key, partition=tp.partition)))
            turn += 1


class Upkeep:
    """The whole of it, as one workload: `stop` ends the writing and the changes."""

    def __init__(self, cluster: Cluster, topic: str, zones: Any, minima: Sequence[int], moves: bool = False,
                 login: dict | None = None):  # fmt: skip
        self.minima = list(minima)
        self.login = hushed(login or {})
        self.moves = moves
        self.cluster = cluster
        self.topic = topic
        self.zones = zones
        self.going = True
        self.complaints: list[str] = []

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "topic": self.topic, "zones": list(self.zones), "minima": self.minima,
                "moves": self.moves, "login": self.login}  # fmt: skip

    def start(self, world: World) -> None:
        """Make the topic, its writers and its reader, and begin to change settings."""
        self.cluster.create_topic(SEATS, partitions=len(PARTITIONS), replication_factor=3, config=COMPACT)
        self.writers = [Seating(self.cluster, f"s{number + 1}", pause, self.zones[number], self.login)
                        for number, pause in enumerate((90_000, 130_000))]  # fmt: skip
        self.reader = Reader(self.cluster, "r-seats", PARTITIONS, self.zones[0], login=self.login)
        self.gates = Gates(self.cluster, self.zones, self.login)
        self.rosters = Rosters(self.cluster, self.zones, self.login)
        for one in (*self.writers, self.reader, self.gates, self.rosters):
            world.start(one)
        self.machine = self.reader.handle.machine
        self.machine.spawn(self._change(), "changing settings")
        if self.moves:
            self.machine.spawn(self._move(), "moving partitions")

    def stop(self) -> None:
        """Leave everything as it is now."""
        self.going = False
        for one in (*self.writers, self.gates, self.rosters):
            one.stop()

    def behind(self) -> list[TopicPartition]:
        """The partitions of seats and gates that have not been read to the end."""
        return [*self.reader.behind(), *self.gates.behind()]

    async def _move(self) -> None:
        """Move partitions to other brokers, and sometimes change the mind."""
        dice, config = self.machine.dice("moves"), {**ADMIN, **self.login}
        admin = Admin(self.machine, self.cluster.bootstrap, config, "moves")
        while self.going:
            await self.machine.sleep(dice.randrange(800_000, 2_500_000))
            tp = TopicPartition(dice.choice((self.topic, SEATS)), dice.randrange(2))
            target = None if dice.random() < 0.2 else dice.sample(sorted(self.cluster.brokers), 3)
            try:
                await admin.reassign({tp: target})
            except KafkaError as error:
                self.complaints.append(str(error))

    async def _change(self) -> None:
        dice, config = self.machine.dice("upkeep"), {**ADMIN, **self.login}
        admin = Admin(self.machine, self.cluster.bootstrap, config, "upkeep")
        changes = {**CHANGES, **({"min.insync.replicas": self.minima} if self.minima else {})}
        while self.going:
            await self.machine.sleep(dice.randrange(300_000, 1_500_000))
            name = dice.choice(list(changes))
            change = {name: dice.choice(changes[name])}
            what = dice.choice((self.topic, SEATS, SEATS))
            try:
                await admin.alter_config(what, change)
            except KafkaError as error:
                self.complaints.append(str(error))
