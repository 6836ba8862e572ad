"""The ledger of the groups: every commit, and what each member was given while it belonged to its group.

Promises     commits in the order in which the coordinators wrote them, with who made them and whether they were
             confirmed; readings in the order of time.
Stands for   the history that Jepsen's and Maelstrom's Kafka workloads write down, for groups.
Left out     -
Differs      a commit from outside, a seek and a reset open a new chapter: what comes after is not held against what
             was before. So does taking up again, after that, where the group has committed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikafka.events import clients, groups
from minikafka.events.transactions import PendingOffsetsEnded, PendingOffsetsWritten
from minikafka.protocol.names import TopicPartition
from minikafka.world.event import Recorded
from minikafka.world.recorder import NOTHING

FROM_THE_GROUP = "has committed it"


class Commit(NamedTuple):
    """One written commit of one partition; offset -1 says that what was committed is forgotten."""

    place: str
    end_offset: int
    member: str
    generation: int
    offset: int


class Reading(NamedTuple):
    """Records `first` to `last` were given to `client`; `taken` counts how often it took the partition over,
    `chapter` seeks and
    resets."""

    client: str
    generation: int
    taken: int
    chapter: int
    first: int
    last: int


class Start(NamedTuple):
    """A member took up a partition at the offset that the group had committed: `offset`, with what was known to be
    committed. What it was told last counts as that: an answer may be late, and be overtaken by a commit of somebody
    else, or come from a coordinator that has not heard yet that it was replaced (as in Kafka, where nothing fences
    OffsetFetch)."""

    client: str
    offset: int
    confirmed: int
    highest: int


class ReadInTransaction(NamedTuple):
    """A committed transaction has moved its group from `first` to `following` in a partition: it has read between."""

    cluster: str
    producer_id: int
    producer_epoch: int
    group: str
    partition: TopicPartition
    first: int
    following: int


class Share:
    """A group's history in one partition. `confirmed` is the index in `commits` of the last one that was confirmed;
    `moved`: whoever reads now stands where a seek or a reset has put it; `misled`: somebody was told an old commit, by
    a coordinator that had not heard yet that it was replaced; `told`: what was told last."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.confirmed = -1
        self.rewinds: list[tuple[Commit, Commit]] = []
        self.readings: list[Reading] = []
        self.starts: list[Start] = []
        self.chapter = 0
        self.moved = False
        self.misled = False
        self.told = -1
        self.taken: dict[str, int] = {}

    @property
    def committed(self) -> int:
        """The last confirmed offset; -1 if there is none."""
        return self.commits[self.confirmed].offset if self.confirmed >= 0 else -1

    def confirm(self, place: str, end_offset: int) -> None:
        """The commit at this place is replicated."""
        for index in range(len(self.commits) - 1, self.confirmed, -1):
            commit = self.commits[index]
            if commit.place == place and commit.end_offset == end_offset:
                before = self.commits[self.confirmed] if self.confirmed >= 0 else None
                if before is not None and commit.offset < before.offset and commit.generation >= 0:
                    self.rewinds.append((before, commit))
                self.confirmed = index
                return

    def possible(self) -> list[int]:
        """What may truly be told to be committed: what was confirmed last, or anything written after it."""
        told = [commit.offset for commit in self.commits[max(self.confirmed, 0) :]]
        return told if self.confirmed >= 0 else [-1, *told]


class GroupLedger:
    """`shares` by (cluster, group, partition); `groups` of the clients, with their generation; `read`: what
    transactions have read."""

    KINDS = (groups.OffsetsWritten, groups.OffsetsCommitted, groups.OffsetsForgotten, groups.PartitionsAssigned,
             groups.PartitionsRevoked, groups.PartitionsLost, groups.OffsetsTold, clients.RecordsPolled,
             clients.PositionReset, PendingOffsetsWritten, PendingOffsetsEnded)  # fmt: skip

    def __init__(self) -> None:
        self.shares: dict[tuple[str, str, TopicPartition], Share] = {}
        self.groups: dict[tuple[str, str], tuple[str, int]] = {}
        self.read: list[ReadInTransaction] = []
        self._epochs: dict[tuple[str, str, int], int] = {}

    @classmethod
    def of(cls, world: Any) -> GroupLedger:
        """The ledger that the laws of this world keep; a late one is made from what was recorded."""
        for law in world.laws:
            if isinstance(getattr(law, "group_ledger", None), cls):
                return law.group_ledger
        ledger = cls()
        if world.recorder.recorded and world.recorder.keep == NOTHING:
            raise ValueError("this world keeps no events: give it its laws before its clusters are made")
        for entry in world.recorder.events():
            if isinstance(entry.event, cls.KINDS):
                ledger.hear(entry)
        world.recorder.listen(ledger.hear, cls.KINDS)
        return ledger

    def share(self, cluster: str, group: str, partition: TopicPartition) -> Share:
        """A group's history in a partition."""
        return self.shares.setdefault((cluster, group, TopicPartition(*partition)), Share())

    def hear(self, entry: Recorded) -> None:
        """Write one event down."""
        event, cluster = entry.event, entry.place.partition("/")[0]
        match event:
            case groups.OffsetsWritten():
                for partition, offset in event.offsets:
                    share = self.share(cluster, event.group, partition)
                    share.commits.append(Commit(entry.place, event.end_offset, event.member, event.generation, offset))
                    share.chapter += event.generation < 0
            case groups.OffsetsCommitted():
                for partition, _ in event.offsets:
                    self.share(cluster, event.group, partition).confirm(entry.place, event.end_offset)
            case groups.OffsetsForgotten():
                for partition in event.partitions:
                    share = self.share(cluster, event.group, partition)
                    share.commits.append(Commit(entry.place, -1, "", -1, -1))
                    share.chapter += 1
            case groups.OffsetsTold():
                for partition, offset in event.offsets:
                    known = self.shares.get((cluster, event.group, TopicPartition(*partition)))
                    if known is not None:
                        known.misled |= offset not in known.possible()
                        known.told = offset
            case PendingOffsetsWritten():
                self._epochs[cluster, event.group, event.producer_id] = event.producer_epoch
            case PendingOffsetsEnded():
                for partition, offset in event.offsets if event.committed else ():
                    self._committed_in_transaction(entry, event, TopicPartition(*partition), offset)
            case groups.PartitionsAssigned():
                self.groups[cluster, event.client] = (event.group, event.generation)
                for partition in event.added:
                    taken = self.share(cluster, event.group, partition).taken
                    taken[event.client] = taken.get(event.client, 0) + 1
            case clients.RecordsPolled():
                group, generation = self.groups.get((cluster, event.client), ("", -1))
                if group:
                    share = self.share(cluster, group, event.partition)
                    taken = share.taken.get(event.client, 0)
                    reading = Reading(
                        event.client, generation, taken, share.chapter, event.first_offset, event.last_offset
                    )
                    share.readings.append(reading)
            case clients.PositionReset():
                self._moved(cluster, event)

    def _committed_in_transaction(
        self, entry: Recorded, event: PendingOffsetsEnded, partition: TopicPartition, offset: int
    ) -> None:
        cluster, who = entry.place.partition("/")[0], f"producer {event.producer_id}"
        share = self.share(cluster, event.group, partition)
        first = max(share.commits[-1].offset, 0) if share.commits else 0
        epoch = self._epochs.get((cluster, event.group, event.producer_id), -1)
        self.read.append(
            ReadInTransaction(cluster, event.producer_id, epoch, event.group, partition, first, offset)
        )
        share.commits.append(Commit(entry.place, event.end_offset, who, event.generation, offset))

    def _moved(self, cluster: str, event: clients.PositionReset) -> None:
        group, _ = self.groups.get((cluster, event.client), ("", -1))
        if not group:
            return
        share = self.share(cluster, group, event.partition)
        if event.why.endswith(FROM_THE_GROUP):
            highest = max(share.possible())
            known = share.told if event.new == share.told else share.committed
            share.starts.append(Start(event.client, event.new, known, highest))
            share.chapter += share.moved
            share.moved = False
        elif event.old >= 0 or not event.why.startswith("earliest"):
            share.chapter += 1
            share.moved = True
