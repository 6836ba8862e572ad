"""What the network has carried between zones and regions, in bytes, read off the flight recorder.

Promises     every message is counted once, from its sender's place to its receiver's; what a cut turns back counts
             when it is sent again. Nothing is asked of the network.
Stands for   the data transfer lines of a cloud bill.
Left out     prices: those are the reader's own.
Differs      counts what Kafka's messages weigh here; headers of the network below are not in it. What a line loses and
             carries again is counted once, as no event tells of it.
"""

from __future__ import annotations

from typing import Any

from minikafka.world.happenings import MessageSent, MessageStuck
from minikafka.world.recorder import EVERYTHING


def bytes_between(world: Any, since: int = 0, until: int | None = None) -> dict[tuple[str, str], int]:
    """(from region, to region) -> bytes, over the messages sent from `since` on and before `until` (µs). ValueError if
    the world has not kept its messages."""
    return _added_up(world, since, until, lambda machine: machine.region.name)


def bytes_between_zones(world: Any, since: int = 0, until: int | None = None) -> dict[tuple[str, str], int]:
    """(from zone, to zone) -> bytes, likewise."""
    return _added_up(world, since, until, lambda machine: machine.zone.name)


BILLS = {"region": bytes_between, "zone": bytes_between_zones}
"""By the kind of place between which bytes are counted."""


def _added_up(world: Any, since: int, until: int | None, place_of: Any) -> dict[tuple[str, str], int]:
    if world.recorder.keep != EVERYTHING and world.recorder.recorded:
        raise ValueError('this world did not keep its messages: make it with World(seed=…, keep="everything")')
    places = {name: place_of(machine) for name, machine in world.network.machines.items()}
    bill: dict[tuple[str, str], int] = {}
    under_way: dict[tuple[int, int], int] = {}
    for entry in world.recorder.events(MessageSent, MessageStuck, until=None if until is None else until - 1):
        event = entry.event
        if entry.time < since:
            continue
        way, message = (places[event.sender], places[event.receiver]), (event.connection, event.number)
        if isinstance(event, MessageSent):
            under_way[message] = event.size
            bill[way] = bill.get(way, 0) + event.size
        else:
            bill[way] = bill.get(way, 0) - under_way.pop(message, 0)
    return bill
