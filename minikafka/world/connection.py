"""A connection between two machines: questions one way, answers the other, both in order.

Promises     messages of one direction arrive in the order in which they were sent; the listener handles one at a time; the
             answers come in the order of the questions; an answer that does not come in time closes the connection.
Stands for   a TCP connection to a broker, and the client's list of requests in flight on it.
Left out     partial reads, windows.
Differs      a question is one message, however large.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from minikafka.world.future import Future, TimedOut
from minikafka.world.happenings import ConnectionClosed, MessageDelivered, MessageLost, MessageSent, MessageStuck
from minikafka.world.packet import FIN, OPEN, RESET, Disconnected, Packet, Reply

if TYPE_CHECKING:
    from minikafka.world.machine import Machine
    from minikafka.world.network import Network

FAR_AWAY = 1 << 62


class Connection:
    """Held by the opener; the listener's half is `inbox`, and the task that serves it."""

    def __init__(self, network: Network, number: int, opener: Machine, listener: Machine):
        self.network = network
        self.number = number
        self.opener = opener
        self.listener = listener
        self.open = False
        self.listener_open = False
        self.lives = (opener.incarnation, listener.incarnation)
        self.inbox: deque[Packet] = deque()
        self.stuck: tuple[deque[Packet], deque[Packet]] = (deque(), deque())
        self._ends = (opener, listener)
        self._names = ((opener.name, listener.name), (listener.name, opener.name))
        self._arrivals = [0, 0]
        self._in_flight: deque[Packet] = deque()
        self._sent = 0
        self._inbox_filled: Future | None = None
        self._alarm = FAR_AWAY
        self._version = -1
        self._ways: list = [None, None]
        self._blocked = [False, False]

    # -- the opener's half --------------------------------------------------------------------------------------

    def ask(self, payload: bytes, label: str = "request", within: int = 30_000_000, routine: bool = False) -> Future:
        """Send a question; awaited, its answer in bytes. Raises `Disconnected`, or `TimedOut` after `within` µs."""
        answer = Future(self.network.kernel)
        if not self.open:
            answer.fail(Disconnected(f"the connection to {self.listener.name} is closed"))
            return answer
        deadline = self.network.kernel.now + within
        packet = self._packet(0, payload, label, routine)
        packet.answer = answer
        packet.deadline = deadline
        self._in_flight.append(packet)
        if deadline < self._alarm:
            self._set_alarm(deadline)
        self.send(packet)
        return answer

    def tell(self, payload: bytes, label: str = "message", routine: bool = False) -> None:
        """Send something that is not answered; whether it arrives is not known."""
        if self.open:
            self.send(self._packet(0, payload, label, routine))

    def close(self, why: str = "closed by the opener") -> None:
        """End it from the opener's side; what is on its way to the listener still arrives."""
        if self.open:
            self.end_opener(why)
            self.send(self._packet(0, b"", FIN, True))

    def end_opener(self, why: str) -> None:
        """The opener's half is gone: every question in flight fails with an unknown outcome."""
        if self.open:
            self.open = False
            self.network.record(self.opener.name, ConnectionClosed(self.number, self.opener.name, self.listener.name, why))
            while self._in_flight:
                self._in_flight.popleft().answer.fail(Disconnected(f"the connection to {self.listener.name} was lost: {why}"))

    def _set_alarm(self, deadline: int) -> None:
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
        late = [packet for packet in self._in_flight if packet.deadline <= kernel.now]
        if late:
            for packet in late:
                packet.answer.fail(TimedOut(f"{self.listener.name} did not answer {packet.label} in time"))
            self.close(f"no answer to {late[0].label} in time")
        elif self._in_flight:
            self._set_alarm(min(packet.deadline for packet in self._in_flight))

    # -- the listener's half ------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Hand the messages to the listener's handler, one at a time, and send back what it answers."""
        while self.listener_open:
            if not self.inbox:
                self._inbox_filled = Future(self.network.kernel)
                await self._inbox_filled
                continue
            question = self.inbox.popleft()
            try:
                reply = await self.listener.handler(question.payload, self.opener.name)
            except Disconnected:
                self._hang_up()
                return
            if reply is not None and self.listener_open:
                if isinstance(reply, bytes):
                    reply = Reply(reply)
                packet = self._packet(1, reply.payload, reply.label, reply.routine)
                packet.question = question
                self.send(packet)

    def _hang_up(self) -> None:
        """A handler that raises `Disconnected` wants no more of this caller: the connection ends from the listener's side."""
        if self.listener_open:
            self.end_listener()
            self.network.forget(self)
            self.control(1, FIN)

    def end_listener(self) -> None:
        """The listener's half is gone: what it has not begun to handle it never will."""
        self.listener_open = False
        self.inbox.clear()
        if self._inbox_filled is not None:
            self._inbox_filled.set()

    # -- the way between ----------------------------------------------------------------------------------------

    def _packet(self, direction: int, payload: bytes, label: str, routine: bool) -> Packet:
        self._sent += 1
        return Packet(self, direction, self._sent, payload, label, routine)

    def control(self, direction: int, label: str) -> None:
        """Send an opening, a reset or an ending: a message without payload."""
        self.send(self._packet(direction, b"", label, True))

    def send(self, packet: Packet) -> None:
        """Put a packet on its way; packets of one direction never overtake one another."""
        network, direction = self.network, packet.direction
        if self._version != network.version:
            self._look_up()
        now = network.kernel.now
        size = len(packet.payload)
        arrives = self._ways[direction].carry(now, size)
        if arrives < self._arrivals[direction]:
            arrives = self._arrivals[direction]
        self._arrivals[direction] = arrives
        sender, receiver = self._names[direction]
        packet.sent = network.record(
            sender,
            MessageSent(self.number, packet.number, sender, receiver, packet.label, size, arrives, direction == 1, packet.routine),
        )
        network.kernel.plan(arrives, self._arrive, packet)

    def _look_up(self) -> None:
        network = self.network
        self._version = network.version
        for direction, (one, other) in enumerate(((self.opener, self.listener), (self.listener, self.opener))):
            self._ways[direction] = network.ways.between(one, other)
            self._blocked[direction] = network.barriers.blocks(one, other)

    def _arrive(self, packet: Packet) -> None:
        network, direction = self.network, packet.direction
        network.kernel.cause = packet.sent
        if self._version != network.version:
            self._look_up()
        if self._blocked[direction] or self.stuck[direction]:
            self._note_lost_or_stuck(packet, MessageStuck, "")
            self.stuck[direction].append(packet)
            network.stuck_connections[self.number] = self
            return
        receiver = self._ends[1 - direction]
        if receiver.powered_off:
            self._note_lost_or_stuck(packet, MessageLost, f"{receiver.name} has no power")
        elif packet.label == OPEN:
            network.arrive_open(self, direction)
        elif direction == 0:
            self._arrive_at_listener(packet)
        else:
            self._arrive_at_opener(packet)

    def release(self) -> None:
        """The way is free again: send what was stuck, in its order; leave what is still blocked."""
        self._look_up()
        for direction in (0, 1):
            if not self._blocked[direction]:
                waiting = list(self.stuck[direction])
                self.stuck[direction].clear()
                for packet in waiting:
                    self.send(packet)

    def _arrive_at_listener(self, packet: Packet) -> None:
        if packet.label == FIN or packet.label == RESET:
            self.end_listener()
            self.network.forget(self)
        elif self.listener_open and self.listener.incarnation == self.lives[1]:
            self._note_delivered(packet)
            self.inbox.append(packet)
            if self._inbox_filled is not None:
                self._inbox_filled.set()
        else:
            self._note_lost_or_stuck(packet, MessageLost, f"{self.listener.name} has closed the connection")
            if self.open:
                self.control(1, RESET)

    def _arrive_at_opener(self, packet: Packet) -> None:
        if self.opener.incarnation != self.lives[0]:
            if packet.label != RESET:
                self._note_lost_or_stuck(packet, MessageLost, f"{self.opener.name} has closed the connection")
        elif packet.label == RESET:
            self.end_opener("reset by the listener")
            self.network.forget(self)
        elif packet.label == FIN:
            self.end_opener("closed by the listener")
        elif self.open and self._take_question(packet.question):
            self._note_delivered(packet)
            packet.question.answer.set(packet.payload)
        else:
            self._note_lost_or_stuck(packet, MessageLost, "nobody waits for it any more")

    def _take_question(self, question: Packet) -> bool:
        if self._in_flight and self._in_flight[0] is question:
            self._in_flight.popleft()
            return True
        return False

    def _note_delivered(self, packet: Packet) -> None:
        sender, receiver = self._names[packet.direction]
        kernel = self.network.kernel
        kernel.cause = self.network.record(
            receiver,
            MessageDelivered(
                self.number, packet.number, sender, receiver, packet.label, packet.sent, packet.direction == 1, packet.routine
            ),
        )

    def _note_lost_or_stuck(self, packet: Packet, kind: type, why: str) -> None:
        sender, receiver = self._names[packet.direction]
        fields = (self.number, packet.number, sender, receiver, packet.label)
        self.network.record(receiver, kind(*fields, why) if why else kind(*fields))
