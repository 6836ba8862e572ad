"""Heartbeats: fencing, unfencing, controlled shutdown.

Promises     an unfenced broker has read the metadata at least up to its own registration; a broker is told to stop only when
             it leads nothing and every live broker knows so.
Stands for   BrokerHeartbeatManager.calculateNextBrokerState, ReplicationControlManager.processBrokerHeartbeat.
Left out     offline log directories in a heartbeat.
Differs      nothing.

    state                on                                            becomes
    fenced               heartbeat, has read its registration          unfenced
    fenced               heartbeat, wants to shut down                 shutdown now
    unfenced             heartbeat, wants to be fenced                 fenced
    unfenced             session expired                               fenced
    unfenced             heartbeat, wants to shut down, leads          controlled shutdown
    unfenced             heartbeat, wants to shut down, leads nothing  shutdown now
    controlled shutdown  heartbeat, leads nothing and all know         shutdown now
    controlled shutdown  session expired                               fenced
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

SESSION_EXPIRED = "session timed out"
ASKED_TO = "asked to be fenced"
SHUT_DOWN = "shut down"


def heartbeat(image: ClusterImage, request: BrokerHeartbeatRequest, sessions: BrokerSessions, config: Mapping) -> Decision:
    """What becomes of a broker that sent this heartbeat."""
    broker = image.brokers.get(request.broker_id)
    if broker is None:
        return Decision(response=_refused(Error.BROKER_ID_NOT_REGISTERED))
    if stale_broker_epoch(image, request.broker_id, request.broker_epoch):
        return Decision(response=_refused(Error.STALE_BROKER_EPOCH))
    state = current_state(broker)
    target = next_state(image, broker, request, sessions)
    facts, reason = (), ""
    if target != state:
        facts, reason = _transition(image, config, broker, target)
    fenced = target in (FENCED, SHUTDOWN_NOW)
    caught_up = request.current_metadata_offset >= broker.epoch
    return Decision(
        tuple(facts), BrokerHeartbeatResponse(Error.NONE, caught_up, fenced, target == SHUTDOWN_NOW), reason
    )


def expire_session(image: ClusterImage, broker_id: int, config: Mapping) -> Decision:
    """A broker was silent for too long: fence it, unless it is fenced already."""
    broker = image.brokers.get(broker_id)
    if broker is None or broker.fenced:
        return Decision()
    return Decision(tuple(_fence(image, config, broker)), reason=SESSION_EXPIRED)


def current_state(broker: BrokerRegistration) -> str:
    """The state as recorded; a fenced broker has left its controlled shutdown behind."""
    if broker.fenced:
        return FENCED
    return CONTROLLED_SHUTDOWN if broker.in_controlled_shutdown else UNFENCED


def next_state(
    image: ClusterImage, broker: BrokerRegistration, request: BrokerHeartbeatRequest, sessions: BrokerSessions
) -> str:
    """The state after this heartbeat: the table above."""
    state = current_state(broker)
    if state == FENCED:
        if request.want_shut_down:
            return SHUTDOWN_NOW
        return UNFENCED if may_unfence(broker, request) else FENCED
    if state == UNFENCED:
        if request.want_shut_down:
            leaves_at_once = request.want_fence or not leader_changes.leads_anything(image, broker.id)
            return SHUTDOWN_NOW if leaves_at_once else CONTROLLED_SHUTDOWN
        return FENCED if request.want_fence else UNFENCED
    return SHUTDOWN_NOW if may_shut_down(image, broker, sessions) else CONTROLLED_SHUTDOWN


def may_unfence(broker: BrokerRegistration, request: BrokerHeartbeatRequest) -> bool:
    """It wants to, and has read the metadata up to its own registration."""
    return not request.want_fence and request.current_metadata_offset >= broker.epoch


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
    if broker.fenced:
        return [], SHUT_DOWN
    return _fence(image, config, broker), SHUT_DOWN if target == SHUTDOWN_NOW else ASKED_TO


def _fence(image: ClusterImage, config: Mapping, broker: BrokerRegistration) -> list:
    fence = BrokerRegistrationChangeRecord(broker.id, broker.epoch, fenced=True)
    return [*leader_changes.without_broker(image, config, broker.id), fence]


def _refused(error: Error) -> BrokerHeartbeatResponse:
    return BrokerHeartbeatResponse(error, is_caught_up=False, is_fenced=True, should_shut_down=False)
