"""The broker's side of the group coordinator: the partitions of `__consumer_offsets` it leads.

Promises     the groups of a partition are coordinated where it is led; offsets that belong to a transaction count when
             its marker is in the partition.
Stands for   CoordinatorPartitionWriter, CoordinatorLoaderImpl, KafkaApis.handleFindCoordinatorRequest.
Left out     -
Differs      see `coordinator_topic`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker.coordinator_topic import NOBODY, CoordinatorTopic
from minikafka.coordinator.group_coordinator import GroupCoordinator
from minikafka.coordinator.group_partition import OFFSETS_TOPIC
from minikafka.coordinator.pending_offsets import EndOfTransaction, PendingRecord
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.control_records import marker_of
from minikafka.protocol.errors import Error
from minikafka.protocol.group_requests import GROUP, Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import Record, records_of
from minikafka.protocol.transaction_requests import TRANSACTION

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker


class OffsetsTopic(CoordinatorTopic):
    """Between a broker and its group coordinator (`groups`)."""

    topic = OFFSETS_TOPIC
    partitions_setting, factor_setting = "offsets.topic.num.partitions", "offsets.topic.replication.factor"
    placement_setting = "confluent.offsets.topic.placement.constraints"

    def __init__(self, broker: Broker):
        super().__init__(broker)
        self.groups = GroupCoordinator(broker.machine, broker.config, self, self.read_all, self.exists)

    def follow(self, before: ClusterImage, image: ClusterImage) -> None:
        """The metadata has changed: coordinate what this broker leads now, and forget deleted topics."""
        if before.topics is image.topics:
            return
        gone = [name for name, topic in before.topics.items()
                if name not in image.topics or image.topics[name].id != topic.id]  # fmt: skip
        if gone:
            self.groups.forget_topics(gone)
        if image.topics.get(OFFSETS_TOPIC) is not before.topics.get(OFFSETS_TOPIC):
            self.groups.shards.follow(*self.led(image))

    def exists(self, topic: str, partition: int) -> bool:
        """Whether there is such a partition, as far as this broker knows."""
        return self.broker.image.partition(TopicPartition(topic, partition)) is not None

    def read_all(self, partition: int) -> tuple[list[Record | PendingRecord | EndOfTransaction], int, int]:
        """All that stands in the leader's log, its size, and where it ends."""
        read: list[Record | PendingRecord | EndOfTransaction] = []
        size = 0
        for header, data in self.batches(partition):
            size += header.size
            if header.is_control:
                marker = marker_of(data, header)
                if marker is not None:
                    read.append(EndOfTransaction(header.producer_id, marker.committed, header.base_offset))
            elif header.is_transactional:
                read += [PendingRecord(header.producer_id, record) for record in records_of(data, header)]
            else:
                read += records_of(data, header)
        return read, size, self.end(partition)

    def topic_settings(self, factor: int) -> list:
        """Compacted, in small segments."""
        return [*super().topic_settings(factor), ["segment.bytes", self.broker.config["offsets.topic.segment.bytes"]]]

    async def find_coordinator(self, request: FindCoordinatorRequest, caller: str) -> FindCoordinatorResponse:
        """The leader of the partition of each group or transactional id, as far as this broker knows."""
        return FindCoordinatorResponse([self._coordinator(request.key_type, key) for key in request.keys])

    def _coordinator(self, key_type: int, key: str) -> Coordinator:
        if key_type == TRANSACTION and key:
            return self.broker.transactions.coordinator(key)
        if key_type == TRANSACTION:
            why = "the transactional id is empty: set transactional.id"
            return Coordinator(key, *NOBODY, Error.INVALID_REQUEST, why)
        if key_type != GROUP:
            why = f"key type {key_type} is not known here: groups (0) and transactional ids (1) have coordinators"
            return Coordinator(key, *NOBODY, Error.INVALID_REQUEST, why)
        if not key:
            return Coordinator(key, *NOBODY, Error.INVALID_GROUP_ID, "the group id is empty: set group.id")
        return super().coordinator(key)
