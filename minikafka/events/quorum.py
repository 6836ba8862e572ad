"""What happens among the controllers: votes, reigns, and what a majority has.

Promises     every change of a voter's role, every vote, every move of the metadata log's high watermark is one of
             these; a cluster with one controller tells none of them, as there is nobody to agree with.
Stands for   the log lines of KafkaRaftClient and QuorumState, and the metrics current-state and high-watermark.
Left out     the facts themselves: what they mean is told as in `governance`, once they are committed.
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple


class BecameProspective(NamedTuple):
    """A voter asks the others whether they would vote for it (KIP-996); its epoch stays as it is."""

    epoch: int
    last_epoch: int
    end_offset: int
    why: str

    def sentence(self) -> str:
        """Why, and with which log."""
        log = f"its log ends at {self.end_offset}, written last in epoch {self.last_epoch}"
        return f"asks for pre-votes in epoch {self.epoch} ({self.why}); {log}"


class BecameCandidate(NamedTuple):
    """A voter has voted for itself and asks the others to do so, too."""

    epoch: int
    last_epoch: int
    end_offset: int

    def sentence(self) -> str:
        """For which epoch, and with which log."""
        log = f"its log ends at {self.end_offset}, written last in epoch {self.last_epoch}"
        return f"stands for election in epoch {self.epoch}; {log}"


class VoteGranted(NamedTuple):
    """A voter has given its vote; but for a pre-vote, it is on disk and there is no other in this epoch."""

    epoch: int
    candidate: int
    pre_vote: bool

    def sentence(self) -> str:
        """To whom."""
        if self.pre_vote:
            return f"would vote for controller {self.candidate}, if it stood for election after epoch {self.epoch}"
        return f"votes for controller {self.candidate} in epoch {self.epoch}, and has written it down"


class VoteRefused(NamedTuple):
    """A voter has not given its vote."""

    epoch: int
    candidate: int
    pre_vote: bool
    why: str

    def sentence(self) -> str:
        """To whom, and why not."""
        what = "pre-vote" if self.pre_vote else "vote"
        return f"refuses controller {self.candidate} its {what} in epoch {self.epoch}: {self.why}"


class BecameQuorumLeader(NamedTuple):
    """A majority has voted for this controller. It decides nothing before a fact of its own epoch is committed."""

    epoch: int
    votes: tuple
    epoch_start: int

    def sentence(self) -> str:
        """The epoch, the voters, and where it begins."""
        votes = ", ".join(map(str, self.votes))
        begins = f"it begins at offset {self.epoch_start}"
        return f"leads the quorum in epoch {self.epoch}, by the votes of {votes}; {begins}"


class BecameQuorumFollower(NamedTuple):
    """A voter has heard who leads, and fetches from there."""

    epoch: int
    leader: int

    def sentence(self) -> str:
        """Whom it follows."""
        return f"follows controller {self.leader} in epoch {self.epoch}"


class BecameUnattached(NamedTuple):
    """A voter knows of an epoch and not (any more) who leads in it."""

    epoch: int
    why: str

    def sentence(self) -> str:
        """The epoch and the reason."""
        return f"knows no leader of epoch {self.epoch}: {self.why}"


class QuorumLeaderResigned(NamedTuple):
    """A leader leads no longer, though it has heard of no other."""

    epoch: int
    why: str

    def sentence(self) -> str:
        """The epoch and the reason."""
        return f"resigned as leader of epoch {self.epoch}: {self.why}"


class ControllerRenounced(NamedTuple):
    """A controller decides no longer; what it has decided and no majority has may come to be or not."""

    controller_epoch: int
    undecided: int

    def sentence(self) -> str:
        """The reign, and what is left open."""
        left = f"; the fate of {self.undecided} decision(s) is open" if self.undecided else ""
        return f"decides no longer (controller epoch {self.controller_epoch}){left}"


class MetadataCommitted(NamedTuple):
    """A majority holds the metadata log up to here; told by the leader."""

    epoch: int
    old: int
    new: int
    ends: tuple

    def sentence(self) -> str:
        """The high watermark, and where each voter's log ends."""
        ends = ", ".join(f"{voter}: {end}" for voter, end in self.ends)
        return f"committed the metadata log below {self.new} (was {self.old}); the voters' logs end at {ends}"


class MetadataCommitLearned(NamedTuple):
    """A voter has heard from its leader up to where the metadata log is committed."""

    epoch: int
    old: int
    new: int
    end_offset: int

    def sentence(self) -> str:
        """The high watermark and the log's end."""
        return f"knows the metadata log to be committed below {self.new} (its own ends at {self.end_offset})"


class MetadataTruncated(NamedTuple):
    """A voter has dropped what no majority had and its leader has not."""

    epoch: int
    old_end: int
    new_end: int

    def sentence(self) -> str:
        """What went."""
        dropped = f"its metadata from offset {self.new_end} up to {self.old_end - 1}"
        return f"dropped {dropped}: the leader of epoch {self.epoch} does not have it"


class MetadataRead(NamedTuple):
    """A broker has applied the metadata up to this offset; its controller knew of this high watermark."""

    offset: int
    high_watermark: int

    def sentence(self) -> str:
        """How far it is."""
        behind = self.high_watermark - 1 - self.offset
        return f"has applied the metadata up to offset {self.offset}" + (f", {behind} behind" if behind else "")


class QuorumForced(NamedTuple):
    """Somebody has made this controller the only voter. Whether it knew of everything, nobody has asked."""

    end_offset: int
    left_out: tuple

    def sentence(self) -> str:
        """What it has, and who has no say any more."""
        others = ", ".join(map(str, self.left_out))
        log = f"with a metadata log that ends at {self.end_offset}"
        return f"was made the only voter by force, {log}; controllers {others} have no say any more, whatever they know"


class MetadataLost(NamedTuple):
    """The controller's log ends before facts that were committed: only what is told here is recorded now.

    `brokers`: (id, epoch, address, fenced, shutting down). `topics`: (name, id, partitions), and of each partition
    (replicas, observers, ISR, ELR, leader, leader epoch, partition epoch).
    """

    end_offset: int
    lost: int
    brokers: tuple
    topics: tuple

    def sentence(self) -> str:
        """What is gone, and what is left."""
        topics = ", ".join(name for name, _, _ in self.topics) or "none"
        gone = "1 committed fact is" if self.lost == 1 else f"{self.lost} committed facts are"
        return f"begins with a metadata log that ends at {self.end_offset}: {gone} forgotten; the topics are: {topics}"


class MetadataForeign(NamedTuple):
    """A broker has applied facts that the leader's log does not have: somebody has made the quorum forget them."""

    offset: int
    last_epoch: int
    diverging_epoch: int
    diverging_end: int

    def sentence(self) -> str:
        """Both logs, and what follows."""
        own = f"it has applied the metadata up to offset {self.offset}, written last in epoch {self.last_epoch}"
        theirs = f"the controller's log of epoch {self.diverging_epoch} ends at {self.diverging_end}"
        return f"stops: {own}, but {theirs}; after a restart it will know no more than the controller"
