"""What crossed a border, per byte that was produced, and what that costs.

Promises     all messages of a stretch of time: batches, requests and answers. Prices are the reader's own.
Stands for   the line "data transfer" of a cloud provider's bill.
Left out     TCP's and TLS's own bytes and what they send again; compression.
Differs      a provider counts by its own borders, and rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from minikafka.deploy.traffic_bill import BILLS
from minikafka.world.quantities import say_size

if TYPE_CHECKING:
    from minikafka.world.world import World

GB = 10**9


class Border(NamedTuple):
    """Bytes that went from one place into another."""

    source: str
    target: str
    bytes: int


class Traffic(NamedTuple):
    """`produced`: bytes of the records themselves; `borders`: what they made cross, the busiest first."""

    produced: int
    borders: tuple[Border, ...]

    @property
    def crossed(self) -> int:
        """All bytes that crossed any border."""
        return sum(border.bytes for border in self.borders)

    @property
    def per_produced_byte(self) -> float:
        """How many bytes crossed for each byte produced."""
        return self.crossed / self.produced if self.produced else 0.0

    def cost(self, prices: Mapping[tuple[str, str], float] | float) -> float:
        """What it costs, given a price for each 10^9 bytes: one for all borders, or one for each (source, target)."""
        if not isinstance(prices, Mapping):
            return self.crossed * prices / GB
        missing = [(border.source, border.target) for border in self.borders if border[:2] not in prices]
        if missing:
            raise ValueError(f"no price for {missing[0][0]} to {missing[0][1]}: name one, 0.0 where bytes are free")
        return sum(border.bytes * prices[border[:2]] / GB for border in self.borders)

    def __str__(self) -> str:
        """A line for each border."""
        return "\n".join(self._line(border) for border in self.borders) or "nothing crossed a border"

    def _line(self, border: Border) -> str:
        line = f"{border.source} > {border.target}   {say_size(border.bytes)}"
        return f"{line}, {border.bytes / self.produced:.2f} for each byte produced" if self.produced else line


def traffic(world: World, between: str = "region", since: int = 0, until: int | None = None) -> Traffic:
    """What crossed borders `between` regions or zones, of what was sent from `since` on and before `until` (µs)."""
    if between not in BILLS:
        raise ValueError(f"between={between!r}: borders lie between regions or between zones, write one of the two")
    carried = BILLS[between](world, since, until)
    borders = [Border(*ends, size) for ends, size in carried.items() if ends[0] != ends[1]]
    return Traffic(_produced(world, since, until), tuple(sorted(borders, key=lambda border: -border.bytes)))


def _produced(world: World, since: int, until: int | None) -> int:
    """Bytes of the keys and values that the workloads handed to their producers in this time."""
    size = 0
    for workload in world.workloads:
        for event, receipt in workload.sent:
            sent_at = receipt.batch.records[receipt.index][0] * 1000
            if since <= sent_at and (until is None or sent_at < until):
                size += len(event.key.encode()) + len(event.value)
    return size
