"""Finding positions: asking leaders for offsets, and checking positions against new leaders.

Promises     a partition without a position gets one by its policy; a position that must be checked is; both go on
             trying with growing rests, and one leader that does not answer holds up no other.
Stands for   org.apache.kafka.clients.consumer.internals.OffsetFetcher.
Left out     committed offsets.
Differs      a reset by duration that finds no record so young is asked again after retry.backoff.ms; Kafka asks after
             request.timeout.ms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from minikafka.client import truncation
from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.leader_questions import LeaderQuestions, ask_leader, by_leader
from minikafka.client.nodes import Node
from minikafka.client.positions import AWAITING_RESET, VALIDATING, Position, Positions
from minikafka.events.clients import PositionReset
from minikafka.protocol.client_requests import (
    CONSUMER,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    ListedOffset,
    ListOffsetsPartition,
    ListOffsetsRequest,
)
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.offset_reset import timestamp_for

ISOLATION = {"read_uncommitted": READ_UNCOMMITTED, "read_committed": READ_COMMITTED}
"""What travels for each isolation.level."""


def offsets_question(rows: list[ListOffsetsPartition], isolation: int = READ_UNCOMMITTED) -> ListOffsetsRequest:
    """What a consumer asks: offsets below the high watermark, or below the last stable offset."""
    return ListOffsetsRequest(CONSUMER, isolation, rows)


async def look_up_offsets(
    questions: LeaderQuestions, times: Mapping[TopicPartition, int], within: int, isolation: int = READ_UNCOMMITTED
) -> dict[TopicPartition, ListedOffset]:
    """The offset for each time (ms, or a special one), from the leaders; TimeoutException after `within` µs."""
    rows = {
        partition: (lambda epoch, partition=partition, time=time: ListOffsetsPartition(*partition, epoch, time))
        for partition, time in times.items()
    }
    return await questions.ask("the question for offsets", rows, partial(offsets_question, isolation=isolation), within)


class PositionKeeper:
    """Starts what the positions wait for. `news(complaint)` is called when something has changed."""

    def __init__(
        self,
        machine: Any,
        config: Mapping,
        metadata: Metadata,
        positions: Positions,
        backoff: Backoff,
        name: str,
        news: Callable[[KafkaError | None], None],
    ):
        self.machine = machine
        self.metadata = metadata
        self.positions = positions
        self.name = name
        self._news = news
        self._backoff = backoff
        self._timeout = config.us("request.timeout.ms")
        self._isolation = ISOLATION[config["isolation.level"]]

    def look_after(self) -> None:
        """Ask for the positions that are missing, and for those that have to be checked."""
        for wanted, ask in ((AWAITING_RESET, self._reset), (VALIDATING, self._validate)):
            partitions = self.positions.in_state(wanted, self.machine.now)
            for node, some in by_leader(self.metadata, partitions).items():
                if node is not None:
                    for partition in some:
                        self.positions.assigned[partition].asking = True
                    self.machine.spawn(ask(node, some), "positions")

    async def _reset(self, node: Node, partitions: list[TopicPartition]) -> None:
        partitions = self._still_led(partitions)
        asked = {partition: self.positions.assigned[partition].reset_to for partition in partitions}
        rows = [
            ListOffsetsPartition(*partition, self.metadata.leader(partition).epoch, timestamp_for(to, self.machine.now))
            for partition, to in asked.items()
        ]
        answers, _ = await ask_leader(node, offsets_question(rows, self._isolation), self._timeout)
        for partition, to in asked.items():
            row = self._row(partition, answers)
            state = self.positions.assigned.get(partition)
            if row is None or state is None or state.state != AWAITING_RESET or state.reset_to != to:
                continue
            if row.offset < 0:  # there is no record so young yet
                self.positions.rest_after_failure(partition, self.machine.now + self._backoff.after(state.failures + 1))
                continue
            old = -1 if state.position is None else state.position.offset
            state.move(Position(row.offset, row.leader_epoch, self.metadata.leader(partition)), "offset found")
            self.machine.record(
                PositionReset(partition, old, row.offset, f"{to}, because {state.reset_why}", self.name)
            )
        self._news(None)

    async def _validate(self, node: Node, partitions: list[TopicPartition]) -> None:
        asked = {partition: self.positions.assigned[partition].position for partition in self._still_led(partitions)}
        answers, _ = await ask_leader(node, truncation.epoch_question(asked), self._timeout)
        complaint = None
        for partition, position in asked.items():
            row = self._row(partition, answers)
            state = self.positions.assigned.get(partition)
            if row is None or state is None:
                continue
            events, error = truncation.settle(partition, state, position, row, self.positions.policy, self.name)
            for event in events:
                self.machine.record(event)
            if error is not None:
                complaint = error
                self.positions.rest_after_failure(partition, self.machine.now + self._backoff.after(1))
        self._news(complaint)

    def _still_led(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """Those that are still assigned, and whose leader is still known, now that the question is about to leave."""
        found = []
        for partition in partitions:
            if partition in self.positions.assigned and self.metadata.leader(partition) is not None:
                found.append(partition)
            elif partition in self.positions.assigned:
                self.positions.assigned[partition].asking = False
        return found

    def _row(self, partition: TopicPartition, answers: Mapping[TopicPartition, Any]) -> Any:
        """The answer for a partition; None if there was none, and then it rests before it is asked again."""
        state = self.positions.assigned.get(partition)
        if state is not None:
            state.asking = False
        row = answers.get(partition)
        if row is not None and not row.error:
            return row
        if state is not None:
            self.positions.rest_after_failure(partition, self.machine.now + self._backoff.after(state.failures + 1))
        self.metadata.request_update()
        return None
