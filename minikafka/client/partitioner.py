"""Which partition a record goes to.

Promises     a key always goes to the same partition of a topic with the same number of partitions, available or not,
             and to the one that Kafka's Java client would choose; records without a key fill one partition at a time.
Stands for   org.apache.kafka.clients.producer.internals.BuiltInPartitioner and Utils.murmur2 (KIP-794).
Left out     partitioners of one's own.
Differs      the lengths of the queues are looked at when a partition is chosen, not each time the sender goes round.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_SEED = 0x9747B28C
_MULTIPLIER = 0x5BD1E995
_LOW_32 = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 hash that Kafka's clients use, as an unsigned number."""
    length = len(data)
    h = _SEED ^ length
    whole = length & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _MULTIPLIER & _LOW_32
        k = (k ^ k >> 24) * _MULTIPLIER & _LOW_32
        h = h * _MULTIPLIER & _LOW_32 ^ k
    if length > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _MULTIPLIER & _LOW_32
    h = (h ^ h >> 13) * _MULTIPLIER & _LOW_32
    return h ^ h >> 15


def partition_for_key(key: bytes, partitions: int) -> int:
    """The partition for a key; `partitions` counts all of them. An empty key is a key like any other."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


class StickyPartition:
    """The partition that records without a key go to for the time being.

    It changes once a batch's worth of bytes went to it, if it can be left without a half-full batch; after two at once.
    """

    __slots__ = ("partition", "produced", "enough", "_dice")

    def __init__(self, batch_size: int, dice: Random):
        self.partition = -1
        self.produced = 0
        self.enough = max(1, batch_size)
        self._dice = dice

    def may_leave(self, no_open_batch: bool) -> bool:
        """Whether it is time to go to another partition."""
        return self.produced >= self.enough and no_open_batch or self.produced >= 2 * self.enough

    def choose(self, available: Sequence[int], queued: Sequence[int] | None = None) -> int:
        """The next partition, by chance. With `queued` (how many batches wait for each of `available`) the ones with a
        short queue come up more often: adaptive partitioning."""
        weights = None
        if queued and min(queued) != max(queued):
            weights = [max(queued) + 1 - waiting for waiting in queued]
        self.partition = self._dice.choices(available, weights)[0] if weights else self._dice.choice(available)
        self.produced = 0
        return self.partition
