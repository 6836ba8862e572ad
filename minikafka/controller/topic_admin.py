"""Topics: created and deleted.

Promises     a topic is created whole (all partitions, each with a live leader, and its settings) or not at all; nothing
             is changed for a name that gets an error.
Stands for   ReplicationControlManager.createTopics and deleteTopics.
Left out     creation policies, quotas, deletion by id. Further partitions for a topic: see `partition_growth`.
Differs      deletion takes names; Kafka's controller takes ids, which the broker has looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from minikafka.controller import placement
from minikafka.controller.constrained_placement import place_constrained, split_assignment
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
from minikafka.metadata.observer_policy import CONSTRAINTS
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
from minikafka.protocol.names import check_topic_name, random_uuid
from minikafka.protocol.placement_constraints import PlacementConstraints, constraints_from
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
    overrides = dict(topic_config(config, dict(topic.configs)).overrides)
    constraints = placement_for(topic, overrides, config)
    if topic.assignment:
        replica_lists = manual_assignment(image, topic)
    else:
        replica_lists = automatic_assignment(image, topic, config, dice, constraints)
    observers = observers_of(image, topic.name, replica_lists, constraints)
    topic_id = new_topic_id(image, dice)
    facts = [TopicRecord(topic.name, topic_id)]
    facts += [ConfigRecord(TOPIC, topic.name, name, value) for name, value in sorted(overrides.items())]
    for number, replicas in enumerate(replica_lists):
        isr = tuple(replica for replica in replicas if image.alive(replica) and replica not in observers[number])
        if not isr:
            raise KafkaError(
                Error.INVALID_REPLICA_ASSIGNMENT,
                f"of {topic.name}-{number} only the observers {list(observers[number])} are alive, which cannot lead; "
                "start a broker with a sync replica",
            )
        facts.append(first_state(topic_id, number, replicas, isr, observers[number]))
    return facts


def first_state(topic_id: str, number: int, replicas: Sequence[int], isr: tuple, observers: tuple) -> PartitionRecord:
    """The fact that makes a partition, led by the first member of its ISR."""
    return PartitionRecord(
        topic_id, number, tuple(replicas), isr, elr=(), last_known_elr=(), leader=isr[0], leader_epoch=0,
        partition_epoch=0, leader_recovery_state=RECOVERED, observers=observers,
    )  # fmt: skip


def placement_for(topic: CreatableTopic, overrides: dict, config: Mapping) -> PlacementConstraints | None:
    """The topic's own placement, else (if neither factor nor assignment is given) the cluster's default, which then
    becomes the topic's own. INVALID_REQUEST for a placement beside a replication factor."""
    text = overrides.get(CONSTRAINTS)
    if text and topic.replication_factor != UNSET:
        raise KafkaError(
            Error.INVALID_REQUEST,
            f"topic {topic.name} has a placement constraint for {constraints_from(text).total} replicas and also "
            f"replication_factor={topic.replication_factor}; set the factor to -1, or leave the constraint out",
        )
    if not text and topic.replication_factor == UNSET and not topic.assignment:
        text = config["confluent.log.placement.constraints"]
        if text:
            overrides[CONSTRAINTS] = text
    return constraints_from(text) if text else None


def observers_of(
    image: ClusterImage, topic: str, replica_lists: list, constraints: PlacementConstraints | None
) -> list[tuple[int, ...]]:
    """The observers among the replicas of each partition; INVALID_REPLICA_ASSIGNMENT if they do not fit."""
    if constraints is None:
        return [()] * len(replica_lists)
    racks = image.racks()
    return [split_assignment(constraints, replicas, racks, f"{topic}-{number}")
            for number, replicas in enumerate(replica_lists)]  # fmt: skip


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
    image: ClusterImage,
    topic: CreatableTopic,
    config: Mapping,
    dice: Random,
    constraints: PlacementConstraints | None = None,
) -> list[tuple[int, ...]]:
    """Replica lists striped over the racks, or as constrained; else INVALID_PARTITIONS or INVALID_REPLICATION_FACTOR
    (INVALID_REPLICA_ASSIGNMENT with a constraint)."""
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
    if constraints is not None:
        return place_constrained(constraints, usable_brokers(image), partitions, config, dice)
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
    """A random id that no topic has."""
    while True:
        topic_id = random_uuid(dice)
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
