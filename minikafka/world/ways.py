"""How long a message takes from one place to another, and what it costs.

Promises     a message takes its turn on the wire (bandwidth), then travels (latency and jitter); a lost one is sent
             again after a pause that doubles; bytes are counted for each way.
Stands for   the links between racks, data centres and regions, and TCP's retransmission over them.
Left out     congestion control, packet sizes, routing around a break.
Differs      loss delays a message and never loses it, as TCP has it; a way in one direction knows nothing of the other.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from minikafka.world.chance import Chance
from minikafka.world.places import Place, Zone
from minikafka.world.quantities import BadQuantity, per_second, us

RETRANSMIT_FIRST = 200_000
RETRANSMIT_MOST = 60_000_000


class Wire(NamedTuple):
    """What a way is like: latency and jitter in µs, bandwidth in bits/s (0: no limit), loss from 0 to below 1."""

    latency: int
    jitter: int = 0
    bandwidth: int = 0
    loss: float = 0.0


SAME_ZONE = Wire(latency=250, jitter=50)
SAME_REGION = Wire(latency=700, jitter=150)
LOOPBACK = Wire(latency=20)


def wire(latency: str | int, jitter: str | int = 0, bandwidth: str | int | None = None, loss: float = 0.0) -> Wire:
    """A wire from quantities as people write them; `loss` is the share of messages that must be sent again."""
    if not isinstance(loss, int | float) or isinstance(loss, bool) or not 0 <= loss < 1:
        raise BadQuantity(
            f"loss={loss!r} is not a share of messages: write a number from 0 to below 1, 0.01 for one in a hundred"
        )
    return Wire(us(latency), us(jitter), 0 if bandwidth is None else per_second(bandwidth), float(loss))


class Way:
    """One direction between two places."""

    __slots__ = ("source", "target", "wire", "bytes", "messages", "retransmitted", "_busy_until", "_dice")

    def __init__(self, source: Place, target: Place, wire: Wire, dice: random.Random):
        self.source = source
        self.target = target
        self.wire = wire
        self.bytes = 0
        self.messages = 0
        self.retransmitted = 0
        self._busy_until = 0
        self._dice = dice

    def carry(self, now: int, size: int) -> int:
        """When a message of `size` bytes that is handed over now will arrive (µs)."""
        latency, jitter, bandwidth, loss = self.wire
        self.bytes += size
        self.messages += 1
        if bandwidth:
            start = self._busy_until if self._busy_until > now else now
            now = self._busy_until = start + size * 8_000_000 // bandwidth
        if loss:
            pause = RETRANSMIT_FIRST
            while self._dice.random() < loss:
                self.retransmitted += 1
                self.bytes += size
                now += pause
                pause = min(pause * 2, RETRANSMIT_MOST)
        if jitter:
            return now + latency + int(self._dice.random() * jitter)
        return now + latency

    def turn_back(self, size: int) -> None:
        """A message that was carried has not come through after all: it counts when it does."""
        self.bytes -= size
        self.messages -= 1


class NoWay(ValueError):
    """Two regions that nobody has connected; says how to."""


class WayMap:
    """All ways of a world: the nearest rule that fits two machines gives theirs."""

    def __init__(self, chance: Chance):
        self._chance = chance
        self._rules: dict[tuple[str, str], tuple[Place, Place, Wire]] = {}
        self._ways: dict[tuple[str, str], Way] = {}

    def lay(self, source: Place, target: Place, wire: Wire) -> None:
        """From now on it is like this from `source` to `target` (places of any depth; the nearest rule counts)."""
        self._rules[source.name, target.name] = (source, target, wire)
        if (source.name, target.name) in self._ways:
            self._ways[source.name, target.name].wire = wire

    def lift(self, source: Place, target: Place) -> Wire | None:
        """Take a rule back; returns what it was."""
        found = self._rules.pop((source.name, target.name), None)
        return found[2] if found else None

    def between(self, source: Place, target: Place) -> Way:
        """The way from one machine to another; `NoWay` if their regions are not connected. The loopback stays."""
        if source is target:
            return self._way(source, target, LOOPBACK)
        for one, other in _nearest_first(source, target):
            if (one.name, other.name) in self._rules:
                return self._way(one, other, self._rules[one.name, other.name][2])
        if source.inside is target.inside and source.inside is not None:
            return self._way(source.inside, source.inside, SAME_ZONE)
        if source.region is target.region:
            return self._way(source.inside or source, target.inside or target, SAME_REGION)
        raise NoWay(_not_connected(source, target))

    def like(self, source: Place, target: Place) -> Wire:
        """What it is like from one place to another now; regions and zones count as well as machines."""
        for one, other in _nearest_first(source, target):
            if (one.name, other.name) in self._rules:
                return self._rules[one.name, other.name][2]
        if source.region is not target.region:
            raise NoWay(_not_connected(source, target))
        zones = [place if isinstance(place, Zone) else place.inside for place in (source, target)]
        return SAME_ZONE if zones[0] is zones[1] and zones[0] is not None else SAME_REGION

    def meters(self) -> list[Way]:
        """Every way that was ever used, in the order of first use, with its bytes and messages."""
        return list(self._ways.values())

    def bytes_between(self, source: Place, target: Place) -> int:
        """Bytes carried from one place to another, over all ways that lie in these places (regions see them all)."""
        return sum(
            way.bytes for way in self._ways.values() if source.contains(way.source) and target.contains(way.target)
        )

    def _way(self, source: Place, target: Place, wire: Wire) -> Way:
        name = (source.name, target.name)
        way = self._ways.get(name)
        if way is None:
            way = self._ways[name] = Way(
                source, target, wire, self._chance.stream(f"network/{source.name}>{target.name}")
            )
        way.wire = wire
        return way


def _not_connected(source: Place, target: Place) -> str:
    one, other = source.region.name, target.region.name
    return f'{one} and {other} are not connected: call world.connect({one}, {other}, latency="35ms") first'


def _nearest_first(source: Place, target: Place):
    """All pairs of places around the two, the innermost first."""
    sources, targets = list(_around(source)), list(_around(target))
    for distance in range(len(sources) + len(targets) - 1):
        for index, one in enumerate(sources):
            if 0 <= distance - index < len(targets):
                yield one, targets[distance - index]


def _around(place: Place | None):
    while place is not None:
        yield place
        place = place.inside
