"""One batch of a producer on its way: its records, its identity, and what became of it.

Promises     a batch is settled once and for all its records together; what was awaited before that goes on in the same
             instant. `may_be_written` is True from the moment that an attempt ended without a definite refusal.
Stands for   org.apache.kafka.clients.producer.internals.ProducerBatch and ProduceRequestResult.
Left out     compression.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import TRANSACTIONAL
from minikafka.protocol.records import build_batch

if TYPE_CHECKING:
    from minikafka.client.accumulator import PartitionQueue
    from minikafka.world.future import Future

BATCH_OVERHEAD = 84
"""Bytes of a batch besides its records."""

RECORD_OVERHEAD = 20
"""Bytes of a record besides key, value and headers; never less than what travels."""

HEADER_OVERHEAD = 11
"""Bytes of one record header besides its name and value."""


class ProducerBatch:
    """Records for one partition that share one fate."""

    __slots__ = (
        "queue",
        "records",
        "size",
        "created",
        "first_number",
        "memory",
        "attempts",
        "retry_at",
        "leader_epoch",
        "producer_id",
        "producer_epoch",
        "base_sequence",
        "transactional",
        "sequence_was_reset",
        "may_be_written",
        "last_error",
        "settled",
        "error",
        "base_offset",
        "log_append_time",
        "pieces",
        "_future",
        "_news",
        "_encoded",
    )

    def __init__(self, queue: PartitionQueue | None, created: int, memory: int, future: Callable[[], Future]):
        self.queue = queue
        self.records: list[tuple] = []
        self.size = BATCH_OVERHEAD
        self.created = created
        self.first_number = queue.numbered if queue else -1
        self.memory = memory
        self.attempts = 0
        self.retry_at = 0
        self.leader_epoch = -1
        self.producer_id = -1
        self.producer_epoch = -1
        self.base_sequence = -1
        self.transactional = False
        self.sequence_was_reset = False
        self.may_be_written = False
        self.last_error = ""
        self.settled = False
        self.error: KafkaError | None = None
        self.base_offset = -1
        self.log_append_time = -1
        self.pieces: list[ProducerBatch] | None = None
        self._future = future
        self._news: Future | None = None
        self._encoded: bytes | None = None

    @property
    def partition(self) -> TopicPartition:
        """The partition the batch is for."""
        return self.queue.partition

    def encoded(self) -> bytes:
        """The batch as it travels; the same bytes at every attempt, unless its sequence was reset."""
        if self._encoded is None:
            self._encoded = build_batch(
                self.records,
                producer_id=self.producer_id,
                producer_epoch=self.producer_epoch,
                base_sequence=self.base_sequence,
                attributes=TRANSACTIONAL if self.transactional else 0,
            )
        return self._encoded

    def identify(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        """Give the batch its place in the producer's sequence; a second time after the epoch was bumped."""
        self.sequence_was_reset = self.base_sequence >= 0
        self.producer_id, self.producer_epoch, self.base_sequence = producer_id, producer_epoch, base_sequence
        self._encoded = None

    def succeed(self, base_offset: int, log_append_time: int) -> None:
        """The promise was kept; base offset -1 where nobody knows it (acks=0)."""
        self.base_offset = base_offset
        self.log_append_time = log_append_time
        self._settle()

    def fail(self, error: KafkaError) -> None:
        """The batch was given up."""
        self.error = error
        self._settle()

    def become(self, pieces: list[ProducerBatch]) -> None:
        """The records go on in smaller batches, in the same order."""
        self.pieces = pieces
        self.wake()

    def news(self) -> Future:
        """Awaited: something became of the batch (it was settled, or handed its records on)."""
        if self._news is None:
            self._news = self._future()
        return self._news

    def wake(self) -> None:
        """Let those who await news look again."""
        if self._news is not None:
            self._news.set()
            self._news = None

    def _settle(self) -> None:
        self.settled = True
        self._encoded = None
        self.wake()
