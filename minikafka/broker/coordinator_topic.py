"""A topic whose partitions' leaders coordinate something: groups (`__consumer_offsets`) or transactions.

Promises     it is made when somebody first asks for a coordinator; the coordinator writes with acks=-1 through the
             partition's leader, as a producer would, and hears when the high watermark has passed its records.
Stands for   CoordinatorPartitionWriter, CoordinatorLoaderImpl, AutoTopicCreationManager, TransactionStateManager's log.
Left out     -
Differs      a cluster with fewer brokers than the topic's replication factor gets fewer replicas; Kafka waits for more
             brokers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from minikafka.broker import purgatory
from minikafka.broker.noticeboard import COMMITTED, IN_SYNC, REIGN
from minikafka.broker.partition import Partition
from minikafka.broker.produce import ALL, acked, require_in_sync
from minikafka.coordinator.group_partition import partition_for
from minikafka.coordinator.shard import Written
from minikafka.log.batch_validation import COORDINATOR
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import CONSTRAINTS
from minikafka.protocol.admin_requests import CreatableTopic, CreateTopicsRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import Coordinator
from minikafka.protocol.names import LeaderEpoch
from minikafka.protocol.record_batch import BatchHeader, headers_of

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

READ_AT_ONCE = 1 << 40
UNSET = -1
NOBODY = (-1, "")


class CoordinatorTopic:
    """Between a broker and one of its coordinators. `topic` is the topic's name; the three others name the settings
    that say how many partitions and replicas it has, and where these are."""

    topic = ""
    partitions_setting = factor_setting = placement_setting = ""

    def __init__(self, broker: Broker):
        self.broker = broker
        self._creating = False

    # -- as the metadata says -----------------------------------------------------------------------------------

    def led(self, image: ClusterImage) -> tuple[dict[int, LeaderEpoch], int]:
        """The partitions that this broker leads, with their leader epochs; and how many there are."""
        topic = image.topics.get(self.topic)
        partitions = () if topic is None else topic.partitions
        led = {number: one.leader_epoch for number, one in enumerate(partitions)
               if one.leader == self.broker.broker_id}  # fmt: skip
        return led, len(partitions)

    # -- the coordinator's log ----------------------------------------------------------------------------------

    def append(self, partition: int, leader_epoch: LeaderEpoch, batch: bytes) -> Written:
        """Write as the leader of this epoch; KafkaError: nothing was written."""
        found = self._led(partition)
        found.require_leader(leader_epoch)
        require_in_sync(found, ALL)
        appended = found.append(batch, self.broker.machine.now, COORDINATOR)
        return Written(appended.base_offset, appended.last_offset + 1)

    async def committed(self, partition: int, leader_epoch: LeaderEpoch, end_offset: int, within: int) -> Error:
        """NONE once everything below `end_offset` is committed; REQUEST_TIMED_OUT after `within` µs."""
        return await self.replicated(self._led(partition), leader_epoch, end_offset, within)

    async def replicated(self, found: Partition, leader_epoch: LeaderEpoch, end_offset: int, within: int) -> Error:
        """As `committed`, for any partition that this broker leads."""
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

    def batches(self, partition: int) -> Iterator[tuple[BatchHeader, bytes]]:
        """All batches up to the end of the leader's log, each with the bytes that it was read with."""
        log = self._led(partition).log
        offset = log.log_start_offset
        while offset < log.log_end_offset:
            data = log.read(offset, READ_AT_ONCE, log.log_end_offset)
            if not data:
                break
            for header in headers_of(data):
                yield header, data
                offset = header.next_offset

    def end(self, partition: int) -> int:
        """Where the leader's log ends."""
        return self._led(partition).log.log_end_offset

    def _led(self, partition: int) -> Partition:
        return self.broker.replicas.find(self.topic, partition)

    # -- who coordinates ----------------------------------------------------------------------------------------

    def coordinator(self, key: str) -> Coordinator:
        """The leader of the key's partition, as far as this broker knows; the topic is made if there is none."""
        image = self.broker.image
        topic = image.topics.get(self.topic)
        if topic is None:
            self._create()
            return Coordinator(key, *NOBODY, Error.COORDINATOR_NOT_AVAILABLE, f"{self.topic} is being made")
        number = partition_for(key, len(topic.partitions))
        leader = topic.partitions[number].leader
        if not image.alive(leader):
            why = f"{self.topic}-{number} has no leader at the moment"
            return Coordinator(key, *NOBODY, Error.COORDINATOR_NOT_AVAILABLE, why)
        return Coordinator(key, leader, image.brokers[leader].address, Error.NONE, None)

    def topic_settings(self, factor: int) -> list:
        """The settings with which the topic is made, for so many replicas."""
        return [["cleanup.policy", "compact"]]

    def _create(self) -> None:
        """Ask the controller for the topic, once at a time; whoever asked for a coordinator asks again."""
        if self._creating:
            return
        self._creating = True
        config, brokers = self.broker.config, len(self.broker.image.brokers)
        placement, factor = config[self.placement_setting], min(config[self.factor_setting], brokers)
        settings = [[CONSTRAINTS, placement]] if placement else []
        settings += self.topic_settings(factor)
        factor = UNSET if placement else factor
        topic = CreatableTopic(self.topic, config[self.partitions_setting], factor, [], settings)
        timeout = config["controller.quorum.request.timeout.ms"]

        async def create() -> None:
            try:
                await self.broker.forwarding.forward(CreateTopicsRequest([topic], timeout, False), "")
            except KafkaError:
                pass
            self._creating = False

        self.broker.machine.spawn(create(), f"making {self.topic}")
