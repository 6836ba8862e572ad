"""Topics: made and deleted.

Promises     a topic is made whole (all partitions, each with a live leader, and its settings) or not at all; nothing is
             changed for a name that gets an error.
Stands for   ReplicationControlManager.createTopics and deleteTopics.
Left out     creation policies, quotas, further partitions for a topic, deletion by id.
Differs      deletion takes names; Kafka's controller takes ids, which the broker has looked up.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from random import Random

from minikafka.controller import placement
from minikafka.controller.decision import Decision
from minikafka.controller.placement import UsableBroker
from minikafka.metadata.facts import (
    RECOVERED,
    TOPIC,
    ConfigRecord,
    PartitionRecord,
    RemoveTopicRecord,
    TopicRecord,
)
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.admin_requests import (
    CreatableTopic,
    CreatedTopic,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeletedTopic,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import check_topic_name
from minikafka.protocol.topic_settings import topic_config

UNSET = -1
"""A partition count or replication factor of -1: take the cluster's default."""


def create_topics(image: ClusterImage, request: CreateTopicsRequest, config: Mapping, dice: Random) -> Decision:
    """Make each topic, or answer why not; `validate_only` answers as if."""
    facts, rows = [], []
    names = [topic.name for topic in request.topics]
    for topic in request.topics:
        try:
            if names.count(topic.name) > 1:
                raise KafkaError(Error.INVALID_REQUEST, f"topic {topic.name} is named twice; name it once in a request")
            made = new_topic(image, topic, config, dice)
            facts += made
            rows.append(CreatedTopic(topic.name, Error.NONE, None, made[0].topic_id))
        except KafkaError as refusal:
            rows.append(CreatedTopic(topic.name, refusal.error, refusal.sentence, ""))
    return Decision(() if request.validate_only else tuple(facts), CreateTopicsResponse(rows), "CreateTopics")


def new_topic(image: ClusterImage, topic: CreatableTopic, config: Mapping, dice: Random) -> list:
    """The facts that make one topic, else KafkaError."""
    check_topic_name(topic.name)
    check_collision(image, topic.name)
    overrides = topic_config(config, dict(topic.configs)).overrides
    if topic.assignment:
        replica_lists = manual_assignment(image, topic)
    else:
        replica_lists = automatic_assignment(image, topic, config, dice)
    topic_id = new_topic_id(image, dice)
    facts = [TopicRecord(topic.name, topic_id)]
    facts += [ConfigRecord(TOPIC, topic.name, name, value) for name, value in sorted(overrides.items())]
    for number, replicas in enumerate(replica_lists):
        isr = tuple(replica for replica in replicas if image.alive(replica))
        facts.append(PartitionRecord(topic_id, number, tuple(replicas), isr, (), (), isr[0], 0, 0, RECOVERED))
    return facts


def check_collision(image: ClusterImage, name: str) -> None:
    """TOPIC_ALREADY_EXISTS, or INVALID_TOPIC_EXCEPTION if `a.b` and `a_b` would share a metric's name."""
    if name in image.topics:
        raise KafkaError(Error.TOPIC_ALREADY_EXISTS, f"topic {name} already exists; choose another name or delete it")
    if "." in name or "_" in name:
        for other in image.topics:
            if other.replace(".", "_") == name.replace(".", "_"):
                raise KafkaError(
                    Error.INVALID_TOPIC_EXCEPTION,
                    f"topic {name} collides with the existing topic {other} ('.' and '_' count as the same); rename it",
                )


def manual_assignment(image: ClusterImage, topic: CreatableTopic) -> list[tuple[int, ...]]:
    """The replica lists as asked for, else INVALID_REPLICA_ASSIGNMENT (or INVALID_REQUEST if sizes are given too)."""
    if topic.num_partitions != UNSET or topic.replication_factor != UNSET:
        raise KafkaError(
            Error.INVALID_REQUEST,
            f"topic {topic.name} has an assignment and also num_partitions={topic.num_partitions}, "
            f"replication_factor={topic.replication_factor}; set both to -1, or leave the assignment out",
        )
    for number, replicas in enumerate(topic.assignment):
        problem = _assignment_problem(image, replicas, len(topic.assignment[0]))
        if problem:
            raise KafkaError(
                Error.INVALID_REPLICA_ASSIGNMENT, f"the assignment {list(replicas)} of {topic.name}-{number} {problem}"
            )
    return [tuple(replicas) for replicas in topic.assignment]


def automatic_assignment(
    image: ClusterImage, topic: CreatableTopic, config: Mapping, dice: Random
) -> list[tuple[int, ...]]:
    """Replica lists striped over the racks, else INVALID_PARTITIONS or INVALID_REPLICATION_FACTOR."""
    if topic.replication_factor < UNSET or topic.replication_factor == 0:
        raise KafkaError(
            Error.INVALID_REPLICATION_FACTOR,
            f"replication_factor={topic.replication_factor} of topic {topic.name} is not possible; "
            "use at least 1, or -1 for the cluster's default",
        )
    if topic.num_partitions < UNSET or topic.num_partitions == 0:
        raise KafkaError(
            Error.INVALID_PARTITIONS,
            f"num_partitions={topic.num_partitions} of topic {topic.name} is not possible; "
            "use at least 1, or -1 for the cluster's default",
        )
    partitions = config["num.partitions"] if topic.num_partitions == UNSET else topic.num_partitions
    factor = config["default.replication.factor"] if topic.replication_factor == UNSET else topic.replication_factor
    replica_lists = placement.place_replicas(usable_brokers(image), partitions, factor, dice)
    if not all(any(image.alive(replica) for replica in replicas) for replicas in replica_lists):
        raise KafkaError(
            Error.INVALID_REPLICATION_FACTOR,
            f"unable to replicate the partition {factor} time(s): all brokers are fenced or shutting down; start one",
        )
    return replica_lists


def usable_brokers(image: ClusterImage) -> list[UsableBroker]:
    """The brokers that may get replicas: all but those that are just shutting down."""
    return [
        UsableBroker(broker.id, broker.rack, broker.fenced)
        for broker in image.brokers.values()
        if broker.fenced or not broker.in_controlled_shutdown
    ]


def new_topic_id(image: ClusterImage, dice: Random) -> str:
    """128 random bits as Kafka writes them: 22 characters. Never the id of a topic that exists."""
    while True:
        topic_id = base64.urlsafe_b64encode(dice.randbytes(16)).decode().rstrip("=")
        if topic_id not in image.topic_names:
            return topic_id


def delete_topics(image: ClusterImage, request: DeleteTopicsRequest, config: Mapping) -> Decision:
    """Delete each topic, or answer why not."""
    facts, rows = {}, []
    for name in request.topics:
        error, message = Error.NONE, None
        if not config["delete.topic.enable"]:
            error = Error.TOPIC_DELETION_DISABLED
            message = f"topic {name} cannot be deleted: delete.topic.enable=False; set it to True"
        elif name not in image.topics:
            error, message = Error.UNKNOWN_TOPIC_OR_PARTITION, f"topic {name} does not exist; check its name"
        else:
            facts[name] = RemoveTopicRecord(image.topics[name].id)
        rows.append(DeletedTopic(name, error, message))
    return Decision(tuple(facts.values()), DeleteTopicsResponse(rows), "DeleteTopics")


def _assignment_problem(image: ClusterImage, replicas: list[int], factor: int) -> str | None:
    unknown = [replica for replica in replicas if replica not in image.brokers]
    rules: list[tuple[bool, str]] = [
        (not replicas, "names no broker; name at least one"),
        (bool(unknown), f"names {unknown}, which are not registered; known are {sorted(image.brokers)}"),
        (len(dict.fromkeys(replicas)) != len(replicas), "names a broker twice; name each once"),
        (len(replicas) != factor, f"has another length than the first partition's ({factor}); give all the same"),
        (not any(map(image.alive, replicas)), "names only brokers that are fenced or shutting down; name a live one"),
    ]
    return next((problem for broken, problem in rules if broken), None)
