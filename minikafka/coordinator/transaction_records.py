"""The records of `__transaction_state`: one for each change of a transaction, under its transactional id.

Promises     what was packed comes out equal; a record without a value says that the transactional id is forgotten.
Stands for   TransactionLogKey and TransactionLogValue.
Left out     -
Differs      msgpack instead of Kafka's layout.
"""

from __future__ import annotations

import msgpack

from minikafka.coordinator.transaction_state import DEAD, Transaction
from minikafka.protocol.errors import CorruptRecordException
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import Record, build_batch

STATE_TOPIC = "__transaction_state"
"""The log of all transactions."""


def batch_of(transaction: Transaction, now: int) -> bytes:
    """The batch that says how it stands; a dead one is gone. `now` in µs."""
    value = None if transaction.state == DEAD else msgpack.packb(transaction[1:])
    return build_batch([(now // 1000, transaction.transactional_id.encode(), value, None)])


def transaction_of(record: Record) -> tuple[str, Transaction | None]:
    """The transactional id in a record, and its transaction (None: it is forgotten)."""
    try:
        name = record.key.decode()
        if record.value is None:
            return name, None
        fields = msgpack.unpackb(record.value, use_list=False)
        found = Transaction(name, *fields)
        return name, found._replace(partitions=tuple(TopicPartition(*one) for one in found.partitions))
    except (ValueError, TypeError, AttributeError, msgpack.UnpackException) as reason:
        raise CorruptRecordException(
            f"the record at offset {record.offset} of a partition of {STATE_TOPIC} is unreadable ({reason}); only the "
            "transaction coordinator may write there"
        ) from None
