"""Which rights the requests of transactions need, and the answers to callers without them.

Promises     a transactional id may be used by those who may WRITE it, and described by those who may DESCRIBE it;
             markers come from brokers, or from those who may ALTER the cluster.
Stands for   the authorization of transactional requests in KafkaApis.
Left out     TWO_PHASE_COMMIT.
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.broker.access_desk import (
    Guard,
    Handler,
    Resource,
    allowed,
    cluster,
    cluster_wide,
    each,
    group_of,
    put_before,
    topic,
    whole,
    words_for,
)
from minikafka.broker.refusals import committed, produced
from minikafka.metadata.access import REFUSAL, Access
from minikafka.protocol import client_requests as client
from minikafka.protocol import transaction_requests as txn
from minikafka.protocol.access_rules import Operation, ResourceType
from minikafka.protocol.errors import Error

READ, WRITE, DESCRIBE = Operation.READ, Operation.WRITE, Operation.DESCRIBE
NOT_THIS_ONE = Error.OPERATION_NOT_ATTEMPTED


def _named(request: Any) -> Resource:
    return ResourceType.TRANSACTIONAL_ID, request.transactional_id


def _name(row: str) -> Resource:
    return ResourceType.TRANSACTIONAL_ID, row


def _every_partition(request: Any, error: Error) -> txn.AddPartitionsToTxnResponse:
    return txn.AddPartitionsToTxnResponse([txn.PartitionOutcome(*row[:2], error) for row in request.partitions])


def _every_offset(request: Any, error: Error) -> txn.TxnOffsetCommitResponse:
    return txn.TxnOffsetCommitResponse([committed(row, error) for row in request.partitions])


def _ended(request: Any, error: Error) -> txn.EndTxnResponse:
    return txn.EndTxnResponse(error, -1, -1)


def _no_marker(request: txn.WriteTxnMarkersRequest, error: Error) -> txn.WriteTxnMarkersResponse:
    rows = [(one, [txn.PartitionOutcome(*row, error) for row in one.partitions]) for one in request.markers]
    return txn.WriteTxnMarkersResponse([txn.WrittenMarker(one.producer_id, outcomes) for one, outcomes in rows])


def all_or_none(access: Access, handler: Handler) -> Handler:
    """WRITE on each topic; if one may not be written, none is added."""

    async def handle(request: txn.AddPartitionsToTxnRequest, caller: str) -> txn.AddPartitionsToTxnResponse:
        words, topics = words_for(request), dict.fromkeys(row.topic for row in request.partitions)
        shut = {topic: None for topic in topics
                if not access.allows(caller, words, WRITE, ResourceType.TOPIC, topic)}  # fmt: skip
        if not shut:
            return await handler(request, caller)
        refused = REFUSAL[ResourceType.TOPIC]
        return txn.AddPartitionsToTxnResponse([
            txn.PartitionOutcome(*row, refused if row.topic in shut else NOT_THIS_ONE) for row in request.partitions
        ])  # fmt: skip

    return handle


def listed(access: Access, handler: Handler) -> Handler:
    """DESCRIBE on each transactional id shows it; not a word of the others."""

    async def handle(request: txn.ListTransactionsRequest, caller: str) -> txn.ListTransactionsResponse:
        response = await handler(request, caller)
        named = [_name(row.transactional_id) for row in response.transactions]
        open_to = allowed(access, request, caller, DESCRIBE, named, tell=False)
        return response._replace(transactions=[row for row in response.transactions
                                               if _name(row.transactional_id) in open_to])  # fmt: skip

    return handle


def under_its_name(access: Access, handler: Handler) -> Handler:
    """A batch that comes under a transactional id needs WRITE on that."""
    guarded = whole(WRITE, _named, _not_produced)(access, handler)

    async def handle(request: client.ProduceRequest, caller: str) -> client.ProduceResponse | None:
        return await (handler if request.transactional_id is None else guarded)(request, caller)

    return handle


def _not_produced(request: client.ProduceRequest, error: Error) -> client.ProduceResponse:
    return client.ProduceResponse([produced(row, error) for row in request.partitions])


def _writing_all(access: Access, handler: Handler) -> Handler:
    """WRITE on the transactional id, then on every topic."""
    return put_before(access, (whole(WRITE, _named, _every_partition), all_or_none), handler)


TRANSACTION_PERMISSIONS: dict[type, tuple[Guard, ...]] = {
    txn.AddPartitionsToTxnRequest: (
        cluster_wide(Operation.CLUSTER_ACTION, _writing_all),),
    txn.AddOffsetsToTxnRequest: (
        whole(WRITE, _named, lambda request, error: txn.AddOffsetsToTxnResponse(error)),
        whole(READ, group_of, lambda request, error: txn.AddOffsetsToTxnResponse(error))),
    txn.EndTxnRequest: (whole(WRITE, _named, _ended),),
    txn.WriteTxnMarkersRequest: (
        cluster_wide(Operation.CLUSTER_ACTION, whole(Operation.ALTER, cluster, _no_marker)),),
    txn.TxnOffsetCommitRequest: (
        whole(WRITE, _named, _every_offset), whole(READ, group_of, _every_offset),
        each(READ, "partitions", topic, committed)),
    txn.DescribeProducersRequest: (
        each(READ, "partitions", topic, lambda row, error: txn.DescribedProducers(*row, error, [])),),
    txn.DescribeTransactionsRequest: (
        each(DESCRIBE, "transactional_ids", _name,
             lambda row, error: txn.DescribedTransaction(row, error, "", -1, -1, -1, -1, []),
             answers="transactions"),),
    txn.ListTransactionsRequest: (listed,),
}  # fmt: skip
"""By the kind of request: the guards that it has to pass."""
