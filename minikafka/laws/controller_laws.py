"""Laws of the controller (C1 to C8).

Promises     each class states one law: its tag, its precondition, and where it comes from.
Stands for   the state invariants of the controller's partitions and brokers.
Left out     C7's sessions: that an incarnation is accepted only after the one before was silent long enough cannot be
             seen from outside; C8's votes: see `quorum_laws`.
Differs      judges a change when it is recorded; a broker's view when the broker applies it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikafka.controller.decision import topic_setting
from minikafka.controller.leader_changes import UNCLEAN_ELECTION
from minikafka.events.governance import (
    BrokerFenced,
    BrokerRegistered,
    BrokerShuttingDown,
    BrokerUnfenced,
    ControllerStarted,
    IsrRecorded,
    LeaderElected,
    PartitionsAdded,
    PartitionWentOffline,
    ReplicasRecorded,
    TopicCreated,
)
from minikafka.events.replication import BecameFollower, BecameLeader, BrokerStarted, WentOffline
from minikafka.laws.sight import KafkaLaw
from minikafka.protocol.names import NO_LEADER, TopicPartition

CHANGES = (LeaderElected, PartitionWentOffline, IsrRecorded)

GONE = None
"""What the picture has of a partition that was deleted in the very step that changed it: a quorum's leader tells many
facts at once."""


class IsrAndElrAreReplicas(KafkaLaw):
    """C1: ISR and ELR are replicas, none is in both, and with min.insync.replicas in the ISR there is no ELR. Always
    (V: ValidControllerIsrAndElr)."""

    KINDS = CHANGES

    def broken_by(self, place: str, event: Any) -> str | None:
        partition = self.sight.picture.at(place).partitions.get(event.partition, GONE)
        isr, elr = event.isr, event.elr
        if partition is GONE:
            return None
        enough = len(isr) >= self.sight.history(place, event.partition).min_isr
        if all(member in partition.replicas for member in (*isr, *elr)) and not any(member in isr for member in elr):
            if not (enough and elr) and len(dict.fromkeys(isr)) == len(isr):
                return None
        return f"{event.partition} has replicas {list(partition.replicas)}, ISR {list(isr)} and ELR {list(elr)}"


class LeaderIsInTheIsr(KafkaLaw):
    """C2: a leader is in the ISR. Always (G: LeaderInIsr)."""

    KINDS = CHANGES

    def broken_by(self, place: str, event: Any) -> str | None:
        partition = self.sight.picture.at(place).partitions.get(event.partition, GONE)
        if partition is GONE or partition.leader == NO_LEADER or partition.leader in partition.isr:
            return None
        return f"broker {partition.leader} leads {event.partition} and is not in its ISR {list(partition.isr)}"


class LeaderIsAliveWhenElected(KafkaLaw):
    """C3: who is elected is registered, unfenced and not shutting down at that moment. Always (K)."""

    KINDS = (LeaderElected, BrokerRegistered, BrokerUnfenced, BrokerFenced, BrokerShuttingDown)

    def __init__(self) -> None:
        super().__init__()
        self._alive: dict[tuple[str, int], bool] = {}  # the picture may be further on: many facts are told in one step

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster = self.sight.picture.at(place)
        if not isinstance(event, LeaderElected):
            self._alive[cluster.name, event.broker] = isinstance(event, BrokerUnfenced)
            return None
        pictured = cluster.brokers.get(event.leader)
        if self._alive.get((cluster.name, event.leader), pictured is not None and pictured.alive):
            return None
        return f"broker {event.leader} was elected leader of {event.partition}, but it is not alive"


class FencedBrokersAreNotInSync(KafkaLaw):
    """C4: with ELR no fenced broker is in an ISR; without it an ISR is never empty, and a fenced member is its last.
    Always (V; KIP-841)."""

    KINDS = (*CHANGES, BrokerFenced, BrokerRegistered)

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster = self.sight.picture.at(place)
        touched = [event.partition] if isinstance(event, CHANGES) else list(cluster.partitions)
        for tp in [tp for tp in touched if tp in cluster.partitions]:
            isr = cluster.partitions[tp].isr
            fenced = [member for member in isr if cluster.brokers[member].fenced]
            if self.sight.history(place, tp).elr:
                if fenced:
                    return f"broker {fenced[0]} is fenced and in the ISR {list(isr)} of {tp}"
            elif not isr:
                return f"{tp} has an empty ISR, and without ELR nobody is left who may lead"
            elif fenced and len(isr) > 1:
                return f"broker {fenced[0]} is fenced and in the ISR {list(isr)} of {tp} together with others"
        return None


class _Epochs(NamedTuple):
    leader_epoch: int
    partition_epoch: int
    leader: int


class EpochsCountEveryChange(KafkaLaw):
    """C5: each recorded change raises the partition epoch by one, and the leader epoch by one exactly if it names the
    leader. Always (K)."""

    KINDS = (*CHANGES, TopicCreated, PartitionsAdded)

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, TopicPartition], _Epochs] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        if isinstance(event, TopicCreated | PartitionsAdded):
            for number, isr in enumerate(event.isrs, getattr(event, "first", 0)):
                self._known[self.cluster_of(place), TopicPartition(event.topic, number)] = _Epochs(0, 0, isr[0])
            return None
        key = (self.cluster_of(place), event.partition)
        before = self._known.get(key)
        names_leader = not isinstance(event, IsrRecorded)
        leader = event.leader if isinstance(event, LeaderElected) else NO_LEADER
        if not names_leader:
            leader_epoch, leader = (before.leader_epoch, before.leader) if before else (-1, NO_LEADER)
        else:
            leader_epoch = event.leader_epoch
        self._known[key] = _Epochs(leader_epoch, event.partition_epoch, leader)
        if before is None:
            return None
        if event.partition_epoch != before.partition_epoch + 1:
            return f"{event.partition} went from partition epoch {before.partition_epoch} to {event.partition_epoch}"
        if names_leader and leader_epoch != before.leader_epoch + 1:
            return f"{event.partition} went from leader epoch {before.leader_epoch} to {leader_epoch}"
        return None


class LeadersComeFromTheIsr(KafkaLaw):
    """C6: a new leader was in the ISR, or, with the ISR empty, in the ELR; or its arrival in the ISR has completed a
    move with this very change. Unless the election was unclean: then that is allowed, by the topic, by an
    administrator, or by the rule of the last known leader, and it is said (K)."""

    KINDS = (*CHANGES, TopicCreated, PartitionsAdded, ReplicasRecorded)

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, TopicPartition], tuple[tuple, tuple]] = {}
        self._arrived: dict[tuple[str, TopicPartition], tuple] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        if isinstance(event, TopicCreated | PartitionsAdded):
            for number, isr in enumerate(event.isrs, getattr(event, "first", 0)):
                self._known[self.cluster_of(place), TopicPartition(event.topic, number)] = (tuple(isr), ())
            return None
        if isinstance(event, ReplicasRecorded):
            done = not event.adding and not event.removing
            self._arrived[self.cluster_of(place), event.partition] = event.replicas if done else ()
            return None
        isr, elr = self._known.get((self.cluster_of(place), event.partition), (tuple(event.isr), ()))
        self._known[self.cluster_of(place), event.partition] = (tuple(event.isr), tuple(event.elr))
        arrived = self._arrived.pop((self.cluster_of(place), event.partition), ())
        if not isinstance(event, LeaderElected):
            return None
        clean = event.leader in isr or (event.leader in elr and tuple(event.isr) == (event.leader,))
        clean = clean or (event.leader in arrived and event.leader in event.isr)
        if clean == event.clean and (clean or self._may_be_unclean(place, event, isr, elr)):
            return None
        return (
            f"broker {event.leader} was elected leader of {event.partition} ({'clean' if event.clean else 'unclean'}, "
            f"{event.reason}); the ISR was {list(isr)} and the ELR {list(elr)}"
        )

    def _may_be_unclean(self, place: str, event: LeaderElected, isr: tuple, elr: tuple) -> bool:
        controller = self.sight.machines[place].process
        topic = event.partition.topic
        setting = topic_setting(controller.committed_image, controller.config, topic, "unclean.leader.election.enable")
        brokers = self.sight.picture.at(place).brokers
        nobody_left = self.sight.history(place, event.partition).elr and all(brokers[m].fenced for m in (*isr, *elr))
        return bool(setting) or event.reason == UNCLEAN_ELECTION or nobody_left


class BrokerEpochsRise(KafkaLaw):
    """C7: each incarnation of a broker has a higher broker epoch than the one before. Always (K)."""

    KINDS = (BrokerRegistered,)

    def __init__(self) -> None:
        super().__init__()
        self._latest: dict[tuple[str, int], int] = {}

    def broken_by(self, place: str, event: BrokerRegistered) -> str | None:
        key = (self.cluster_of(place), event.broker)
        before = self._latest.get(key, -1)
        self._latest[key] = event.broker_epoch
        if event.broker_epoch > before:
            return None
        return f"broker {event.broker} was registered with broker epoch {event.broker_epoch} after {before}"


class BrokersKnowWhatWasRecorded(KafkaLaw):
    """C8: at most one controller for each epoch, and what a broker knows is what the controller had recorded at that
    offset. Always (V: MetadataLogMatching). One that stood still may hear late that it decides in an epoch that is
    over."""

    KINDS = (ControllerStarted, BrokerStarted, BecameLeader, BecameFollower, WentOffline)

    def __init__(self) -> None:
        super().__init__()
        self._reigns: dict[tuple[str, int], str] = {}
        self._compared: dict[str, int] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster = self.sight.picture.at(place)
        if isinstance(event, ControllerStarted):
            reign = (cluster.name, event.controller_epoch)
            before, self._reigns[reign] = self._reigns.get(reign), place
            return f"{place} and {before} both decide in controller epoch {event.controller_epoch}" if before else None
        broker = self.sight.machines[place].process
        controller = self.sight.machines[cluster.controller].process
        if broker is None or controller is None or self._compared.get(place) == broker.image.offset:
            return None
        self._compared[place] = broker.image.offset
        committed = controller.committed_image
        if broker.image.offset > controller.chronicle.told:
            return f"{place} has metadata up to {broker.image.offset}, committed is {controller.chronicle.told}"
        if broker.image.offset == committed.offset and broker.image != committed:
            return f"{place} has other metadata than the controller, both up to offset {broker.image.offset}"
        return None


CONTROLLER_LAWS = (
    IsrAndElrAreReplicas,
    LeaderIsInTheIsr,
    LeaderIsAliveWhenElected,
    FencedBrokersAreNotInSync,
    EpochsCountEveryChange,
    LeadersComeFromTheIsr,
    BrokerEpochsRise,
    BrokersKnowWhatWasRecorded,
)
"""C1 to C8."""
