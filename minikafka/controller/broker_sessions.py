"""When each broker was last heard of, and how far it has read: what a controller remembers and does not record.

Promises     looking for an expired session costs the same with three brokers and with three thousand.
Stands for   BrokerHeartbeatTracker and the soft state of BrokerHeartbeatManager.
Left out     nothing.
Differs      looks at the longest silent broker first (Kafka: any). Being told to shut down ends a session at once, so
             that a broker that led nothing may come back at once too; in Kafka 4.1 it waits out its old session.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.metadata.image import ClusterImage
from minikafka.protocol.cluster_requests import BrokerHeartbeatRequest, BrokerHeartbeatResponse


class Session(NamedTuple):
    """One incarnation of a broker and when (µs) it was last heard of."""

    broker_epoch: int
    last_contact: int


class BrokerSessions:
    """The sessions of all brokers; `timeout` is broker.session.timeout.ms in µs."""

    def __init__(self, timeout: int):
        self.timeout = timeout
        self.sessions: dict[int, Session] = {}
        self.metadata_offsets: dict[int, int] = {}
        self.shutdown_offsets: dict[int, int] = {}

    def heard(self, request: BrokerHeartbeatRequest, response: BrokerHeartbeatResponse, now: int) -> None:
        """A heartbeat was taken: the session lives on, unless the broker was told to stop."""
        if response.should_shut_down:
            self.end(request.broker_id)
            return
        self.touch(request.broker_id, request.broker_epoch, now)
        self.metadata_offsets[request.broker_id] = request.current_metadata_offset

    def shuts_down_at(self, broker: int, offset: int) -> None:
        """A broker's controlled shutdown is recorded up to this offset; the first one counts."""
        self.shutdown_offsets.setdefault(broker, offset)

    def begin(self, broker: int, broker_epoch: int, now: int) -> None:
        """A new incarnation: nothing is known of what it has read, and it is not shutting down."""
        self.metadata_offsets.pop(broker, None)
        self.shutdown_offsets.pop(broker, None)
        self.touch(broker, broker_epoch, now)

    def touch(self, broker: int, broker_epoch: int, now: int) -> None:
        """The broker was heard of now."""
        self.sessions.pop(broker, None)
        self.sessions[broker] = Session(broker_epoch, now)

    def end(self, broker: int) -> None:
        """The broker was told to go, or its session was found expired."""
        self.sessions.pop(broker, None)

    def valid(self, broker: int, broker_epoch: int, now: int) -> bool:
        """Has this incarnation been heard of within the timeout?"""
        session = self.sessions.get(broker)
        return session is not None and session.broker_epoch == broker_epoch and not self._expired(session, now)

    def longest_expired(self, now: int) -> int | None:
        """The broker that has been silent for longest, if that is longer than the timeout."""
        broker = next(iter(self.sessions), None)  # touch() moves a broker to the end, so the first is the most silent
        return broker if broker is not None and self._expired(self.sessions[broker], now) else None

    def lowest_active_offset(self, image: ClusterImage) -> int | None:
        """How far the metadata has been read by every live broker; None if none is alive."""
        offsets = [self.metadata_offsets.get(broker.id, -1) for broker in image.brokers.values() if broker.alive]
        return min(offsets, default=None)

    def _expired(self, session: Session, now: int) -> bool:
        return session.last_contact + self.timeout < now
