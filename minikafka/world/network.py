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
from minikafka.world.places import Place
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
        self._opening: dict[int, tuple[Connection, Future]] = {}
        self._halves: dict[str, dict[tuple[int, int], Connection]] = {}

    # -- ways and barriers have changed -------------------------------------------------------------------------

    def changed(self) -> None:
        """Ways or barriers have changed: connections look them up again, and what is stuck and now free goes on."""
        self.version += 1
        for connection in list(self.stuck_connections.values()):
            connection.release()
            if not connection.stuck[0] and not connection.stuck[1]:
                del self.stuck_connections[connection.number]

    def freed_between(self, source: Place, target: Place) -> int:
        """How many stuck messages between machines of these two places have nothing in their way any more."""
        return sum(
            len(connection.stuck[direction])
            for connection in self.stuck_connections.values()
            for direction, (one, other) in enumerate(
                ((connection.opener, connection.listener), (connection.listener, connection.opener))
            )
            if source.contains(one) and target.contains(other) and not self.barriers.blocks(one, other)
        )

    # -- opening ------------------------------------------------------------------------------------------------

    async def connect(self, opener: Machine, address: str, within: int = OPEN_WITHIN) -> Connection:
        """Open a connection; raises `Unreachable` if it is refused, `TimedOut` if nothing comes back in `within` µs."""
        listener = self.machines.get(address)
        if listener is None:
            raise Unreachable(
                f"nobody has the address {address!r}: machines here are {', '.join(self.machines) or 'none'}"
            )
        self._opened += 1
        connection = Connection(self, self._opened, opener, listener)
        answer = self.kernel.future()
        self._opening[connection.number] = (connection, answer)
        refusal = "no answer in time"
        try:
            connection.signal(0, OPEN)
            refusal = await self.kernel.within(answer, within)
        except TimedOut:
            self._note_refused(connection, refusal)
            raise TimedOut(f"{address} did not take the connection in time") from None
        finally:
            del self._opening[connection.number]
            if refusal:
                connection.give_up()
        if refusal:
            self._note_refused(connection, refusal)
            raise Unreachable(f"{address} refused the connection: {refusal}")
        return connection

    def arrive_open(self, connection: Connection, direction: int) -> None:
        """An opening reaches its listener (direction 0), or the listener's consent the opener (1)."""
        opener, listener = connection.opener, connection.listener
        if connection.abandoned:
            return
        if direction == 1:
            _, answer = self._opening[connection.number]
            connection.begin_opener()
            self.kernel.cause = self.record(
                opener.name, ConnectionOpened(connection.number, opener.name, listener.name)
            )
            answer.set("")
        elif not self.barriers.may_open(opener, listener):
            connection.listener_said = "the firewall forbids it"
            connection.signal(1, RESET)
        elif listener.handler is None:
            connection.listener_said = "nobody is listening there"
            connection.signal(1, RESET)
        else:
            connection.begin_listener()
            connection.signal(1, OPEN)

    def refused(self, connection: Connection) -> bool:
        """Tell the opener that still waits for this connection why it does not get it; False if none waits."""
        _, answer = self._opening.get(connection.number, (None, None))
        if answer is None or answer.done:
            return False
        answer.set(connection.listener_said or "the process there is gone")
        return True

    def _note_refused(self, connection: Connection, why: str) -> None:
        self.record(connection.opener.name, ConnectionRefused(connection.opener.name, connection.listener.name, why))

    # -- who stands ---------------------------------------------------------------------------------------------

    def enter(self, connection: Connection, half: int) -> None:
        """A half of a connection stands: the opener's (0) or the listener's (1)."""
        end = connection.listener if half else connection.opener
        self._halves.setdefault(end.name, {})[connection.number, half] = connection

    def leave(self, connection: Connection, half: int) -> None:
        """A half of a connection is no more."""
        end = connection.listener if half else connection.opener
        self._halves.get(end.name, {}).pop((connection.number, half), None)

    def standing(self, machine: Machine) -> list[Connection]:
        """The connections of which this machine's half stands, oldest first (one to itself is there twice)."""
        return list(self._halves.get(machine.name, {}).values())

    def drop(self, machine: Machine, silently: bool) -> None:
        """The process on `machine` is gone, and its halves of all connections; the other halves hear of it, or not."""
        for connection, answer in list(self._opening.values()):
            if connection.opener is machine and not answer.done:
                answer.set("the process that asked for it is gone")
        for (_, half), connection in list(self._halves.pop(machine.name, {}).items()):
            if half:
                connection.end_listener()
            else:
                connection.end_opener("the process is gone")
            if not silently:
                connection.signal(half, RESET)
