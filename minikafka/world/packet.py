"""What travels on a connection, and how a connection can fail.

Promises     a packet knows its connection, its direction and, for an answer, its question.
Stands for   a request or response on the wire, and TCP's own small packets.
Left out     headers: only the payload has a size.
Differs      -
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from minikafka.world.connection import Connection
    from minikafka.world.future import Future

OPEN = "open"
FIN = "close"
RESET = "reset"


class NetworkError(Exception):
    """Something between two machines failed; what the other side did is not known unless the class says so."""


class Unreachable(NetworkError):
    """No connection could be opened: nobody listens, or the firewall forbids it. Nothing was sent."""


class Disconnected(NetworkError):
    """The connection ended before the answer came: the question may or may not have been handled."""


class Reply(NamedTuple):
    """An answer with the words that the trace shows for it."""

    payload: bytes
    label: str = "reply"
    routine: bool = False


class Packet:
    """One message on its way. `direction` 0 is from the opener, 1 to the opener."""

    __slots__ = ("connection", "direction", "number", "payload", "label", "routine", "sent", "answer", "deadline", "question")

    def __init__(self, connection: Connection, direction: int, number: int, payload: bytes, label: str, routine: bool):
        self.connection = connection
        self.direction = direction
        self.number = number
        self.payload = payload
        self.label = label
        self.routine = routine
        self.sent = 0
        self.answer: Future | Any = None
        self.deadline = 0
        self.question: Packet | None = None
