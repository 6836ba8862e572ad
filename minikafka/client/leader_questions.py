"""Questions that only a partition's leader can answer, for several partitions at once.

Promises     each leader is asked once for all its partitions, and all leaders at the same time; what may pass is asked
             again until the time is over, with fresh metadata.
Stands for   PartitionLeaderStrategy and OffsetFetcherUtils in Kafka's clients.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.nodes import Node
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.errors import Error, KafkaError, TimeoutException, exception_for
from minikafka.protocol.names import TopicPartition
from minikafka.world.future import TimedOut


def by_leader(metadata: Metadata, partitions: Iterable[TopicPartition]) -> dict[Node | None, list[TopicPartition]]:
    """The partitions of each leader's node; under None those whose leader is not known."""
    found: dict[Node | None, list[TopicPartition]] = {}
    for partition in partitions:
        found.setdefault(metadata.node_of(partition), []).append(partition)
    return found


async def ask_leader(node: Node, request: Any, timeout: int) -> tuple[dict[TopicPartition, Any], Error]:
    """The rows of the answer by partition; or none, and the error that stands for the trouble on the way."""
    try:
        response = await node.ask(request, timeout)
    except TimedOut:
        return {}, Error.REQUEST_TIMED_OUT
    except NETWORK_TROUBLE:
        return {}, Error.NETWORK_EXCEPTION
    except KafkaError as refusal:  # of the login
        return {}, refusal.error
    return {TopicPartition(row.topic, row.partition): row for row in response.partitions}, Error.NONE


class LeaderQuestions:
    """Asks until all is answered. `timeout` (µs) is for one request."""

    def __init__(self, machine: Any, metadata: Metadata, backoff: Backoff, timeout: int):
        self._machine = machine
        self._metadata = metadata
        self._backoff = backoff
        self._timeout = timeout

    async def ask(
        self, what: str, rows: Mapping[TopicPartition, Callable[[int], Any]], make: Callable[[list], Any], within: int
    ) -> dict[TopicPartition, Any]:
        """An answer for each partition. `rows` make the question for a partition, given its leader's epoch.

        Raises the first error that will not pass, and TimeoutException after `within` µs.
        """
        deadline = self._machine.now + within
        answers: dict[TopicPartition, Any] = {}
        why: dict[TopicPartition, Error] = dict.fromkeys(rows, Error.LEADER_NOT_AVAILABLE)
        self._metadata.want(*dict.fromkeys(partition.topic for partition in rows))
        rounds = 0
        while why:
            self._metadata.require_login()
            remaining = deadline - self._machine.now
            if remaining <= 0:
                unanswered = ", ".join(f"{partition} ({error.meaning})" for partition, error in why.items())
                raise TimeoutException(f"{what} was not answered within {within // 1000} ms for {unanswered}")
            answered, why = await self._round(why, rows, make, min(self._timeout, remaining))
            answers.update(answered)
            for partition, error in why.items():
                if not error.retriable:
                    raise exception_for(error, f"{what} of {partition} was refused: {error.meaning}")
            if why:
                self._metadata.request_update()
                rounds += 1
                rest = self._backoff.after(rounds)
                await self._machine.sleep(max(0, min(rest, deadline - self._machine.now)))
        return {partition: answers[partition] for partition in rows}

    async def _round(
        self, open_ones: Iterable[TopicPartition], rows: Mapping, make: Callable[[list], Any], timeout: int
    ) -> tuple[dict, dict]:
        tasks = []
        answered: dict[TopicPartition, Any] = {}
        failed: dict[TopicPartition, Error] = {}
        for node, partitions in by_leader(self._metadata, open_ones).items():
            if node is None:
                failed.update((partition, self._why_leaderless(partition)) for partition in partitions)
            else:
                request = make([rows[partition](self._metadata.leader(partition).epoch) for partition in partitions])
                tasks.append((partitions, self._machine.spawn(ask_leader(node, request, timeout), "ask leader")))
        for partitions, task in tasks:
            found, trouble = await task
            for partition in partitions:
                error = Error(found[partition].error) if partition in found else trouble or Error.UNKNOWN_SERVER_ERROR
                if error:
                    failed[partition] = error
                else:
                    answered[partition] = found[partition]
        return answered, failed

    def _why_leaderless(self, partition: TopicPartition) -> Error:
        known = self._metadata.topic(partition.topic)
        if known is not None and known.error:
            return known.error
        missing = known is None or partition.partition >= known.partitions
        return Error.UNKNOWN_TOPIC_OR_PARTITION if missing else Error.LEADER_NOT_AVAILABLE
