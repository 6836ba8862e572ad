"""A topic that is deleted in the storm, and made anew under the same name, while it is written to.

Promises     one writer sends to both partitions of `rosters` all the time, whether they are there or not; every few
             seconds the topic is deleted, and a moment later there is one of that name again, with another topic id.
Stands for   the job that begins each day with an empty topic, and the producers that nobody has told.
Left out     readers: positions in the deleted topic mean nothing in the new one.
Differs      an error never ends it: a topic may be gone, or there again, without anybody hearing of it.
"""

from __future__ import annotations

from typing import Any

from minikafka.client.admin import Admin
from minikafka.deploy.cluster import Cluster
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.storm.traffic import ADMIN, Writer
from minikafka.world.secrets import hushed
from minikafka.world.world import World

ROSTERS = "rosters"
PARTITIONS = [TopicPartition(ROSTERS, 0), TopicPartition(ROSTERS, 1)]
LIKE = {"partitions": len(PARTITIONS), "replication_factor": 3, "config": {"min.insync.replicas": 2}}
PAUSE = 120_000
"""µs between two records."""


class Rosters:
    """The topic, its writer, and the one who deletes it."""

    def __init__(self, cluster: Cluster, zones: Any, login: dict | None = None):
        self.cluster = cluster
        self.zones = list(zones)
        self.login = hushed(login or {})
        self.complaints: list[str] = []
        self.deleted = 0
        self.going = True

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "zones": self.zones, "login": self.login}

    def start(self, world: World) -> None:
        """Make the topic, begin to write, and to delete."""
        self.cluster.create_topic(ROSTERS, **LIKE)
        self.writer = Writer(self.cluster, "d1", PARTITIONS, PAUSE, "all", self.zones[-1], self.login)
        world.start(self.writer)
        self.machine = self.writer.handle.machine
        self.machine.spawn(self._renew(), "new rosters")

    def stop(self) -> None:
        """Write nothing more, and leave the topic that is there."""
        self.going = False
        self.writer.stop()

    async def _renew(self) -> None:
        dice = self.machine.dice("new rosters")
        admin = Admin(self.machine, self.cluster.bootstrap, {**ADMIN, **self.login}, "renewing")
        while True:
            await self.machine.sleep(dice.randrange(1_500_000, 6_000_000))
            if not self.going:
                return
            await self._try(admin.delete_topic(ROSTERS))
            self.deleted += 1
            await self.machine.sleep(dice.choice((0, 1_000, 100_000, 1_000_000)))
            while await self._try(admin.create_topic(ROSTERS, **LIKE)) not in (Error.NONE, Error.TOPIC_ALREADY_EXISTS):
                await self.machine.sleep(200_000)

    async def _try(self, change: Any) -> Error:
        try:
            await change
        except KafkaError as error:
            self.complaints.append(str(error))
            return error.error
        return Error.NONE
