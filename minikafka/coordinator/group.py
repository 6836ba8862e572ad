"""A consumer group: its members, its generation, and what may happen to it next.

Promises     a new generation has a leader, and a protocol that all its members know; the leader stays leader as long
             as it can; `adopt` is how a stored generation becomes the present one, for the coordinator that stored it
             and for the one that reads it from the log.
Stands for   org.apache.kafka.coordinator.group.classic.ClassicGroup.
Left out     upgrades to the protocol of KIP-848.
Differs      ties between protocols go to the one that the first member prefers.

    state                on              becomes
    Empty                rebalance       PreparingRebalance
    PreparingRebalance   all joined      CompletingRebalance
    PreparingRebalance   nobody left     Empty
    CompletingRebalance  rebalance       PreparingRebalance
    CompletingRebalance  assigned        Stable
    Stable               rebalance       PreparingRebalance
    Empty                deleted         Dead
"""

from __future__ import annotations

from minikafka.coordinator.group_member import Member
from minikafka.coordinator.offset_records import StoredGroup
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import JoinGroupRequest
from minikafka.protocol.member_metadata import CONSUMER, read_subscription
from minikafka.world.quantities import counted

EMPTY, PREPARING, COMPLETING = "Empty", "PreparingRebalance", "CompletingRebalance"
STABLE, DEAD = "Stable", "Dead"

MOVES = {
    (EMPTY, "rebalance"): PREPARING,
    (PREPARING, "all joined"): COMPLETING,
    (PREPARING, "nobody left"): EMPTY,
    (COMPLETING, "rebalance"): PREPARING,
    (COMPLETING, "assigned"): STABLE,
    (STABLE, "rebalance"): PREPARING,
    (EMPTY, "deleted"): DEAD,
}


class Group:
    """`members` by id in the order in which they came; `pending`: ids that were given out and not yet used; `to_sync`:
    the members that have not asked for their assignment yet; `since`: when (ms) it got into its present state."""

    def __init__(self, group_id: str, now: int):
        self.group_id = group_id
        self.state = EMPTY
        self.previous_state = EMPTY
        self.since = now // 1000
        self.generation = 0
        self.protocol_type = ""
        self.protocol = ""
        self.leader = ""
        self.members: dict[str, Member] = {}
        self.static: dict[str, str] = {}
        self.pending: dict[str, None] = {}
        self.to_sync: dict[str, None] = {}
        self.someone_new = False

    # -- state --------------------------------------------------------------------------------------------------

    def move(self, on: str, now: int) -> None:
        """Go on to the next state."""
        self.previous_state, self.state = self.state, MOVES[self.state, on]
        self.since = now // 1000

    @property
    def rebalance_timeout(self) -> int:
        """The longest that any member asks for (µs)."""
        return max((member.rebalance_timeout for member in self.members.values()), default=0)

    @property
    def all_joined(self) -> bool:
        """Whether every member, and everybody who got an id, waits for the next generation."""
        return not self.pending and all(member.awaiting_join for member in self.members.values())

    # -- members ------------------------------------------------------------------------------------------------

    def add(self, member: Member, protocol_type: str) -> None:
        """Take a member in; the first one leads."""
        if not self.members:
            self.protocol_type = protocol_type
        if not self.leader:
            self.leader = member.member_id
        self.members[member.member_id] = member
        if member.instance_id is not None:
            self.static[member.instance_id] = member.member_id
        self.pending.pop(member.member_id, None)

    def remove(self, member_id: str) -> Member | None:
        """Let a member go; if it led, the next one leads."""
        member = self.members.pop(member_id, None)
        self.pending.pop(member_id, None)
        self.to_sync.pop(member_id, None)
        if member is not None and member.instance_id is not None and self.static.get(member.instance_id) == member_id:
            del self.static[member.instance_id]
        if self.leader == member_id:
            self.leader = next(iter(self.members), "")
        return member

    def rename(self, old_id: str, new_id: str) -> Member:
        """The static member of this id goes on under a new one, at the same place, with its assignment."""
        member = self.members[old_id]
        member.member_id = new_id
        self.members = {one.member_id: one for one in self.members.values()}
        self.static[member.instance_id] = new_id
        if self.leader == old_id:
            self.leader = new_id
        if old_id in self.to_sync:
            del self.to_sync[old_id]
            self.to_sync[new_id] = None
        return member

    def require(self, member_id: str, instance_id: str | None) -> Member:
        """The member; UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID if its instance id belongs to another one now."""
        if instance_id is not None:
            holder = self.static.get(instance_id)
            if holder is None:
                raise self.unknown(instance_id)
            if holder != member_id:
                raise KafkaError(
                    Error.FENCED_INSTANCE_ID,
                    f"the instance {instance_id} of group {self.group_id} is {holder} now, and {member_id or 'nobody'} "
                    "is fenced: give each process a group.instance.id of its own",
                )
        if member_id not in self.members:
            raise self.unknown(member_id)
        return self.members[member_id]

    def require_generation(self, generation: int) -> None:
        """ILLEGAL_GENERATION unless this is the present one."""
        if generation != self.generation:
            raise KafkaError(
                Error.ILLEGAL_GENERATION,
                f"group {self.group_id} is in generation {self.generation}, not {generation}: join again",
            )

    def unknown(self, member_id: str) -> KafkaError:
        """The exception for somebody who is no member."""
        who = member_id or "somebody without a member id"
        return KafkaError(
            Error.UNKNOWN_MEMBER_ID,
            f"{who} is no member of group {self.group_id} ({self.state}, {counted(len(self.members), 'member')}): join "
            "(again) first",
        )

    # -- protocols ----------------------------------------------------------------------------------------------

    def supports(self, request: JoinGroupRequest) -> bool:
        """Whether this newcomer and all members have a protocol in common."""
        if not request.protocol_type or not request.protocols:
            return False
        others = [member for member in self.members.values() if member.member_id != request.member_id]
        if not others:
            return True
        common = self._common(others)
        return request.protocol_type == self.protocol_type and any(one.name in common for one in request.protocols)

    def choose_protocol(self) -> str:
        """The protocol with the most votes among those that all members know."""
        common = self._common(list(self.members.values()))
        votes = dict.fromkeys(common, 0)
        for member in self.members.values():
            votes[member.vote(common)] += 1
        return max(votes, key=votes.__getitem__)

    @staticmethod
    def _common(members: list[Member]) -> tuple[str, ...]:
        counts: dict[str, int] = {}
        for member in members:
            for protocol in member.protocols:
                counts[protocol.name] = counts.get(protocol.name, 0) + 1
        return tuple(name for name, count in counts.items() if count == len(members))

    # -- generations --------------------------------------------------------------------------------------------

    def elect_joined_leader(self) -> bool:
        """Keep the leader if it has joined, else the first member that has joined leads; False if none has."""
        leader = self.members.get(self.leader)
        if leader is None or leader.awaiting_join is None:
            joined = [member.member_id for member in self.members.values() if member.awaiting_join is not None]
            if not joined:
                return False
            self.leader = joined[0]
        return True

    def begin_generation(self, now: int) -> None:
        """The next generation: with members, which still have to hear what to do, or empty."""
        self.generation += 1
        self.to_sync = {}
        self.protocol = self.choose_protocol() if self.members else ""
        self.move("all joined" if self.members else "nobody left", now)

    def stored(self, assignments: dict[str, bytes], now: int) -> StoredGroup:
        """The present generation as the log has to tell it."""
        members = tuple(
            member.stored(self.protocol, assignments.get(member.member_id, b"")) for member in self.members.values()
        )
        return StoredGroup(self.group_id, self.protocol_type, self.generation, self.protocol, self.leader, now // 1000,
                           members)  # fmt: skip

    def adopt(self, stored: StoredGroup) -> None:
        """This generation is recorded: it is the present one. A member whose record says what is known already stays
        the same object, with the answers it waits for; any other is made anew from its record."""
        self.generation, self.protocol, self.leader = stored.generation, stored.protocol, stored.leader
        self.protocol_type, self.since = stored.protocol_type, stored.since
        known, self.members, self.static = self.members, {}, {}
        for row in stored.members:
            member = known.get(row.member_id)
            if member is None or member.stored(stored.protocol, row.assignment) != row:
                member = Member.of(row, stored.protocol)
            member.assignment = row.assignment
            self.add(member, stored.protocol_type)
        self.previous_state, self.state = self.state, STABLE if self.members else EMPTY

    def subscribed_topics(self) -> dict[str, None] | None:
        """The topics that the members of a stable consumer group want; None if nobody can tell."""
        if self.protocol_type != CONSUMER or self.state != STABLE:
            return None
        try:
            wanted = [read_subscription(member.metadata(self.protocol)) for member in self.members.values()]
        except KafkaError:
            return None
        return dict.fromkeys(topic for subscription in wanted for topic in subscription.topics)
