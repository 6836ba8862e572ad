"""JoinGroup: who may come in, and what that means for the others.

Promises     errors in Kafka's order; a member that asks again for what it has gets the same answer, without a
             rebalance.
Stands for   GroupMetadataManager.classicGroupJoinToClassicGroup.
Left out     requests of clients older than JoinGroup v4, which do not bring the id they were given.
Differs      a static member that died between the two rounds of a cooperative rebalance makes the group rebalance
             when it is back. Kafka's coordinator only looks whether another protocol would be chosen: there the second
             round does not come, and what was given back for it has no reader until the next rebalance.
"""

from __future__ import annotations

from minikafka.coordinator import rebalance
from minikafka.coordinator.group import COMPLETING, EMPTY, PREPARING, STABLE, Group
from minikafka.coordinator.group_member import Member
from minikafka.coordinator.offset_records import GroupChange
from minikafka.coordinator.shard import Shard
from minikafka.events.groups import MemberJoined, MemberReplaced
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import JoinGroupRequest, JoinGroupResponse
from minikafka.protocol.group_settings import COOPERATIVE_STICKY
from minikafka.protocol.member_metadata import read_assignment, read_subscription
from minikafka.world.quantities import counted


def join(shard: Shard, request: JoinGroupRequest, host: str, reply: object) -> None:
    """Let a member in; `reply` gets the response, now or when the generation begins. KafkaError: it stays outside."""
    group = shard.group(request.group_id)
    newcomer = request.member_id == ""
    if group is None:
        if not newcomer:
            raise KafkaError(
                Error.UNKNOWN_MEMBER_ID,
                f"there is no group {request.group_id}, so {request.member_id} is no member: join without a member id",
            )
        group = shard.group_or_new(request.group_id)
    require_room(shard, group, request.member_id)
    if not group.supports(request):
        raise KafkaError(
            Error.INCONSISTENT_GROUP_PROTOCOL,
            f"group {group.group_id} assigns by other protocols than {[one.name for one in request.protocols]}: "
            "let all members have one in common (partition.assignment.strategy)",
        )
    if newcomer:
        join_new(shard, group, request, host, reply)
    else:
        join_known(shard, group, request, host, reply)
    rebalance.complete_if_ready(shard, group)


def require_room(shard: Shard, group: Group, member_id: str) -> None:
    """GROUP_MAX_SIZE_REACHED if a newcomer does not fit."""
    most = shard.config["group.max.size"]
    member = group.members.get(member_id)
    if group.state == EMPTY:
        return
    if group.state == PREPARING:
        waiting = sum(one.awaiting_join is not None for one in group.members.values())
        fits = (member is not None and member.awaiting_join is not None) or waiting < most
    else:
        fits = member is not None or len(group.members) < most
    if not fits:
        raise KafkaError(
            Error.GROUP_MAX_SIZE_REACHED,
            f"group {group.group_id} has {counted(len(group.members), 'member')} and group.max.size={most}: stop one, "
            "or raise it",
        )


def join_new(shard: Shard, group: Group, request: JoinGroupRequest, host: str, reply: object) -> None:
    """Somebody without a member id: a static member takes its place, anybody else gets an id to come back with."""
    member_id = f"{request.group_instance_id or request.client_id}-{shard.dice.getrandbits(32):08x}"
    if request.group_instance_id is not None:
        if request.group_instance_id in group.static:
            replace_static(shard, group, request, member_id, reply)
        else:
            admit(shard, group, request, member_id, host, reply)
        return
    group.pending[member_id] = None
    name = ("session", group.group_id, member_id)
    shard.timetable.at(shard.now + request.session_timeout_ms * 1000, name, lambda: never_came(shard, group, member_id))
    reply.set(rebalance.refused_join(Error.MEMBER_ID_REQUIRED, member_id))


def never_came(shard: Shard, group: Group, member_id: str) -> None:
    """An id was given out and not used in time: nobody waits for it any longer."""
    if group.pending.pop(member_id, member_id) is None:
        rebalance.complete_if_ready(shard, group)


def join_known(shard: Shard, group: Group, request: JoinGroupRequest, host: str, reply: object) -> None:
    """Somebody with a member id: one that was given out just now, or a member that joins again."""
    if request.member_id in group.pending:
        admit(shard, group, request, request.member_id, host, reply)
        return
    member = group.require(request.member_id, request.group_instance_id)
    leads = member.member_id == group.leader
    same = member.matches(request)
    if same and (group.state == COMPLETING or (group.state == STABLE and not leads)):
        reply.set(present_generation(group, member))
        return
    if group.state == STABLE:
        why = f"its leader {member.member_id} joins again" if leads else f"{member.member_id} wants something else now"
    else:
        why = f"{member.member_id} joins again"
    asks_again(member, request, reply)
    rebalance.prepare(shard, group, request.reason or why)


def asks_again(member: Member, request: JoinGroupRequest, reply: object) -> None:
    """A member waits for the next generation; what it waited for before is settled by the newer request."""
    member.answer_join(rebalance.refused_join(Error.UNKNOWN_MEMBER_ID, member.member_id))
    member.asks(request)
    member.awaiting_join = reply


def admit(shard: Shard, group: Group, request: JoinGroupRequest, member_id: str, host: str, reply: object) -> None:
    """A new member; the group rebalances."""
    member = Member(member_id, request, host)
    member.is_new = True
    member.awaiting_join = reply
    if group.state == PREPARING and group.previous_state == EMPTY:
        group.someone_new = True
    group.add(member, request.protocol_type)
    shard.record(MemberJoined(group.group_id, member_id, request.group_instance_id or ""))
    rebalance.expect(shard, group, member)
    rebalance.prepare(shard, group, request.reason or f"{member_id} has joined")


def present_generation(group: Group, member: Member, skip_assignment: bool = False) -> JoinGroupResponse:
    """The answer that this generation's join has (had)."""
    leads = member.member_id == group.leader
    members = [one.introduced(group.protocol) for one in group.members.values()] if leads else []
    return JoinGroupResponse(Error.NONE, group.generation, group.protocol_type, group.protocol, group.leader,
                             skip_assignment, member.member_id, members)  # fmt: skip


def replace_static(shard: Shard, group: Group, request: JoinGroupRequest, new_id: str, reply: object) -> None:
    """A static member is back: its new id takes the old one's place (KIP-345). If nothing else changes, nobody else
    notices."""
    old_id = group.static[request.group_instance_id]
    member = group.members[old_id]
    shard.timetable.cross_out(("session", group.group_id, old_id))
    member.answer_join(rebalance.refused_join(Error.FENCED_INSTANCE_ID, old_id))
    member.answer_sync(rebalance.refused_sync(Error.FENCED_INSTANCE_ID))
    owes = owes_a_second_round(group, member)
    group.rename(old_id, new_id)
    member.asks(request)
    shard.record(MemberReplaced(group.group_id, request.group_instance_id, old_id, new_id))
    rebalance.expect(shard, group, member)
    if group.state == STABLE and group.choose_protocol() == group.protocol and not owes:
        store_replacement(shard, group, member, old_id, reply)
        return
    member.awaiting_join = reply
    why = "owes the others a partition" if owes else "the others have to hear of it"
    rebalance.prepare(shard, group, f"the static member {request.group_instance_id} is back, and {why}")


def owes_a_second_round(group: Group, member: Member) -> bool:
    """Whether a member was to give something back in this generation and to join again after that, for the others."""
    if group.protocol != COOPERATIVE_STICKY:
        return False
    assigned = read_assignment(member.assignment)
    return any(one not in assigned for one in read_subscription(member.metadata(group.protocol)).owned)


def store_replacement(shard: Shard, group: Group, member: Member, old_id: str, reply: object) -> None:
    """Let the log tell of the new id, then answer; if that fails, the old id is back."""
    new_id, generation = member.member_id, group.generation

    def then(error: Error) -> None:
        still = group.members.get(new_id) is member and group.generation == generation and group.state == STABLE
        if error and still:
            group.rename(new_id, old_id)
            shard.record(MemberReplaced(group.group_id, member.instance_id, new_id, old_id))
            rebalance.expect(shard, group, member)
        elif still:
            reply.set(present_generation(group, member, skip_assignment=member.member_id == group.leader))
            return
        reply.set(rebalance.refused_join(error or Error.REBALANCE_IN_PROGRESS, new_id if still and not error else ""))

    assignments = {one.member_id: one.assignment for one in group.members.values()}
    shard.store(GroupChange(group.group_id, group.stored(assignments, shard.now)), then)
