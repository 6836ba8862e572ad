"""Laws of leaders, followers and the ISR (R1, R3, R6, R11, R12, R14).

Promises     each class states one law: its tag, its precondition, and where it comes from.
Stands for   the state invariants of replication that speak of who leads, who follows and who is in sync.
Left out     -
Differs      R1 and R3 are judged over the whole history and not only over one moment: an epoch is used once, for ever.
"""

from __future__ import annotations

from typing import Any

from minikafka.events.governance import BrokerRegistered, IsrRecorded, LeaderElected, PartitionWentOffline
from minikafka.events.replication import (
    BecameFollower,
    BecameLeader,
    IsrChangeAsked,
    IsrChanged,
    IsrChangeDropped,
)
from minikafka.events.storage import BatchAppended
from minikafka.laws.log_copy import Row, said
from minikafka.laws.sight import KafkaLaw
from minikafka.protocol.names import TopicPartition

RECORDED = (IsrRecorded, LeaderElected, PartitionWentOffline)


class OneLeaderForEachEpoch(KafkaLaw):
    """R1: at most one replica ever presumes to lead in a leader epoch, and in one life of its process. Always."""

    KINDS = (BecameLeader,)

    def __init__(self) -> None:
        super().__init__()
        self._leaders: dict[tuple[str, TopicPartition, int], tuple[str, int]] = {}

    def broken_by(self, place: str, event: BecameLeader) -> str | None:
        topic_id = self.sight.partition(place, event.partition).topic_id
        leader = (place, self.sight.machines[place].incarnation)
        before = self._leaders.setdefault((topic_id, event.partition, event.leader_epoch), leader)
        if before == leader:
            return None
        return (
            f"{place} (life {leader[1]}) leads {event.partition} in leader epoch {event.leader_epoch}, which "
            f"{before[0]} (life {before[1]}) has led already"
        )


class SameEpochMeansSameLog(KafkaLaw):
    """R3: if two logs have the same epoch at an offset, they are the same up to there. Since KIP-279 and KIP-320;
    holds even with unclean elections and after losses of power, since whoever starts to lead again gets a new epoch."""

    KINDS = (BatchAppended,)

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple, tuple[Row, Row | None]] = {}

    def broken_by(self, place: str, event: BatchAppended) -> str | None:
        history = self.sight.history(place, event.partition)
        rows = history.copy(place)
        index = rows.at(event.base_offset)
        if index < 0:
            return None
        row, before = rows.rows[index], rows.rows[index - 1] if index else None
        topic_id = self.sight.partition(place, event.partition).topic_id
        key = (topic_id, event.partition, row.base, row.epoch)
        known = self._known.get(key)
        if known is not None and row.base < history.cleaned_to and known[0][:3] == row[:3]:
            return None  # fetched from a log that was compacted: another checksum, and another batch before it
        if known is None or known[1] is None:
            self._known[key] = (row, before)
        if known is None or (known[0] == row and (known[1] is None or before is None or known[1] == before)):
            return None
        mine, theirs = f"{said(row)} after {said(before)}", f"{said(known[0])} after {said(known[1])}"
        return f"{event.partition} at {place} has {mine}; another replica had {theirs}"


class MaximalIsrCoversTheRecordedOne(KafkaLaw):
    """R6: whom the controller may elect, the true leader waits for: the recorded ISR is in its maximal ISR, and so is
    the ELR as long as the leader counts min.insync.replicas in sync. Always (V: ReplicationQuorumSuperset)."""

    KINDS = (IsrChangeAsked, IsrChanged, IsrChangeDropped, BecameLeader, *RECORDED)

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster, tp = self.sight.picture.at(place), event.partition
        leader = cluster.true_leader(tp)
        if leader is None:
            return None
        recorded, maximal = cluster.partitions[tp], leader.maximal_isr
        if len(leader.isr) >= self.sight.history(place, tp).min_isr:
            wanted = (*recorded.isr, *recorded.elr)
        else:
            wanted = recorded.isr
        if all(member in maximal for member in wanted):
            return None
        return (
            f"{leader.place} leads {tp} and waits for {list(maximal)}, but the recorded ISR is {list(recorded.isr)} "
            f"and the ELR {list(recorded.elr)}"
        )


class NewcomersHoldAllThatCounts(KafkaLaw):
    """R11: who is taken into the ISR has the leader's log up to its high watermark and up to where its epoch began.
    Always, for those that run (G, V); a leader that has not heard yet that a follower has registered anew speaks of its
    former life, and the controller refuses that (KIP-903)."""

    KINDS = (IsrChangeAsked,)

    def broken_by(self, place: str, event: IsrChangeAsked) -> str | None:
        cluster, tp = self.sight.picture.at(place), event.partition
        leader = cluster.replica(place, tp)
        needed = max(leader.high_watermark or 0, leader.epoch_start)
        joining = tuple(member for member in event.isr_to if member not in event.isr_from)
        process = self.sight.machines[place].process
        known = process.image.brokers if process is not None else {}
        for member, copy in self.sight.trusted(cluster, tp, joining):
            same_life = member in known and known[member].epoch == cluster.brokers[member].epoch
            if copy.end < needed and same_life:
                return (
                    f"{place} asks to take broker {member} into the ISR of {tp}, but its log ends at {copy.end}; the "
                    f"high watermark is {leader.high_watermark}, and epoch {leader.leader_epoch} began at "
                    f"{leader.epoch_start}"
                )
        return None


class OneFetcherForEachFollower(KafkaLaw):
    """R12: a follower is fetched for by at most one fetcher, and a leader by none. Always (V: ValidFetcherState)."""

    KINDS = (BecameLeader, BecameFollower)

    def broken_by(self, place: str, event: Any) -> str | None:
        broker, tp = self.sight.machines[place].process, event.partition
        if broker is None:
            return None
        carriers = [fetcher.leader_id for fetcher in broker.fetchers.fetchers.values() if tp in fetcher.states]
        partition = broker.partitions.get(tp)
        if partition is None or len(carriers) <= (0 if partition.is_leader else 1):
            return None
        return f"{place} is {partition.role} of {tp} and fetches it from {carriers}"


class LossIsForgivenOnlyAfterCatchingUp(KafkaLaw):
    """R14: a broker that has lost the end of its log is, once it has registered again, in no ISR and no ELR until it
    has caught up. DUR; without ELR the last member of an ISR stays (V)."""

    KINDS = (BrokerRegistered,)

    def broken_by(self, place: str, event: BrokerRegistered) -> str | None:
        cluster = self.sight.picture.at(place)
        for tp, partition in cluster.partitions.items():
            history = self.sight.history(place, tp)
            copy = history.copies.get(event.address)
            if copy is None or not copy.lossy or not history.durable:
                continue
            alone = not history.elr and tuple(partition.isr) == (event.broker,)
            if event.broker in (*partition.isr, *partition.elr) and not alone:
                return (
                    f"broker {event.broker} has lost the end of its log of {tp}, has registered again, and is still in "
                    f"the ISR {list(partition.isr)} or the ELR {list(partition.elr)}"
                )
        return None


REPLICATION_LAWS = (
    OneLeaderForEachEpoch,
    SameEpochMeansSameLog,
    MaximalIsrCoversTheRecordedOne,
    NewcomersHoldAllThatCounts,
    OneFetcherForEachFollower,
    LossIsForgivenOnlyAfterCatchingUp,
)
"""R1, R3, R6, R11, R12, R14."""
