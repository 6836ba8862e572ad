"""What is different between two images.

Promises     every partition whose registration differs is named once; what is the same costs (almost) nothing.
Stands for   TopicsDelta and LocalReplicaChanges' first half.
Left out     deltas of settings and features: whoever needs those compares the two images' dicts.
Differs      found by comparing two images afterwards (what was not touched is the same object in both); Kafka keeps a
             delta as it replays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minikafka.metadata.image import ClusterImage
from minikafka.metadata.registrations import BrokerRegistration, PartitionRegistration
from minikafka.protocol.names import TopicPartition


class PartitionDelta(NamedTuple):
    """One partition before and after; `before` None if it is new, `after` None if it is gone (with its topic)."""

    partition: TopicPartition
    topic_id: str
    before: PartitionRegistration | None
    after: PartitionRegistration | None


class BrokerDelta(NamedTuple):
    """One broker before and after; `before` None if it was not known."""

    broker_id: int
    before: BrokerRegistration | None
    after: BrokerRegistration


def partition_deltas(old: ClusterImage, new: ClusterImage) -> Iterator[PartitionDelta]:
    """The partitions that are gone, then those that are new or changed, topic by topic."""
    if old.topics is new.topics:
        return
    for name, topic in old.topics.items():
        after = new.topics.get(name)
        if after is None or after.id != topic.id:
            for number, registration in enumerate(topic.partitions):
                yield PartitionDelta(TopicPartition(name, number), topic.id, registration, None)
    for name, topic in new.topics.items():
        before = old.topics.get(name)
        if before is topic:
            continue
        known = before.partitions if before is not None and before.id == topic.id else ()
        for number, registration in enumerate(topic.partitions):
            was = known[number] if number < len(known) else None
            if was is not registration:
                yield PartitionDelta(TopicPartition(name, number), topic.id, was, registration)


def broker_deltas(old: ClusterImage, new: ClusterImage) -> Iterator[BrokerDelta]:
    """The brokers that registered (again) or changed, in order of their first registration."""
    if old.brokers is new.brokers:
        return
    for broker_id, after in new.brokers.items():
        before = old.brokers.get(broker_id)
        if before is not after:
            yield BrokerDelta(broker_id, before, after)
