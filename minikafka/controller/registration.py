"""A broker says that it is here: its new broker epoch, and what its last stop has cost.

Promises     at most one live incarnation for each broker id; broker epochs of an id only grow. A broker whose last stop
             was not clean keeps no place that presumes its log is whole (with ELR).
Stands for   ClusterControlManager.registerBroker, ReplicationControlManager.handleBrokerShutdown.
Left out     checks of cluster id, listeners, features and log directories.
Differs      the broker epoch is the offset of the registration itself; in Kafka it is the first offset of its batch.
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.controller import leader_changes
from minikafka.controller.broker_sessions import BrokerSessions
from minikafka.controller.decision import Decision, elr_enabled
from minikafka.events.governance import RegistrationRefused
from minikafka.metadata.facts import RegisterBrokerRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.registrations import BrokerRegistration
from minikafka.protocol.cluster_requests import BrokerRegistrationRequest, BrokerRegistrationResponse
from minikafka.protocol.errors import Error
from minikafka.protocol.names import NO_EPOCH

FIRST_REGISTRATION = "first registration"
CLEAN_SHUTDOWN = "after a clean shutdown"
UNCLEAN_SHUTDOWN = "after an unclean shutdown"


def register_broker(
    image: ClusterImage, request: BrokerRegistrationRequest, sessions: BrokerSessions, now: int, config: Mapping
) -> Decision:
    """Register a new incarnation, fenced; answer the one that is registered already with its epoch once more."""
    existing = image.brokers.get(request.broker_id)
    if existing is not None and existing.incarnation_id == request.incarnation_id:
        return Decision(response=BrokerRegistrationResponse(Error.NONE, existing.epoch))
    if existing is not None and another_lives(existing, sessions, now):
        error = Error.DUPLICATE_BROKER_REGISTRATION
        why = (
            f"another incarnation (broker epoch {existing.epoch}) still has a valid session; if the broker was "
            "recently restarted, try again once that session has expired, else give it another id"
        )
        return Decision(
            response=BrokerRegistrationResponse(error, NO_EPOCH),
            notes=(RegistrationRefused(request.broker_id, error.name, why),),
        )
    facts, reason = [], FIRST_REGISTRATION
    if existing is not None:
        reason = CLEAN_SHUTDOWN if stopped_cleanly(existing, request) else UNCLEAN_SHUTDOWN
        drop_elr = elr_enabled(image) and reason == UNCLEAN_SHUTDOWN
        facts = leader_changes.without_broker(image, config, existing.id, unclean_shutdown=drop_elr)
    epoch = image.offset + 1 + len(facts)
    who = (request.incarnation_id, request.address, request.rack or "")
    facts.append(RegisterBrokerRecord(request.broker_id, epoch, *who, fenced=True))
    return Decision(tuple(facts), BrokerRegistrationResponse(Error.NONE, epoch), reason)


def another_lives(existing: BrokerRegistration, sessions: BrokerSessions, now: int) -> bool:
    """May the registered incarnation still be at work? One that is leaving may be replaced before its session ends."""
    return sessions.valid(existing.id, existing.epoch, now) and not existing.in_controlled_shutdown


def stopped_cleanly(existing: BrokerRegistration, request: BrokerRegistrationRequest) -> bool:
    """Did the incarnation we know leave a clean-shutdown file behind? If not, the end of its logs may be lost."""
    return request.previous_broker_epoch == existing.epoch
