"""Transactions in the picture of one log: which are open, which have ended, and how far everything is decided.

Promises     `first_undecided` is what the log's own book must say, also after a cut that takes a marker away.
Stands for   nothing in Kafka.
Left out     whether a transaction was committed or aborted.
Differs      -
"""

from __future__ import annotations


class TransactionPicture:
    """`open`: producer -> first offset; `ended`: (offset of the marker, first offset, producer), oldest first."""

    __slots__ = ("open", "ended")

    def __init__(self) -> None:
        self.open: dict[int, int] = {}
        self.ended: list[tuple[int, int, int]] = []

    def begin(self, producer: int, first_offset: int) -> None:
        """The first record is in the log."""
        self.open[producer] = first_offset

    def end(self, producer: int, first_offset: int, marker: int) -> None:
        """The marker is in the log; a first offset of -1: it has ended nothing."""
        if first_offset >= 0:
            self.open.pop(producer, None)
            self.ended.append((marker, first_offset, producer))

    def cut(self, new_end: int) -> None:
        """The log ends there now: what began behind it is gone, and what ended behind it is open again."""
        self.open = {producer: first for producer, first in self.open.items() if first < new_end}
        while self.ended and self.ended[-1][0] >= new_end:
            _, first, producer = self.ended.pop()
            if first < new_end:
                self.open[producer] = first

    def forget_below(self, start: int) -> None:
        """The log begins there now: which markers lie below it is of no use any more."""
        self.ended = [one for one in self.ended if one[0] >= start]

    def first_undecided(self, high_watermark: int) -> int | None:
        """The first offset of a transaction that is open, or whose marker is not below the high watermark."""
        found = list(self.open.values())
        for marker, first, _ in reversed(self.ended):
            if marker < high_watermark:
                break
            found.append(first)
        return min(found, default=None)
