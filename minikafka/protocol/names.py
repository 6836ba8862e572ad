"""What things are called: partitions, brokers, and each kind of epoch as a type of its own.

Promises     a name that passes `check_topic_name` is a name Kafka would take.
Stands for   org.apache.kafka.common.TopicPartition and Uuid, Topic.validate, and the plain ints Kafka uses for ids and
             epochs.
Left out     whether a name collides with another topic's (`a.b` and `a_b`): the controller looks (`topic_admin`).
Differs      nothing.
"""

from __future__ import annotations

import base64
import re
from random import Random
from typing import NamedTuple, NewType

from minikafka.protocol.errors import InvalidTopicException

LeaderEpoch = NewType("LeaderEpoch", int)
"""Counts the leaderships of one partition. Whoever brings an older one is out of date; the newer log is right."""

PartitionEpoch = NewType("PartitionEpoch", int)
"""Counts the recorded changes of one partition (leader, ISR, replicas): the version a compare-and-set is based on."""

BrokerEpoch = NewType("BrokerEpoch", int)
"""One incarnation of a broker: the offset of its registration in the metadata log."""

ControllerEpoch = NewType("ControllerEpoch", int)
"""Counts the reigns of active controllers."""

ProducerEpoch = NewType("ProducerEpoch", int)
"""Counts the incarnations of one producer id; the older one is fenced."""

NO_LEADER = -1
"""The broker id of a leader that there is not."""

NO_EPOCH = -1
"""An epoch that is not known."""

LONGEST_TOPIC_NAME = 249
"""In characters: a file name may have 255, and the log's folder adds "-" and the partition's number."""


class TopicPartition(NamedTuple):
    """One partition of a topic; as text "flights-0", which is also the name of its folder."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


def random_uuid(dice: Random) -> str:
    """128 random bits as Kafka writes them: 22 characters of base64."""
    return base64.urlsafe_b64encode(dice.randbytes(16)).decode().rstrip("=")


_FOREIGN = re.compile(r"[^a-zA-Z0-9._-]")


def check_topic_name(name: str) -> None:
    """Return if Kafka would take the name, else raise INVALID_TOPIC_EXCEPTION with the reason and a remedy."""
    if not isinstance(name, str):
        raise InvalidTopicException(f"a topic name is text, not {name!r}; write it in quotes")
    if not name:
        raise InvalidTopicException("the topic name '' is empty; give it at least one character")
    if name in (".", ".."):
        raise InvalidTopicException(f"the topic name {name!r} would be a folder of another meaning; choose another")
    if len(name) > LONGEST_TOPIC_NAME:
        raise InvalidTopicException(f"the topic name {name[:20]!r}... has {len(name)} characters; "
                                    f"use at most {LONGEST_TOPIC_NAME}")
    foreign = _FOREIGN.search(name)
    if foreign:
        raise InvalidTopicException(f"the topic name {name!r} contains {foreign.group()!r}; "
                                    "use only ASCII letters, digits, '.', '_' and '-'")
