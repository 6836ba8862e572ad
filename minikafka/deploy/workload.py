"""Workloads: programs that produce or consume by themselves, on the real flights.

Promises     the flights in the order of the day, at an even rate, each keyed by its name; the receipts are kept, so
             that what was promised can be held against what is there.
Stands for   the applications around a cluster.
Left out     think time, bursts.
Differs      the day is played at `rate` events a second and not at its own speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minikafka.client.producer import Producer
from minikafka.client.receipt import Receipt
from minikafka.deploy.flights import FlightEvent, arrivals, departures, load_flights
from minikafka.protocol.errors import ConfigException

if TYPE_CHECKING:
    from minikafka.deploy.cluster import Cluster
    from minikafka.deploy.kafka_world import World

MICROSECONDS = 1_000_000


class Departures:
    """Produces the day's departures to `topic`: `world.start(Departures(primary, rate=200))`. `limit` ends it early."""

    def __init__(
        self,
        cluster: Cluster,
        rate: int = 100,
        topic: str = "flights",
        acks: Any = None,
        limit: int | None = None,
        zone: Any = None,
        config: dict | None = None,
    ):
        if not isinstance(rate, int) or not 0 < rate <= MICROSECONDS:
            raise ConfigException(f"rate={rate!r}: write whole records a second, from 1 to {MICROSECONDS}")
        self._fields = dict(
            cluster=cluster, rate=rate, topic=topic, acks=acks, limit=limit, zone=zone, config=config or {}
        )
        self.cluster = cluster
        self.rate = rate
        self.topic = topic
        self.events = self._all_events()[:limit]
        self.sent: list[tuple[FlightEvent, Receipt]] = []

    def portable(self) -> dict:
        """What a journal needs to make this workload again."""
        return self._fields

    def start(self, world: World) -> None:
        """Begin to produce, from a machine of its own."""
        fields = self._fields
        self.handle = self.cluster.producer(None, fields["zone"], fields["acks"], fields["config"])
        self.handle.machine.spawn(self._produce(self.handle.producer), type(self).__name__)

    @property
    def acknowledged(self) -> list[tuple[FlightEvent, Receipt]]:
        """The events whose receipt says that the record is there."""
        return [(event, receipt) for event, receipt in self.sent if receipt.done and receipt.error is None]

    @property
    def done(self) -> bool:
        """Whether everything was sent and every outcome is known."""
        return len(self.sent) == len(self.events) and all(receipt.done for _, receipt in self.sent)

    def _all_events(self) -> list[FlightEvent]:
        return departures(load_flights())

    async def _produce(self, producer: Producer) -> None:
        machine = self.handle.machine
        began = machine.now
        for number, event in enumerate(self.events):
            # From the beginning and not from the last record: rounding must not add up.
            await machine.sleep(max(0, began + number * MICROSECONDS // self.rate - machine.now))
            self.sent.append((event, producer.send(self.topic, event.value, key=event.key)))


class Arrivals(Departures):
    """Produces the day's arrivals instead."""

    def _all_events(self) -> list[FlightEvent]:
        return arrivals(load_flights())
