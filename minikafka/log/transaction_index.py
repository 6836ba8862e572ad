"""The aborted transactions of one segment: those whose abort marker lies in it.

Promises     an entry for each abort marker that ended an open transaction, in the order of the markers; the file is
             there only if it has an entry, and a lost or damaged one is made anew from the batches.
Stands for   org.apache.kafka.storage.internals.log.TransactionIndex and AbortedTxn.
Left out     the last stable offset beside each entry, by which Kafka ends a search early.
Differs      msgpack rows instead of 34 bytes each; entries are kept in memory, the file is what is on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgpack

from minikafka.world.disk import Disk

SUFFIX = ".txnindex"


class AbortedTxn(NamedTuple):
    """The records of a producer from `first_offset` to its marker at `last_offset` are void."""

    producer_id: int
    first_offset: int
    last_offset: int


class TransactionIndex:
    """Of the segment whose files begin with `stem`."""

    def __init__(self, disk: Disk, stem: str) -> None:
        self._disk = disk
        self.path = stem + SUFFIX
        self.entries: list[AbortedTxn] = []

    def append(self, aborted: AbortedTxn) -> None:
        """One more; not flushed."""
        self.entries.append(aborted)
        self._disk.append(self.path, msgpack.packb(aborted))

    def between(self, first: int, end: int) -> Iterator[AbortedTxn]:
        """Those that concern the offsets from `first` up to below `end`."""
        return (one for one in self.entries if one.last_offset >= first and one.first_offset < end)

    def truncate_to(self, offset: int) -> None:
        """Drop the entries whose markers are at `offset` or above."""
        self._keep([one for one in self.entries if one.last_offset < offset])

    def rebuild(self, entries: list[AbortedTxn]) -> bool:
        """These are the entries; returns whether the file said otherwise."""
        said = self._disk.read(self.path) if self._disk.exists(self.path) else b""
        self.entries = entries
        right = b"".join(map(msgpack.packb, entries))
        if said == right:
            return False
        if right:
            self._disk.write(self.path, right)
            self._disk.flush(self.path)
        else:
            self._disk.delete(self.path)
        return True

    def files(self) -> tuple[str, ...]:
        """Its file, if there is one."""
        return (self.path,) if self._disk.exists(self.path) else ()

    def _keep(self, entries: list[AbortedTxn]) -> None:
        if entries != self.entries:
            self.rebuild(entries)
