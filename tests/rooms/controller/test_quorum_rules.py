"""Who may be voted for, what is committed, when a majority is lost."""

import pytest

from minikafka.controller.quorum_reign import Reign
from minikafka.controller.quorum_roles import CANDIDATE, FOLLOWER, LEADER, PROSPECTIVE, RESIGNED, UNATTACHED
from minikafka.controller.quorum_rules import committed_below, majority_heard_at, majority_of, why_no_vote
from minikafka.controller.quorum_state import ElectionState
from minikafka.protocol.quorum_requests import VoteRequest

OWN = (3, 10)


def asks(pre_vote=False, last_epoch=3, end_offset=10, directory="d2"):
    return VoteRequest(2, directory, 5, last_epoch, end_offset, pre_vote)


def test_a_majority_is_more_than_half():
    assert [majority_of(voters) for voters in (1, 2, 3, 4, 5)] == [1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    "last_epoch, end_offset, up_to_date", [(3, 10, True), (3, 9, False), (2, 99, False), (4, 1, True)]
)
def test_a_candidate_must_have_as_much_as_its_voter(last_epoch, end_offset, up_to_date):
    for pre_vote in (False, True):
        why = why_no_vote(UNATTACHED, ElectionState(5), asks(pre_vote, last_epoch, end_offset), OWN)
        assert (why is None) == up_to_date


def test_one_vote_in_an_epoch_and_the_same_again():
    voted = ElectionState(5, voted_id=2, voted_directory="d2")
    assert why_no_vote(UNATTACHED, voted, asks(), OWN) is None
    why = why_no_vote(UNATTACHED, voted, asks(directory="another disk"), OWN)
    assert why == "it has voted for controller 2 in this epoch"
    assert "voted for controller 3" in why_no_vote(UNATTACHED, voted._replace(voted_id=3), asks(), OWN)
    assert why_no_vote(UNATTACHED, voted._replace(voted_id=3), asks(pre_vote=True), OWN) is None
    assert "voted for controller 1" in why_no_vote(CANDIDATE, ElectionState(5, voted_id=1), asks(), OWN)


def test_who_knows_a_leader_votes_for_nobody_else():
    led = ElectionState(5, leader_id=3)
    assert "controller 3 leads this epoch" in why_no_vote(FOLLOWER, led, asks(), OWN)
    assert "heard from controller 3" in why_no_vote(FOLLOWER, led, asks(pre_vote=True), OWN)
    assert why_no_vote(FOLLOWER, led, asks(pre_vote=True), OWN, heard_leader=False) is None
    assert "controller 3 leads this epoch" in why_no_vote(FOLLOWER, led, asks(), OWN, heard_leader=False)
    assert "controller 3 leads this epoch" in why_no_vote(PROSPECTIVE, led, asks(), OWN)
    assert why_no_vote(PROSPECTIVE, led, asks(pre_vote=True), OWN) is None
    assert "leads this epoch itself" in why_no_vote(LEADER, led, asks(pre_vote=True), OWN)
    assert why_no_vote(RESIGNED, ElectionState(5, 1, 1), asks(), OWN) == "it has voted for controller 1 in this epoch"


@pytest.mark.parametrize("ends, start, committed", [
    ([10, 10, 4], 9, 10), ([10, 9, 9], 9, None), ([10, 4, -1], 3, 4), ([7], 6, 7), ([9, 8, 7, 6, 5], 0, 7),
    ([10, 10, 4], 10, None),
])  # fmt: skip
def test_committed_is_what_a_majority_has_if_it_is_of_this_epoch(ends, start, committed):
    assert committed_below(ends, start) == committed


def test_a_leader_is_part_of_its_own_majority():
    assert majority_heard_at({2: 5, 3: 8}, 10) == 8
    assert majority_heard_at({2: 5, 3: 8, 4: 1, 5: 2}, 10) == 5
    assert majority_heard_at({}, 10) == 10


def test_the_leaders_book():
    reign = Reign(3, 10, [2, 3], 100)
    assert (reign.high_watermark(11), reign.majority_heard_at(400)) == (None, 100)
    assert not reign.heard_within(2, 50, 110)
    reign.voter_fetched(2, 10, 11, 200)
    assert (reign.high_watermark(11), reign.majority_heard_at(400)) == (None, 200)
    reign.voter_fetched(2, 11, 11, 300)
    assert (reign.high_watermark(11), reign.heard_within(2, 50, 340), reign.successors()) == (11, True, [2, 3])
    assert (reign.voters[2].last_caught_up, reign.voters[3].last_caught_up) == (300, -1)
    reign.voter_fetched(7, 99, 11, 400)
    assert list(reign.voters) == [2, 3]
