"""What a transactional producer asks of its coordinator, and the coordinator of the partitions' leaders.

Promises     each request names its answer (`Response`); the writer is named by transactional id, producer id and epoch.
Stands for   AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, WriteTxnMarkers, TxnOffsetCommit, DescribeProducers,
             DescribeTransactions and ListTransactions.
Left out     several transactions in one AddPartitionsToTxn; of ListTransactions the filters by duration and by pattern.
Differs      partitions stand in one flat list of rows instead of under their topics. `transaction_version` of a marker
             is no field of Kafka 4.1.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.group_requests import CommittedPartition, OffsetToCommit

TRANSACTION = 1
"""The key type of FindCoordinator for a transactional id."""


class TransactionPartition(NamedTuple):
    """A partition by name."""

    topic: str
    partition: int


class PartitionOutcome(NamedTuple):
    """NONE, or why not, for one partition."""

    topic: str
    partition: int
    error: int


class AddPartitionsToTxnResponse(NamedTuple):
    """One answer for each partition; if one is refused, none is added."""

    partitions: list
    NESTED = {"partitions": PartitionOutcome}


class AddPartitionsToTxnRequest(NamedTuple):
    """The transaction will write there, too. A leader that only wants to know (`verify_only`) adds nothing."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    partitions: list
    verify_only: bool
    API = 24
    NESTED = {"partitions": TransactionPartition}
    Response = AddPartitionsToTxnResponse


class AddOffsetsToTxnResponse(NamedTuple):
    """NONE, or why not."""

    error: int


class AddOffsetsToTxnRequest(NamedTuple):
    """The transaction will commit offsets of this group."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    group_id: str
    API = 25
    Response = AddOffsetsToTxnResponse


class EndTxnResponse(NamedTuple):
    """With NONE it is decided; the producer writes on under this id and epoch."""

    error: int
    producer_id: int
    producer_epoch: int


class EndTxnRequest(NamedTuple):
    """Commit the transaction, or abort it."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    committed: bool
    API = 26
    Response = EndTxnResponse


class TxnMarker(NamedTuple):
    """How the transaction of a producer has ended, for these partitions."""

    producer_id: int
    producer_epoch: int
    committed: bool
    partitions: list
    coordinator_epoch: int
    transaction_version: int
    NESTED = {"partitions": TransactionPartition}


class WrittenMarker(NamedTuple):
    """One answer for each partition of a marker."""

    producer_id: int
    partitions: list
    NESTED = {"partitions": PartitionOutcome}


class WriteTxnMarkersResponse(NamedTuple):
    """One answer for each marker."""

    markers: list
    NESTED = {"markers": WrittenMarker}


class WriteTxnMarkersRequest(NamedTuple):
    """Write these ends of transactions into the logs."""

    markers: list
    API = 27
    NESTED = {"markers": TxnMarker}
    Response = WriteTxnMarkersResponse


class TxnOffsetCommitResponse(NamedTuple):
    """One answer for each partition."""

    partitions: list
    NESTED = {"partitions": CommittedPartition}


class TxnOffsetCommitRequest(NamedTuple):
    """Remember how far the group has come, once the transaction is committed."""

    transactional_id: str
    group_id: str
    producer_id: int
    producer_epoch: int
    generation: int
    member_id: str
    group_instance_id: str | None
    partitions: list
    API = 28
    NESTED = {"partitions": OffsetToCommit}
    Response = TxnOffsetCommitResponse


class ActiveProducer(NamedTuple):
    """A producer as a leader knows it; -1 for `transaction_start` if it has no open transaction there."""

    producer_id: int
    producer_epoch: int
    last_sequence: int
    last_timestamp: int
    coordinator_epoch: int
    transaction_start: int


class DescribedProducers(NamedTuple):
    """Who has written to a partition."""

    topic: str
    partition: int
    error: int
    producers: list
    NESTED = {"producers": ActiveProducer}


class DescribeProducersResponse(NamedTuple):
    """One answer for each partition."""

    partitions: list
    NESTED = {"partitions": DescribedProducers}


class DescribeProducersRequest(NamedTuple):
    """Who writes to these partitions, and whose transaction is open there?"""

    partitions: list
    API = 61
    NESTED = {"partitions": TransactionPartition}
    Response = DescribeProducersResponse


class DescribedTransaction(NamedTuple):
    """A transaction as its coordinator knows it; times in ms."""

    transactional_id: str
    error: int
    state: str
    producer_id: int
    producer_epoch: int
    timeout_ms: int
    started_at: int
    partitions: list
    NESTED = {"partitions": TransactionPartition}


class DescribeTransactionsResponse(NamedTuple):
    """One answer for each transactional id."""

    transactions: list
    NESTED = {"transactions": DescribedTransaction}


class DescribeTransactionsRequest(NamedTuple):
    """How do the transactions of these ids stand?"""

    transactional_ids: list
    API = 65
    Response = DescribeTransactionsResponse


class ListedTransaction(NamedTuple):
    """A transactional id of this coordinator, and how its transaction stands."""

    transactional_id: str
    producer_id: int
    state: str


class ListTransactionsResponse(NamedTuple):
    """The transactional ids that the answering broker coordinates."""

    error: int
    transactions: list
    NESTED = {"transactions": ListedTransaction}


class ListTransactionsRequest(NamedTuple):
    """Which do you coordinate? Only those in one of these states, and of one of these producers, if any are named."""

    states: list
    producer_ids: list
    API = 66
    Response = ListTransactionsResponse
