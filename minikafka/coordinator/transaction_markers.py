"""From the decision to its end: markers to all partitions of a transaction, again and again until all have them.

Promises     each partition gets its marker from the coordinator in office, through every change of leaders; then, and
             only then, the transaction is recorded as complete. A deleted partition needs none.
Stands for   TransactionMarkerChannelManager, TransactionMarkerRequestCompletionHandler.
Left out     markers of several transactions in one request.
Differs      each transaction has a task of its own; Kafka has a queue for each broker.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from minikafka.coordinator import transaction_rules
from minikafka.coordinator.transaction_shard import ACTIVE, TransactionShard
from minikafka.coordinator.transaction_state import DECIDED, Transaction
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.transaction_requests import TransactionPartition, TxnMarker

TRANSACTION_VERSION = 2
"""A marker of ours has a newer epoch than the records it ends (KIP-890)."""

REST = 50_000
"""µs between two rounds, if a partition could not be reached or its leader refused."""

Send = Callable[[int, TxnMarker], Awaitable[Mapping[TopicPartition, Error] | None]]
"""Write a marker through a broker; an error (or NONE) for each partition, or nothing if nobody answered."""


class Markers:
    """`leader_of(partition)` is a broker, -1 if there is none at present, None if the partition does not exist."""

    def __init__(self, machine: Any, leader_of: Callable[[TopicPartition], int | None], send: Send):
        self.machine = machine
        self._leader_of = leader_of
        self._send = send

    def begin(self, shard: TransactionShard, transaction: Transaction) -> None:
        """Carry a decision out."""
        self.machine.spawn(self._carry_out(shard, transaction), f"markers of {transaction.transactional_id}")

    async def _carry_out(self, shard: TransactionShard, transaction: Transaction) -> None:
        missing = dict.fromkeys(transaction.partitions)
        while missing and _in_office(shard, transaction):
            tasks = [
                (partitions, self.machine.spawn(self._send(broker, _marker(shard, transaction, partitions)), "marker"))
                for broker, partitions in self._by_leader(missing).items()
            ]
            for partitions, task in tasks:
                answers = await task or {}
                for partition in partitions:
                    if answers.get(partition) == Error.NONE:
                        missing.pop(partition, None)
            if missing:
                await self.machine.sleep(REST)
        while _in_office(shard, transaction):
            try:
                done = transaction_rules.completed(transaction, shard.now_ms)
                await shard.change(done, "all its markers are written")
            except KafkaError:
                await self.machine.sleep(REST)

    def _by_leader(self, missing: dict[TopicPartition, None]) -> dict[int, list[TopicPartition]]:
        """The partitions that can be reached, by their leaders; those that are gone are crossed out."""
        found: dict[int, list[TopicPartition]] = {}
        for partition in list(missing):
            leader = self._leader_of(partition)
            if leader is None:
                del missing[partition]
            elif leader >= 0:
                found.setdefault(leader, []).append(partition)
        return found


def _in_office(shard: TransactionShard, transaction: Transaction) -> bool:
    """Whether this is still the coordinator, and the decision has not been carried out."""
    return shard.state == ACTIVE and shard.transactions.get(transaction.transactional_id) == transaction


def _marker(shard: TransactionShard, transaction: Transaction, partitions: list[TopicPartition]) -> TxnMarker:
    rows = [TransactionPartition(*partition) for partition in partitions]
    return TxnMarker(*transaction.identity, DECIDED[transaction.state], rows, shard.leader_epoch, TRANSACTION_VERSION)
