"""Where the active controller is, as far as a broker knows; and a channel that goes there.

Promises     a request that a controller refuses because it does not decide is asked again, of the next one, until its
             time is up. One whose answer is lost is never sent twice.
Stands for   RaftControllerNodeProvider and NodeToControllerChannelManagerImpl.
Left out     nothing.
Differs      Kafka learns the address from its metadata fetch alone; here every refusal helps to find it. Kafka also
             repeats a request whose answer was lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikafka.protocol.channel import NETWORK_TROUBLE, Channel
from minikafka.protocol.errors import Error
from minikafka.protocol.whole_refusals import whole_error
from minikafka.world.machine import Machine

REST = 50_000
"""µs before the next controller is asked: the default of retry.backoff.ms."""


class ControllerFinder:
    """`address` is the controller to ask next; `addresses` are those of all, the n-th that of controller n + 1."""

    def __init__(self, addresses: Sequence[str]):
        self.addresses = tuple(addresses)
        self.address = self.addresses[0]
        self.epoch = 0

    @property
    def alone(self) -> bool:
        """Is there one controller only, so that there is nothing to find?"""
        return len(self.addresses) == 1

    def refused(self, address: str, leader_id: int, epoch: int) -> None:
        """The controller at this address does not decide; perhaps it knows who leads the quorum in this epoch (-1: it
        does not)."""
        if epoch >= self.epoch and 1 <= leader_id <= len(self.addresses):
            self.epoch = epoch
            self.address = self.addresses[leader_id - 1]
        else:
            self.elsewhere(address)

    def elsewhere(self, address: str) -> None:
        """The active controller was sought at this address in vain: try the next."""
        if address == self.address:
            here = self.addresses.index(address)
            self.address = self.addresses[(here + 1) % len(self.addresses)]


class ControllerChannel:
    """Requests to the active controller, wherever it is, over connections of its own."""

    def __init__(self, machine: Machine, finder: ControllerFinder):
        self.machine = machine
        self.finder = finder
        self._channels: dict[str, Channel] = {}

    async def ask(self, request: Any, within: int) -> Any:
        """The active controller's answer within so many µs; NOT_CONTROLLER if none was found; `NETWORK_TROUBLE`."""
        deadline = self.machine.now + within
        while True:
            address = self.finder.address
            response = await self._ask(address, request, max(1, deadline - self.machine.now))
            refused = whole_error(response) in (Error.NOT_CONTROLLER, Error.NOT_LEADER_OR_FOLLOWER)
            if not refused or self.finder.alone:
                return response
            self.finder.refused(address, getattr(response, "leader_id", -1), getattr(response, "controller_epoch", -1))
            if self.machine.now + REST >= deadline:
                return response
            await self.machine.sleep(REST)

    async def _ask(self, address: str, request: Any, within: int) -> Any:
        channel = self._channels.get(address)
        if channel is None:
            channel = self._channels[address] = Channel(self.machine, address)
        try:
            return await channel.ask(request, within)
        except NETWORK_TROUBLE:
            self.finder.elsewhere(address)
            raise
