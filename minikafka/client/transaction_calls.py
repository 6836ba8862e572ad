"""The calls of a producer that have to do with transactions.

Promises     with a transactional.id records are taken only between begin_transaction and its commit or abort; a commit
             returns when it is decided, with all that was sent; after an abort nothing of it is ever seen by those who
             read committed records.
Stands for   the transactional calls of org.apache.kafka.clients.producer.KafkaProducer.
Left out     -
Differs      `send` outside of a transaction raises at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikafka.client.group_consumer import offset_rows
from minikafka.client.group_metadata import ConsumerGroupMetadata
from minikafka.client.receipt import Receipt
from minikafka.client.transaction_manager import IN_TRANSACTION, Transactions, aborted
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import OffsetToCommit
from minikafka.protocol.names import TopicPartition


class TransactionCalls:
    """Mixed into `Producer`, which has `name`, `transactions` and `_sender`."""

    transactions: Transactions | None

    def _transactional(self, verb: str) -> Transactions:
        if self.transactions is None:
            raise KafkaError(
                Error.INVALID_TXN_STATE, f"{self.name} has no transactions and cannot {verb}: set transactional.id"
            )
        return self.transactions

    async def init_transactions(self) -> None:
        """Take the transactional id over: an earlier producer of it is fenced, and what it has left open is aborted.

        TimeoutException: not known yet, call it again. INVALID_TRANSACTION_TIMEOUT and others are fatal.
        """
        await self._transactional("init_transactions").init()

    def begin_transaction(self) -> None:
        """What is sent from now on belongs together."""
        self._transactional("begin_transaction").begin()

    async def send_offsets_to_transaction(
        self, offsets: Mapping[TopicPartition, int | OffsetToCommit], group: ConsumerGroupMetadata
    ) -> None:
        """The group will have come so far if, and only if, the transaction commits (see `Consumer.group_metadata`)."""
        transactions = self._transactional("send_offsets_to_transaction")
        numbers = {one: value for one, value in offsets.items() if not isinstance(value, OffsetToCommit)}
        rows = [*offset_rows(numbers).values(), *(row for row in offsets.values() if isinstance(row, OffsetToCommit))]
        if rows:
            await transactions.send_offsets(rows, group)
        else:
            transactions.require_open("send offsets")

    async def commit_transaction(self) -> None:
        """Send what is left, and commit. TimeoutException: not decided yet as far as we know, call it again."""
        transactions = self._transactional("commit_transaction")
        transactions.move("commit")
        await self.flush()
        if transactions.error is not None:
            raise transactions.refusal("commit")
        await transactions.end(True)

    async def abort_transaction(self) -> None:
        """Give up what has not been sent, and let the rest be void. TimeoutException: call it again."""
        transactions = self._transactional("abort_transaction")
        transactions.move("abort")
        self._fail_blocked(aborted(self.name))
        self._sender.wake()
        await self.flush()
        await transactions.end(False)

    async def _abort_before_closing(self) -> None:
        """A producer that is closed in the middle of a transaction aborts it."""
        if self.transactions is not None and self.transactions.state == IN_TRANSACTION:
            try:
                await self.abort_transaction()
            except KafkaError:
                pass  # the coordinator will, when it times out


def transactional_send(send: Callable[..., Receipt], transactions: Transactions) -> Callable[..., Receipt]:
    """`send`, within a transaction only."""

    def send_in_transaction(topic: str, *record: Any, **more: Any) -> Receipt:
        transactions.require_open(f"send to {topic!r}")
        return send(topic, *record, **more)

    return send_in_transaction
