"""The way of a connection's messages: they may be delayed, kept back and sent again, and come out in order.

Promises     messages of one direction are taken in in the order in which they were sent, whatever delays them; what a
             cut or a hold keeps back travels again once the way is free; every sending, delivery and loss is recorded.
Stands for   TCP: sequence numbers, retransmission, the receiver's queue of what came too early.
Left out     acknowledgements, windows.
Differs      a message is one packet, however large.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from minikafka.world.happenings import MessageDelivered, MessageLost, MessageSent, MessageStuck
from minikafka.world.packet import Packet, Signal

if TYPE_CHECKING:
    from minikafka.world.machine import Machine
    from minikafka.world.network import Network

GIVEN_UP = "nobody waits for the connection any more"

_event = tuple.__new__  # what a NamedTuple's constructor does in the end, and half of all events are made here


class Passage:
    """Both directions between two machines: 0 from the opener of the connection to its listener, 1 back."""

    def __init__(self, network: Network, number: int, opener: Machine, listener: Machine):
        self.network = network
        self.number = number
        self.opener = opener
        self.listener = listener
        self.abandoned = False
        self.stuck: tuple[deque[Packet], deque[Packet]] = (deque(), deque())
        self._receivers = (listener, opener)
        self._names = ((opener.name, listener.name), (listener.name, opener.name))
        self._next_number = [0, 1]
        self._expected = [0, 1]
        self._early: tuple[dict[int, Packet], dict[int, Packet]] = ({}, {})
        self._arrivals = [0, 0]
        self._version = -1
        self._ways: list = [None, None]
        self._blocked = [False, False]

    def take_in(self, packet: Packet) -> None:
        """A packet is there, and all before it were."""
        raise NotImplementedError

    def signal(self, direction: int, label: str) -> None:
        """Send an opening, a reset or an ending: a message without payload."""
        self._send(Signal(direction, b"", label, True))

    def _send(self, packet: Packet) -> None:
        """Put a packet on its way, or on it again; it is not planned to arrive before those sent earlier."""
        network, direction, number = self.network, packet.direction, packet.number
        if number < 0:
            packet.number = number = self._next_number[direction]
            self._next_number[direction] = number + 2
        if self._version != network.version:
            self._look_up()
        kernel = network.kernel
        size = len(packet.payload)
        packet.way = way = self._ways[direction]
        arrives = way.carry(kernel.now, size)
        if arrives < self._arrivals[direction]:
            arrives = self._arrivals[direction]
        self._arrivals[direction] = arrives
        sender, receiver = self._names[direction]
        label, routine = packet.label, packet.routine
        fields = (self.number, number, sender, receiver, label, size, arrives, direction == 1, routine)
        packet.sent = network.record(sender, _event(MessageSent, fields))
        kernel.plan(arrives, self._arrive, packet)

    def _look_up(self) -> None:
        network = self.network
        self._version = network.version
        for direction, (one, other) in enumerate(((self.opener, self.listener), (self.listener, self.opener))):
            self._ways[direction] = network.ways.between(one, other)
            self._blocked[direction] = network.barriers.blocks(one, other)

    def _arrive(self, packet: Packet) -> None:
        """A packet is there: take it in, unless something stands in the way or one before it is still missing."""
        network, direction, number = self.network, packet.direction, packet.number
        network.kernel.cause = packet.sent
        if self._version != network.version:
            self._look_up()
        if self._blocked[direction]:
            self._keep_back(packet)
        elif number != self._expected[direction]:
            self._early[direction][number] = packet
        else:
            self._expected[direction] = number + 2
            self.take_in(packet)
            early = self._early[direction]
            while early and (packet := early.pop(self._expected[direction], None)) is not None:
                self._expected[direction] += 2
                network.kernel.cause = packet.sent
                self.take_in(packet)

    def _keep_back(self, packet: Packet) -> None:
        if self.abandoned:
            self._note(MessageLost, packet, GIVEN_UP)
            return
        self._note(MessageStuck, packet)
        packet.way.turn_back(len(packet.payload))
        self.stuck[packet.direction].append(packet)
        self.network.stuck_connections[self.number] = self

    def release(self) -> None:
        """The way is free again: send what was stuck, in its order; leave what is still blocked."""
        self._look_up()
        for direction in (0, 1):
            if not self._blocked[direction]:
                waiting = list(self.stuck[direction])
                self.stuck[direction].clear()
                for packet in waiting:
                    self._send(packet)

    def _note_delivered(self, packet: Packet) -> None:
        direction = packet.direction
        sender, receiver = self._names[direction]
        network = self.network
        label, routine = packet.label, packet.routine
        fields = (self.number, packet.number, sender, receiver, label, packet.sent, direction == 1, routine)
        network.kernel.cause = network.record(receiver, _event(MessageDelivered, fields))

    def _note(self, kind: type, packet: Packet, *why: str) -> None:
        sender, receiver = self._names[packet.direction]
        self.network.record(receiver, kind(self.number, packet.number, sender, receiver, packet.label, *why))
