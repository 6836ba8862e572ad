"""The transactions of one partition of `__transaction_state`, while this broker leads it.

Promises     a change is decided, recorded, and true only when it is replicated; meanwhile nothing else is decided for
             the same transactional id. Once closed it changes nothing more.
Stands for   TransactionStateManager: appendTransactionToLog, the cache of one partition; TransactionMetadata's
             pending state.
Left out     -
Differs      as with groups, a new coordinator answers only when what it has read is replicated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minikafka.coordinator.shard import ACTIVE, AS_SEEN_BY_MEMBERS, CLOSED, LOADING, CoordinatorLog
from minikafka.coordinator.transaction_records import batch_of
from minikafka.coordinator.transaction_state import DEAD, Transaction
from minikafka.events.transactions import TransactionStateChanged
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import LeaderEpoch

__all__ = ["ACTIVE", "CLOSED", "LOADING", "TransactionShard"]


class TransactionShard:
    """`partition` of __transaction_state under `leader_epoch`, which is the coordinator's epoch, too."""

    def __init__(self, machine: Any, config: Mapping, log: CoordinatorLog, partition: int, leader_epoch: LeaderEpoch):
        self.machine = machine
        self.config = config
        self.log = log
        self.partition = partition
        self.leader_epoch = leader_epoch
        self.state = LOADING
        self.transactions: dict[str, Transaction] = {}
        self.pending: dict[str, Transaction] = {}

    @property
    def now_ms(self) -> int:
        """The time in ms, as it is recorded."""
        return self.machine.now // 1000

    def get(self, transactional_id: str) -> Transaction | None:
        """The transaction, None for an unknown id; CONCURRENT_TRANSACTIONS while a change of it is being recorded."""
        if transactional_id in self.pending:
            raise KafkaError(
                Error.CONCURRENT_TRANSACTIONS,
                f"{transactional_id} is becoming {self.pending[transactional_id].state}: ask again when it is recorded",
            )
        return self.transactions.get(transactional_id)

    async def change(self, new: Transaction, why: str) -> None:
        """Record it, wait until it is replicated, and let it be true. KafkaError: it is not true, and may be yet."""
        name = new.transactional_id
        self.get(name)
        self.pending[name] = new
        try:
            error = await self._recorded(new)
        finally:
            del self.pending[name]
        if self.state == CLOSED:
            raise KafkaError(Error.NOT_COORDINATOR, f"{name} has another coordinator by now: ask FindCoordinator who")
        if error:
            raise KafkaError(error, f"{name} could not become {new.state}: its record is not replicated (yet)")
        self.apply(new, why)

    async def _recorded(self, new: Transaction) -> Error:
        try:
            written = self.log.append(self.partition, self.leader_epoch, batch_of(new, self.machine.now))
        except KafkaError as refusal:
            return AS_SEEN_BY_MEMBERS.get(refusal.error, refusal.error)
        within = self.config.us("request.timeout.ms")
        error = await self.log.committed(self.partition, self.leader_epoch, written.end_offset, within)
        return AS_SEEN_BY_MEMBERS.get(error, error)

    def apply(self, new: Transaction, why: str) -> None:
        """Let a recorded change be true."""
        name = new.transactional_id
        old = self.transactions.get(name)
        if new.state == DEAD:
            self.transactions.pop(name, None)
        else:
            self.transactions[name] = new
        self.machine.record(TransactionStateChanged(name, *new.identity, old.state if old else "", new.state,
                                                    new.partitions, why))  # fmt: skip
