"""Placement constraints: which racks get how many replicas and observers of each partition, as JSON.

Promises     what can be read is complete and contradicts itself nowhere; anything else is refused with a sentence that
             names the rule, the rack and the count. Whether the brokers suffice is asked elsewhere.
Stands for   the value of confluent.placement.constraints, as Confluent's documentation describes it.
Left out     constraints on anything but the rack.
Differs      a field that is not known is refused; what Confluent does with it is not documented. In version 1 a
             promotion policy is read past, as it is said to be there: observers are promoted only beside one that
             leads already.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from minikafka.protocol.errors import ConfigException

UNDER_MIN_ISR, UNDER_REPLICATED, LEADER_IS_OBSERVER = "under-min-isr", "under-replicated", "leader-is-observer"
POLICIES = (UNDER_MIN_ISR, UNDER_REPLICATED, LEADER_IS_OBSERVER)
FIELDS = ("version", "replicas", "observers", "observerPromotionPolicy")
SHAPE = '{"count": 2, "constraints": {"rack": "west"}}'


class RackCount(NamedTuple):
    """So many replicas in this rack."""

    rack: str
    count: int


class PlacementConstraints(NamedTuple):
    """`replicas` and `observers` are tuples of `RackCount`, in the order in which replicas are listed."""

    version: int
    replicas: tuple[RackCount, ...]
    observers: tuple[RackCount, ...]
    policy: str

    @property
    def sync_count(self) -> int:
        """How many replicas are no observers."""
        return sum(count for _, count in self.replicas)

    @property
    def total(self) -> int:
        """The replication factor: replicas and observers."""
        return self.sync_count + sum(count for _, count in self.observers)

    def wanted_in(self, rack: str) -> int:
        """How many brokers of this rack are needed, for replicas and observers together."""
        return sum(count for name, count in (*self.replicas, *self.observers) if name == rack)

    @property
    def racks(self) -> list[str]:
        """All racks that are named."""
        return list(dict.fromkeys(rack for rack, _ in (*self.replicas, *self.observers)))


def constraints_from(text: str) -> PlacementConstraints:
    """Read the JSON; ConfigException for the first rule that it breaks."""
    try:
        found = json.loads(text)
    except ValueError as problem:
        raise _refused(f"it is no JSON ({problem})", 'write {"version": 2, "replicas": [...]}') from None
    if not isinstance(found, dict):
        raise _refused(f"{found!r} is no JSON object", 'write {"version": 2, "replicas": [...]}')
    unknown = [name for name in found if name not in FIELDS]
    if unknown:
        raise _refused(f"{unknown[0]!r} is no field of it", f"known are {', '.join(FIELDS)}")
    version = found.get("version")
    if version not in (1, 2) or isinstance(version, bool):
        raise _refused(f"version={version!r} is not known", "write 1, or 2 to choose a promotion policy")
    if "replicas" not in found:
        raise _refused("it has no replicas", f'say where they go: "replicas": [{SHAPE}]')
    replicas = _rack_counts("replicas", found["replicas"])
    observers = _rack_counts("observers", found.get("observers") or [])
    if not replicas:
        raise _refused("replicas is empty", "a partition needs at least one replica that is no observer")
    return PlacementConstraints(version, replicas, observers, _policy(version, found))


def written(value: dict | str) -> str:
    """The JSON text of a constraint that was given as a dict; text stays as it is."""
    return value if isinstance(value, str) else json.dumps(value)


def readable(setting: str) -> Callable[[Any], str | None]:
    """The rule for a table of settings: this setting is empty, or a constraint that can be read."""

    def rule(config: Any) -> str | None:
        try:
            if config[setting]:
                constraints_from(config[setting])
        except ConfigException as refusal:
            return refusal.sentence
        return None

    return rule


def _policy(version: int, found: dict) -> str:
    policy = found.get("observerPromotionPolicy")
    if version == 1:
        return LEADER_IS_OBSERVER
    if policy is None:
        return UNDER_MIN_ISR
    if policy not in POLICIES:
        raise _refused(f"observerPromotionPolicy={policy!r} is not known", f"choose one of {', '.join(POLICIES)}")
    return policy


def _rack_counts(which: str, rows: Any) -> tuple[RackCount, ...]:
    if not isinstance(rows, list):
        raise _refused(f"{which}={rows!r} is no list", f"write [{SHAPE}]")
    counts: dict[str, int] = {}
    for row in rows:
        rack, count = _rack_count(which, row)
        if rack in counts:
            raise _refused(
                f"the rack {rack!r} stands twice in {which}, with counts {counts[rack]} and {count}",
                f"name it once, with {counts[rack] + count}",
            )
        counts[rack] = count
    return tuple(RackCount(rack, count) for rack, count in counts.items())


def _rack_count(which: str, row: Any) -> tuple[str, int]:
    if not isinstance(row, dict) or sorted(row) != ["constraints", "count"]:
        raise _refused(f"{row!r} in {which} is not a count with constraints", f"write {SHAPE}")
    rack, count = row["constraints"], row["count"]
    if not isinstance(rack, dict) or list(rack) != ["rack"] or not isinstance(rack["rack"], str) or not rack["rack"]:
        raise _refused(f"the constraints {rack!r} in {which} name no rack", f"write {SHAPE}")
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise _refused(f"count={count!r} for the rack {rack['rack']!r} in {which} is not possible", "use at least 1")
    return rack["rack"], count


def _refused(what: str, remedy: str) -> ConfigException:
    return ConfigException(f"the placement constraint cannot be: {what}; {remedy}")
