"""Transactional copiers in the storm: read, process, write, and commit what was read, in one transaction.

Promises     two copiers share the topic as a group and copy each record to another topic, exactly once whatever
             happens; some transactions they abort on purpose. Told to `stop`, they only go on copying.
Stands for   a stream processor with processing.guarantee=exactly_once.
Left out     several input topics.
Differs      an error never ends a copier: it aborts, or makes itself a new producer, and goes on from what is
             committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minikafka.client.completed_fetch import ConsumerRecord
from minikafka.client.consumer import Consumer
from minikafka.client.producer import Producer
from minikafka.client.transaction_manager import FATAL_ERROR
from minikafka.coordinator.group_partition import OFFSETS_TOPIC
from minikafka.coordinator.transaction_records import STATE_TOPIC
from minikafka.deploy.cluster import Cluster
from minikafka.deploy.partition_names import partition_named
from minikafka.laws.sight import Sight
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.group_requests import OffsetToCommit
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import records_of
from minikafka.storm.members import MEMBER
from minikafka.storm.traffic import PRODUCER
from minikafka.world.machine import Machine
from minikafka.world.secrets import hushed
from minikafka.world.world import World

GROUP, COPIES = "copiers", "copies"
READ = {**MEMBER, "group.id": GROUP, "enable.auto.commit": False, "isolation.level": "read_committed",
        "max.poll.records": 20}  # fmt: skip
WRITE = {**PRODUCER, "transaction.timeout.ms": 4000, "max.block.ms": 4000}
POLL = 300_000
ABORTS = 0.2
"""How many transactions are aborted on purpose."""


class CopierProcess:
    """The process of a copier's machine: a consumer and a transactional producer, and the loop around them."""

    def __init__(self, machine: Machine, copiers: Copiers, number: int):
        self.machine = machine
        self.copiers = copiers
        self.number = number
        self.consumer = self._new_consumer()
        self.producer: Producer | None = None
        machine.spawn(self._work(), "copier")

    def _new_consumer(self) -> Consumer:
        consumer = Consumer(self.machine, self.copiers.cluster.bootstrap, {**READ, **self.copiers.login})
        consumer.subscribe([self.copiers.topic])
        return consumer

    async def _work(self) -> None:
        while True:
            try:
                await self._begin_if_needed()
                await self._copy_once()
            except KafkaError as error:
                self.copiers.complaints.append(str(error))
                await self._recover()

    async def _begin_if_needed(self) -> None:
        if self.producer is None:
            self.copiers.lives += 1
            config = {**WRITE, **self.copiers.login, "transactional.id": f"copier-{self.number}"}
            name = f"{self.machine.name} (producer {self.copiers.lives})"
            self.producer = Producer(self.machine, self.copiers.cluster.bootstrap, config, name)
            await self.producer.init_transactions()

    async def _copy_once(self) -> None:
        records = await self.consumer.poll(POLL)
        if not records:
            return
        who, producer = self.consumer.group_metadata(), self.producer
        offsets = {TopicPartition(*record[:2]): _behind(record) for record in records}
        producer.begin_transaction()
        for record in records:
            value = f"{record.partition}/{record.offset}".encode()
            producer.send(COPIES, value, partition=record.partition % self.copiers.partitions)
        await producer.send_offsets_to_transaction(offsets, who)
        if self.copiers.going and self.copiers.dice.random() < ABORTS:
            await producer.abort_transaction()
            await self._go_back()
        else:
            await producer.commit_transaction()

    async def _recover(self) -> None:
        """Give the transaction up, and read again from what is committed; with a new producer, if this one is lost."""
        await self.machine.sleep(100_000)
        if self.producer is None:
            return
        try:
            if self.producer.transactions.state in ("IN_TRANSACTION", "ABORTABLE_ERROR", "ABORTING_TRANSACTION"):
                await self.producer.abort_transaction()
        except KafkaError as error:
            self.copiers.complaints.append(str(error))
        if self.producer.transactions.state in (FATAL_ERROR, "INITIALIZING", "COMMITTING_TRANSACTION",
                                                "ABORTING_TRANSACTION"):  # fmt: skip
            await self.producer.close(0)
            self.producer = None
        try:
            await self._go_back()
        except KafkaError as error:
            self.copiers.complaints.append(str(error))
            self.consumer.close()
            self.consumer = self._new_consumer()

    async def _go_back(self) -> None:
        """Read on from what the group has committed."""
        owned = list(self.consumer.assignment)
        committed = await self.consumer.committed(owned) if owned else {}
        for partition, row in committed.items():
            if partition in self.consumer.assignment:
                self.consumer.seek(partition, *((row.offset, row.leader_epoch) if row is not None else (0, -1)))


def _behind(record: ConsumerRecord) -> OffsetToCommit:
    """With the leader epoch: else a copier that was frozen may take a leader of yesterday for today's, whose log is too
    short, and begin anew."""
    return OffsetToCommit(record.topic, record.partition, record.offset + 1, record.leader_epoch, "")


class Copiers:
    """Two copiers on machines k1 and k2, and their restlessness."""

    group = GROUP

    def __init__(self, cluster: Cluster, topic: str, partitions: int, zones: list, login: dict | None = None):
        self.cluster = cluster
        self.topic = topic
        self.partitions = partitions
        self.zones = list(zones)
        self.login = hushed(login or {})
        self.machines: list[Machine] = []
        self.complaints: list[str] = []
        self.lives = 0
        self.going = True

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "topic": self.topic, "partitions": self.partitions, "zones": self.zones,
                "login": self.login}  # fmt: skip

    def start(self, world: World) -> None:
        """Begin to copy."""
        self.dice = world.chance.stream("storm copiers")
        self.cluster.create_topic(COPIES, partitions=self.partitions, replication_factor=3,
                                  config={"min.insync.replicas": 2})  # fmt: skip
        for number in (1, 2):
            machine = world.machine(f"{self.cluster.name}/k{number}", self.zones[number % len(self.zones)])
            machine.install(lambda machine, number=number: CopierProcess(machine, self, number))
            machine.start()
            self.machines.append(machine)
        world.kernel.spawn(self._live(world), None, "restless copiers")

    def stop(self) -> None:
        """No more crashes, and no more aborts on purpose."""
        self.going = False

    def behind(self) -> list[TopicPartition]:
        """The partitions that are not copied to the end of the leader's log. None if coordinators have lost what they
        had written: a transaction that nobody remembers keeps the offsets of the group undecided."""
        histories = Sight.of(self.cluster.world).histories.items()
        if any(history.broken and tp.topic in (OFFSETS_TOPIC, STATE_TOPIC) for (_, tp), history in histories):
            return []
        left = []
        for tp, committed in self._committed().items():
            leader = self.cluster.leader(tp)
            partition = None if leader is None or leader.broker is None else leader.broker.partitions.get(tp)
            if partition is not None and committed != partition.log.log_end_offset:
                left.append(tp)
        return left

    def copies(self) -> Iterator[tuple[TopicPartition, int, list[int]]]:
        """For each partition: what the group has committed, and the offsets that committed transactions have copied."""
        copied: dict[TopicPartition, list[int]] = {}
        for value in self._copied():
            partition, _, offset = value.decode().partition("/")
            copied.setdefault(TopicPartition(self.topic, int(partition)), []).append(int(offset))
        for tp, committed in self._committed().items():
            yield tp, committed, copied.get(tp, [])

    def _committed(self) -> dict[TopicPartition, int]:
        found = {TopicPartition(self.topic, number): 0 for number in range(self.partitions)}
        for handle in self.cluster.brokers.values():
            for shard in handle.broker.offsets_topic.groups.shards.active() if handle.broker is not None else ():
                found.update((tp, stored.offset) for tp, stored in shard.offsets.latest(GROUP) if tp in found)
        return found

    def _copied(self) -> Iterator[bytes]:
        for number in range(self.partitions):
            tp = partition_named(f"{COPIES}-{number}")
            log = self.cluster.leader(tp).broker.partitions[tp].log
            void = {one.producer_id: [] for one in log.aborted_transactions(0, log.log_end_offset)}
            for one in log.aborted_transactions(0, log.log_end_offset):
                void[one.producer_id].append((one.first_offset, one.last_offset))
            yield from committed_values(log, void)

    async def _live(self, world: Any) -> None:
        while self.going:
            await world.kernel.sleep(self.dice.randrange(500_000, 3_000_000))
            machine, span = self.dice.choice(self.machines), self.dice.randrange(200_000, 3_500_000)
            if not self.going or not machine.running:
                continue
            if self.dice.random() < 0.5:
                machine.crash()
                await world.kernel.sleep(span)
                if machine.state == "down":
                    machine.start()
            else:
                machine.freeze()
                await world.kernel.sleep(span)
                if machine.state == "frozen":
                    machine.thaw()


def committed_values(log: Any, void: dict[int, list[tuple[int, int]]]) -> Iterator[bytes]:
    """The values of a log's records, without markers and what was aborted."""
    for segment in log.segments:
        data = log.disk.read(segment.path)
        for header in segment.headers:
            gone = any(first <= header.base_offset <= last for first, last in void.get(header.producer_id, ()))
            if not header.is_control and not (header.is_transactional and gone):
                yield from (record.value for record in records_of(data, header))
