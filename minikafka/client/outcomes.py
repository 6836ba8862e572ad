"""What becomes of batches: acknowledged, sent again, split, given up, or too late.

Promises     each batch is settled once, its memory is free from then on, and its sequence is accounted for.
Stands for   completeBatch, reenqueueBatch, failBatch and the expiry of batches in Kafka's Sender.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.client.accumulator import Accumulator
from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.delivery import DeliveryRules, Verdict, answered, expiry, final_error
from minikafka.client.producer_batch import ProducerBatch
from minikafka.client.sequences import Sequences
from minikafka.events.clients import BatchAcknowledged, BatchFailed, BatchRetried, BatchSplit
from minikafka.protocol.client_requests import ProducedPartition
from minikafka.protocol.errors import Error, KafkaError

FAR = 1 << 62


class Outcomes:
    """Takes the answers. `under_way` holds the batches that were sent and not answered; `sequences` is None without
    idempotence; `failed` is told of each batch that is given up."""

    def __init__(
        self,
        machine: Any,
        name: str,
        acks: int,
        accumulator: Accumulator,
        metadata: Metadata,
        sequences: Sequences | None,
        rules: DeliveryRules,
        backoff: Backoff,
        failed: Callable[[KafkaError], None] = lambda error: None,
    ):
        self.machine = machine
        self.name = name
        self.acks = acks
        self.accumulator = accumulator
        self.metadata = metadata
        self.sequences = sequences
        self.rules = rules
        self.under_way: dict[ProducerBatch, None] = {}
        self._backoff = backoff
        self._failed = failed

    def complete(self, batch: ProducerBatch, answer: ProducedPartition | None, trouble: Error, sent: bool) -> None:
        """A batch's answer has come, or never will: then `trouble` says why, and `sent` whether it can have arrived."""
        batch.queue.muted = False
        self.under_way.pop(batch, None)
        if batch.settled:
            return
        error = trouble if answer is None else Error(answer.error)
        answered(batch, error, sent)
        verdict = self.rules.verdict(batch, error, self.machine.now)
        if verdict is Verdict.DELIVERED:
            self._deliver(batch, answer)
        elif verdict is Verdict.SPLIT:
            self._split(batch)
        elif verdict is Verdict.RETRY:
            self._retry(batch, error)
        else:
            self._give_up(batch, final_error(batch, error, answer and answer.message), not error.retriable)
        if error.refreshes_metadata and not self._takes_hint(batch, answer):
            self.metadata.request_update()

    def _takes_hint(self, batch: ProducerBatch, answer: ProducedPartition | None) -> bool:
        if answer is None:
            return False
        return self.metadata.hint(batch.partition, answer.current_leader, answer.current_leader_epoch)

    def _deliver(self, batch: ProducerBatch, answer: ProducedPartition | None) -> None:
        if self.sequences is not None:
            self.sequences.succeeded(batch)
        self.accumulator.release(batch)
        batch.succeed(*((-1, -1) if answer is None else (answer.base_offset, answer.log_append_time)))
        count = len(batch.records)
        self.machine.record(
            BatchAcknowledged(batch.partition, batch.base_offset, count, self.acks, batch.first_number, self.name)
        )

    def _split(self, batch: ProducerBatch) -> None:
        pieces = self.accumulator.split(batch)
        if self.sequences is not None:
            self.sequences.replace(batch, pieces)
        count = len(batch.records)
        self.machine.record(BatchSplit(batch.partition, count, len(pieces), batch.first_number, self.name))

    def _retry(self, batch: ProducerBatch, error: Error) -> None:
        if self.sequences is not None and error == Error.OUT_OF_ORDER_SEQUENCE_NUMBER:
            self.sequences.out_of_order(batch)
        backoff = self._backoff.after(batch.attempts)
        batch.retry_at = self.machine.now + backoff
        self.accumulator.put_back(batch)
        count = len(batch.records)
        self.machine.record(
            BatchRetried(batch.partition, count, error.name, batch.attempts, backoff, batch.first_number, self.name)
        )

    def _give_up(self, batch: ProducerBatch, error: KafkaError, fate_known: bool) -> None:
        if self.sequences is not None:
            self.sequences.failed(batch, fate_known)
        self.accumulator.release(batch)
        batch.fail(error)
        count = len(batch.records)
        self.machine.record(
            BatchFailed(batch.partition, count, error.error.name, error.definite, batch.first_number, self.name)
        )
        self._failed(error)

    # -- time ---------------------------------------------------------------------------------------------------

    def expire(self, now: int) -> None:
        """Give up what was not acknowledged within delivery.timeout.ms, whether it waits or is under way."""
        timeout = self.accumulator.delivery_timeout
        for batch in self.accumulator.expired(now):
            self._give_up(batch, expiry(batch, timeout), fate_known=False)
        for batch in [batch for batch in self.under_way if batch.created + timeout <= now]:
            self._abandon(batch, expiry)

    def next_expiry(self) -> int:
        """When the next batch will be too late (µs)."""
        made = [queue.batches[0].created for queue in self.accumulator.waiting.values()]
        made.extend(batch.created for batch in self.under_way)
        return min(made) + self.accumulator.delivery_timeout if made else FAR

    def refuse_waiting(self, error: KafkaError) -> None:
        """Give up everything that waits: the producer may not have an identity."""
        for queue in list(self.accumulator.waiting.values()):
            while queue.batches:
                self._give_up(self.accumulator.take(queue), error, fate_known=True)

    def abort_all(self) -> None:
        """Give up everything, also what is under way: the producer was closed and does not wait."""
        for queue in list(self.accumulator.waiting.values()):
            while queue.batches:
                batch = self.accumulator.take(queue)
                self._give_up(batch, closed_early(batch), fate_known=False)
        for batch in list(self.under_way):
            self._abandon(batch, lambda batch, _: closed_early(batch))

    def abort_unsent(self, error: KafkaError) -> None:
        """Give up what waits to be sent, with this error: its transaction will not commit."""
        for queue in list(self.accumulator.waiting.values()):
            while queue.batches:
                batch = self.accumulator.take(queue)
                definite = not batch.may_be_written
                self._give_up(batch, KafkaError(error.error, error.sentence, definite), fate_known=False)

    def _abandon(self, batch: ProducerBatch, error_of: Any) -> None:
        """Give up a batch that is under way: nobody knows how far it got."""
        del self.under_way[batch]
        batch.may_be_written = True
        self._give_up(batch, error_of(batch, self.accumulator.delivery_timeout), fate_known=False)


def closed_early(batch: ProducerBatch) -> KafkaError:
    """The error for records that had no answer when their producer was closed."""
    return KafkaError(
        Error.REQUEST_TIMED_OUT,
        "the producer was closed before these records had their answer: await flush() or close() without a time limit",
        definite=not batch.may_be_written,
    )
