"""What clients and followers ask of a partition's leader: produce, fetch, offsets, epochs, metadata.

Promises     each request names its answer (`Response`); fields keep Kafka's names; what is not known is -1 or None.
Stands for   the Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, Metadata and InitProducerId messages.
Left out     versions of a message, throttle times.
Differs      topics are named, with the topic id beside the name where Kafka sends the id alone.
"""

from __future__ import annotations

from typing import NamedTuple

LATEST_TIMESTAMP = -1
EARLIEST_TIMESTAMP = -2
MAX_TIMESTAMP = -3

READ_UNCOMMITTED = 0
READ_COMMITTED = 1

CONSUMER = -1
"""The replica id of a fetch that comes from a consumer and not from a broker."""


class ProducePartition(NamedTuple):
    """One batch for one partition: `records` is a whole record batch, base offset 0."""

    topic: str
    partition: int
    records: bytes


class ProducedPartition(NamedTuple):
    """Where the batch went, or why it did not; `base_offset` is -1 with an error."""

    topic: str
    partition: int
    error: int
    base_offset: int
    log_append_time: int
    log_start_offset: int
    current_leader: int
    current_leader_epoch: int
    message: str | None


class ProduceResponse(NamedTuple):
    """One answer for each partition of the request."""

    partitions: list
    NESTED = {"partitions": ProducedPartition}


class ProduceRequest(NamedTuple):
    """Append these batches; answer when the promise `acks` (0, 1, -1 for all) is kept, or after `timeout_ms`. A
    transactional producer says under which id."""

    acks: int
    timeout_ms: int
    partitions: list
    transactional_id: str | None = None
    TAGGED = 1
    API = 0
    NESTED = {"partitions": ProducePartition}
    Response = ProduceResponse


class FetchPartition(NamedTuple):
    """From where to read one partition, and what the reader knows of its epochs (-1: nothing)."""

    topic: str
    partition: int
    topic_id: str
    current_leader_epoch: int
    fetch_offset: int
    last_fetched_epoch: int
    log_start_offset: int
    partition_max_bytes: int


class ForgottenPartition(NamedTuple):
    """A partition that a fetch session need not answer for any more."""

    topic: str
    partition: int


class AbortedTransaction(NamedTuple):
    """The producer's records from `first_offset` to its next abort marker shall not be handed out."""

    producer_id: int
    first_offset: int


class FetchedPartition(NamedTuple):
    """Whole batches and the leader's marks; a `diverging_epoch` (epoch, end offset) comes without records. With
    read_committed the aborted transactions that the records belong to are named."""

    topic: str
    partition: int
    error: int
    high_watermark: int
    last_stable_offset: int
    log_start_offset: int
    diverging_epoch: tuple | None
    current_leader: int
    current_leader_epoch: int
    preferred_read_replica: int
    records: bytes
    aborted_transactions: tuple = ()
    TAGGED = 1
    NESTED = {"aborted_transactions": AbortedTransaction}


class FetchResponse(NamedTuple):
    """In a session only the partitions with news are answered for; otherwise all that were asked for."""

    error: int
    session_id: int
    partitions: list
    NESTED = {"partitions": FetchedPartition}


class FetchRequest(NamedTuple):
    """Read from several partitions; wait up to `max_wait_ms` for `min_bytes`.

    `replica_id` is the follower's broker id or `CONSUMER`; `session_epoch` is -1 for no session, 0 to open one.
    """

    replica_id: int
    replica_epoch: int
    max_wait_ms: int
    min_bytes: int
    max_bytes: int
    isolation_level: int
    session_id: int
    session_epoch: int
    partitions: list
    forgotten: list
    rack_id: str
    API = 1
    NESTED = {"partitions": FetchPartition, "forgotten": ForgottenPartition}
    Response = FetchResponse


class ListOffsetsPartition(NamedTuple):
    """A time in ms, or one of LATEST_TIMESTAMP, EARLIEST_TIMESTAMP, MAX_TIMESTAMP."""

    topic: str
    partition: int
    current_leader_epoch: int
    timestamp: int


class ListedOffset(NamedTuple):
    """The offset for the time asked for; -1 and -1 where no committed record qualifies."""

    topic: str
    partition: int
    error: int
    timestamp: int
    offset: int
    leader_epoch: int


class ListOffsetsResponse(NamedTuple):
    """One answer for each partition of the request."""

    partitions: list
    NESTED = {"partitions": ListedOffset}


class ListOffsetsRequest(NamedTuple):
    """Which offset belongs to a time? A follower (`replica_id` >= 0) sees up to the log end, a consumer what is
    committed."""

    replica_id: int
    isolation_level: int
    partitions: list
    API = 2
    NESTED = {"partitions": ListOffsetsPartition}
    Response = ListOffsetsResponse


class EpochPartition(NamedTuple):
    """Where does `leader_epoch` end in your log?"""

    topic: str
    partition: int
    current_leader_epoch: int
    leader_epoch: int


class EpochEnd(NamedTuple):
    """The largest epoch not above the one asked for, and where it ends; (-1, -1) when undefined."""

    topic: str
    partition: int
    error: int
    leader_epoch: int
    end_offset: int


class OffsetForLeaderEpochResponse(NamedTuple):
    """One answer for each partition of the request."""

    partitions: list
    NESTED = {"partitions": EpochEnd}


class OffsetForLeaderEpochRequest(NamedTuple):
    """How far does an epoch reach at the leader? So a consumer learns whether the log was cut below its position."""

    replica_id: int
    partitions: list
    API = 23
    NESTED = {"partitions": EpochPartition}
    Response = OffsetForLeaderEpochResponse


class MetadataBroker(NamedTuple):
    """A live broker: where to reach it, and its rack ('' for none)."""

    broker_id: int
    address: str
    rack: str


class MetadataPartition(NamedTuple):
    """A partition as this broker knows it; `leader` is -1 while there is none."""

    error: int
    partition: int
    leader: int
    leader_epoch: int
    replicas: list
    isr: list
    offline: list


class MetadataTopic(NamedTuple):
    """A topic and its partitions, or the error for the name that was asked for."""

    error: int
    topic: str
    topic_id: str
    partitions: list
    NESTED = {"partitions": MetadataPartition}


class MetadataResponse(NamedTuple):
    """The cluster as the answering broker knows it, which may be late."""

    cluster: str
    controller_id: int
    brokers: list
    topics: list
    NESTED = {"brokers": MetadataBroker, "topics": MetadataTopic}


class MetadataRequest(NamedTuple):
    """Describe these topics (None: all of them)."""

    topics: list | None
    API = 3
    Response = MetadataResponse


class InitProducerIdResponse(NamedTuple):
    """A fresh producer id, epoch 0; for a transactional id its own producer id, with the next epoch."""

    error: int
    producer_id: int
    producer_epoch: int


class InitProducerIdRequest(NamedTuple):
    """Give me a producer id. Under a transactional id: fence its earlier producer, and end what that has left open."""

    transactional_id: str | None
    transaction_timeout_ms: int = 0
    TAGGED = 1
    API = 22
    Response = InitProducerIdResponse
