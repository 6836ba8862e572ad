"""The groups of one partition of `__consumer_offsets`, while this broker leads it: the partition's coordinator.

Promises     every change is in the log before it counts (`append`, `store`), and `apply` is the only way in which a
             record becomes state: for a record just written and for one read after a change of leaders. Once closed
             it changes nothing more.
Stands for   CoordinatorRuntime's context of one partition, GroupCoordinatorShard.
Left out     batching of several requests into one append (group.coordinator.append.linger.ms).
Differs      a coordinator answers only when the high watermark has reached the end that the log had when it took
             over, so that it never tells an older offset than its predecessor did; Kafka's may, for a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from minikafka.coordinator.group import Group
from minikafka.coordinator.group_offsets import GroupOffsets
from minikafka.coordinator.offset_records import Change, GroupChange, OffsetChange, batch_of, change_of
from minikafka.coordinator.pending_offsets import EndOfTransaction, Pending, PendingOffsets, PendingRecord
from minikafka.coordinator.timetable import Timetable
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import LeaderEpoch
from minikafka.protocol.records import Record

LOADING, ACTIVE, CLOSED = "loading", "active", "closed"

AS_SEEN_BY_MEMBERS = {
    Error.UNKNOWN_TOPIC_OR_PARTITION: Error.COORDINATOR_NOT_AVAILABLE,
    Error.NOT_ENOUGH_REPLICAS: Error.COORDINATOR_NOT_AVAILABLE,
    Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND: Error.COORDINATOR_NOT_AVAILABLE,
    Error.REQUEST_TIMED_OUT: Error.COORDINATOR_NOT_AVAILABLE,
    Error.NOT_LEADER_OR_FOLLOWER: Error.NOT_COORDINATOR,
    Error.FENCED_LEADER_EPOCH: Error.NOT_COORDINATOR,
    Error.KAFKA_STORAGE_ERROR: Error.NOT_COORDINATOR,
    Error.RECORD_LIST_TOO_LARGE: Error.UNKNOWN_SERVER_ERROR,
    Error.MESSAGE_TOO_LARGE: Error.UNKNOWN_SERVER_ERROR,
}
"""What a failed write means to the one who asked (GroupMetadataManager.appendGroupMetadataErrorToResponseError)."""


class Written(NamedTuple):
    """Where changes stand in the log: the first record's offset, and the offset after the last."""

    base_offset: int
    end_offset: int


class CoordinatorLog(Protocol):
    """What a coordinator needs of its topic's partitions that its broker leads: __consumer_offsets, or
    __transaction_state."""

    def append(self, partition: int, leader_epoch: LeaderEpoch, batch: bytes) -> Written:
        """Write as the leader of this epoch, with acks=-1; KafkaError: nothing was written."""
        ...

    async def committed(self, partition: int, leader_epoch: LeaderEpoch, end_offset: int, within: int) -> Error:
        """NONE once everything below `end_offset` is replicated; REQUEST_TIMED_OUT after so many µs."""
        ...

    def high_watermark(self, partition: int) -> int:
        """How far the partition is replicated."""
        ...


class Shard:
    """`partition` of __consumer_offsets under `leader_epoch`. `dice` make member ids."""

    def __init__(
        self, machine: Any, config: Mapping, log: CoordinatorLog, partition: int, leader_epoch: LeaderEpoch, dice: Any
    ):
        self.machine = machine
        self.config = config
        self.log = log
        self.partition = partition
        self.leader_epoch = leader_epoch
        self.dice = dice
        self.state = LOADING
        self.groups: dict[str, Group] = {}
        self.offsets = GroupOffsets()
        self.pending = PendingOffsets()
        self.timetable = Timetable(machine)

    @property
    def now(self) -> int:
        """The time in µs."""
        return self.machine.now

    def record(self, event: Any) -> None:
        """Tell what happened."""
        self.machine.record(event)

    def group(self, group_id: str) -> Group | None:
        """The group, if there is one."""
        return self.groups.get(group_id)

    def group_or_new(self, group_id: str) -> Group:
        """The group; an empty one is made if there is none."""
        group = self.groups.get(group_id)
        if group is None:
            group = self.groups[group_id] = Group(group_id, self.now)
        return group

    # -- record -------------------------------------------------------------------------------------------------

    def append(self, changes: list[Change], **who: int) -> Written:
        """Write changes down; KafkaError (as members see it) if they could not be: then nothing is changed. `who` is
        the producer, if they belong to its transaction (see `build_batch`)."""
        try:
            return self.log.append(self.partition, self.leader_epoch, batch_of(changes, self.now, **who))
        except KafkaError as refusal:
            error = AS_SEEN_BY_MEMBERS.get(refusal.error, refusal.error)
            raise KafkaError(error, f"the offsets log took nothing: {refusal}") from None

    async def committed(self, written: Written) -> Error:
        """NONE once it is replicated, else the error as members see it: it may be replicated yet."""
        within = self.config.us("offsets.commit.timeout.ms")
        error = await self.log.committed(self.partition, self.leader_epoch, written.end_offset, within)
        if not error and self.state == CLOSED:
            error = Error.NOT_COORDINATOR
        return AS_SEEN_BY_MEMBERS.get(error, error)

    def store(self, change: GroupChange, then: Callable[[Error], None]) -> None:
        """Write down how a group stands; `then` is called with NONE once that is replicated, or with an error."""
        try:
            written = self.append([change])
        except KafkaError as refusal:
            then(refusal.error)
            return

        async def wait() -> None:
            error = await self.committed(written)
            if self.state != CLOSED:
                then(error)

        self.machine.spawn(wait(), f"storing group {change.group_id}")

    # -- apply --------------------------------------------------------------------------------------------------

    def apply(self, change: Change, at: int) -> None:
        """Let a recorded change (by the record at offset `at`) be true."""
        if isinstance(change, OffsetChange):
            self.offsets.apply(change.group_id, change.partition, change.stored, at)
            if change.stored is not None:
                self.group_or_new(change.group_id)
        elif change.stored is not None:
            self.group_or_new(change.group_id).adopt(change.stored)
        else:
            self.groups.pop(change.group_id, None)

    def replay(self, read: Record | PendingRecord | EndOfTransaction) -> None:
        """Let what was read from the log be true."""
        if isinstance(read, EndOfTransaction):
            self.end_transaction(*read)
            return
        record = read.record if isinstance(read, PendingRecord) else read
        change = change_of(record)
        if isinstance(read, PendingRecord) and isinstance(change, OffsetChange):
            self.pending.add(read.producer_id, change, record.offset)
        elif change is not None:
            self.apply(change, record.offset)

    def end_transaction(self, producer_id: int, committed: bool, at: int) -> list[Pending]:
        """The marker at offset `at`: what was pending counts from there on, or never; returns it. What was committed
        later, and without waiting for the transaction, stays."""
        ended = self.pending.end(producer_id, at)
        if not committed:
            return ended
        for pending in ended:
            self.group_or_new(pending.change.group_id)
        return [one for one in ended if self.offsets.apply(*one.change, at, one.at)]

    def apply_all(self, changes: list[Change], written: Written) -> None:
        """Let the changes of one batch be true."""
        for number, change in enumerate(changes):
            self.apply(change, written.base_offset + number)
