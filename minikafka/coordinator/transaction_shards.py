"""The partitions of `__transaction_state` that a broker coordinates: taken over by reading the log, given up at once.

Promises     while a partition is being read its transactions answer COORDINATOR_LOAD_IN_PROGRESS, and after it was
             given up NOT_COORDINATOR. What was decided before and is not complete is carried on.
Stands for   TransactionStateManager: loadTransactionsForTxnTopicPartition, removeTransactionsForTxnTopicPartition.
Left out     -
Differs      reading takes a time that follows from the bytes, as with groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikafka.coordinator.group_partition import partition_for
from minikafka.coordinator.shard import CoordinatorLog
from minikafka.coordinator.shards import LOOK_AGAIN, READ_BEGINS, READ_RATE
from minikafka.coordinator.transaction_records import STATE_TOPIC, transaction_of
from minikafka.coordinator.transaction_shard import ACTIVE, CLOSED, LOADING, TransactionShard
from minikafka.events.transactions import TransactionsGivenUp, TransactionsLoaded, TransactionsLoading
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import LeaderEpoch
from minikafka.protocol.records import Record

Reader = Callable[[int], tuple[list[Record], int, int]]
"""For a partition: its records, their size in bytes, and the offset after the last."""


class TransactionShards:
    """`partitions` is how many __transaction_state has (0: it does not exist yet). `resume(shard)` is called for each
    one that has been read."""

    def __init__(self, machine: Any, config: Mapping, log: CoordinatorLog, read: Reader,
                 resume: Callable[[TransactionShard], None]):  # fmt: skip
        self.machine = machine
        self.config = config
        self.log = log
        self.partitions = 0
        self.led: dict[int, TransactionShard] = {}
        self._read = read
        self._resume = resume

    def of(self, transactional_id: str) -> TransactionShard:
        """The shard of an id; INVALID_REQUEST, NOT_COORDINATOR or COORDINATOR_LOAD_IN_PROGRESS if there is none."""
        if not isinstance(transactional_id, str) or not transactional_id:
            raise KafkaError(Error.INVALID_REQUEST, "the transactional id is empty: set transactional.id")
        number = partition_for(transactional_id, self.partitions) if self.partitions else -1
        shard = self.led.get(number)
        if shard is None:
            raise KafkaError(
                Error.NOT_COORDINATOR, f"this broker does not coordinate {transactional_id}: ask FindCoordinator"
            )
        if shard.state == LOADING:
            raise KafkaError(
                Error.COORDINATOR_LOAD_IN_PROGRESS, f"{STATE_TOPIC}-{number} is being read: ask again in a moment"
            )
        return shard

    def active(self) -> list[TransactionShard]:
        """The shards that have been read."""
        return [shard for shard in self.led.values() if shard.state == ACTIVE]

    def follow(self, led: Mapping[int, LeaderEpoch], partitions: int) -> None:
        """This broker leads these partitions (with their leader epochs) of so many, and no others."""
        self.partitions = partitions
        for number in [number for number, shard in self.led.items() if led.get(number) != shard.leader_epoch]:
            self._give_up(self.led.pop(number))
        for number, leader_epoch in led.items():
            if number not in self.led:
                shard = TransactionShard(self.machine, self.config, self.log, number, leader_epoch)
                self.led[number] = shard
                self.machine.spawn(self._load(shard), f"reading {STATE_TOPIC}-{number}")

    async def _load(self, shard: TransactionShard) -> None:
        self.machine.record(TransactionsLoading(shard.partition, shard.leader_epoch))
        records, size, end = self._read(shard.partition)
        await self.machine.sleep(READ_BEGINS + size // READ_RATE)
        while shard.state == LOADING and self.log.high_watermark(shard.partition) < end:
            await self.machine.sleep(LOOK_AGAIN)
        if shard.state != LOADING:
            return
        for name, transaction in map(transaction_of, records):
            shard.transactions.pop(name, None)
            if transaction is not None:
                shard.transactions[name] = transaction
        shard.state = ACTIVE
        states = tuple((name, transaction.state) for name, transaction in shard.transactions.items())
        self.machine.record(TransactionsLoaded(shard.partition, shard.leader_epoch, states))
        self._resume(shard)

    def _give_up(self, shard: TransactionShard) -> None:
        was, shard.state = shard.state, CLOSED
        if was == ACTIVE:
            told = TransactionsGivenUp(shard.partition, shard.leader_epoch, tuple(shard.transactions))
            self.machine.record(told)
