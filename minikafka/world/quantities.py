"""Times and sizes as people write them, and as whole numbers inside.

Promises     `"35ms"` becomes 35,000 microseconds, `"16KB"` 16,384 bytes, `"200Mbps"` 200,000,000 bits a second; a plain
             integer is already in the inner unit; anything else is refused with what would be right.
Stands for   the units that configuration files leave to the reader.
Left out     dates, and negative quantities.
Differs      a size in KB or MB counts in 1,024s, as Kafka's own size settings do; bits a second count in 1,000s, as
             networks do.
"""

from __future__ import annotations

import re
from fractions import Fraction

TIMES = {"us": 1, "µs": 1, "ms": 1_000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
SIZES = {"B": 1, "KB": 1_024, "MB": 1_024**2, "GB": 1_024**3}
RATES = {"bps": 1, "kbps": 1_000, "Mbps": 1_000_000, "Gbps": 1_000_000_000}

_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ]+)\s*")


class BadQuantity(ValueError):
    """A time, size or rate that cannot be understood; says which, and how to write it."""


def us(time: str | int) -> int:
    """A time in microseconds: `us("1.5s")` is 1,500,000; an integer is microseconds already."""
    return _read(time, TIMES, "time", '"35ms", "2s" or whole microseconds')


def bytes_of(size: str | int) -> int:
    """A size in bytes: `bytes_of("16KB")` is 16,384; an integer is bytes already."""
    return _read(size, SIZES, "size", '"16KB", "1MB" or whole bytes')


def per_second(rate: str | int) -> int:
    """A bandwidth in bits a second: `per_second("200Mbps")` is 200,000,000."""
    found = _read(rate, RATES, "bandwidth", '"200Mbps", "1Gbps" or whole bits a second')
    if found == 0:
        raise BadQuantity(f"bandwidth {rate!r} carries nothing: cut the link instead")
    return found


def say_time(moment: int) -> str:
    """A moment or span for people, in seconds to the millisecond: 1,400,000 is `1.400 s`."""
    return f"{moment / 1_000_000:.3f} s"


def say_span(span: int) -> str:
    """A short span for people, in the unit that fits: 250 is `250 µs`, 35,000 is `35 ms`, 1,400,000 is `1.4 s`."""
    for unit, factor in (("s", 1_000_000), ("ms", 1_000)):
        if span >= factor:
            return f"{span / factor:.4g} {unit}"
    return f"{span} µs"


def say_size(size: int) -> str:
    """A size for people: 16,384 is `16 KB`; under 1,024 bytes are counted."""
    for unit, factor in (("GB", 1_024**3), ("MB", 1_024**2), ("KB", 1_024)):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} B"


def counted(number: int, noun: str) -> str:
    """`1 record`, `2 records`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _read(written: str | int, units: dict[str, int], what: str, right: str) -> int:
    if isinstance(written, int) and not isinstance(written, bool):
        if written < 0:
            raise BadQuantity(f"{what} {written} is negative: write {right}")
        return written
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if found is None or found[2] not in units:
        raise BadQuantity(f"{what} {written!r} is not understood: write {right}")
    return round(Fraction(found[1]) * units[found[2]])
