"""What the controllers ask of one another: votes, who leads, and the metadata log.

Promises     each request names its answer; every answer tells who leads in which epoch, as far as the one who answers
             knows.
Stands for   the Vote, BeginQuorumEpoch and EndQuorumEpoch messages, and the voters' Fetch of `__cluster_metadata`.
Left out     cluster ids, endpoints, several partitions in one message; FetchSnapshot; changing the voters at run time.
Differs      the voters' fetch is a message of its own, apart from that of clients and of brokers.
"""

from __future__ import annotations

from typing import NamedTuple


class VoteResponse(NamedTuple):
    """Granted or not; `leader_id` -1 if the voter knows of no leader in its epoch."""

    error: int
    leader_id: int
    leader_epoch: int
    vote_granted: bool


class VoteRequest(NamedTuple):
    """Make me leader: my log ends at `end_offset` and its last batch is of `last_epoch`.

    With `pre_vote` it is only a question (would you?), and `epoch` the present one; else `epoch` is the one to be led.
    """

    candidate_id: int
    candidate_directory: str
    epoch: int
    last_epoch: int
    end_offset: int
    pre_vote: bool
    API = 52
    Response = VoteResponse


class BeginQuorumEpochResponse(NamedTuple):
    """Heard; or there is a leader of a later epoch."""

    error: int
    leader_id: int
    leader_epoch: int


class BeginQuorumEpochRequest(NamedTuple):
    """I lead in this epoch: fetch from me."""

    leader_id: int
    leader_epoch: int
    API = 53
    Response = BeginQuorumEpochResponse


class EndQuorumEpochResponse(NamedTuple):
    """Heard; or there is a leader of a later epoch."""

    error: int
    leader_id: int
    leader_epoch: int


class EndQuorumEpochRequest(NamedTuple):
    """I lead no longer; the best successors come first in `preferred_candidates`."""

    leader_id: int
    leader_epoch: int
    preferred_candidates: list
    API = 54
    Response = EndQuorumEpochResponse


class FetchQuorumResponse(NamedTuple):
    """Whole batches from `fetch_offset` on, committed or not; or `diverging_epoch`, the pair (epoch, end offset) where
    the follower has to look for the place at which the logs part."""

    error: int
    leader_id: int
    leader_epoch: int
    high_watermark: int
    diverging_epoch: tuple | None
    records: bytes


class FetchQuorumRequest(NamedTuple):
    """What follows my log? I have flushed everything below `fetch_offset`, and know of this `high_watermark`."""

    replica_id: int
    leader_epoch: int
    fetch_offset: int
    last_fetched_epoch: int
    high_watermark: int
    max_wait_ms: int
    API = 1002
    Response = FetchQuorumResponse
