"""Fetches: one under way to each broker that is read from, and a buffer of what they brought.

Promises     a partition is not fetched again while records of it are buffered; a fetch that a seek has outdated is
             thrown away; the position moves only with records that a poll hands out. With a client.rack a partition
             is read from the replica that its leader names, for metadata.max.age.ms or until there is trouble;
             what a follower has not got yet is asked of the leader, and is no reason to reset the position.
Stands for   org.apache.kafka.clients.consumer.internals.Fetcher, FetchBuffer and FetchCollector.
Left out     incremental fetch sessions.
Differs      after an error a partition rests for retry.backoff.ms, except when it goes from a follower back to the
             leader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.completed_fetch import CompletedFetch, ConsumerRecord
from minikafka.client.leader_questions import ask_leader
from minikafka.client.nodes import Node
from minikafka.client.offset_lookup import ISOLATION
from minikafka.client.positions import FETCHING, PartitionState, Position, Positions
from minikafka.events.clients import NearReplicaLeft, NearReplicaPreferred, RecordsPolled
from minikafka.protocol.client_requests import (
    CONSUMER,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
)
from minikafka.protocol.errors import Error, KafkaError, OffsetOutOfRangeException, exception_for
from minikafka.protocol.names import TopicPartition

FOLLOWER_IS_LATE = (Error.UNKNOWN_LEADER_EPOCH, Error.UNKNOWN_SERVER_ERROR)
"""After these a near replica is asked again; after any other error the leader."""

WILL_PASS = (Error.UNKNOWN_LEADER_EPOCH, Error.OFFSET_NOT_AVAILABLE, Error.UNKNOWN_SERVER_ERROR)


class Fetcher:
    """Reads ahead for a consumer. `news()` is called when something has arrived."""

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
        self._limits = (config["fetch.max.wait.ms"], config["fetch.min.bytes"], config["fetch.max.bytes"])
        self._partition_bytes = config["max.partition.fetch.bytes"]
        self._isolation = ISOLATION[config["isolation.level"]]
        self._check_crcs = config["check.crcs"]
        self._rack = config["client.rack"]
        self._near_for = config.us("metadata.max.age.ms")
        self._buffer: deque[CompletedFetch] = deque()
        self._under_way: dict[Node, None] = {}

    # -- asking -------------------------------------------------------------------------------------------------

    def send_fetches(self) -> None:
        """Ask every broker that is not asked already for what is not buffered."""
        buffered = {fetch.partition: None for fetch in self._buffer}
        wanted = [p for p in self.positions.in_state(FETCHING, self.machine.now) if p not in buffered]
        for node, partitions in self._by_source(wanted).items():
            if node is None:
                self.metadata.request_update()
            elif node not in self._under_way:
                self._under_way[node] = None
                asked = {partition: self.positions.assigned[partition].position for partition in partitions}
                self.machine.spawn(self._fetch(node, asked), "fetch")

    def _by_source(self, wanted: list[TopicPartition]) -> dict[Node | None, list[TopicPartition]]:
        """The partitions by the node to read them from; under None those of which nobody is known."""
        sources: dict[Node | None, list[TopicPartition]] = {}
        for partition in wanted:
            sources.setdefault(self._near_node(partition) or self.metadata.node_of(partition), []).append(partition)
        return sources

    def _near_node(self, partition: TopicPartition) -> Node | None:
        """The near replica's node, as long as it is preferred and metadata names it."""
        state = self.positions.assigned[partition]
        if state.near < 0:
            return None
        if state.position.leader != state.near_named_by:
            self._leave(partition, state, "there is a new leader")
            return None
        if self.machine.now > state.near_until:
            self._leave(partition, state, "metadata.max.age.ms is over since it was named")
            return None
        node = self.metadata.nodes.broker(state.near)
        if node is None:
            self._leave(partition, state, "it is not in the metadata")
            self.metadata.request_update()
        return node

    def _leave(self, partition: TopicPartition, state: PartitionState, why: str) -> bool:
        """Ask the leader from now on; False if it was asked already."""
        replica, state.near = state.near, -1
        if replica >= 0:
            self.machine.record(NearReplicaLeft(partition, replica, why, self.name))
        return replica >= 0

    async def _fetch(self, node: Node, asked: dict[TopicPartition, Position]) -> None:
        rows = []
        for partition, position in asked.items():
            topic_id = self.metadata.topic(partition.topic).topic_id
            epoch = position.leader.epoch if position.leader else -1
            rows.append(FetchPartition(*partition, topic_id, epoch, position.offset, -1, -1, self._partition_bytes))
        request = FetchRequest(CONSUMER, -1, *self._limits, self._isolation, 0, -1, rows, [], self._rack)
        answers, trouble = await ask_leader(node, request, self._timeout)
        self._under_way.pop(node, None)
        complaint = None
        for partition, position in asked.items():
            state = self.positions.assigned.get(partition)
            if state is None or state.state != FETCHING or state.position != position:
                continue
            answer = answers.get(partition)
            error = Error(answer.error) if answer else trouble or Error.UNKNOWN_SERVER_ERROR
            if error:
                complaint = self._refused(partition, state, error, answer) or complaint
            else:
                self._arrived(partition, state, answer)
        self._news(complaint)

    def _arrived(self, partition: TopicPartition, state: PartitionState, answer: FetchedPartition) -> None:
        state.failures = 0
        if answer.preferred_read_replica >= 0:
            state.near, state.near_until = answer.preferred_read_replica, self.machine.now + self._near_for
            state.near_named_by = state.position.leader
            self.machine.record(NearReplicaPreferred(partition, state.near, state.near_until, self.name))
            return
        state.high_watermark = answer.high_watermark
        if answer.records:
            position = state.position
            self._buffer.append(
                CompletedFetch(partition, position.offset, position.epoch, answer.records, self._check_crcs,
                               answer.aborted_transactions)
            )
            self.positions.to_the_end_of_the_line(partition)

    def _refused(
        self, partition: TopicPartition, state: PartitionState, error: Error, answer: FetchedPartition | None
    ) -> KafkaError | None:
        """The error for the next poll, if the consumer cannot help itself."""
        was_near = error not in FOLLOWER_IS_LATE and self._leave(partition, state, f"it answered {error.name}")
        if was_near and error == Error.OFFSET_OUT_OF_RANGE:
            return None
        self.positions.rest_after_failure(partition, self.machine.now + self._backoff.after(state.failures + 1))
        if error == Error.OFFSET_OUT_OF_RANGE:
            return self._out_of_range(partition, state)
        if error.refreshes_metadata or error in WILL_PASS or error.retriable:
            if answer is None or not self.metadata.hint(partition, answer.current_leader, answer.current_leader_epoch):
                self.metadata.request_update()
            return None
        return exception_for(error, f"{partition} cannot be fetched from {state.position.offset}: {error.meaning}")

    def _out_of_range(self, partition: TopicPartition, state: PartitionState) -> KafkaError | None:
        offset = state.position.offset
        if self.positions.policy != "none":
            state.want_reset(self.positions.policy, f"offset {offset} is out of range")
            return None
        return OffsetOutOfRangeException(
            f"position {offset} of {partition} is not in the leader's log and "
            f"auto.offset.reset=none: seek() to an offset from its beginning to its end",
            {partition: offset},
        )

    # -- handing out --------------------------------------------------------------------------------------------

    def collect(self, limit: int) -> list[ConsumerRecord]:
        """Up to `limit` records from the buffer; the positions move past them. CorruptRecordException if damaged."""
        records: list[ConsumerRecord] = []
        while self._buffer and len(records) < limit:
            fetch = self._buffer[0]
            state = self.positions.assigned.get(fetch.partition)
            if state is None or state.state != FETCHING or state.position.offset != fetch.next_offset:
                self._buffer.popleft()
                continue
            try:
                some = fetch.take(limit - len(records))
            except KafkaError:
                if records:
                    break
                raise
            state.position = state.position._replace(offset=fetch.next_offset, epoch=fetch.epoch)
            if fetch.exhausted:
                self._buffer.popleft()
            if some:
                self.machine.record(
                    RecordsPolled(
                        fetch.partition, some[0].offset, some[-1].offset, len(some), state.high_watermark, self.name
                    )
                )
                records += some
        return records
