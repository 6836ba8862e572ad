"""What crossed a border, per byte that was produced, and what that costs.

Promises     bytes as the network counted them: batches, requests and answers, and whatever had to be sent again; from
             one mark of the meters to the next. Prices are the reader's own.
Stands for   the line "data transfer" of a cloud provider's bill.
Left out     TCP's and TLS's own bytes, compression.
Differs      a provider counts by its own borders and rounds; here each way between two places has a meter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from minikafka.world.places import Place, Region, Zone
from minikafka.world.quantities import say_size

if TYPE_CHECKING:
    from minikafka.world.world import World

GB = 10**9

class Mark(NamedTuple):
    """The meters at one moment: bytes so far by the names of a way's two ends, and bytes produced so far."""

    carried: dict[tuple[str, str], int]
    produced: int


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


def read_meters(world: World) -> Mark:
    """What every way has carried, and every workload produced, so far. Hand it to `traffic`."""
    carried = {(way.source.name, way.target.name): way.bytes for way in world.network.ways.meters()}
    produced = sum(
        len(_bytes(event.key)) + len(event.value) for workload in world.workloads for event, _ in workload.sent
    )
    return Mark(carried, produced)


def traffic(world: World, between: str = "region", since: Mark | None = None, until: Mark | None = None) -> Traffic:
    """What crossed borders `between` regions or zones, from one mark of the meters to another (or now)."""
    if between not in ("region", "zone"):
        raise ValueError(f"between={between!r}: borders lie between regions or between zones, write one of the two")
    since, until = since or Mark({}, 0), until or read_meters(world)
    crossed: dict[tuple[str, str], int] = {}
    for way in world.network.ways.meters():
        name = (way.source.name, way.target.name)
        ends = _side(way.source, between), _side(way.target, between)
        carried = until.carried.get(name, 0) - since.carried.get(name, 0)
        if ends[0] != ends[1] and carried:
            crossed[ends] = crossed.get(ends, 0) + carried
    borders = [Border(*ends, carried) for ends, carried in crossed.items()]
    return Traffic(until.produced - since.produced, tuple(sorted(borders, key=lambda border: -border.bytes)))


def _side(end: Place, between: str) -> str:
    """The region or zone of a way's end; a way between whole regions has no zones to tell."""
    if between == "region":
        return end.region.name
    while not isinstance(end, Zone | Region):
        assert end.inside is not None, f"{end.name} is in no zone"
        end = end.inside
    return end.name


def _bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()
