"""Where each leadership began in this log: the list by which two logs find the point where they part.

Promises     entries (epoch, start offset), both strictly increasing; every change is on disk before the call returns.
             What the log says wins over the file: entries beyond its end are dropped, missing ones are added again.
Stands for   org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache and its `leader-epoch-checkpoint` file.
Left out     tiered storage.
Differs      a missing or damaged file is rebuilt from the batches; Kafka starts with an empty cache, or not at all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import NamedTuple

from minikafka.log.checkpoints import read_rows, write_rows
from minikafka.protocol.errors import KafkaError
from minikafka.world.disk import Disk

CHECKPOINT_NAME = "leader-epoch-checkpoint"
UNDEFINED = (-1, -1)


class EpochEntry(NamedTuple):
    """The first offset of a leader epoch."""

    epoch: int
    start: int


class LeaderEpochs:
    """The epochs of one log. `log_end` must be told by the log: it is where the latest epoch ends so far."""

    def __init__(self, disk: Disk, folder: str) -> None:
        self._disk = disk
        self.path = f"{folder}/{CHECKPOINT_NAME}"
        self.entries: list[EpochEntry] = []
        self.log_end = 0

    def load(self) -> str:
        """Read the file; returns "" or, for a file that cannot be read, why not (and then begins empty)."""
        try:
            self.entries = [EpochEntry(int(epoch), int(start)) for epoch, start in read_rows(self._disk, self.path)]
        except (ValueError, KafkaError) as reason:
            self.entries = []
            return f"{self.path} was damaged ({reason})"
        if any(one.epoch >= two.epoch or one.start >= two.start for one, two in pairwise(self.entries)):
            self.entries = []
            return f"{self.path} was damaged (its epochs do not rise)"
        return ""

    @property
    def latest(self) -> int:
        """The latest epoch, -1 if there is none."""
        return self.entries[-1].epoch if self.entries else -1

    def assign(self, epoch: int, start: int) -> None:
        """An epoch (>= 0) begins at an offset. The latest again changes nothing; what contradicts a new one goes."""
        if epoch < 0:
            return
        entries = self.entries
        if entries and epoch == entries[-1].epoch and start >= entries[-1].start:
            return
        kept = [entry for entry in entries if entry.epoch < epoch and entry.start < start]
        self._become([*kept, EpochEntry(epoch, start)])

    def end_offset_for(self, epoch: int) -> tuple[int, int]:
        """The largest epoch up to this one that the log knows, and the offset where it ends; (-1, -1) if unknown."""
        entries = self.entries
        if epoch < 0 or not entries or epoch > entries[-1].epoch:
            return UNDEFINED
        if epoch == entries[-1].epoch:
            return epoch, self.log_end
        higher = bisect_right(entries, epoch, key=lambda entry: entry.epoch)
        known = entries[higher - 1].epoch if higher else epoch
        return known, entries[higher].start

    def epoch_for(self, offset: int) -> int:
        """The epoch under which an offset was (or will next be) written; -1 before the first entry."""
        index = bisect_right(self.entries, offset, key=lambda entry: entry.start)
        return self.entries[index - 1].epoch if index else -1

    def truncate_from_end(self, offset: int) -> None:
        """Forget the epochs that begin at this offset or later."""
        index = bisect_left(self.entries, offset, key=lambda entry: entry.start)
        if index < len(self.entries):
            self._become(self.entries[:index])

    def truncate_from_start(self, offset: int) -> None:
        """Forget what lies before; the epoch in force at `offset` now begins there."""
        index = bisect_right(self.entries, offset, key=lambda entry: entry.start)
        if index and self.entries[0].start < offset:
            self._become([EpochEntry(self.entries[index - 1].epoch, offset), *self.entries[index:]])

    def clear(self) -> None:
        """Forget all."""
        if self.entries:
            self._become([])

    def _become(self, entries: list[EpochEntry]) -> None:
        self.entries = entries
        write_rows(self._disk, self.path, entries)
