"""What travels on a connection, and how a connection can fail.

Promises     a packet knows its direction and its place in the order of that direction; an answer knows its question.
Stands for   a request or response on the wire, and TCP's own small packets.
Left out     headers: only the payload has a size.
Differs      -
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from minikafka.world.future import Future
    from minikafka.world.ways import Way

OPEN = "open"
FIN = "close"
RESET = "reset"


class NetworkError(Exception):
    """Something between two machines failed; what the other side did is not known unless the class says so."""


class Unreachable(NetworkError):
    """No connection could be opened: nobody listens, or the firewall forbids it. Nothing was sent."""


class Disconnected(NetworkError):
    """The connection ended before the answer came: the question may or may not have been handled."""


class Caller(str):
    """The address of the machine that opened a connection, and room for what the listener learns about it there.

    One object for all questions of a connection. The network does not look at `known_as` and `talk`.
    """

    known_as: Any = None
    talk: Any = None


class Reply(NamedTuple):
    """An answer with the words that the trace shows for it."""

    payload: bytes
    label: str = "reply"
    routine: bool = False


class Packet:
    """One message on its way, not to be answered. `direction` 0 is from the opener, 1 to the opener.

    It gets its number when it is sent. The numbers of one direction are every other whole number, so that a number is
    one packet of the connection, and the receiver sees whether one is missing before it.
    """

    __slots__ = ("direction", "number", "payload", "label", "routine", "sent", "way")
    signal = False

    def __init__(self, direction: int, payload: bytes, label: str, routine: bool):
        self.direction = direction
        self.number = -1
        self.payload = payload
        self.label = label
        self.routine = routine
        self.sent = 0
        self.way: Way | Any = None


class Signal(Packet):
    """An opening, a reset or an ending: the connection's own business. The label says which."""

    __slots__ = ()
    signal = True


class Question(Packet):
    """A message whose sender waits for the answer until `deadline` (µs)."""

    __slots__ = ("answer", "deadline")

    def __init__(self, payload: bytes, label: str, routine: bool, answer: Future, deadline: int):
        self.direction = 0
        self.number = -1
        self.payload = payload
        self.label = label
        self.routine = routine
        self.answer = answer
        self.deadline = deadline


class Answer(Packet):
    """The answer to a question."""

    __slots__ = ("question",)

    def __init__(self, payload: bytes, label: str, routine: bool, question: Packet):
        self.direction = 1
        self.number = -1
        self.payload = payload
        self.label = label
        self.routine = routine
        self.question = question
