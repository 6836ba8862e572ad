"""Where things are: regions, zones in a region, machines in a zone.

Promises     every place has one name in its world and knows what it lies in; `contains` answers for all depths.
Stands for   cloud regions and availability zones, or data centres and racks (a zone is a broker's rack).
Left out     geography: distance is what the network says it is.
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterator


class Place:
    """A region, zone or machine; `inside` is the place around it (None for a region)."""

    def __init__(self, name: str, inside: Place | None = None):
        self.name = name
        self.inside = inside

    def contains(self, other: Place) -> bool:
        """Whether `other` is this place or lies in it."""
        here: Place | None = other
        while here is not None:
            if here is self:
                return True
            here = here.inside
        return False

    @property
    def region(self) -> Region:
        """The region around this place (itself, for a region)."""
        here = self
        while here.inside is not None:
            here = here.inside
        assert isinstance(here, Region), f"{here.name} is outermost and not a region"
        return here

    @property
    def door(self) -> str:
        """The name under which a journal finds this place again."""
        return f"place:{self.name}"

    def __repr__(self) -> str:
        return self.name


class Zone(Place):
    """A part of a region that fails by itself: an availability zone, a data hall, a rack."""


class Region(Place):
    """A part of the world with one or more zones, far from the others."""

    def __init__(self, name: str, zones: int):
        super().__init__(name)
        self.zones = [Zone(f"{name}-{letter}", self) for letter in _letters(zones)]


def _letters(count: int) -> Iterator[str]:
    for index in range(count):
        yield chr(ord("a") + index) if count <= 26 else str(index + 1)
