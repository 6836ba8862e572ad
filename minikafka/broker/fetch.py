"""Fetch: read for followers up to the log end, for consumers up to the high watermark; wait a while if there is little.

Promises     the answer's marks are those from before this very fetch counted; a reader whose log has parted from the
             leader's gets the point of divergence, no records, and is not counted.
             Where replica.selector.class is set, a follower hears at once of a high watermark it was not told, so that
             its readers need not wait for its next records (KIP-392).
Stands for   KafkaApis.handleFetchRequest, ReplicaManager.readFromLog, Partition.fetchRecords, DelayedFetch.
Left out     quotas.
Differs      a parked fetch reads again at each piece of news, where Kafka compares positions first. A follower above
             its own high watermark answers with nothing, as Kafka's code does; KIP-392's text has
             OFFSET_NOT_AVAILABLE there. Which versions of Kafka tell followers early is not certain: some always,
             some where a selector is set, some never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker import fencing
from minikafka.broker.fetch_session import NO_SESSION, FetchSession
from minikafka.broker.noticeboard import COMMITTED
from minikafka.broker.partition import Partition
from minikafka.broker.replica_selector import NO_PREFERENCE, preferred_read_replica
from minikafka.events.replication import FetchRefused
from minikafka.log.partition_log import PartitionLog
from minikafka.protocol.client_requests import (
    CONSUMER,
    READ_COMMITTED,
    AbortedTransaction,
    FetchedPartition,
    FetchPartition,
    FetchRequest,
    FetchResponse,
    ListOffsetsRequest,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import NO_EPOCH, NO_LEADER, TopicPartition
from minikafka.protocol.record_batch import headers_of
from minikafka.world.future import TimedOut

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker


class Reading:
    """One look at all partitions of a session that have news. `outdated`: this very look has moved a high watermark."""

    __slots__ = ("answers", "size", "urgent", "outdated")

    def __init__(self) -> None:
        self.answers: list[tuple[tuple, FetchedPartition, bool]] = []
        self.size = 0
        self.urgent = self.outdated = False

    def add(self, key: tuple, answer: FetchedPartition, restless: bool) -> None:
        """Take one partition's answer. `restless`: look at it again in the next visit, whether there is news or not."""
        self.answers.append((key, answer, restless))
        self.size += len(answer.records)
        if answer.error or answer.diverging_epoch is not None or answer.preferred_read_replica != NO_PREFERENCE:
            self.urgent = True


async def fetch(broker: Broker, request: FetchRequest, caller: str) -> FetchResponse:
    """Answer at once if there are `min_bytes`, an error or a divergence, else after `max_wait_ms` at the latest."""
    machine = broker.machine
    try:
        session = broker.sessions.admit(request, machine.now)
    except KafkaError as refusal:
        return FetchResponse(refusal.error, NO_SESSION, [])
    session.last_visit, session.reader = machine.now, caller
    if broker.replica_selector is not None:
        session.heeds |= COMMITTED
    reading = read(broker, session, request, counts=True)
    deadline = machine.now + request.max_wait_ms * 1000
    try:
        while not is_enough(reading, session, request) and machine.now < deadline:
            if not reading.outdated:
                await news(machine, session, deadline - machine.now)
            reading = read(broker, session, request, counts=False)
        rows = take(session, reading)
    finally:
        if session.session_id == NO_SESSION:
            session.close()
    return FetchResponse(Error.NONE, session.session_id, rows)


def is_enough(reading: Reading, session: FetchSession, request: FetchRequest) -> bool:
    """Whether a fetch need not wait (any longer)."""
    return reading.urgent or reading.size >= request.min_bytes or not session.partitions


async def news(machine, session: FetchSession, within: int) -> None:
    """Wait until something this reader waits for happens to one of its partitions, or `within` µs are over."""
    session.waiting = machine.future()
    try:
        await machine.within(session.waiting, within)
    except TimedOut:
        pass
    finally:
        session.waiting = None


def read(broker: Broker, session: FetchSession, request: FetchRequest, counts: bool) -> Reading:
    """Look at the partitions with news. `counts`: the request's first look, which tells the follower's position."""
    reading = Reading()
    if not session.dirty:
        return reading
    room = min(request.max_bytes, broker.fetch_max_bytes)
    keys = list(session.dirty)
    session.dirty.clear()
    for key in keys:
        row = session.partitions[key].row
        limit = min(row.partition_max_bytes, room - reading.size)
        try:
            broker.access.require_fetch(session.reader, request.replica_id, row.topic)
            partition = broker.replicas.find(row.topic, row.partition, row.topic_id)
            session.watch(key, partition)
            if request.replica_id == CONSUMER:
                answer, restless = read_for_consumer(broker, partition, row, request, limit, reading.size == 0)
            else:
                now = broker.machine.now if counts else None
                answer, restless = read_for_follower(partition, row, session, limit, reading.size == 0, now)
                tell_early(partition, session, key, answer, reading)
        except KafkaError as refusal:
            session.detach(key)
            answer, restless = refused(broker, row, request, refusal), True
        reading.add(key, answer, restless or key in session.dirty)
    session.dirty.update(dict.fromkeys(keys))
    return reading


def tell_early(
    partition: Partition, session: FetchSession, key: tuple, answer: FetchedPartition, reading: Reading
) -> None:
    """Where followers are read from: answer at once if this one was not told of the high watermark that is in force."""
    replica = session.replica_of(key)
    if session.heeds & COMMITTED and replica is not None:
        reading.urgent = reading.urgent or answer.high_watermark > replica.told_high_watermark
        reading.outdated = reading.outdated or partition.high_watermark > answer.high_watermark


def take(session: FetchSession, reading: Reading) -> list[FetchedPartition]:
    """The rows to send: those with news. What was read and is at rest need not be looked at again."""
    rows = []
    for key, answer, restless in reading.answers:
        known = session.partitions.get(key)
        if known is None:
            continue
        if known.must_be_told(answer):
            rows.append(answer)
        replica = session.replica_of(key)
        if replica is not None:
            replica.told_high_watermark = answer.high_watermark
        if not restless:
            session.dirty.pop(key, None)
        elif answer.records:
            session.dirty[key] = session.dirty.pop(key, None)
    return rows


def read_for_follower(
    partition: Partition, row: FetchPartition, session: FetchSession, limit: int, at_least_one: bool, now: int | None
) -> tuple[FetchedPartition, bool]:
    """Read up to the log end; if `now` is given, note the follower's position. FENCED_LEADER_EPOCH and its kin."""
    partition.require_leader(row.current_leader_epoch)
    replica = partition.replicas.get(session.replica_id)
    if replica is None:
        raise KafkaError(
            Error.UNKNOWN_LEADER_EPOCH,
            f"broker {session.replica_id} is no replica of {partition.tp}, as far as its leader knows: those are "
            f"{list(partition.assignment)}; ask again when the news has spread",
        )
    log, fetch_offset = partition.log, row.fetch_offset
    marks, end = (log.high_watermark, log.last_stable_offset, log.log_start_offset), log.log_end_offset
    parting = diverging_epoch(log, fetch_offset, row.last_fetched_epoch)
    if parting is not None:
        session.detach(row[:2])
        return _answer(row, marks, parting, b""), True
    records = log.read(fetch_offset, limit, end, at_least_one)
    if now is not None:
        partition.follower_fetched(replica, fetch_offset, row.log_start_offset, session.replica_epoch, end, now)
        replica.visits = session if session.session_id else None
    restless = fetch_offset < end or session.replica_id not in partition.isr_state.isr
    return _answer(row, marks, None, records), restless


def read_for_consumer(
    broker: Broker, partition: Partition, row: FetchPartition, request: FetchRequest, limit: int, at_least_one: bool
) -> tuple[FetchedPartition, bool]:
    """Read what is committed, as far as this replica knows. A consumer that names its rack may read from a follower
    too, and is told by the leader which one that shall be (KIP-392)."""
    if request.rack_id:
        fencing.check_leader_epoch(partition.tp, partition.leader_epoch, row.current_leader_epoch)
    else:
        partition.require_leader(row.current_leader_epoch)
    log = partition.log
    marks = (log.high_watermark, log.last_stable_offset, log.log_start_offset)
    parting = diverging_epoch(log, row.fetch_offset, row.last_fetched_epoch)
    if parting is not None:
        return _answer(row, marks, parting, b""), True
    selector, now = broker.replica_selector, broker.machine.now
    preferred = preferred_read_replica(partition, selector, request.rack_id, row.fetch_offset, now)
    if preferred != NO_PREFERENCE:
        return _answer(row, marks, None, b"")._replace(preferred_read_replica=preferred), True
    up_to = readable_end(partition, request)
    records = log.read(row.fetch_offset, limit, up_to, at_least_one)
    answer = _answer(row, marks, None, records)
    if records and request.isolation_level == READ_COMMITTED:
        answer = answer._replace(aborted_transactions=aborted_among(log, row.fetch_offset, records))
    return answer, row.fetch_offset < up_to


def aborted_among(log: PartitionLog, first: int, records: bytes) -> tuple[AbortedTransaction, ...]:
    """The aborted transactions that these records, read from `first` on, belong to."""
    if not log.producers.entries:
        return ()
    *_, last = headers_of(records)
    return tuple(AbortedTransaction(*one[:2]) for one in log.aborted_transactions(first, last.next_offset))


def readable_end(partition: Partition, request: FetchRequest | ListOffsetsRequest) -> int:
    """Where a consumer has to stop: at what this very replica knows to be committed; with `READ_COMMITTED` also before
    the first record of a transaction that is open."""
    log = partition.log
    return log.last_stable_offset if request.isolation_level == READ_COMMITTED else log.high_watermark


def diverging_epoch(log: PartitionLog, fetch_offset: int, last_fetched_epoch: int) -> tuple[int, int] | None:
    """Where the reader's log parts from this one, if it does: (epoch, end offset).

    OFFSET_OUT_OF_RANGE if this log knows nothing of the epoch, or begins later.
    """
    if last_fetched_epoch == NO_EPOCH:
        return None
    epoch, end = log.epochs.end_offset_for(last_fetched_epoch)
    if end < 0 or fetch_offset < log.log_start_offset:
        raise KafkaError(
            Error.OFFSET_OUT_OF_RANGE,
            f"offset {fetch_offset} after epoch {last_fetched_epoch} is outside this log, which goes from "
            f"{log.log_start_offset} to {log.log_end_offset} with latest epoch {log.epochs.latest}",
        )
    return (epoch, end) if epoch < last_fetched_epoch or end < fetch_offset else None


def _answer(row: FetchPartition, marks: tuple, parting: tuple | None, records: bytes) -> FetchedPartition:
    return FetchedPartition(row[0], row[1], Error.NONE, *marks, parting, NO_LEADER, NO_EPOCH, NO_PREFERENCE, records)


def refused(broker: Broker, row: FetchPartition, request: FetchRequest, refusal: KafkaError) -> FetchedPartition:
    """The row for an error; it names the leader where the reader is wrong about it (KIP-951)."""
    error = refusal.error
    which = TopicPartition(row.topic, row.partition)
    broker.machine.record(FetchRefused(which, error.name, request.replica_id, refusal.sentence))
    leader = (NO_LEADER, NO_EPOCH)
    if error in (Error.NOT_LEADER_OR_FOLLOWER, Error.FENCED_LEADER_EPOCH):
        leader = broker.replicas.current_leader(row.topic, row.partition)
    return FetchedPartition(*which, error, -1, -1, -1, None, *leader, NO_PREFERENCE, b"")
