"""Where a consumer stands in each of its partitions, and what has to happen before it may read on.

Promises     a partition is fetched only from a position that is known and, where its epoch is known, checked against
             the current leader; a seek outdates everything that is still under way for the old position.
Stands for   org.apache.kafka.clients.consumer.internals.SubscriptionState (its partitions).
Left out     pausing.
Differs      -

    state             on                 becomes
    initializing      offset found       fetching
    initializing      seek               fetching
    initializing      reset wanted       awaiting reset
    awaiting reset    offset found       fetching
    awaiting reset    seek               fetching
    awaiting reset    reset wanted       awaiting reset
    fetching          seek               fetching
    fetching          reset wanted       awaiting reset
    fetching          new leader         validating
    validating        new leader         validating
    validating        seek               fetching
    validating        reset wanted       awaiting reset
    validating        position stands    fetching
    validating        log was cut        fetching
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikafka.client.bootstrap import Leader
from minikafka.protocol.errors import Error, KafkaError, NoOffsetForPartitionException
from minikafka.protocol.names import TopicPartition, check_topic_name

INITIALIZING = "initializing"
AWAITING_RESET = "awaiting reset"
FETCHING = "fetching"
VALIDATING = "validating"

MOVES = {
    (INITIALIZING, "offset found"): FETCHING,
    (INITIALIZING, "seek"): FETCHING,
    (INITIALIZING, "reset wanted"): AWAITING_RESET,
    (AWAITING_RESET, "offset found"): FETCHING,
    (AWAITING_RESET, "seek"): FETCHING,
    (AWAITING_RESET, "reset wanted"): AWAITING_RESET,
    (FETCHING, "seek"): FETCHING,
    (FETCHING, "reset wanted"): AWAITING_RESET,
    (FETCHING, "new leader"): VALIDATING,
    (VALIDATING, "new leader"): VALIDATING,
    (VALIDATING, "seek"): FETCHING,
    (VALIDATING, "reset wanted"): AWAITING_RESET,
    (VALIDATING, "position stands"): FETCHING,
    (VALIDATING, "log was cut"): FETCHING,
}


class Position(NamedTuple):
    """The next offset to read, the epoch of the record before it (-1: not known), and the leader that confirmed it."""

    offset: int
    epoch: int
    leader: Leader | None


class PartitionState:
    """One assigned partition."""

    __slots__ = ("state", "position", "reset_to", "reset_why", "asking", "rest_until", "failures", "high_watermark",
                 "near", "near_until", "near_named_by")  # fmt: skip

    def __init__(self, state: str = AWAITING_RESET) -> None:
        self.state = state
        self.position: Position | None = None
        self.reset_to: str | None = None
        self.reset_why = "no position yet"
        self.asking = False
        self.rest_until = 0
        self.failures = 0
        self.high_watermark = self.near = -1
        self.near_until = 0
        self.near_named_by: Leader | None = None

    def move(self, position: Position, on: str) -> None:
        """Stand at a position that needs no check (any more)."""
        self.state = MOVES[self.state, on]
        self.position = position
        self.failures = self.rest_until = 0

    def want_reset(self, to: str, why: str) -> None:
        """Ask the leader where `to` ("earliest", "latest", "by_duration:...") is, and go there."""
        self.state = MOVES[self.state, "reset wanted"]
        self.reset_to, self.reset_why = to, why
        self.rest_until = 0

    def nothing_committed(self) -> None:
        """The group has committed nothing here: go where the policy says."""
        self.state = MOVES[self.state, "reset wanted"]
        self.reset_why = "its group has committed nothing"

    def meet_leader(self, leader: Leader) -> None:
        """Metadata names this leader: under a new one a position with a known epoch has to be checked."""
        if self.position is None or self.state == AWAITING_RESET or self.position.leader == leader:
            return
        self.position = self.position._replace(leader=leader)
        self.rest_until = 0
        if self.position.epoch >= 0:
            self.state = MOVES[self.state, "new leader"]


class Positions:
    """All assigned partitions, in the order in which they are fetched. With `committed` a new one first asks its
    group."""

    def __init__(self, policy: str, committed: bool = False):
        self.policy = policy
        self._first = INITIALIZING if committed else AWAITING_RESET
        self.assigned: dict[TopicPartition, PartitionState] = {}

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """Read these from now on; those that were assigned before keep their position."""
        wanted = [_checked(partition) for partition in partitions]
        before = self.assigned
        self.assigned = {partition: before.get(partition) or self._new() for partition in wanted}

    def of(self, partition: TopicPartition) -> PartitionState:
        """The state of an assigned partition, else KafkaError."""
        state = self.assigned.get(partition)
        if state is None:
            have = ", ".join(map(str, self.assigned)) or "none"
            raise KafkaError(
                Error.INVALID_REQUEST,
                f"{partition!s} is not assigned to this consumer (assigned: {have}): call assign([...]) with it first",
            )
        return state

    def seek(self, partition: TopicPartition, offset: int, epoch: int) -> None:
        """Go on at `offset`; without the epoch of the record before it (-1) nothing is checked."""
        state = self.of(partition)
        if isinstance(offset, bool) or not isinstance(offset, int) or offset < 0:
            raise KafkaError(
                Error.INVALID_REQUEST,
                f"offset {offset!r} for {partition} is not possible: seek to a whole number "
                f"from 0, or use seek_to_beginning or seek_to_end",
            )
        state.move(Position(offset, epoch, None), "seek")

    def rest_after_failure(self, partition: TopicPartition, until: int) -> None:
        """Leave a partition alone for a while."""
        state = self.assigned.get(partition)
        if state is not None:
            state.failures += 1
            state.rest_until = until

    def to_the_end_of_the_line(self, partition: TopicPartition) -> None:
        """It has had its records: others come first in the next fetch."""
        self.assigned[partition] = self.assigned.pop(partition)

    def in_state(self, wanted: str, now: int) -> list[TopicPartition]:
        """The partitions in a state for which nothing is under way and no rest is due."""
        return [
            partition
            for partition, state in self.assigned.items()
            if state.state == wanted and not state.asking and state.rest_until <= now
        ]

    def next_rest_end(self, now: int) -> int | None:
        """When the next partition has rested enough (µs)."""
        ends = [state.rest_until for state in self.assigned.values() if state.rest_until > now]
        return min(ends) if ends else None

    def require_policy(self) -> None:
        """NoOffsetForPartitionException if a partition has no position and auto.offset.reset=none."""
        lost = [
            partition
            for partition, state in self.assigned.items()
            if state.state == AWAITING_RESET and state.reset_to is None
        ]
        if lost:
            raise NoOffsetForPartitionException(
                f"no position for {', '.join(map(str, lost))} and auto.offset.reset=none: "
                f"call seek() first, or choose earliest or latest",
                lost,
            )

    def _new(self) -> PartitionState:
        state = PartitionState(self._first)
        if self.policy != "none":
            state.reset_to = self.policy
        return state


def _checked(partition: TopicPartition) -> TopicPartition:
    """A TopicPartition that can exist, else KafkaError."""
    if not isinstance(partition, tuple) or len(partition) != 2:
        raise KafkaError(Error.INVALID_REQUEST, f"{partition!r} is no partition: write TopicPartition('flights', 0)")
    topic, number = partition
    check_topic_name(topic)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise KafkaError(
            Error.INVALID_REQUEST, f"partition {number!r} of {topic} is not possible: partitions count from 0"
        )
    return TopicPartition(topic, number)
