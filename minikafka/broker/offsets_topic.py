"""The broker's side of the group coordinator: the partitions of `__consumer_offsets` it leads, and who coordinates
what.

Promises     the topic is made when somebody first asks for a coordinator; the coordinator writes with acks=-1 through
             the partition's leader, as a producer would, and hears when the high watermark has passed its records.
Stands for   CoordinatorPartitionWriter, CoordinatorLoaderImpl, AutoTopicCreationManager,
             KafkaApis.handleFindCoordinatorRequest.
Left out     the transaction coordinator's topic.
Differs      a cluster with fewer brokers than offsets.topic.replication.factor gets fewer replicas; Kafka waits for
             more brokers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker import purgatory
from minikafka.broker.noticeboard import COMMITTED, IN_SYNC, REIGN
from minikafka.broker.partition import Partition
from minikafka.broker.produce import ALL, acked, require_in_sync
from minikafka.coordinator.group_coordinator import GroupCoordinator
from minikafka.coordinator.group_partition import OFFSETS_TOPIC, partition_for
from minikafka.coordinator.shard import Written
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import CONSTRAINTS
from minikafka.protocol.admin_requests import CreatableTopic, CreateTopicsRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from minikafka.protocol.names import LeaderEpoch, TopicPartition
from minikafka.protocol.record_batch import headers_of
from minikafka.protocol.records import Record, records_of

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

READ_AT_ONCE = 1 << 40
NOBODY = (-1, "")
UNSET = -1


class OffsetsTopic:
    """Between a broker and its group coordinator (`groups`)."""

    def __init__(self, broker: Broker):
        self.broker = broker
        self.groups = GroupCoordinator(broker.machine, broker.config, self, self.read_all, self.exists)
        self._creating = False

    # -- as the metadata says -----------------------------------------------------------------------------------

    def follow(self, before: ClusterImage, image: ClusterImage) -> None:
        """The metadata has changed: coordinate what this broker leads now, and forget deleted topics."""
        if before.topics is image.topics:
            return
        gone = [name for name, topic in before.topics.items()
                if name not in image.topics or image.topics[name].id != topic.id]  # fmt: skip
        if gone:
            self.groups.forget_topics(gone)
        topic = image.topics.get(OFFSETS_TOPIC)
        if topic is not before.topics.get(OFFSETS_TOPIC):
            partitions = () if topic is None else topic.partitions
            led = {number: one.leader_epoch for number, one in enumerate(partitions)
                   if one.leader == self.broker.broker_id}  # fmt: skip
            self.groups.shards.follow(led, len(partitions))

    def exists(self, topic: str, partition: int) -> bool:
        """Whether there is such a partition, as far as this broker knows."""
        return self.broker.image.partition(TopicPartition(topic, partition)) is not None

    # -- the coordinator's log ----------------------------------------------------------------------------------

    def append(self, partition: int, leader_epoch: LeaderEpoch, batch: bytes) -> Written:
        """Write as the leader of this epoch; KafkaError: nothing was written."""
        found = self._led(partition)
        found.require_leader(leader_epoch)
        require_in_sync(found, ALL)
        appended = found.append(batch, self.broker.machine.now)
        return Written(appended.base_offset, appended.last_offset + 1)

    async def committed(self, partition: int, leader_epoch: LeaderEpoch, end_offset: int, within: int) -> Error:
        """NONE once everything below `end_offset` is committed; REQUEST_TIMED_OUT after `within` µs."""
        found = self._led(partition)
        outcome: list[Error] = []

        def settled() -> bool:
            error = Error.NOT_LEADER_OR_FOLLOWER if found.leader_epoch != leader_epoch else acked(found, end_offset)
            if error is not None:
                outcome.append(error)
            return error is not None

        machine = self.broker.machine
        if not await purgatory.until(machine, settled, [found.news], COMMITTED | IN_SYNC | REIGN, within):
            return Error.REQUEST_TIMED_OUT
        return outcome[0]

    def high_watermark(self, partition: int) -> int:
        """How far the partition is replicated."""
        return self._led(partition).high_watermark

    def read_all(self, partition: int) -> tuple[list[Record], int, int]:
        """All records up to the end of the leader's log, their size, and that end."""
        log = self._led(partition).log
        records: list[Record] = []
        offset, size = log.log_start_offset, 0
        while offset < log.log_end_offset:
            data = log.read(offset, READ_AT_ONCE, log.log_end_offset)
            if not data:
                break
            size += len(data)
            for header in headers_of(data):
                records += [] if header.is_control else records_of(data, header)
                offset = header.next_offset
        return records, size, log.log_end_offset

    def _led(self, partition: int) -> Partition:
        return self.broker.replicas.find(OFFSETS_TOPIC, partition)

    # -- who coordinates ----------------------------------------------------------------------------------------

    async def find_coordinator(self, request: FindCoordinatorRequest, caller: str) -> FindCoordinatorResponse:
        """The leader of each group's partition, as far as this broker knows."""
        return FindCoordinatorResponse([self._coordinator(request.key_type, key) for key in request.keys])

    def _coordinator(self, key_type: int, key: str) -> Coordinator:
        if key_type != 0:
            why = f"key type {key_type} is not known here: only groups (0) have coordinators"
            return Coordinator(key, *NOBODY, Error.INVALID_REQUEST, why)
        if not key:
            return Coordinator(key, *NOBODY, Error.INVALID_GROUP_ID, "the group id is empty: set group.id")
        image = self.broker.image
        topic = image.topics.get(OFFSETS_TOPIC)
        if topic is None:
            self._create()
            return Coordinator(key, *NOBODY, Error.COORDINATOR_NOT_AVAILABLE, f"{OFFSETS_TOPIC} is being made")
        number = partition_for(key, len(topic.partitions))
        leader = topic.partitions[number].leader
        if not image.alive(leader):
            why = f"{OFFSETS_TOPIC}-{number} has no leader at the moment"
            return Coordinator(key, *NOBODY, Error.COORDINATOR_NOT_AVAILABLE, why)
        return Coordinator(key, leader, image.brokers[leader].address, Error.NONE, None)

    def _create(self) -> None:
        """Ask the controller for the topic, once at a time; whoever asked for a coordinator asks again."""
        if self._creating:
            return
        self._creating = True
        config, brokers = self.broker.config, len(self.broker.image.brokers)
        placement = config["confluent.offsets.topic.placement.constraints"]
        factor = UNSET if placement else min(config["offsets.topic.replication.factor"], brokers)
        settings = [[CONSTRAINTS, placement]] if placement else []
        settings += [["cleanup.policy", "compact"], ["segment.bytes", config["offsets.topic.segment.bytes"]]]
        topic = CreatableTopic(OFFSETS_TOPIC, config["offsets.topic.num.partitions"], factor, [], settings)
        timeout = config["controller.quorum.request.timeout.ms"]

        async def create() -> None:
            try:
                await self.broker.forwarding.forward(CreateTopicsRequest([topic], timeout, False), "")
            except KafkaError:
                pass
            self._creating = False

        self.broker.machine.spawn(create(), f"making {OFFSETS_TOPIC}")
