"""Markers: how a leader lets a transaction end in its partition.

Promises     a marker is answered with NONE when it is committed there; one that is there already is not written
             twice, and one that comes too late, when the producer's next transaction is open, is refused and ends
             nothing.
Stands for   KafkaApis.handleWriteTxnMarkersRequest, ProducerAppendInfo.appendEndTxnMarker,
             handleDescribeProducersRequest.
Left out     -
Differs      Kafka 4.1 takes a marker with the epoch of the records that it ends, too; here only an administrator's may
             (transaction_version 0), for the coordinator's are always of a newer epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker.partition import Partition
from minikafka.broker.produce import ALL, require_in_sync
from minikafka.coordinator import transactional_commits
from minikafka.coordinator.group_partition import OFFSETS_TOPIC
from minikafka.events.groups import OffsetsCommitted
from minikafka.log.batch_validation import COORDINATOR
from minikafka.log.log_transactions import is_marked
from minikafka.protocol import transaction_requests as api
from minikafka.protocol.control_records import Marker, marker_batch
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

BY_EPOCH = 2
"""The transaction version in which every transaction has an epoch of its own."""


async def write_markers(
    broker: Broker, request: api.WriteTxnMarkersRequest, caller: str
) -> api.WriteTxnMarkersResponse:
    """WriteTxnMarkers: all are written first, then all are waited for."""
    begun = [(marker, [_begin(broker, marker, TopicPartition(*row)) for row in marker.partitions])
             for marker in request.markers]  # fmt: skip
    rows = []
    for marker, writings in begun:
        outcomes = [api.PartitionOutcome(*one.tp, await one.settled(broker)) for one in writings]
        rows.append(api.WrittenMarker(marker.producer_id, outcomes))
    return api.WriteTxnMarkersResponse(rows)


class MarkerWriting:
    """One marker in one partition, on its way to be committed. `told`: what became of pending offsets by it."""

    def __init__(self, tp: TopicPartition):
        self.tp = tp
        self.error = Error.NONE
        self.partition: Partition | None = None
        self.leader_epoch = -1
        self.end_offset = 0
        self.told: list = []

    async def settled(self, broker: Broker) -> Error:
        """NONE once it is committed under the leader that wrote it."""
        if not self.error:
            topic, within = broker.offsets_topic, broker.config.us("request.timeout.ms")
            self.error = await topic.replicated(self.partition, self.leader_epoch, self.end_offset, within)
        if not self.error:
            for ended in self.told if self.told and self.told[0].committed else ():
                who = f"producer {ended.producer_id}"
                broker.machine.record(
                    OffsetsCommitted(ended.group, who, ended.generation, ended.offsets, ended.end_offset)
                )
        return self.error


def _begin(broker: Broker, marker: api.TxnMarker, tp: TopicPartition) -> MarkerWriting:
    """Write a marker, or note why not."""
    writing = MarkerWriting(tp)
    try:
        writing.partition = partition = broker.replicas.find(*tp)
        partition.require_leader()
        writing.leader_epoch = partition.leader_epoch
        require_in_sync(partition, ALL)
        groups = broker.offsets_topic.groups
        shard = None
        if tp.topic == OFFSETS_TOPIC:
            shard = transactional_commits.require_reader(groups, tp.partition, partition.leader_epoch)
        said = Marker(marker.committed, marker.coordinator_epoch)
        if marker.transaction_version >= BY_EPOCH and is_marked(partition.log, *marker[:2]):
            writing.end_offset = partition.log.log_end_offset
            return writing
        _require_in_time(partition, marker)
        now = broker.machine.now
        appended = partition.append(marker_batch(*marker[:2], said, now // 1000), now, COORDINATOR)
        writing.end_offset = appended.last_offset + 1
        if shard is not None:
            at = appended.base_offset
            writing.told = transactional_commits.end_transaction(shard, marker.producer_id, marker.committed, at)
    except KafkaError as refusal:
        writing.error = refusal.error
    return writing


def _require_in_time(partition: Partition, marker: api.TxnMarker) -> None:
    """INVALID_PRODUCER_EPOCH for a marker of the producer's last transaction while the next one is open;
    TRANSACTION_COORDINATOR_FENCED for one of an older coordinator than the one that wrote last."""
    entry = partition.log.producers.entries.get(marker.producer_id)
    if entry is None:
        return
    is_late = marker.transaction_version >= BY_EPOCH and entry.epoch == marker.producer_epoch and entry.open_since >= 0
    if is_late:
        raise KafkaError(
            Error.INVALID_PRODUCER_EPOCH,
            f"the transaction of producer {marker.producer_id} in {partition.tp} has the epoch {entry.epoch}, and this "
            "marker belongs to the one before it: it has been written already",
        )
    if marker.coordinator_epoch >= 0 and entry.coordinator_epoch > marker.coordinator_epoch:
        raise KafkaError(
            Error.TRANSACTION_COORDINATOR_FENCED,
            f"a coordinator of epoch {entry.coordinator_epoch} has ended a transaction of producer "
            f"{marker.producer_id} in {partition.tp}, and this marker comes from epoch {marker.coordinator_epoch}",
        )


async def describe_producers(
    broker: Broker, request: api.DescribeProducersRequest, caller: str
) -> api.DescribeProducersResponse:
    """DescribeProducers: what the leader of each partition knows of those who write there."""
    rows = []
    for row in request.partitions:
        try:
            partition = broker.replicas.find(*row)
            partition.require_leader()
            found = [
                api.ActiveProducer(producer, entry.epoch, entry.last_sequence, entry.last_timestamp,
                                   entry.coordinator_epoch, entry.open_since)
                for producer, entry in partition.log.producers.entries.items()
            ]  # fmt: skip
            rows.append(api.DescribedProducers(*row, Error.NONE, found))
        except KafkaError as refusal:
            rows.append(api.DescribedProducers(*row, refusal.error, []))
    return api.DescribeProducersResponse(rows)
