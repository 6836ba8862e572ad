"""What an administrator asks of a cluster: topics, elections, deleting records.

Promises     each request names its answer (`Response`); every name asked for gets its own error and a sentence.
Stands for   the CreateTopics, DeleteTopics, ElectLeaders and DeleteRecords messages.
Left out     the other calls of Kafka's Admin: see `config_requests`, `partition_requests`, `placement_requests`,
             `group_requests`, `transaction_requests` and `security_requests`.
Differs      any broker takes them and forwards to the controller, without Kafka's Envelope around the request.
"""

from __future__ import annotations

from typing import NamedTuple

PREFERRED = 0
UNCLEAN = 1


class CreatableTopic(NamedTuple):
    """A topic to make: a count and a factor, or an `assignment` (a list of replica lists) and then -1 for both."""

    name: str
    num_partitions: int
    replication_factor: int
    assignment: list
    configs: list


class CreatedTopic(NamedTuple):
    """The new topic's id, or why it was not made."""

    name: str
    error: int
    message: str | None
    topic_id: str


class CreateTopicsResponse(NamedTuple):
    """One answer for each topic."""

    topics: list
    NESTED = {"topics": CreatedTopic}


class CreateTopicsRequest(NamedTuple):
    """Make these topics; `validate_only` checks and changes nothing."""

    topics: list
    timeout_ms: int
    validate_only: bool
    API = 19
    NESTED = {"topics": CreatableTopic}
    Response = CreateTopicsResponse


class DeletedTopic(NamedTuple):
    """Gone, or why not."""

    name: str
    error: int
    message: str | None


class DeleteTopicsResponse(NamedTuple):
    """One answer for each topic."""

    topics: list
    NESTED = {"topics": DeletedTopic}


class DeleteTopicsRequest(NamedTuple):
    """Delete these topics, by name."""

    topics: list
    timeout_ms: int
    API = 20
    Response = DeleteTopicsResponse


class ElectionPartition(NamedTuple):
    """A partition whose leader shall be elected anew."""

    topic: str
    partition: int


class ElectedPartition(NamedTuple):
    """NONE if a leader was elected, else why not."""

    topic: str
    partition: int
    error: int
    message: str | None


class ElectLeadersResponse(NamedTuple):
    """One answer for each partition."""

    partitions: list
    NESTED = {"partitions": ElectedPartition}


class ElectLeadersRequest(NamedTuple):
    """Elect the preferred replica (PREFERRED), or any live one at the price of records (UNCLEAN)."""

    election_type: int
    partitions: list
    API = 43
    NESTED = {"partitions": ElectionPartition}
    Response = ElectLeadersResponse


class DeleteRecordsPartition(NamedTuple):
    """Delete what lies below `offset` (-1: below the high watermark)."""

    topic: str
    partition: int
    offset: int


class DeletedRecords(NamedTuple):
    """The smallest log start offset over the live replicas."""

    topic: str
    partition: int
    error: int
    low_watermark: int


class DeleteRecordsResponse(NamedTuple):
    """One answer for each partition."""

    partitions: list
    NESTED = {"partitions": DeletedRecords}


class DeleteRecordsRequest(NamedTuple):
    """Raise the log start offset; only the leader of a partition takes this."""

    partitions: list
    timeout_ms: int
    API = 21
    NESTED = {"partitions": DeleteRecordsPartition}
    Response = DeleteRecordsResponse
