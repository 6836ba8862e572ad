"""The fetcher: one loop for each leader broker, carrying all the partitions that this broker follows there.

Promises     there is at most one fetch under way; each answer is used only for partitions about which nothing has
             changed since the question left; a partition with an error rests for replica.fetch.backoff.ms, the others
             go on.
Stands for   AbstractFetcherThread and ReplicaFetcherThread, with num.replica.fetchers = 1.
Left out     throttling, lag metrics.
Differs      after a lost connection the whole fetcher rests; Kafka delays each of its partitions, which comes to the
             same.
"""

from __future__ import annotations

from minikafka.broker.follower_partition import FollowerPartition
from minikafka.broker.follower_session import FollowerSession
from minikafka.broker.leader_endpoint import LeaderEndpoint
from minikafka.broker.partition import Partition
from minikafka.events.replication import FollowingFailed
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.client_requests import EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, FetchedPartition, FetchPartition
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config
from minikafka.world.future import Future, TimedOut
from minikafka.world.machine import Machine


class Fetcher:
    """Follows one leader broker. `states` are the partitions it carries; those in `resting` wait until a time (µs)."""

    def __init__(self, machine: Machine, leader_id: int, endpoint: LeaderEndpoint, config: Config):
        self.machine = machine
        self.leader_id = leader_id
        self.endpoint = endpoint
        self.session = FollowerSession()
        self.states: dict[TopicPartition, FollowerPartition] = {}
        self.resting: dict[TopicPartition, int] = {}
        self._max_bytes = config["replica.fetch.max.bytes"]
        self._backoff = config.us("replica.fetch.backoff.ms")
        self._work: Future | None = None
        self.task = machine.spawn(self.run(), f"fetch from broker {leader_id}")

    # -- what is followed -----------------------------------------------------------------------------------------

    def add(self, partition: Partition) -> None:
        """Follow this partition from now on, under the leader epoch it has."""
        self.states[partition.tp] = FollowerPartition(partition)
        self.resting.pop(partition.tp, None)
        self.session.changed(partition.tp)
        if self._work is not None:
            self._work.set()

    def remove(self, tp: TopicPartition) -> None:
        """Follow it no more; an answer on its way will not be used."""
        self.states.pop(tp, None)
        self.resting.pop(tp, None)
        self.session.changed(tp)

    def stop(self) -> None:
        """Follow nothing any more."""
        self.states.clear()
        self.task.cancel()
        self.endpoint.close()

    # -- the loop -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Ask, take the answers, ask again, for ever."""
        while True:
            self._end_rests()
            if len(self.resting) == len(self.states):
                await self._wait_for_work()
                continue
            rows, forgotten = self.session.next_rows(self.states, self.question)
            try:
                response = await self.endpoint.fetch(self.session.session_id, self.session.epoch, rows, forgotten)
            except NETWORK_TROUBLE:
                self.session.lost()
                await self.machine.sleep(self._backoff)
                continue
            if self.session.answered(response):
                await self.take(response.partitions)

    def question(self, tp: TopicPartition) -> FetchPartition | None:
        """What to ask for this partition; None if it is not followed, or rests."""
        state = self.states.get(tp)
        return None if state is None or tp in self.resting else state.question(self._max_bytes)

    async def take(self, answers: tuple[FetchedPartition, ...]) -> None:
        """Use the answers; those that need another question to the leader come last."""
        out_of_range = []
        for answer in answers:
            tp = TopicPartition(answer.topic, answer.partition)
            asked, state = self.session.asked.get(tp), self.states.get(tp)
            if asked is None or state is None or not state.still_asks(asked):
                continue
            if answer.error == Error.OFFSET_OUT_OF_RANGE:
                out_of_range.append((tp, asked))
            else:
                self._take_one(tp, state, answer)
        for tp, asked in out_of_range:
            await self.find_position(tp, asked)

    def _take_one(self, tp: TopicPartition, state: FollowerPartition, answer: FetchedPartition) -> None:
        if answer.error == Error.NONE:
            try:
                if state.take(answer, self.machine.now):
                    self.session.changed(tp)
            except KafkaError as error:
                self.fail_or_rest(tp, error)
        else:
            self.fail_or_rest(tp, KafkaError(answer.error))

    def fail_or_rest(self, tp: TopicPartition, error: KafkaError) -> None:
        """A fenced partition waits for news of its leader; any other error passes with time."""
        self.session.changed(tp)
        if error.error in (Error.FENCED_LEADER_EPOCH, Error.KAFKA_STORAGE_ERROR):
            state = self.states.pop(tp)
            self.machine.record(FollowingFailed(tp, state.leader_epoch, str(error)))
        else:
            self.resting[tp] = self.machine.now + self._backoff

    async def find_position(self, tp: TopicPartition, asked: FetchPartition) -> None:
        """Our offset is not in the leader's log: ask what is, and go there."""
        try:
            end = await self.endpoint.offset(tp, asked.current_leader_epoch, LATEST_TIMESTAMP)
            start = await self.endpoint.offset(tp, asked.current_leader_epoch, EARLIEST_TIMESTAMP)
        except KafkaError as error:
            trouble = error
        except NETWORK_TROUBLE as error:
            trouble = KafkaError(Error.NETWORK_EXCEPTION, str(error))
        else:
            trouble = None
        state = self.states.get(tp)
        if state is None or not state.still_asks(asked):
            return
        if trouble is not None:
            self.fail_or_rest(tp, trouble)
        else:
            state.find_position(start, end)
            self.session.changed(tp)

    # -- rests ----------------------------------------------------------------------------------------------------

    def _end_rests(self) -> None:
        """All rests are equally long, so the first in the dict is the first to end."""
        while self.resting:
            tp, until = next(iter(self.resting.items()))
            if until > self.machine.now:
                return
            del self.resting[tp]
            self.session.changed(tp)

    async def _wait_for_work(self) -> None:
        self._work = self.machine.future()
        try:
            if self.resting:
                await self.machine.within(self._work, next(iter(self.resting.values())) - self.machine.now)
            else:
                await self._work
        except TimedOut:
            pass
        finally:
            self._work = None
