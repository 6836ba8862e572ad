"""More partitions for a topic: it can grow, and never shrink.

Promises     the new partitions come whole, each with a live leader, as many replicas as the first one has; what exists
             is not touched. A topic that gets an error stays as it is.
Stands for   ReplicationControlManager.createPartitions.
Left out     policies, quotas.
Differs      nothing.

No record moves. Yet a producer chooses by hash(key) modulo the number of partitions, so that from now on most keys go
to another partition than before, and what is old and what is new of one key is no longer in one order.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from minikafka.controller.decision import Decision
from minikafka.controller.topic_admin import (
    UNSET,
    automatic_assignment,
    first_state,
    manual_assignment,
    observers_of,
)
from minikafka.metadata.facts import PartitionRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import constraints_of
from minikafka.protocol.admin_requests import CreatableTopic
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.partition_requests import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    GrowingTopic,
    GrownTopic,
)

CREATE_PARTITIONS = "CreatePartitions"


def create_partitions(
    image: ClusterImage, request: CreatePartitionsRequest, config: Mapping, dice: Random
) -> Decision:
    """Let each topic grow, or answer why not."""
    facts, rows = [], []
    names = [topic.name for topic in request.topics]
    for topic in request.topics:
        error, message = Error.NONE, None
        try:
            if names.count(topic.name) > 1:
                raise KafkaError(Error.INVALID_REQUEST, f"topic {topic.name} is named twice; name it once in a request")
            facts += new_partitions(image, topic, config, dice)
        except KafkaError as refusal:
            error, message = refusal.error, refusal.sentence
        rows.append(GrownTopic(topic.name, error, message))
    response = CreatePartitionsResponse(rows)
    return Decision(() if request.validate_only else tuple(facts), response, CREATE_PARTITIONS)


def new_partitions(image: ClusterImage, asked: GrowingTopic, config: Mapping, dice: Random) -> list[PartitionRecord]:
    """The facts that add the partitions, else UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS,
    INVALID_REPLICA_ASSIGNMENT or INVALID_REPLICATION_FACTOR."""
    topic = image.topics.get(asked.name)
    if topic is None:
        raise KafkaError(Error.UNKNOWN_TOPIC_OR_PARTITION, f"topic {asked.name} does not exist; check its name")
    has, factor = len(topic.partitions), len(topic.partitions[0].replicas)
    more = asked.count - has
    if more <= 0:
        raise KafkaError(
            Error.INVALID_PARTITIONS,
            f"topic {asked.name} has {has} partitions already, and {asked.count} would not be an increase; partitions "
            "cannot be taken away, so ask for more, or make a new topic",
        )
    constraints = constraints_of(image, asked.name)
    if asked.assignments is not None:
        replica_lists = _as_asked(image, asked, more, factor)
    else:
        wanted = CreatableTopic(asked.name, more, UNSET if constraints else factor, [], [])
        replica_lists = automatic_assignment(image, wanted, config, dice, constraints)
    observers = observers_of(image, asked.name, replica_lists, constraints)
    facts = []
    for number, replicas in enumerate(replica_lists):
        isr = tuple(one for one in replicas if image.alive(one) and one not in observers[number])
        if not isr:
            raise KafkaError(
                Error.INVALID_REPLICA_ASSIGNMENT,
                f"none of the replicas {list(replicas)} of {asked.name}-{has + number} is alive; start one of them",
            )
        facts.append(first_state(topic.id, has + number, replicas, isr, observers[number]))
    return facts


def _as_asked(image: ClusterImage, asked: GrowingTopic, more: int, factor: int) -> list[tuple[int, ...]]:
    if len(asked.assignments) != more:
        raise KafkaError(
            Error.INVALID_REPLICA_ASSIGNMENT,
            f"{more} partitions would be added to {asked.name}, and {len(asked.assignments)} have replicas assigned; "
            "name the replicas of each new one",
        )
    if any(len(replicas) != factor for replicas in asked.assignments):
        raise KafkaError(
            Error.INVALID_REPLICA_ASSIGNMENT,
            f"the partitions of {asked.name} have {factor} replicas each; give the new ones as many",
        )
    return manual_assignment(image, CreatableTopic(asked.name, UNSET, UNSET, asked.assignments, []))
