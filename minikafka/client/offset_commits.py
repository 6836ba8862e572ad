"""Committing positions for a group, and asking for what is committed.

Promises     a commit names the member and its generation, so that a zombie's is refused; what may pass is tried again
             until the time is up, but never after a newer commit has left. Automatic commits happen only within polls,
             and take only what earlier polls handed out.
Stands for   ConsumerCoordinator: commitOffsetsSync, maybeAutoCommitOffsetsAsync, fetchCommittedOffsets.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minikafka.client.coordinator_lookup import CoordinatorFinder, worst
from minikafka.client.interceptors import Interceptors
from minikafka.client.positions import INITIALIZING, PartitionState, Position, Positions
from minikafka.events.clients import PositionReset
from minikafka.events.groups import CommitAcknowledged, CommitFailed
from minikafka.protocol.errors import Error, KafkaError, TimeoutException
from minikafka.protocol.group_requests import (
    FetchedOffset,
    OffsetCommitRequest,
    OffsetFetchRequest,
    OffsetFetchResponse,
    OffsetPartition,
    OffsetToCommit,
)
from minikafka.protocol.names import TopicPartition

Commits = Mapping[TopicPartition, OffsetToCommit]
TRY_AGAIN = 100_000
"""µs until an automatic commit that did not get through is tried again."""

OUTDATED = (Error.UNKNOWN_MEMBER_ID, Error.ILLEGAL_GENERATION, Error.FENCED_INSTANCE_ID)


class CommitFailedException(KafkaError):
    """The group has moved on without this member: its partitions belong to others, and the commit was not made."""


class Identity:
    """Who commits: `generation` -1 and `member_id` "" for somebody who assigns by hand."""

    def __init__(self, instance_id: str | None = None):
        self.generation = -1
        self.member_id = ""
        self.instance_id = instance_id
        self.manages_itself = True


class OffsetCommits:
    """`identity` is kept up to date by the membership; `outdated(error, generation)` is told when the coordinator
    disowns it."""

    def __init__(self, machine: Any, config: Mapping, finder: CoordinatorFinder, positions: Positions, name: str,
                 identity: Identity, interceptors: Interceptors):  # fmt: skip
        self.machine = machine
        self.finder = finder
        self.positions = positions
        self.identity = identity
        self.outdated: Callable[[Error, int], None] = lambda error, generation: None
        self._name = name
        self._interceptors = interceptors
        self._auto = config["enable.auto.commit"]
        self._interval = config.us("auto.commit.interval.ms")
        self._patience = config.us("default.api.timeout.ms")
        self._due = machine.now + self._interval
        self._under_way: Any = None
        self._before_change = False
        self._begun = self._latest_sent = 0

    # -- committing ---------------------------------------------------------------------------------------------

    def consumed(self) -> dict[TopicPartition, OffsetToCommit]:
        """Where the next poll goes on, in each partition with a known position."""
        return {
            partition: OffsetToCommit(*partition, state.position.offset, state.position.epoch, "")
            for partition, state in self.positions.assigned.items()
            if state.position is not None and state.state != INITIALIZING
        }

    async def commit(self, offsets: Commits, within: int | None = None, once: bool = False) -> None:
        """Return once it is replicated; CommitFailedException, or KafkaError with REBALANCE_IN_PROGRESS, or
        TimeoutException."""
        if not offsets:
            return
        who = self.identity
        generation = who.generation
        what = tuple((partition, row.offset) for partition, row in offsets.items())
        group_id = self.finder.group_id
        try:
            if generation < 0 and not who.manages_itself:
                raise CommitFailedException(
                    Error.UNKNOWN_MEMBER_ID,
                    f"{self._name} is no member of group {group_id} at present: poll, so that it joins",
                )
            request = OffsetCommitRequest(group_id, generation, who.member_id, who.instance_id, list(offsets.values()))
            deadline = self.machine.now + (self._patience if within is None else within)
            answer = await self.finder.ask(
                self._in_turn(request), deadline, lambda told: worst(told.partitions), "the commit", once
            )
            self._require_good(worst(answer.partitions), generation)
        except KafkaError as error:
            name, definite = error.error.name, error.definite
            self.machine.record(CommitFailed(group_id, generation, what, name, definite, self._name))
            raise
        self.machine.record(CommitAcknowledged(group_id, generation, what, self._name))
        self._interceptors.on_commit({partition: row.offset for partition, row in offsets.items()})

    def _in_turn(self, request: OffsetCommitRequest) -> Callable[[], OffsetCommitRequest]:
        """Gives the request when it may leave; TimeoutException if a newer commit has left: this one would take it
        back."""
        self._begun += 1
        turn = self._begun

        def leave() -> OffsetCommitRequest:
            if turn < self._latest_sent:
                raise TimeoutException(f"a newer commit of {self._name} has left before this one could")
            self._latest_sent = turn
            return request

        return leave

    def _require_good(self, error: Error, generation: int) -> None:
        if not error:
            return
        group_id = self.finder.group_id
        if error in OUTDATED:
            self.outdated(error, generation)
            raise CommitFailedException(
                error,
                f"group {group_id} has moved on without {self._name} (generation {generation}): what it has read "
                "since may be read by others again; poll more often, or raise max.poll.interval.ms",
            )
        raise KafkaError(error, f"the commit for group {group_id} was refused: {error.meaning}")

    def auto_commit(self) -> None:
        """At the beginning of a poll: commit what was handed out, if it is time, and go on meanwhile."""
        if not self._auto or self.machine.now < self._due or self._before_change:
            return
        self._due = self.machine.now + self._interval
        if self._under_way is None or self._under_way.done:
            self._under_way = self.machine.spawn(self.commit_quietly(self.consumed(), once=True), "auto-commit")

    async def commit_before_change(self, within: int) -> None:
        """Before partitions are given back: commit what was handed out."""
        if self._auto:
            self._before_change = True
            try:
                await self.commit_quietly(self.consumed(), within)
            finally:
                self._before_change = False
                self._due = self.machine.now + self._interval

    async def commit_quietly(self, offsets: Commits, within: int | None = None, once: bool = False) -> None:
        """As `commit`; a failure is recorded and no more."""
        try:
            await self.commit(offsets, within, once)
        except KafkaError as error:
            if once and error.retriable:
                self._due = self.machine.now + TRY_AGAIN  # with where it is then

    # -- asking -------------------------------------------------------------------------------------------------

    async def committed(self, partitions: Iterable[TopicPartition], within: int | None = None
                        ) -> dict[TopicPartition, FetchedOffset | None]:  # fmt: skip
        """What the group has committed for each partition, or None; TimeoutException."""
        request = OffsetFetchRequest(self.finder.group_id, [OffsetPartition(*partition) for partition in partitions])
        deadline = self.machine.now + (self._patience if within is None else within)
        answer = await self.finder.ask(lambda: request, deadline, _unknown_or_unstable, "asking for offsets")
        if answer.error:
            raise KafkaError(answer.error, f"group {self.finder.group_id}: {Error(answer.error).meaning}")
        error = worst(answer.partitions)
        if error and not error.retriable:
            raise KafkaError(error, f"offsets of group {self.finder.group_id} were not told: {error.meaning}")
        return {TopicPartition(*row[:2]): row if row.offset >= 0 else None for row in answer.partitions}

    def look_after(self, news: Callable[[KafkaError | None], None]) -> None:
        """Ask for the committed offsets of partitions that have just been assigned; `news` is called when they are
        there."""
        missing = self.positions.in_state(INITIALIZING, self.machine.now)
        if missing:
            states = {partition: self.positions.assigned[partition] for partition in missing}
            for state in states.values():
                state.asking = True
            self.machine.spawn(self._initialize(states, news), "committed offsets")

    async def _initialize(self, states: dict[TopicPartition, PartitionState], news: Callable) -> None:
        found, complaint = {}, None
        try:
            found = await self.committed(states)
        except KafkaError as error:
            complaint = None if error.retriable else error
        for partition, state in states.items():
            state.asking = False
            if (
                state.state != INITIALIZING
                or self.positions.assigned.get(partition) is not state
                or partition not in found
            ):
                continue
            row = found[partition]
            if row is None:
                state.nothing_committed()
                continue
            if not self.finder.knows_leader_since(partition, row.leader_epoch):
                self.positions.rest_after_failure(partition, self.machine.now + TRY_AGAIN)
                continue  # an older leader would not know the epoch, and call the position truncated
            state.move(Position(row.offset, row.leader_epoch, None), "offset found")
            why = f"group {self.finder.group_id} has committed it"
            self.machine.record(PositionReset(partition, -1, row.offset, why, self._name))
        news(complaint)


def _unknown_or_unstable(answer: OffsetFetchResponse) -> Error:
    """What is wrong with an answer; an offset that a transaction may still change is asked for again."""
    return Error(answer.error) or worst(answer.partitions)
