"""The ways to share out partitions, by the names under which they travel.

Promises     each is a pure function of the topics and the members' wishes: every leader comes to the same result.
Stands for   ConsumerPartitionAssignor and partition.assignment.strategy.
Left out     assignors of one's own.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from minikafka.client.range_assignor import Shares, Wishes, assign_ranges, assign_round_robin
from minikafka.client.sticky_assignor import assign_cooperatively, assign_sticky

EAGER, COOPERATIVE = "eager", "cooperative"

ASSIGNORS: dict[str, Callable[[Mapping[str, int], Wishes], Shares]] = {
    "range": assign_ranges,
    "roundrobin": assign_round_robin,
    "sticky": assign_sticky,
    "cooperative-sticky": assign_cooperatively,
}
"""By name."""

REMEMBERING = ("sticky", "cooperative-sticky")
"""What a member had counts for these."""


def rebalance_protocol(strategies: Iterable[str]) -> str:
    """COOPERATIVE (keep partitions while joining) if all of them can, else EAGER (give all back first)."""
    return COOPERATIVE if all(name == "cooperative-sticky" for name in strategies) else EAGER
