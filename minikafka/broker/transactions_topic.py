"""The broker's side of the transaction coordinator: the partitions of `__transaction_state` that it leads.

Promises     markers reach the leaders of their partitions, this broker among them; a leader hears from the coordinator
             whether a producer may write.
Stands for   TransactionStateManager, TransactionMarkerChannelManager, AddPartitionsToTxnManager.
Left out     -
Differs      see `coordinator_topic`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from minikafka.broker.coordinator_topic import CoordinatorTopic
from minikafka.broker.write_markers import write_markers
from minikafka.coordinator.group_partition import OFFSETS_TOPIC, partition_for
from minikafka.coordinator.transaction_coordinator import TransactionCoordinator
from minikafka.coordinator.transaction_markers import Markers
from minikafka.coordinator.transaction_records import STATE_TOPIC
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.channel import NETWORK_TROUBLE, Channel
from minikafka.protocol.client_requests import InitProducerIdRequest, InitProducerIdResponse
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import Record, records_of
from minikafka.protocol.transaction_requests import (
    AddPartitionsToTxnRequest,
    TransactionPartition,
    TxnMarker,
    WriteTxnMarkersRequest,
)

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

AS_SEEN_BY_PRODUCERS = {
    Error.PRODUCER_FENCED: Error.INVALID_PRODUCER_EPOCH,
    Error.CONCURRENT_TRANSACTIONS: Error.NOT_ENOUGH_REPLICAS,
    Error.COORDINATOR_LOAD_IN_PROGRESS: Error.NOT_ENOUGH_REPLICAS,
    Error.COORDINATOR_NOT_AVAILABLE: Error.NOT_ENOUGH_REPLICAS,
    Error.NOT_COORDINATOR: Error.NOT_ENOUGH_REPLICAS,
    Error.NETWORK_EXCEPTION: Error.NOT_ENOUGH_REPLICAS,
}
"""What the coordinator's word means to the producer of a batch: what may pass comes as an error that may pass."""


class TransactionsTopic(CoordinatorTopic):
    """Between a broker and its transaction coordinator (`coordination`)."""

    topic = STATE_TOPIC
    partitions_setting = "transaction.state.log.num.partitions"
    factor_setting = "transaction.state.log.replication.factor"
    placement_setting = "confluent.transaction.state.log.placement.constraints"

    def __init__(self, broker: Broker):
        super().__init__(broker)
        machine, config = broker.machine, broker.config
        markers = Markers(machine, self.leader_of, self.send_marker)
        self.coordination = TransactionCoordinator(machine, config, self, self.read_all, markers, self.new_producer_id,
                                                   self.offsets_partition)  # fmt: skip
        self._channels: dict[str, Channel] = {}

    def follow(self, before: ClusterImage, image: ClusterImage) -> None:
        """The metadata has changed: coordinate what this broker leads now."""
        if image.topics.get(STATE_TOPIC) is not before.topics.get(STATE_TOPIC):
            self.coordination.shards.follow(*self.led(image))

    def topic_settings(self, factor: int) -> list:
        """Compacted, and never led by a replica that was not in sync."""
        config = self.broker.config
        return [*super().topic_settings(factor), ["segment.bytes", config["transaction.state.log.segment.bytes"]],
                ["min.insync.replicas", min(config["transaction.state.log.min.isr"], factor)],
                ["unclean.leader.election.enable", False]]  # fmt: skip

    def read_all(self, partition: int) -> tuple[list[Record], int, int]:
        """All records up to the end of the leader's log, their size, and that end."""
        read = [(header.size, records_of(data, header)) for header, data in self.batches(partition)
                if not header.is_control]  # fmt: skip
        records = [record for _, some in read for record in some]
        return records, sum(size for size, _ in read), self.end(partition)

    # -- what the coordinator asks of its broker ----------------------------------------------------------------

    async def new_producer_id(self) -> int:
        """A fresh producer id; -1 if the controller gives none."""
        return (await self.broker.producer_ids.init_producer_id(InitProducerIdRequest(None), "")).producer_id

    def offsets_partition(self, group_id: str) -> TopicPartition | None:
        """Where a group commits; None as long as no group has a coordinator."""
        topic = self.broker.image.topics.get(OFFSETS_TOPIC)
        return None if topic is None else TopicPartition(OFFSETS_TOPIC, partition_for(group_id, len(topic.partitions)))

    def leader_of(self, partition: TopicPartition) -> int | None:
        """Who leads it, as far as this broker knows: -1 for nobody at present, None if there is no such partition."""
        found = self.broker.image.partition(partition)
        return None if found is None else found.leader

    async def send_marker(self, broker_id: int, marker: TxnMarker) -> Mapping[TopicPartition, Error] | None:
        """Have a marker written by the broker that leads these partitions; None if it did not answer."""
        broker, request = self.broker, WriteTxnMarkersRequest([marker])
        if broker_id == broker.broker_id:
            response = await write_markers(broker, request, "")
        else:
            try:
                response = await self._ask(broker_id, request)
            except NETWORK_TROUBLE:
                return None
        return {TopicPartition(*row[:2]): Error(row.error) for row in response.markers[0].partitions}

    async def _ask(self, broker_id: int, request: object) -> object:
        address = self.broker.image.brokers[broker_id].address
        channel = self._channels.setdefault(address, Channel(self.broker.machine, address))
        return await channel.ask(request, self.broker.config.us("request.timeout.ms"))

    # -- requests -----------------------------------------------------------------------------------------------

    async def init_producer_id(self, request: InitProducerIdRequest, caller: str) -> InitProducerIdResponse:
        """InitProducerId: under a transactional id its coordinator answers, else anybody."""
        if request.transactional_id is None:
            return await self.broker.producer_ids.init_producer_id(request, caller)
        return await self.coordination.init_producer_id(request, caller)

    async def verify(self, transactional_id: str, identity: tuple[int, int], partition: TopicPartition) -> None:
        """Return if the coordinator has this partition in the producer's open transaction; else the error for the
        producer. Without this a late or wrong batch would open a transaction that nobody ever ends."""
        if not self.broker.config["transaction.partition.verification.enable"]:
            return
        error = await self._verified(transactional_id, identity, partition)
        if error:
            why = f"the coordinator of {transactional_id} says {error.name} of {partition}: {error.meaning}"
            raise KafkaError(AS_SEEN_BY_PRODUCERS.get(error, error), why)

    async def _verified(self, transactional_id: str, identity: tuple[int, int], partition: TopicPartition) -> Error:
        found = self.coordinator(transactional_id)
        if found.error:
            return Error(found.error)
        row = TransactionPartition(*partition)
        request = AddPartitionsToTxnRequest(transactional_id, *identity, [row], True)
        if found.node_id == self.broker.broker_id:
            response = await self.coordination.add_partitions(request, "")
        else:
            try:
                response = await self._ask(found.node_id, request)
            except NETWORK_TROUBLE:
                return Error.NETWORK_EXCEPTION
        return Error(response.partitions[0].error)
