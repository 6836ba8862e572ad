"""Requests that any broker takes and only the controller can carry out: passed on.

Promises     the controller's answer is the answer; if none comes, every name asked for gets REQUEST_TIMED_OUT, and
             what was asked may have been done or not. Nothing is sent twice.
Stands for   ForwardingManager and the Envelope request (KIP-590).
Left out     the caller's identity: the broker has checked what the caller may do.
Differs      tries to connect until the time is up, but does not repeat a request whose answer was lost; Kafka does.
"""

from __future__ import annotations

from typing import Any

from minikafka.broker.controller_finder import ControllerChannel
from minikafka.protocol.channel import NETWORK_TROUBLE
from minikafka.protocol.errors import Error
from minikafka.protocol.whole_refusals import refusal
from minikafka.world.machine import Machine
from minikafka.world.network import Unreachable

REST = 100_000
"""µs before another attempt to connect."""

NO_ANSWER = "the controller did not answer in time; whether it was done is not known, look before you repeat it"


class Forwarding:
    """The way from this broker to the controller, for other people's requests."""

    def __init__(self, machine: Machine, channel: ControllerChannel, timeout: int):
        self.machine = machine
        self.channel = channel
        self.timeout = timeout

    async def forward(self, request: Any, caller: str) -> Any:
        """The controller's response, or one full of REQUEST_TIMED_OUT."""
        wait = request.timeout_ms * 1000 if hasattr(request, "timeout_ms") else self.timeout
        deadline = self.machine.now + wait
        while (left := deadline - self.machine.now) > 0:
            try:
                return await self.channel.ask(request, left)
            except Unreachable:
                await self.machine.sleep(min(REST, left))
            except NETWORK_TROUBLE:
                break
        return refusal(request, Error.REQUEST_TIMED_OUT, NO_ANSWER)
