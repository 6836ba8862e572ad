"""Who an idempotent producer is: it asks for a producer id, and takes the next epoch when its sequences start again.

Promises     there is an identity as soon as some broker can give one; the producer goes on asking until then. If it may
             not have one, what waits fails, and it asks again when there is something new to send.
Stands for   the InitProducerId half of org.apache.kafka.clients.producer.internals.TransactionManager.
Left out     transactional ids and their coordinators: see `transaction_manager`.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.client.backoff import Backoff
from minikafka.client.nodes import Nodes
from minikafka.client.sequences import Sequences
from minikafka.events.clients import ProducerIdAssigned
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.client_requests import InitProducerIdRequest
from minikafka.protocol.errors import KafkaError, exception_for


class ProducerIdentity:
    """Looks after the identity in `sequences`; `changed()` is called when there is a new one."""

    def __init__(
        self,
        machine: Any,
        nodes: Nodes,
        sequences: Sequences,
        backoff: Backoff,
        timeout: int,
        name: str,
        changed: Callable[[], None],
    ):
        self._machine = machine
        self._nodes = nodes
        self._sequences = sequences
        self._backoff = backoff
        self._timeout = timeout
        self._name = name
        self._changed = changed
        self._asking: Any = None
        self._refusal: KafkaError | None = None
        self._was_refused = False

    def take_refusal(self) -> KafkaError | None:
        """Why the last question was refused for good; told once."""
        refusal, self._refusal = self._refusal, None
        return refusal

    def look_after(self, waiting: bool = True) -> None:
        """Bump the epoch where the sequences need it, and ask for a producer id where there is none."""
        sequences = self._sequences
        before = sequences.identity
        sequences.resolve()
        if sequences.producer_id < 0:
            if (self._asking is None or self._asking.done) and (waiting or not self._was_refused):
                self._asking = self._machine.spawn(self._ask(), "producer id")
        elif sequences.identity != before:
            self._machine.record(ProducerIdAssigned(*sequences.identity, "sequences start again", self._name))

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        failures = 0
        while True:
            try:
                response = await self._nodes.least_loaded().ask(InitProducerIdRequest(None), self._timeout)
                if not response.error:
                    break
                refusal = exception_for(response.error)
            except NETWORK_TROUBLE:
                refusal = None
            except KafkaError as login_refused:
                refusal = login_refused
            if refusal is not None and not refusal.retriable:
                self._refusal, self._was_refused = refusal, True
                self._changed()
                return
            failures += 1
            await self._machine.sleep(self._backoff.after(failures))
        self._sequences.begin(response.producer_id, response.producer_epoch)
        self._machine.record(ProducerIdAssigned(response.producer_id, response.producer_epoch, "a new id", self._name))
        self._changed()
