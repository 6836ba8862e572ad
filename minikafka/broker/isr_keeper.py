"""Changes of the ISR on their way to the controller, and what comes of them.

Promises     at most one AlterPartition request of this broker is under way; its answer counts only for a partition
             that still waits for exactly this change; a change whose outcome is unknown is asked for again.
Stands for   DefaultAlterPartitionManager, Partition.submitAlterPartition and the task `isr-expiration`.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikafka.broker import isr_rules
from minikafka.broker.controller_finder import ControllerChannel
from minikafka.broker.isr_state import IsrState
from minikafka.broker.partition import Partition
from minikafka.broker.replica import UNKNOWN
from minikafka.broker.surroundings import Surroundings
from minikafka.metadata.facts import RECOVERED
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.cluster_requests import (
    AlteredPartition,
    AlterPartitionPartition,
    AlterPartitionRequest,
    IsrMember,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition
from minikafka.world.machine import Machine

REST = 50_000
"""µs before a request that failed is sent again."""

NEVER_HAPPENED = (Error.OPERATION_NOT_ATTEMPTED, Error.INELIGIBLE_REPLICA)
"""The controller knows the present partition epoch, and says that it did not make the change."""

LEAVE_TO_METADATA = (
    Error.UNKNOWN_TOPIC_OR_PARTITION, Error.UNKNOWN_TOPIC_ID, Error.FENCED_LEADER_EPOCH,
    Error.INVALID_UPDATE_VERSION, Error.INVALID_REQUEST, Error.NEW_LEADER_ELECTED,
)  # fmt: skip
"""The controller knows something that this broker does not: the metadata log will bring it."""


class IsrKeeper:
    """Collects the wishes of a broker's partitions; all that are waiting travel in one request."""

    def __init__(self, machine: Machine, channel: ControllerChannel, around: Surroundings, timeout: int):
        self.machine = machine
        self.channel = channel
        self.around = around
        self.timeout = timeout
        self.unsent: dict[TopicPartition, tuple[Partition, IsrState]] = {}
        self._sending = False

    def ask(self, partition: Partition, change: IsrState) -> None:
        """Send this change as soon as the request before it was answered."""
        self.unsent[partition.tp] = (partition, change)
        if not self._sending:
            self._sending = True
            self.machine.spawn(self.send(), "alter partitions")

    async def send(self) -> None:
        """Send what is waiting until nothing is."""
        try:
            while wishes := self._still_wanted():
                self.unsent = {}
                if not await self._send(wishes):
                    await self.machine.sleep(REST)
        finally:
            self.unsent = {}
            self._sending = False

    def _still_wanted(self) -> list[tuple[Partition, IsrState]]:
        return [(partition, change) for partition, change in self.unsent.values() if partition.isr_state is change]

    async def _send(self, wishes: list[tuple[Partition, IsrState]]) -> bool:
        """One request; False if something of it has to be asked again."""
        rows = [alter_row(partition, change, self.around) for partition, change in wishes]
        request = AlterPartitionRequest(self.around.broker_id, self.around.broker_epoch, rows)
        answers: dict[tuple[str, int], AlteredPartition] = {}
        try:
            response = await self.channel.ask(request, self.timeout)
        except NETWORK_TROUBLE:
            pass
        else:
            answers = {(row.topic_id, row.partition): row for row in response.partitions}
        again = False
        for partition, change in wishes:
            answer = answers.get((partition.topic_id, partition.tp.partition))
            if take_answer(partition, change, answer, self.machine.now):
                self.unsent.setdefault(partition.tp, (partition, change))
                again = True
        return not again

    def shrink(self, partitions: Iterable[Partition], now: int) -> None:
        """Ask to take out of the ISR who lags (the task `isr-expiration`)."""
        for partition in partitions:
            if partition.is_leader:
                partition.ask_isr_change(isr_rules.shrinking(partition, now))
                partition.look_after_observers(now)


def alter_row(partition: Partition, change: IsrState, around: Surroundings) -> AlterPartitionPartition:
    """The wish as it travels: each member with the broker epoch under which it has fetched."""
    members = [IsrMember(member, epoch_of(partition, member, around)) for member in change.wanted]
    which = (partition.topic_id, partition.tp.partition)
    return AlterPartitionPartition(*which, partition.leader_epoch, members, RECOVERED, partition.partition_epoch)


def epoch_of(partition: Partition, member: int, around: Surroundings) -> int:
    """The broker epoch of a member as its leader knows it, -1 if it has not fetched yet."""
    if member == around.broker_id:
        return around.broker_epoch
    replica = partition.replicas.get(member)
    return UNKNOWN if replica is None else replica.broker_epoch


def take_answer(partition: Partition, change: IsrState, answer: AlteredPartition | None, now: int) -> bool:
    """What an answer means for its partition. True: the outcome is unknown, ask again."""
    if partition.isr_state is not change:
        return False
    if answer is None:
        return True
    if answer.error == Error.NONE:
        if answer.leader_epoch == partition.leader_epoch and answer.partition_epoch >= partition.partition_epoch:
            partition.isr_recorded(tuple(answer.isr), answer.partition_epoch, now)
        return False
    if answer.error in NEVER_HAPPENED:
        partition.isr_not_recorded(Error(answer.error).name)
        return False
    return answer.error not in LEAVE_TO_METADATA
