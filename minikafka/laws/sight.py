"""What all laws of one world look at together: the picture, copies of the logs, and what was committed.

Promises     one `Sight` for a world, made by its first law; it hears each event before any law does.
Stands for   the variables of the specifications.
Left out     -
Differs      copies rows from the real logs when a batch is appended: the events alone do not carry checksums.
"""

from __future__ import annotations

from typing import Any

from minikafka.broker.partition import Partition
from minikafka.controller.decision import elr_enabled, topic_setting
from minikafka.controller.isr_changes import ALTER_PARTITION
from minikafka.events import governance, replication, storage
from minikafka.laws.former_topics import FormerTopics
from minikafka.laws.ledger import Batch, Ledger
from minikafka.laws.log_copy import LogCopy, Row
from minikafka.laws.partition_history import PartitionHistory
from minikafka.laws.picture import FOLDS, Picture
from minikafka.laws.pictured import ClusterPicture
from minikafka.log.partition_log import PartitionLog
from minikafka.protocol.names import TopicPartition
from minikafka.world.disk import ByteDamaged
from minikafka.world.event import Recorded
from minikafka.world.happenings import PowerLost
from minikafka.world.laws import Law
from minikafka.world.recorder import NOTHING
from minikafka.world.world import World

MIN_ISR = "min.insync.replicas"
NOT_IN_THE_PICTURE = (storage.SegmentsDeleted, storage.CompactionStarted, ByteDamaged,
                      governance.SettingChanged)  # fmt: skip


class Sight:
    """Hears every event of the picture. `gone` holds the rows that the latest truncation or opening of a log took."""

    def __init__(self, world: World):
        self.world = world
        self.machines = world.network.machines
        self.picture = Picture()
        self.histories: dict[tuple[str, TopicPartition], PartitionHistory] = {}
        self.gone: dict[tuple[str, TopicPartition], list[Row]] = {}
        self.former = FormerTopics(self.picture, self.machines)
        self.ledger = Ledger()
        self._before = {
            storage.BatchAppended: self._appended,
            storage.LogTruncated: self._truncated,
            storage.LogRestarted: self._restarted,
            storage.LogRecovered: self._recovered,
            storage.SegmentsDeleted: self._deleted,
            storage.CompactionStarted: self._compaction_started,
            storage.SegmentsCompacted: self._compacted,
            storage.LogDeleted: self._removed,
            replication.BecameLeader: self._opened,
            replication.BecameFollower: self._opened,
            replication.HighWatermarkAdvanced: self._advanced,
            governance.TopicCreated: self._created,
            governance.PartitionsAdded: self._created,
            governance.TopicDeleted: self._name_is_free,
            governance.ReplicasRecorded: self._replicas_recorded,
            governance.SettingChanged: self._setting_changed,
            governance.LeaderElected: self._elected,
            governance.PartitionWentOffline: self._weighed,
            governance.IsrRecorded: self._isr_recorded,
            PowerLost: self._lost_power,
            ByteDamaged: self._lost_power,
        }
        world.recorder.listen(self.hear, [*FOLDS, *NOT_IN_THE_PICTURE])
        world.recorder.listen(self.ledger.hear, Ledger.KINDS)
        if world.recorder.recorded:
            self._catch_up()

    @classmethod
    def of(cls, world: World) -> Sight:
        """The sight that the laws of this world share."""
        for law in world.laws:
            if isinstance(law, KafkaLaw):
                return law.sight
        return cls(world)

    # -- looking ------------------------------------------------------------------------------------------------

    def partition(self, place: str, tp: TopicPartition) -> Partition | None:
        """The real partition at a place, None while its broker is down or does not hold it."""
        process = self.machines[place].process
        return None if process is None else process.partitions.get(tp)

    def log(self, place: str, tp: TopicPartition) -> PartitionLog | None:
        """The real log at a place, None while its broker is down."""
        partition = self.partition(place, tp)
        return None if partition is None else partition.log

    def history(self, place: str, tp: TopicPartition) -> PartitionHistory:
        """The history of a partition, in the cluster to which a place belongs."""
        key = (self.picture.at(place).name, tp)
        found = self.histories.get(key)
        if found is None:
            found = self.histories[key] = PartitionHistory()
        return found

    def known_min_isr(self, place: str, tp: TopicPartition) -> int:
        """The effective min.insync.replicas as the broker at a place has heard of it."""
        broker = self.machines[place].process
        if broker is None or broker.image.partition(tp) is None:
            return self.history(place, tp).min_isr
        wanted = topic_setting(broker.image, broker.config, tp.topic, MIN_ISR)
        return min(wanted, len(broker.image.partition(tp).replicas))

    def trusted(
        self, cluster: ClusterPicture, tp: TopicPartition, members: tuple, recorded: bool = True
    ) -> list[tuple[int, LogCopy]]:
        """Those of these brokers whose logs may be held to their promises: not a dark one, nor one that has lost a
        tail.

        `recorded` members are so by the controller's word: it answers for who has registered again after a loss. A
        leader's own ISR may still hold one of those, as long as the leader has not heard of it.
        """
        copies = self.histories[cluster.name, tp].copies
        found = []
        for member in members:
            broker = cluster.brokers.get(member)
            copy = None if broker is None else copies.get(broker.place)
            if copy is None or copy.doubtful:
                continue
            if not copy.lossy or (recorded and broker.epoch > copy.lost_under):
                found.append((member, copy))
        return found

    def acknowledged(self, acks: int) -> list[Batch]:
        """The batches that were acknowledged with these `acks`; not those that may be in a topic that is deleted."""
        return [batch for batch in self.ledger.acknowledged(acks) if self.is_in_todays(batch)]

    def is_in_todays(self, batch: Batch) -> bool:
        """Whether a batch was sent when only the topic of today could take it."""
        history = self.histories.get((batch.cluster, batch.tp))
        return history is None or batch.sent_at > history.since

    # -- hearing ------------------------------------------------------------------------------------------------

    def hear(self, entry: Recorded) -> None:
        """One event: copy first, while the picture still shows what was before; then draw it."""
        event = entry.event
        former = self.former.speaks(entry.place, event)
        before = self._before.get(event.__class__)
        if former:
            self._heard_of_a_former_one(entry)
        elif before is not None:
            before(entry.place, event)
        if event.__class__ in FOLDS:
            self.picture.hear(entry)
        if former:
            self.former.mark(entry.place, event.partition)

    def _heard_of_a_former_one(self, entry: Recorded) -> None:
        """What is sent to it until now may be in its log, and not in that of the new one."""
        if isinstance(entry.event, storage.BatchAppended):
            self.histories[self.picture.at(entry.place).name, entry.event.partition].since = entry.time

    def _appended(self, place: str, event: storage.BatchAppended) -> None:
        copy = self.history(place, event.partition).copy(place)
        if copy.doubtful:
            self._open(place, event.partition, event.base_offset)
        log = self.log(place, event.partition)
        if log is not None:
            copy.append(log.active.headers[-1])

    def _truncated(self, place: str, event: storage.LogTruncated) -> None:
        self.gone[place, event.partition] = self.history(place, event.partition).copy(place).truncate(event.new_end)

    def _restarted(self, place: str, event: storage.LogRestarted) -> None:
        self.gone[place, event.partition] = self.history(place, event.partition).copy(place).restart(event.new_start)

    def _recovered(self, place: str, event: storage.LogRecovered) -> None:
        self._open(place, event.partition, event.new_end)

    def _opened(self, place: str, event: Any) -> None:
        end = event.log_end_offset if isinstance(event, replication.BecameLeader) else event.fetch_offset
        history = self.history(place, event.partition)
        if history.copy(place).doubtful:
            self._open(place, event.partition, end)
        if history.cleaned_to:
            self._compacted(place, event)

    def _open(self, place: str, tp: TopicPartition, end: int) -> None:
        self.gone[place, tp] = self.history(place, tp).copy(place).opened(end)

    def _deleted(self, place: str, event: storage.SegmentsDeleted) -> None:
        self.history(place, event.partition).copy(place).drop_before(event.next_offset)

    def _compaction_started(self, place: str, event: storage.CompactionStarted) -> None:
        history = self.history(place, event.partition)
        history.cleaned_to = max(history.cleaned_to, event.up_to)

    def _compacted(self, place: str, event: Any) -> None:
        log = self.log(place, event.partition)
        if log is not None:
            self.history(place, event.partition).copy(place).reread(log.batches())

    def _removed(self, place: str, event: storage.LogDeleted) -> None:
        self.history(place, event.partition).copies.pop(place, None)

    def _advanced(self, place: str, event: replication.HighWatermarkAdvanced) -> None:
        history = self.history(place, event.partition)
        leader = self.picture.at(place).replica(place, event.partition)
        counted, known = len(leader.isr), self.known_min_isr(place, event.partition)
        if history.elr and known < history.min_isr and counted < history.min_isr:
            news = f"min.insync.replicas is {history.min_isr}"
            history.give_up(f"{place} has not heard that {news}, and commits by {known}")
        history.commit(history.copy(place), leader.leader_epoch, event.new)

    def _lost_power(self, place: str, event: PowerLost | ByteDamaged) -> None:
        cluster = self.picture.at(place)
        epoch = cluster.brokers[cluster.id_of[place]].epoch if place in cluster.id_of else -1
        for (name, tp), history in self.histories.items():
            if name == cluster.name and place in history.copies:
                history.copies[place].lose_power(epoch)
                self._weigh(cluster, tp, history)

    def _catch_up(self) -> None:
        """The laws come late: fold what was recorded, and take the logs as they are now."""
        if self.world.recorder.keep == NOTHING and any(machine.process for machine in self.machines.values()):
            raise ValueError(
                "this world keeps no events: give it its laws before its clusters are made, or keep='domain events'"
            )
        for entry in self.world.recorder.events():
            if entry.event.__class__ in (governance.TopicCreated, governance.PartitionsAdded):
                self._created(entry.place, entry.event)
            if entry.event.__class__ is governance.TopicDeleted:
                self._name_is_free(entry.place, entry.event)
            if entry.event.__class__ in FOLDS:
                self.picture.hear(entry)
            if entry.event.__class__ in Ledger.KINDS:
                self.ledger.hear(entry)
        for cluster in self.picture.clusters.values():
            for tp, held in cluster.replicas.items():
                history = self.history(cluster.controller, tp)
                for place in held:
                    log = self.log(place, tp)
                    for header in log.batches() if log is not None else ():
                        history.copy(place).append(header)
                leader = cluster.true_leader(tp)
                if leader is not None:
                    history.commit(history.copy(leader.place), leader.leader_epoch, leader.high_watermark or 0)

    # -- the controller's word ----------------------------------------------------------------------------------

    def _created(self, place: str, event: governance.TopicCreated | governance.PartitionsAdded) -> None:
        controller, cluster = self.machines[place].process, self.picture.at(place)
        wanted = topic_setting(controller.committed_image, controller.config, event.topic, MIN_ISR)
        for number, replicas in enumerate(event.replicas, getattr(event, "first", 0)):
            tp = TopicPartition(event.topic, number)
            history = self.histories[cluster.name, tp] = PartitionHistory()
            if self.former.made_anew(cluster, tp, event.topic_id):
                history.since = self.world.now
            history.ask_for(min(wanted, len(replicas)), first=True)
            history.elr = elr_enabled(controller.committed_image)

    def _name_is_free(self, place: str, event: governance.TopicDeleted) -> None:
        cluster = self.picture.at(place)
        for tp in cluster.partitions:
            if tp.topic == event.topic:
                self.former.deleted(cluster, tp)
                self.history(place, tp).since = self.world.now

    def _replicas_recorded(self, place: str, event: governance.ReplicasRecorded) -> None:
        controller, tp = self.machines[place].process, event.partition
        wanted = topic_setting(controller.committed_image, controller.config, tp.topic, MIN_ISR)
        self.history(place, tp).ask_for(min(wanted, len(event.replicas)))

    def _setting_changed(self, place: str, event: governance.SettingChanged) -> None:
        if event.setting == MIN_ISR:
            controller, name = self.machines[place].process, self.picture.at(place).name
            for (cluster, tp), history in self.histories.items():
                if cluster == name and tp in self.picture.at(place).partitions:
                    wanted = topic_setting(controller.committed_image, controller.config, tp.topic, MIN_ISR)
                    history.ask_for(min(wanted, len(controller.committed_image.partition(tp).replicas)))

    def _elected(self, place: str, event: governance.LeaderElected) -> None:
        if not event.clean:
            history, leader = self.history(place, event.partition), self.picture.at(place).brokers[event.leader]
            history.give_up(f"broker {event.leader} was elected uncleanly")
            history.copy(leader.place).lossy = False  # from now on its log is the truth
        self._weighed(place, event)

    def _isr_recorded(self, place: str, event: governance.IsrRecorded) -> None:
        cluster = self.picture.at(place)
        if event.reason == ALTER_PARTITION:
            before = cluster.partitions[event.partition].isr
            joined = tuple(member for member in event.isr if member not in before)
            for _, copy in self.trusted(cluster, event.partition, joined):
                copy.lossy = False
        self._weighed(place, event)

    def _weighed(self, place: str, event: Any) -> None:
        cluster, tp = self.picture.at(place), event.partition
        self._weigh(cluster, tp, self.history(place, tp), tuple(event.isr))

    @staticmethod
    def _weigh(
        cluster: ClusterPicture, tp: TopicPartition, history: PartitionHistory, isr: tuple | None = None
    ) -> None:
        if isr is None:
            isr = cluster.partitions[tp].isr if tp in cluster.partitions else ()
        history.weigh(tuple(cluster.brokers[member].place for member in isr if member in cluster.brokers))


class KafkaLaw(Law):
    """A law that looks through the world's `sight`. Subclasses say what breaks it: `broken_by` for each event after
    its step."""

    sight: Sight

    def watch(self, world: World) -> None:
        """Begin to look at this world, after the sight that all its laws share."""
        self.sight = Sight.of(world)
        super().watch(world)

    def cluster_of(self, place: str) -> str:
        """The name of the cluster to which a place belongs: the controller that tells may be now this, now that."""
        return self.sight.picture.at(place).name

    def is_void(self, place: str) -> bool:
        """Was the quorum of this place's cluster recovered by force? Nothing is promised there any more."""
        return self.sight.picture.at(place).forced

    def _heard(self, entry: Recorded) -> None:
        if not self.sight.former.speaks(entry.place, entry.event):
            super()._heard(entry)

    def check(self, entries: list[Recorded]) -> str | None:
        """The first sentence of `broken_by`."""
        for entry in entries:
            if self.is_void(entry.place):
                continue
            why = self.broken_by(entry.place, entry.event)
            if why:
                return why
        return None

    def broken_by(self, place: str, event: Any) -> str | None:
        """How this event has left the law broken, in a sentence; None if it holds."""
        raise NotImplementedError
