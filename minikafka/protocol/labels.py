"""What a message is called on the stage: a few words, and whether it is worth looking at.

Promises     every request and response has a label; routine is what only says "still here" or "nothing new".
Stands for   nothing in Kafka: its request log prints the whole message.
Left out     contents beyond counts, offsets and errors.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.protocol import admin_requests as admin
from minikafka.protocol import client_requests as client
from minikafka.protocol import cluster_requests as cluster
from minikafka.protocol import config_requests as config
from minikafka.protocol import placement_requests as placement
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_labels import GROUP_LABELS, GROUP_ROUTINE
from minikafka.protocol.partition_requests import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)
from minikafka.protocol.quorum_labels import QUORUM_LABELS, QUORUM_ROUTINE
from minikafka.protocol.record_batch import headers_of
from minikafka.protocol.security_labels import SECURITY_LABELS
from minikafka.protocol.transaction_labels import TRANSACTION_LABELS

IDLE_FETCH = "fetch"
NO_NEWS = "no news"
HEARTBEAT = "heartbeat"


def label(message: Any) -> str:
    """A few words for this request or response: "fetch @105", "3 records", "produce 3 records", "ack @105"."""
    return _LABELS[type(message)](message)


def is_routine(message: Any) -> bool:
    """Whether views may step over it: a heartbeat that asks nothing, a fetch or an answer that brings nothing new."""
    check = _ROUTINE.get(type(message))
    return check is not None and check(message)


def count_records(data: bytes) -> int:
    """How many records lie in these batches, as far as they can be read."""
    count = 0
    try:
        for header in headers_of(data):
            count += header.records_count
    except KafkaError:
        pass
    return count


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"


def _first_error(rows: Any) -> str | None:
    for row in rows:
        if row.error:
            return Error(row.error).name
    return None


def _produce(request: client.ProduceRequest) -> str:
    return f"produce {_records(sum(count_records(row.records) for row in request.partitions))}"


def _produced(response: client.ProduceResponse) -> str:
    rows = response.partitions
    return _first_error(rows) or (f"ack @{rows[0].base_offset}" if len(rows) == 1 else "ack")


def _fetch(request: client.FetchRequest) -> str:
    rows = request.partitions
    if not rows:
        return IDLE_FETCH
    return f"fetch @{rows[0].fetch_offset}" if len(rows) == 1 else f"fetch {len(rows)} partitions"


def _fetched(response: client.FetchResponse) -> str:
    if response.error:
        return Error(response.error).name
    rows = response.partitions
    if not rows:
        return NO_NEWS
    error = _first_error(rows)
    if error:
        return error
    for row in rows:
        if row.diverging_epoch is not None:
            return f"diverged: epoch {row.diverging_epoch[0]} ends @{row.diverging_epoch[1]}"
    count = sum(count_records(row.records) for row in rows)
    if count:
        return _records(count)
    return f"high watermark {rows[0].high_watermark}" if len(rows) == 1 else "marks"


def _heartbeat(request: cluster.BrokerHeartbeatRequest) -> str:
    if request.want_shut_down:
        return "heartbeat: shutting down"
    return "heartbeat: fence me" if request.want_fence else HEARTBEAT


def _heard(response: cluster.BrokerHeartbeatResponse) -> str:
    if response.error:
        return Error(response.error).name
    if response.should_shut_down:
        return "shut down now"
    return "fenced" if response.is_fenced else "alive"


def _alter_partition(request: cluster.AlterPartitionRequest) -> str:
    rows = request.partitions
    if len(rows) != 1:
        return f"AlterPartition {len(rows)} partitions"
    return f"AlterPartition [{','.join(str(member.broker_id) for member in rows[0].new_isr)}]"


def _altered(response: cluster.AlterPartitionResponse) -> str:
    if response.error:
        return Error(response.error).name
    rows = response.partitions
    return _first_error(rows) or (f"ISR [{','.join(map(str, rows[0].isr))}]" if len(rows) == 1 else "ISRs recorded")


def _metadata_log(response: cluster.FetchMetadataResponse) -> str:
    if response.error:
        return Error(response.error).name
    return f"metadata: {_records(count_records(response.records))}" if response.records else NO_NEWS


def _named(words: str) -> Callable[[Any], str]:
    return lambda message: words


def _listing(verb: str) -> Callable[[Any], str]:
    """The verb with the one name, or with how many: "create flights", "create 3 topics"."""
    def words(request: Any) -> str:
        names = [row if isinstance(row, str) else row.name for row in request.topics]
        return f"{verb} {names[0]}" if len(names) == 1 else f"{verb} {len(names)} topics"
    return words


def _outcome(words: str, rows: str = "") -> Callable[[Any], str]:
    """The first error, in the response itself or in its `rows`, else the words."""
    if rows:
        return lambda response: _first_error(getattr(response, rows)) or words
    return lambda response: Error(response.error).name if response.error else words


_LABELS: dict[type, Callable[[Any], str]] = {
    **GROUP_LABELS,
    **SECURITY_LABELS,
    **TRANSACTION_LABELS,
    **QUORUM_LABELS,
    client.ProduceRequest: _produce,
    client.ProduceResponse: _produced,
    client.FetchRequest: _fetch,
    client.FetchResponse: _fetched,
    client.ListOffsetsRequest: _named("list offsets"),
    client.ListOffsetsResponse: _outcome("offsets", "partitions"),
    client.OffsetForLeaderEpochRequest: _named("where do epochs end?"),
    client.OffsetForLeaderEpochResponse: _outcome("ends of epochs", "partitions"),
    client.MetadataRequest: _named("who leads?"),
    client.MetadataResponse: _outcome("metadata", "topics"),
    client.InitProducerIdRequest: _named("init producer id"),
    client.InitProducerIdResponse: _outcome("producer id"),
    cluster.BrokerRegistrationRequest: _named("register broker"),
    cluster.BrokerRegistrationResponse: _outcome("registered"),
    cluster.BrokerHeartbeatRequest: _heartbeat,
    cluster.BrokerHeartbeatResponse: _heard,
    cluster.AlterPartitionRequest: _alter_partition,
    cluster.AlterPartitionResponse: _altered,
    cluster.FetchMetadataRequest: lambda request: f"fetch metadata @{request.fetch_offset}",
    cluster.FetchMetadataResponse: _metadata_log,
    cluster.AllocateProducerIdsRequest: _named("allocate producer ids"),
    cluster.AllocateProducerIdsResponse: _outcome("producer ids"),
    admin.CreateTopicsRequest: _listing("create"),
    admin.CreateTopicsResponse: _outcome("created", "topics"),
    admin.DeleteTopicsRequest: _listing("delete"),
    admin.DeleteTopicsResponse: _outcome("deleted", "topics"),
    admin.ElectLeadersRequest: _named("elect leaders"),
    admin.ElectLeadersResponse: _outcome("elected", "partitions"),
    admin.DeleteRecordsRequest: _named("delete records"),
    admin.DeleteRecordsResponse: _outcome("records deleted", "partitions"),
    placement.ApplyPlacementRequest: _listing("place"),
    placement.ApplyPlacementResponse: _outcome("placed", "topics"),
    CreatePartitionsRequest: _listing("add partitions to"),
    CreatePartitionsResponse: _outcome("partitions added", "topics"),
    AlterPartitionReassignmentsRequest: _named("move partitions"),
    AlterPartitionReassignmentsResponse: _outcome("moving", "partitions"),
    ListPartitionReassignmentsRequest: _named("what moves?"),
    ListPartitionReassignmentsResponse: _outcome("what moves"),
    config.IncrementalAlterConfigsRequest: _named("change settings"),
    config.IncrementalAlterConfigsResponse: _outcome("settings changed", "resources"),
    config.DescribeConfigsRequest: _named("describe settings"),
    config.DescribeConfigsResponse: _outcome("settings", "resources"),
}

_ROUTINE: dict[type, Callable[[Any], bool]] = {
    **GROUP_ROUTINE,
    **QUORUM_ROUTINE,
    client.FetchRequest: lambda fetch: not fetch.partitions and not fetch.forgotten and fetch.session_epoch > 0,
    client.FetchResponse: lambda fetched: not fetched.partitions and not fetched.error,
    cluster.BrokerHeartbeatRequest: lambda beat: not (beat.want_fence or beat.want_shut_down),
    cluster.BrokerHeartbeatResponse: lambda heard: not (heard.error or heard.is_fenced or heard.should_shut_down),
    cluster.FetchMetadataRequest: lambda fetch: True,
    cluster.FetchMetadataResponse: lambda fetched: not fetched.records and not fetched.error,
}
