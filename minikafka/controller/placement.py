"""Which brokers a new partition lives on.

Promises     leaders and replicas are spread evenly over brokers, and over racks before brokers; no replica list names a
             broker twice; the first replica is an unfenced broker.
Stands for   StripedReplicaPlacer, to the letter.
Left out     log directories.
Differs      the dice are Python's, so that the same seed gives another (equally even) placement than in Java.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from minikafka.protocol.errors import Error, KafkaError

NO_BROKER = -1


class UsableBroker(NamedTuple):
    """A broker that may get replicas; rack "" if it has none."""

    id: int
    rack: str
    fenced: bool


def place_replicas(
    brokers: Iterable[UsableBroker], partitions: int, replication_factor: int, dice: Random
) -> list[tuple[int, ...]]:
    """A replica list for each partition, else INVALID_REPLICATION_FACTOR."""
    racks = RackList(brokers, dice)
    return [racks.place(replication_factor) for _ in range(partitions)]


class BrokerList:
    """Some brokers of one rack, to be gone through once for each partition, starting one further each time."""

    def __init__(self, brokers: Iterable[int], dice: Random):
        self.brokers = sorted(brokers)
        self.epoch = 0
        self.index = 0
        self.offset = dice.randrange(len(self.brokers)) if self.brokers else 0

    def next(self, epoch: int) -> int:
        """A broker not yet given out for this epoch (that is, for this partition), else NO_BROKER."""
        size = len(self.brokers)
        if size == 0:
            return NO_BROKER
        if self.epoch != epoch:
            self.epoch = epoch
            self.index = 0
            self.offset = (self.offset + 1) % size
        if self.index >= size:
            return NO_BROKER
        self.index += 1
        return self.brokers[(self.index - 1 + self.offset) % size]


class Rack:
    """The brokers of one rack: unfenced ones are taken first."""

    def __init__(self, brokers: list[UsableBroker], dice: Random):
        self.unfenced = BrokerList((broker.id for broker in brokers if not broker.fenced), dice)
        self.fenced = BrokerList((broker.id for broker in brokers if broker.fenced), dice)

    def next(self, epoch: int) -> int:
        """The next broker of this rack for this epoch, else NO_BROKER."""
        broker = self.unfenced.next(epoch)
        return broker if broker != NO_BROKER else self.fenced.next(epoch)


class RackList:
    """All racks, each partition's replicas striped over them, starting one rack further each time."""

    def __init__(self, brokers: Iterable[UsableBroker], dice: Random):
        usable = list(brokers)
        self.total = len(usable)
        self.unfenced = sum(not broker.fenced for broker in usable)
        names = sorted(dict.fromkeys(broker.rack for broker in usable))
        self.racks = [Rack([broker for broker in usable if broker.rack == name], dice) for name in names]
        self.offset = dice.randrange(len(names)) if names else 0
        self.epoch = 0
        self.dice = dice

    def place(self, replication_factor: int) -> tuple[int, ...]:
        """The replicas of one more partition."""
        self._check(replication_factor)
        if self.epoch == self.unfenced and self.unfenced > 1:
            self._shuffle()
        if self.offset == len(self.racks):
            self.offset = 0
        first = self.offset
        while (leader := self.racks[first].unfenced.next(self.epoch)) == NO_BROKER:
            first = (first + 1) % len(self.racks)
        replicas = [leader]
        at = self.offset
        while len(replicas) < replication_factor:
            if at == first:
                first = None  # the leader's rack has had its turn, this time round
            elif (broker := self.racks[at].next(self.epoch)) != NO_BROKER:
                replicas.append(broker)
            at = (at + 1) % len(self.racks)
        self.epoch += 1
        self.offset += 1
        return tuple(replicas)

    def _check(self, replication_factor: int) -> None:
        failed = f"unable to replicate the partition {replication_factor} time(s): "
        if replication_factor <= 0:
            raise KafkaError(Error.INVALID_REPLICATION_FACTOR, failed + "the replication factor must be at least 1")
        if self.unfenced == 0:
            failed += "all brokers are fenced; start one, or wait until it is unfenced"
            raise KafkaError(Error.INVALID_REPLICATION_FACTOR, failed)
        if replication_factor > self.total:
            raise KafkaError(
                Error.INVALID_REPLICATION_FACTOR,
                failed + f"only {self.total} broker(s) are registered; start more, or ask for at most {self.total}",
            )

    def _shuffle(self) -> None:
        """Each broker has led once: change the order, so that the same lists do not come again."""
        self.dice.shuffle(self.racks)
        for rack in self.racks:
            self.dice.shuffle(rack.unfenced.brokers)
            self.dice.shuffle(rack.fenced.brokers)
        self.epoch = 0
