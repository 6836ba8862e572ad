"""How many replicas should be in sync, and which observers are too many: the rules that leader and controller share.

Promises     no more observers are wanted than are missing, and none once the sync replicas suffice; an observer that
             leads is never sent away.
Stands for   the promotion policies of Confluent's automatic observer promotion.
Left out     nothing that is documented.
Differs      the documentation says when observers are promoted, and for leader-is-observer only that others join "if
             needed"; that the number of sync replicas is the measure there, and who leaves first, is inferred. So is
             that an observer that leads stays in the ISR until a preferred election moves the leadership.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikafka.metadata.image import ClusterImage
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.placement_constraints import (
    LEADER_IS_OBSERVER,
    UNDER_MIN_ISR,
    UNDER_REPLICATED,
    PlacementConstraints,
    constraints_from,
)

CONSTRAINTS = "confluent.placement.constraints"


def constraints_of(image: ClusterImage, topic: str) -> PlacementConstraints | None:
    """The placement constraint of a topic, if it has one."""
    text = image.topic_config(topic).get(CONSTRAINTS)
    return constraints_from(str(text)) if text else None


def policy_of(text: object) -> str:
    """The promotion policy in the text of a placement constraint; without any text that of version 1."""
    return constraints_from(str(text)).policy if text else LEADER_IS_OBSERVER


def wanted_in_sync(policy: str, min_isr: int, sync_replicas: int, observer_leads: bool) -> int:
    """So many replicas should be in sync, if it takes observers: 0 where the policy wants none promoted now."""
    if policy == UNDER_MIN_ISR:
        return min_isr
    if policy == UNDER_REPLICATED:
        return sync_replicas
    assert policy == LEADER_IS_OBSERVER, f"{policy!r} is no promotion policy"
    return max(min_isr, sync_replicas) if observer_leads else 0


def wanted_for(partition: PartitionRegistration, policy: str, min_isr: int) -> int:
    """The same for a partition as it is recorded."""
    observer_leads = partition.leader in partition.observers
    return wanted_in_sync(policy, min_isr, len(expected_in_sync(partition)), observer_leads)


def expected_in_sync(partition: PartitionRegistration) -> tuple[int, ...]:
    """The sync replicas, while the partition moves those of its target: as many as there shall be (inferred)."""
    return tuple(replica for replica in partition.sync_replicas if replica not in partition.removing_replicas)


def missing(isr: Iterable[int], wanted: int) -> int:
    """How many observers are to be promoted now."""
    return max(0, wanted - len(tuple(isr)))


def too_many(isr: tuple[int, ...], observers: tuple[int, ...], leader: int, wanted: int) -> tuple[int, ...]:
    """The promoted observers that are needed no more, those that came last first to go; never the leader."""
    promoted = [member for member in isr if member in observers and member != leader]
    others = len(isr) - len(promoted)
    return tuple(promoted[max(0, wanted - others) :])
