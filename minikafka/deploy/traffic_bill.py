"""What the network has carried between zones and regions, in bytes, read off the flight recorder.

Promises     every message is counted once, from its sender's place to its receiver's; nothing is asked of the network.
Stands for   the data transfer lines of a cloud bill.
Left out     prices: those are the reader's own.
Differs      counts what Kafka's messages weigh here; headers of the network below are not in it.
"""

from __future__ import annotations

from typing import Any

from minikafka.world.happenings import MessageSent


def bytes_between(world: Any, since: int = 0, until: int | None = None) -> dict[tuple[str, str], int]:
    """(from region, to region) -> bytes, over the messages sent from `since` on and before `until` (µs)."""
    return _added_up(world, since, until, lambda machine: machine.zone.region.name)


def bytes_between_zones(world: Any, since: int = 0, until: int | None = None) -> dict[tuple[str, str], int]:
    """(from zone, to zone) -> bytes, likewise."""
    return _added_up(world, since, until, lambda machine: machine.zone.name)


def _added_up(world: Any, since: int, until: int | None, place_of: Any) -> dict[tuple[str, str], int]:
    places = {name: place_of(machine) for name, machine in world.network.machines.items()}
    bill: dict[tuple[str, str], int] = {}
    for entry in world.recorder.events(MessageSent.__name__):
        if entry.time >= since and (until is None or entry.time < until):
            way = (places[entry.event.sender], places[entry.event.receiver])
            bill[way] = bill.get(way, 0) + entry.event.size
    return bill
