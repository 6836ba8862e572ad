"""Elections, votes on disk, resignations: three voters among themselves."""

import json

import pytest
from three_voters import Voters

from minikafka.controller.quorum_state import QUORUM_STATE, ElectionState, QuorumStateFile, directory_id
from minikafka.events.quorum import BecameCandidate, BecameProspective, QuorumLeaderResigned
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.quorum_requests import BeginQuorumEpochRequest, EndQuorumEpochRequest, VoteRequest
from minikafka.world.chance import Chance
from minikafka.world.disk import Disk


def test_the_state_of_a_new_disk_and_what_was_written():
    disk = Disk()
    file = QuorumStateFile(disk)
    assert file.read() == ElectionState(0, -1, -1, "")
    file.write(ElectionState(3, 1, 2, "abc"))
    disk.lose_power()
    assert QuorumStateFile(disk).read() == ElectionState(3, 1, 2, "abc")
    assert json.loads(disk.read(QUORUM_STATE))["votedDirectoryId"] == "abc"


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[1]", b"\xff"])
def test_a_state_that_cannot_be_read_is_no_state(content):
    disk = Disk()
    disk.write(QUORUM_STATE, content)
    with pytest.raises(KafkaError, match="might vote twice"):
        QuorumStateFile(disk).read()
    assert disk.read(QUORUM_STATE) == content


def test_a_disk_keeps_its_directory_id():
    disk, dice = Disk(), Chance(1).stream("any")
    first = directory_id(disk, dice)
    disk.lose_power()
    assert directory_id(disk, dice) == first
    assert directory_id(Disk(), dice) != first


def test_somebody_leads_and_the_others_follow():
    voters = Voters()
    active = voters.until_active()
    assert sorted(voters.roles.values()) == ["follower", "follower", "leader"]
    assert all(voters.voter(number).leader == active for number in voters.machines)
    assert voters[active].image.features
    assert voters[1].committed_image == voters[2].committed_image == voters[3].committed_image


def test_election_and_fetch_timeouts():
    slow = Voters(**{"controller.quorum.election.timeout.ms": 3000, "controller.quorum.fetch.timeout.ms": 8000})
    slow.world.run_for("2999ms")
    assert not slow.told(BecameProspective)
    active = slow.until_active()
    slow.machines[active].crash()
    before = slow.world.now
    slow.until_active("20s")
    assert 7_500_000 <= slow.told(BecameProspective)[-1].time - before


def test_a_candidate_that_has_lost_rests_by_election_backoff_max():
    voters = Voters(**{"controller.quorum.election.backoff.max.ms": 1})
    voters.world.run_for("100ms")
    voter = voters.voter(1)
    voter.ask_for_pre_votes("election timeout")
    voter.stand()
    voter.lose()
    assert (voter.role, voter.deadline - voters.world.now <= 1000) == ("candidate", True)


def test_a_vote_is_flushed_before_it_is_given():
    voters = Voters()
    voter = voters.voter(1)
    answer = voter.vote(VoteRequest(2, "d2", 7, 0, 0, False))
    assert (answer.vote_granted, answer.leader_epoch) == (True, 7)
    voters.machines[1].power_off()
    voters.machines[1].start()
    assert not voters.voter(1).vote(VoteRequest(3, "d3", 7, 0, 0, False)).vote_granted
    assert voters.voter(1).vote(VoteRequest(2, "d2", 7, 0, 0, False)).vote_granted


def test_a_pre_vote_binds_to_nothing():
    voters = Voters()
    voter = voters.voter(1)
    assert voter.vote(VoteRequest(2, "d2", 0, 0, 0, True)).vote_granted
    assert voter.vote(VoteRequest(3, "d3", 0, 0, 0, True)).vote_granted
    assert (voter.state, voter.role) == (ElectionState(), "unattached")


def test_a_vote_of_yesterday_is_refused():
    voters = Voters()
    voter = voters.voter(1)
    voter.vote(VoteRequest(2, "d2", 7, 0, 0, False))
    state = voter.state
    assert voter.vote(VoteRequest(3, "d3", 6, 9, 9, False)).error == 74
    assert voter.begin_epoch(BeginQuorumEpochRequest(3, 6)).error == 74
    assert voter.end_epoch(EndQuorumEpochRequest(3, 6, [])).error == 74
    assert voter.state == state


def test_who_led_does_not_lead_again_in_the_same_epoch():
    voters = Voters()
    active = voters.until_active()
    epoch = voters.voter(active).epoch
    voters.machines[active].power_off()
    voters.machines[active].start()
    assert (voters.roles[active], voters.voter(active).leader, voters.voter(active).epoch) == ("resigned", -1, epoch)
    voters.until_active()
    assert voters.voter(voters.active).epoch > epoch


def test_a_leader_without_majority_resigns_after_one_and_a_half_fetch_timeouts():
    voters = Voters()
    active = voters.until_active()
    others = [number for number in voters.machines if number != active]
    before = voters.world.now
    for other in others:
        voters.machines[other].crash()
    voters.world.run_for("4s")
    (resigned,) = voters.told(QuorumLeaderResigned)
    assert 2_500_000 <= resigned.time - before <= 3_000_000
    assert voters.active is None


def test_one_voter_lost_is_no_matter():
    voters = Voters()
    active = voters.until_active()
    epoch = voters.voter(active).epoch
    other = next(number for number in voters.machines if number != active)
    voters.machines[other].crash()
    voters.world.run_for("30s")
    assert (voters.active, voters.voter(active).epoch) == (active, epoch)


def test_a_voter_that_was_cut_off_does_not_disturb_the_others_when_it_is_back():
    voters = Voters()
    active = voters.until_active()
    epoch = voters.voter(active).epoch
    apart = next(number for number in voters.machines if number != active)
    for other in voters.machines:
        if other != apart:
            voters.world.faults.cut(f"q/c{apart}", f"q/c{other}")
    voters.world.run_for("30s")
    assert len([one for one in voters.told(BecameProspective) if one.place == f"q/c{apart}"]) > 3
    candidates = len(voters.told(BecameCandidate))
    for other in voters.machines:
        if other != apart:
            voters.world.faults.heal(f"q/c{apart}", f"q/c{other}")
    voters.world.run_for("10s")
    assert (voters.active, voters.voter(active).epoch, voters.roles[apart]) == (active, epoch, "follower")
    assert len(voters.told(BecameCandidate)) == candidates


def test_a_leader_that_shuts_down_hands_over():
    voters = Voters()
    active = voters.until_active()
    before = voters.world.now
    voters.world.stop_in_order(voters.machines[active])
    voters.world.run_for("1s")
    assert voters.machines[active].state == "down"
    assert voters.active not in (None, active)
    assert voters.world.now - before < 2_000_000


def test_five_voters_lose_two():
    voters = Voters(5)
    active = voters.until_active()
    voters.machines[active].crash()
    second = voters.until_active()
    voters.machines[second].crash()
    third = voters.until_active("20s")
    assert third not in (active, second)
    voters.machines[third].crash()
    voters.world.run_for("20s")
    assert voters.active is None
