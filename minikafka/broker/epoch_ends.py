"""OffsetForLeaderEpoch: where an epoch ends in the leader's log.

Promises     the answer is the largest epoch not above the one asked for, and the offset after its last record.
Stands for   KafkaApis.handleOffsetForLeaderEpochRequest, Partition.lastOffsetForLeaderEpoch (KIP-101, KIP-279,
             KIP-320).
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.protocol.client_requests import EpochEnd, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse
from minikafka.protocol.errors import Error, KafkaError

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker


async def offset_for_leader_epoch(
    broker: Broker, request: OffsetForLeaderEpochRequest, caller: str
) -> OffsetForLeaderEpochResponse:
    """Answer for each partition; (-1, -1) when the epoch is not known here."""
    rows = []
    for row in request.partitions:
        try:
            partition = broker.replicas.find(row.topic, row.partition)
            partition.require_leader(row.current_leader_epoch)
            epoch, end = partition.log.epochs.end_offset_for(row.leader_epoch)
            rows.append(EpochEnd(row.topic, row.partition, Error.NONE, epoch, end))
        except KafkaError as refusal:
            rows.append(EpochEnd(row.topic, row.partition, refusal.error, -1, -1))
    return OffsetForLeaderEpochResponse(rows)
