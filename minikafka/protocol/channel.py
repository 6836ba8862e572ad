"""The asking side: requests to one address, over a connection that is opened when it is needed.

Promises     with a `login` each new connection is authenticated before anything else is said; requests leave in the
             order in which they were asked, and many may be under way; after a loss the next one opens a new
             connection. Nothing is sent twice: to try again is the caller's decision. Whoever waits when the channel
             is closed hears so at once, also while the connection is still being opened.
Stands for   org.apache.kafka.clients.NetworkClient, for one node.
Left out     a rest before connecting again: the callers have theirs.
Differs      an answer that cannot be read is the other side's bug, and stops the one who asked with the error.
"""

from __future__ import annotations

from typing import Any

from minikafka.protocol import labels
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.login import Login
from minikafka.protocol.message import decode_response, encode
from minikafka.world.future import Future, TimedOut
from minikafka.world.network import Connection, Disconnected, NetworkError

NETWORK_TROUBLE = (NetworkError, TimedOut)
"""Everything `ask` can raise: `Unreachable` (nothing was sent), `Disconnected` and `TimedOut` (the outcome is open)."""

OPEN_WITHIN = 10_000_000
"""An opening takes at most so many microseconds (Kafka: socket.connection.setup.timeout.ms)."""


class Channel:
    """From one machine to one address; with a `login`, under that name."""

    def __init__(self, machine: Any, address: str, login: Login | None = None) -> None:
        self.machine = machine
        self.address = address
        self.login = login
        self._connection: Connection | None = None
        self._opening: Any = None

    @property
    def open(self) -> bool:
        """Whether a connection stands, as far as this side knows."""
        return self._connection is not None and self._connection.open

    async def ask(self, request: Any, within: int, label: str | None = None) -> Any:
        """The response to a request, within so many µs (opening included); else raises one of `NETWORK_TROUBLE`.

        A server that does not accept the login: KafkaError, such as SASL_AUTHENTICATION_FAILED; nothing was asked.
        """
        connection = self._connection
        if connection is None or not connection.open:
            deadline = self.machine.now + within
            connection = await self._connect(within)
            within = deadline - self.machine.now
        kind = type(request)
        words = label or labels.label(request)
        payload = await connection.ask(encode(request), words, within, labels.is_routine(request))
        return decode_response(kind, payload)

    async def tell(self, request: Any, within: int = OPEN_WITHIN, label: str | None = None) -> None:
        """Send a request that is not answered (acks=0). Returns once it is sent; whether it arrives is not known."""
        connection = self._connection
        if connection is None or not connection.open:
            connection = await self._connect(within)
        connection.tell(encode(request), label or labels.label(request))

    def close(self) -> None:
        """End the connection; requests under way, also those that wait for it to open, fail with `Disconnected`. A
        later request opens a new one."""
        if self._opening is not None:
            self._opening.fail(Disconnected(f"the channel to {self.address} was closed while it was being opened"))
        if self._connection is not None:
            self._connection.close()

    async def _connect(self, within: int) -> Connection:
        """The connection that is being opened, by this request or by an earlier one that still waits."""
        if self._opening is None or self._opening.done:
            self._opening = self.machine.future()
            self.machine.spawn(self._open(self._opening), f"connect to {self.address}")
        return await self.machine.within(self._opening, within)

    async def _open(self, opening: Future) -> None:
        """Tell all who wait for this opening how it went, unless the channel was closed meanwhile."""
        try:
            connection = await self.machine.connect(self.address, within=OPEN_WITHIN)
            await self._log_in(connection)
        except Exception as trouble:
            opening.fail(trouble)
            return
        if opening.done:
            connection.close()
        else:
            self._connection = connection
            opening.set(connection)

    async def _log_in(self, connection: Connection) -> None:
        if self.login is not None:
            try:
                await self.login.prove(self.machine, connection, OPEN_WITHIN)
            except KafkaError:
                connection.close("not accepted by the server")
                raise
