"""Records become batches, and batches wait for their turn: one queue for each partition.

Promises     records of a partition leave in the order in which they came, one batch of a partition in a request; a
             batch may leave when it is full, when linger.ms has passed, when memory runs out, or when somebody
             flushes.
Stands for   org.apache.kafka.clients.producer.internals.RecordAccumulator and BufferPool.
Left out     pooling of buffers, compression ratios.
Differs      a batch's memory is counted (batch.size, or more for a large record) though nothing is allocated.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from minikafka.client.producer_batch import BATCH_OVERHEAD, ProducerBatch
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import next_sequence


class PartitionQueue:
    """The batches of one partition that are not under way. `open` is the last one while it takes records."""

    __slots__ = ("partition", "batches", "open", "muted", "numbered")

    def __init__(self, partition: TopicPartition):
        self.partition = partition
        self.batches: deque[ProducerBatch] = deque()
        self.open: ProducerBatch | None = None
        self.muted = False
        self.numbered = 0

    def close_open(self) -> None:
        """The open batch takes no more; its records get their running numbers for good."""
        if self.open is not None:
            self.numbered += len(self.open.records)
            self.open = None


class Accumulator:
    """All queues of a producer, the memory they use, and the rule when a batch may leave."""

    def __init__(self, config: Mapping, future: Callable):
        self.batch_size = max(config["batch.size"], BATCH_OVERHEAD + 1)
        self.linger = config.us("linger.ms")
        self.delivery_timeout = config.us("delivery.timeout.ms")
        self.max_request_size = config["max.request.size"]
        self.free_memory = config["buffer.memory"]
        self.hurried = False
        self.queues: dict[TopicPartition, PartitionQueue] = {}
        self.waiting: dict[TopicPartition, PartitionQueue] = {}
        self.incomplete: dict[ProducerBatch, None] = {}
        self._future = future

    def queue(self, topic: str, partition: int) -> PartitionQueue:
        """The queue of a partition."""
        name = TopicPartition(topic, partition)
        if name not in self.queues:
            self.queues[name] = PartitionQueue(name)
        return self.queues[name]

    def memory_for(self, size: int) -> int:
        """Bytes of buffer.memory that a new batch takes, if its first record counts `size`."""
        return max(self.batch_size, BATCH_OVERHEAD + size)

    def append(self, queue: PartitionQueue, record: tuple, size: int, now: int) -> tuple[ProducerBatch, int] | None:
        """Put a record into the open batch or a new one: its batch and index; None if there is no memory."""
        batch = queue.open
        if batch is None or batch.size + size > self.batch_size:
            queue.close_open()
            memory = self.memory_for(size)
            if memory > self.free_memory:
                return None
            self.free_memory -= memory
            batch = self._enqueue_new(queue, now, memory)
        batch.size += size
        batch.records.append(record)
        if batch.size >= self.batch_size:
            queue.close_open()
        return batch, len(batch.records) - 1

    def _enqueue_new(self, queue: PartitionQueue, now: int, memory: int) -> ProducerBatch:
        batch = ProducerBatch(queue, now, memory, self._future)
        queue.batches.append(batch)
        queue.open = batch
        self.waiting[queue.partition] = queue
        self.incomplete[batch] = None
        return batch

    # -- leaving ------------------------------------------------------------------------------------------------

    def due(self, queue: PartitionQueue, leader_epoch: int, now: int) -> int:
        """When the queue's first batch may leave (µs); a time not after `now` means at once."""
        first = queue.batches[0]
        if first.attempts:
            return now if leader_epoch > first.leader_epoch else first.retry_at
        if self.hurried or first is not queue.open:
            return now
        return first.created + self.linger

    def take(self, queue: PartitionQueue) -> ProducerBatch:
        """The queue's first batch, which leaves now; what is left goes to the end of the line of partitions."""
        batch = queue.batches.popleft()
        if batch is queue.open:
            queue.close_open()
        del self.waiting[queue.partition]
        if queue.batches:
            self.waiting[queue.partition] = queue
        return batch

    def put_back(self, batch: ProducerBatch) -> None:
        """The batch has to leave again: before all that came later. Batches with sequences keep to their order."""
        queue = batch.queue
        later = 0
        if batch.base_sequence >= 0:
            for other in queue.batches:
                if other.base_sequence < 0 or other.first_number > batch.first_number:
                    break
                later += 1
        queue.batches.insert(later, batch)
        self.waiting[queue.partition] = queue

    def split(self, batch: ProducerBatch) -> list[ProducerBatch]:
        """Share the records out to two batches or three, in the same order, and put these back in its place."""
        pieces: list[ProducerBatch] = []
        each = max(1, len(batch.records) // 2)
        for start in range(0, len(batch.records), each):
            piece = ProducerBatch(batch.queue, batch.created, 0, self._future)
            piece.records = batch.records[start : start + each]
            piece.size = BATCH_OVERHEAD + (batch.size - BATCH_OVERHEAD) * len(piece.records) // len(batch.records)
            piece.first_number = batch.first_number + start
            if batch.base_sequence >= 0:
                piece.transactional = batch.transactional
                piece.identify(batch.producer_id, batch.producer_epoch, next_sequence(batch.base_sequence, start))
            pieces.append(piece)
            self.incomplete[piece] = None
        pieces[0].memory, batch.memory = batch.memory, 0
        for piece in reversed(pieces):
            self.put_back(piece)
        self.incomplete.pop(batch, None)
        batch.become(pieces)
        return pieces

    # -- ending -------------------------------------------------------------------------------------------------

    def expired(self, now: int) -> list[ProducerBatch]:
        """Take out the batches that have waited for delivery.timeout.ms since they were made."""
        found = []
        for queue in list(self.waiting.values()):
            while queue.batches and queue.batches[0].created + self.delivery_timeout <= now:
                found.append(self.take(queue))
        return found

    def release(self, batch: ProducerBatch) -> None:
        """The batch is settled: its memory is free again."""
        self.free_memory += batch.memory
        batch.memory = 0
        self.incomplete.pop(batch, None)
