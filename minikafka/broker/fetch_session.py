"""Fetch sessions: a reader names its partitions once, and then only what has changed.

Promises     a visit costs what the partitions with news cost, however many the session has; a partition is answered
             for when it has records, an error, a divergence, or a mark that was not sent before.
Stands for   kafka.server.FetchSession, FetchSessionCache (KIP-227).
Left out     two kinds of eviction priority beyond follower before consumer.
Differs      the leader keeps a list of the partitions with news, filled by their noticeboards, where Kafka looks at
             all of them at each visit; a follower that opens a session closes its older ones; after a divergence and
             under a new leader epoch the marks are sent again, where Kafka takes them for sent (a follower does not
             look at them then: its high watermark lags until the next record, and so does who reads from it; inferred).
"""

from __future__ import annotations

from minikafka.broker.noticeboard import APPENDED, COMMITTED, REIGN
from minikafka.broker.partition import Partition
from minikafka.broker.replica import Replica
from minikafka.protocol.client_requests import CONSUMER, FetchedPartition, FetchPartition, FetchRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.world.future import Future

NO_SESSION = 0
OPENING_EPOCH = 0
FINAL_EPOCH = -1
LAST_EPOCH = 2**31 - 1
MAY_BE_EVICTED_AFTER = 120_000_000
"""A session that was not used for so many µs gives its slot to a newcomer."""


class SessionPartition:
    """What a reader wants of one partition, and the marks it was sent last."""

    __slots__ = ("row", "sent_high_watermark", "sent_log_start")

    def __init__(self, row: FetchPartition):
        self.row = row
        self._forget_marks()

    def ask(self, row: FetchPartition) -> None:
        """The reader's question is this one now; what it was told under another leader epoch it may not have used."""
        if row.current_leader_epoch != self.row.current_leader_epoch:
            self._forget_marks()
        self.row = row

    def _forget_marks(self) -> None:
        self.sent_high_watermark = self.sent_log_start = -1

    def must_be_told(self, answer: FetchedPartition) -> bool:
        """Whether the reader has to be told; notes the marks as sent, unless it will not look at them."""
        news = (
            bool(answer.records)
            or answer.error != 0
            or answer.diverging_epoch is not None
            or answer.preferred_read_replica >= 0
            or answer.high_watermark != self.sent_high_watermark
            or answer.log_start_offset != self.sent_log_start
        )
        self.sent_high_watermark, self.sent_log_start = answer.high_watermark, answer.log_start_offset
        if answer.diverging_epoch is not None:
            self._forget_marks()
        return news


class FetchSession:
    """One reader's partitions; `dirty` are those to look at next time. Without an id it lasts for one request."""

    def __init__(self, session_id: int, replica_id: int, replica_epoch: int):
        self.session_id = session_id
        self.replica_id = replica_id
        self.replica_epoch = replica_epoch
        self.next_epoch = OPENING_EPOCH + 1
        self.last_visit = -1
        self.reader = ""
        self.partitions: dict[tuple, SessionPartition] = {}
        self.dirty: dict[tuple, None] = {}
        self.waiting: Future | None = None
        self.heeds = (COMMITTED if replica_id == CONSUMER else APPENDED) | REIGN
        self._watched: dict[tuple, Partition] = {}

    def update(self, request: FetchRequest) -> None:
        """Take the changes that a request brings."""
        for row in request.partitions:
            key = row[:2]
            known = self.partitions.get(key)
            if known is None:
                self.partitions[key] = SessionPartition(row)
            else:
                known.ask(row)
            self.dirty[key] = None
        for forgotten in request.forgotten:
            key = tuple(forgotten)
            if self.partitions.pop(key, None) is not None:
                self.dirty.pop(key, None)
                self._unwatch(key)

    def watch(self, key: tuple, partition: Partition) -> None:
        """Hear the news of this partition from now on."""
        if self._watched.get(key) is not partition:
            self._unwatch(key)
            self._watched[key] = partition
            partition.news.add(self)

    def noticed(self, key: tuple, news: int) -> None:
        """A partition has news: look at it in the next visit; go on at once if it is what a parked fetch waits for."""
        if key in self.partitions:
            self.dirty[key] = None
            if news & self.heeds and self.waiting is not None:
                self.waiting.set()

    def detach(self, key: tuple) -> None:
        """The visits of this session stand for fetches of this partition no more."""
        replica = self.replica_of(key)
        if replica is not None and replica.visits is self:
            replica.fold(self._watched[key].log.log_end_offset)
            replica.visits = None

    def replica_of(self, key: tuple) -> Replica | None:
        """The follower whose session this is, in the leader's book of a partition that it watches."""
        partition = self._watched.get(key)
        return None if partition is None else partition.replicas.get(self.replica_id)

    def _unwatch(self, key: tuple) -> None:
        self.detach(key)
        partition = self._watched.pop(key, None)
        if partition is not None:
            partition.news.remove(self)

    def close(self) -> None:
        """Leave every noticeboard; whoever is parked here goes on."""
        for key in list(self._watched):
            self._unwatch(key)
        self.partitions.clear()
        self.dirty.clear()
        if self.waiting is not None:
            self.waiting.set()


class FetchSessions:
    """The sessions of one broker, least recently used first; at most max.incremental.fetch.session.cache.slots."""

    def __init__(self, slots: int):
        self.slots = slots
        self.sessions: dict[int, FetchSession] = {}
        self._last_id = NO_SESSION

    def admit(self, request: FetchRequest, now: int) -> FetchSession:
        """The session that this request belongs to, with its changes taken in; one without id if it wants or gets none.

        FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH: the reader shall open a new one.
        """
        epoch = request.session_epoch
        if epoch in (OPENING_EPOCH, FINAL_EPOCH):
            self.close(request.session_id)
            session_id = NO_SESSION
            if epoch == OPENING_EPOCH and request.partitions and self._make_room(request.replica_id, now):
                self._last_id += 1
                session_id = self._last_id
            session = FetchSession(session_id, request.replica_id, request.replica_epoch)
            if session_id:
                self.sessions[session_id] = session
        else:
            session = self._continued(request)
        session.update(request)
        return session

    def _continued(self, request: FetchRequest) -> FetchSession:
        session = self.sessions.pop(request.session_id, None)
        if session is None:
            raise KafkaError(
                Error.FETCH_SESSION_ID_NOT_FOUND,
                f"there is no fetch session {request.session_id} here (any more); open a new one with session epoch 0",
            )
        self.sessions[session.session_id] = session
        if request.session_epoch != session.next_epoch or request.replica_id != session.replica_id:
            raise KafkaError(
                Error.INVALID_FETCH_SESSION_EPOCH,
                f"fetch session {session.session_id} is at epoch {session.next_epoch}, the request at "
                f"{request.session_epoch}: one of them was lost; open a new session with session epoch 0",
            )
        session.next_epoch = 1 if session.next_epoch == LAST_EPOCH else session.next_epoch + 1
        return session

    def _make_room(self, newcomer: int, now: int) -> bool:
        if newcomer != CONSUMER:
            self.close_of(newcomer)
        if len(self.sessions) < self.slots:
            return True
        for session in list(self.sessions.values()):
            idle = now - session.last_visit > MAY_BE_EVICTED_AFTER
            if idle or (newcomer != CONSUMER and session.replica_id == CONSUMER):
                self.close(session.session_id)
                return True
        return False

    def close(self, session_id: int) -> None:
        """End a session; nothing happens if there is none with this id."""
        session = self.sessions.pop(session_id, None)
        if session is not None:
            session.close()

    def close_of(self, replica_id: int) -> None:
        """End the sessions of a follower: it has begun anew."""
        for session in [one for one in self.sessions.values() if one.replica_id == replica_id]:
            self.close(session.session_id)
