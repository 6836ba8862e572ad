"""Which brokers a new partition lives on when its topic has a placement constraint.

Promises     sync replicas come first and observers last, each rack in the order of the constraint; a rack with too few
             brokers is refused by name and count; the brokers of a rack take turns.
Stands for   the replica placer of Confluent Server, as far as its documentation says what comes out.
Left out     -
Differs      which of a rack's brokers are taken is not documented: here they take turns from a place that is rolled.
             The order of the racks is kept in every partition, so the preferred leaders are all in the first rack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from minikafka.controller.placement import NO_BROKER, Rack, UsableBroker
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.placement_constraints import PlacementConstraints, RackCount

SAME_RACK_SINCE = (3, 3)


def place_constrained(
    constraints: PlacementConstraints, brokers: Sequence[UsableBroker], partitions: int, config: Mapping, dice: Random
) -> list[tuple[int, ...]]:
    """The replicas of each partition, its observers last, else INVALID_REPLICA_ASSIGNMENT."""
    check_racks(constraints, brokers, config)
    racks = {rack: Rack([one for one in brokers if one.rack == rack], dice) for rack in constraints.racks}
    return [_take((*constraints.replicas, *constraints.observers), racks, number) for number in range(partitions)]


def check_racks(constraints: PlacementConstraints, brokers: Sequence[UsableBroker], config: Mapping) -> None:
    """Enough brokers in every rack, and a rack in both lists only where that is possible; else
    INVALID_REPLICA_ASSIGNMENT."""
    version = str(config["inter.broker.protocol.version"])
    both = [rack for rack, _ in constraints.replicas if any(rack == other for other, _ in constraints.observers)]
    if both and _as_numbers(version) < SAME_RACK_SINCE:
        raise _impossible(
            f"the rack {both[0]!r} stands in replicas and in observers, {constraints.wanted_in(both[0])} brokers in "
            f"all, which takes inter.broker.protocol.version 3.3 and not {version}; raise it, or use another rack"
        )
    for rack in constraints.racks:
        have, wanted = [one.id for one in brokers if one.rack == rack], constraints.wanted_in(rack)
        if len(have) < wanted:
            known = ", ".join(sorted(dict.fromkeys(one.rack for one in brokers if one.rack))) or "none"
            raise _impossible(
                f"the rack {rack!r} shall hold {wanted} replicas and observers, and has {len(have)} brokers "
                f"{sorted(have)}; ask for fewer, or start more there (racks: {known})"
            )


def split_assignment(
    constraints: PlacementConstraints, replicas: Sequence[int], racks: Mapping[int, str], where: str
) -> tuple[int, ...]:
    """The observers of an assignment made by hand, its last replicas; INVALID_REPLICA_ASSIGNMENT unless it fits."""
    sync, observers = tuple(replicas[: constraints.sync_count]), tuple(replicas[constraints.sync_count :])
    lists = (("replicas", sync, constraints.replicas), ("observers", observers, constraints.observers))
    for what, some, counts in lists:
        have: dict[str, int] = {}
        for broker in some:
            rack = racks.get(broker, "")
            have[rack] = have.get(rack, 0) + 1
        if have != dict(counts):
            asked = ", ".join(f"{count} in {rack!r}" for rack, count in counts) or "none"
            found = ", ".join(f"{count} in {rack!r}" for rack, count in have.items()) or "none"
            raise _impossible(
                f"the assignment {list(replicas)} of {where} has {found} as {what}, the placement constraint wants "
                f"{asked}; list the sync replicas first and the observers last"
            )
    return observers


def _take(counts: Sequence[RackCount], racks: Mapping[str, Rack], turn: int) -> tuple[int, ...]:
    found = [racks[rack].next(turn) for rack, count in counts for _ in range(count)]
    assert NO_BROKER not in found, f"{counts} was checked, and the brokers do not suffice all the same"
    return tuple(found)


def _as_numbers(version: str) -> tuple[int, ...]:
    parts = version.split("-")[0].split(".")[:2]
    if not all(part.isdigit() for part in parts) or len(parts) != 2:
        raise _impossible(f"inter.broker.protocol.version={version!r} is no version; write it like 3.3")
    return tuple(int(part) for part in parts)


def _impossible(why: str) -> KafkaError:
    return KafkaError(Error.INVALID_REPLICA_ASSIGNMENT, why)
