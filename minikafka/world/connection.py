"""A connection between two machines: questions one way, answers the other, both in order.

Promises     messages of one direction arrive in the order in which they were sent, whatever delays them; the listener
             handles one at a time; the answers come in the order of the questions; an answer that does not come in time
             closes the connection. What was sent before an end was put to the connection still reaches the listener,
             and is handled.
Stands for   a TCP connection to a broker, and the client's list of requests in flight on it.
Left out     partial reads, windows, keep-alive: a peer that is gone without a word is noticed by one's own timeout
             alone.
Differs      a question is one message, however large.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from minikafka.world.future import Cancelled, Future, TimedOut
from minikafka.world.happenings import ConnectionClosed, MessageLost
from minikafka.world.packet import FIN, OPEN, RESET, Answer, Caller, Disconnected, Packet, Question, Reply
from minikafka.world.passage import GIVEN_UP, Passage

if TYPE_CHECKING:
    from minikafka.world.machine import Machine
    from minikafka.world.network import Network

FAR_AWAY = 1 << 62


class Connection(Passage):
    """Held by the opener; the listener's half is `inbox`, and the task that serves it."""

    def __init__(self, network: Network, number: int, opener: Machine, listener: Machine):
        super().__init__(network, number, opener, listener)
        self.open = False
        self.listener_open = False
        self.listener_said = ""
        self.caller = Caller(opener.name)
        self.inbox: deque[Packet] = deque()
        self._opener_gone = False
        self._inbox_filled: Future | None = None
        self._in_flight: deque[Question] = deque()
        self._alarm = FAR_AWAY

    # -- the opener's half --------------------------------------------------------------------------------------

    def ask(self, payload: bytes, label: str = "request", within: int = 30_000_000, routine: bool = False) -> Future:
        """Send a question; awaited, its answer in bytes. Raises `Disconnected`, or `TimedOut` after `within` µs."""
        kernel = self.network.kernel
        answer = Future(kernel)
        if not self.open:
            answer.fail(Disconnected(f"the connection to {self.listener.name} is closed"))
            return answer
        deadline = kernel.now + within
        question = Question(payload, label, routine, answer, deadline)
        self._in_flight.append(question)
        if deadline < self._alarm:
            self._set_alarm(deadline)
        self._send(question)
        return answer

    def tell(self, payload: bytes, label: str = "message", routine: bool = False) -> None:
        """Send something that is not answered; whether it arrives is not known."""
        if self.open:
            self._send(Packet(0, payload, label, routine))

    def close(self, why: str = "closed by the opener") -> None:
        """End it from the opener's side; what is on its way to the listener still arrives."""
        if self.open:
            self.end_opener(why)
            self.signal(0, FIN)

    def begin_opener(self) -> None:
        """The opener's half stands."""
        self.open = True
        self.network.enter(self, 0)

    def end_opener(self, why: str) -> None:
        """The opener's half is gone: every question in flight fails with an unknown outcome."""
        if self.open:
            self.open = False
            self.network.leave(self, 0)
            self.network.record(
                self.opener.name, ConnectionClosed(self.number, self.opener.name, self.listener.name, why)
            )
            while self._in_flight:
                self._in_flight.popleft().answer.fail(
                    Disconnected(f"the connection to {self.listener.name} was lost: {why}")
                )

    def give_up(self) -> None:
        """The opener has stopped waiting for the connection: it never stands, and nothing of it stays behind."""
        if self.open:
            self.close("nobody waited for it any more")
            return
        self.abandoned = True
        for waiting in self.stuck:
            while waiting:
                self._note(MessageLost, waiting.popleft(), GIVEN_UP)
        self.network.stuck_connections.pop(self.number, None)
        self.end_listener()

    def _set_alarm(self, deadline: int) -> None:
        if deadline.__class__ is not int:
            raise TypeError(
                f"an answer by {deadline!r}: time is counted in whole microseconds, so write `within` as an int"
            )
        self._alarm = deadline
        self.network.kernel.plan(deadline, self._check_deadlines)

    def _check_deadlines(self, _: None) -> None:
        kernel = self.network.kernel
        if not self.open or self._alarm > kernel.now:
            return
        if self.opener.frozen:
            self.opener.backlog.append((kernel.cause, self._check_deadlines, None))
            return
        self._alarm = FAR_AWAY
        late = [question for question in self._in_flight if question.deadline <= kernel.now]
        if late:
            for question in late:
                question.answer.fail(TimedOut(f"{self.listener.name} did not answer {question.label} in time"))
            self.close(f"no answer to {late[0].label} in time")
        elif self._in_flight:
            self._set_alarm(min(question.deadline for question in self._in_flight))

    # -- the listener's half ------------------------------------------------------------------------------------

    def begin_listener(self) -> None:
        """The listener's half stands: its process will serve it."""
        self.listener_open = True
        self.network.enter(self, 1)
        self.listener.spawn(self._serve(), f"serve {self.opener.name}")

    async def _serve(self) -> None:
        """Hand the messages to the listener's handler, one at a time, and send back what it answers."""
        inbox = self.inbox
        while self.listener_open:
            if not inbox:
                if self._opener_gone:
                    self.end_listener()
                    return
                self._inbox_filled = filled = Future(self.network.kernel)
                await filled
                continue
            question = inbox.popleft()
            try:
                reply = await self.listener.handler(question.payload, self.caller)
            except (Disconnected, Cancelled) as error:
                self._hang_up(str(error))
                return
            if reply is not None and self.listener_open and not self._opener_gone:
                said, label, routine = reply if reply.__class__ is Reply else (reply, "reply", False)
                assert isinstance(said, bytes), (
                    f"{question.label} was answered with {reply!r}: answer bytes, a Reply or None"
                )
                self._send(Answer(said, label, routine, question))

    def _hang_up(self, why: str) -> None:
        """End it from the listener's side, without an answer to the present question and those behind it."""
        if self.listener_open:
            self.listener_said = f"{self.listener.name} hung up ({why})"
            self.end_listener()
            self.signal(1, FIN)

    def end_listener(self) -> None:
        """The listener's half is gone: what it has not begun to handle it never will."""
        if self.listener_open:
            self.listener_open = False
            self.network.leave(self, 1)
            self._wake_server()

    def _wake_server(self) -> None:
        if self._inbox_filled is not None:
            self._inbox_filled.set()

    # -- what arrives ---------------------------------------------------------------------------------------------

    def take_in(self, packet: Packet) -> None:
        """A packet is there, and all before it were: hand it to the half that it is for."""
        receiver = self._receivers[packet.direction]
        if receiver.state == "dark":
            self._note(MessageLost, packet, f"{receiver.name} has no power")
        elif packet.signal:
            self._heed(packet)
        elif packet.direction == 0:
            self._take_in_at_listener(packet)
        else:
            self._take_in_at_opener(packet)

    def _heed(self, packet: Packet) -> None:
        """An opening, a reset or an ending has arrived."""
        if packet.label == OPEN:
            self.network.arrive_open(self, packet.direction)
        elif packet.direction == 0:
            self._opener_gone = True
            self._wake_server()
        elif not self.network.refused(self):
            self.end_opener(
                self.listener_said or ("closed by the listener" if packet.label == FIN else "reset by the listener")
            )

    def _take_in_at_listener(self, packet: Packet) -> None:
        if self.listener_open:
            self._note_delivered(packet)
            self.inbox.append(packet)
            if self._inbox_filled is not None:
                self._inbox_filled.set()
        else:
            self._note(MessageLost, packet, f"{self.listener.name} has closed the connection")
            if self.open:
                self.signal(1, RESET)

    def _take_in_at_opener(self, packet: Answer) -> None:
        question, in_flight = packet.question, self._in_flight
        if in_flight and in_flight[0] is question:
            in_flight.popleft()
        elif question in in_flight:
            in_flight.remove(question)
        else:
            self._note(MessageLost, packet, "nobody waits for it any more")
            if not self.open and self.listener_open and not self._opener_gone:
                self.signal(0, RESET)
            return
        self._note_delivered(packet)
        question.answer.set(packet.payload)
