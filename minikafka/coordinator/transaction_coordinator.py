"""The transaction coordinator of a broker: requests in, answers out.

Promises     every request is answered: by a decision (see `transaction_rules`) once it is replicated, or with an
             error and nothing changed. What is decided is carried out by `transaction_markers`, whatever happens.
Stands for   kafka.coordinator.transaction.TransactionCoordinator.
Left out     metrics.
Differs      partitions are added by the producer before it writes, as with transaction.version=1; the epoch changes
             with each transaction, as with version 2, where the leader adds them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from minikafka.coordinator import transaction_rules as rules
from minikafka.coordinator.shard import CoordinatorLog
from minikafka.coordinator.transaction_markers import Markers
from minikafka.coordinator.transaction_shard import TransactionShard
from minikafka.coordinator.transaction_shards import Reader, TransactionShards
from minikafka.coordinator.transaction_state import DECIDED, EXPIRE, Transaction
from minikafka.events.transactions import TransactionRequestRefused
from minikafka.protocol import transaction_requests as api
from minikafka.protocol.client_requests import InitProducerIdRequest, InitProducerIdResponse
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition

NOBODY = (-1, -1)


class TransactionCoordinator:
    """`new_id()` gives a fresh producer id, -1 if none is to be had; `offsets_partition(group)` is where a group
    commits."""

    def __init__(self, machine: Any, config: Mapping, log: CoordinatorLog, read: Reader, markers: Markers,
                 new_id: Callable[[], Awaitable[int]],
                 offsets_partition: Callable[[str], TopicPartition | None]):  # fmt: skip
        self.machine = machine
        self.config = config
        self.markers = markers
        self.shards = TransactionShards(machine, config, log, read, self._resume)
        self._new_id = new_id
        self._offsets_partition = offsets_partition

    def handlers(self) -> dict[type, Callable]:
        """Which request goes where; InitProducerId comes through the broker's producer ids."""
        return {
            api.AddPartitionsToTxnRequest: self.add_partitions,
            api.AddOffsetsToTxnRequest: self.add_offsets,
            api.EndTxnRequest: self.end,
            api.DescribeTransactionsRequest: self.describe,
            api.ListTransactionsRequest: self.list_transactions,
        }

    # -- requests -----------------------------------------------------------------------------------------------

    async def init_producer_id(self, request: InitProducerIdRequest, caller: str) -> InitProducerIdResponse:
        """InitProducerId with a transactional id."""
        who = request.transactional_id
        try:
            rules.check_new(who, request.transaction_timeout_ms, self.config)
            new_id = await self._new_id_if(self.shards.of(who).get(who))
            shard = self.shards.of(who)
            new = rules.initialised(shard.get(who), who, request.transaction_timeout_ms, new_id, shard.now_ms)
            if new.state in DECIDED:
                await self._decide(shard, new, "a new producer with this transactional id has begun")
                why = f"{who} had a transaction open, which is being aborted: ask again when that is done"
                raise KafkaError(Error.CONCURRENT_TRANSACTIONS, why)
            await shard.change(new, "a producer has begun")
            return InitProducerIdResponse(Error.NONE, *new.identity)
        except KafkaError as refusal:
            return InitProducerIdResponse(self._refused(refusal, who, "init", NOBODY), *NOBODY)

    async def _new_id_if(self, transaction: Transaction | None) -> int:
        if not rules.needs_new_id(transaction):
            return -1
        new_id = await self._new_id()
        if new_id < 0:
            raise KafkaError(Error.COORDINATOR_LOAD_IN_PROGRESS, "there is no producer id to be had now: ask again")
        return new_id

    async def add_partitions(
        self, request: api.AddPartitionsToTxnRequest, caller: str
    ) -> api.AddPartitionsToTxnResponse:
        """AddPartitionsToTxn; with `verify_only` a leader asks whether its partition is in the transaction."""
        which = [TopicPartition(*row) for row in request.partitions]
        try:
            if request.verify_only:
                shard = self.shards.of(request.transactional_id)
                known = shard.transactions.get(request.transactional_id)
                for partition in which:
                    rules.require_partition(known, request.transactional_id, request[1:3], partition)
            else:
                await self._add(request, which)
            error = Error.NONE
        except KafkaError as refusal:
            words = "verify" if request.verify_only else "add partitions"
            error = self._refused(refusal, request.transactional_id, words, request[1:3])
        return api.AddPartitionsToTxnResponse([api.PartitionOutcome(*partition, error) for partition in which])

    async def add_offsets(self, request: api.AddOffsetsToTxnRequest, caller: str) -> api.AddOffsetsToTxnResponse:
        """AddOffsetsToTxn: adds the partition in which the group commits."""
        try:
            partition = self._offsets_partition(request.group_id) if request.group_id else None
            if not request.group_id:
                raise KafkaError(Error.INVALID_GROUP_ID, "the group id is empty: give the consumer's group_metadata()")
            if partition is None:
                raise KafkaError(Error.COORDINATOR_NOT_AVAILABLE, "there are no groups yet: ask again")
            await self._add(request, [partition])
            error = Error.NONE
        except KafkaError as refusal:
            error = self._refused(refusal, request.transactional_id, "add offsets", request[1:3])
        return api.AddOffsetsToTxnResponse(error)

    async def _add(self, request: Any, partitions: list[TopicPartition]) -> None:
        who = request.transactional_id
        shard = self.shards.of(who)
        new = rules.with_partitions(shard.get(who), who, request[1:3], partitions, shard.now_ms)
        if new is not None:
            await shard.change(new, "it will write there")

    async def end(self, request: api.EndTxnRequest, caller: str) -> api.EndTxnResponse:
        """EndTxn: answered when the decision is replicated; the markers follow."""
        who, identity = request.transactional_id, request[1:3]
        words = "commit" if request.committed else "abort"
        try:
            known = self.shards.of(who).get(who)
            new_id = await self._new_id_if(known) if known is not None else -1
            shard = self.shards.of(who)
            known = shard.get(who)
            new = rules.ended(known, who, identity, request.committed, new_id, shard.now_ms)
            if new is not None:
                await self._decide(shard, new, f"its producer wants to {words}")
            return api.EndTxnResponse(Error.NONE, *(new or known).identity_after)
        except KafkaError as refusal:
            return api.EndTxnResponse(self._refused(refusal, who, words, identity), *NOBODY)

    async def describe(self, request: api.DescribeTransactionsRequest, caller: str) -> api.DescribeTransactionsResponse:
        """DescribeTransactions."""
        rows = []
        for who in request.transactional_ids:
            try:
                found = self.shards.of(who).transactions.get(who)
                if found is None:
                    raise KafkaError(Error.TRANSACTIONAL_ID_NOT_FOUND, f"the transactional id {who} is not known")
                rows.append(api.DescribedTransaction(who, Error.NONE, found.state, *found.identity, found.timeout_ms,
                                                     found.started_at, list(found.partitions)))  # fmt: skip
            except KafkaError as refusal:
                rows.append(api.DescribedTransaction(who, refusal.error, "", -1, -1, -1, -1, []))
        return api.DescribeTransactionsResponse(rows)

    async def list_transactions(
        self, request: api.ListTransactionsRequest, caller: str
    ) -> api.ListTransactionsResponse:
        """ListTransactions: those of this broker."""
        active = self.shards.active()
        error = Error.NONE if len(active) == len(self.shards.led) else Error.COORDINATOR_LOAD_IN_PROGRESS
        rows = [
            api.ListedTransaction(who, found.producer_id, found.state)
            for shard in active for who, found in shard.transactions.items()
            if (not request.states or found.state in request.states)
            and (not request.producer_ids or found.producer_id in request.producer_ids)
        ]  # fmt: skip
        return api.ListTransactionsResponse(error, rows)

    def _refused(self, refusal: KafkaError, who: Any, request: str, identity: tuple) -> Error:
        told = TransactionRequestRefused(str(who), request, *identity, refusal.error.name, refusal.sentence)
        self.machine.record(told)
        return refusal.error

    # -- decisions ----------------------------------------------------------------------------------------------

    async def _decide(self, shard: TransactionShard, new: Transaction, why: str) -> None:
        await shard.change(new, why)
        self.markers.begin(shard, new)

    def _resume(self, shard: TransactionShard) -> None:
        for transaction in shard.transactions.values():
            if transaction.state in DECIDED:
                self.markers.begin(shard, transaction)

    # -- from time to time --------------------------------------------------------------------------------------

    def abort_timed_out(self) -> None:
        """Abort what has been open for longer than its producer's transaction.timeout.ms, and fence the producer."""
        self._for_all(rules.timed_out, self._abort_timed_out, "timeout")

    def forget_unused(self) -> None:
        """Forget the ids that nobody has used for transactional.id.expiration.ms."""
        expiration = self.config["transactional.id.expiration.ms"]
        self._for_all(lambda transaction, now: rules.unused(transaction, now, expiration), self._forget, "expiry")

    async def _abort_timed_out(self, shard: TransactionShard, transaction: Transaction) -> None:
        why = f"it was open for longer than transaction.timeout.ms={transaction.timeout_ms}"
        await self._decide(shard, rules.fenced(transaction, shard.now_ms), why)

    async def _forget(self, shard: TransactionShard, transaction: Transaction) -> None:
        why = "nobody has used it for transactional.id.expiration.ms"
        await shard.change(transaction.moved(EXPIRE, shard.now_ms), why)

    def _for_all(self, due: Callable[[Transaction, int], bool], deed: Callable, what: str) -> None:
        """Do it to every transaction for which it is due; what cannot be recorded now is tried at the next look."""

        async def do(shard: TransactionShard, who: str) -> None:
            try:
                transaction = shard.get(who)
                if transaction is not None and due(transaction, shard.now_ms):
                    await deed(shard, transaction)
            except KafkaError as refusal:
                self._refused(refusal, who, what, NOBODY)

        for shard in self.shards.active():
            for who, transaction in shard.transactions.items():
                if due(transaction, shard.now_ms):
                    self.machine.spawn(do(shard, who), f"{what} of {who}")
