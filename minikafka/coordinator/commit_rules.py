"""Who may commit offsets for a group, and what may be committed.

Promises     the checks come in Kafka's order; a refused commit changes nothing. The offset itself is not held against
             the log.
Stands for   OffsetMetadataManager.validateOffsetCommit, ClassicGroup.validateOffsetCommit.
Left out     -
Differs      a group that nobody knows is not made before its first commit is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minikafka.coordinator.group import COMPLETING, EMPTY, Group
from minikafka.coordinator.offset_records import Change, OffsetChange, StoredOffset
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import OffsetCommitRequest, OffsetToCommit
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.transaction_requests import TxnOffsetCommitRequest
from minikafka.world.quantities import counted


def require_right_to_commit(
    group: Group | None, request: OffsetCommitRequest | TxnOffsetCommitRequest, transactional: bool = False
) -> None:
    """Return if the sender may commit, else GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID,
    ILLEGAL_GENERATION or REBALANCE_IN_PROGRESS. A transaction may commit without saying for which member, and during
    a rebalance."""
    if group is None:
        if request.generation < 0:
            return
        raise KafkaError(Error.GROUP_ID_NOT_FOUND, f"there is no group {request.group_id}: join it before you commit")
    if request.generation < 0 and group.state == EMPTY:
        return
    if request.generation >= 0 or request.member_id or request.group_instance_id is not None:
        group.require(request.member_id, request.group_instance_id)
        group.require_generation(request.generation)
    elif group.state != EMPTY and not transactional:
        raise KafkaError(
            Error.UNKNOWN_MEMBER_ID,
            f"group {group.group_id} is {group.state} with {counted(len(group.members), 'member')}, and only they may "
            "commit: stop them first",
        )
    if group.state == COMPLETING and not transactional:
        raise KafkaError(
            Error.REBALANCE_IN_PROGRESS, f"group {group.group_id} is being given its assignment: commit after that"
        )


def check_row(row: OffsetToCommit, config: Mapping, exists: bool) -> Error:
    """NONE, OFFSET_METADATA_TOO_LARGE or UNKNOWN_TOPIC_OR_PARTITION for one partition."""
    if not exists:
        return Error.UNKNOWN_TOPIC_OR_PARTITION
    if len(row.metadata.encode()) > config["offset.metadata.max.bytes"]:
        return Error.OFFSET_METADATA_TOO_LARGE
    return Error.NONE


def changes_of(group_id: str, rows: Iterable[OffsetToCommit], now_ms: int) -> list[Change]:
    """The changes that commit these rows for a group."""
    return [
        OffsetChange(group_id, partition_of(row), StoredOffset(row.offset, row.leader_epoch, row.metadata, now_ms))
        for row in rows
    ]


def partition_of(row: OffsetToCommit) -> TopicPartition:
    """The partition that a row speaks of."""
    return TopicPartition(row.topic, row.partition)
