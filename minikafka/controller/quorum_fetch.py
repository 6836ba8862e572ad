"""The metadata log on its way from the leader to the other voters: they fetch, and it counts how far they are.

Promises     a follower's log is the leader's as far as it reaches: what differs is dropped before anything is
             added; what is added is flushed before the next question, which is what the leader counts.
Stands for   KafkaRaftClient.handleFetchRequest and handleFetchResponse.
Left out     snapshots: no log begins above 0.
Differs      the leader answers at once when its high watermark is ahead of what the follower knows (in Kafka since
             4.1, KIP-1166).
"""

from __future__ import annotations

from minikafka.controller.metadata_log import MetadataLog
from minikafka.controller.quorum_state import NOBODY
from minikafka.controller.quorum_voter import Voter
from minikafka.events.quorum import MetadataCommitLearned, MetadataTruncated
from minikafka.protocol.errors import Error
from minikafka.protocol.names import NO_EPOCH
from minikafka.protocol.quorum_requests import FetchQuorumRequest, FetchQuorumResponse
from minikafka.world.future import TimedOut


async def fetch_quorum(voter: Voter, request: FetchQuorumRequest) -> FetchQuorumResponse:
    """The leader's answer to a voter: news, or after `max_wait_ms` none."""
    refusal = why_no_fetch(voter, request)
    if refusal is not None:
        return refusal
    voter.reign.voter_fetched(request.replica_id, request.fetch_offset, voter.log.end_offset, voter.machine.now)
    voter.advance()
    turn, until = voter.turn, voter.machine.now + request.max_wait_ms * 1000
    while not has_news(voter, request) and voter.machine.now < until:
        try:
            await voter.machine.within(voter.news, until - voter.machine.now)
        except TimedOut:
            pass
        if voter.turn != turn:
            return answer(voter, Error.NOT_LEADER_OR_FOLLOWER)
    return answer(voter, records=voter.log.read(request.fetch_offset, voter.log.end_offset))


def why_no_fetch(voter: Voter, request: FetchQuorumRequest) -> FetchQuorumResponse | None:
    """An answer without records: not the leader, another epoch, or logs that have parted. None if all is well."""
    if request.replica_id not in voter.voters:
        return FetchQuorumResponse(Error.INCONSISTENT_VOTER_SET, NOBODY, NO_EPOCH, 0, None, b"")
    voter.hear(request.leader_epoch, NOBODY)
    if request.leader_epoch < voter.epoch:
        return answer(voter, Error.FENCED_LEADER_EPOCH)
    if not voter.leads:
        return answer(voter, Error.NOT_LEADER_OR_FOLLOWER)
    diverging = parted(voter.log, request.last_fetched_epoch, request.fetch_offset)
    return None if diverging is None else answer(voter, diverging=diverging)


def parted(log: MetadataLog, last_epoch: int, offset: int) -> tuple[int, int] | None:
    """Where (epoch, end offset) to look for the last common fact, if a log that ends there has parted from this one."""
    epoch, end = log.end_of_epoch(last_epoch)
    return (epoch, end) if epoch != last_epoch or offset > end else None


def has_news(voter: Voter, request: FetchQuorumRequest) -> bool:
    """Is there a fact that the follower lacks, or a high watermark that it does not know?"""
    known = min(voter.log.high_watermark, request.fetch_offset)
    return voter.log.end_offset > request.fetch_offset or known > request.high_watermark


def answer(
    voter: Voter, error: Error = Error.NONE, diverging: tuple[int, int] | None = None, records: bytes = b""
) -> FetchQuorumResponse:
    """The leader's answer; with an error, that of a voter that does not lead."""
    return FetchQuorumResponse(error, voter.leader, voter.epoch, voter.log.high_watermark, diverging, records)


def question(voter: Voter, max_wait_ms: int) -> FetchQuorumRequest:
    """What a follower asks next."""
    log = voter.log
    ends = (log.end_offset, log.last_epoch, log.high_watermark)
    return FetchQuorumRequest(voter.id, voter.epoch, *ends, max_wait_ms)


def take_answer(voter: Voter, response: FetchQuorumResponse) -> bool:
    """Do what an answer says; it must belong to the present turn. False: it was an error, or the turn is over."""
    turn = voter.turn
    voter.hear(response.leader_epoch, response.leader_id)
    if voter.turn != turn or response.error:
        return False
    voter.deadline = voter.machine.now + voter.fetch_timeout
    voter.heard_leader = True
    log, old = voter.log, voter.log.high_watermark
    if response.diverging_epoch is not None:
        old_end = log.end_offset
        log.truncate_to(log.end_of_agreement(*response.diverging_epoch))
        voter.tell(MetadataTruncated(voter.epoch, old_end, log.end_offset))
        return True
    if response.records:
        log.follow(response.records, voter.epoch, voter.machine.now)
    if log.commit(response.high_watermark):
        voter.tell(MetadataCommitLearned(voter.epoch, old, log.high_watermark, log.end_offset))
        voter.changed()
    return True
