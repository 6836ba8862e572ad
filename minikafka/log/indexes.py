"""The two sparse indexes of a segment: from an offset, and from a timestamp, to where to begin looking.

Promises     a lookup is a lower bound: nothing that is looked for lies before the place it gives.
             Entries rise; an index that breaks this, or points to no batch, is found damaged when it is loaded.
Stands for   OffsetIndex and TimeIndex of org.apache.kafka.storage.internals.log, and their files.
Left out     memory mapping, preallocated files. The transaction index has a room of its own.
Differs      loading also compares entries with the batches; Kafka checks only length and order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from struct import Struct

from minikafka.protocol.record_batch import BatchHeader
from minikafka.world.disk import Disk


class SparseIndex:
    """Two rising columns, in memory and in a file."""

    ENTRY = Struct(">ii")
    OFFSETS = 0  # which column holds (relative) offsets

    def __init__(self, disk: Disk, path: str, base_offset: int) -> None:
        self._disk = disk
        self.path = path
        self.base_offset = base_offset
        self.room = 0  # how many entries fit
        self.columns: tuple[list[int], list[int]] = ([], [])

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def entries(self) -> list[tuple[int, int]]:
        """The entries, rising; offsets are absolute."""
        return list(zip(*self.columns, strict=True))

    def set_room(self, size: int) -> None:
        """Let it grow to `size` bytes (segment.index.bytes)."""
        self.room = size // self.ENTRY.size

    def create(self) -> None:
        """Begin with an empty file."""
        self._disk.write(self.path, b"")

    def load(self) -> str:
        """Read the file; returns "" or, if it is missing or damaged, why it must be rebuilt."""
        if not self._disk.exists(self.path):
            return f"{self.path} is missing"
        data = self._disk.read(self.path)
        if len(data) % self.ENTRY.size:
            return f"{self.path} has {len(data)} bytes, no multiple of {self.ENTRY.size}"
        rows = [list(row) for row in self.ENTRY.iter_unpack(data)]
        for row in rows:
            row[self.OFFSETS] += self.base_offset
        if any(two[0] <= one[0] or two[1] <= one[1] for one, two in pairwise(rows)):
            return f"{self.path} has entries that do not rise"
        self.columns = ([row[0] for row in rows], [row[1] for row in rows])
        return ""

    def truncate_to(self, offset: int) -> None:
        """Drop the entries of this offset and later ones."""
        keep = bisect_left(self.columns[self.OFFSETS], offset)
        if keep < len(self):
            for column in self.columns:
                del column[keep:]
            self._disk.truncate(self.path, keep * self.ENTRY.size)

    def _add(self, first: int, second: int, packed: bytes) -> None:
        firsts, seconds = self.columns
        if len(firsts) < self.room:  # one entry less costs a lookup time, nothing else
            firsts.append(first)
            seconds.append(second)
            self._disk.append(self.path, packed)


class OffsetIndex(SparseIndex):
    """(last offset of a batch, the batch's position): every `index.interval.bytes` one."""

    @property
    def is_full(self) -> bool:
        """No entry fits any more: the segment must be rolled."""
        return len(self.columns[0]) >= self.room

    def append(self, offset: int, position: int) -> None:
        """Add the entry of a batch that is about to be written."""
        self._add(offset, position, self.ENTRY.pack(offset - self.base_offset, position))

    def lookup(self, offset: int) -> tuple[int, int]:
        """The entry at or before the offset: begin to look at its position. (base offset, 0) before the first."""
        index = bisect_right(self.columns[0], offset) - 1
        return (self.columns[0][index], self.columns[1][index]) if index >= 0 else (self.base_offset, 0)

    def contradiction(self, headers: list[BatchHeader]) -> str:
        """Why the index cannot belong to these batches, or ""."""
        position_of = {header.last_offset: header.position for header in headers}
        for offset, position in self.entries:
            if position_of.get(offset) != position:
                return f"{self.path} says that offset {offset} is at position {position}, where no such batch is"
        return ""


class TimeIndex(SparseIndex):
    """(largest timestamp so far in ms, last offset of its batch): written along with the offset index."""

    ENTRY = Struct(">qi")
    OFFSETS = 1

    @property
    def is_full(self) -> bool:
        """Only the room for the closing entry is left: the segment must be rolled."""
        return len(self.columns[0]) >= self.room - 1

    def maybe_append(self, timestamp: int, offset: int) -> None:
        """Add an entry if the timestamp has risen since the last one."""
        timestamps = self.columns[0]
        if timestamp > (timestamps[-1] if timestamps else -1):
            self._add(timestamp, offset, self.ENTRY.pack(timestamp, offset - self.base_offset))

    def lookup(self, timestamp: int) -> tuple[int, int]:
        """The last entry not later than the timestamp: all before its offset is older. (-1, base offset) before it."""
        index = bisect_right(self.columns[0], timestamp) - 1
        return (self.columns[0][index], self.columns[1][index]) if index >= 0 else (-1, self.base_offset)

    def contradiction(self, headers: list[BatchHeader]) -> str:
        """Why the index cannot belong to these batches, or ""."""
        latest = {header.last_offset: header.max_timestamp for header in headers}
        for timestamp, offset in self.entries:
            if latest.get(offset) != timestamp:
                return f"{self.path} says that offset {offset} has timestamp {timestamp}, but no such batch is there"
        return ""
