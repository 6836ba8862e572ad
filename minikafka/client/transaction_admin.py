"""An administrator of transactions: whose are open, and ending one that nobody else will end.

Promises     an open transaction is found where it does harm, at the leader of its partition; ending it by hand writes
             an ABORT marker into that one partition. One hangs if it has been open for long, and no coordinator knows
             that it is.
Stands for   kafka-transactions: list, describe-producers, describe, find-hanging, abort; Admin: listTransactions,
             describeProducers, describeTransactions, abortTransaction.
Left out     find-hanging for one broker or topic only.
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minikafka.client.coordinator_lookup import CoordinatorFinder, require_name, worst
from minikafka.protocol import transaction_requests as api
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.errors import Error, KafkaError, TimeoutException
from minikafka.protocol.names import TopicPartition

BY_HAND = 0
"""The transaction version of an administrator's marker: it has the epoch of the records that it ends."""

STATES = ("Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort")
"""How a transaction can stand, in its coordinator's words."""


class TransactionAdmin:
    """Mixed into `Admin`, which has `machine`, `metadata`, `_questions`, `_backoff`, `_timeout`, `_patience`, and what
    it asks of clusters, topics and brokers."""

    async def list_transactions(self, states: Iterable[str] = (), producers: Iterable[int] = ()) -> list:
        """What all brokers coordinate, sorted by id (see `ListedTransaction`); only those in one of these states, and
        of one of these producers, if any are named. INVALID_REQUEST for a state that there is not."""
        for state in (states := list(states)):
            if state not in STATES:
                why = f"{state!r} is no state of a transaction: take some of {', '.join(STATES)}"
                raise KafkaError(Error.INVALID_REQUEST, why)
        request = api.ListTransactionsRequest(states, list(producers))
        deadline, found = self.machine.now + self._patience, []
        for broker in (await self.describe_cluster()).brokers:
            found += (await self._ask_broker(broker.address, request, deadline)).transactions
        return sorted(found)

    async def find_hanging(self, older_than_ms: int) -> list[tuple[TopicPartition, Any]]:
        """Each (partition, `ActiveProducer`) with an open transaction in which nothing was written for so long, and of
        which its coordinator does not know: nobody will end it."""
        partitions = [
            TopicPartition(topic, row.partition) for topic in (await self.describe_cluster()).topics
            for row in (await self.describe_topic(topic)).partitions
        ]  # fmt: skip
        before = self.machine.now // 1000 - older_than_ms
        old = [
            (partition, one) for partition, producers in (await self.describe_producers(partitions)).items()
            for one in producers if one.transaction_start >= 0 and one.last_timestamp < before
        ]  # fmt: skip
        listed = await self.list_transactions(producers={one.producer_id: None for _, one in old}) if old else []
        known = {row.producer_id: await self.describe_transaction(row.transactional_id) for row in listed}
        return [(partition, one) for partition, one in old
                if one.producer_id not in known or partition not in known[one.producer_id].partitions]  # fmt: skip

    async def describe_producers(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, list]:
        """Who writes to each partition, as its leader knows it (see `ActiveProducer`)."""
        rows = {
            partition: (lambda epoch, partition=partition: api.TransactionPartition(*partition))
            for partition in partitions
        }
        answers = await self._questions.ask("the question for producers", rows, api.DescribeProducersRequest,
                                            self._patience)  # fmt: skip
        return {partition: list(row.producers) for partition, row in answers.items()}

    async def describe_transaction(self, transactional_id: str) -> Any:
        """How it stands (see `DescribedTransaction`). TRANSACTIONAL_ID_NOT_FOUND if the id is not known."""
        require_name("transactional id", transactional_id, Error.INVALID_REQUEST)
        finder = CoordinatorFinder(self.machine, self.metadata, self._backoff, self._timeout, transactional_id, "",
                                   api.TRANSACTION)  # fmt: skip
        request = api.DescribeTransactionsRequest([transactional_id])
        answer = await finder.ask(lambda: request, self.machine.now + self._patience,
                                  lambda told: worst(told.transactions), "describing a transaction")  # fmt: skip
        finder.forget()
        [found] = answer.transactions
        if found.error:
            raise KafkaError(found.error, f"the transactional id {transactional_id} is not known: check its name")
        return found

    async def abort_transaction(self, partition: TopicPartition, producer_id: int) -> None:
        """End the open transaction of this producer in this partition, whatever its coordinator thinks.
        INVALID_TXN_STATE if it has none there. Use it only for one that hangs: a living producer's would be torn."""
        producers = (await self.describe_producers([partition]))[partition]
        found = next((one for one in producers if one.producer_id == producer_id and one.transaction_start >= 0), None)
        if found is None:
            open_ones = [one.producer_id for one in producers if one.transaction_start >= 0]
            raise KafkaError(
                Error.INVALID_TXN_STATE,
                f"producer {producer_id} has no transaction open in {partition}: those with one are {open_ones}",
            )
        marker = api.TxnMarker(producer_id, found.producer_epoch, False, [api.TransactionPartition(*partition)],
                               found.coordinator_epoch, BY_HAND)  # fmt: skip
        error = await self._write_marker(partition, marker)
        if error:
            raise KafkaError(error, f"the marker for {partition} was refused: {error.meaning}")

    async def _write_marker(self, partition: TopicPartition, marker: api.TxnMarker) -> Error:
        deadline, failures, why = self.machine.now + self._patience, 0, "its leader is not known"
        while self.machine.now < deadline:
            node = self.metadata.node_of(partition)
            try:
                if node is not None:
                    answer = await node.ask(api.WriteTxnMarkersRequest([marker]), self._timeout)
                    error = Error(answer.markers[0].partitions[0].error)
                    if not error.retriable:
                        return error
                    why = error.meaning
            except NETWORK_TROUBLE as trouble:
                why = str(trouble)
            self.metadata.request_update()
            failures += 1
            await self.machine.sleep(self._backoff.after(failures))
        raise TimeoutException(f"the marker for {partition} was not written in time: {why}")
