"""Before a leader takes the first batch of a transaction it asks the coordinator whether the producer may write there.

Promises     no batch opens a transaction in a log of which the coordinator does not know: nobody would ever end it,
             and the last stable offset would stand still for good. What the coordinator has against a batch is its
             answer.
Stands for   ReplicaManager.maybeSendPartitionsToTransactionCoordinator, AddPartitionsToTxnManager (KIP-890).
Left out     the guard between the answer and the append: a marker in between brings a newer epoch, which refuses the
             batch.
Differs      the leader asks for one partition at a time, and only verifies; with transaction.version=2 it adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.coordinator.group_partition import OFFSETS_TOPIC
from minikafka.protocol.client_requests import ProducePartition, ProduceRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader, read_header
from minikafka.protocol.transaction_requests import TxnOffsetCommitRequest, TxnOffsetCommitResponse

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker


async def refusals(broker: Broker, request: ProduceRequest) -> dict[tuple, KafkaError]:
    """The rows of a request that may not be appended, with the reason."""
    found: dict[tuple, KafkaError] = {}
    for row in request.partitions:
        header = _header(row)
        if header is None or not header.is_transactional:
            continue
        try:
            await _verify(broker, request.transactional_id, header.producer_id, header.producer_epoch, row[:2])
        except KafkaError as refusal:
            found[row[:2]] = refusal
    return found


def _header(row: ProducePartition) -> BatchHeader | None:
    """The batch's header, if it can be read; what is wrong with it is the log's business."""
    try:
        return read_header(row.records)
    except KafkaError:
        return None


async def _verify(
    broker: Broker, transactional_id: str | None, producer_id: int, producer_epoch: int, where: tuple
) -> None:
    if not transactional_id:
        raise KafkaError(
            Error.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            f"a transactional batch for {TopicPartition(*where)} came without a transactional id: set transactional.id",
        )
    partition = broker.partitions.get(where)
    entry = None if partition is None else partition.log.producers.entries.get(producer_id)
    is_open = entry is not None and producer_epoch == entry.epoch and entry.open_since >= 0
    if is_open or (entry is not None and producer_epoch < entry.epoch):
        return  # it is known to be in time; or too late, which the log itself knows
    await broker.transactions.verify(transactional_id, (producer_id, producer_epoch), TopicPartition(*where))


async def commit_offsets_in_transaction(
    broker: Broker, request: TxnOffsetCommitRequest, caller: str
) -> TxnOffsetCommitResponse:
    """TxnOffsetCommit: the group's coordinator asks the transaction's, as any leader does, before it writes."""
    groups = broker.offsets_topic.groups
    try:
        where = broker.transactions.offsets_partition(request.group_id)
        if where is None or broker.partitions.get(where) is None:
            raise KafkaError(Error.NOT_COORDINATOR, f"this broker has no partition of {OFFSETS_TOPIC} for the group")
        await _verify(broker, request.transactional_id, request.producer_id, request.producer_epoch, where)
    except KafkaError as refusal:
        return groups.refuse_transactional(request, _as_seen_by_members(refusal))
    return await groups.commit_in_transaction(request, caller)


def _as_seen_by_members(refusal: KafkaError) -> KafkaError:
    """What may pass comes as COORDINATOR_NOT_AVAILABLE, as it does for any commit."""
    if refusal.error == Error.NOT_ENOUGH_REPLICAS:
        return KafkaError(Error.COORDINATOR_NOT_AVAILABLE, refusal.sentence)
    return refusal
