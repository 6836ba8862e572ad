"""The roles of a voter.

Promises     a role changes as this table says, and in no other way.
Stands for   the states of org.apache.kafka.raft.QuorumState, with pre-votes (KIP-996).
Left out     observers: a broker follows the metadata log in a room of its own, and never votes.
Differs      a follower that is told of its leader's end becomes unattached; Kafka keeps it a follower whose patience
             ends at once.

    state        on                      becomes
    unattached   election timeout        prospective
    unattached   leader heard            follower
    unattached   later epoch             unattached
    unattached   the only voter          candidate
    follower     fetch timeout           prospective
    follower     leader heard            follower
    follower     later epoch             unattached
    follower     leader has resigned     unattached
    prospective  pre-votes won           candidate
    prospective  lost, leader known      follower
    prospective  lost, no leader known   unattached
    prospective  leader heard            follower
    prospective  later epoch             unattached
    candidate    votes won               leader
    candidate    election timeout        prospective
    candidate    leader heard            follower
    candidate    later epoch             unattached
    leader       no majority fetches     resigned
    leader       shutting down           resigned
    leader       later epoch             unattached
    leader       leader heard            follower
    resigned     election timeout        unattached
    resigned     leader heard            follower
    resigned     later epoch             unattached
    resigned     the only voter          candidate
"""

from __future__ import annotations

UNATTACHED, FOLLOWER, PROSPECTIVE, CANDIDATE = "unattached", "follower", "prospective", "candidate"
LEADER, RESIGNED = "leader", "resigned"

ELECTION_TIMEOUT, FETCH_TIMEOUT = "election timeout", "fetch timeout"
LEADER_HEARD, LATER_EPOCH, ONLY_VOTER = "leader heard", "later epoch", "the only voter"
LEADER_HAS_RESIGNED = "leader has resigned"
PRE_VOTES_WON, VOTES_WON = "pre-votes won", "votes won"
LOST_LEADER_KNOWN, LOST_NO_LEADER = "lost, leader known", "lost, no leader known"
NO_MAJORITY_FETCHES, SHUTTING_DOWN = "no majority fetches", "shutting down"

MOVES = {
    (UNATTACHED, ELECTION_TIMEOUT): PROSPECTIVE,
    (UNATTACHED, LEADER_HEARD): FOLLOWER,
    (UNATTACHED, LATER_EPOCH): UNATTACHED,
    (UNATTACHED, ONLY_VOTER): CANDIDATE,
    (FOLLOWER, FETCH_TIMEOUT): PROSPECTIVE,
    (FOLLOWER, LEADER_HEARD): FOLLOWER,
    (FOLLOWER, LATER_EPOCH): UNATTACHED,
    (FOLLOWER, LEADER_HAS_RESIGNED): UNATTACHED,
    (PROSPECTIVE, PRE_VOTES_WON): CANDIDATE,
    (PROSPECTIVE, LOST_LEADER_KNOWN): FOLLOWER,
    (PROSPECTIVE, LOST_NO_LEADER): UNATTACHED,
    (PROSPECTIVE, LEADER_HEARD): FOLLOWER,
    (PROSPECTIVE, LATER_EPOCH): UNATTACHED,
    (CANDIDATE, VOTES_WON): LEADER,
    (CANDIDATE, ELECTION_TIMEOUT): PROSPECTIVE,
    (CANDIDATE, LEADER_HEARD): FOLLOWER,
    (CANDIDATE, LATER_EPOCH): UNATTACHED,
    (LEADER, NO_MAJORITY_FETCHES): RESIGNED,
    (LEADER, SHUTTING_DOWN): RESIGNED,
    (LEADER, LATER_EPOCH): UNATTACHED,
    (LEADER, LEADER_HEARD): FOLLOWER,
    (RESIGNED, ELECTION_TIMEOUT): UNATTACHED,
    (RESIGNED, LEADER_HEARD): FOLLOWER,
    (RESIGNED, LATER_EPOCH): UNATTACHED,
    (RESIGNED, ONLY_VOTER): CANDIDATE,
}
