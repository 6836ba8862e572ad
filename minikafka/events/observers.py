"""What can happen to observers: replicas that follow and are not in sync, unless they are promoted.

Promises     who is an observer is told when it is recorded, each promotion and each demotion too; a leader that has to
             wait for an observer says so once.
Stands for   the log lines of Confluent Server about observers.
Left out     an observer's fetches: they are a follower's.
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.names import TopicPartition


class ObserversAssigned(NamedTuple):
    """These replicas of a partition are observers from now on; `policy` says when they are promoted."""

    partition: TopicPartition
    replicas: tuple
    observers: tuple
    policy: str

    def sentence(self) -> str:
        """Who, and when they will help out."""
        if not self.observers:
            return f"{self.partition} has no observers any more, its replicas are {_ids(self.replicas)}"
        return f"of {self.partition} the replicas {_ids(self.observers)} are observers ({self.policy})"


class ObserverPromoted(NamedTuple):
    """An observer is in the ISR: it counts like a follower until it is demoted."""

    partition: TopicPartition
    observer: int
    isr: tuple
    partition_epoch: int

    def sentence(self) -> str:
        """Who, and with whom."""
        return f"promoted the observer {self.observer} of {self.partition}: the ISR is {_ids(self.isr)}"


class ObserverDemoted(NamedTuple):
    """An observer has left the ISR: it follows, and counts no more."""

    partition: TopicPartition
    observer: int
    isr: tuple
    partition_epoch: int

    def sentence(self) -> str:
        """Who, and who is left."""
        return f"the observer {self.observer} of {self.partition} is in sync no more: the ISR is {_ids(self.isr)}"


class PromotionAwaited(NamedTuple):
    """The leader needs more replicas in sync, and no observer is caught up."""

    partition: TopicPartition
    missing: int
    observers: tuple

    def sentence(self) -> str:
        """How many are missing, and how far the observers are."""
        how_far = ", ".join(f"broker {broker} at {end}" for broker, end in self.observers)
        return f"{self.partition} needs {self.missing} more in sync, and no observer is caught up: {how_far}"


def _ids(brokers: tuple) -> str:
    return f"[{', '.join(map(str, brokers))}]"
