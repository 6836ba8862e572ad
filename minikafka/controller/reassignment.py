"""Partitions move to other brokers, without standing still.

Promises     during a move a partition has the old replicas and the new ones; the old ones go only when every new one is
             in sync, in the same record, and the leader moves along if it has to. A move can be taken back.
Stands for   ReplicationControlManager.alterPartitionReassignments, PartitionReassignmentReplicas and
             PartitionReassignmentRevert.
Left out     throttles (leader.replication.throttled.rate and its kin): a move takes all the bandwidth there is.
Differs      with a placement constraint the target has to fit it. Its roles count from the beginning of the move: an
             observer of the target observes at once, and the move waits for sync replicas alone. A move that is taken
             back leaves these roles to those that stay, unless only observers would be left. All this is inferred:
             documented is only that a constraint moves nothing until a reassignment does.
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.controller.constrained_placement import split_assignment
from minikafka.controller.decision import Decision
from minikafka.controller.elections import partition_change
from minikafka.controller.leader_changes import terms_for
from minikafka.metadata.facts import PartitionChangeRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import constraints_of
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.partition_requests import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ListPartitionReassignmentsResponse,
    OngoingReassignment,
    Reassigned,
    Reassignment,
)

REASSIGNMENT = "AlterPartitionReassignments"


def alter_reassignments(
    image: ClusterImage, request: AlterPartitionReassignmentsRequest, config: Mapping
) -> Decision:
    """Begin, change or take back each move, or answer why not."""
    facts, rows = {}, []
    for row in request.partitions:
        error, message, which = Error.NONE, None, row[:2]
        try:
            if which in facts:
                raise KafkaError(Error.INVALID_REQUEST, f"{row.topic}-{row.partition} is named twice; name it once")
            facts[which] = moved(image, row, config)
        except KafkaError as refusal:
            error, message = refusal.error, refusal.sentence
        rows.append(Reassigned(row.topic, row.partition, error, message))
    recorded = tuple(fact for fact in facts.values() if fact is not None)
    return Decision(recorded, AlterPartitionReassignmentsResponse(rows), REASSIGNMENT)


def moved(image: ClusterImage, row: Reassignment, config: Mapping) -> PartitionChangeRecord | None:
    """The record that begins, changes or takes back a move (None: nothing changes), else KafkaError."""
    which = TopicPartition(row.topic, row.partition)
    now = image.partition(which)
    if now is None:
        raise KafkaError(Error.UNKNOWN_TOPIC_OR_PARTITION, f"{which} does not exist; check the topic and the number")
    planned = taken_back(which, now) if row.replicas is None else begun(image, which, now, tuple(row.replicas))
    terms = terms_for(image, config, row.topic, planned)
    isr = tuple(member for member in now.isr if member in planned.replicas)
    return partition_change(image.topics[row.topic].id, row.partition, now, terms, isr, planned=planned)


def begun(
    image: ClusterImage, which: TopicPartition, now: PartitionRegistration, target: tuple
) -> PartitionRegistration:
    """The partition on its way to these replicas: they come first, those that will go follow."""
    unknown = [replica for replica in target if replica not in image.brokers]
    problem = ("names no broker; name at least one" if not target
               else "names a broker twice; name each once" if len(dict.fromkeys(target)) != len(target)
               else f"names {unknown}, which are not registered; known are {sorted(image.brokers)}" if unknown else "")
    if problem:
        raise KafkaError(Error.INVALID_REPLICA_ASSIGNMENT, f"the target {list(target)} of {which} {problem}")
    held = tuple(replica for replica in now.replicas if replica not in now.adding_replicas)
    leaving = tuple(replica for replica in now.replicas if replica not in target)
    coming = tuple(replica for replica in target if replica not in held)
    observers = (*observers_among(image, which, target), *(one for one in leaving if one in now.observers))
    return now._replace(
        replicas=(*target, *leaving), adding_replicas=coming, removing_replicas=leaving, observers=observers
    )


def observers_among(image: ClusterImage, which: TopicPartition, target: tuple) -> tuple[int, ...]:
    """The observers of a target, by the topic's placement constraint; INVALID_REPLICA_ASSIGNMENT if it does not fit."""
    constraints = constraints_of(image, which.topic)
    return () if constraints is None else split_assignment(constraints, target, image.racks(), str(which))


def taken_back(which: TopicPartition, now: PartitionRegistration) -> PartitionRegistration:
    """The partition as it was. NO_REASSIGNMENT_IN_PROGRESS; INVALID_REPLICA_ASSIGNMENT if only new ones are in sync."""
    if not now.reassigning:
        raise KafkaError(Error.NO_REASSIGNMENT_IN_PROGRESS, f"{which} does not move, so there is nothing to cancel")
    held = tuple(replica for replica in now.replicas if replica not in now.adding_replicas)
    if not any(replica in now.isr for replica in held):
        raise KafkaError(
            Error.INVALID_REPLICA_ASSIGNMENT,
            f"only {list(now.isr)} of {which} are in sync, and these are new: to take the move back now would lose "
            "records; wait until an old replica is in sync, or let it finish",
        )
    observers = tuple(replica for replica in now.observers if replica in held)
    if len(observers) == len(held):
        observers = ()
    return now._replace(replicas=held, adding_replicas=(), removing_replicas=(), observers=observers)


def ongoing(image: ClusterImage) -> ListPartitionReassignmentsResponse:
    """Every partition that moves."""
    rows = [
        OngoingReassignment(topic.name, number, list(one.replicas), list(one.adding_replicas),
                            list(one.removing_replicas))
        for topic, number, one in image.partitions() if one.reassigning
    ]  # fmt: skip
    return ListPartitionReassignmentsResponse(Error.NONE, None, rows)
