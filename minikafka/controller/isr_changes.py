"""The ISR as the controller records it: a compare-and-set on both epochs of a partition.

Promises     of two changes that start from the same partition epoch, at most one is recorded; a fenced, leaving or
             restarted broker does not come into an ISR.
Stands for   ReplicationControlManager.alterPartition and validateAlterPartitionData, version 3 of the request.
Left out     -
Differs      a refusal says why in words (for the trace; the answer carries the code alone, as in Kafka).
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.controller import elections, leader_changes, promotion
from minikafka.controller.broker_epochs import stale_broker_epoch
from minikafka.controller.decision import Decision
from minikafka.events.governance import AlterPartitionRefused
from minikafka.metadata.facts import RECOVERED, RECOVERING, PartitionChangeRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.cluster_requests import (
    AlteredPartition,
    AlterPartitionPartition,
    AlterPartitionRequest,
    AlterPartitionResponse,
    IsrMember,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.names import NO_EPOCH, NO_LEADER, TopicPartition

ALTER_PARTITION = "AlterPartition"

Refusal = tuple[Error, str]


def alter_partition(image: ClusterImage, request: AlterPartitionRequest, config: Mapping) -> Decision:
    """Record the ISRs a leader asks for; each partition gets its new state or the first rule it breaks."""
    stale = stale_broker_epoch(image, request.broker_id, request.broker_epoch)
    if stale:
        notes = tuple(_note(image, request, wish, (Error.STALE_BROKER_EPOCH, stale)) for wish in request.partitions)
        return Decision(response=AlterPartitionResponse(Error.STALE_BROKER_EPOCH, []), notes=notes)
    facts, rows, notes = [], [], []
    for wish in request.partitions:
        refusal = refuse(image, request.broker_id, wish) or _refuse_promotion(image, config, wish)
        if refusal is not None:
            rows.append(AlteredPartition(*wish[:2], refusal[0], NO_LEADER, NO_EPOCH, [], RECOVERED, NO_EPOCH))
            notes.append(_note(image, request, wish, refusal))
            continue
        change, after = _changed(image, config, wish)
        if change is not None:
            facts.append(change)
        epoch, isr, recovery = after.leader_epoch, list(after.isr), after.leader_recovery_state
        error = Error.NONE if epoch == wish.leader_epoch else Error.NEW_LEADER_ELECTED
        rows.append(
            AlteredPartition(*wish[:2], error, after.leader, epoch, isr, recovery, after.partition_epoch)
        )
    return Decision(tuple(facts), AlterPartitionResponse(Error.NONE, rows), ALTER_PARTITION, tuple(notes))


def _changed(
    image: ClusterImage, config: Mapping, wish: AlterPartitionPartition
) -> tuple[PartitionChangeRecord | None, PartitionRegistration]:
    topic = image.topic_by_id(wish.topic_id)
    now = topic.partitions[wish.partition]
    terms = leader_changes.terms_for(image, config, topic.name, now)
    isr = tuple(member.broker_id for member in wish.new_isr)
    change = elections.partition_change(topic.id, wish.partition, now, terms, isr, wish.leader_recovery_state)
    return change, now if change is None else now.merge(change)


def _refuse_promotion(image: ClusterImage, config: Mapping, wish: AlterPartitionPartition) -> Refusal | None:
    topic = image.topic_by_id(wish.topic_id)
    isr = [member.broker_id for member in wish.new_isr]
    return promotion.refuse_promotion(image, config, topic.name, topic.partitions[wish.partition], isr)


def _note(
    image: ClusterImage, request: AlterPartitionRequest, wish: AlterPartitionPartition, refusal: Refusal
) -> AlterPartitionRefused:
    name = image.topic_names.get(wish.topic_id, wish.topic_id)
    return AlterPartitionRefused(TopicPartition(name, wish.partition), request.broker_id, refusal[0].name, refusal[1])


def refuse(image: ClusterImage, broker: int, wish: AlterPartitionPartition) -> Refusal | None:
    """The first rule, in Kafka's order, that this change would break; None if it may be recorded."""
    topic = image.topic_by_id(wish.topic_id)
    if topic is None:
        return Error.UNKNOWN_TOPIC_ID, f"no topic has the id {wish.topic_id}; it was deleted"
    now = image.partition(TopicPartition(topic.name, wish.partition))
    if now is None:
        return Error.UNKNOWN_TOPIC_OR_PARTITION, f"{topic.name} has {len(topic.partitions)} partitions"
    return check_epochs(now, broker, wish) or check_isr(now, wish) or check_eligible(image, wish.new_isr)


def check_epochs(now: PartitionRegistration, broker: int, wish: AlterPartitionPartition) -> Refusal | None:
    """Only the leader of this very leader epoch may ask, and only on top of the latest recorded change."""
    if wish.leader_epoch > now.leader_epoch:
        return Error.NOT_CONTROLLER, (
            f"leader epoch {wish.leader_epoch} is newer than {now.leader_epoch}, which is recorded here"
        )
    if wish.partition_epoch > now.partition_epoch:
        return Error.NOT_CONTROLLER, (
            f"partition epoch {wish.partition_epoch} is newer than {now.partition_epoch}, which is recorded here"
        )
    if wish.leader_epoch < now.leader_epoch:
        return Error.FENCED_LEADER_EPOCH, f"leader epoch {wish.leader_epoch} is over, it is {now.leader_epoch} now"
    if broker != now.leader:
        return Error.INVALID_REQUEST, f"broker {broker} asks, but {now.leader} leads"
    if wish.partition_epoch < now.partition_epoch:
        return Error.INVALID_UPDATE_VERSION, (
            f"based on partition epoch {wish.partition_epoch}, but {now.partition_epoch} is recorded by now"
        )
    return None


def check_isr(now: PartitionRegistration, wish: AlterPartitionPartition) -> Refusal | None:
    """An ISR names replicas of the partition, each once, and the leader; a recovering leader is alone in it."""
    isr = [member.broker_id for member in wish.new_isr]
    if len(dict.fromkeys(isr)) != len(isr) or any(member not in now.replicas for member in isr):
        return Error.INVALID_REQUEST, f"the ISR {isr} is no selection of the replicas {list(now.replicas)}"
    if now.leader not in isr:
        return Error.INVALID_REQUEST, f"the ISR {isr} lacks the leader {now.leader}"
    if wish.leader_recovery_state == RECOVERING and len(isr) > 1:
        return Error.INVALID_REQUEST, f"the leader is still recovering and must be alone in the ISR, which is {isr}"
    if wish.leader_recovery_state == RECOVERING and now.leader_recovery_state == RECOVERED:
        return Error.INVALID_REQUEST, "a leader that has recovered does not go back to recovering"
    return None


def check_eligible(image: ClusterImage, members: list[IsrMember]) -> Refusal | None:
    """Each member is the incarnation that its leader has seen, and may lead (KIP-841, KIP-903)."""
    for member in members:
        broker = image.brokers.get(member.broker_id)
        if broker is None:
            why = "not registered"
        elif broker.in_controlled_shutdown:
            why = "shutting down"
        elif broker.fenced:
            why = "fenced"
        elif member.broker_epoch not in (NO_EPOCH, broker.epoch):
            why = f"restarted: its broker epoch is {broker.epoch}, not {member.broker_epoch}"
        else:
            continue
        return Error.INELIGIBLE_REPLICA, f"broker {member.broker_id} is {why}"
    return None
