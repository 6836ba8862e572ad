"""What can happen to a partition on a broker: roles, the in-sync replicas, the high watermark, refusals.

Promises     every change of a partition's role, epochs, ISR and high watermark is one of these; a picture folded from
             them equals the broker's own books.
Stands for   the lines that Partition, ReplicaManager and the fetcher threads write to a broker's log.
Left out     each single fetch: the network shows it.
Differs      nothing is sampled or counted; each change is told when it happens.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.events.governance import told
from minikafka.protocol.names import TopicPartition


def _members(isr: tuple) -> str:
    return f"[{', '.join(map(str, isr))}]"


def _acks(acks: int) -> str:
    return "acks=all" if acks == -1 else f"acks={acks}"


class BecameLeader(NamedTuple):
    """The broker leads a partition under a new leader epoch; nothing of its log is rolled back."""

    partition: TopicPartition
    leader_epoch: int
    log_end_offset: int
    isr: tuple
    partition_epoch: int

    def sentence(self) -> str:
        """The new leadership in one sentence."""
        return (f"became leader of {self.partition} for epoch {self.leader_epoch}; its log ends at "
                f"{self.log_end_offset}, the ISR is {_members(self.isr)}")  # fmt: skip


class BecameFollower(NamedTuple):
    """The broker follows a leader under a new leader epoch, and will fetch from this offset."""

    partition: TopicPartition
    leader: int
    leader_epoch: int
    fetch_offset: int
    partition_epoch: int

    def sentence(self) -> str:
        """The new following in one sentence."""
        return (f"follows broker {self.leader} in {self.partition} for epoch {self.leader_epoch}; its own log ends at "
                f"{self.fetch_offset}")  # fmt: skip


class WentOffline(NamedTuple):
    """The partition has no leader, as far as this broker knows."""

    partition: TopicPartition
    leader_epoch: int
    partition_epoch: int

    def sentence(self) -> str:
        """The loss of a leader in one sentence."""
        return f"neither leads nor follows {self.partition}: it has no leader since epoch {self.leader_epoch}"


class ReplicaRemoved(NamedTuple):
    """The broker holds the partition no longer: its topic is gone, or its replicas are elsewhere."""

    partition: TopicPartition
    why: str

    def sentence(self) -> str:
        """The removal in one sentence."""
        return f"gave up its replica of {self.partition}: {self.why}"


class SettingsApplied(NamedTuple):
    """A broker goes by other settings of a partition from now on; `settings` are (name, new value)."""

    partition: TopicPartition
    settings: tuple

    def sentence(self) -> str:
        """Which."""
        now = ", ".join(f"{name}={told(value)}" for name, value in self.settings)
        return f"{self.partition} goes by {now} from now on"


class PartitionEpochLearned(NamedTuple):
    """The same leadership goes on under a newer partition epoch."""

    partition: TopicPartition
    partition_epoch: int
    ROUTINE = True

    def sentence(self) -> str:
        """The news in one sentence."""
        return f"{self.partition} is at partition epoch {self.partition_epoch}"


class IsrChangeAsked(NamedTuple):
    """The leader asks the controller for another ISR. Until the answer comes both count (the maximal ISR)."""

    partition: TopicPartition
    isr_from: tuple
    isr_to: tuple
    why: str

    def sentence(self) -> str:
        """The wish in one sentence."""
        change = f"from {_members(self.isr_from)} to {_members(self.isr_to)}"
        return f"asked the controller to change the ISR of {self.partition} {change}: {self.why}"


class IsrChanged(NamedTuple):
    """The leader counts with this ISR from now on: the controller has recorded it."""

    partition: TopicPartition
    isr: tuple
    partition_epoch: int

    def sentence(self) -> str:
        """The new ISR in one sentence."""
        return (f"counts with the ISR {_members(self.isr)} of {self.partition} from now on "
                f"(partition epoch {self.partition_epoch})")  # fmt: skip


class IsrChangeDropped(NamedTuple):
    """The controller said that it did not and will not make the change; the leader counts with the old ISR again."""

    partition: TopicPartition
    isr: tuple
    error: str

    def sentence(self) -> str:
        """The withdrawal in one sentence."""
        return (f"counts with the ISR {_members(self.isr)} of {self.partition} as before: the controller answered "
                f"{self.error}")  # fmt: skip


class HighWatermarkAdvanced(NamedTuple):
    """More records are committed: every replica that counts holds everything below `new`; `slowest` holds no more."""

    partition: TopicPartition
    old: int
    new: int
    slowest: int
    ROUTINE = True

    def sentence(self) -> str:
        """The advance in one sentence."""
        return (f"the high watermark of {self.partition} rose from {self.old} to {self.new}; "
                f"the slowest that counts is broker {self.slowest}")  # fmt: skip


class HighWatermarkLearned(NamedTuple):
    """A follower was told the leader's high watermark; its own may fall by it."""

    partition: TopicPartition
    old: int
    new: int
    ROUTINE = True

    def sentence(self) -> str:
        """The lesson in one sentence."""
        return f"learned the high watermark of {self.partition}: {self.new}, before {self.old}"


class ReplicaDiverged(NamedTuple):
    """A follower found that its log parts from its leader's: the leader's `epoch` ends at `end_offset`."""

    partition: TopicPartition
    epoch: int
    end_offset: int
    truncate_to: int

    def sentence(self) -> str:
        """The finding in one sentence."""
        return (f"its log of {self.partition} is not its leader's: there epoch {self.epoch} ends at "
                f"{self.end_offset}; it will cut its own to {self.truncate_to}")  # fmt: skip


class FetchPositionReset(NamedTuple):
    """A follower's fetch offset was out of the leader's range; it goes on elsewhere."""

    partition: TopicPartition
    old: int
    new: int
    why: str

    def sentence(self) -> str:
        """The new position in one sentence."""
        return f"goes on fetching {self.partition} from {self.new} instead of {self.old}: {self.why}"


class FollowingFailed(NamedTuple):
    """A follower does not fetch a partition any more, until the metadata log brings a newer leader epoch."""

    partition: TopicPartition
    leader_epoch: int
    why: str

    def sentence(self) -> str:
        """The failure in one sentence."""
        return (f"stopped fetching {self.partition} under epoch {self.leader_epoch} until it hears of a newer one: "
                f"{self.why}")  # fmt: skip


class ProduceRefused(NamedTuple):
    """A batch was not taken, or its promise could not be kept (then it may be in the log all the same)."""

    partition: TopicPartition
    error: str
    why: str
    acks: int

    def sentence(self) -> str:
        """The refusal in one sentence."""
        return f"answered {self.error} to a batch for {self.partition} ({_acks(self.acks)}): {self.why}"


class FetchRefused(NamedTuple):
    """A read was answered with an error."""

    partition: TopicPartition
    error: str
    replica: int
    why: str

    def sentence(self) -> str:
        """The refusal in one sentence."""
        reader = "a consumer" if self.replica < 0 else f"broker {self.replica}"
        return f"answered {self.error} to {reader} that wants to read {self.partition}: {self.why}"


class RegistrationGivenUp(NamedTuple):
    """The broker could not register within initial.broker.registration.timeout.ms; its process ends."""

    waited: int

    def sentence(self) -> str:
        """The end in one sentence."""
        return (f"could not register within {self.waited / 1_000_000:g} s and gives up; "
                "start it again once the controller answers")  # fmt: skip


class BrokerStarted(NamedTuple):
    """The logs are open and the metadata is known: the broker takes requests."""

    broker: int
    broker_epoch: int
    partitions: int

    def sentence(self) -> str:
        """The start in one sentence."""
        replicas = "1 replica" if self.partitions == 1 else f"{self.partitions} replicas"
        return f"takes requests, with {replicas}, under broker epoch {self.broker_epoch}"


class BrokerShutDown(NamedTuple):
    """All logs are flushed and closed, and the clean-shutdown file is written."""

    broker: int
    broker_epoch: int

    def sentence(self) -> str:
        """The end in one sentence."""
        return "flushed and closed its logs: its next start need not look through them"
