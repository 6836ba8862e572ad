"""An administrator: topics, elections, deleting records, settings, groups, rules and users, and looking around.

Promises     each call returns once the cluster has decided, or raises the `KafkaError` that says why not; what may
             pass is tried again within default.api.timeout.ms, with any broker that answers.
Stands for   org.apache.kafka.clients.admin.KafkaAdminClient.
Left out     quotas, delegation tokens, log directories, features.
Differs      the answer to createTopics means that the controller has recorded the topic; brokers hear of it a little
             later (in Kafka too, where `kafka-topics --describe` may fail for the same moment).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from minikafka.client.backoff import Backoff
from minikafka.client.bootstrap import Metadata
from minikafka.client.config_admin import ConfigAdmin
from minikafka.client.group_admin import GroupAdmin
from minikafka.client.leader_questions import LeaderQuestions
from minikafka.client.nodes import client_name
from minikafka.client.offset_lookup import look_up_offsets
from minikafka.client.security_admin import SecurityAdmin
from minikafka.client.transaction_admin import TransactionAdmin
from minikafka.protocol.admin_requests import (
    PREFERRED,
    UNCLEAN,
    CreatableTopic,
    CreateTopicsRequest,
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteTopicsRequest,
    ElectionPartition,
    ElectLeadersRequest,
)
from minikafka.protocol.admin_settings import ADMIN
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.client_requests import (
    EARLIEST_TIMESTAMP,
    LATEST_TIMESTAMP,
    MAX_TIMESTAMP,
    ListedOffset,
    MetadataBroker,
    MetadataPartition,
    MetadataRequest,
)
from minikafka.protocol.errors import Error, KafkaError, TimeoutException, exception_for
from minikafka.protocol.names import TopicPartition, check_topic_name
from minikafka.protocol.placement_requests import ApplyPlacementRequest
from minikafka.protocol.settings import Config

ELECTIONS = {"preferred": PREFERRED, "unclean": UNCLEAN}
SPECIAL_TIMES = {"earliest": EARLIEST_TIMESTAMP, "latest": LATEST_TIMESTAMP, "max timestamp": MAX_TIMESTAMP}


class TopicDescription(NamedTuple):
    """A topic as the answering broker knows it."""

    name: str
    topic_id: str
    partitions: tuple[MetadataPartition, ...]


class ClusterDescription(NamedTuple):
    """The cluster as the answering broker knows it."""

    cluster: str
    controller_id: int
    brokers: tuple[MetadataBroker, ...]
    topics: tuple[str, ...]


class Admin(GroupAdmin, ConfigAdmin, SecurityAdmin, TransactionAdmin):
    """Lives on `machine` and finds the cluster through the `bootstrap` addresses."""

    def __init__(self, machine: Any, bootstrap: Iterable[str], config: Mapping | None = None, name: str | None = None):
        self.config = Config(ADMIN, config)
        self.machine = machine
        self.name = name = client_name(machine, name)
        self.metadata = Metadata(machine, bootstrap, self.config, name, lambda: None)
        self._timeout = self.config.us("request.timeout.ms")
        self._patience = self.config.us("default.api.timeout.ms")
        self._backoff = Backoff(
            self.config.us("retry.backoff.ms"), self.config.us("retry.backoff.max.ms"), machine.dice(f"{name} retries")
        )
        self._questions = LeaderQuestions(machine, self.metadata, self._backoff, self._timeout)

    # -- topics -------------------------------------------------------------------------------------------------

    async def create_topic(
        self,
        name: str,
        partitions: int | None = None,
        replication_factor: int | None = None,
        config: Mapping | None = None,
        assignment: list[list[int]] | None = None,
        validate_only: bool = False,
    ) -> str:
        """Make a topic and return its id. Without numbers the cluster's defaults hold; `assignment` lists each
        partition's replicas, the preferred leader first, and then there are no numbers."""
        check_topic_name(name)
        counts = [-1 if count is None else count for count in (partitions, replication_factor)]
        for what, count in zip(("partitions", "replication_factor"), counts, strict=True):
            if isinstance(count, bool) or not isinstance(count, int):
                raise KafkaError(
                    Error.INVALID_REQUEST, f"{what}={count!r} of topic {name} is no whole number: write for instance 3"
                )
        settings = [[setting, value] for setting, value in (config or {}).items()]
        row = CreatableTopic(name, *counts, [list(replicas) for replicas in assignment or ()], settings)
        request = CreateTopicsRequest([row], self._timeout // 1000, validate_only)
        created = await self._ask_any(f"creating topic {name}", request, lambda response: response.topics)
        return created[0].topic_id

    async def delete_topic(self, name: str) -> None:
        """Delete a topic with all its records."""
        check_topic_name(name)
        request = DeleteTopicsRequest([name], self._timeout // 1000)
        await self._ask_any(f"deleting topic {name}", request, lambda response: response.topics)

    async def apply_placement(self, name: str) -> None:
        """Let the replicas of a topic take the roles that its placement constraint says."""
        check_topic_name(name)
        await self._ask_any(f"placing topic {name}", ApplyPlacementRequest([name]), lambda response: response.topics)

    async def describe_topic(self, name: str) -> TopicDescription:
        """A topic's partitions: leaders, replicas, in-sync replicas. UNKNOWN_TOPIC_OR_PARTITION if it is not there."""
        check_topic_name(name)
        rows = await self._ask_any(
            f"describing topic {name}", MetadataRequest([name]), lambda response: response.topics
        )
        topic = rows[0]
        return TopicDescription(topic.topic, topic.topic_id, tuple(topic.partitions))

    async def describe_cluster(self) -> ClusterDescription:
        """The live brokers, the controller, and the names of all topics."""
        answers = await self._ask_any(
            "describing the cluster", MetadataRequest(None), lambda response: [_NoError(response)]
        )
        found = answers[0].response
        return ClusterDescription(
            found.cluster,
            found.controller_id,
            tuple(found.brokers),
            tuple(sorted(topic.topic for topic in found.topics)),
        )

    # -- partitions ---------------------------------------------------------------------------------------------

    async def elect_leaders(self, kind: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Error]:
        """Elect leaders anew: "preferred" the first replicas, "unclean" any live ones at the price of records.

        NONE for each partition where one was elected, ELECTION_NOT_NEEDED where all was well; else an error is raised.
        """
        if kind not in ELECTIONS:
            raise KafkaError(
                Error.INVALID_REQUEST, f"election {kind!r} is unknown: choose one of {', '.join(ELECTIONS)}"
            )
        rows = [ElectionPartition(topic, number) for topic, number in partitions]
        if not rows:
            raise KafkaError(
                Error.INVALID_REQUEST, "no partition was named: say for which ones leaders shall be elected"
            )
        answers = await self._ask_any(
            f"the {kind} election",
            ElectLeadersRequest(ELECTIONS[kind], rows),
            lambda response: response.partitions,
            fine=(Error.ELECTION_NOT_NEEDED,),
        )
        return {TopicPartition(row.topic, row.partition): Error(row.error) for row in answers}

    async def delete_records(self, before: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Delete the records below each offset (-1: below the high watermark); the low watermarks after that."""
        for partition, offset in before.items():
            if isinstance(offset, bool) or not isinstance(offset, int) or offset < -1:
                raise KafkaError(
                    Error.OFFSET_OUT_OF_RANGE,
                    f"offset {offset!r} for {partition!s} is not possible: "
                    f"name one from 0, or -1 for the high watermark",
                )
        rows = {
            partition: (lambda _, partition=partition, offset=offset: DeleteRecordsPartition(*partition, offset))
            for partition, offset in before.items()
        }
        answers = await self._questions.ask("deleting records", rows, self._delete_request, self._patience)
        return {partition: row.low_watermark for partition, row in answers.items()}

    def _delete_request(self, rows: list[DeleteRecordsPartition]) -> DeleteRecordsRequest:
        return DeleteRecordsRequest(rows, self._timeout // 1000)

    async def list_offsets(self, times: Mapping[TopicPartition, int | str]) -> dict[TopicPartition, ListedOffset]:
        """The offset for each time: ms since the world began, "earliest", "latest" or "max timestamp"."""
        for partition, time in times.items():
            if time not in SPECIAL_TIMES and (
                isinstance(time, bool) or not isinstance(time, int) or time < MAX_TIMESTAMP
            ):
                raise KafkaError(
                    Error.INVALID_REQUEST,
                    f"time {time!r} for {partition!s} is not understood: write ms since the "
                    f"world began, or one of {', '.join(SPECIAL_TIMES)}",
                )
        numbers = {partition: SPECIAL_TIMES.get(time, time) for partition, time in times.items()}
        return await look_up_offsets(self._questions, numbers, self._patience)

    def close(self) -> None:
        """Hang up."""
        self.metadata.close()

    # -- asking -------------------------------------------------------------------------------------------------

    async def _ask_any(
        self, what: str, request: Any, rows_of: Callable[[Any], list], fine: tuple[Error, ...] = ()
    ) -> list:
        """The rows of the answer, asked of one broker after another until one answers.

        The first error in a row is raised, unless it is `fine` or only says that the controller has just changed.
        """
        deadline = self.machine.now + self._patience
        failures, last = 0, "no broker answered"
        while self.machine.now < deadline:
            try:
                within = min(self._timeout, deadline - self.machine.now)
                rows = rows_of(await self.metadata.nodes.least_loaded().ask(request, within))
            except NETWORK_TROUBLE as trouble:
                last = str(trouble)
            else:
                bad = [row for row in rows if row.error and row.error not in fine]
                if not bad:
                    return rows
                if bad[0].error != Error.NOT_CONTROLLER:
                    raise exception_for(bad[0].error, f"{what} was refused: {_told(bad[0])}")
                last = _told(bad[0])
            failures += 1
            await self.machine.sleep(min(self._backoff.after(failures), max(0, deadline - self.machine.now)))
        limit = f"default.api.timeout.ms={self._patience // 1000}"
        raise TimeoutException(f"{what} was not done within {limit}; last heard: {last}")


class _NoError(NamedTuple):
    """An answer that has no rows with errors."""

    response: Any
    error: int = 0


def _told(row: Any) -> str:
    return getattr(row, "message", None) or Error(row.error).meaning
