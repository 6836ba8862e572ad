"""What can happen to a client: batches on their way, records read, positions moved.

Promises     one event for a batch or a poll, never one for a record; a batch is named by its client, its partition and
             `first_number`, the running number of its first record among all that this client sent to this partition.
Stands for   the logs and metrics of Kafka's producer and consumer.
Left out     what the network shows already (requests, answers, connections).
Differs      Kafka's clients keep no such account; the laws and the measurements of recovery need it.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.names import TopicPartition
from minikafka.world.quantities import say_time


def _count(number: int, noun: str = "record") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class ProducerIdAssigned(NamedTuple):
    """An idempotent producer has an identity: a new producer id, or the next epoch of its own (`why` says)."""

    producer_id: int
    producer_epoch: int
    why: str
    client: str

    def sentence(self) -> str:
        """The identity and the reason."""
        return f"writes as producer id {self.producer_id}, epoch {self.producer_epoch} ({self.why})"


class BatchSent(NamedTuple):
    """A batch left for the leader; `attempt` counts from 1, `base_sequence` is -1 without idempotence."""

    partition: TopicPartition
    records: int
    base_sequence: int
    attempt: int
    leader: int
    first_number: int
    client: str
    ROUTINE = True

    def sentence(self) -> str:
        """What left, and where to."""
        tail = f", sequence {self.base_sequence}" if self.base_sequence >= 0 else ""
        return (
            f"sent {_count(self.records)} for {self.partition} to broker {self.leader} (attempt {self.attempt}{tail})"
        )


class BatchAcknowledged(NamedTuple):
    """The promise asked for with `acks` (-1: all) was kept; `base_offset` is -1 with acks=0, where nobody knows."""

    partition: TopicPartition
    base_offset: int
    records: int
    acks: int
    first_number: int
    client: str

    def sentence(self) -> str:
        """Which offsets, under which promise."""
        promise = "all" if self.acks == -1 else str(self.acks)
        if self.base_offset < 0:
            return f"counts {_count(self.records)} for {self.partition} as sent (acks={promise})"
        last = self.base_offset + self.records - 1
        which = f"offset {last}" if self.records == 1 else f"offsets {self.base_offset} to {last}"
        verb = "was" if self.records == 1 else "were"
        return f"{which} of {self.partition} {verb} acknowledged (acks={promise})"


class BatchRetried(NamedTuple):
    """A batch will be sent again after `backoff` µs; `attempt` is how often it was sent so far."""

    partition: TopicPartition
    records: int
    error: str
    attempt: int
    backoff: int
    first_number: int
    client: str

    def sentence(self) -> str:
        """Why, and when."""
        return (
            f"will send {_count(self.records)} for {self.partition} again in "
            f"{say_time(self.backoff)}: attempt {self.attempt} ended with {self.error}"
        )


class BatchSplit(NamedTuple):
    """A batch was too large for its topic and goes on as several smaller ones."""

    partition: TopicPartition
    records: int
    pieces: int
    first_number: int
    client: str

    def sentence(self) -> str:
        """Into how many."""
        return f"split a batch of {_count(self.records)} for {self.partition} into {self.pieces}"


class BatchFailed(NamedTuple):
    """A batch was given up. `definite`: it is in no log; otherwise it may be. A partition of -1 (and `first_number` -1)
    stands for records that waited for the topic's partitions, or for memory, and never got so far."""

    partition: TopicPartition
    records: int
    error: str
    definite: bool
    first_number: int
    client: str

    def sentence(self) -> str:
        """The error, and what it leaves open."""
        them, were = ("it", "it was") if self.records == 1 else ("they", "they were")
        is_not = "is" if self.records == 1 else "are"
        fate = f"{them} {is_not} in no log" if self.definite else f"whether {were} written is not known"
        where = self.partition if self.partition.partition >= 0 else self.partition.topic
        return f"gave up {_count(self.records)} for {where}: {self.error}; {fate}"


class RecordsPolled(NamedTuple):
    """A poll handed out records of one partition; the position is now after `last_offset`."""

    partition: TopicPartition
    first_offset: int
    last_offset: int
    records: int
    high_watermark: int
    client: str

    def sentence(self) -> str:
        """Which offsets, and how far there is to go."""
        return (
            f"read {_count(self.records)} of {self.partition}, offsets {self.first_offset} to "
            f"{self.last_offset} (high watermark {self.high_watermark})"
        )


class NearReplicaPreferred(NamedTuple):
    """The leader has named a replica in the consumer's rack (client.rack): it is read from now on, until `until` µs."""

    partition: TopicPartition
    replica: int
    until: int
    client: str

    def sentence(self) -> str:
        """Who is read."""
        return f"reads {self.partition} from broker {self.replica} from now on, which is near; its leader said so"


class NearReplicaLeft(NamedTuple):
    """The consumer asks the leader again, instead of the near replica."""

    partition: TopicPartition
    replica: int
    why: str
    client: str

    def sentence(self) -> str:
        """Who is left, and why."""
        return f"asks the leader of {self.partition} again, and no longer broker {self.replica}: {self.why}"


class PositionReset(NamedTuple):
    """A consumer's position moved other than by reading; `old` is -1 if it had none."""

    partition: TopicPartition
    old: int
    new: int
    why: str
    client: str

    def sentence(self) -> str:
        """From where to where, and why."""
        start = "nowhere" if self.old < 0 else str(self.old)
        return f"moved its position in {self.partition} from {start} to {self.new}: {self.why}"


class TruncationDetected(NamedTuple):
    """The leader's log was cut below a position: `epoch` ends at `end_offset` there (-1: it has no such epoch)."""

    partition: TopicPartition
    position: int
    position_epoch: int
    epoch: int
    end_offset: int
    client: str

    def sentence(self) -> str:
        """What the consumer believed, and what the leader says."""
        if self.end_offset < 0:
            found = f"the leader knows no epoch up to {self.position_epoch}"
        else:
            found = f"the leader's epoch {self.epoch} ends at {self.end_offset}"
        return (
            f"stands at {self.position} of {self.partition} (epoch {self.position_epoch}), "
            f"but {found}: records it has read are gone"
        )
