"""What brokers and the controller ask of one another: registration, heartbeats, ISR changes, the metadata log.

Promises     each request names its answer (`Response`); a broker signs with its id and its broker epoch.
Stands for   the BrokerRegistration, BrokerHeartbeat, AlterPartition and AllocateProducerIds messages, and the Fetch of
             `__cluster_metadata`.
Left out     listeners, features and log directories in a registration; snapshots of the metadata log.
Differs      the metadata log has a fetch of its own, `FetchMetadata`, instead of the general one.
"""

from __future__ import annotations

from typing import NamedTuple


class BrokerRegistrationResponse(NamedTuple):
    """The broker epoch of this incarnation (the metadata offset of its registration)."""

    error: int
    broker_epoch: int


class BrokerRegistrationRequest(NamedTuple):
    """I am here. `previous_broker_epoch` comes from the clean-shutdown file; -1 says the last stop was not clean."""

    broker_id: int
    incarnation_id: str
    address: str
    rack: str
    previous_broker_epoch: int
    API = 62
    Response = BrokerRegistrationResponse


class BrokerHeartbeatResponse(NamedTuple):
    """What the controller makes of the broker now."""

    error: int
    is_caught_up: bool
    is_fenced: bool
    should_shut_down: bool


class BrokerHeartbeatRequest(NamedTuple):
    """I am still here, and have applied the metadata log up to `current_metadata_offset`."""

    broker_id: int
    broker_epoch: int
    current_metadata_offset: int
    want_fence: bool
    want_shut_down: bool
    API = 63
    Response = BrokerHeartbeatResponse


class IsrMember(NamedTuple):
    """A proposed member of the ISR, with the broker epoch under which its leader has seen it (-1: not known)."""

    broker_id: int
    broker_epoch: int


class AlterPartitionPartition(NamedTuple):
    """A leader's wish for one ISR, valid only against exactly this leader epoch and partition epoch."""

    topic_id: str
    partition: int
    leader_epoch: int
    new_isr: list
    leader_recovery_state: int
    partition_epoch: int
    NESTED = {"new_isr": IsrMember}


class AlteredPartition(NamedTuple):
    """The partition as it is recorded now, or why the change was refused."""

    topic_id: str
    partition: int
    error: int
    leader: int
    leader_epoch: int
    isr: list
    leader_recovery_state: int
    partition_epoch: int


class AlterPartitionResponse(NamedTuple):
    """`error` is for the whole request (a stale broker epoch), else each partition has its own."""

    error: int
    partitions: list
    NESTED = {"partitions": AlteredPartition}


class AlterPartitionRequest(NamedTuple):
    """Record these ISRs: a compare-and-set on each partition's epochs."""

    broker_id: int
    broker_epoch: int
    partitions: list
    API = 56
    NESTED = {"partitions": AlterPartitionPartition}
    Response = AlterPartitionResponse


class FetchMetadataResponse(NamedTuple):
    """Whole batches of the metadata log from `fetch_offset` on; up to `high_watermark` it is committed.

    With NOT_LEADER_OR_FOLLOWER, `leader_id` is who leads the quorum, as far as this controller knows. A
    `diverging_epoch` says that the broker knows of facts that are not in this log: never, unless facts were lost.
    """

    error: int
    controller_epoch: int
    high_watermark: int
    records: bytes
    leader_id: int = -1
    diverging_epoch: tuple | None = None
    TAGGED = 2


class FetchMetadataRequest(NamedTuple):
    """What was recorded since `fetch_offset`? Answered at once if there is news, else within `max_wait_ms`.

    Where there are several controllers, `last_fetched_epoch` says in which epoch the last fact was written that the
    broker has.
    """

    broker_id: int
    broker_epoch: int
    fetch_offset: int
    max_wait_ms: int
    last_fetched_epoch: int = -1
    TAGGED = 1
    API = 1001
    Response = FetchMetadataResponse


class AllocateProducerIdsResponse(NamedTuple):
    """A block of producer ids that no other broker will ever be given."""

    error: int
    producer_id_start: int
    producer_id_len: int


class AllocateProducerIdsRequest(NamedTuple):
    """Give this broker a block of producer ids to hand out."""

    broker_id: int
    broker_epoch: int
    API = 67
    Response = AllocateProducerIdsResponse
