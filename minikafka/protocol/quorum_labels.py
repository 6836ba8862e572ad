"""What the messages of the controller quorum are called on the stage.

Promises     every request and response of `quorum_requests` has a label; a fetch and an answer without news are
             routine.
Stands for   nothing in Kafka: its request log prints the whole message.
Left out     contents beyond epochs, offsets and errors.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.protocol import quorum_requests as quorum
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import headers_of


def _vote(request: quorum.VoteRequest) -> str:
    return f"pre-vote in epoch {request.epoch}?" if request.pre_vote else f"vote for epoch {request.epoch}?"


def _voted(response: quorum.VoteResponse) -> str:
    if response.error:
        return Error(response.error).name
    return "granted" if response.vote_granted else "refused"


def _heard(response: Any) -> str:
    return Error(response.error).name if response.error else "heard"


def _fetched(response: quorum.FetchQuorumResponse) -> str:
    if response.error:
        return Error(response.error).name
    if response.diverging_epoch:
        return "diverged: epoch {} ends @{}".format(*response.diverging_epoch)
    if not response.records:
        return f"committed below {response.high_watermark}"
    facts = _count(response.records)
    return "1 fact" if facts == 1 else f"{facts} facts"


def _count(records: bytes) -> int:
    try:
        return sum(header.records_count for header in headers_of(records))
    except KafkaError:
        return 0


QUORUM_LABELS: dict[type, Callable[[Any], str]] = {
    quorum.VoteRequest: _vote,
    quorum.VoteResponse: _voted,
    quorum.BeginQuorumEpochRequest: lambda begin: f"I lead epoch {begin.leader_epoch}",
    quorum.BeginQuorumEpochResponse: _heard,
    quorum.EndQuorumEpochRequest: lambda end: f"I lead epoch {end.leader_epoch} no longer",
    quorum.EndQuorumEpochResponse: _heard,
    quorum.FetchQuorumRequest: lambda fetch: f"fetch facts @{fetch.fetch_offset}",
    quorum.FetchQuorumResponse: _fetched,
}
"""A label for each class."""

QUORUM_ROUTINE: dict[type, Callable[[Any], bool]] = {
    quorum.FetchQuorumRequest: lambda fetch: True,
    quorum.FetchQuorumResponse: lambda fetched: not (fetched.records or fetched.error or fetched.diverging_epoch),
}
"""Which of them say nothing new."""
