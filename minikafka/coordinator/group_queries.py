"""What an administrator asks about groups: which there are, who is in them, and how to be rid of them.

Promises     looking changes nothing; a group with members is not deleted, nor the offsets of topics that its members
             read.
Stands for   GroupCoordinatorService: listGroups, describeGroups, deleteGroups, deleteOffsets.
Left out     authorized operations, types of groups.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable

from minikafka.coordinator.group import DEAD, EMPTY, STABLE, Group
from minikafka.coordinator.offset_records import Change, GroupChange, OffsetChange
from minikafka.coordinator.shard import Shard
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import (
    CommittedPartition,
    DescribedGroup,
    DescribedMember,
    ListedGroup,
    OffsetDeleteRequest,
)
from minikafka.protocol.member_metadata import CONSUMER
from minikafka.protocol.names import TopicPartition


def listed(shard: Shard, states: list[str]) -> list[ListedGroup]:
    """The groups in one of these states (in any, if none is named)."""
    return [
        ListedGroup(group.group_id, group.protocol_type, group.state)
        for group in shard.groups.values()
        if not states or group.state in states
    ]


def undescribed(group_id: str, error: Error) -> DescribedGroup:
    """The answer for a group that cannot be described."""
    return DescribedGroup(error, group_id, DEAD, "", "", [])


def described(shard: Shard, group_id: str) -> DescribedGroup:
    """A group with its members; metadata and assignments only while it is stable."""
    group = shard.group(group_id)
    if group is None:
        return undescribed(group_id, Error.GROUP_ID_NOT_FOUND)
    stable = group.state == STABLE
    members = [
        DescribedMember(member.member_id, member.instance_id, member.client_id, member.client_host,
                        member.metadata(group.protocol) if stable else b"", member.assignment if stable else b"")
        for member in group.members.values()
    ]  # fmt: skip
    protocol = group.protocol if stable else ""
    return DescribedGroup(Error.NONE, group_id, group.state, group.protocol_type, protocol, members)


def deletion(shard: Shard, group_id: str) -> list[Change]:
    """The changes that delete a group. GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP."""
    group = _known(shard, group_id)
    if group.state != EMPTY:
        raise KafkaError(
            Error.NON_EMPTY_GROUP, f"group {group_id} is {group.state}: stop its members before you delete it"
        )
    forgotten: list[Change] = [
        OffsetChange(group_id, partition, None) for partition, _ in shard.offsets.latest(group_id)
    ]
    return [*forgotten, GroupChange(group_id, None)]


def offset_deletion(
    shard: Shard, request: OffsetDeleteRequest, exists: Callable[[str, int], bool]
) -> tuple[list[Change], list[CommittedPartition]]:
    """The changes that forget these offsets, and the answers. GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP: none is
    forgotten. A partition that does not exist, or is read, is answered so."""
    group = _known(shard, request.group_id)
    subscribed: dict[str, None] = {}
    if group.state != EMPTY:
        found = group.subscribed_topics()
        if group.protocol_type != CONSUMER or found is None:
            raise KafkaError(
                Error.NON_EMPTY_GROUP, f"group {group.group_id} is {group.state}, and nobody can tell what it reads"
            )
        subscribed = found
    written = dict(shard.offsets.latest(request.group_id))
    changes: list[Change] = []
    answers = []
    for row in request.partitions:
        partition = TopicPartition(*row)
        error = Error.GROUP_SUBSCRIBED_TO_TOPIC if partition.topic in subscribed else Error.NONE
        error = error if exists(*partition) else Error.UNKNOWN_TOPIC_OR_PARTITION
        if not error and partition in written:
            changes.append(OffsetChange(request.group_id, partition, None))
        answers.append(CommittedPartition(*partition, error))
    return changes, answers


def _known(shard: Shard, group_id: str) -> Group:
    group = shard.group(group_id)
    if group is None:
        raise KafkaError(Error.GROUP_ID_NOT_FOUND, f"there is no group {group_id}: it never was, or has expired")
    return group
