"""What every controller answers, active or not: the other voters' questions, and the brokers' for committed facts.

Promises     brokers are given committed facts only, by the leader of the quorum only; whoever asks another controller
             is told who leads, as far as it knows.
Stands for   the Vote, BeginQuorumEpoch, EndQuorumEpoch and Fetch handlers of ControllerApis.
Left out     DescribeQuorum: who wants to know looks at the machines.
Differs      in Kafka a broker fetches what is not committed, too, and waits before it applies it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from minikafka.controller.metadata_log import MetadataLog
from minikafka.controller.quorum_fetch import fetch_quorum, parted
from minikafka.protocol import quorum_requests as quorum
from minikafka.protocol.cluster_requests import FetchMetadataRequest, FetchMetadataResponse
from minikafka.protocol.errors import Error
from minikafka.world.future import TimedOut

if TYPE_CHECKING:
    from minikafka.controller.controller import Controller


def readable_below(log: MetadataLog) -> int:
    """Up to where brokers may read: only what is committed is true."""
    return log.high_watermark


class MetadataDesk:
    """One controller's answers."""

    def __init__(self, controller: Controller):
        self.controller = controller
        self.voter = controller.voter
        self.log = controller.log

    def handlers(self) -> dict[type, Callable[[Any, str], Awaitable[Any]]]:
        """By the kind of request."""
        return {
            FetchMetadataRequest: self.fetch_metadata,
            quorum.VoteRequest: self.vote,
            quorum.BeginQuorumEpochRequest: self.begin_epoch,
            quorum.EndQuorumEpochRequest: self.end_epoch,
            quorum.FetchQuorumRequest: self.fetch_quorum,
        }

    async def vote(self, request: quorum.VoteRequest, _caller: str) -> quorum.VoteResponse:
        """Vote."""
        return self.voter.vote(request)

    async def begin_epoch(
        self, request: quorum.BeginQuorumEpochRequest, _caller: str
    ) -> quorum.BeginQuorumEpochResponse:
        """BeginQuorumEpoch."""
        return self.voter.begin_epoch(request)

    async def end_epoch(self, request: quorum.EndQuorumEpochRequest, _caller: str) -> quorum.EndQuorumEpochResponse:
        """EndQuorumEpoch."""
        return self.voter.end_epoch(request)

    async def fetch_quorum(self, request: quorum.FetchQuorumRequest, _caller: str) -> quorum.FetchQuorumResponse:
        """Fetch of `__cluster_metadata`, by a voter."""
        return await fetch_quorum(self.voter, request)

    async def fetch_metadata(self, request: FetchMetadataRequest, _caller: str) -> FetchMetadataResponse:
        """The committed facts from an offset on; without any, wait for some, at most `max_wait_ms`."""
        refusal = self.why_not(request)
        if refusal is not None:
            return refusal
        machine, turn = self.controller.machine, self.voter.turn
        committed = readable_below(self.log)
        self.voter.reign.broker_fetched(request.broker_id, request.fetch_offset, committed, machine.now)
        if request.fetch_offset >= committed:
            try:
                await machine.within(self.controller.news, request.max_wait_ms * 1000)
            except TimedOut:
                pass
            if self.voter.turn != turn:
                return self.answer(Error.NOT_LEADER_OR_FOLLOWER)
        committed = readable_below(self.log)
        if request.fetch_offset >= committed:
            return self.answer()
        return self.answer(records=self.log.read(request.fetch_offset, committed))

    def why_not(self, request: FetchMetadataRequest) -> FetchMetadataResponse | None:
        """An answer without facts: this is not the leader, or the broker knows what this log does not."""
        if not self.voter.leads:
            return self.answer(Error.NOT_LEADER_OR_FOLLOWER)
        if request.last_fetched_epoch >= 0:
            diverging = parted(self.log, request.last_fetched_epoch, request.fetch_offset)
            if diverging is not None:
                return self.answer()._replace(diverging_epoch=diverging)
        elif not 0 <= request.fetch_offset <= self.log.high_watermark:
            return self.answer(Error.OFFSET_OUT_OF_RANGE)
        return None

    def answer(self, error: Error = Error.NONE, records: bytes = b"") -> FetchMetadataResponse:
        """What the broker hears; with NOT_LEADER_OR_FOLLOWER, whom to ask instead."""
        leader = self.voter.leader if error == Error.NOT_LEADER_OR_FOLLOWER else -1
        return FetchMetadataResponse(error, self.voter.epoch, self.log.high_watermark, records, leader)
