"""The picture of the quorum, held against the voters."""

from __future__ import annotations

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.events import quorum
from minikafka.laws.quorum_fold_law import QuorumEventsTellWhatIs
from minikafka.laws.quorum_picture import QuorumPicture
from minikafka.world.event import Recorded
from minikafka.world.happenings import MachineCrashed
from minikafka.world.laws import LawBroken

C1, C2 = "primary/c1", "primary/c2"


def folded(*events):
    """The picture of these (place, event)."""
    picture = QuorumPicture()
    for number, (place, event) in enumerate(events):
        picture.hear(Recorded(number, 0, place, 0, type(event).__name__, event))
    return picture


def test_it_draws_an_election():
    picture = folded(
        (C1, quorum.BecameCandidate(3, 2, 10)),
        (C2, quorum.BecameUnattached(3, "controller 1 asks for votes in it")),
        (C1, quorum.BecameQuorumLeader(3, (1, 2), 10)),
        (C2, quorum.BecameQuorumFollower(3, 1)),
        (C1, quorum.MetadataCommitted(3, 10, 11, ((1, 12), (2, 11)))),
        (C2, quorum.MetadataCommitLearned(3, 10, 11, 12)),
    )
    one, two = picture.voters[C1], picture.voters[C2]
    assert (one.role, one.epoch, one.leader, one.high_watermark, one.log_end) == ("leader", 3, 1, 11, 12)
    assert (two.role, two.epoch, two.leader, two.high_watermark, two.log_end) == ("follower", 3, 1, 11, 12)


def test_a_stop_ends_a_role_and_a_cut_moves_the_end():
    picture = folded(
        (C1, quorum.QuorumLeaderResigned(3, "no majority has fetched for 3 s")),
        (C1, quorum.MetadataTruncated(4, 14, 12)),
        (C2, quorum.BecameQuorumFollower(3, 1)),
        (C2, MachineCrashed(1)),
        ("primary/b1", quorum.MetadataRead(9, 12)),
    )
    assert (picture.voters[C1].role, picture.voters[C1].log_end) == ("resigned", 12)
    assert (picture.voters[C2].role, picture.voters[C2].leader) == (None, -1)
    assert picture.read == {"primary/b1": (9, 12)}


def three(law=None):
    world = World(seed=4)
    if law is not None:
        world.law(law)
    cluster = world.cluster("primary", brokers=1, controllers=3)
    world.run_for("1s")
    return world, cluster


def test_it_holds_in_an_election_and_for_a_law_that_comes_late():
    world, cluster = three()
    world.law(QuorumEventsTellWhatIs())
    world.faults.crash(cluster.active_controller.machine)
    world.run_for("6s")
    assert cluster.active_controller is not None and not world.laws[0].broken


@pytest.mark.parametrize("field, value", [("role", "candidate"), ("role", "leader")])
def test_a_silent_change_of_a_role_breaks_it(field, value):
    world, cluster = three(QuorumEventsTellWhatIs())
    follower = next(handle for handle in cluster.controllers.values() if handle.role == "follower")
    setattr(follower.controller.voter, field, value)
    world.recorder.record(follower.name, quorum.MetadataCommitLearned(0, 0, 0, 0))
    with pytest.raises(LawBroken, match=f"of the controller at {follower.name} the events tell role follower"):
        world.run_for("300ms")
