"""DeleteRecords: raise a log's start, and answer once every live replica has raised its own.

Promises     nothing above the high watermark is deleted; a success says that no live replica shows the records any
             more.
Stands for   ReplicaManager.deleteRecords, Partition.deleteRecordsOnLeader, DelayedDeleteRecords.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker import purgatory
from minikafka.broker.noticeboard import IN_SYNC, REIGN, STARTED
from minikafka.broker.partition import Partition
from minikafka.protocol.admin_requests import (
    DeletedRecords,
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
)
from minikafka.protocol.errors import Error, KafkaError

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

UP_TO_HIGH_WATERMARK = -1
NO_LOW_WATERMARK = -1


class Deletion:
    """One partition's deletion under way. `error` is None as long as replicas are waited for."""

    __slots__ = ("row", "partition", "target", "error")

    def __init__(self, row: DeleteRecordsPartition):
        self.row = row
        self.partition: Partition | None = None
        self.target = UP_TO_HIGH_WATERMARK
        self.error: Error | None = None

    def settled(self) -> bool:
        """Whether all live replicas start at the target, or this broker does not lead any more."""
        if self.error is None:
            if not self.partition.is_leader:
                self.error = Error.NOT_LEADER_OR_FOLLOWER
            elif self.partition.low_watermark() >= self.target:
                self.error = Error.NONE
        return self.error is not None


async def delete_records(broker: Broker, request: DeleteRecordsRequest, caller: str) -> DeleteRecordsResponse:
    """Delete at the leader, then wait for the followers; what they have not done in `timeout_ms` has timed out."""
    deletions = [begin(broker, row) for row in request.partitions]
    waiting = [deletion for deletion in deletions if deletion.error is None]
    heeds, timeout = STARTED | IN_SYNC | REIGN, request.timeout_ms * 1000
    for deletion in await purgatory.until_all_settled(broker.machine, waiting, heeds, timeout):
        deletion.error = Error.REQUEST_TIMED_OUT
    return DeleteRecordsResponse([_answer(deletion) for deletion in deletions])


def begin(broker: Broker, row: DeleteRecordsPartition) -> Deletion:
    """Raise the start of the leader's log, or note why not."""
    deletion = Deletion(row)
    try:
        deletion.partition = broker.replicas.find(row.topic, row.partition)
        deletion.target = raise_log_start(deletion.partition, row.offset)
    except KafkaError as refusal:
        deletion.error = refusal.error
    return deletion


def raise_log_start(partition: Partition, offset: int) -> int:
    """The offset below which the leader has deleted now. POLICY_VIOLATION, OFFSET_OUT_OF_RANGE: nothing was changed."""
    partition.require_leader()
    if "delete" not in partition.config["cleanup.policy"]:
        raise KafkaError(
            Error.POLICY_VIOLATION,
            f"records of {partition.tp} cannot be deleted: its cleanup.policy is compact; add delete to it",
        )
    high_watermark = partition.high_watermark
    target = high_watermark if offset == UP_TO_HIGH_WATERMARK else offset
    if not 0 <= target <= high_watermark:
        raise KafkaError(
            Error.OFFSET_OUT_OF_RANGE,
            f"records of {partition.tp} can be deleted up to its high watermark {high_watermark}, not up to {offset}",
        )
    partition.raise_log_start(target)
    return target


def _answer(deletion: Deletion) -> DeletedRecords:
    row, error = deletion.row, deletion.error
    low = deletion.partition.low_watermark() if error in (Error.NONE, Error.REQUEST_TIMED_OUT) else NO_LOW_WATERMARK
    return DeletedRecords(row.topic, row.partition, error, low)
