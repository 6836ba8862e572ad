"""A rebalance: everybody joins again, and a new generation begins.

Promises     a join phase ends as soon as all members have joined, and at the latest after the longest rebalance
             timeout: a member that has not joined by then is out (static members stay). The first join phase of an
             empty group waits a little for more.
Stands for   GroupMetadataManager: prepareRebalance, completeClassicGroupJoin and the delayed operations around them.
Left out     -
Differs      -
"""

from __future__ import annotations

from minikafka.coordinator.group import COMPLETING, EMPTY, PREPARING, Group
from minikafka.coordinator.group_member import Member
from minikafka.coordinator.offset_records import GroupChange
from minikafka.coordinator.shard import Shard
from minikafka.events.groups import GenerationBegan, MemberRemoved, RebalanceBegan
from minikafka.protocol.errors import Error
from minikafka.protocol.group_requests import NO_GENERATION, JoinGroupResponse, SyncGroupResponse

NEW_MEMBER_TIMEOUT = 300_000_000
"""µs after which a new member is given up that still waits for its first generation."""


def refused_join(error: Error, member_id: str) -> JoinGroupResponse:
    """The answer of a join that led to nothing."""
    return JoinGroupResponse(error, NO_GENERATION, None, None, "", False, member_id, [])


def refused_sync(error: Error) -> SyncGroupResponse:
    """The answer of a sync that led to nothing."""
    return SyncGroupResponse(error, None, None, b"")


def prepare(shard: Shard, group: Group, why: str) -> None:
    """Let everybody join again. Nothing, if that is under way already; then only look whether all are there."""
    if group.state == PREPARING:
        complete_if_ready(shard, group)
        return
    if group.state == COMPLETING:
        for member in group.members.values():
            member.assignment = b""
            answer_sync(shard, group, member, refused_sync(Error.REBALANCE_IN_PROGRESS))
    shard.timetable.cross_out(("sync", group.group_id))
    first = group.state == EMPTY
    group.move("rebalance", shard.now)
    shard.record(RebalanceBegan(group.group_id, group.generation, why))
    if first:
        delay = shard.config.us("group.initial.rebalance.delay.ms")
        wait_for_more(shard, group, delay, max(group.rebalance_timeout - delay, 0))
    elif not complete_if_ready(shard, group):
        give_up_waiting_in(shard, group)


def wait_for_more(shard: Shard, group: Group, delay: int, remaining: int) -> None:
    """The first generation: wait `delay` µs, and again as long as newcomers come, at most `remaining` more."""

    def look() -> None:
        if group.someone_new and remaining > 0:
            group.someone_new = False
            again = min(shard.config.us("group.initial.rebalance.delay.ms"), remaining)
            wait_for_more(shard, group, again, max(remaining - again, 0))
        else:
            complete(shard, group)

    shard.timetable.at(shard.now + delay, ("join", group.group_id), look)


def give_up_waiting_in(shard: Shard, group: Group) -> None:
    """After the rebalance timeout go on with those who are there."""
    shard.timetable.at(shard.now + group.rebalance_timeout, ("join", group.group_id), lambda: complete(shard, group))


def complete_if_ready(shard: Shard, group: Group) -> bool:
    """End the join phase if all have joined, unless an empty group still waits for more."""
    ready = group.state == PREPARING and group.previous_state != EMPTY and group.all_joined
    if ready:
        complete(shard, group)
    return ready


def complete(shard: Shard, group: Group) -> None:
    """End the join phase: a new generation with those who have joined."""
    if group.state != PREPARING:
        return
    shard.timetable.cross_out(("join", group.group_id))
    for member in [member for member in group.members.values() if member.awaiting_join is None]:
        if member.instance_id is None:
            forget(shard, group, member.member_id, "it did not join again within the rebalance timeout")
    if group.members and not group.elect_joined_leader():
        give_up_waiting_in(shard, group)
        return
    group.begin_generation(shard.now)
    group.someone_new = False
    shard.record(GenerationBegan(group.group_id, group.generation, group.protocol, group.leader, tuple(group.members)))
    if not group.members:
        shard.store(GroupChange(group.group_id, group.stored({}, shard.now)), lambda error: None)
        return
    everybody = [member.introduced(group.protocol) for member in group.members.values()]
    for member in group.members.values():
        member.is_new = False
        group.to_sync[member.member_id] = None
        members = everybody if member.member_id == group.leader else []
        member.answer_join(
            JoinGroupResponse(Error.NONE, group.generation, group.protocol_type, group.protocol, group.leader, False,
                              member.member_id, members)
        )  # fmt: skip
        expect(shard, group, member)
    expect_syncs(shard, group)


def expect_syncs(shard: Shard, group: Group) -> None:
    """Everybody has to ask for its assignment within the rebalance timeout."""
    generation = group.generation

    def look() -> None:
        if group.generation == generation and group.state != PREPARING and group.to_sync:
            for member_id in list(group.to_sync):
                forget(shard, group, member_id, "it did not ask for its assignment within the rebalance timeout")
            prepare(shard, group, "not everybody asked for an assignment in time")

    shard.timetable.at(shard.now + group.rebalance_timeout, ("sync", group.group_id), look)


def expect(shard: Shard, group: Group, member: Member) -> None:
    """Hear of a member within its session timeout from now on (a new one has five minutes to get its first answer)."""
    span = NEW_MEMBER_TIMEOUT if member.is_new else member.session_timeout
    name = ("session", group.group_id, member.member_id)
    shard.timetable.at(shard.now + span, name, lambda: _missed(shard, group, member))


def _missed(shard: Shard, group: Group, member: Member) -> None:
    """A session has ended. A member that waits for an answer is alive, unless it is new and has waited too long."""
    if group.members.get(member.member_id) is member and (member.is_new or not member.waits):
        lose(shard, group, member.member_id, "its session has ended without a heartbeat")


def lose(shard: Shard, group: Group, member_id: str, why: str) -> None:
    """A member is gone: the others share its partitions."""
    forget(shard, group, member_id, why)
    if group.state == PREPARING:
        complete_if_ready(shard, group)
    elif group.state != EMPTY:
        prepare(shard, group, f"{member_id} is gone: {why}")


def forget(shard: Shard, group: Group, member_id: str, why: str) -> None:
    """Strike a member off the list, and leave its deadlines behind; answers it waits for say UNKNOWN_MEMBER_ID."""
    shard.timetable.cross_out(("session", group.group_id, member_id))
    member = group.remove(member_id)
    if member is not None:
        member.answer_join(refused_join(Error.UNKNOWN_MEMBER_ID, member_id))
        member.answer_sync(refused_sync(Error.UNKNOWN_MEMBER_ID))
        shard.record(MemberRemoved(group.group_id, member_id, why))


def answer_sync(shard: Shard, group: Group, member: Member, response: SyncGroupResponse) -> None:
    """Answer a member that waits for its assignment; its session begins anew."""
    if member.awaiting_sync is not None:
        member.answer_sync(response)
        expect(shard, group, member)
