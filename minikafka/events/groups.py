"""What can happen to a consumer group: at its coordinator, and at its members.

Promises     one event for each change of a coordinator's role, of a group's state, of its members and of what it has
             committed; and for each assignment that a member takes over or gives up.
Stands for   the log lines of GroupCoordinator, ConsumerCoordinator and AbstractCoordinator.
Left out     heartbeats: the network shows them.
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.names import TopicPartition

Offsets = tuple[tuple[TopicPartition, int], ...]


def _listed(partitions: tuple[TopicPartition, ...]) -> str:
    return ", ".join(str(TopicPartition(*partition)) for partition in partitions) or "nothing"


def _said(offsets: Offsets) -> str:
    told = [f"{TopicPartition(*partition)} at {offset}" for partition, offset in offsets[:6]]
    more = f" and {len(offsets) - 6} more" if len(offsets) > 6 else ""
    return ", ".join(told) + more or "nothing"


class GroupsLoading(NamedTuple):
    """A broker leads a partition of __consumer_offsets now and reads what it says of groups."""

    partition: int
    leader_epoch: int
    ROUTINE = True

    def sentence(self) -> str:
        """Which."""
        return f"reads the groups of __consumer_offsets-{self.partition}, epoch {self.leader_epoch}"


class Standing(NamedTuple):
    """How a group stands that was read: its members with their instances ("" for none), and what it has committed."""

    state: str
    generation: int
    protocol: str
    leader: str
    members: tuple[tuple[str, str], ...]
    offsets: Offsets


class GroupsLoaded(NamedTuple):
    """It has read everything, and coordinates these groups; `standing` tells how each of them stands."""

    partition: int
    leader_epoch: int
    groups: tuple[str, ...]
    standing: tuple[Standing, ...] = ()

    @property
    def routine(self) -> bool:
        """Without groups it is not worth telling."""
        return not self.groups

    def sentence(self) -> str:
        """Which groups."""
        which = ", ".join(self.groups) or "no group yet"
        return f"coordinates the groups of __consumer_offsets-{self.partition}, epoch {self.leader_epoch}: {which}"


class GroupsGivenUp(NamedTuple):
    """It leads the partition no more; those who wait for an answer get NOT_COORDINATOR."""

    partition: int
    leader_epoch: int
    groups: tuple[str, ...]

    @property
    def routine(self) -> bool:
        """Without groups it is not worth telling."""
        return not self.groups

    def sentence(self) -> str:
        """Which groups."""
        which = ", ".join(self.groups) or "no group"
        return f"does not coordinate __consumer_offsets-{self.partition} any more (epoch {self.leader_epoch}): {which}"


class MemberJoined(NamedTuple):
    """Somebody became a member; `instance` is "" for a dynamic one."""

    group: str
    member: str
    instance: str

    def sentence(self) -> str:
        """Who."""
        static = f" (static, instance {self.instance})" if self.instance else ""
        return f"{self.member} is a member of group {self.group} now{static}"


class MemberReplaced(NamedTuple):
    """A static member came back under a new id; who still uses the old one is fenced."""

    group: str
    instance: str
    old: str
    new: str

    def sentence(self) -> str:
        """Who follows whom."""
        return f"the instance {self.instance} of group {self.group} is {self.new} now, and {self.old} is fenced"


class MemberRemoved(NamedTuple):
    """Somebody is no member any more."""

    group: str
    member: str
    why: str

    def sentence(self) -> str:
        """Who, and why."""
        return f"{self.member} is no member of group {self.group} any more: {self.why}"


class RebalanceBegan(NamedTuple):
    """The members have to join again."""

    group: str
    generation: int
    why: str

    def sentence(self) -> str:
        """Why."""
        return f"group {self.group} rebalances after generation {self.generation}: {self.why}"


class GenerationBegan(NamedTuple):
    """A new generation; with members, its leader has to say who does what."""

    group: str
    generation: int
    protocol: str
    leader: str
    members: tuple[str, ...]

    def sentence(self) -> str:
        """Who belongs to it."""
        if not self.members:
            return f"group {self.group} has no members, in generation {self.generation}"
        who = ", ".join(self.members[:6]) + (f" and {len(self.members) - 6} more" if len(self.members) > 6 else "")
        return (
            f"group {self.group} has generation {self.generation} with {who}; {self.leader} assigns by {self.protocol}"
        )


class AssignmentStored(NamedTuple):
    """The assignment of a generation is replicated; the group is stable."""

    group: str
    generation: int
    protocol: str
    assignments: tuple[tuple[str, tuple[TopicPartition, ...]], ...]

    def sentence(self) -> str:
        """Who has what."""
        told = [f"{member} has {_listed(partitions)}" for member, partitions in self.assignments[:4]]
        more = f"; and {len(self.assignments) - 4} more" if len(self.assignments) > 4 else ""
        return f"group {self.group} is stable in generation {self.generation}: {'; '.join(told)}{more}"


class OffsetsWritten(NamedTuple):
    """A commit is in the coordinator's log, not yet replicated. `member` is "" and `generation` -1 for an outsider."""

    group: str
    member: str
    generation: int
    offsets: Offsets
    end_offset: int
    ROUTINE = True

    def sentence(self) -> str:
        """What."""
        return f"wrote down for group {self.group}: {_said(self.offsets)} (generation {self.generation})"


class OffsetsCommitted(NamedTuple):
    """A commit is replicated, and its member is told so."""

    group: str
    member: str
    generation: int
    offsets: Offsets
    end_offset: int

    def sentence(self) -> str:
        """What."""
        who = self.member or "somebody outside"
        return f"group {self.group} has committed {_said(self.offsets)} (by {who}, generation {self.generation})"


class OffsetsForgotten(NamedTuple):
    """Committed offsets are gone."""

    group: str
    partitions: tuple[TopicPartition, ...]
    why: str

    def sentence(self) -> str:
        """Which, and why."""
        return f"forgot what group {self.group} had committed for {_listed(self.partitions)}: {self.why}"


class OffsetsTold(NamedTuple):
    """Somebody asked for a group's committed offsets and was told these (-1: none)."""

    group: str
    partition: int
    leader_epoch: int
    offsets: Offsets
    ROUTINE = True

    def sentence(self) -> str:
        """What."""
        return f"told what group {self.group} has committed: {_said(self.offsets)}"


class GroupDeleted(NamedTuple):
    """A group is gone."""

    group: str
    why: str

    def sentence(self) -> str:
        """Which, and why."""
        return f"group {self.group} is gone: {self.why}"


class GroupRequestRefused(NamedTuple):
    """A member or an outsider asked for something it may not have; nothing was changed."""

    group: str
    request: str
    member: str
    error: str
    why: str

    def sentence(self) -> str:
        """What, and why not."""
        return f"refused {self.request} of {self.member or 'somebody outside'} with {self.error}: {self.why}"


class CoordinatorFound(NamedTuple):
    """A client knows which broker coordinates its group."""

    group: str
    coordinator: int
    client: str

    def sentence(self) -> str:
        """Who."""
        return f"broker {self.coordinator} coordinates group {self.group}"


class PartitionsAssigned(NamedTuple):
    """A member reads these partitions from now on, besides those it had."""

    group: str
    generation: int
    member: str
    added: tuple[TopicPartition, ...]
    owned: tuple[TopicPartition, ...]
    client: str

    def sentence(self) -> str:
        """Which."""
        where = f"in generation {self.generation} of group {self.group}"
        return f"reads {_listed(self.owned)} {where} (new: {_listed(self.added)})"


class PartitionsRevoked(NamedTuple):
    """A member gives these partitions back, in order."""

    group: str
    generation: int
    partitions: tuple[TopicPartition, ...]
    client: str

    def sentence(self) -> str:
        """Which."""
        return f"gives back {_listed(self.partitions)} (generation {self.generation} of group {self.group})"


class PartitionsLost(NamedTuple):
    """A member hears that its partitions may belong to others already."""

    group: str
    generation: int
    partitions: tuple[TopicPartition, ...]
    why: str
    client: str

    def sentence(self) -> str:
        """Which, and why."""
        return f"has lost {_listed(self.partitions)} (generation {self.generation} of group {self.group}): {self.why}"


class CommitAcknowledged(NamedTuple):
    """A consumer's commit was confirmed."""

    group: str
    generation: int
    offsets: Offsets
    client: str

    def sentence(self) -> str:
        """What."""
        return f"has committed {_said(self.offsets)} for group {self.group}"


class CommitFailed(NamedTuple):
    """A consumer's commit was given up; unless `definite`, it may have been written."""

    group: str
    generation: int
    offsets: Offsets
    error: str
    definite: bool
    client: str

    def sentence(self) -> str:
        """What, and why."""
        fate = "it was not written" if self.definite else "whether it was written is not known"
        return f"could not commit {_said(self.offsets)} for group {self.group}: {self.error}; {fate}"
