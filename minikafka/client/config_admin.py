"""An administrator's words for settings and sizes: change them while the cluster runs, see what is in force and why.

Promises     a change returns once the controller has recorded it (brokers apply it a moment later), or raises the error
             that says why not, and then nothing has changed.
Stands for   Admin.incrementalAlterConfigs, describeConfigs and createPartitions, kafka-configs.
Left out     APPEND and SUBTRACT.
Differs      one thing at a time, so that there is one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.config_requests import (
    BROKER_RESOURCE,
    DELETE,
    SET,
    TOPIC_RESOURCE,
    AlterableConfig,
    AlterConfigsResource,
    ConfigSource,
    DescribeConfigsRequest,
    DescribeConfigsResource,
    IncrementalAlterConfigsRequest,
)
from minikafka.protocol.errors import Error, KafkaError, TimeoutException, exception_for
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.partition_requests import (
    AlterPartitionReassignmentsRequest,
    CreatePartitionsRequest,
    GrowingTopic,
    ListPartitionReassignmentsRequest,
    OngoingReassignment,
    Reassignment,
)

ALL_BROKERS = None


class ConfigEntry(NamedTuple):
    """A value in force and where it comes from (a name of `ConfigSource`); `synonyms` are (name, value, source),
    strongest first."""

    value: object
    source: str
    read_only: bool
    synonyms: tuple


class ConfigAdmin:
    """Mixed into `Admin`, which has `machine`, `metadata`, `_backoff`, `_timeout`, `_patience` and `_ask_any`."""

    async def alter_config(
        self, what: str | int | None, changes: Mapping[str, object], validate_only: bool = False
    ) -> None:
        """Change settings of a topic (its name), of a broker (its id), or of all brokers (None). A value of None takes
        the setting away, so that what is below it holds again."""
        if not isinstance(changes, Mapping) or not changes:
            raise KafkaError(
                Error.INVALID_REQUEST, f'{changes!r} names no setting to change; write {{"retention.ms": 60000}}'
            )
        wishes = [AlterableConfig(name, DELETE if value is None else SET, _plain(value))
                  for name, value in changes.items()]  # fmt: skip
        row = AlterConfigsResource(*_resource(what), wishes)
        request = IncrementalAlterConfigsRequest([row], validate_only)
        await self._ask_any(f"changing {_called(what)}", request, lambda response: response.resources)

    async def add_partitions(
        self, topic: str, total: int, assignment: list[list[int]] | None = None, validate_only: bool = False
    ) -> None:
        """Let a topic have `total` partitions from now on; perhaps with the replicas of each new one. Keys go elsewhere
        then. INVALID_PARTITIONS if that would not be more."""
        if isinstance(total, bool) or not isinstance(total, int):
            raise KafkaError(
                Error.INVALID_PARTITIONS, f"{total!r} partitions for {topic} is no whole number: write for instance 6"
            )
        row = GrowingTopic(topic, total, None if assignment is None else [list(one) for one in assignment])
        request = CreatePartitionsRequest([row], self._timeout // 1000, validate_only)
        await self._ask_any(f"adding partitions to {topic}", request, lambda response: response.topics)

    async def reassign(self, moves: Mapping[TopicPartition, list[int] | None]) -> None:
        """Move partitions to these brokers, the preferred leader first (None: take back what is under way). Returns
        when it is recorded; it is done when `reassignments` does not list them any more."""
        rows = [Reassignment(*one, None if target is None else list(target)) for one, target in moves.items()]
        request = AlterPartitionReassignmentsRequest(rows, self._timeout // 1000)
        await self._ask_any("moving partitions", request, lambda response: response.partitions)

    async def reassignments(self) -> dict[TopicPartition, OngoingReassignment]:
        """The partitions that move: all their replicas, and which of them come and go."""
        request = ListPartitionReassignmentsRequest(self._timeout // 1000)
        [answer] = await self._ask_any("asking what moves", request, lambda response: [response])
        return {TopicPartition(*row[:2]): row for row in answer.partitions}

    async def describe_config(
        self, what: str | int | None, names: Iterable[str] | None = None
    ) -> dict[str, ConfigEntry]:
        """The settings in force of a topic, of one broker, or those given to all brokers at run time (None)."""
        request = DescribeConfigsRequest(
            [DescribeConfigsResource(*_resource(what), None if names is None else list(names))]
        )
        if isinstance(what, int):
            [row] = await self._ask_one(what, request)
        else:
            [row] = await self._ask_any(f"describing {_called(what)}", request, lambda response: response.resources)
        return {
            one.name: ConfigEntry(_plain(one.value), ConfigSource(one.source).name, one.read_only,
                                  tuple((name, _plain(value), ConfigSource(source).name)
                                        for name, value, source in one.synonyms))
            for one in row.configs
        }  # fmt: skip

    async def _ask_one(self, broker_id: int, request: DescribeConfigsRequest) -> list:
        """The rows of this very broker's answer: nobody else knows what it was started with."""
        deadline, failures, last = self.machine.now + self._patience, 0, "it did not answer"
        while self.machine.now < deadline:
            brokers = {one.broker_id: one.address for one in (await self.describe_cluster()).brokers}
            if broker_id not in brokers:
                last = f"only {', '.join(map(str, brokers))} are alive"
            else:
                try:
                    rows = (await self.metadata.nodes.at(brokers[broker_id]).ask(request, self._timeout)).resources
                    if rows[0].error:
                        raise exception_for(rows[0].error, f"describing broker {broker_id}: {rows[0].message}")
                    return rows
                except NETWORK_TROUBLE as trouble:
                    last = str(trouble)
            failures += 1
            await self.machine.sleep(min(self._backoff.after(failures), max(0, deadline - self.machine.now)))
        limit = f"default.api.timeout.ms={self._patience // 1000}"
        raise TimeoutException(f"broker {broker_id} was not described within {limit}: {last}")


def _resource(what: Any) -> tuple[int, str]:
    if what is ALL_BROKERS:
        return BROKER_RESOURCE, ""
    if isinstance(what, str):
        return TOPIC_RESOURCE, what
    if isinstance(what, int) and not isinstance(what, bool):
        return BROKER_RESOURCE, str(what)
    raise KafkaError(
        Error.INVALID_REQUEST, f"{what!r} has no settings: name a topic, a broker's id, or None for all brokers"
    )


def _called(what: Any) -> str:
    return "all brokers" if what is ALL_BROKERS else f"topic {what}" if isinstance(what, str) else f"broker {what}"


def _plain(value: object) -> object:
    """Lists, as in cleanup.policy, as tuples: a value that can be compared with what was written."""
    return tuple(value) if isinstance(value, (list, tuple)) else value
