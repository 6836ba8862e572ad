"""The partitions of `__consumer_offsets` that a broker coordinates: taken over by reading the log, given up at once.

Promises     while a partition is being read its groups answer COORDINATOR_LOAD_IN_PROGRESS, and after it was given up
             NOT_COORDINATOR, also to those who were waiting for an answer.
Stands for   CoordinatorRuntime: scheduleLoadOperation, scheduleUnloadOperation, withActiveContextOrThrow.
Left out     -
Differs      reading takes a time that follows from the bytes (`READ_RATE`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minikafka.coordinator import rebalance
from minikafka.coordinator.group import Group
from minikafka.coordinator.group_partition import OFFSETS_TOPIC, partition_for
from minikafka.coordinator.offset_records import OffsetChange
from minikafka.coordinator.pending_offsets import EndOfTransaction, PendingRecord
from minikafka.coordinator.shard import ACTIVE, CLOSED, LOADING, CoordinatorLog, Shard
from minikafka.events.groups import GroupsGivenUp, GroupsLoaded, GroupsLoading, Standing
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import LeaderEpoch, TopicPartition
from minikafka.protocol.records import Record

READ_RATE = 100
"""Bytes per µs: a disk that reads 100 MB a second."""

READ_BEGINS = 1_000
"""µs before the first byte is there."""

LOOK_AGAIN = 5_000
"""µs between two looks whether what was read is replicated."""

Reader = Callable[[int], tuple[list[Record | PendingRecord | EndOfTransaction], int, int]]
"""For a partition: its records, their size in bytes, and the offset after the last."""


class Shards:
    """`partitions` is how many __consumer_offsets has (0: it does not exist yet)."""

    def __init__(self, machine: Any, config: Mapping, log: CoordinatorLog, read: Reader):
        self.machine = machine
        self.config = config
        self.log = log
        self.read = read
        self.partitions = 0
        self.led: dict[int, Shard] = {}
        self._partition_of: dict[str, int] = {}
        self._dice = machine.dice("member ids")

    def of(self, group_id: str) -> Shard:
        """The shard of a group; INVALID_GROUP_ID, NOT_COORDINATOR or COORDINATOR_LOAD_IN_PROGRESS if there is none."""
        if not isinstance(group_id, str) or not group_id:
            raise KafkaError(Error.INVALID_GROUP_ID, "the group id is empty: set group.id")
        partition = self._partition_of.get(group_id)
        if partition is None:
            partition = partition_for(group_id, self.partitions) if self.partitions else -1
        shard = self.led.get(partition)
        if shard is None:
            raise KafkaError(
                Error.NOT_COORDINATOR, f"this broker does not coordinate group {group_id}: ask FindCoordinator who does"
            )
        self._partition_of[group_id] = partition
        if shard.state == LOADING:
            raise KafkaError(
                Error.COORDINATOR_LOAD_IN_PROGRESS, f"{OFFSETS_TOPIC}-{partition} is being read: ask again in a moment"
            )
        return shard

    def active(self) -> list[Shard]:
        """The shards that have been read."""
        return [shard for shard in self.led.values() if shard.state == ACTIVE]

    def follow(self, led: Mapping[int, LeaderEpoch], partitions: int) -> None:
        """This broker leads these partitions (with their leader epochs) of so many, and no others."""
        if partitions != self.partitions:
            self.partitions, self._partition_of = partitions, {}
        for partition in [number for number, shard in self.led.items() if led.get(number) != shard.leader_epoch]:
            self._give_up(self.led.pop(partition))
        for partition, leader_epoch in led.items():
            if partition not in self.led:
                shard = Shard(self.machine, self.config, self.log, partition, leader_epoch, self._dice)
                self.led[partition] = shard
                self.machine.spawn(self._load(shard), f"reading {OFFSETS_TOPIC}-{partition}")

    def forget_topics(self, gone: Iterable[str]) -> list[tuple[Shard, str, list[TopicPartition]]]:
        """What groups have committed for topics that are no more."""
        names = dict.fromkeys(gone)
        found = []
        for shard in self.active():
            for group_id in shard.offsets.groups():
                lost = [partition for partition, _ in shard.offsets.latest(group_id) if partition.topic in names]
                if lost:
                    found.append((shard, group_id, lost))
        return found

    async def _load(self, shard: Shard) -> None:
        shard.record(GroupsLoading(shard.partition, shard.leader_epoch))
        records, size, end = self.read(shard.partition)
        await self.machine.sleep(READ_BEGINS + size // READ_RATE)
        while shard.state == LOADING and self.log.high_watermark(shard.partition) < end:
            await self.machine.sleep(LOOK_AGAIN)
        if shard.state == LOADING:
            self._take_over(shard, records)

    def _take_over(self, shard: Shard, records: list[Record | PendingRecord | EndOfTransaction]) -> None:
        """Let all that was read be true; the members' sessions begin anew."""
        for record in records:
            shard.replay(record)
        shard.groups = {name: group for name, group in shard.groups.items() if _is_there(shard, group)}
        for group in shard.groups.values():
            for member in group.members.values():
                rebalance.expect(shard, group, member)
        shard.state = ACTIVE
        standing = tuple(_standing(shard, group) for group in shard.groups.values())
        shard.record(GroupsLoaded(shard.partition, shard.leader_epoch, tuple(shard.groups), standing))

    def _give_up(self, shard: Shard) -> None:
        """Change nothing more, and tell those who wait to ask somebody else."""
        was, shard.state = shard.state, CLOSED
        shard.timetable.close()
        if was == ACTIVE:
            shard.record(GroupsGivenUp(shard.partition, shard.leader_epoch, tuple(shard.groups)))
        for group in shard.groups.values():
            for member in group.members.values():
                member.answer_join(rebalance.refused_join(Error.NOT_COORDINATOR, member.member_id))
                member.answer_sync(rebalance.refused_sync(Error.NOT_COORDINATOR))


def _is_there(shard: Shard, group: Group) -> bool:
    """Whether a group that was read has a generation, or anything committed."""
    return group.generation > 0 or any(True for _ in shard.offsets.latest(group.group_id))


def _standing(shard: Shard, group: Group) -> Standing:
    """How a group stands that was read."""
    members = tuple((member.member_id, member.instance_id or "") for member in group.members.values())
    offsets = tuple((partition, stored.offset) for partition, stored in shard.offsets.latest(group.group_id))
    return Standing(group.state, group.generation, group.protocol, group.leader, members, offsets)


def forgetting(group_id: str, partitions: list[TopicPartition]) -> list[OffsetChange]:
    """The changes that forget these partitions."""
    return [OffsetChange(group_id, partition, None) for partition in partitions]
