"""A consumer that reads the partitions it is told to read, or its share of what its group reads.

Promises     `poll` hands out each partition's records in order and from the position on; the position moves only with
             what was handed out; it is lost or moved otherwise only by the rules of auto.offset.reset, and never in
             silence.
Stands for   org.apache.kafka.clients.consumer.KafkaConsumer.
Left out     pausing, deserializers.
Differs      `position` answers at once, with None while it is not known; Kafka blocks. Work goes on between polls as
             in Kafka's consumer of KIP-848, but a new fetch leaves only with a poll.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.completed_fetch import ConsumerRecord
from minikafka.client.fetching import Fetcher
from minikafka.client.group_consumer import LEAVE_WITHIN, GroupCalls, GroupSide, check_group_config
from minikafka.client.interceptors import Interceptor, Interceptors
from minikafka.client.leader_questions import LeaderQuestions
from minikafka.client.nodes import client_name
from minikafka.client.offset_lookup import ISOLATION, PositionKeeper, look_up_offsets
from minikafka.client.positions import Positions
from minikafka.events.clients import PositionReset
from minikafka.protocol.client_requests import EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, ListedOffset
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config
from minikafka.world.future import TimedOut


class Consumer(GroupCalls):
    """Lives on `machine`, finds the cluster through the `bootstrap` addresses. `name` tells several apart."""

    def __init__(self, machine: Any, bootstrap: Iterable[str], config: Mapping | None = None, name: str | None = None,
                 interceptors: Iterable[Interceptor] = ()):  # fmt: skip
        self.config = Config(CONSUMER, config)
        check_group_config(self.config)
        self.machine = machine
        self.name = name = client_name(machine, name)
        self.metadata = Metadata(machine, bootstrap, self.config, name, self._news)
        self._positions = Positions(self.config["auto.offset.reset"], self.config["group.id"] is not None)
        backoff = Backoff(
            self.config.us("retry.backoff.ms"), self.config.us("retry.backoff.max.ms"), machine.dice(f"{name} retries")
        )
        self._fetcher = Fetcher(machine, self.config, self.metadata, self._positions, backoff, name, self._news)
        self._keeper = PositionKeeper(machine, self.config, self.metadata, self._positions, backoff, name, self._news)
        self._questions = LeaderQuestions(machine, self.metadata, backoff, self.config.us("request.timeout.ms"))
        self.interceptors = Interceptors(interceptors)
        self._group = None if self.config["group.id"] is None else GroupSide(
            machine, self.config, self.metadata, self._positions, backoff, name, self._news, self.interceptors)
        self._signal = machine.future()
        self._complaint: KafkaError | None = None
        self._complained_at = -1
        self._polling = False
        self._closed = False
        self.interceptors.configure(self)

    # -- what to read -------------------------------------------------------------------------------------------

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """Read these partitions from now on, and no others; those that stay assigned keep their position."""
        self._require_open("assign")
        if self._group is not None and self._group.subscription.wants_anything:
            raise KafkaError(Error.INVALID_REQUEST, "this consumer has subscribed: unsubscribe() before you assign")
        self._positions.assign(partitions)
        self._complaint = None
        self.metadata.want_only(partition.topic for partition in self._positions.assigned)

    @property
    def assignment(self) -> list[TopicPartition]:
        """The assigned partitions, sorted."""
        return sorted(self._positions.assigned)

    def seek(self, partition: TopicPartition, offset: int, leader_epoch: int = -1) -> None:
        """Read on at `offset`. With the leader epoch of the record before it, a cut of the log will be noticed, and a
        leader of an earlier epoch is not asked."""
        self._require_open("seek")
        before = self.position(partition)
        self._positions.seek(partition, offset, leader_epoch)
        self.metadata.heard_of(partition, leader_epoch)
        old = -1 if before is None else before
        self.machine.record(PositionReset(partition, old, offset, "asked to seek there", self.name))
        self._complaint = None

    def seek_to_beginning(self, partitions: Iterable[TopicPartition] = ()) -> None:
        """Go to the first offset of these partitions (of all, if none is named) with the next poll."""
        self._seek_to("earliest", partitions)

    def seek_to_end(self, partitions: Iterable[TopicPartition] = ()) -> None:
        """Go to the end of these partitions (of all, if none is named) with the next poll."""
        self._seek_to("latest", partitions)

    def _seek_to(self, where: str, partitions: Iterable[TopicPartition]) -> None:
        self._require_open("seek")
        states = [self._positions.of(partition) for partition in list(partitions) or self._positions.assigned]
        for state in states:
            state.want_reset(where, f"asked to seek to {where}")
        self._complaint = None

    def position(self, partition: TopicPartition) -> int | None:
        """The offset of the next record that a poll will hand out; None while it is not known."""
        position = self._positions.of(partition).position
        return None if position is None else position.offset

    # -- reading ------------------------------------------------------------------------------------------------

    async def poll(self, timeout: int = 0) -> list[ConsumerRecord]:
        """Up to max.poll.records records; an empty list if none come within `timeout` µs.

        Raises what only the caller can decide: OffsetOutOfRangeException, LogTruncationException or
        NoOffsetForPartitionException with auto.offset.reset=none, CorruptRecordException.
        """
        self._require_open("poll")
        if not self._positions.assigned and not (self._group and self._group.subscription.wants_anything):
            raise KafkaError(
                Error.INVALID_REQUEST,
                "this consumer has no partitions to poll: call assign([...]) first, or subscribe([...])",
            )
        if self._polling:
            raise KafkaError(
                Error.INVALID_REQUEST, "this consumer is polled by another task: let one task poll at a time"
            )
        self._polling = True
        try:
            return await self._poll(self.machine.now + max(0, timeout))
        finally:
            self._polling = False

    async def _poll(self, deadline: int) -> list[ConsumerRecord]:
        machine = self.machine
        while True:
            self._signal = machine.future()
            if self._group is not None:
                await self._group.look_after()
            self._positions.require_policy()
            old_at = self._look_around()
            held = self._group is not None and self._group.holds_back
            records = [] if held or self._closed else self._fetcher.collect(self.config["max.poll.records"])
            self._fetcher.send_fetches()
            if records or machine.now >= deadline or self._closed:
                return self.interceptors.on_consume(records)
            upcoming = min(self._positions.next_rest_end(machine.now) or deadline, old_at, deadline)
            try:
                await machine.within(self._signal, upcoming - machine.now)
            except TimedOut:
                pass

    def _look_around(self) -> int:
        """Meet new leaders, start whatever a position is waiting for, and raise what was complained about; when to look
        for new metadata (µs)."""
        old_at = self.metadata.refresh_if_old()
        self.metadata.require_login()
        for topic in self.subscription:
            self._require_possible(topic)
        for partition, state in self._positions.assigned.items():
            leader = self.metadata.leader(partition)
            if leader is not None:
                state.meet_leader(leader)
            else:
                self._require_possible(partition.topic)
                self.metadata.request_update()
        self._keeper.look_after()
        if self._complaint is not None:
            complaint, self._complaint = self._complaint, None
            raise complaint
        return old_at

    def _require_possible(self, topic: str) -> None:
        known = self.metadata.topic(topic)
        if known is not None and known.error and not known.error.retriable:
            if self.metadata.updated_at <= self._complained_at:
                return  # that was said already: what is the next answer?
            self._complained_at = self.machine.now
            raise KafkaError(known.error, f"topic {topic}: {known.error.meaning}")

    def _news(self, complaint: KafkaError | None = None) -> None:
        if complaint is not None:
            self._complaint = complaint
        self._signal.set()

    # -- asking about offsets -----------------------------------------------------------------------------------

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offset of each partition; TimeoutException after default.api.timeout.ms."""
        return _offsets(await self._look_up(dict.fromkeys(partitions, EARLIEST_TIMESTAMP)))

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The high watermark of each partition, with read_committed its last stable offset; TimeoutException after
        default.api.timeout.ms."""
        return _offsets(await self._look_up(dict.fromkeys(partitions, LATEST_TIMESTAMP)))

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, ListedOffset | None]:
        """The first record at or after each time (ms), or None where there is none."""
        for partition, time in times.items():
            if time < 0:
                raise KafkaError(Error.INVALID_REQUEST, f"the time {time} ms for {partition} is before the world began")
        found = await self._look_up(times)
        return {partition: row if row.offset >= 0 else None for partition, row in found.items()}

    async def _look_up(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, ListedOffset]:
        self._require_open("ask for offsets")
        isolation = ISOLATION[self.config["isolation.level"]]
        return await look_up_offsets(self._questions, times, self.config.us("default.api.timeout.ms"), isolation)

    # -- ending -------------------------------------------------------------------------------------------------

    def close(self, within: int = LEAVE_WITHIN) -> Any:
        """Stop, and hang up; a poll under way returns with nothing. A member commits, and leaves its group; await it
        for that."""
        closing = self.machine.future()
        if self._closed or self._group is None:
            self._hang_up()
            closing.set()
            return closing
        self._closed = True
        self._signal.set()

        async def leave() -> None:
            await self._group.leave(within)
            self._hang_up()

        return self.machine.spawn(leave(), "leaving the group")

    def _hang_up(self) -> None:
        self._closed = True
        self.metadata.close()
        self.interceptors.close()
        self._signal.set()

    def _require_open(self, verb: str) -> None:
        if self._closed:
            raise KafkaError(
                Error.INVALID_REQUEST, f"the consumer {self.name} is closed and cannot {verb}: make a new one"
            )


def _offsets(found: Mapping[TopicPartition, ListedOffset]) -> dict[TopicPartition, int]:
    return {partition: row.offset for partition, row in found.items()}
