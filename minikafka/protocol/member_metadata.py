"""What members of a consumer group tell each other through the coordinator, which does not read it.

Promises     what was packed comes out equal; foreign bytes raise INCONSISTENT_GROUP_PROTOCOL.
Stands for   ConsumerProtocolSubscription and ConsumerProtocolAssignment (protocol type "consumer").
Left out     racks, user data.
Differs      msgpack; what a sticky member owned and in which generation stands in fields of its own for every assignor.
"""

from __future__ import annotations

from typing import NamedTuple

import msgpack

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition

CONSUMER = "consumer"
"""The protocol type of consumer groups."""


class Subscription(NamedTuple):
    """The topics a member wants, the partitions it has (or had last), and in which generation it got them."""

    topics: tuple[str, ...]
    owned: tuple[TopicPartition, ...] = ()
    generation: int = -1


def pack_subscription(subscription: Subscription) -> bytes:
    """The bytes of a subscription."""
    return msgpack.packb(subscription)


def read_subscription(data: bytes) -> Subscription:
    """The subscription in these bytes."""
    try:
        topics, owned, generation = msgpack.unpackb(data, use_list=False)
        return Subscription(tuple(topics), tuple(TopicPartition(*one) for one in owned), generation)
    except (ValueError, TypeError, msgpack.UnpackException) as reason:
        raise _foreign("subscription", reason) from None


def pack_assignment(partitions: list[TopicPartition]) -> bytes:
    """The bytes of an assignment."""
    return msgpack.packb(partitions)


def read_assignment(data: bytes) -> tuple[TopicPartition, ...]:
    """The partitions in these bytes; none in none."""
    if not data:
        return ()
    try:
        return tuple(TopicPartition(*one) for one in msgpack.unpackb(data, use_list=False))
    except (ValueError, TypeError, msgpack.UnpackException) as reason:
        raise _foreign("assignment", reason) from None


def _foreign(what: str, reason: Exception) -> KafkaError:
    return KafkaError(
        Error.INCONSISTENT_GROUP_PROTOCOL,
        f"these bytes are no {what} of a consumer ({reason}); all members must speak the protocol {CONSUMER!r}",
    )
