"""A placement constraint that has changed, applied to the replicas that are there: who is a sync replica, who observes.

Promises     the brokers stay, only their order and their roles change: nothing is copied, and nothing is lost. A
             leader goes on leading until a preferred election; a replica in sync that is an observer now leaves the ISR
             when its leader needs it no more. A topic is changed whole or not at all.
Stands for   the replica-placement-only run of Confluent's rebalancer, in the case in which no replica has to move.
Left out     constraints that need other brokers than those that hold the topic: that takes a reassignment.
Differs      Confluent's tool computes a plan for the whole cluster; here each topic is changed by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from minikafka.controller.decision import Decision
from minikafka.metadata.facts import PartitionChangeRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import CONSTRAINTS, constraints_of
from minikafka.metadata.registrations import PartitionRegistration, TopicImage
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.placement_constraints import PlacementConstraints
from minikafka.protocol.placement_requests import ApplyPlacementRequest, ApplyPlacementResponse, PlacedTopic

APPLY_PLACEMENT = "placement applied"


class Target(NamedTuple):
    """What a partition shall be: its replicas with the observers last, and these observers."""

    replicas: tuple[int, ...]
    observers: tuple[int, ...]


def apply_placement(image: ClusterImage, request: ApplyPlacementRequest) -> Decision:
    """Give each topic's replicas the roles that its constraint says, or answer why not."""
    facts, rows = [], []
    for name in request.topics:
        try:
            facts += changes_for(image, name)
            rows.append(PlacedTopic(name, Error.NONE, None))
        except KafkaError as refusal:
            rows.append(PlacedTopic(name, refusal.error, refusal.sentence))
    return Decision(tuple(facts), ApplyPlacementResponse(rows), APPLY_PLACEMENT)


def changes_for(image: ClusterImage, name: str) -> list[PartitionChangeRecord]:
    """The changes of one topic's partitions; none where all is in place."""
    topic = image.topics.get(name)
    if topic is None:
        raise KafkaError(Error.UNKNOWN_TOPIC_OR_PARTITION, f"topic {name} does not exist; check its name")
    constraints = constraints_of(image, name)
    if constraints is None:
        raise KafkaError(Error.INVALID_REQUEST, f"topic {name} has no placement constraint; set {CONSTRAINTS} first")
    moving = [f"{name}-{number}" for number, partition in enumerate(topic.partitions) if partition.reassigning]
    if moving:
        raise KafkaError(
            Error.REASSIGNMENT_IN_PROGRESS,
            f"{moving[0]} is on its way to other brokers; wait until it is there, or take the move back",
        )
    racks = image.racks()
    targets = [target_for(constraints, now, racks, f"{name}-{number}") for number, now in enumerate(topic.partitions)]
    return [change for number, target in enumerate(targets) for change in _change(topic, number, target)]


def target_for(
    constraints: PlacementConstraints, now: PartitionRegistration, racks: Mapping[int, str], where: str
) -> Target:
    """The present replicas in the order of the constraint; INVALID_REPLICA_ASSIGNMENT if it needs others."""
    left = list(now.replicas)
    chosen: list[list[int]] = []
    for counts in (constraints.replicas, constraints.observers):
        taken: list[int] = []
        for rack, count in counts:
            here = [replica for replica in left if racks.get(replica) == rack][:count]
            if len(here) < count:
                free = f"{len(here)} of its replicas {list(now.replicas)} are free there"
                raise _other_brokers(where, f"{count} replicas of {where} shall be in the rack {rack!r}, and {free}")
            left = [replica for replica in left if replica not in here]
            taken += here
        chosen.append(taken)
    if left:
        has = f"which has {len(now.replicas)}: there is no place for {left}"
        raise _other_brokers(where, f"the constraint wants {constraints.total} replicas of {where}, {has}")
    return Target((*chosen[0], *chosen[1]), tuple(chosen[1]))


def _change(topic: TopicImage, number: int, target: Target) -> list[PartitionChangeRecord]:
    now = topic.partitions[number]
    if (now.replicas, now.observers) == target:
        return []
    return [PartitionChangeRecord(topic.id, number, replicas=target.replicas, observers=target.observers)]


def _other_brokers(where: str, why: str) -> KafkaError:
    return KafkaError(Error.INVALID_REPLICA_ASSIGNMENT, f"{why}; reassign {where} to other brokers first")
