"""Which partition of `__consumer_offsets` belongs to a group, and so which broker coordinates it.

Promises     the same partition as in Kafka for every group id.
Stands for   GroupCoordinatorService.partitionFor, Utils.abs, String.hashCode.
Left out     -
Differs      -
"""

from __future__ import annotations

OFFSETS_TOPIC = "__consumer_offsets"
"""The log of all groups."""

MIN_INT = -(2**31)


def java_string_hash(text: str) -> int:
    """What Java's String.hashCode gives: 31 * h + c over the UTF-16 units, as a signed 32-bit number."""
    units = text.encode("utf-16-be", "surrogatepass")
    value = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


def partition_for(group_id: str, partitions: int) -> int:
    """The partition, of so many."""
    value = java_string_hash(group_id)
    return (0 if value == MIN_INT else abs(value)) % partitions
