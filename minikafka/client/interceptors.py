"""Interceptors: what may look at (and change) records on their way, and hear of their fate.

Promises     they are called in their order, each with what the one before made of it; an error in one is kept in
             `failures`, and the client goes on with what it had.
Stands for   ProducerInterceptor and ConsumerInterceptor (KIP-42), ProducerInterceptors and ConsumerInterceptors.
Left out     -
Differs      they are given as objects (`interceptors=[...]`), not as the class names of interceptor.classes; a machine
             that is started anew configures the same objects again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from minikafka.protocol.errors import ConfigException, KafkaError
from minikafka.protocol.names import TopicPartition


class OutgoingRecord(NamedTuple):
    """A record as it was handed to `send`."""

    topic: str
    value: Any
    key: Any = None
    partition: int | None = None
    timestamp: int | None = None
    headers: Any = None


class Interceptor:
    """Override what is of interest."""

    def portable(self) -> dict:
        """What a journal needs to make it again: the arguments of its class, by name."""
        return {}

    def configure(self, client: Any) -> None:
        """Called once by the producer or consumer it belongs to, with that client, before anything else."""

    def close(self) -> None:
        """The client is being closed."""

    def on_send(self, record: OutgoingRecord) -> OutgoingRecord:
        """The record to send instead."""
        return record

    def on_acknowledgement(self, metadata: Any, error: Any) -> None:
        """A record is acknowledged (`metadata` says where) or has failed (`error` says why)."""

    def on_consume(self, records: list) -> list:
        """The records to hand out instead."""
        return records

    def on_commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """These offsets are committed."""


class Interceptors:
    """A client's interceptors, in their order; `failures` lists (hook, error)."""

    def __init__(self, interceptors: Iterable[Interceptor]):
        self._all = list(interceptors)
        for one in self._all:
            if not isinstance(one, Interceptor):
                raise ConfigException(f"{one!r} is no interceptor: give an object of a class derived from Interceptor")
        self.failures: list[tuple[str, Exception]] = []

    def configure(self, client: Any) -> None:
        """Introduce the client; what an interceptor objects to is the client's failure."""
        for interceptor in self._all:
            interceptor.configure(client)

    def close(self) -> None:
        """Tell all of them that the client is being closed."""
        self._tell("close")

    def __bool__(self) -> bool:
        return bool(self._all)

    def on_send(self, record: OutgoingRecord) -> OutgoingRecord:
        """What all of them make of a record."""
        return self._through("on_send", record)

    def on_consume(self, records: list) -> list:
        """What all of them make of a poll's records."""
        return self._through("on_consume", records) if records else records

    def on_acknowledgement(self, metadata: Any, error: Any) -> None:
        """Tell all of them."""
        self._tell("on_acknowledgement", metadata, error)

    def on_commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell all of them."""
        self._tell("on_commit", offsets)

    def _through(self, hook: str, thing: Any) -> Any:
        for interceptor in self._all:
            try:
                thing = getattr(interceptor, hook)(thing)
            except Exception as error:
                self._failed(hook, error)
        return thing

    def _tell(self, hook: str, *news: Any) -> None:
        for interceptor in self._all:
            try:
                getattr(interceptor, hook)(*news)
            except Exception as error:
                self._failed(hook, error)

    def _failed(self, hook: str, error: Exception) -> None:
        self.failures.append((hook, error))


def intercepted_send(send: Callable, machine: Any, interceptors: Interceptors) -> Callable:
    """A producer's `send` with its interceptors around it."""

    def send_intercepted(topic: str, value: Any, key: Any = None, partition: int | None = None,
                         timestamp: int | None = None, headers: Any = None) -> Any:  # fmt: skip
        record = interceptors.on_send(OutgoingRecord(topic, value, key, partition, timestamp, headers))
        receipt = send(*record)
        machine.spawn(_tell_fate(receipt, interceptors), "interceptors")
        return receipt

    return send_intercepted


async def _tell_fate(receipt: Any, interceptors: Interceptors) -> None:
    try:
        interceptors.on_acknowledgement(await receipt, None)
    except KafkaError as error:
        interceptors.on_acknowledgement(None, error)
