"""The picture of all clusters that the events alone draw: nothing in here looks at a broker or a controller.

Promises     folded in order, the events give every replica's role, epochs, ISR, log start, log end, high watermark,
             last stable offset and gaps, and the controller's brokers and partitions.
Stands for   nothing in Kafka: what an operator pieces together from the logs of all servers.
Left out     settings, the last known ELR, what clients know; what is missing inside a batch that a follower has
             fetched after its leader's compaction.
Differs      what a stop leaves in doubt is None until an event tells it: the high watermark after a restart, all of a
             log after a loss of power.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.events import governance, observers, quorum, replication, storage
from minikafka.laws.pictured import (
    FOLLOWER,
    LEADER,
    OFFLINE,
    BrokerPicture,
    ClusterPicture,
    PartitionPicture,
    ReplicaPicture,
)
from minikafka.protocol.names import NO_LEADER, TopicPartition
from minikafka.world import happenings
from minikafka.world.event import Recorded


class Picture:
    """All clusters, by name: the part of a place's name before the slash."""

    def __init__(self) -> None:
        self.clusters: dict[str, ClusterPicture] = {}
        self._cluster_at: dict[str, ClusterPicture] = {}

    def at(self, place: str) -> ClusterPicture:
        """The cluster to which a place belongs."""
        cluster = self._cluster_at.get(place)
        if cluster is None:
            name = place.partition("/")[0]
            cluster = self.clusters.setdefault(name, ClusterPicture(name))
            self._cluster_at[place] = cluster
        return cluster

    def hear(self, entry: Recorded) -> None:
        """Draw one event."""
        cluster, event = self.at(entry.place), entry.event
        if event.__class__ in CONTROLLERS_WORD:
            cluster.controller = entry.place
        FOLDS[event.__class__](cluster, entry.place, event)


Fold = Callable[[ClusterPicture, str, Any], None]


# -- logs -------------------------------------------------------------------------------------------------------


def _appended(cluster: ClusterPicture, place: str, event: storage.BatchAppended) -> None:
    replica = cluster.replica(place, event.partition)
    if replica.log_end is not None and replica.log_end < event.base_offset:
        replica.gaps = (*replica.gaps, (replica.log_end, event.base_offset - 1))
    replica.log_end = event.last_offset + 1


def _truncated(cluster: ClusterPicture, place: str, event: storage.LogTruncated) -> None:
    replica = cluster.replica(place, event.partition)
    _cut(replica, event.new_end)
    if replica.log_start is not None:
        replica.log_start = min(replica.log_start, event.new_end)
    if replica.high_watermark is not None:
        replica.high_watermark = min(replica.high_watermark, event.new_end)


def _cut(replica: ReplicaPicture, new_end: int) -> None:
    replica.log_end = new_end
    replica.transactions.cut(new_end)
    replica.gaps = tuple((first, min(last, new_end - 1)) for first, last in replica.gaps if first < new_end)


def _restarted(cluster: ClusterPicture, place: str, event: storage.LogRestarted) -> None:
    replica = cluster.replica(place, event.partition)
    replica.log_start = replica.log_end = replica.high_watermark = event.new_start
    replica.begin_anew()


def _start_moved(cluster: ClusterPicture, place: str, event: storage.LogStartMoved) -> None:
    replica = cluster.replica(place, event.partition)
    replica.log_start = event.new_start
    replica.transactions.forget_below(event.new_start)


def _recovered(cluster: ClusterPicture, place: str, event: storage.LogRecovered) -> None:
    replica = cluster.replica(place, event.partition)
    _cut(replica, event.new_end)
    replica.log_start = event.log_start


def _opened(cluster: ClusterPicture, place: str, event: storage.TransactionOpened) -> None:
    cluster.replica(place, event.partition).transactions.begin(event.producer_id, event.first_offset)


def _ended(cluster: ClusterPicture, place: str, event: storage.TransactionEnded) -> None:
    transactions = cluster.replica(place, event.partition).transactions
    transactions.end(event.producer_id, event.first_offset, event.offset)


def _compacted(cluster: ClusterPicture, place: str, event: Any) -> None:
    replica = cluster.replica(place, event.partition)
    others = [gap for gap in replica.gaps if gap[1] < event.base_offset or gap[0] >= event.next_offset]
    replica.gaps = tuple(sorted([*others, *map(tuple, event.gone)]))


def _log_deleted(cluster: ClusterPicture, place: str, event: Any) -> None:
    cluster.replicas.get(event.partition, {}).pop(place, None)


# -- roles and the ISR on brokers -------------------------------------------------------------------------------


def _became_leader(cluster: ClusterPicture, place: str, event: replication.BecameLeader) -> None:
    replica = cluster.replica(place, event.partition)
    replica.take_role(LEADER, cluster.id_of.get(place, NO_LEADER), event)
    replica.isr = replica.maximal_isr = tuple(event.isr)
    replica.epoch_start = event.log_end_offset
    if replica.log_end is None:
        replica.log_end = event.log_end_offset


def _became_follower(cluster: ClusterPicture, place: str, event: replication.BecameFollower) -> None:
    replica = cluster.replica(place, event.partition)
    replica.take_role(FOLLOWER, event.leader, event)
    if replica.log_end is None:
        replica.log_end = event.fetch_offset


def _went_offline(cluster: ClusterPicture, place: str, event: replication.WentOffline) -> None:
    cluster.replica(place, event.partition).take_role(OFFLINE, NO_LEADER, event)


def _partition_epoch(cluster: ClusterPicture, place: str, event: replication.PartitionEpochLearned) -> None:
    cluster.replica(place, event.partition).partition_epoch = event.partition_epoch


def _isr_asked(cluster: ClusterPicture, place: str, event: replication.IsrChangeAsked) -> None:
    joining = tuple(member for member in event.isr_to if member not in event.isr_from)
    cluster.replica(place, event.partition).maximal_isr = (*event.isr_from, *joining)


def _isr_changed(cluster: ClusterPicture, place: str, event: replication.IsrChanged) -> None:
    replica = cluster.replica(place, event.partition)
    replica.isr = replica.maximal_isr = tuple(event.isr)
    replica.partition_epoch = event.partition_epoch


def _isr_dropped(cluster: ClusterPicture, place: str, event: replication.IsrChangeDropped) -> None:
    replica = cluster.replica(place, event.partition)
    replica.isr = replica.maximal_isr = tuple(event.isr)


def _advanced(cluster: ClusterPicture, place: str, event: replication.HighWatermarkAdvanced) -> None:
    replica = cluster.replica(place, event.partition)
    replica.high_watermark = event.new
    replica.advanced_under = (replica.isr, replica.maximal_isr)
    replica.marked_in = replica.leader_epoch


def _learned(cluster: ClusterPicture, place: str, event: replication.HighWatermarkLearned) -> None:
    replica = cluster.replica(place, event.partition)
    replica.high_watermark, replica.marked_in = event.new, replica.leader_epoch


# -- machines ---------------------------------------------------------------------------------------------------


def _stopped(cluster: ClusterPicture, place: str, event: Any) -> None:
    for replica in cluster.held_at(place):
        replica.stop()


def _lost_power(cluster: ClusterPicture, place: str, event: Any) -> None:
    for replica in cluster.held_at(place):
        replica.stop()
        replica.log_start = replica.log_end = None


# -- the controller ---------------------------------------------------------------------------------------------


def _controller_started(cluster: ClusterPicture, place: str, event: Any) -> None:
    """It decides here from now on; unless it has stood still for so long that another one does in a later epoch."""
    if event.controller_epoch > cluster.controller_epoch:
        cluster.controller, cluster.controller_epoch = place, event.controller_epoch


def _forced(cluster: ClusterPicture, place: str, event: Any) -> None:
    cluster.forced = True


def _metadata_lost(cluster: ClusterPicture, place: str, event: quorum.MetadataLost) -> None:
    """Only this is recorded now; what was told of it later is forgotten."""
    cluster.brokers = {}
    for broker_id, epoch, address, fenced, shutting_down in event.brokers:
        broker = cluster.brokers[broker_id] = BrokerPicture(broker_id, epoch, address)
        broker.fenced, broker.shutting_down = fenced, shutting_down
    cluster.partitions = {}
    for topic, topic_id, partitions in event.topics:
        for number, (replicas, watching, isr, elr, leader, leader_epoch, partition_epoch) in enumerate(partitions):
            found = PartitionPicture(topic_id, replicas, isr or (NO_LEADER,))
            found.observers = tuple(watching)
            found.isr, found.elr, found.leader = tuple(isr), tuple(elr), leader
            found.leader_epoch, found.partition_epoch = leader_epoch, partition_epoch
            cluster.partitions[TopicPartition(topic, number)] = found


def _registered(cluster: ClusterPicture, place: str, event: governance.BrokerRegistered) -> None:
    cluster.brokers[event.broker] = BrokerPicture(event.broker, event.broker_epoch, event.address)
    cluster.id_of[event.address] = event.broker


def _fenced(cluster: ClusterPicture, place: str, event: governance.BrokerFenced) -> None:
    cluster.brokers[event.broker].fenced = True


def _unfenced(cluster: ClusterPicture, place: str, event: governance.BrokerUnfenced) -> None:
    cluster.brokers[event.broker].fenced = False


def _shutting_down(cluster: ClusterPicture, place: str, event: governance.BrokerShuttingDown) -> None:
    cluster.brokers[event.broker].shutting_down = True


def _topic_created(cluster: ClusterPicture, place: str, event: governance.TopicCreated) -> None:
    for number, (replicas, isr) in enumerate(zip(event.replicas, event.isrs, strict=True)):
        cluster.partitions[TopicPartition(event.topic, number)] = PartitionPicture(event.topic_id, replicas, isr)


def _partitions_added(cluster: ClusterPicture, place: str, event: governance.PartitionsAdded) -> None:
    for number, (replicas, isr) in enumerate(zip(event.replicas, event.isrs, strict=True), event.first):
        cluster.partitions[TopicPartition(event.topic, number)] = PartitionPicture(event.topic_id, replicas, isr)


def _replicas_recorded(cluster: ClusterPicture, place: str, event: governance.ReplicasRecorded) -> None:
    cluster.partitions[event.partition].replicas = tuple(event.replicas)


def _topic_deleted(cluster: ClusterPicture, place: str, event: governance.TopicDeleted) -> None:
    for tp in [tp for tp in cluster.partitions if tp.topic == event.topic]:
        del cluster.partitions[tp]


def _elected(cluster: ClusterPicture, place: str, event: governance.LeaderElected) -> None:
    partition = cluster.partitions[event.partition]
    partition.leader, partition.leader_epoch = event.leader, event.leader_epoch
    partition.change(event)


def _partition_offline(cluster: ClusterPicture, place: str, event: governance.PartitionWentOffline) -> None:
    partition = cluster.partitions[event.partition]
    partition.leader, partition.leader_epoch = NO_LEADER, event.leader_epoch
    partition.change(event)


def _isr_recorded(cluster: ClusterPicture, place: str, event: governance.IsrRecorded) -> None:
    cluster.partitions[event.partition].change(event)


def _observers_assigned(cluster: ClusterPicture, place: str, event: observers.ObserversAssigned) -> None:
    partition = cluster.partitions[event.partition]
    partition.replicas, partition.observers = tuple(event.replicas), tuple(event.observers)


FOLDS: dict[type, Fold] = {
    storage.BatchAppended: _appended,
    storage.LogTruncated: _truncated,
    storage.LogRestarted: _restarted,
    storage.LogStartMoved: _start_moved,
    storage.LogRecovered: _recovered,
    storage.TransactionOpened: _opened,
    storage.TransactionEnded: _ended,
    storage.SegmentsCompacted: _compacted,
    storage.CompactionFinished: _compacted,
    storage.LogDeleted: _log_deleted,
    replication.ReplicaRemoved: _log_deleted,
    replication.BecameLeader: _became_leader,
    replication.BecameFollower: _became_follower,
    replication.WentOffline: _went_offline,
    replication.PartitionEpochLearned: _partition_epoch,
    replication.IsrChangeAsked: _isr_asked,
    replication.IsrChanged: _isr_changed,
    replication.IsrChangeDropped: _isr_dropped,
    replication.HighWatermarkAdvanced: _advanced,
    replication.HighWatermarkLearned: _learned,
    happenings.MachineCrashed: _stopped,
    happenings.MachineStopped: _stopped,
    happenings.PowerLost: _lost_power,
    quorum.QuorumForced: _forced,
    quorum.MetadataLost: _metadata_lost,
    governance.ControllerStarted: _controller_started,
    governance.BrokerRegistered: _registered,
    governance.BrokerFenced: _fenced,
    governance.BrokerUnfenced: _unfenced,
    governance.BrokerShuttingDown: _shutting_down,
    governance.TopicCreated: _topic_created,
    governance.PartitionsAdded: _partitions_added,
    governance.ReplicasRecorded: _replicas_recorded,
    governance.TopicDeleted: _topic_deleted,
    governance.LeaderElected: _elected,
    governance.PartitionWentOffline: _partition_offline,
    governance.IsrRecorded: _isr_recorded,
    observers.ObserversAssigned: _observers_assigned,
}
"""How each kind of event changes the picture."""

CONTROLLERS_WORD = tuple(
    kind for kind in FOLDS
    if kind.__module__.endswith((".governance", ".quorum", ".observers")) and kind is not governance.ControllerStarted
)  # fmt: skip
"""What is recorded: only the controller tells it."""
