"""ListOffsets: which offset belongs to a time, or to the beginning or the end of a log.

Promises     a consumer is told of committed offsets only; a new leader that cannot know yet what is committed says
             so.
Stands for   KafkaApis.handleListOffsetRequest, Partition.fetchOffsetForTimestamp.
Left out     tiered storage (-5, -6).
Differs      nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker.fetch import readable_end
from minikafka.broker.partition import Partition
from minikafka.protocol.client_requests import (
    CONSUMER,
    EARLIEST_TIMESTAMP,
    LATEST_TIMESTAMP,
    MAX_TIMESTAMP,
    ListedOffset,
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import NO_EPOCH

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

EARLIEST_LOCAL_TIMESTAMP = -4
NO_TIMESTAMP = -1
NO_OFFSET = -1


async def list_offsets(broker: Broker, request: ListOffsetsRequest, caller: str) -> ListOffsetsResponse:
    """Answer for each partition; one that is named twice gets INVALID_REQUEST, as nobody can mean both."""
    named: dict[tuple, int] = {}
    for row in request.partitions:
        named[row[:2]] = named.get(row[:2], 0) + 1
    rows = []
    for row in request.partitions:
        if named.get(row[:2], 1) > 1:
            rows.append(_refused(row, Error.INVALID_REQUEST))
            continue
        try:
            partition = broker.replicas.find(row.topic, row.partition)
            rows.append(ListedOffset(row.topic, row.partition, Error.NONE, *offset_for(partition, row, request)))
        except KafkaError as refusal:
            rows.append(_refused(row, refusal.error))
    return ListOffsetsResponse(rows)


def offset_for(partition: Partition, row: ListOffsetsPartition, request: ListOffsetsRequest) -> tuple[int, int, int]:
    """(timestamp, offset, leader epoch) for a row; followers hear of the whole log, consumers of what is committed.

    FENCED_LEADER_EPOCH and its kin, OFFSET_NOT_AVAILABLE.
    """
    partition.require_leader(row.current_leader_epoch)
    log, timestamp = partition.log, row.timestamp
    up_to = readable_end(partition, request) if request.replica_id == CONSUMER else log.log_end_offset
    if timestamp in (EARLIEST_TIMESTAMP, EARLIEST_LOCAL_TIMESTAMP):
        return NO_TIMESTAMP, log.log_start_offset, log.epochs.epoch_for(log.log_start_offset)
    lagging = request.replica_id == CONSUMER and partition.leader_epoch_start_offset > log.high_watermark
    if timestamp == LATEST_TIMESTAMP:
        if lagging:
            raise _not_available(partition)
        return NO_TIMESTAMP, up_to, partition.leader_epoch
    if timestamp == MAX_TIMESTAMP:
        found = log.offset_of_max_timestamp(log.log_end_offset)
    elif timestamp >= 0:
        found = log.offset_for_timestamp(timestamp, log.log_end_offset)
    else:
        hint = "use -1 (latest), -2 (earliest), -3 (largest timestamp) or a time in ms"
        raise KafkaError(Error.INVALID_REQUEST, f"{timestamp} is no time; {hint}")
    if found is not None and found.offset < up_to:
        return tuple(found)
    if found is not None and lagging:
        raise _not_available(partition)
    return NO_TIMESTAMP, NO_OFFSET, NO_EPOCH


def _not_available(partition: Partition) -> KafkaError:
    return KafkaError(
        Error.OFFSET_NOT_AVAILABLE,
        f"the leader of {partition.tp} does not know yet what is committed: its epoch began at offset "
        f"{partition.leader_epoch_start_offset} and its high watermark is {partition.high_watermark}; ask again soon",
    )


def _refused(row: ListOffsetsPartition, error: Error) -> ListedOffset:
    return ListedOffset(row.topic, row.partition, error, NO_TIMESTAMP, NO_OFFSET, NO_EPOCH)
