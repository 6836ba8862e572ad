"""The network: who can reach whom, and how.

Promises     a connection is opened by one round trip, or refused; everything that is sent is recorded and metered.
Stands for   the network between clients, brokers, racks and regions.
Left out     names and their resolution: a machine's name is its address.
Differs      see `ways` (time and loss), `barriers` (cuts, holds, firewall) and `connection` (order, timeouts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.world.barriers import Barriers
from minikafka.world.chance import Chance
from minikafka.world.connection import Connection
from minikafka.world.future import Future, TimedOut
from minikafka.world.happenings import ConnectionOpened, ConnectionRefused
from minikafka.world.kernel import Kernel
from minikafka.world.packet import OPEN, RESET, Disconnected, NetworkError, Reply, Unreachable
from minikafka.world.recorder import Recorder
from minikafka.world.ways import WayMap

if TYPE_CHECKING:
    from minikafka.world.machine import Machine

__all__ = ["Connection", "Disconnected", "Network", "NetworkError", "Reply", "Unreachable"]

OPEN_WITHIN = 10_000_000


class Network:
    """All machines by address, all ways between them, all connections."""

    def __init__(self, kernel: Kernel, chance: Chance, recorder: Recorder):
        self.kernel = kernel
        self.record = recorder.record
        self.ways = WayMap(chance)
        self.barriers = Barriers()
        self.machines: dict[str, Machine] = {}
        self.stuck_connections: dict[int, Connection] = {}
        self.version = 0
        self._opened = 0
        self._opening: dict[int, Future] = {}
        self._standing: dict[str, dict[int, Connection]] = {}

    def changed(self) -> None:
        """Ways or barriers have changed: connections look them up again, and what is stuck and now free goes on."""
        self.version += 1
        for connection in list(self.stuck_connections.values()):
            connection.release()
            if not connection.stuck[0] and not connection.stuck[1]:
                del self.stuck_connections[connection.number]

    def stuck_between(self, source, target) -> int:
        """How many messages are stuck between machines of these two places."""
        return sum(
            len(connection.stuck[direction])
            for connection in self.stuck_connections.values()
            for direction, (one, other) in enumerate(
                ((connection.opener, connection.listener), (connection.listener, connection.opener))
            )
            if source.contains(one) and target.contains(other)
        )

    async def connect(self, opener: Machine, address: str, within: int = OPEN_WITHIN) -> Connection:
        """Open a connection; raises `Unreachable` if it is refused, `TimedOut` if nothing comes back within `within` µs."""
        listener = self.machines.get(address)
        if listener is None:
            raise Unreachable(f"nobody has the address {address!r}: machines here are {', '.join(self.machines) or 'none'}")
        self._opened += 1
        connection = Connection(self, self._opened, opener, listener)
        answer = self._opening[connection.number] = self.kernel.future()
        connection.control(0, OPEN)
        try:
            refusal = await self.kernel.within(answer, within)
        except TimedOut:
            self._refuse(connection, "no answer in time")
            raise
        finally:
            self._opening.pop(connection.number, None)
        if refusal:
            self._refuse(connection, refusal)
            raise Unreachable(f"{address} refused the connection: {refusal}")
        connection.open = True
        return connection

    def arrive_open(self, connection: Connection, direction: int) -> None:
        """An opening reaches its listener (direction 0), or its answer the opener (1)."""
        answer = self._opening.get(connection.number)
        listener = connection.listener
        if direction == 1:
            if answer is not None:
                answer.set("")
        elif not self.barriers.may_open(connection.opener, listener):
            self._answer_later(connection, answer, "the firewall forbids it")
        elif listener.handler is None:
            self._answer_later(connection, answer, "nobody is listening there")
        else:
            connection.lives = (connection.lives[0], listener.incarnation)
            connection.listener_open = True
            for end in (connection.opener, listener):
                self._standing.setdefault(end.name, {})[connection.number] = connection
            self.record(listener.name, ConnectionOpened(connection.number, connection.opener.name, listener.name))
            listener.spawn(connection.serve(), f"serve {connection.opener.name}")
            connection.control(1, OPEN)

    def _answer_later(self, connection: Connection, answer: Future | None, refusal: str) -> None:
        if answer is not None:
            way = self.ways.between(connection.listener, connection.opener)
            self.kernel.plan(way.carry(self.kernel.now, 0), answer.set, refusal)

    def _refuse(self, connection: Connection, why: str) -> None:
        self.record(connection.opener.name, ConnectionRefused(connection.opener.name, connection.listener.name, why))

    def drop(self, machine: Machine, silently: bool) -> None:
        """The process on `machine` is gone: its ends of all connections are; the others hear of it, or do not (power loss)."""
        for connection in list(self._standing.pop(machine.name, {}).values()):
            if connection.opener is machine:
                connection.end_opener("the process is gone")
                if not silently:
                    connection.control(0, RESET)
                other = connection.listener
            else:
                connection.end_listener()
                if not silently:
                    connection.control(1, RESET)
                other = connection.opener
            self._standing.get(other.name, {}).pop(connection.number, None)

    def forget(self, connection: Connection) -> None:
        """The connection is over for both sides."""
        for end in (connection.opener, connection.listener):
            self._standing.get(end.name, {}).pop(connection.number, None)
