"""Committing offsets as part of a transaction: written at once, pending until the transaction's marker.

Promises     a member of an old generation is refused as with any commit; after the marker the offsets are committed, or
             they never were.
Stands for   GroupCoordinatorService.commitTransactionalOffsets, completeTransaction.
Left out     -
Differs      the marker is refused while the partition is being read; its coordinator sends it again.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from minikafka.coordinator import commit_rules, rebalance
from minikafka.coordinator.pending_offsets import Pending
from minikafka.coordinator.shard import ACTIVE, Shard
from minikafka.events.transactions import PendingOffsetsEnded, PendingOffsetsWritten
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import CommittedPartition, OffsetToCommit
from minikafka.protocol.names import LeaderEpoch
from minikafka.protocol.record_batch import TRANSACTIONAL
from minikafka.protocol.transaction_requests import TxnOffsetCommitRequest

if TYPE_CHECKING:
    from minikafka.coordinator.group_coordinator import GroupCoordinator


async def commit_in_transaction(groups: GroupCoordinator, request: TxnOffsetCommitRequest) -> list[CommittedPartition]:
    """A row for each partition: NONE once it is pending, on all replicas. KafkaError if nothing was written."""
    shard = groups.shards.of(request.group_id)
    group = shard.group(request.group_id)
    commit_rules.require_right_to_commit(group, request, transactional=True)
    if group is not None and request.member_id in group.members:
        rebalance.expect(shard, group, group.members[request.member_id])
    errors = {commit_rules.partition_of(row): groups.check_row(row) for row in request.partitions}
    good = [row for row in request.partitions if not errors[commit_rules.partition_of(row)]]
    if good:
        error = await _write(shard, request, good)
        errors.update((commit_rules.partition_of(row), error) for row in good)
    return [CommittedPartition(*which, error) for which, error in errors.items()]


async def _write(shard: Shard, request: TxnOffsetCommitRequest, rows: list[OffsetToCommit]) -> Error:
    changes = commit_rules.changes_of(request.group_id, rows, shard.now // 1000)
    written = shard.append(changes, producer_id=request.producer_id, producer_epoch=request.producer_epoch,
                           attributes=TRANSACTIONAL)  # fmt: skip
    for number, change in enumerate(changes):
        shard.pending.add(request.producer_id, change, written.base_offset + number, request.generation)
    offsets = tuple((commit_rules.partition_of(row), row.offset) for row in rows)
    shard.record(PendingOffsetsWritten(request.group_id, request.member_id, request.generation, offsets,
                                       request.producer_id, request.producer_epoch))  # fmt: skip
    return await shard.committed(written)


def require_reader(groups: GroupCoordinator, partition: int, leader_epoch: LeaderEpoch) -> Shard:
    """The shard that takes the markers of this partition, or COORDINATOR_LOAD_IN_PROGRESS."""
    shard = groups.shards.led.get(partition)
    if shard is None or shard.state != ACTIVE or shard.leader_epoch != leader_epoch:
        raise KafkaError(
            Error.COORDINATOR_LOAD_IN_PROGRESS,
            f"partition {partition} of the groups' log is being read: write the marker again in a moment",
        )
    return shard


def end_transaction(shard: Shard, producer_id: int, committed: bool, at: int) -> list[PendingOffsetsEnded]:
    """The marker at offset `at` is written: what was pending counts now, or never. What to tell once it is replicated.
    """
    ended = shard.end_transaction(producer_id, committed, at)
    told = []
    for (group_id, generation), changes in groupby(sorted(ended, key=_by_group), key=_by_group):
        offsets = tuple((pending.change.partition, pending.change.stored.offset) for pending in changes)
        told.append(PendingOffsetsEnded(group_id, generation, offsets, producer_id, committed, at + 1))
        shard.record(told[-1])
    return told


def _by_group(pending: Pending) -> tuple[str, int]:
    return pending.change.group_id, pending.generation
