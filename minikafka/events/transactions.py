"""What can happen to a transaction: at its coordinator, at the coordinator of a group, and at its producer.

Promises     one event for each change of a transaction's state, for offsets that become pending or end, and for each
             thing a transactional producer does or hears. What happens in the logs is told in `storage`.
Stands for   the log lines of TransactionCoordinator, TransactionStateManager and TransactionManager.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.names import TopicPartition

Partitions = tuple[TopicPartition, ...]
Offsets = tuple[tuple[TopicPartition, int], ...]


def _listed(partitions: Partitions) -> str:
    return ", ".join(str(TopicPartition(*partition)) for partition in partitions) or "no partition"


def _said(offsets: Offsets) -> str:
    return ", ".join(f"{TopicPartition(*partition)} at {offset}" for partition, offset in offsets) or "nothing"


class TransactionsLoading(NamedTuple):
    """A broker leads a partition of __transaction_state now and reads what it says."""

    partition: int
    leader_epoch: int
    ROUTINE = True

    def sentence(self) -> str:
        """Which."""
        return f"reads the transactions of __transaction_state-{self.partition}, epoch {self.leader_epoch}"


class TransactionsLoaded(NamedTuple):
    """It has read everything, and coordinates the transactions of these ids (with their states)."""

    partition: int
    leader_epoch: int
    transactions: tuple[tuple[str, str], ...]

    @property
    def routine(self) -> bool:
        """Without transactions it is not worth telling."""
        return not self.transactions

    def sentence(self) -> str:
        """Whose."""
        which = ", ".join(f"{name} ({state})" for name, state in self.transactions) or "none yet"
        where = f"__transaction_state-{self.partition}, epoch {self.leader_epoch}"
        return f"coordinates the transactions of {where}: {which}"


class TransactionsGivenUp(NamedTuple):
    """It leads the partition no more."""

    partition: int
    leader_epoch: int
    transactions: tuple[str, ...]

    @property
    def routine(self) -> bool:
        """Without transactions it is not worth telling."""
        return not self.transactions

    def sentence(self) -> str:
        """Whose."""
        which = ", ".join(self.transactions) or "none"
        where = f"__transaction_state-{self.partition}"
        return f"does not coordinate {where} any more (epoch {self.leader_epoch}): {which}"


class TransactionStateChanged(NamedTuple):
    """A transaction's state has changed, and the change is replicated. `old` is "" for an id that was not known."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    old: str
    new: str
    partitions: Partitions
    why: str

    def sentence(self) -> str:
        """From what to what, and why."""
        old = f"{self.old} -> " if self.old else ""
        who = f"{self.transactional_id} (producer {self.producer_id}, epoch {self.producer_epoch})"
        where = f" with {_listed(self.partitions)}" if self.partitions else ""
        return f"transaction of {who}: {old}{self.new}{where}; {self.why}"


class TransactionRequestRefused(NamedTuple):
    """Somebody asked for something about a transaction that may not be; nothing was changed."""

    transactional_id: str
    request: str
    producer_id: int
    producer_epoch: int
    error: str
    why: str

    def sentence(self) -> str:
        """What, and why not."""
        who = f"{self.transactional_id or 'somebody'} (producer {self.producer_id}, epoch {self.producer_epoch})"
        return f"refused {self.request} of {who} with {self.error}: {self.why}"


class PendingOffsetsWritten(NamedTuple):
    """Offsets were sent to a transaction: they are in the group's log, and count if it commits."""

    group: str
    member: str
    generation: int
    offsets: Offsets
    producer_id: int
    producer_epoch: int

    def sentence(self) -> str:
        """What, and for whom."""
        return (f"group {self.group} will have committed {_said(self.offsets)} if the transaction of producer "
                f"{self.producer_id} (epoch {self.producer_epoch}) commits")  # fmt: skip


class PendingOffsetsEnded(NamedTuple):
    """The marker of their transaction is in the group's log: the offsets count now, or never."""

    group: str
    generation: int
    offsets: Offsets
    producer_id: int
    committed: bool
    end_offset: int

    def sentence(self) -> str:
        """What became of them."""
        fate = "count" if self.committed else "do not count, and never will"
        return f"the offsets {_said(self.offsets)} that producer {self.producer_id} sent for group {self.group} {fate}"


class TransactionBegun(NamedTuple):
    """A producer began a transaction; its coordinator does not know of it yet."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    client: str

    def sentence(self) -> str:
        """As whom."""
        return f"begins a transaction as producer {self.producer_id}, epoch {self.producer_epoch}"


class TransactionCompleted(NamedTuple):
    """A producer was told that its transaction is decided."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    committed: bool
    client: str

    def sentence(self) -> str:
        """How."""
        how = "committed" if self.committed else "aborted"
        return f"its transaction (producer {self.producer_id}, epoch {self.producer_epoch}) is {how}"


class TransactionFailed(NamedTuple):
    """A transactional producer met an error: it has to abort, or, if `fatal`, it is of no use any more."""

    transactional_id: str
    error: str
    fatal: bool
    why: str
    client: str

    def sentence(self) -> str:
        """The error, and what is left to do."""
        remedy = "it can only be closed" if self.fatal else "its transaction can only be aborted"
        return f"{self.error}: {self.why}; {remedy}"
