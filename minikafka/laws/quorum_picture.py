"""The picture of the controllers' quorum that the events alone draw.

Promises     folded in order, the events give every voter's role, epoch and leader, how far it knows the metadata log to
             be committed, and how far every broker has read it.
Stands for   nothing in Kafka: what `kafka-metadata-quorum describe` tells, pieced together from the logs.
Left out     votes; the facts themselves, which `picture` draws once they are committed.
Differs      a cluster with one controller tells nothing of this, and has no voters here. Where a voter's log ends is
             what it, or its leader, said last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.controller.quorum_roles import CANDIDATE, FOLLOWER, LEADER, PROSPECTIVE, RESIGNED, UNATTACHED
from minikafka.events import quorum
from minikafka.world import happenings
from minikafka.world.event import Recorded

NOBODY = -1


class VoterPicture:
    """The controller at `place`. `role` is None while it does not run or has told nothing; `log_end` may be older."""

    __slots__ = ("place", "role", "epoch", "leader", "high_watermark", "log_end")

    def __init__(self, place: str):
        self.place = place
        self.role: str | None = None
        self.epoch = 0
        self.leader = NOBODY
        self.high_watermark: int | None = None
        self.log_end: int | None = None


class QuorumPicture:
    """`voters` by place; `read`: the metadata offset that each broker has applied, and the high watermark it knew."""

    def __init__(self) -> None:
        self.voters: dict[str, VoterPicture] = {}
        self.read: dict[str, tuple[int, int]] = {}

    def hear(self, entry: Recorded) -> list[str]:
        """Draw one event; returns the places of which it tells."""
        place, event = entry.place, entry.event
        if isinstance(event, quorum.MetadataRead):
            self.read[place] = (event.offset, event.high_watermark)
            return [place]
        if entry.kind in STOPS:
            return self._stopped(place)
        voter = self.voters.setdefault(place, VoterPicture(place))
        FOLDS[event.__class__](voter, event)
        if isinstance(event, quorum.MetadataCommitted):
            return [place, *self._ends(place.partition("/")[0], event)]
        return [place]

    def _ends(self, cluster: str, event: quorum.MetadataCommitted) -> list[str]:
        """A leader knows where the others' logs end, as far as they have fetched."""
        told = []
        for number, end in event.ends:
            place = f"{cluster}/c{number}"
            if end >= 0 and place in self.voters:
                self.voters[place].log_end = end
                told.append(place)
        return told

    def _stopped(self, place: str) -> list[str]:
        voter = self.voters.get(place)
        if voter is not None:
            voter.role, voter.leader, voter.high_watermark = None, NOBODY, None
        return [place] if voter is not None or self.read.pop(place, None) else []


def _prospective(voter: VoterPicture, event: quorum.BecameProspective) -> None:
    voter.role, voter.epoch, voter.log_end = PROSPECTIVE, event.epoch, event.end_offset


def _candidate(voter: VoterPicture, event: quorum.BecameCandidate) -> None:
    voter.role, voter.epoch, voter.leader, voter.log_end = CANDIDATE, event.epoch, NOBODY, event.end_offset


def _leads(voter: VoterPicture, event: quorum.BecameQuorumLeader) -> None:
    voter.role, voter.epoch = LEADER, event.epoch
    voter.leader = int(voter.place.rpartition("/c")[2])
    voter.log_end = event.epoch_start + 1


def _follows(voter: VoterPicture, event: quorum.BecameQuorumFollower) -> None:
    voter.role, voter.epoch, voter.leader = FOLLOWER, event.epoch, event.leader


def _unattached(voter: VoterPicture, event: quorum.BecameUnattached) -> None:
    voter.role, voter.epoch, voter.leader = UNATTACHED, event.epoch, NOBODY


def _resigned(voter: VoterPicture, event: quorum.QuorumLeaderResigned) -> None:
    voter.role, voter.epoch, voter.leader = RESIGNED, event.epoch, NOBODY


def _committed(voter: VoterPicture, event: quorum.MetadataCommitted) -> None:
    voter.high_watermark = event.new


def _learned(voter: VoterPicture, event: quorum.MetadataCommitLearned) -> None:
    voter.high_watermark, voter.log_end = event.new, event.end_offset


def _truncated(voter: VoterPicture, event: quorum.MetadataTruncated) -> None:
    voter.log_end = event.new_end


STOPS = ("MachineCrashed", "MachineStopped", "PowerLost")

FOLDS: dict[type, Callable[[VoterPicture, Any], None]] = {
    quorum.BecameProspective: _prospective,
    quorum.BecameCandidate: _candidate,
    quorum.BecameQuorumLeader: _leads,
    quorum.BecameQuorumFollower: _follows,
    quorum.BecameUnattached: _unattached,
    quorum.QuorumLeaderResigned: _resigned,
    quorum.MetadataCommitted: _committed,
    quorum.MetadataCommitLearned: _learned,
    quorum.MetadataTruncated: _truncated,
}
"""How each kind of event changes a voter's picture."""

KINDS = (*FOLDS, quorum.MetadataRead, happenings.MachineCrashed, happenings.MachineStopped, happenings.PowerLost)
"""Every kind of event that the picture hears."""
