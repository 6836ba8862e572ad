"""What a partition needs to know of the broker around it.

Promises     a partition's book can be opened and tested with nothing but a log and one of these.
Stands for   the metadata cache, the broker epoch supplier and the AlterPartitionManager that a Partition is given.
Left out     nothing.
Differs      one object with plain attributes, renewed by the room that follows the metadata log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from minikafka.broker.isr_state import IsrState
from minikafka.broker.replica import UNKNOWN, Replica
from minikafka.metadata.registrations import BrokerRegistration

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition


def _nobody_listens(_: Any) -> None:
    """Used where no flight recorder is at hand."""


class Surroundings:
    """A broker's identity, the brokers it knows of, the allowed lag (µs), and where to send wishes and events."""

    def __init__(
        self,
        broker_id: int,
        longest_lag: int,
        record: Callable[[Any], Any] = _nobody_listens,
        ask_isr_change: Callable[[Partition, IsrState], None] = lambda partition, state: None,
    ):
        self.broker_id = broker_id
        self.broker_epoch = UNKNOWN
        self.longest_lag = longest_lag
        self.record = record
        self.ask_isr_change = ask_isr_change
        self.brokers: Mapping[int, BrokerRegistration] = {}

    def alive(self, broker_id: int) -> bool:
        """Registered, not fenced, not in controlled shutdown: as far as this broker has heard."""
        registration = self.brokers.get(broker_id)
        return registration is not None and registration.alive

    def rack_of(self, broker_id: int) -> str:
        """The rack of a broker, "" if it has none or is not known."""
        registration = self.brokers.get(broker_id)
        return "" if registration is None else registration.rack or ""

    def known_epoch(self, broker_id: int) -> int:
        """The broker epoch under which a broker is registered, `UNKNOWN` if it is not."""
        registration = self.brokers.get(broker_id)
        return UNKNOWN if registration is None else registration.epoch

    def eligible(self, replica: Replica) -> bool:
        """May be in an ISR: alive, and its fetches come from the incarnation that is registered (KIP-841, KIP-903)."""
        registration = self.brokers.get(replica.broker_id)
        return (
            registration is not None
            and registration.alive
            and (replica.broker_epoch == UNKNOWN or replica.broker_epoch == registration.epoch)
        )
