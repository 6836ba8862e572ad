"""What facts mean, told as events: the one place where changes of brokers, topics and partitions are told.

Promises     each fact about a broker, a topic, a partition, a rule or a user becomes one event (a new topic tells its
             partitions), once, by the first controller that knows it to be committed.
Stands for   the log lines of ClusterControlManager, ReplicationControlManager and PartitionRegistration.
Left out     features, and the settings with which a cluster or a topic begins.
Differs      one chronicle for all controllers of a cluster: it is the flight recorder's, and no controller learns
             anything from it. A fact does not carry the reason for which it was decided; here it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minikafka.controller.promotion import promotions_told
from minikafka.events import governance, quorum, security
from minikafka.events.observers import ObserversAssigned
from minikafka.metadata import facts as kinds
from minikafka.metadata.facts import RECOVERING
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import CONSTRAINTS, policy_of
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.names import NO_LEADER, TopicPartition


class Chronicle:
    """What has been told of one cluster: everything up to the fact at offset `told`. `several`: has the cluster more
    than one controller, so that it is worth telling what they say to each other?"""

    def __init__(self, several: bool = False) -> None:
        self.told: int | None = None
        self.several = several
        self._reasons: dict[tuple[int, int], str] = {}

    def begin(self, end_offset: int) -> int:
        """The only voter begins with a log that ends here: this is the truth now. Returns how many facts are lost."""
        lost = 0 if self.told is None else max(0, self.told + 1 - end_offset)
        if lost or self.told is None:
            self.told = end_offset - 1
        return lost

    def decided(self, epoch: int, offset: int, reason: str) -> None:
        """The facts that end at this offset were written down in this epoch, for this reason."""
        self._reasons[epoch, offset] = reason

    def committed(
        self, old: ClusterImage, new: ClusterImage, epoch: int, facts: Iterable[NamedTuple]
    ) -> Iterator[NamedTuple]:
        """The events of these committed facts, which were written in this epoch; none if they were told before."""
        if self.told is None or new.offset > self.told:
            self.told = new.offset
            yield from events_of(old, new, facts, self._reasons.pop((epoch, new.offset), ""))


def events_of(old: ClusterImage, new: ClusterImage, facts: Iterable[NamedTuple], reason: str) -> Iterator[NamedTuple]:
    """The events that lead from the old image to the new one, in the order of the facts."""
    changed = {}
    for fact in facts:
        match fact:
            case kinds.PartitionChangeRecord():
                which = TopicPartition(old.topic_names[fact.topic_id], fact.partition)
                before = changed.get(which) or old.partition(which)
                changed[which] = before.merge(fact)
                if (fact.replicas, fact.adding_replicas, fact.removing_replicas) != (None, None, None):
                    after = changed[which]
                    yield governance.ReplicasRecorded(which, after.replicas, after.adding_replicas,
                                                      after.removing_replicas, before.replicas)  # fmt: skip
                yield partition_event(which, before, changed[which], reason)
                yield from promotions_told(which, before, changed[which])
                if fact.observers is not None:
                    yield observers_assigned(new, which, changed[which])
            case kinds.RegisterBrokerRecord():
                yield governance.BrokerRegistered(fact.broker_id, fact.broker_epoch, fact.address, fact.rack, reason)
            case kinds.BrokerRegistrationChangeRecord():
                yield broker_event(fact, reason)
            case kinds.TopicRecord():
                partitions = new.topics[fact.name].partitions
                replicas = tuple(partition.replicas for partition in partitions)
                yield governance.TopicCreated(fact.name, fact.topic_id, replicas, tuple(p.isr for p in partitions))
                for number, partition in enumerate(partitions):
                    if partition.observers:
                        yield observers_assigned(new, TopicPartition(fact.name, number), partition)
            case kinds.PartitionRecord() if _grows(old, fact):
                yield from growth_told(new, old.topic_names[fact.topic_id], fact)
            case kinds.RemoveTopicRecord():
                yield governance.TopicDeleted(old.topic_names[fact.topic_id], fact.topic_id)
            case kinds.ConfigRecord() if _existed(old, fact):
                before = old.configs.get(fact[:2], {}).get(fact.name)
                yield governance.SettingChanged(fact.resource_type, fact.resource_name, fact.name, fact.value, before)
            case kinds.ProducerIdsRecord():
                first = old.next_producer_id
                yield governance.ProducerIdsAllocated(fact.broker_id, first, fact.next_producer_id)
            case kinds.AccessControlEntryRecord():
                yield security.AccessRuleAdded(new.access_rules[fact.rule_id].sentence())
            case kinds.RemoveAccessControlEntryRecord():
                yield security.AccessRuleRemoved(old.access_rules[fact.rule_id].sentence())
            case kinds.UserScramCredentialRecord():
                yield security.UserAltered(fact.name, fact.mechanism, fact.iterations)
            case kinds.RemoveUserScramCredentialRecord():
                yield security.UserRemoved(fact.name, fact.mechanism)


def _existed(old: ClusterImage, fact: kinds.ConfigRecord) -> bool:
    return fact.resource_name in old.topics if fact.resource_type == kinds.TOPIC else old.offset >= 0


def growth_told(new: ClusterImage, name: str, first: kinds.PartitionRecord) -> Iterator[NamedTuple]:
    """The partitions that a topic has got, and who observes them."""
    added = new.topics[name].partitions[first.partition :]
    replicas, isrs = tuple(one.replicas for one in added), tuple(one.isr for one in added)
    yield governance.PartitionsAdded(name, first.topic_id, first.partition, replicas, isrs)
    for number, partition in enumerate(added, first.partition):
        if partition.observers:
            yield observers_assigned(new, TopicPartition(name, number), partition)


def _grows(old: ClusterImage, fact: kinds.PartitionRecord) -> bool:
    """Whether it is the first of the partitions that are added to an old topic."""
    topic = old.topic_by_id(fact.topic_id)
    return topic is not None and fact.partition == len(topic.partitions)


def partition_event(
    which: TopicPartition, before: PartitionRegistration, after: PartitionRegistration, reason: str
) -> NamedTuple:
    """A leader was elected, or the partition went offline, or only its ISR or ELR changed."""
    if after.leader_epoch == before.leader_epoch:
        return governance.IsrRecorded(which, after.isr, after.elr, after.partition_epoch, reason)
    state = (after.leader_epoch, after.isr, after.elr, after.partition_epoch)
    if after.leader == NO_LEADER:
        return governance.PartitionWentOffline(which, before.leader, *state, reason)
    moved = after.replicas != before.replicas and not after.reassigning
    arrived = moved and after.leader_recovery_state != RECOVERING  # its arrival in the ISR has completed the move
    clean = after.leader in before.isr or after.leader in before.elr or arrived
    return governance.LeaderElected(which, after.leader, *state, clean, reason)


def observers_assigned(
    image: ClusterImage, which: TopicPartition, partition: PartitionRegistration
) -> ObserversAssigned:
    """Who observes a partition, and when they are promoted."""
    policy = policy_of(image.topic_config(which.topic).get(CONSTRAINTS))
    return ObserversAssigned(which, partition.replicas, partition.observers, policy)


def broker_event(change: kinds.BrokerRegistrationChangeRecord, reason: str) -> NamedTuple:
    """A broker was fenced or unfenced, or began to shut down."""
    if change.in_controlled_shutdown:
        return governance.BrokerShuttingDown(change.broker_id, change.broker_epoch)
    if change.fenced:
        return governance.BrokerFenced(change.broker_id, change.broker_epoch, reason)
    return governance.BrokerUnfenced(change.broker_id, change.broker_epoch)


def metadata_lost(image: ClusterImage, lost: int) -> quorum.MetadataLost:
    """What is recorded, when that is less than was told before."""
    brokers = tuple((one.id, one.epoch, one.address, one.fenced, one.in_controlled_shutdown)
                    for one in image.brokers.values())  # fmt: skip
    topics = tuple((topic.name, topic.id, tuple(map(_row, topic.partitions))) for topic in image.topics.values())
    return quorum.MetadataLost(image.offset + 1, lost, brokers, topics)


def _row(state: PartitionRegistration) -> tuple:
    epochs = (state.leader, state.leader_epoch, state.partition_epoch)
    return state.replicas, state.observers, state.isr, state.elr, *epochs
