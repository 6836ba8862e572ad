"""A consumer group in the storm: members that come and go, freeze, crash, stop polling, and commit in different ways.

Promises     three members share the topic from its beginning; one commits automatically, one by hand after each poll,
             one is static. What they do is rolled from the world's seed; told to `stop`, all of them stay and read
             on.
Stands for   the applications of a group, on machines that are not better than the brokers'; and an operator, who
             restarts a member where the leader cannot have noticed all that changed.
Left out     several groups; seeks.
Differs      an error never ends a member: it is noted, and the member goes on.
"""

from __future__ import annotations

from typing import Any

from minikafka.client.consumer import Consumer
from minikafka.deploy.cluster import Cluster
from minikafka.events.groups import AssignmentStored, GenerationBegan, MemberReplaced
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.storm.traffic import CONSUMER
from minikafka.world.event import Recorded
from minikafka.world.machine import Machine
from minikafka.world.secrets import hushed
from minikafka.world.world import World

GROUP = "crew"
MEMBER = {**CONSUMER, "group.id": GROUP, "session.timeout.ms": 1500, "heartbeat.interval.ms": 300,
          "max.poll.interval.ms": 2500, "auto.commit.interval.ms": 500, "default.api.timeout.ms": 3000,
          "fetch.max.wait.ms": 500}  # fmt: skip
KINDS = ({}, {"enable.auto.commit": False}, {"group.instance.id": "static"})
"""How the three members differ."""

STRATEGIES = ("range", "roundrobin", "sticky", "cooperative-sticky")
POLL = 300_000


class MemberProcess:
    """The process of a member's machine: a consumer, and an application around it."""

    def __init__(self, machine: Machine, cluster: Cluster, topic: str, config: dict):
        self.machine = machine
        self.topic = topic
        self.by_hand = config.get("enable.auto.commit") is False
        self.consumer = Consumer(machine, cluster.bootstrap, config)
        self.complaints: list[str] = []
        self.rests_for = self.leaves_for = 0
        self.consumer.subscribe([topic])
        machine.spawn(self._work(), "application")

    async def _work(self) -> None:
        while True:
            try:
                await self._work_once()
            except KafkaError as error:
                self.complaints.append(str(error))
                await self.machine.sleep(100_000)

    async def _work_once(self) -> None:
        """Poll, process, commit; sometimes rest for too long, or leave for a while."""
        records = await self.consumer.poll(POLL)
        if self.rests_for:
            rest, self.rests_for = self.rests_for, 0
            await self.machine.sleep(rest)
        if records and self.by_hand:
            await self.consumer.commit_sync()
        if self.leaves_for:
            away, self.leaves_for = self.leaves_for, 0
            await self.consumer.unsubscribe()
            await self.machine.sleep(away)
            self.consumer.subscribe([self.topic])


def unread(cluster: Cluster, topic: str, partitions: int, machines: list[Machine]) -> list[TopicPartition]:
    """The partitions of a topic that no member on these machines has read to the end of the leader's log."""
    positions: dict[TopicPartition, int | None] = {}
    for machine in machines:
        consumer = machine.process.consumer if machine.process is not None else None
        for tp in consumer.assignment if consumer is not None else ():
            positions[tp] = consumer.position(tp)
    left = []
    for tp in (TopicPartition(topic, number) for number in range(partitions)):
        leader = cluster.leader(tp)
        partition = None if leader is None or leader.broker is None else leader.broker.partitions.get(tp)
        if partition is not None and positions.get(tp) != partition.log.log_end_offset:
            left.append(tp)
    return left


class Members:
    """The group's members on machines m1, m2, m3, and their restlessness."""

    def __init__(self, cluster: Cluster, topic: str, partitions: int, zones: list, login: dict | None = None):
        self.cluster = cluster
        self.topic = topic
        self.partitions = partitions
        self.zones = list(zones)
        self.login = hushed(login or {})
        self.machines: list[Machine] = []
        self.going = True
        self.leader = ""
        self.leader_was_away = False

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "topic": self.topic, "partitions": self.partitions, "zones": self.zones,
                "login": self.login}  # fmt: skip

    def start(self, world: World) -> None:
        """Begin to read."""
        dice = self.dice = world.chance.stream("storm members")
        strategy = {"partition.assignment.strategy": dice.choice(STRATEGIES)}
        for number, kind in enumerate(KINDS):
            config = {**MEMBER, **strategy, **kind, **self.login}
            machine = world.machine(f"{self.cluster.name}/m{number + 1}", self.zones[number % len(self.zones)])
            machine.install(lambda machine, config=config: MemberProcess(machine, self.cluster, self.topic, config))
            machine.start()
            self.machines.append(machine)
        world.recorder.listen(self._hear, (GenerationBegan, MemberReplaced, AssignmentStored))
        world.kernel.spawn(self._live(world), None, "restless members")

    def stop(self) -> None:
        """No more coming and going."""
        self.going = False

    def behind(self) -> list[TopicPartition]:
        """The partitions that no member has read to the end of the leader's log."""
        return unread(self.cluster, self.topic, self.partitions, self.machines)

    async def _live(self, world: World) -> None:
        while self.going:
            await world.kernel.sleep(self.dice.randrange(300_000, 2_000_000))
            machine = self.dice.choice(self.machines)
            what, span = self.dice.choice((self._crash, self._freeze, self._rest, self._leave)), self._span()
            if self.going and machine.running:
                await what(world, machine, span)
        while True:
            await world.kernel.sleep(POLL)
            self._look_after_the_group()

    def _look_after_the_group(self) -> None:
        """A static leader that was away has not seen what changed meanwhile: let a member leave for a moment, so that
        everything is shared out anew."""
        if self.leader_was_away and self.machines[0].running:
            self.leader_was_away = False
            self.machines[0].process.leaves_for = POLL

    def _hear(self, entry: Recorded) -> None:
        event = entry.event
        if event.group != GROUP:
            return
        if isinstance(event, GenerationBegan):
            self.leader = event.leader
        elif isinstance(event, AssignmentStored):
            self.leader_was_away = False
        elif event.old == self.leader:
            self.leader, self.leader_was_away = event.new, True

    def _span(self) -> int:
        return self.dice.randrange(200_000, 3_500_000)

    async def _crash(self, world: Any, machine: Machine, span: int) -> None:
        machine.crash()
        await world.kernel.sleep(span)
        if machine.state == "down":
            machine.start()

    async def _freeze(self, world: Any, machine: Machine, span: int) -> None:
        machine.freeze()
        await world.kernel.sleep(span)
        if machine.state == "frozen":
            machine.thaw()

    async def _rest(self, world: Any, machine: Machine, span: int) -> None:
        machine.process.rests_for = span

    async def _leave(self, world: Any, machine: Machine, span: int) -> None:
        machine.process.leaves_for = span
