"""A producer's way to one topic: its partitions, the sticky one, and the records that cannot go on yet.

Promises     records of a topic keep their order while they wait for its partitions or for memory; each key's partition
             is computed once.
Stands for   KafkaProducer.waitOnMetadata and the choice of a partition in RecordAccumulator.append.
Left out     -
Differs      Kafka blocks the caller for up to max.block.ms; here the record waits in this line and its receipt fails.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from minikafka.client.accumulator import Accumulator, PartitionQueue
from minikafka.client.bootstrap import Metadata
from minikafka.client.partitioner import StickyPartition, partition_for_key
from minikafka.client.receipt import Receipt

KEYS_REMEMBERED = 10_000


class WaitingRecord(NamedTuple):
    """A record that has no batch yet, and until when (µs) it may wait for one."""

    receipt: Receipt
    record: tuple
    partition: int | None
    size: int
    deadline: int


class TopicLane:
    """`queue` is the queue of the sticky partition; None while the topic's partitions are not known."""

    def __init__(self, topic: str, config: Mapping, accumulator: Accumulator, metadata: Metadata, dice: Random):
        self.topic = topic
        self.partitions = 0
        self.sticky = StickyPartition(config["batch.size"], dice)
        self.queue: PartitionQueue | None = None
        self.by_key: dict[bytes, PartitionQueue] = {}
        self.waiting: deque[WaitingRecord] = deque()
        self._ignore_keys = config["partitioner.ignore.keys"]
        self._adaptive = config["partitioner.adaptive.partitioning.enable"]
        self._availability_timeout = config.us("partitioner.availability.timeout.ms")
        self._accumulator = accumulator
        self._metadata = metadata

    def adapt(self) -> None:
        """Metadata has changed: the topic may have come, gone, or got more partitions."""
        known = self._metadata.topic(self.topic)
        partitions = known.partitions if known is not None else 0
        if partitions != self.partitions:
            self.partitions = partitions
            self.queue = None
            self.by_key.clear()

    def is_sticky(self, key: bytes | None, partition: int | None) -> bool:
        """Whether such a record goes to the sticky partition."""
        return partition is None and (key is None or self._ignore_keys)

    def queue_for(self, key: bytes | None, partition: int | None, size: int, now: int) -> PartitionQueue | None:
        """The queue for a record: of the partition named, else of the key's, else of the sticky one; or None."""
        if partition is not None:
            return self._accumulator.queue(self.topic, partition) if partition < self.partitions else None
        if not self.partitions:
            return None
        if not self.is_sticky(key, partition):
            return self._queue_of_key(key)
        queue = self.queue
        if queue is not None and queue.open is not None and queue.open.size + size > self._accumulator.batch_size:
            queue.close_open()
        if queue is None or self.sticky.may_leave(queue.open is None):
            self.move_on(now)
        return self.queue

    def _queue_of_key(self, key: bytes) -> PartitionQueue:
        queue = self.by_key.get(key)
        if queue is None:
            if len(self.by_key) >= KEYS_REMEMBERED:
                self.by_key.clear()
            queue = self._accumulator.queue(self.topic, partition_for_key(key, self.partitions))
            self.by_key[key] = queue
        return queue

    def produced(self, size: int, now: int) -> None:
        """So many bytes went to the sticky partition; it may be time for another."""
        self.sticky.produced += size
        if self.sticky.may_leave(self.queue.open is None):
            self.move_on(now)

    def move_on(self, now: int) -> None:
        """Choose the next sticky partition."""
        everywhere = range(self.partitions)
        choice = [number for number in everywhere if self._available(number, now)] or list(everywhere)
        queues = self._accumulator.queues
        queued = None
        if self._adaptive:
            queued = [len(queues[name].batches) if (name := (self.topic, number)) in queues else 0 for number in choice]
        self.queue = self._accumulator.queue(self.topic, self.sticky.choose(choice, queued))

    def _available(self, number: int, now: int) -> bool:
        """Whether it has a leader, and one that has taken batches lately (partitioner.availability.timeout.ms)."""
        node = self._metadata.node_of(self._accumulator.queue(self.topic, number).partition)
        if node is None:
            return False
        return (
            not self._availability_timeout or node.full_since < 0 or now - node.full_since <= self._availability_timeout
        )
