"""An administrator of transactions: whose are open, and ending one that nobody else will end.

Promises     an open transaction is found where it does harm, at the leader of its partition; ending it by hand writes
             an ABORT marker into that one partition.
Stands for   kafka-transactions: describe-producers, describe, abort; Admin: describeProducers, describeTransactions,
             abortTransaction.
Left out     list, and find-hanging over a whole cluster.
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


class TransactionAdmin:
    """Mixed into `Admin`, which has `machine`, `metadata`, `_questions`, `_backoff`, `_timeout` and `_patience`."""

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
        """How it stands (see `DescribedTransaction`). INVALID_PRODUCER_ID_MAPPING if the id is not known."""
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
