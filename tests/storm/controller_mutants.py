"""Ways to get a controller's partitions and brokers wrong (C1 to C7), as replacement functions: each is a context
manager that puts one in place. (C8 has `quorum_mutants`.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.controller import elections, liveness, registration
from minikafka.controller.elections import Elected
from minikafka.metadata.facts import BrokerRegistrationChangeRecord, RegisterBrokerRecord
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.names import NO_LEADER


@contextmanager
def elr_beside_a_full_isr() -> Iterator[None]:
    """C1: whoever leaves the ISR is remembered as eligible, though enough are in sync and records go on without it."""
    today = elections.eligible_leader_replicas

    def eligible_leader_replicas(now: Any, isr: tuple, terms: Any) -> tuple:
        return today(now, isr, terms._replace(min_isr=len(isr) + 1))

    with patch.object(elections, "eligible_leader_replicas", eligible_leader_replicas):
        yield


@contextmanager
def a_leader_stays_outside() -> Iterator[None]:
    """C2: who leads goes on leading, in the ISR or out of it."""
    today = elections.choose_leader

    def choose_leader(now: Any, *rest: Any) -> Elected:
        return Elected(now.leader) if now.leader != NO_LEADER else today(now, *rest)

    with patch.object(elections, "choose_leader", choose_leader):
        yield


@contextmanager
def the_dead_are_elected() -> Iterator[None]:
    """C3: nobody looks whether a candidate lives."""
    today = elections.choose_leader

    def choose_leader(now: Any, isr: tuple, elr: tuple, terms: Any) -> Elected:
        alive = terms.alive
        return today(now, isr, elr, terms._replace(alive=lambda one: one != now.leader or alive(one)))

    with patch.object(elections, "choose_leader", choose_leader):
        yield


@contextmanager
def fenced_members_stay() -> Iterator[None]:
    """C4: a fenced broker keeps its place in every ISR (before KIP-841)."""

    def fence(image: Any, config: Any, broker: Any) -> list:
        return [BrokerRegistrationChangeRecord(broker.id, broker.epoch, fenced=True)]

    with patch.object(liveness, "_fence", fence):
        yield


@contextmanager
def a_mere_election_costs_no_epoch() -> Iterator[None]:
    """C5: the partition epoch rises with the ISR, and not if only the leader is another one."""
    today = PartitionRegistration.merge

    def merge(self: PartitionRegistration, change: Any) -> PartitionRegistration:
        merged = today(self, change)
        return merged if change.isr is not None else merged._replace(partition_epoch=self.partition_epoch)

    with patch.object(PartitionRegistration, "merge", merge):
        yield


@contextmanager
def whoever_lives_may_lead() -> Iterator[None]:
    """C6: the first live replica leads, and is taken to have every record."""
    today = elections.choose_leader

    def choose_leader(now: Any, isr: tuple, elr: tuple, terms: Any) -> Elected:
        return today(now, now.replicas, (), terms)

    with patch.object(elections, "choose_leader", choose_leader):
        yield


@contextmanager
def a_broker_keeps_its_epoch() -> Iterator[None]:
    """C7: who comes back is registered under the epoch of its former life."""
    today = registration.register_broker

    def register_broker(image: Any, request: Any, *rest: Any) -> Any:
        decision, known = today(image, request, *rest), image.brokers.get(request.broker_id)
        facts = [fact._replace(broker_epoch=known.epoch) if known and isinstance(fact, RegisterBrokerRecord) else fact
                 for fact in decision.facts]  # fmt: skip
        return decision._replace(facts=tuple(facts))

    with patch.object(registration, "register_broker", register_broker):
        yield


CONTROLLER_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    elr_beside_a_full_isr,
    a_leader_stays_outside,
    the_dead_are_elected,
    fenced_members_stay,
    a_mere_election_costs_no_epoch,
    whoever_lives_may_lead,
    a_broker_keeps_its_epoch,
)
"""In the order of the laws that catch them."""
