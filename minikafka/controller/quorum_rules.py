"""The rules of the quorum: who may be voted for, what is committed, when a leader has lost its majority.

Promises     plain functions of what they are told; nothing is changed, and nobody waits.
Stands for   EpochState.canGrantVote, LeaderState.maybeUpdateHighWatermark and LeaderState.timeUntilCheckQuorumExpires.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minikafka.controller.quorum_roles import FOLLOWER, LEADER, PROSPECTIVE, UNATTACHED
from minikafka.controller.quorum_state import NOBODY, ElectionState
from minikafka.protocol.quorum_requests import VoteRequest


def majority_of(voters: int) -> int:
    """How many of so many voters are more than half."""
    return voters // 2 + 1


def is_up_to_date(candidate: tuple[int, int], own: tuple[int, int]) -> bool:
    """Is a log, told as (epoch of its last batch, end offset), at least as far as this voter's own?"""
    return candidate >= own


def why_no_vote(
    role: str, state: ElectionState, request: VoteRequest, own: tuple[int, int], heard_leader: bool = True
) -> str | None:
    """Why a voter in this role may not vote for the candidate in its present epoch; None if it may.

    `heard_leader`: whether a follower has fetched from its leader since it follows it. Who only remembers one, because
    it has asked for pre-votes in vain, says yes to another who asks: otherwise all could go on remembering for ever.
    """
    if role == LEADER:
        return "it leads this epoch itself"
    if request.pre_vote:
        if role == FOLLOWER and heard_leader:
            return f"it has heard from controller {state.leader_id}, which leads"
    elif state.voted_id != NOBODY:
        if (state.voted_id, state.voted_directory) == (request.candidate_id, request.candidate_directory):
            return None
        return f"it has voted for controller {state.voted_id} in this epoch"
    elif role not in (UNATTACHED, PROSPECTIVE) or state.leader_id != NOBODY:
        return f"controller {state.leader_id} leads this epoch"
    if not is_up_to_date((request.last_epoch, request.end_offset), own):
        theirs = f"{request.end_offset} in epoch {request.last_epoch}"
        return f"the candidate's log ends at {theirs}, its own at {own[1]} in epoch {own[0]}"
    return None


def committed_below(ends: Iterable[int], epoch_start: int) -> int | None:
    """The high watermark that these ends of all voters' logs allow: what a majority has, if that reaches into the
    leader's own epoch; None if it does not."""
    rising = sorted(ends)
    reached = rising[len(rising) - majority_of(len(rising))]
    return reached if reached > epoch_start else None


def majority_heard_at(last_fetches: Mapping[int, int], now: int) -> int:
    """When (µs) a leader, itself included, was last sure of a majority; `last_fetches` are the other voters'."""
    needed = majority_of(len(last_fetches) + 1) - 1
    return sorted(last_fetches.values())[-needed] if needed else now
