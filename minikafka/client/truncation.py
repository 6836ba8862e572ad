"""Was the log cut below a consumer's position? Asked of every new leader.

Promises     a consumer never reads on across a cut without noticing: it goes back to where the logs part, or its poll
             raises LogTruncationException where auto.offset.reset is none.
Stands for   SubscriptionState.maybeCompleteValidation and OffsetsForLeaderEpochClient (KIP-320).
Left out     detection in the fetch itself (lastFetchedEpoch): Kafka's consumer does not use it either.
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.client.positions import VALIDATING, PartitionState, Position
from minikafka.events.clients import PositionReset, TruncationDetected
from minikafka.protocol.client_requests import CONSUMER, EpochEnd, EpochPartition, OffsetForLeaderEpochRequest
from minikafka.protocol.errors import LogTruncationException
from minikafka.protocol.names import TopicPartition


def epoch_question(asked: dict[TopicPartition, Position]) -> OffsetForLeaderEpochRequest:
    """Where do the epochs of these positions end?"""
    rows = [EpochPartition(*partition, position.leader.epoch, position.epoch) for partition, position in asked.items()]
    return OffsetForLeaderEpochRequest(CONSUMER, rows)


def was_cut(position: Position, answer: EpochEnd) -> bool:
    """Whether the leader's log is another one than the position stands in."""
    return answer.leader_epoch < 0 or answer.end_offset < 0 or answer.end_offset < position.offset


def settle(
    partition: TopicPartition, state: PartitionState, asked: Position, answer: EpochEnd, policy: str, name: str
) -> tuple[list[Any], LogTruncationException | None]:
    """Act on the leader's answer: the events to record, and the error for the next poll (with policy "none").

    An answer for a position that the consumer has left in the meantime changes nothing.
    """
    if state.state != VALIDATING or state.position != asked:
        return [], None
    if not was_cut(asked, answer):
        state.move(asked, "position stands")
        return [], None
    undefined = answer.leader_epoch < 0 or answer.end_offset < 0
    found = (-1, -1) if undefined else (answer.leader_epoch, answer.end_offset)
    events: list[Any] = [TruncationDetected(partition, asked.offset, asked.epoch, *found, name)]
    if policy == "none":
        return events, _truncation(partition, asked, found)
    if undefined:
        state.want_reset(policy, "the leader knows no epoch of that time")
    else:
        state.move(Position(answer.end_offset, answer.leader_epoch, asked.leader), "log was cut")
        events.append(PositionReset(partition, asked.offset, answer.end_offset, "the log was cut there", name))
    return events, None


def _truncation(partition: TopicPartition, asked: Position, found: tuple[int, int]) -> LogTruncationException:
    epoch, end_offset = found
    divergent = {} if end_offset < 0 else {partition: end_offset}
    parts = "at an offset that the leader cannot tell" if end_offset < 0 else f"at {end_offset} (epoch {epoch})"
    return LogTruncationException(
        f"the log of {partition} was cut below position {asked.offset} (epoch {asked.epoch}): it parts {parts} from "
        f"what was read; seek() to where you want to go on, or choose another auto.offset.reset",
        {partition: asked.offset},
        divergent,
    )
