"""Laws about the controllers of one cluster: who leads, who has voted for whom, what is committed for good (C8).

Promises     each law says when it holds and where it comes from. A cluster with one controller tells nothing of all
             this, so they have nothing to look at there.
Stands for   ElectionSafety, LeaderCompleteness and StateMachineSafety of Raft, and MetadataLogMatching of the
             specifications of KRaft.
Left out     -
Differs      after a forced recovery no law at all is looked at any more in that cluster: it breaks them on purpose.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, NamedTuple

from minikafka.controller.controller import Controller
from minikafka.events.quorum import (
    BecameCandidate,
    BecameQuorumLeader,
    MetadataCommitLearned,
    MetadataCommitted,
    MetadataRead,
    MetadataTruncated,
    VoteGranted,
)
from minikafka.laws.sight import KafkaLaw


class OneLeaderInAnEpoch(KafkaLaw):
    """C8: at most one controller leads in each epoch of the quorum (Raft: ElectionSafety). While votes survive."""

    KINDS = (BecameQuorumLeader,)

    def __init__(self) -> None:
        super().__init__()
        self._leaders: dict[tuple[str, int], str] = {}

    def broken_by(self, place: str, event: BecameQuorumLeader) -> str | None:
        first = self._leaders.setdefault((self.cluster_of(place), event.epoch), place)
        return None if first == place else f"{first} and {place} both lead in epoch {event.epoch}"


class OneVoteInAnEpoch(KafkaLaw):
    """C8: a controller votes for one candidate in each epoch, also across a loss of power. While its disk lives (K)."""

    KINDS = (VoteGranted, BecameCandidate)

    def __init__(self) -> None:
        super().__init__()
        self._votes: dict[tuple[str, int], int] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        if isinstance(event, BecameCandidate):
            candidate = self.sight.machines[place].process.voter.id
        elif event.pre_vote:
            return None
        else:
            candidate = event.candidate
        first = self._votes.setdefault((place, event.epoch), candidate)
        if first == candidate:
            return None
        return f"{place} has voted in epoch {event.epoch} for controller {first}, and then for controller {candidate}"


class Row(NamedTuple):
    """One batch of the metadata log."""

    base_offset: int
    epoch: int
    crc: int


def _base_offset(row: Row) -> int:
    return row.base_offset


class _CommittedLaw(KafkaLaw):
    """A law that remembers what has ever been committed: batch by batch, in each cluster."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, list[Row]] = {}
        self._ends: dict[str, int] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        """How this event has left the law broken, in a sentence; None if it holds."""
        raise NotImplementedError

    def controller(self, place: str) -> Controller:
        """The controller at this place."""
        return self.sight.machines[place].process

    def end(self, place: str) -> int:
        """The end of what was committed in this place's cluster."""
        return self._ends.get(self.cluster_of(place), 0)

    def learn(self, place: str, event: MetadataCommitted) -> None:
        """Take down what is committed now, as the leader has it."""
        name = self.cluster_of(place)
        rows = self._rows.setdefault(name, [])
        for header in self.controller(place).log.headers_from(self.end(place)):
            if header.next_offset <= event.new:
                rows.append(Row(header.base_offset, header.leader_epoch, header.crc))
                self._ends[name] = header.next_offset

    def missing(self, place: str, up_to: int, first: int = 0) -> Row | None:
        """The first committed batch below an offset that the log at this place does not have, or has otherwise; the
        `first` so many are not looked at."""
        rows = self._rows.get(self.cluster_of(place), [])
        held = self.controller(place).log.headers_from(0)
        for number in range(first, len(rows)):
            row = rows[number]
            if row.base_offset >= up_to:
                return None
            if number >= len(held) or Row(held[number].base_offset, held[number].leader_epoch, held[number].crc) != row:
                return row
        return None


class LeadersHaveWhatIsCommitted(_CommittedLaw):
    """C8: who is elected has every fact that was committed in an earlier epoch (Raft: LeaderCompleteness). A candidate
    that hears late of its votes may lead an epoch that is long over; it lacks what was committed since. While a
    majority keeps its disks."""

    KINDS = (MetadataCommitted, BecameQuorumLeader)

    def __init__(self) -> None:
        super().__init__()
        self._ends_in: dict[str, dict[int, int]] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        ends_in = self._ends_in.setdefault(self.cluster_of(place), {})
        if isinstance(event, MetadataCommitted):
            self.learn(place, event)
            ends_in[event.epoch] = self.end(place)
            return None
        before = max((end for epoch, end in ends_in.items() if epoch < event.epoch), default=0)
        lost = self.missing(place, before)
        if lost is None:
            return None
        return f"{place} leads in epoch {event.epoch} without the fact at offset {lost.base_offset}, which is committed"


class CommittedFactsStay(_CommittedLaw):
    """C8: what was committed once is never committed otherwise, and below the high watermark all controllers have the
    same (Raft: StateMachineSafety). Always."""

    KINDS = (MetadataCommitted, MetadataCommitLearned, MetadataTruncated)

    def __init__(self) -> None:
        super().__init__()
        self._alike: dict[Controller, int] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        controller = self.controller(place)
        if isinstance(event, MetadataTruncated):
            self._alike.pop(controller, None)
            return None
        up_to = min(event.new, self.end(place))
        other = self.missing(place, up_to, self._alike.get(controller, 0))
        self._alike[controller] = bisect_left(self._rows.get(self.cluster_of(place), []), up_to, key=_base_offset)
        if other is not None:
            return f"{place} calls another fact committed at offset {other.base_offset} than was committed before"
        if isinstance(event, MetadataCommitted):
            self.learn(place, event)
        elif event.new > self.end(place):
            return f"{place} believes committed what lies below {event.new}, but only {self.end(place)} is"
        return None


class CommittedIsWhatAMajorityHas(KafkaLaw):
    """C8: what a leader calls committed is on the disks of a majority of the voters. While it is new: a disk may be
    lost later."""

    KINDS = (MetadataCommitted,)

    def broken_by(self, place: str, event: MetadataCommitted) -> str | None:
        having = [voter for voter, end in event.ends if end >= event.new]
        if len(having) * 2 > len(event.ends):
            return None
        return f"{place} calls committed what lies below {event.new}, and only {having} of {event.ends} have it"


class BrokersReadWhatIsCommitted(_CommittedLaw):
    """C8 (MetadataLogMatching): what a broker has applied is a beginning of the committed facts. Always (V)."""

    KINDS = (MetadataCommitted, MetadataRead)

    def broken_by(self, place: str, event: Any) -> str | None:
        if isinstance(event, MetadataCommitted):
            self.learn(place, event)
        elif event.offset >= self.end(place):
            return f"{place} has applied the metadata up to offset {event.offset}; committed is below {self.end(place)}"
        return None


QUORUM_LAWS = (
    OneLeaderInAnEpoch,
    OneVoteInAnEpoch,
    LeadersHaveWhatIsCommitted,
    CommittedFactsStay,
    CommittedIsWhatAMajorityHas,
    BrokersReadWhatIsCommitted,
)
"""C8, for a quorum of several."""
