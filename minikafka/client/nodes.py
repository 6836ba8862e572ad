"""The brokers that a client talks to: one channel for each address, and whom to ask what any broker can answer.

Promises     a question for any broker goes to one that is connected and has the least to do, else to the one that did
             not fail for the longest time.
Stands for   the node side of org.apache.kafka.clients.NetworkClient (leastLoadedNode).
Left out     reconnect.backoff.ms: callers rest for retry.backoff.ms, which has the same effect.
Differs      the bootstrap addresses stay candidates for ever, after the brokers that metadata names (Kafka 4 goes back
             to them when all brokers fail: metadata.recovery.strategy=rebootstrap).
"""

from __future__ import annotations

from typing import Any

from minikafka.protocol.channel import NETWORK_TROUBLE, Channel
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.login import Login


def client_name(machine: Any, name: str | None) -> str:
    """What a client is called in events: the given name, else its machine's, with the life from the second one on."""
    if name:
        return name
    return machine.name if machine.incarnation <= 1 else f"{machine.name} (life {machine.incarnation})"


class Node:
    """One broker as a client sees it."""

    __slots__ = ("address", "channel", "in_flight", "failed_at", "full_since", "machine")

    def __init__(self, machine: Any, address: str, login: Login | None = None):
        self.machine = machine
        self.address = address
        self.channel = Channel(machine, address, login)
        self.in_flight = 0
        self.failed_at = -1
        self.full_since = -1

    async def ask(self, request: Any, within: int) -> Any:
        """The response, or one of NETWORK_TROUBLE after at most `within` µs; KafkaError if the login is refused."""
        self.in_flight += 1
        try:
            response = await self.channel.ask(request, within)
            self.failed_at = -1
            return response
        except (KafkaError, *NETWORK_TROUBLE):
            self.failed_at = self.machine.now
            raise
        finally:
            self.in_flight -= 1

    async def tell(self, request: Any) -> None:
        """Send what is not answered; NETWORK_TROUBLE if no connection can be opened."""
        self.in_flight += 1
        try:
            await self.channel.tell(request)
            self.failed_at = -1
        except (KafkaError, *NETWORK_TROUBLE):
            self.failed_at = self.machine.now
            raise
        finally:
            self.in_flight -= 1


class Nodes:
    """All brokers that a client knows."""

    def __init__(self, machine: Any, bootstrap: list[str], room: str, login: Login | None = None):
        self.login = login
        self.bootstrap = tuple(bootstrap)
        self.addresses: dict[int, str] = {}
        self._machine = machine
        self._dice = machine.dice(f"{room} nodes")
        self._nodes: dict[str, Node] = {}

    def at(self, address: str) -> Node:
        """The node at an address."""
        node = self._nodes.get(address)
        if node is None:
            node = self._nodes[address] = self.apart(address)
        return node

    def apart(self, address: str) -> Node:
        """A node of one's own at an address, with a connection that nobody else uses."""
        return Node(self._machine, address, self.login)

    def broker(self, broker_id: int) -> Node | None:
        """The node of a broker, or None if metadata does not name it."""
        address = self.addresses.get(broker_id)
        return None if address is None else self.at(address)

    def least_loaded(self) -> Node:
        """Whom to ask what any broker can answer."""
        addresses = list(dict.fromkeys((*self.addresses.values(), *self.bootstrap)))
        first = self._dice.randrange(len(addresses))
        nodes = [self.at(address) for address in addresses[first:] + addresses[:first]]
        return min(nodes, key=_load)

    def close(self) -> None:
        """Hang up everywhere."""
        for node in self._nodes.values():
            node.channel.close()


def _load(node: Node) -> tuple:
    return not node.channel.open, node.failed_at, node.in_flight
