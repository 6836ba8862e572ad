"""The identity of an idempotent producer, and the numbers by which a leader knows its batches.

Promises     within one producer id and epoch the batches of a partition carry consecutive sequences that count
             records, and a batch keeps its own through all attempts; so a leader can tell a repetition and a gap.
Stands for   org.apache.kafka.clients.producer.internals.TransactionManager, the idempotent half, and TxnPartitionMap.
Left out     -
Differs      -

    an answer or event                      what follows
    success                                 the next sequence is expected
    [45], not the next batch in line        retry: an earlier one is still under way
    [45], the next batch in line            epoch + 1, sequences of the partition start again at 0
    definite failure                        epoch + 1, the same
    expired after it was sent               nothing new leaves until the rest is settled; epoch + 1 if a gap is left
"""

from __future__ import annotations

from minikafka.client.producer_batch import ProducerBatch
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import next_sequence

LAST_EPOCH = 2**15 - 1
"""After this epoch a new producer id is needed."""


class PartitionSequences:
    """One partition: the next sequence to give out, the last one acknowledged, and the batches in between, in order."""

    __slots__ = ("identity", "next_sequence", "last_acked", "in_flight")

    def __init__(self, identity: tuple[int, int]):
        self.identity = identity
        self.next_sequence = 0
        self.last_acked = -1
        self.in_flight: list[ProducerBatch] = []

    def start_again(self, identity: tuple[int, int]) -> None:
        """Number from 0 under a new identity; batches not yet known to be written are numbered anew."""
        self.identity = identity
        self.next_sequence = 0
        self.last_acked = -1
        for batch in self.in_flight:
            batch.identify(*identity, self.next_sequence)
            self.next_sequence = next_sequence(self.next_sequence, len(batch.records))

    def is_next(self, sequence: int) -> bool:
        """Whether the sequence comes right after the last acknowledged one."""
        return sequence == next_sequence(self.last_acked, 1)


class Sequences:
    """Producer id, epoch, and the sequences of all partitions."""

    def __init__(self, transactional: bool = False) -> None:
        self.transactional = transactional
        self.producer_id = -1
        self.producer_epoch = -1
        self.partitions: dict[TopicPartition, PartitionSequences] = {}
        self._unresolved: dict[TopicPartition, None] = {}
        self._to_renumber: dict[TopicPartition, None] = {}

    @property
    def identity(self) -> tuple[int, int]:
        """(producer id, producer epoch); (-1, -1) before there is one."""
        return self.producer_id, self.producer_epoch

    def begin(self, producer_id: int, producer_epoch: int) -> None:
        """The identity that InitProducerId gave."""
        self.producer_id, self.producer_epoch = producer_id, producer_epoch
        self._renumber()

    def begin_anew(self, producer_id: int, producer_epoch: int) -> None:
        """A transaction begins under this identity: all partitions start again at 0. Nothing may be under way."""
        self.producer_id, self.producer_epoch = producer_id, producer_epoch
        self.partitions.clear()
        self._unresolved.clear()
        self._to_renumber.clear()

    def may_send(self, batch: ProducerBatch) -> bool:
        """Whether this batch, the first of its queue, may leave now without endangering the order."""
        if self.producer_id < 0:
            return False
        ours = self.partitions.get(batch.partition)
        if ours is None:
            return True
        if batch.base_sequence < 0:
            stale = ours.identity != self.identity and ours.in_flight
            return not stale and batch.partition not in self._unresolved
        return ours.in_flight[0] is batch if ours.in_flight else True

    def sent(self, batch: ProducerBatch) -> None:
        """The batch leaves; at its first attempt it gets its sequence."""
        if batch.base_sequence >= 0:
            batch.sequence_was_reset = False
            return
        ours = self.partitions.get(batch.partition)
        if ours is None:
            ours = self.partitions[batch.partition] = PartitionSequences(self.identity)
        elif ours.identity != self.identity:
            ours.start_again(self.identity)
        batch.transactional = self.transactional
        batch.identify(*self.identity, ours.next_sequence)
        ours.next_sequence = next_sequence(ours.next_sequence, len(batch.records))
        ours.in_flight.append(batch)

    def succeeded(self, batch: ProducerBatch) -> None:
        """The batch is in the log."""
        ours = self.partitions[batch.partition]
        last = next_sequence(batch.base_sequence, len(batch.records) - 1)
        if (batch.producer_id, batch.producer_epoch) == ours.identity and (
            last > ours.last_acked or ours.is_next(batch.base_sequence)
        ):
            ours.last_acked = last
        ours.in_flight.remove(batch)

    def out_of_order(self, batch: ProducerBatch) -> None:
        """The leader misses records before the batch [45]: it leaves again, with a new epoch if nothing explains it."""
        ours = self.partitions[batch.partition]
        explained = batch.sequence_was_reset or not ours.is_next(batch.base_sequence)
        if not explained or batch.partition in self._unresolved:
            self._to_renumber[batch.partition] = None

    def failed(self, batch: ProducerBatch, fate_known: bool) -> None:
        """The batch was given up; with its fate unknown the partition waits until the others are settled."""
        ours = self.partitions.get(batch.partition)
        if ours is None or batch not in ours.in_flight:
            return
        ours.in_flight.remove(batch)
        if fate_known:
            self._to_renumber[batch.partition] = None
        else:
            self._unresolved[batch.partition] = None

    def replace(self, batch: ProducerBatch, pieces: list[ProducerBatch]) -> None:
        """The batch was split; the pieces share out its sequences."""
        in_flight = self.partitions[batch.partition].in_flight
        at = in_flight.index(batch)
        in_flight[at : at + 1] = pieces

    def resolve(self) -> None:
        """Bump the epoch if a partition has to start again; after the last epoch a new producer id is needed."""
        for partition in list(self._unresolved):
            ours = self.partitions[partition]
            if not ours.in_flight:
                del self._unresolved[partition]
                if not ours.is_next(ours.next_sequence):
                    self._to_renumber[partition] = None
        if not self._to_renumber or self.producer_id < 0:
            return
        if self.producer_epoch >= LAST_EPOCH:
            self.producer_id = self.producer_epoch = -1
            return
        self.producer_epoch += 1
        self._renumber()

    def _renumber(self) -> None:
        for partition in self._to_renumber:
            self.partitions[partition].start_again(self.identity)
            self._unresolved.pop(partition, None)
        self._to_renumber.clear()
