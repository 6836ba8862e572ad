"""Laws of what is committed (R2, R4, R5, R7 to R10, R13, R15).

Promises     each class states one law: its tag, its precondition, and where it comes from. CLEAN and DUR are asked of
             the partition's history: once a promise is void there, its laws rest.
Stands for   the state invariants of replication that speak of the high watermark.
Left out     values: two batches with the same checksum are the same.
Differs      compares only what the event has newly brought below a high watermark, or taken away from it.
"""

from __future__ import annotations

from typing import Any

from minikafka.events.governance import IsrRecorded, LeaderElected, PartitionWentOffline
from minikafka.events.replication import (
    BecameLeader,
    HighWatermarkAdvanced,
    HighWatermarkLearned,
    IsrChanged,
)
from minikafka.events.storage import LogRecovered, LogRestarted, LogTruncated
from minikafka.laws.log_copy import LogCopy, parting
from minikafka.laws.partition_history import PartitionHistory
from minikafka.laws.pictured import FOLLOWER, ClusterPicture, ReplicaPicture
from minikafka.laws.sight import KafkaLaw
from minikafka.protocol.names import TopicPartition

RECORDED = (IsrRecorded, LeaderElected, PartitionWentOffline)
CUT = (LogTruncated, LogRestarted, LogRecovered)


class ReplicasAgreeBelowTheirHighWatermarks(KafkaLaw):
    """R2: below both their high watermarks two replicas have the same records. CLEAN or DUR (V: LogMatching)."""

    KINDS = (HighWatermarkAdvanced, HighWatermarkLearned)

    def broken_by(self, place: str, event: Any) -> str | None:
        history = self.sight.history(place, event.partition)
        copy = history.copy(place)
        high = min(event.new, copy.end)
        if copy.verified >= high or not history.durable:
            return None
        why = parting(copy, history.committed, copy.verified, high, history.cleaned_to)
        copy.verified = high
        where = f"{event.partition} at {place}, below the high watermark {event.new}"
        return why and f"{where}: {why} committed elsewhere"


class InSyncReplicasHaveWhatIsCommitted(KafkaLaw):
    """R4 (WeakIsr): who is in the ISR that a leader counts with has the leader's records below its high watermark.
    CLEAN, or DUR for those that lost nothing (G)."""

    KINDS = (HighWatermarkAdvanced, IsrChanged, *CUT)

    def broken_by(self, place: str, event: Any) -> str | None:
        sight = self.sight
        cluster, history = sight.picture.at(place), sight.history(place, event.partition)
        if not history.durable:
            return None
        if isinstance(event, CUT):
            return self._after_cut(cluster, history, place, event.partition)
        leader = cluster.replica(place, event.partition)
        new = isinstance(event, HighWatermarkAdvanced)
        isr = leader.advanced_under[0] if new else leader.isr
        high = event.new if new else leader.high_watermark or 0
        low = event.old if new else 0
        for member, copy in sight.trusted(cluster, event.partition, isr, recorded=False):
            why = lacks(copy, history.copy(place), low, high, history.cleaned_to)
            if why:
                return f"broker {member} is in the ISR {list(isr)} of {event.partition} at {place}, but {why}"
        return None

    def _after_cut(
        self, cluster: ClusterPicture, history: PartitionHistory, place: str, tp: TopicPartition
    ) -> str | None:
        member = cluster.id_of.get(place, -1)
        for leader in cluster.presumed_leaders(tp):
            counted = (member,) if leader.place != place and member in leader.isr else ()
            if self.sight.trusted(cluster, tp, counted, recorded=False):
                why = lacks(history.copy(place), history.copy(leader.place), 0, leader.high_watermark or 0,
                            history.cleaned_to)  # fmt: skip
                if why:
                    return f"{place} was cut in the ISR {list(leader.isr)} of {tp} at {leader.place}: {why}"
        return None


class RecordedIsrHasWhatIsCommitted(KafkaLaw):
    """R5 (StrongIsr): who is in the controller's ISR has, below the high watermark of any presumed leader, even of
    one that was replaced, that leader's records. CLEAN, or DUR for those that lost nothing; since KIP-320 (G)."""

    KINDS = (HighWatermarkAdvanced, *RECORDED, *CUT)

    def broken_by(self, place: str, event: Any) -> str | None:
        sight, tp = self.sight, event.partition
        cluster, history = sight.picture.at(place), sight.history(place, tp)
        partition = cluster.partitions.get(tp)
        if partition is None or not history.durable:
            return None
        leaders, low = cluster.presumed_leaders(tp), 0
        members = partition.isr
        if isinstance(event, HighWatermarkAdvanced):
            leaders, low = [cluster.replica(place, tp)], event.old
        elif isinstance(event, CUT):
            members = tuple(member for member in members if member == cluster.id_of.get(place))
        for member, copy in sight.trusted(cluster, tp, members):
            for leader in leaders:
                why = lacks(copy, history.copy(leader.place), low, leader.high_watermark or 0, history.cleaned_to)
                if why:
                    return f"broker {member} is in the recorded ISR {list(partition.isr)} of {tp}, but {why}"
        return None


class HighWatermarkIsReachedByAllThatCount(KafkaLaw):
    """R7 (ValidHighWatermark): when a leader moves its high watermark, all of its maximal ISR and of the recorded ISR
    have reached it. DUR for those that lost nothing (G: AsyncIsr)."""

    KINDS = (HighWatermarkAdvanced,)

    def broken_by(self, place: str, event: HighWatermarkAdvanced) -> str | None:
        sight, tp = self.sight, event.partition
        cluster, history = sight.picture.at(place), sight.history(place, tp)
        if not history.durable:
            return None
        counted = cluster.replica(place, tp).advanced_under[1]
        recorded = cluster.partitions[tp].isr if tp in cluster.partitions else ()
        members = (*sight.trusted(cluster, tp, counted, recorded=False), *sight.trusted(cluster, tp, recorded))
        for member, copy in members:
            if copy.end < event.new:
                return (
                    f"{place} has moved the high watermark of {tp} to {event.new}, but the log of broker {member} ends "
                    f"at {copy.end} (maximal ISR {list(counted)}, recorded ISR {list(recorded)})"
                )
        return None


class CandidatesHaveWhatIsCommitted(KafkaLaw):
    """R8: whoever runs and is in the recorded ISR or ELR reaches the highest high watermark there ever was. DUR (V)."""

    KINDS = (HighWatermarkAdvanced, *RECORDED, *CUT)

    def broken_by(self, place: str, event: Any) -> str | None:
        sight, tp = self.sight, event.partition
        cluster, history = sight.picture.at(place), sight.history(place, tp)
        partition = cluster.partitions.get(tp)
        if partition is None or not history.durable:
            return None
        for member, copy in sight.trusted(cluster, tp, (*partition.isr, *partition.elr)):
            if copy.end < history.end:
                where = "ISR" if member in partition.isr else "ELR"
                return (
                    f"broker {member} is in the {where} of {tp} and could lead it, but its log ends at {copy.end}, and "
                    f"everything below {history.end} is committed"
                )
        return None


class LeadersHaveEverythingCommitted(KafkaLaw):
    """R9, T2: a new leader has every record that was ever committed, and so every one acknowledged with acks=all.
    DUR, ACKALL (V: LeaderCompleteness, ConsistentRead)."""

    KINDS = (BecameLeader, HighWatermarkAdvanced)

    def broken_by(self, place: str, event: Any) -> str | None:
        sight, tp = self.sight, event.partition
        cluster, history = sight.picture.at(place), sight.history(place, tp)
        if not history.durable:
            return None
        copy = history.copy(place)
        if isinstance(event, HighWatermarkAdvanced):
            why = parting(copy, history.committed, event.old, event.new, history.cleaned_to)
            return why and f"{place} commits of {tp}: {why} committed before"
        leader = cluster.true_leader(tp)
        if leader is None or leader.place != place:
            return None
        if copy.end < history.end:
            return f"{place} leads {tp} with a log that ends at {copy.end}; everything below {history.end} is committed"
        why = parting(copy, history.committed, 0, history.end, history.cleaned_to)
        return why and f"{place} leads {tp} with {why} committed before"


class CommittedRecordsAreSomewhere(KafkaLaw):
    """R10: every committed record is on some replica. While fewer than min.insync.replicas have lost a tail (V); not
    of what was compacted."""

    KINDS = CUT

    def broken_by(self, place: str, event: Any) -> str | None:
        history = self.sight.history(place, event.partition)
        if not history.durable:
            return None
        for row in self.sight.gone.get((place, event.partition), ()):
            committed = history.committed.at(row.base)
            if committed < 0 or history.committed.rows[committed] != row or row.base < history.cleaned_to:
                continue
            if not any((at := copy.at(row.base)) >= 0 and copy.rows[at] == row for copy in history.copies.values()):
                offsets = f"{row.base}..{row.last}"
                return f"offsets {offsets} of {event.partition} were committed, and are gone from every replica"
        return None


class HighWatermarkStandsStillUnderMinIsr(KafkaLaw):
    """R13: with fewer than min.insync.replicas (as far as it has heard) in the ISR a leader does not move its high
    watermark. Since 3.7 (K)."""

    KINDS = (HighWatermarkAdvanced,)

    def broken_by(self, place: str, event: HighWatermarkAdvanced) -> str | None:
        isr = self.sight.picture.at(place).replica(place, event.partition).advanced_under[0]
        wanted = self.sight.known_min_isr(place, event.partition)
        if len(isr) >= wanted:
            return None
        return (
            f"{place} has moved the high watermark of {event.partition} from {event.old} to {event.new} with the ISR "
            f"{list(isr)}; min.insync.replicas is {wanted}"
        )


class FollowersDoNotRunAhead(KafkaLaw):
    """R15: the high watermark that a follower has learned is not beyond its leader's, nor outside its own log. Always
    (K; KAFKA-14704). One that only fell with the end of a log that was cut was not learned. Each word counts for the
    epoch in which it was said: who hears at once that it may commit and that it leads no more has said two things."""

    KINDS = (BecameLeader, HighWatermarkAdvanced, HighWatermarkLearned)

    def __init__(self) -> None:
        super().__init__()
        self._reached: dict[tuple[str, TopicPartition, int], int] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster = self.sight.picture.at(place)
        replica: ReplicaPicture = cluster.replica(place, event.partition)
        if isinstance(event, BecameLeader):
            partition = self.sight.partition(place, event.partition)
            reached = 0 if partition is None else partition.high_watermark
            self._reached[cluster.name, event.partition, event.leader_epoch] = reached
            return None
        key = (cluster.name, event.partition, replica.marked_in)
        if isinstance(event, HighWatermarkAdvanced):
            self._reached[key] = event.new
        elif replica.role == FOLLOWER and key in self._reached:
            log = self.sight.log(place, event.partition)
            if log is None or event.new <= max(self._reached[key], log.log_start_offset):
                return None
            cut = event.new < event.old and event.new == log.log_end_offset
            if not cut:  # a log that was cut took the mark down with it, and told no leader's word
                return (
                    f"{place} has learned the high watermark {event.new} of {event.partition}, but the leader of epoch "
                    f"{replica.marked_in} has only {self._reached[key]}"
                )
        return None


def lacks(copy: LogCopy, leader: LogCopy, low: int, high: int, cleaned_to: int = 0) -> str | None:
    """What a replica lacks of its leader's records in [low, high), in words; see `parting` for `cleaned_to`."""
    if copy is leader or low >= high:
        return None
    if copy.end < high:
        return f"its log ends at {copy.end}, below the high watermark {high} of {leader.place}"
    why = parting(copy, leader, low, high, cleaned_to)
    return why and f"below the high watermark {high} of {leader.place} it has {why}"


COMMIT_LAWS = (
    ReplicasAgreeBelowTheirHighWatermarks,
    InSyncReplicasHaveWhatIsCommitted,
    RecordedIsrHasWhatIsCommitted,
    HighWatermarkIsReachedByAllThatCount,
    CandidatesHaveWhatIsCommitted,
    LeadersHaveEverythingCommitted,
    CommittedRecordsAreSomewhere,
    HighWatermarkStandsStillUnderMinIsr,
    FollowersDoNotRunAhead,
)
"""R2, R4, R5, R7 to R10, R13, R15."""
