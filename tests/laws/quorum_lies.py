"""For every law about the quorum a lie that breaks it. The small world has one controller, which tells nothing of a
quorum: so all that is told of one here is a lie."""

from __future__ import annotations

from small_world import SmallWorld

from minikafka.events.quorum import BecameQuorumLeader, MetadataCommitted, MetadataRead, VoteGranted
from minikafka.laws import quorum_laws


def two_leaders(small: SmallWorld) -> None:
    small.tell(0, BecameQuorumLeader(9, (1, 2), 5))
    small.tell(1, BecameQuorumLeader(9, (2, 3), 5))


def two_votes(small: SmallWorld) -> None:
    small.tell(0, VoteGranted(9, 1, False), VoteGranted(9, 1, False), VoteGranted(9, 2, True))
    small.world.run_for("1ms")
    small.tell(0, VoteGranted(9, 2, False))


def all_committed(small: SmallWorld) -> int:
    """The controller's log as committed by three; returns its end."""
    end = small.cluster.controllers[1].controller.log.end_offset
    small.tell(0, MetadataCommitted(1, 0, end, ((1, end), (2, end), (3, 0))))
    small.world.run_for("1ms")
    return end


def a_leader_who_knows_less(small: SmallWorld) -> None:
    end = all_committed(small)
    small.cluster.controllers[1].controller.log.truncate_to(end - 1)
    small.tell(0, BecameQuorumLeader(9, (1, 2), end - 1))


def another_fact(small: SmallWorld) -> None:
    end = all_committed(small)
    controller = small.cluster.controllers[1].controller
    controller.log.truncate_to(end - 1)
    controller.log.begin_epoch(9, 1, small.world.now)
    small.tell(0, MetadataCommitted(9, 0, end, ((1, end), (2, end), (3, end))))


def committed_by_one(small: SmallWorld) -> None:
    small.tell(0, MetadataCommitted(1, 0, 5, ((1, 5), (2, 4), (3, 0))))


def read_too_early(small: SmallWorld) -> None:
    end = all_committed(small)
    small.tell(1, MetadataRead(end - 1, end))
    small.world.run_for("1ms")
    small.tell(1, MetadataRead(end, end))


QUORUM_LIES = {
    quorum_laws.OneLeaderInAnEpoch: two_leaders,
    quorum_laws.OneVoteInAnEpoch: two_votes,
    quorum_laws.LeadersHaveWhatIsCommitted: a_leader_who_knows_less,
    quorum_laws.CommittedFactsStay: another_fact,
    quorum_laws.CommittedIsWhatAMajorityHas: committed_by_one,
    quorum_laws.BrokersReadWhatIsCommitted: read_too_early,
}
"""The lie that breaks each law."""
