"""Laws of what happens (T1, T3 to T7). T2, that what is committed stays, is in R9.

Promises     each class states one law: its tag, its precondition, and where it comes from.
Stands for   the trace properties of the storage protocol.
Left out     -
Differs      T3 is judged when the high watermark moves (are there enough copies?) and when the producer hears of its
             success (was it committed?): the moment between, in which the leader answers, is no event.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikafka.controller.isr_changes import ALTER_PARTITION
from minikafka.events.clients import BatchAcknowledged, RecordsPolled
from minikafka.events.governance import (
    BrokerUnfenced,
    IsrRecorded,
    LeaderElected,
    PartitionsAdded,
    PartitionWentOffline,
    ReplicasRecorded,
    TopicCreated,
)
from minikafka.events.replication import (
    BecameFollower,
    BecameLeader,
    HighWatermarkAdvanced,
    HighWatermarkLearned,
    IsrChangeAsked,
    IsrChanged,
    WentOffline,
)
from minikafka.events.storage import LogRestarted, LogTruncated
from minikafka.laws.pictured import LEADER
from minikafka.laws.sight import KafkaLaw
from minikafka.protocol.names import NO_LEADER, TopicPartition
from minikafka.world.event import Recorded
from minikafka.world.world import World

ALL = -1


class HighWatermarkNeverFalls(KafkaLaw):
    """T1: a leader's high watermark does not fall within its leader epoch. Always (V). A follower's may, and a new
    leader's may be lower than the old one's."""

    KINDS = (BecameLeader, HighWatermarkAdvanced, HighWatermarkLearned, LogTruncated, LogRestarted, IsrChanged)

    def __init__(self) -> None:
        super().__init__()
        self._floor: dict[tuple[str, str, TopicPartition], tuple[int, int]] = {}

    def watch(self, world: World) -> None:
        """Begin to look at this world, also into its steps: a mark may fall in the one in which its reign begins."""
        super().watch(world)
        world.recorder.listen(self._reached, (BecameLeader, HighWatermarkAdvanced, IsrChanged))

    def broken_by(self, place: str, event: Any) -> str | None:
        found = self._stand(place, event.partition)
        if found is None:
            return None
        key, epoch, high = found
        reign, floor = self._floor.get(key, (-1, 0))
        if reign != epoch or high >= floor:
            return None
        return f"{place} leads {event.partition} in epoch {epoch}, and its high watermark fell from {floor} to {high}"

    def _reached(self, entry: Recorded) -> None:
        """A leader's high watermark is here at this moment: from now on it must not be lower."""
        found = self._stand(entry.place, entry.event.partition)
        if found is not None:
            key, epoch, high = found
            reign, floor = self._floor.get(key, (-1, 0))
            self._floor[key] = (epoch, max(floor, high) if reign == epoch else high)

    def _stand(self, place: str, tp: TopicPartition) -> tuple[tuple, int, int] | None:
        """Which leader this is, its epoch, and its high watermark; None for anybody else."""
        replica = self.sight.picture.at(place).replica(place, tp)
        partition = self.sight.partition(place, tp)
        if replica.role != LEADER or partition is None:
            return None
        return (place, partition.topic_id, tp), replica.leader_epoch, partition.high_watermark


class AcknowledgedMeansCommitted(KafkaLaw):
    """T3: what acks=all has acknowledged is committed, and when it became so at least min.insync.replicas of the
    maximal ISR held it. Always; that those still have it needs DUR (since KIP-497)."""

    KINDS = (HighWatermarkAdvanced, BatchAcknowledged)

    def broken_by(self, place: str, event: Any) -> str | None:
        sight, tp = self.sight, event.partition
        history = sight.history(place, tp)
        if isinstance(event, BatchAcknowledged):
            last = event.base_offset + event.records - 1
            batch = sight.ledger.batches.get((event.client, tp, event.first_number))
            if event.acks != ALL or last < history.end or (batch is not None and not sight.is_in_todays(batch)):
                return None
            return (
                f"offsets {event.base_offset}..{last} of {tp} were acknowledged to {event.client} with acks=all, but "
                f"no leader has ever committed more than {history.end}"
            )
        cluster = sight.picture.at(place)
        counted = cluster.replica(place, tp).advanced_under[1]
        holders = sight.trusted(cluster, tp, counted, recorded=False)
        lacking = [member for member, copy in holders if copy.end < event.new]
        wanted = min(history.min_isr, sight.known_min_isr(place, tp))
        if len(counted) - len(lacking) >= wanted or not history.durable:
            return None
        return (
            f"{place} commits {tp} up to {event.new}, which {lacking} of its maximal ISR {list(counted)} lack; "
            f"{wanted} replicas must have it"
        )


class _Wish(NamedTuple):
    place: str
    leader_epoch: int
    partition_epoch: int
    isr: tuple


class IsrGrowsOnlyByItsLeadersWish(KafkaLaw):
    """T4, T6: a recorded ISR gains a member only because the present leader asked for exactly that ISR, under the
    present leader epoch and partition epoch; or by being elected, alone, from the ELR or uncleanly. Always (KIP-497,
    KIP-903)."""

    KINDS = (IsrChangeAsked, IsrRecorded, LeaderElected, PartitionWentOffline, TopicCreated, PartitionsAdded,
             ReplicasRecorded)  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._wishes: dict[tuple[str, TopicPartition], list[_Wish]] = {}
        self._recorded: dict[tuple[str, TopicPartition], tuple] = {}
        self._led: dict[tuple[str, TopicPartition], tuple[int, int]] = {}  # the picture may be further on already
        self._gone: dict[tuple[str, TopicPartition], tuple] = {}

    def _moved(self, key: tuple[str, TopicPartition], isr: tuple, gone: tuple, wanted: _Wish) -> bool:
        """Whether a wish has completed a move: the ISR is what was wished for without the replicas that are gone, and
        the leader epoch has risen."""
        return any(
            tuple(member for member in wish.isr if member not in gone) == tuple(sorted(isr))
            and wish.leader_epoch in (wanted.leader_epoch - 1, wanted.leader_epoch)
            and wish.partition_epoch == wanted.partition_epoch
            for wish in self._wishes.get(key, ())
        )

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster = self.sight.picture.at(place)
        if isinstance(event, TopicCreated | PartitionsAdded):
            for number, isr in enumerate(event.isrs, getattr(event, "first", 0)):
                self._recorded[cluster.name, TopicPartition(event.topic, number)] = tuple(isr)
                self._led[cluster.name, TopicPartition(event.topic, number)] = (isr[0], 0)
            return None
        key = (cluster.name, event.partition)
        if isinstance(event, LeaderElected | PartitionWentOffline):
            self._led[key] = (getattr(event, "leader", NO_LEADER), event.leader_epoch)
        if isinstance(event, IsrChangeAsked):
            asking = cluster.replica(place, event.partition)
            wish = _Wish(place, asking.leader_epoch, asking.partition_epoch, tuple(sorted(event.isr_to)))
            self._wishes[key] = [*self._wishes.get(key, ())[-15:], wish]
            return None
        if isinstance(event, ReplicasRecorded):
            self._gone[key] = tuple(one for one in event.before if one not in event.replicas)
            return None
        gone, before = self._gone.pop(key, ()), self._recorded.get(key, event.isr)
        self._recorded[key] = tuple(event.isr)
        gained = [member for member in event.isr if member not in before]
        if not gained or (isinstance(event, LeaderElected) and tuple(event.isr) == (event.leader,)):
            return None
        if event.partition not in cluster.partitions:
            return None  # deleted in the very step that changed it
        pictured = cluster.partitions[event.partition]
        leads, epoch = self._led.get(key, (pictured.leader, pictured.leader_epoch))
        leader = cluster.brokers[leads].place if leads in cluster.brokers else ""
        wanted = _Wish(leader, epoch, event.partition_epoch - 1, tuple(sorted(event.isr)))
        if getattr(event, "reason", "") == ALTER_PARTITION and wanted in self._wishes.get(key, ()):
            return None
        if gone and self._moved(key, tuple(event.isr), gone, wanted):
            return None
        return (
            f"the recorded ISR of {event.partition} grew from {list(before)} to {list(event.isr)} ({event.reason}), "
            f"which {leader or 'no leader'} did not ask for under leader epoch {wanted.leader_epoch} and partition "
            f"epoch {wanted.partition_epoch}"
        )


class TruncationSparesWhatIsCommitted(KafkaLaw):
    """T5: what a follower cuts away to follow its leader was not committed, or lies below where its leader's log
    begins. DUR; for followers of the true leader and members of the recorded ISR and ELR (broken by truncating to the
    high watermark, as before 0.11). Who follows a leader that was replaced, and is out of the ISR, may cut too much:
    it has to fetch it again."""

    KINDS = (LogTruncated, LogRestarted)

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster, tp = self.sight.picture.at(place), event.partition
        history, recorded = self.sight.history(place, tp), cluster.partitions.get(tp)
        if not history.durable or recorded is None:
            return None
        follows_the_true_leader = cluster.replica(place, tp).leader_epoch == recorded.leader_epoch
        if not follows_the_true_leader and cluster.id_of.get(place) not in (*recorded.isr, *recorded.elr):
            return None
        start = event.new_start if isinstance(event, LogRestarted) else 0
        for row in self.sight.gone.get((place, tp), ()):
            index = history.committed.at(row.base)
            start = max(start, history.cleaned_to)  # what was compacted here may have gone through it there
            if index >= 0 and row.last >= start and history.committed.rows[index] == row:
                offsets = f"{row.base}..{row.last}"
                return f"{place} has cut offsets {offsets} of {tp}, which are committed (up to {history.end})"
        return None


class UnfencedBrokersKnowThemselves(KafkaLaw):
    """T7: a broker is unfenced only after it has read the metadata up to its own registration. Always (K)."""

    KINDS = (BrokerUnfenced,)

    def broken_by(self, place: str, event: BrokerUnfenced) -> str | None:
        cluster = self.sight.picture.at(place)
        broker = self.sight.machines[cluster.brokers[event.broker].place].process
        if broker is None or broker.broker_epoch != event.broker_epoch or broker.image.offset >= event.broker_epoch:
            return None
        return (
            f"broker {event.broker} was unfenced under broker epoch {event.broker_epoch}, but has read the metadata "
            f"only up to {broker.image.offset}"
        )


class RolesFollowTheMetadata(KafkaLaw):
    """T8: what a broker takes for a partition's leader and leader epoch is what its own metadata says, and leader
    epochs only rise at a replica. Always (K)."""

    KINDS = (BecameLeader, BecameFollower, WentOffline)

    def __init__(self) -> None:
        super().__init__()
        self._epochs: dict[tuple[str, TopicPartition, str], int] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        partition = self.sight.partition(place, event.partition)
        if partition is None:
            return None
        key = (place, event.partition, partition.topic_id)
        before, self._epochs[key] = self._epochs.get(key, -1), event.leader_epoch
        if event.leader_epoch < before:
            return f"{place} went from leader epoch {before} of {event.partition} to {event.leader_epoch}"
        known = self.sight.machines[place].process.image.partition(event.partition)
        if known is None or (known.leader, known.leader_epoch) == (partition.leader, partition.leader_epoch):
            return None
        return (
            f"{place} takes broker {partition.leader} for the leader of {event.partition} in epoch "
            f"{partition.leader_epoch}; its metadata says broker {known.leader} in epoch {known.leader_epoch}"
        )


class ConsumersReadOnlyWhatIsCommitted(KafkaLaw):
    """O17: what a consumer is given lies below the high watermark of the replica that served it, and below one that
    some leader has reached, now or before. Always (K); of a topic made anew only the first, as what was fetched from
    the former one may be handed out later."""

    KINDS = (RecordsPolled,)

    def broken_by(self, place: str, event: RecordsPolled) -> str | None:
        history = self.sight.history(place, event.partition)
        committed = event.high_watermark if history.since >= 0 else min(event.high_watermark, history.end)
        if event.last_offset < committed:
            return None
        return (
            f"{event.client} was given {event.partition} up to offset {event.last_offset}; committed is {committed}, "
            f"the replica that served it knew {event.high_watermark}"
        )


HISTORY_LAWS = (
    HighWatermarkNeverFalls,
    AcknowledgedMeansCommitted,
    IsrGrowsOnlyByItsLeadersWish,
    TruncationSparesWhatIsCommitted,
    UnfencedBrokersKnowThemselves,
    RolesFollowTheMetadata,
    ConsumersReadOnlyWhatIsCommitted,
)
"""T1 and T3 to T7, T8 of our own, and O17."""
