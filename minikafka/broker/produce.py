"""Produce: append, then answer when the promise that was asked for (`acks`) is kept.

Promises     acks=1 is answered when the leader has the batch; acks=all when the high watermark has passed it and
             enough replicas are in sync; an error after the append says nothing about whether the batch will survive.
Stands for   KafkaApis.handleProduceRequest, ReplicaManager.appendRecords, DelayedProduce.
Left out     quotas.
Differs      an idempotent duplicate waits for the high watermark like the batch it repeats (so does Kafka's, by its
             code).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker import purgatory, verification
from minikafka.broker.noticeboard import COMMITTED, IN_SYNC, REIGN
from minikafka.broker.partition import Partition
from minikafka.coordinator.group_partition import OFFSETS_TOPIC
from minikafka.coordinator.transaction_records import STATE_TOPIC
from minikafka.events.replication import ProduceRefused
from minikafka.log.partition_log import Appended
from minikafka.protocol.client_requests import ProducedPartition, ProducePartition, ProduceRequest, ProduceResponse
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import NO_EPOCH, NO_LEADER, TopicPartition
from minikafka.world.network import Disconnected

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

ALL = -1
NO_ACK = 0

AFTER_APPEND = {
    Error.NOT_LEADER_OR_FOLLOWER: "the leadership was lost while the batch waited to be committed; it may survive",
    Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND: "the batch is committed, but on fewer replicas than min.insync.replicas",
    Error.REQUEST_TIMED_OUT: "the batch was not committed in time; it is written, and may be committed yet",
}


class Writing:
    """One batch of a request on its way. `error` is None as long as it waits to be committed."""

    __slots__ = ("row", "partition", "appended", "error", "why")

    def __init__(self, row: ProducePartition):
        self.row = row
        self.partition: Partition | None = None
        self.appended: Appended | None = None
        self.error: Error | None = None
        self.why: str | None = None

    def refuse(self, error: Error, why: str) -> None:
        """This batch gets an error."""
        self.error, self.why = error, why

    def settled(self) -> bool:
        """Whether the answer is known; once it is, it stays."""
        if self.error is None:
            self.error = acked(self.partition, self.appended.last_offset + 1)
            self.why = AFTER_APPEND.get(self.error)
        return self.error is not None


async def produce(broker: Broker, request: ProduceRequest, caller: str) -> ProduceResponse | None:
    """Append every batch of the request, wait as `acks` demands, answer; with acks=0 there is no answer."""
    unverified = await verification.refusals(broker, request)
    writings = [append(broker, request.acks, row, unverified.get(row[:2])) for row in request.partitions]
    if request.acks == ALL:
        waiting = [writing for writing in writings if writing.error is None]
        if waiting:
            await until_settled(broker, waiting, request.timeout_ms * 1000)
    refused = [writing for writing in writings if writing.error]
    for writing in refused:
        which = TopicPartition(writing.row.topic, writing.row.partition)
        broker.machine.record(ProduceRefused(which, writing.error.name, writing.why or "", request.acks))
    if request.acks == NO_ACK:
        if refused:
            raise Disconnected(f"a batch sent with acks=0 was refused with {refused[0].error.name}: {refused[0].why}")
        return None
    return ProduceResponse([answer(broker, writing) for writing in writings])


def append(broker: Broker, acks: int, row: ProducePartition, unverified: KafkaError | None = None) -> Writing:
    """Append one batch, or note why not; `unverified` is what its transaction's coordinator has against it."""
    writing = Writing(row)
    try:
        if unverified is not None:
            raise unverified
        if acks not in (ALL, NO_ACK, 1):
            raise KafkaError(Error.INVALID_REQUIRED_ACKS, f"acks={acks} is not possible; use 0, 1 or -1 (all)")
        require_public(row.topic)
        writing.partition = partition = broker.replicas.find(row.topic, row.partition)
        partition.require_leader()
        require_in_sync(partition, acks)
        writing.appended = partition.append(row.records, broker.machine.now)
        if acks != ALL:
            writing.error = Error.NONE
    except KafkaError as refusal:
        writing.refuse(refusal.error, refusal.sentence)
    return writing


def require_public(topic: str) -> None:
    """INVALID_TOPIC_EXCEPTION for the logs of groups and transactions: only their coordinators write there."""
    if topic == OFFSETS_TOPIC:
        raise KafkaError(
            Error.INVALID_TOPIC_EXCEPTION,
            f"{topic} belongs to the group coordinator: commit through a consumer or an admin client instead",
        )
    if topic == STATE_TOPIC:
        raise KafkaError(
            Error.INVALID_TOPIC_EXCEPTION,
            f"{topic} belongs to the transaction coordinator: use a producer with a transactional.id instead",
        )


def require_in_sync(partition: Partition, acks: int) -> None:
    """NOT_ENOUGH_REPLICAS for acks=all while fewer than the effective minimum are in sync: nothing is written."""
    isr = partition.isr_state.isr
    if acks == ALL and len(isr) < partition.min_isr:
        raise KafkaError(
            Error.NOT_ENOUGH_REPLICAS,
            f"{partition.tp} has the ISR {list(isr)}, and acks=all needs {partition.min_isr} (min.insync.replicas); "
            "wait until replicas have caught up again",
        )


def acked(partition: Partition, required_offset: int) -> Error | None:
    """What acks=all may answer for a batch that ends before `required_offset`; None while it has to wait."""
    if not partition.is_leader:
        return Error.NOT_LEADER_OR_FOLLOWER
    if partition.high_watermark < required_offset:
        return None
    if len(partition.isr_state.maximal_isr) < partition.min_isr:
        return Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    return Error.NONE


async def until_settled(broker: Broker, waiting: list[Writing], timeout: int) -> None:
    """Wait until each batch is committed or never will be here; what is still open after `timeout` µs has timed out."""
    heeds = COMMITTED | IN_SYNC | REIGN
    for writing in await purgatory.until_all_settled(broker.machine, waiting, heeds, timeout):
        writing.refuse(Error.REQUEST_TIMED_OUT, AFTER_APPEND[Error.REQUEST_TIMED_OUT])


def answer(broker: Broker, writing: Writing) -> ProducedPartition:
    """The row of the response for one batch; with NOT_LEADER_OR_FOLLOWER it names the leader (KIP-951)."""
    row = writing.row
    if not writing.error:
        start, appended = writing.partition.log.log_start_offset, writing.appended
        return ProducedPartition(row.topic, row.partition, Error.NONE, appended.base_offset, appended.log_append_time,
                                 start, NO_LEADER, NO_EPOCH, None)  # fmt: skip
    leader = leader_epoch = NO_LEADER
    if writing.error == Error.NOT_LEADER_OR_FOLLOWER:
        leader, leader_epoch = broker.replicas.current_leader(row.topic, row.partition)
    return ProducedPartition(row.topic, row.partition, writing.error, -1, -1, -1, leader, leader_epoch, writing.why)
