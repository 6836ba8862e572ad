"""What `send` gives back: a small promise about one record.

Promises     awaiting a receipt gives the record's place (`RecordMetadata`) or raises the `KafkaError` that ended it,
             at the latest after max.block.ms + delivery.timeout.ms; a receipt that nobody looks at costs and disturbs
             nothing.
Stands for   the Future<RecordMetadata> and the callback of KafkaProducer.send.
Left out     callbacks: await the receipt instead.
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.client.producer_batch import ProducerBatch
from minikafka.protocol.errors import KafkaError


class RecordMetadata(NamedTuple):
    """Where a record is: its offset (-1 with acks=0), and its timestamp in ms (the broker's under LogAppendTime)."""

    topic: str
    partition: int
    offset: int
    timestamp: int


class Receipt:
    """The outcome of one record: its place in a batch, and the batch."""

    __slots__ = ("batch", "index")

    def __init__(self, batch: ProducerBatch, index: int):
        self.batch = batch
        self.index = index

    @property
    def done(self) -> bool:
        """Whether the outcome is known."""
        return self._follow().settled

    @property
    def error(self) -> KafkaError | None:
        """The error that ended the record, or None (also while it is under way)."""
        return self._follow().error

    @property
    def metadata(self) -> RecordMetadata | None:
        """Where the record is, or None while it is under way or after an error."""
        batch = self._follow()
        if not batch.settled or batch.error is not None:
            return None
        offset = batch.base_offset + self.index if batch.base_offset >= 0 else -1
        timestamp = batch.log_append_time if batch.log_append_time >= 0 else batch.records[self.index][0]
        return RecordMetadata(*batch.partition, offset, timestamp)

    def _follow(self) -> ProducerBatch:
        """The batch that carries the record now: a batch that was split has handed it on."""
        batch = self.batch
        while batch.pieces is not None:
            for piece in batch.pieces:
                if self.index < len(piece.records):
                    break
                self.index -= len(piece.records)
            self.batch = batch = piece
        return batch

    def __await__(self):
        while not self._follow().settled:
            yield from self.batch.news().__await__()
        if self.batch.error is not None:
            raise self.batch.error
        return self.metadata
