"""The answering side: bytes in, a handler by the kind of request, bytes out.

Promises     each request goes to the one handler for its class; its answer leaves with a label for the stage.
Stands for   kafka.network.SocketServer and the switch in KafkaApis.
Left out     threads, queues, request quotas.
Differs      a request that cannot be read, or that nobody here handles, ends the connection, as in Kafka.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from minikafka.protocol import labels
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.message import REQUESTS, decode_request, encode_response
from minikafka.world.network import Disconnected, Reply

Handler = Callable[[Any, str], Awaitable[Any]]
"""async (request, caller's address) -> response, or None for no answer. Errors travel in the response, not as
exceptions; a handler that must break off without an answer (acks=0 and an error) raises `Disconnected`."""


def serve(machine: Any, handlers: Mapping[type, Handler]) -> None:
    """Let the machine answer these classes of requests from now on."""
    for kind in handlers:
        assert getattr(kind, "API", None) in REQUESTS, f"{kind.__name__} is no request, so none will ever come"

    async def answer(payload: bytes, caller: str) -> Reply | None:
        try:
            request = decode_request(payload)
        except KafkaError as error:
            raise Disconnected(f"{machine.name} hung up on {caller}: {error}") from error
        handler = handlers.get(type(request))
        if handler is None:
            raise Disconnected(f"{machine.name} hung up on {caller}: it does not take a {type(request).__name__}")
        response = await handler(request, caller)
        if response is None:
            return None
        return Reply(encode_response(response), labels.label(response), labels.is_routine(response))

    machine.listen(answer)
