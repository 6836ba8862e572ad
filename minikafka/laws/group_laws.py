"""Laws about consumer groups (O13, O15, O16).

Promises     each law is named after its statement, and looks after each step in which it could be broken.
Stands for   the properties of Kafka's group protocol, as Jepsen and the source of the coordinator state them.
Left out     O14, which is a judgment: it needs the end of the story.
Differs      a coordinator that does not know yet that it was replaced may tell old offsets, as Kafka's may: its word
             is not held against the newer one's.
"""

from __future__ import annotations

from typing import Any

from minikafka.coordinator.group_partition import OFFSETS_TOPIC, partition_for
from minikafka.events import groups
from minikafka.events.transactions import PendingOffsetsWritten
from minikafka.laws.group_ledger import GroupLedger
from minikafka.laws.sight import KafkaLaw
from minikafka.protocol.names import TopicPartition
from minikafka.world.world import World


class GroupLaw(KafkaLaw):
    """A law that also keeps the ledger of the groups."""

    group_ledger: GroupLedger

    def watch(self, world: World) -> None:
        """Begin to look at this world, after the ledger that all these laws share."""
        self.group_ledger = GroupLedger.of(world)
        super().watch(world)

    def sound(self, place: str, group: str) -> bool:
        """Whether what the group has recorded cannot have been lost by what has happened so far (DUR)."""
        process = self.sight.machines[place].process
        partitions = process.offsets_topic.groups.shards.partitions if process is not None else 0
        if not partitions:
            return False
        return self.sight.history(place, TopicPartition(OFFSETS_TOPIC, partition_for(group, partitions))).durable


class NoPartitionHasTwoOwnersInAGeneration(GroupLaw):
    """O15: within a generation no partition is assigned to two members, neither by the leader nor as the members
    take it over."""

    KINDS = (groups.AssignmentStored, groups.PartitionsAssigned, groups.MemberReplaced, groups.MemberJoined)

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[tuple[str, str], tuple[int, dict[TopicPartition, str]]] = {}
        self.doubtful: dict[tuple[str, str], None] = {}
        self.instances: dict[str, str] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        """An assignment was stored, or a member took its share over; a static member may go on under another id."""
        if isinstance(event, groups.MemberReplaced):
            self.instances[event.old] = self.instances[event.new] = event.instance
            return None
        if isinstance(event, groups.MemberJoined):
            self.instances[event.member] = event.instance or event.member
            return None
        if isinstance(event, groups.AssignmentStored):
            owned: dict[TopicPartition, str] = {}
            for member, partitions in event.assignments:
                for partition in partitions:
                    if partition in owned:
                        both = f"{owned[partition]} and {member}"
                        return f"generation {event.generation} of {event.group} gives {partition} to {both}"
                    owned[partition] = member
            key = (place.partition("/")[0], event.group)
            if not self.sound(place, event.group):
                self.doubtful[key] = None
            return None
        key = (place.partition("/")[0], event.group)
        generation, owned = self.owners.get(key, (-1, {}))
        if event.generation > generation:
            generation, owned = event.generation, {}
            self.owners[key] = (generation, owned)
        if event.generation < generation or key in self.doubtful:
            return None
        who = self.instances.get(event.member, event.member)
        for partition in event.owned:
            other = owned.setdefault(partition, who)
            if other != who:
                return f"{other} and {who} both read {partition} in generation {generation} of {event.group}"
        return None


class OnlyThePresentGenerationCommits(GroupLaw):
    """O16: what is written down as committed comes from a member of the present generation, or from outside while
    there is none."""

    KINDS = (groups.MemberJoined, groups.MemberReplaced, groups.MemberRemoved, groups.GenerationBegan,
    groups.GroupsLoaded,
             groups.OffsetsWritten, groups.GroupDeleted, PendingOffsetsWritten)  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[str, str], tuple[int, dict[str, None]]] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        """The group changed, or a commit was written."""
        if isinstance(event, groups.GroupsLoaded):
            self._loaded(place, event)
            return None
        key = (place, event.group)
        generation, members = self.known.setdefault(key, (0, {}))
        match event:
            case groups.MemberJoined():
                members[event.member] = None
            case groups.MemberReplaced():
                members.pop(event.old, None)
                members[event.new] = None
            case groups.MemberRemoved():
                members.pop(event.member, None)
            case groups.GenerationBegan():
                self.known[key] = (event.generation, dict.fromkeys(event.members))
            case groups.GroupDeleted():
                del self.known[key]
            case groups.OffsetsWritten() | PendingOffsetsWritten():
                if event.generation < 0 and isinstance(event, PendingOffsetsWritten):
                    return None  # a transaction may commit without saying for which member
                why = self._written(event, generation, members)
                return why and f"at {place} {why}"
        return None

    @staticmethod
    def _written(event: groups.OffsetsWritten, generation: int, members: dict[str, None]) -> str | None:
        if event.generation < 0:
            if members:
                return f"somebody outside has committed for {event.group}, which has the members {', '.join(members)}"
        elif event.generation != generation:
            who = f"{event.member} of generation {event.generation}"
            return f"{who} has committed for {event.group} in generation {generation}"
        elif event.member not in members:
            return f"{event.member} is no member of {event.group} and has committed for it"
        return None

    def _loaded(self, place: str, event: groups.GroupsLoaded) -> None:
        """What a new coordinator has read is the truth to begin with."""
        process = self.sight.machines[place].process
        shard = None if process is None else process.offsets_topic.groups.shards.led.get(event.partition)
        for name in event.groups if shard is not None else ():
            group = shard.group(name)
            if group is not None:
                self.known[place, name] = (group.generation, dict.fromkeys(group.members))


class CommittedOffsetsAreNotTakenBack(GroupLaw):
    """O13: who asks what a group has committed is told the last confirmed commit, or one written after it. DUR."""

    KINDS = (groups.OffsetsTold, groups.GroupsLoaded)

    def __init__(self) -> None:
        super().__init__()
        self.newest: dict[tuple[str, int], int] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        """A coordinator began, or told offsets."""
        cluster = place.partition("/")[0]
        epoch = self.newest.get((cluster, event.partition), -1)
        if isinstance(event, groups.GroupsLoaded):
            self.newest[cluster, event.partition] = max(epoch, event.leader_epoch)
            return None
        if event.leader_epoch < epoch or not self.sound(place, event.group):
            return None
        for partition, offset in event.offsets:
            share = self.group_ledger.share(cluster, event.group, partition)
            possible = share.possible()
            if offset not in possible:
                told = f"{event.group} was told {offset} for {TopicPartition(*partition)}"
                return f"{told}, but {possible[0]} was committed last"
        return None


GROUP_LAWS = (NoPartitionHasTwoOwnersInAGeneration, OnlyThePresentGenerationCommits, CommittedOffsetsAreNotTakenBack)
"""Every law about groups."""
