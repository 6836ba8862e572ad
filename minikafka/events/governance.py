"""What a controller decides: who is alive, who leads, who is in sync, which topics there are.

Promises     every recorded change of a broker, a topic, a partition or (after the birth of its topic) a setting is
             exactly one of these events, with all that changed: folded in order they give the controller's image.
Stands for   the log lines of the controller, and metrics such as LeaderElectionRate and UncleanLeaderElectionsPerSec.
Left out     the settings with which a topic begins.
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.names import TopicPartition


class ControllerStarted(NamedTuple):
    """A controller has read its metadata log and decides from now on."""

    controller_epoch: int
    metadata_offset: int

    def sentence(self) -> str:
        """The reign and where its log ends."""
        log = f"its metadata log ends at offset {self.metadata_offset}"
        return f"decides from now on, in controller epoch {self.controller_epoch}; {log}"


class BrokerRegistered(NamedTuple):
    """A new incarnation of a broker is known; it starts fenced. `reason`: what is known of the incarnation before."""

    broker: int
    broker_epoch: int
    address: str
    rack: str
    reason: str

    def sentence(self) -> str:
        """Which incarnation, and how the one before it ended."""
        return f"registered broker {self.broker}, fenced for now, with broker epoch {self.broker_epoch} ({self.reason})"


class RegistrationRefused(NamedTuple):
    """A broker may not register (yet)."""

    broker: int
    error: str
    why: str

    def sentence(self) -> str:
        """The error and its reason."""
        return f"answered {self.error} to the registration of broker {self.broker}: {self.why}"


class BrokerFenced(NamedTuple):
    """A broker may neither lead nor be in sync from now on."""

    broker: int
    broker_epoch: int
    reason: str

    def sentence(self) -> str:
        """Who and why."""
        return f"fenced broker {self.broker}, it may not lead or be in sync: {self.reason}"


class BrokerUnfenced(NamedTuple):
    """A broker has caught up with the metadata and may lead and be in sync."""

    broker: int
    broker_epoch: int

    def sentence(self) -> str:
        """Who."""
        return f"unfenced broker {self.broker} (broker epoch {self.broker_epoch}), it may lead and be in sync"


class BrokerShuttingDown(NamedTuple):
    """A broker's controlled shutdown began: its leaderships move away, and it comes into no ISR any more."""

    broker: int
    broker_epoch: int

    def sentence(self) -> str:
        """Who."""
        return f"began to move everything away from broker {self.broker}: it wants to shut down"


class TopicCreated(NamedTuple):
    """A topic exists. For each partition its replicas and its first ISR, whose first member leads; all epochs are 0."""

    topic: str
    topic_id: str
    replicas: tuple
    isrs: tuple

    def sentence(self) -> str:
        """The size, and the assignment where it is short enough to read."""
        size = f"created topic {self.topic} with {_count(len(self.replicas), 'partition')}"
        if len(self.replicas) > 6:
            return f"{size}, replication factor {len(self.replicas[0])}"
        return f"{size}, replicas {', '.join(str(list(replicas)) for replicas in self.replicas)}"


class PartitionsAdded(NamedTuple):
    """A topic has more partitions, from number `first` on; for each its replicas and its first ISR."""

    topic: str
    topic_id: str
    first: int
    replicas: tuple
    isrs: tuple

    def sentence(self) -> str:
        """How many, and on whom."""
        lists = ", ".join(str(list(replicas)) for replicas in self.replicas[:6])
        more = "" if len(self.replicas) <= 6 else " ..."
        added = _count(len(self.replicas), "partition")
        return f"added {added} to topic {self.topic}, from {self.topic}-{self.first} on, replicas {lists}{more}"


class TopicDeleted(NamedTuple):
    """A topic is gone."""

    topic: str
    topic_id: str

    def sentence(self) -> str:
        """Which."""
        return f"deleted topic {self.topic}"


class LeaderElected(NamedTuple):
    """A partition has a leader for a new leader epoch. `clean` False: records that were committed may be missing."""

    partition: TopicPartition
    leader: int
    leader_epoch: int
    isr: tuple
    elr: tuple
    partition_epoch: int
    clean: bool
    reason: str

    def sentence(self) -> str:
        """Who leads, since which epoch, with whom, and why."""
        kind = "" if self.clean else "uncleanly "
        return (
            f"elected broker {self.leader} {kind}as leader of {self.partition} for epoch {self.leader_epoch} "
            f"({self.reason}); {_members(self.isr, self.elr)}"
        )


class PartitionWentOffline(NamedTuple):
    """A partition has lost its leader and nobody may take its place."""

    partition: TopicPartition
    last_leader: int
    leader_epoch: int
    isr: tuple
    elr: tuple
    partition_epoch: int
    reason: str

    def sentence(self) -> str:
        """Who led last, and who could lead again."""
        return (
            f"{self.partition} has no leader from epoch {self.leader_epoch} on ({self.reason}); "
            f"broker {self.last_leader} led last; {_members(self.isr, self.elr)}"
        )


class IsrRecorded(NamedTuple):
    """A partition's ISR (or ELR) was recorded anew under the same leader."""

    partition: TopicPartition
    isr: tuple
    elr: tuple
    partition_epoch: int
    reason: str

    def sentence(self) -> str:
        """The members."""
        members = _members(self.isr, self.elr)
        return f"recorded for {self.partition}: {members} ({self.reason}, partition epoch {self.partition_epoch})"


class ReplicasRecorded(NamedTuple):
    """A partition has other replicas, or other plans for them; `before` are those it had."""

    partition: TopicPartition
    replicas: tuple
    adding: tuple
    removing: tuple
    before: tuple

    def sentence(self) -> str:
        """Who, and who comes and goes."""
        if not (self.adding or self.removing):
            return f"{self.partition} has the replicas {list(self.replicas)} from now on, not {list(self.before)}"
        plan = f"adding {list(self.adding)}" if self.adding else "adding none"
        return f"moves {self.partition}: replicas {list(self.replicas)}, {plan}, removing {list(self.removing)}"


class AlterPartitionRefused(NamedTuple):
    """A leader asked for an ISR that may not be recorded."""

    partition: TopicPartition
    broker: int
    error: str
    why: str

    def sentence(self) -> str:
        """The error and the rule that was broken."""
        return f"answered {self.error} to broker {self.broker}'s ISR for {self.partition}: {self.why}"


class SettingChanged(NamedTuple):
    """A setting of a topic, a broker or (no name) all brokers was given a value at run time; None: taken away."""

    kind: str
    name: str
    setting: str
    value: object
    before: object

    def sentence(self) -> str:
        """What is set now, and what was."""
        where = f"{self.kind} {self.name}" if self.name else "all brokers"
        was = f"it was {told(self.before)}" if self.before is not None else "it was not set"
        if self.value is None:
            return f"took {self.setting} of {where} away ({was})"
        return f"set {self.setting}={told(self.value)} for {where} ({was})"


class ProducerIdsAllocated(NamedTuple):
    """A broker was given the producer ids from `first` to below `next_producer_id`."""

    broker: int
    first: int
    next_producer_id: int
    ROUTINE = True

    def sentence(self) -> str:
        """Who and which."""
        return f"gave broker {self.broker} the producer ids {self.first} to {self.next_producer_id - 1}"


def told(value: object) -> str:
    """A setting's value as one writes it: lists with commas, truth in small letters."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _members(isr: tuple, elr: tuple) -> str:
    eligible = f", ELR {list(elr)}" if elr else ""
    return f"ISR {list(isr)}{eligible}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
