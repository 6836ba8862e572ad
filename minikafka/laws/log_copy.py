"""A copy of one replica's log, as short as can be: a row for each batch.

Promises     after each event the copy has the rows of the real log; what a loss of power took stays in the copy until
             the log is opened again, and is `doubtful` until then.
Stands for   the log[r][o] of the specifications.
Left out     the records: two batches with the same row are the same.
Differs      compares checksums, not values.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise, zip_longest
from typing import NamedTuple

from minikafka.protocol.record_batch import BatchHeader


class Row(NamedTuple):
    """One batch: its offsets, the leader epoch it was written under, and the checksum of the rest."""

    base: int
    last: int
    epoch: int
    crc: int


def row_of(header: BatchHeader) -> Row:
    """The row of a batch."""
    return Row(header[0], header[0] + header[4], header[1], header[2])


class Rows:
    """Rows in the order of their offsets; `bases` are their base offsets."""

    __slots__ = ("rows", "bases")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.bases: list[int] = []

    @property
    def first(self) -> int:
        """The first offset that is held, -1 if none is."""
        return self.bases[0] if self.bases else -1

    def add(self, row: Row) -> None:
        """One more batch at the end."""
        self.rows.append(row)
        self.bases.append(row[0])

    def at(self, base: int) -> int:
        """The index of the batch with this base offset, -1 if there is none."""
        rows, bases = self.rows, self.bases
        if bases and bases[-1] == base:
            return len(rows) - 1
        index = bisect_left(bases, base)
        return index if index < len(bases) and bases[index] == base else -1

    def between(self, low: int, high: int) -> list[Row]:
        """The batches that begin at `low` or later, and below `high`."""
        bases = self.bases
        return self.rows[bisect_left(bases, low) : bisect_left(bases, high)]

    def cut(self, offset: int) -> list[Row]:
        """Drop the batches that hold `offset` or come later; returns them."""
        index = bisect_left(self.bases, offset)
        if index and self.rows[index - 1].last >= offset:
            index -= 1
        gone = self.rows[index:]
        del self.rows[index:], self.bases[index:]
        return gone

    def drop_before(self, offset: int) -> None:
        """Drop the batches that end below `offset`."""
        index = bisect_left(self.rows, offset, key=lambda row: row.last)
        del self.rows[:index], self.bases[:index]


class LogCopy(Rows):
    """The copy of the log at one place.

    `doubtful`: a loss of power may have taken some of it, and it was not opened since; `lossy`: it has taken some,
    and the replica has not come back into the ISR since; `lost_under`: the broker epoch of that time; `verified`: so
    far it was compared with what is committed; `epochs`: (epoch, first offset).
    """

    __slots__ = ("place", "end", "doubtful", "lossy", "lost_under", "verified", "epochs")

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self.end = self.verified = 0
        self.epochs: list[tuple[int, int]] = []
        self.doubtful = self.lossy = False
        self.lost_under = -1

    def append(self, header: BatchHeader) -> None:
        """The real log has got this batch."""
        row = row_of(header)
        self.add(row)
        self.end = row.last + 1
        if not self.epochs or self.epochs[-1][0] != row.epoch:
            self.epochs.append((row.epoch, row.base))

    def truncate(self, offset: int) -> list[Row]:
        """The real log ends here now; returns what is gone."""
        self.end = offset
        self.verified = min(self.verified, offset)
        while self.epochs and self.epochs[-1][1] >= offset:
            self.epochs.pop()
        return self.cut(offset)

    def restart(self, offset: int) -> list[Row]:
        """The real log has begun anew here; returns what is gone."""
        gone = self.rows
        self.rows, self.bases, self.epochs = [], [], []
        self.end = self.verified = offset
        return gone

    def reread(self, headers: list[BatchHeader]) -> None:
        """The real log was compacted: it has these batches now."""
        self.rows = [row_of(header) for header in headers]
        self.bases = [row.base for row in self.rows]

    def lose_power(self, broker_epoch: int) -> None:
        """Nobody knows what is left, until the log is opened again."""
        self.doubtful = True
        self.lost_under = broker_epoch

    def opened(self, end: int) -> list[Row]:
        """The log was opened and turned out to end here; returns what is gone."""
        gone = self.truncate(end) if end < self.end else []
        if self.doubtful and gone:
            self.lossy = True
        self.doubtful = False
        return gone


def parting(one: Rows, other: Rows, low: int, high: int, cleaned_to: int = 0) -> str | None:
    """Where two logs part in [low, high), in words; None if they agree there (what only one still holds is no
    difference). Below `cleaned_to` either may have been compacted."""
    low = max(low, one.first, other.first)
    if low < cleaned_to:
        why = clash(one.between(low, min(high, cleaned_to)), other.between(low, min(high, cleaned_to)))
        if why or high <= cleaned_to:
            return why
        low = cleaned_to
    mine, theirs = one.between(low, high), other.between(low, high)
    if mine == theirs:
        return None
    for left, right in zip_longest(mine, theirs):
        if left != right:
            return f"{said(left)} against {said(right)}"
    raise AssertionError("two lists that differ have a first difference")


def clash(mine: list[Row], theirs: list[Row]) -> str | None:
    """What cannot come from one log, compacted here and there: batches that overlap, or have the same place and
    another end or epoch. (A batch that lost records keeps its offsets and its epoch, and gets another checksum.)"""
    rows = sorted([*mine, *theirs])
    for one, two in pairwise(rows):
        if one.last >= two.base and one[:3] != two[:3]:
            return f"{said(one)} against {said(two)}"
    return None


def said(row: Row | None) -> str:
    """A batch in words."""
    if row is None:
        return "nothing"
    which = f"offset {row.base}" if row.base == row.last else f"offsets {row.base}..{row.last}"
    return f"{which} of epoch {row.epoch} (crc {row.crc:#010x})"
