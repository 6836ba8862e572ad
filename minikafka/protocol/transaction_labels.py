"""What the messages of transactions are called on the stage.

Promises     every request and response of `transaction_requests` has a label.
Stands for   nothing in Kafka: its request log prints the whole message.
Left out     contents beyond counts, outcomes and errors.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from minikafka.protocol import transaction_requests as txn
from minikafka.protocol.errors import Error


def _first_error(rows: Iterable) -> str:
    return next((Error(row.error).name for row in rows if row.error), "")


def _rows(words: str, rows: str) -> Callable[[Any], str]:
    return lambda response: _first_error(getattr(response, rows)) or words


def _whole(words: str) -> Callable[[Any], str]:
    return lambda response: Error(response.error).name if response.error else words


def _add(request: txn.AddPartitionsToTxnRequest) -> str:
    named = [f"{row.topic}-{row.partition}" for row in request.partitions]
    which = named[0] if len(named) == 1 else f"{len(named)} partitions"
    return f"is {which} in the transaction?" if request.verify_only else f"add {which}"


def _markers(request: txn.WriteTxnMarkersRequest) -> str:
    return f"marker: {'COMMIT' if request.markers[0].committed else 'ABORT'}" if request.markers else "no marker"


def _marked(response: txn.WriteTxnMarkersResponse) -> str:
    return _first_error(row for marker in response.markers for row in marker.partitions) or "marked"


TRANSACTION_LABELS: dict[type, Callable[[Any], str]] = {
    txn.AddPartitionsToTxnRequest: _add,
    txn.AddPartitionsToTxnResponse: _rows("in the transaction", "partitions"),
    txn.AddOffsetsToTxnRequest: lambda request: f"add offsets of {request.group_id}",
    txn.AddOffsetsToTxnResponse: _whole("in the transaction"),
    txn.EndTxnRequest: lambda request: "commit" if request.committed else "abort",
    txn.EndTxnResponse: _whole("decided"),
    txn.WriteTxnMarkersRequest: _markers,
    txn.WriteTxnMarkersResponse: _marked,
    txn.TxnOffsetCommitRequest: lambda request: f"offsets of {request.group_id}, if committed",
    txn.TxnOffsetCommitResponse: _rows("pending", "partitions"),
    txn.DescribeProducersRequest: lambda request: "who writes?",
    txn.DescribeProducersResponse: _rows("producers", "partitions"),
    txn.DescribeTransactionsRequest: lambda request: "describe transactions",
    txn.DescribeTransactionsResponse: _rows("transactions", "transactions"),
    txn.ListTransactionsRequest: lambda request: "list transactions",
    txn.ListTransactionsResponse: _whole("transactions"),
}
"""By the class of the message."""
