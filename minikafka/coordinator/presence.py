"""Heartbeat and LeaveGroup: who is still there.

Promises     a heartbeat renews the session and tells whether to join again; it costs the same in a group of ten and
             of a thousand. A member that leaves is gone at once.
Stands for   GroupMetadataManager: classicGroupHeartbeat, classicGroupLeave.
Left out     -
Differs      -
"""

from __future__ import annotations

from minikafka.coordinator import rebalance
from minikafka.coordinator.group import EMPTY, PREPARING, Group
from minikafka.coordinator.shard import Shard
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import HeartbeatRequest, LeavingMember, LeftMember


def heartbeat(shard: Shard, request: HeartbeatRequest) -> Error:
    """NONE or REBALANCE_IN_PROGRESS for a member (both renew its session). KafkaError: it is none, or is out of
    date."""
    group = shard.group(request.group_id)
    if group is None:
        raise KafkaError(Error.UNKNOWN_MEMBER_ID, f"there is no group {request.group_id}: join first")
    member = group.require(request.member_id, request.group_instance_id)
    group.require_generation(request.generation)
    if group.state == EMPTY:
        raise group.unknown(request.member_id)
    rebalance.expect(shard, group, member)
    return Error.REBALANCE_IN_PROGRESS if group.state == PREPARING else Error.NONE


def leave(shard: Shard, group_id: str, leaving: list[LeavingMember]) -> list[LeftMember]:
    """Let these go; each gets an error of its own. KafkaError: there is no such group."""
    group = shard.group(group_id)
    if group is None:
        raise KafkaError(Error.UNKNOWN_MEMBER_ID, f"there is no group {group_id}: nobody can leave it")
    return [LeftMember(row.member_id, row.group_instance_id, _leave_one(shard, group, row)) for row in leaving]


def _leave_one(shard: Shard, group: Group, row: LeavingMember) -> Error:
    member_id = row.member_id
    if row.group_instance_id is not None and not member_id:
        member_id = group.static.get(row.group_instance_id, "")
    if member_id in group.pending:
        del group.pending[member_id]
        shard.timetable.cross_out(("session", group.group_id, member_id))
        rebalance.complete_if_ready(shard, group)
        return Error.NONE
    try:
        group.require(member_id, row.group_instance_id)
    except KafkaError as refusal:
        return refusal.error
    rebalance.lose(shard, group, member_id, row.reason or "it has left")
    return Error.NONE
