"""Heartbeats: fencing, unfencing, controlled shutdown.

Promises     an unfenced broker has read the metadata at least up to its own registration; a broker is told to stop only
             when it leads nothing and every live broker knows so.
Stands for   BrokerHeartbeatManager.calculateNextBrokerState, ReplicationControlManager.processBrokerHeartbeat.
Left out     offline log directories in a heartbeat.
Differs      nothing.

    state                on                    becomes
    fenced               ready to serve        unfenced
    fenced               wants to stop         shutdown now
    unfenced             wants to be fenced    fenced
    unfenced             session timed out     fenced
    unfenced             wants to stop, leads  controlled shutdown
    unfenced             wants to stop         shutdown now
    controlled shutdown  leads nothing         shutdown now
    controlled shutdown  session timed out     fenced
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.controller import leader_changes
from minikafka.controller.broker_epochs import stale_broker_epoch
from minikafka.controller.broker_sessions import BrokerSessions
from minikafka.controller.decision import Decision
from minikafka.metadata.facts import BrokerRegistrationChangeRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.registrations import BrokerRegistration
from minikafka.protocol.cluster_requests import BrokerHeartbeatRequest, BrokerHeartbeatResponse
from minikafka.protocol.errors import Error

FENCED = "fenced"
UNFENCED = "unfenced"
CONTROLLED_SHUTDOWN = "controlled shutdown"
SHUTDOWN_NOW = "shutdown now"

READY = "ready to serve"
WANTS_FENCE = "wants to be fenced"
WANTS_TO_STOP = "wants to stop"
WANTS_TO_STOP_BUT_LEADS = "wants to stop, leads"
LEADS_NOTHING = "leads nothing"
SESSION_TIMED_OUT = "session timed out"

MOVES = {
    (FENCED, READY): UNFENCED,
    (FENCED, WANTS_TO_STOP): SHUTDOWN_NOW,
    (UNFENCED, WANTS_FENCE): FENCED,
    (UNFENCED, SESSION_TIMED_OUT): FENCED,
    (UNFENCED, WANTS_TO_STOP_BUT_LEADS): CONTROLLED_SHUTDOWN,
    (UNFENCED, WANTS_TO_STOP): SHUTDOWN_NOW,
    (CONTROLLED_SHUTDOWN, LEADS_NOTHING): SHUTDOWN_NOW,
    (CONTROLLED_SHUTDOWN, SESSION_TIMED_OUT): FENCED,
}


def heartbeat(
    image: ClusterImage, request: BrokerHeartbeatRequest, sessions: BrokerSessions, config: Mapping
) -> Decision:
    """What becomes of a broker that sent this heartbeat."""
    broker = image.brokers.get(request.broker_id)
    if broker is None:
        return Decision(response=_refused(Error.BROKER_ID_NOT_REGISTERED))
    if stale_broker_epoch(image, request.broker_id, request.broker_epoch):
        return Decision(response=_refused(Error.STALE_BROKER_EPOCH))
    state = current_state(broker)
    occasion = occasion_of(image, broker, request, sessions)
    target = MOVES.get((state, occasion), state)
    facts, reason = _transition(image, config, broker, target) if target != state else ((), "")
    fenced = target in (FENCED, SHUTDOWN_NOW)
    caught_up = request.current_metadata_offset >= broker.epoch
    response = BrokerHeartbeatResponse(Error.NONE, caught_up, fenced, target == SHUTDOWN_NOW)
    return Decision(tuple(facts), response, reason)


def expire_session(image: ClusterImage, broker_id: int, config: Mapping) -> Decision:
    """A broker was silent for too long: fence it, unless it is fenced already."""
    broker = image.brokers.get(broker_id)
    if broker is None or (current_state(broker), SESSION_TIMED_OUT) not in MOVES:
        return Decision()
    return Decision(tuple(_fence(image, config, broker)), reason=SESSION_TIMED_OUT)


def current_state(broker: BrokerRegistration) -> str:
    """The state as recorded; a fenced broker has left its controlled shutdown behind."""
    if broker.fenced:
        return FENCED
    return CONTROLLED_SHUTDOWN if broker.in_controlled_shutdown else UNFENCED


def occasion_of(
    image: ClusterImage, broker: BrokerRegistration, request: BrokerHeartbeatRequest, sessions: BrokerSessions
) -> str:
    """What this heartbeat means for the broker's state: a word of the table above, "" if it asks for nothing."""
    state = current_state(broker)
    if state == CONTROLLED_SHUTDOWN:
        return LEADS_NOTHING if may_shut_down(image, broker, sessions) else ""
    if request.want_shut_down:
        in_use = state == UNFENCED and not request.want_fence and leader_changes.leads_anything(image, broker.id)
        return WANTS_TO_STOP_BUT_LEADS if in_use else WANTS_TO_STOP
    if request.want_fence:
        return WANTS_FENCE
    return READY if may_unfence(broker, request) else ""


def may_unfence(broker: BrokerRegistration, request: BrokerHeartbeatRequest) -> bool:
    """Has the broker read the metadata up to its own registration, and not begun to shut down before it was fenced?"""
    return request.current_metadata_offset >= broker.epoch and not broker.in_controlled_shutdown


def may_shut_down(image: ClusterImage, broker: BrokerRegistration, sessions: BrokerSessions) -> bool:
    """It leads nothing any more, and every live broker has read the facts that say so."""
    if leader_changes.leads_anything(image, broker.id):
        return False
    read_by_all = sessions.lowest_active_offset(image)
    return read_by_all is None or sessions.shutdown_offsets.get(broker.id, -1) <= read_by_all


def _transition(image: ClusterImage, config: Mapping, broker: BrokerRegistration, target: str) -> tuple[list, str]:
    if target == UNFENCED:
        unfence = BrokerRegistrationChangeRecord(broker.id, broker.epoch, fenced=False)
        return [unfence, *leader_changes.with_broker(image, config, broker.id)], leader_changes.BROKER_UNFENCED
    if target == CONTROLLED_SHUTDOWN:
        leave = BrokerRegistrationChangeRecord(broker.id, broker.epoch, in_controlled_shutdown=True)
        return [leave, *leader_changes.without_broker(image, config, broker.id)], leader_changes.CONTROLLED_SHUTDOWN
    reason = SHUTDOWN_NOW if target == SHUTDOWN_NOW else WANTS_FENCE
    return ([] if broker.fenced else _fence(image, config, broker)), reason


def _fence(image: ClusterImage, config: Mapping, broker: BrokerRegistration) -> list:
    fence = BrokerRegistrationChangeRecord(broker.id, broker.epoch, fenced=True)
    return [*leader_changes.without_broker(image, config, broker.id), fence]


def _refused(error: Error) -> BrokerHeartbeatResponse:
    return BrokerHeartbeatResponse(error, is_caught_up=False, is_fenced=True, should_shut_down=False)
