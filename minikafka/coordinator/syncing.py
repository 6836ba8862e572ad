"""SyncGroup: the leader says who does what, everybody hears it once it is recorded.

Promises     nobody gets an assignment before it is replicated in the log; if it cannot be, everybody hears the error
             and the group rebalances.
Stands for   GroupMetadataManager.classicGroupSyncToClassicGroup.
Left out     -
Differs      -
"""

from __future__ import annotations

from minikafka.coordinator import rebalance
from minikafka.coordinator.group import COMPLETING, PREPARING, STABLE, Group
from minikafka.coordinator.group_member import Member
from minikafka.coordinator.offset_records import GroupChange, StoredGroup
from minikafka.coordinator.shard import Shard
from minikafka.events.groups import AssignmentStored
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import SyncGroupRequest, SyncGroupResponse
from minikafka.protocol.member_metadata import CONSUMER, read_assignment
from minikafka.protocol.names import TopicPartition


def sync(shard: Shard, request: SyncGroupRequest, reply: object) -> None:
    """Give a member its assignment through `reply`, now or when it is stored. KafkaError: it gets none."""
    group = shard.group(request.group_id)
    if group is None:
        raise KafkaError(Error.UNKNOWN_MEMBER_ID, f"there is no group {request.group_id}: join first")
    member = group.require(request.member_id, request.group_instance_id)
    group.require_generation(request.generation)
    for mine, theirs in ((request.protocol_type, group.protocol_type), (request.protocol, group.protocol)):
        if mine is not None and mine != theirs:
            raise KafkaError(Error.INCONSISTENT_GROUP_PROTOCOL, f"the group has agreed on {theirs}, not on {mine}")
    if group.state == PREPARING:
        raise KafkaError(Error.REBALANCE_IN_PROGRESS, f"group {group.group_id} is rebalancing: join again")
    if group.state == STABLE:
        all_asked(shard, group, member)
        rebalance.expect(shard, group, member)
        reply.set(assigned(group, member))
        return
    assert group.state == COMPLETING, f"a group with members is never {group.state} here"
    member.answer_sync(rebalance.refused_sync(Error.REBALANCE_IN_PROGRESS))
    member.awaiting_sync = reply
    all_asked(shard, group, member)
    if member.member_id == group.leader:
        known = {one.member_id: one.assignment for one in request.assignments if one.member_id in group.members}
        store_assignment(shard, group, known)


def all_asked(shard: Shard, group: Group, member: Member) -> None:
    """A member has asked; once all have, nobody is waited for."""
    group.to_sync.pop(member.member_id, None)
    if not group.to_sync:
        shard.timetable.cross_out(("sync", group.group_id))


def store_assignment(shard: Shard, group: Group, assignments: dict[str, bytes]) -> None:
    """Write the generation down with everybody's assignment; answer when it is replicated."""
    stored = group.stored(assignments, shard.now)
    change = GroupChange(group.group_id, stored)

    def then(error: Error) -> None:
        if group.state != COMPLETING or group.generation != stored.generation:
            return
        if error:
            for member in group.members.values():
                member.assignment = b""
                rebalance.answer_sync(shard, group, member, rebalance.refused_sync(error))
            rebalance.prepare(shard, group, f"its assignment could not be stored: {error.name}")
            return
        shard.apply(change, -1)
        shard.record(assignment_event(stored))
        for member in group.members.values():
            rebalance.answer_sync(shard, group, member, assigned(group, member))

    shard.store(change, then)


def assigned(group: Group, member: Member) -> SyncGroupResponse:
    """A member's assignment."""
    return SyncGroupResponse(Error.NONE, group.protocol_type, group.protocol, member.assignment)


def assignment_event(stored: StoredGroup) -> AssignmentStored:
    """What a stored generation says, as far as it can be read."""
    rows = tuple((member.member_id, _read(stored, member.assignment)) for member in stored.members)
    return AssignmentStored(stored.group_id, stored.generation, stored.protocol, rows)


def _read(stored: StoredGroup, data: bytes) -> tuple[TopicPartition, ...]:
    if stored.protocol_type != CONSUMER:
        return ()
    try:
        return read_assignment(data)
    except KafkaError:
        return ()
