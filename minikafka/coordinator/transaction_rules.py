"""What a transaction coordinator decides: who may ask for what, and what becomes of the transaction.

Promises     each function returns the transaction as it shall be recorded, or raises the error for the one who asked;
             nothing is changed by either.
Stands for   TransactionCoordinator: handleInitProducerId, handleAddPartitionsToTransaction, endTransaction.
Left out     InitProducerId by a producer that names its former id (KIP-360): with an epoch for each transaction it
             has no use.
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minikafka.coordinator import transaction_state as states
from minikafka.coordinator.transaction_state import Transaction
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition


def check_new(transactional_id: object, timeout_ms: int, config: Mapping) -> None:
    """INVALID_REQUEST or INVALID_TRANSACTION_TIMEOUT for what no producer may ask."""
    if not isinstance(transactional_id, str) or not transactional_id:
        raise KafkaError(Error.INVALID_REQUEST, "the transactional id is empty: set transactional.id")
    most = config["transaction.max.timeout.ms"]
    if not 0 < timeout_ms <= most:
        raise KafkaError(
            Error.INVALID_TRANSACTION_TIMEOUT,
            f"transaction.timeout.ms={timeout_ms} is not possible here: set it from 1 to "
            f"transaction.max.timeout.ms={most}",
        )


def needs_new_id(transaction: Transaction | None) -> bool:
    """Whether the next change of identity takes a new producer id."""
    return transaction is None or transaction.exhausted


def initialised(
    transaction: Transaction | None, transactional_id: str, timeout_ms: int, new_id: int, now: int
) -> Transaction:
    """For a new instance of the producer: the next epoch. If a transaction is open it is aborted first, and the
    instance has to ask again; CONCURRENT_TRANSACTIONS while one is being ended. `now` in ms."""
    if transaction is None:
        return Transaction(transactional_id, new_id, 0, timeout_ms, states.EMPTY, (), -1, now)
    if transaction.state in states.DECIDED:
        raise _concurrent(transaction)
    if transaction.state == states.ONGOING:
        return fenced(transaction, now)
    identity = (new_id, 0) if transaction.exhausted else (transaction.producer_id, transaction.producer_epoch + 1)
    return transaction.moved(states.INIT, now, producer_id=identity[0], producer_epoch=identity[1], partitions=(),
                             timeout_ms=timeout_ms, started_at=-1, ended_by=(-1, -1))  # fmt: skip


def fenced(transaction: Transaction, now: int) -> Transaction:
    """An open transaction is aborted by somebody else than its producer: the producer is fenced by a new epoch."""
    return transaction.moved(states.FENCE, now, producer_epoch=transaction.producer_epoch + 1, ended_by=(-1, -1))


def require_producer(transaction: Transaction | None, who: str, identity: tuple[int, int]) -> Transaction:
    """The transaction, if the one who asks may; INVALID_PRODUCER_ID_MAPPING or PRODUCER_FENCED."""
    if transaction is None or transaction.producer_id != identity[0]:
        raise KafkaError(
            Error.INVALID_PRODUCER_ID_MAPPING,
            f"producer id {identity[0]} does not belong to the transactional id {who}: call init_transactions first",
        )
    if transaction.producer_epoch != identity[1]:
        raise KafkaError(
            Error.PRODUCER_FENCED,
            f"{who} has the epoch {transaction.producer_epoch} by now, and {identity[1]} was named: a newer producer "
            "with this transactional id has begun, or the transaction timed out; close this producer",
        )
    return transaction


def with_partitions(
    transaction: Transaction | None, who: str, identity: tuple[int, int], added: Iterable[TopicPartition], now: int
) -> Transaction | None:
    """The transaction with these partitions; None if it has them already. CONCURRENT_TRANSACTIONS while the one
    before is being ended."""
    found = require_producer(transaction, who, identity)
    if found.state in states.DECIDED:
        raise _concurrent(found)
    if found.state == states.ONGOING:
        new = [partition for partition in added if partition not in found.partitions]
        return found.moved(states.ADD, now, partitions=tuple(sorted((*found.partitions, *new)))) if new else None
    partitions = tuple(sorted(dict.fromkeys(added)))
    return found.moved(states.ADD, now, partitions=partitions, started_at=now, ended_by=(-1, -1))


def require_partition(
    transaction: Transaction | None, who: str, identity: tuple[int, int], partition: TopicPartition
) -> None:
    """Return if the open transaction has the partition; INVALID_TXN_STATE if not. (KIP-890: before a leader takes the
    first batch of a transaction it asks.)"""
    found = require_producer(transaction, who, identity)
    if found.state in states.DECIDED:
        raise _concurrent(found)
    if found.state != states.ONGOING or partition not in found.partitions:
        raise KafkaError(
            Error.INVALID_TXN_STATE,
            f"{partition} is in no open transaction of {who}, which is {found.state}: add it before you write to it",
        )


def ended(
    transaction: Transaction | None, who: str, identity: tuple[int, int], commit: bool, new_id: int, now: int
) -> Transaction | None:
    """The transaction with the decision, and the next epoch; None if the producer repeats what was done already."""
    if transaction is not None and transaction.ended_by == identity:
        return _repeated(transaction, commit)
    found = require_producer(transaction, who, identity)
    if found.state in states.DECIDED:
        raise _concurrent(found)
    started = found.started_at if found.state == states.ONGOING else now
    partitions = found.partitions if found.state == states.ONGOING else ()
    verb = states.COMMIT if commit else states.ABORT
    return found.moved(verb, now, producer_epoch=found.producer_epoch + 1, partitions=partitions, started_at=started,
                       ended_by=identity, next_producer_id=new_id if found.exhausted else -1)  # fmt: skip


def _repeated(transaction: Transaction, commit: bool) -> None:
    outcomes = {states.COMPLETE_COMMIT: True, states.COMPLETE_ABORT: False, **states.DECIDED}
    if outcomes.get(transaction.state, commit) != commit:
        raise KafkaError(
            Error.INVALID_TXN_STATE,
            f"the transaction of {transaction.transactional_id} is {transaction.state}: it was asked to "
            f"{'abort' if commit else 'commit'} before, and that stands",
        )
    if transaction.state in states.DECIDED:
        raise _concurrent(transaction)


def completed(transaction: Transaction, now: int) -> Transaction:
    """All markers are written."""
    producer_id, producer_epoch = transaction.identity_after
    return transaction.moved(states.COMPLETE, now, producer_id=producer_id, producer_epoch=producer_epoch,
                             partitions=(), next_producer_id=-1)  # fmt: skip


def timed_out(transaction: Transaction, now: int) -> bool:
    """Whether an open transaction has lasted for longer than its producer said. `now` in ms."""
    return transaction.state == states.ONGOING and now >= transaction.started_at + transaction.timeout_ms


def unused(transaction: Transaction, now: int, expiration_ms: int) -> bool:
    """Whether nobody has needed the transactional id for transactional.id.expiration.ms. `now` in ms."""
    return (transaction.state, states.EXPIRE) in states.MOVES and now >= transaction.updated_at + expiration_ms


def _concurrent(transaction: Transaction) -> KafkaError:
    return KafkaError(
        Error.CONCURRENT_TRANSACTIONS,
        f"the last transaction of {transaction.transactional_id} is {transaction.state}: ask again when its markers "
        "are written",
    )
