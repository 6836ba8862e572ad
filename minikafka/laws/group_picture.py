"""The picture of all consumer groups that the events alone draw.

Promises     folded in order, the events give every group as its coordinator has it: state, generation, protocol,
             leader, members, who has what, and what is written down as committed.
Stands for   nothing in Kafka: what `kafka-consumer-groups --describe` tells, pieced together from the logs.
Left out     sessions, ids that were given out and not used yet, subscriptions.
Differs      what a coordinator has read says nothing of who has what: that comes with the next generation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.coordinator.group import COMPLETING, EMPTY, PREPARING, STABLE
from minikafka.events import groups
from minikafka.events.transactions import PendingOffsetsEnded
from minikafka.protocol.names import TopicPartition
from minikafka.world import happenings
from minikafka.world.event import Recorded


class GroupPicture:
    """A group as the coordinator at `place` has it. `instances` by member id; `written` may not be replicated yet,
    `committed` is."""

    __slots__ = ("name", "place", "state", "generation", "protocol", "leader", "instances", "assignment", "written",
                 "committed")  # fmt: skip

    def __init__(self, name: str, place: str):
        self.name = name
        self.place = place
        self.state = EMPTY
        self.generation = 0
        self.protocol = self.leader = ""
        self.instances: dict[str, str] = {}
        self.assignment: dict[str, tuple[TopicPartition, ...]] = {}
        self.written: dict[TopicPartition, int] = {}
        self.committed: dict[TopicPartition, int] = {}

    @property
    def members(self) -> tuple[str, ...]:
        """The members' ids."""
        return tuple(self.instances)


class GroupsPicture:
    """`groups` by the coordinator's place and the group's name; `present` by cluster and name: the one whose word
    counts."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, str], GroupPicture] = {}
        self.present: dict[tuple[str, str], GroupPicture] = {}
        self._epochs: dict[tuple[str, str], int] = {}
        self._reigns: dict[tuple[str, int], int] = {}

    def hear(self, entry: Recorded) -> list[tuple[str, str]]:
        """Draw one event; returns the groups (cluster, name) that it was about."""
        place, event = entry.place, entry.event
        cluster = place.partition("/")[0]
        if isinstance(event, groups.GroupsLoaded):
            self._reigns[place, event.partition] = event.leader_epoch
            for name, standing in zip(event.groups, event.standing, strict=True):
                self._loaded(GroupPicture(name, place), standing, event.leader_epoch)
            return [(cluster, name) for name in event.groups]
        if isinstance(event, groups.GroupsGivenUp):
            return self._given_up(place, event.groups)
        if entry.kind in STOPS:
            return self._given_up(place, [name for at, name in self.groups if at == place])
        if isinstance(event, groups.GroupDeleted):
            self.groups.pop((place, event.group), None)
            self.present.pop((cluster, event.group), None)
            return [(cluster, event.group)]
        FOLDS[event.__class__](self.group(place, event.group), event)
        return [(cluster, event.group)]

    def group(self, place: str, name: str) -> GroupPicture:
        """The group as the coordinator at `place` has it; a new one if nothing was told of it."""
        found = self.groups.get((place, name))
        if found is None:
            found = self.groups[place, name] = GroupPicture(name, place)
            self.present.setdefault((place.partition("/")[0], name), found)
        return found

    def _loaded(self, group: GroupPicture, standing: groups.Standing, epoch: int) -> None:
        key = (group.place.partition("/")[0], group.name)
        group.state, group.generation, group.protocol, group.leader, members, offsets = standing
        group.instances = dict(members)
        group.written = {TopicPartition(*partition): offset for partition, offset in offsets}
        group.committed = dict(group.written)
        self.groups[group.place, group.name] = group
        if epoch >= self._epochs.get(key, -1):
            before = self.present.get(key)
            if before is not None and before.generation == group.generation and group.state == STABLE:
                group.assignment = before.assignment
            self.present[key], self._epochs[key] = group, epoch

    def _given_up(self, place: str, names: Any) -> list[tuple[str, str]]:
        """The coordinator at this place is none any more. What it said last stands until there is another."""
        cluster = place.partition("/")[0]
        for name in names:
            self.groups.pop((place, name), None)
        return [(cluster, name) for name in names]

    def coordinated(self, group: GroupPicture) -> bool:
        """Whether its coordinator still is one."""
        return self.groups.get((group.place, group.name)) is group


def _joined(group: GroupPicture, event: groups.MemberJoined) -> None:
    group.instances[event.member] = event.instance
    group.leader = group.leader or event.member


def _replaced(group: GroupPicture, event: groups.MemberReplaced) -> None:
    group.instances = {event.new if one == event.old else one: instance for one, instance in group.instances.items()}
    if event.old in group.assignment:
        group.assignment[event.new] = group.assignment.pop(event.old)
    if group.leader == event.old:
        group.leader = event.new


def _removed(group: GroupPicture, event: groups.MemberRemoved) -> None:
    group.instances.pop(event.member, None)
    group.assignment.pop(event.member, None)
    if group.leader == event.member:
        group.leader = next(iter(group.instances), "")


def _rebalances(group: GroupPicture, event: groups.RebalanceBegan) -> None:
    group.state = PREPARING


def _generation(group: GroupPicture, event: groups.GenerationBegan) -> None:
    group.generation, group.protocol, group.leader = event.generation, event.protocol, event.leader
    group.instances = {member: group.instances.get(member, "") for member in event.members}
    group.state = COMPLETING if event.members else EMPTY
    group.assignment = {}


def _assigned(group: GroupPicture, event: groups.AssignmentStored) -> None:
    group.state = STABLE
    group.assignment = {member: tuple(TopicPartition(*one) for one in owned) for member, owned in event.assignments}


def _written(group: GroupPicture, event: groups.OffsetsWritten) -> None:
    group.written.update((TopicPartition(*partition), offset) for partition, offset in event.offsets)


def _committed(group: GroupPicture, event: groups.OffsetsCommitted) -> None:
    group.committed.update((TopicPartition(*partition), offset) for partition, offset in event.offsets)


def _ended(group: GroupPicture, event: PendingOffsetsEnded) -> None:
    if event.committed:
        group.written.update((TopicPartition(*partition), offset) for partition, offset in event.offsets)


def _forgotten(group: GroupPicture, event: groups.OffsetsForgotten) -> None:
    for partition in event.partitions:
        group.written.pop(TopicPartition(*partition), None)
        group.committed.pop(TopicPartition(*partition), None)


STOPS = ("MachineCrashed", "MachineStopped", "PowerLost")

FOLDS: dict[type, Callable[[GroupPicture, Any], None]] = {
    groups.MemberJoined: _joined,
    groups.MemberReplaced: _replaced,
    groups.MemberRemoved: _removed,
    groups.RebalanceBegan: _rebalances,
    groups.GenerationBegan: _generation,
    groups.AssignmentStored: _assigned,
    groups.OffsetsWritten: _written,
    groups.OffsetsCommitted: _committed,
    groups.OffsetsForgotten: _forgotten,
    PendingOffsetsEnded: _ended,
}
"""How each kind of event changes a group's picture."""

KINDS = (*FOLDS, groups.GroupsLoaded, groups.GroupsGivenUp, groups.GroupDeleted, happenings.MachineCrashed,
         happenings.MachineStopped, happenings.PowerLost)  # fmt: skip
"""Every kind of event that the picture hears."""
