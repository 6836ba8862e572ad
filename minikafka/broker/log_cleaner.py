"""The log cleaner: it looks for the log that is worth compacting most, compacts it, and looks again.

Promises     what the cleaner has finished survives a stop, what it has not is as if it had never begun. A log that is
             cut or deleted under its hands is left alone at once.
Stands for   LogCleaner, its CleanerThread, and LogCleanerManager.
Left out     several threads, throttling, the size of the map; a log that cannot be read is not marked uncleanable.
Differs      the work itself takes no time; what stands for it are the pauses between its steps. A broker without a
             compacted log has no cleaner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker.partition import Partition
from minikafka.events.storage import CompactionGivenUp, CompactionStarted, LogCompacted
from minikafka.log.cleanable import Cleanable, cleanable, worth_it
from minikafka.log.compaction import Cleaner, groups, last_offsets, put_in_place
from minikafka.log.partition_log import PartitionLog
from minikafka.log.segment import SWAP, Segment
from minikafka.metadata.effective_config import broker_settings
from minikafka.protocol.names import TopicPartition

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker

STEP = 2_000
"""µs for each step of the work: reading for the map, writing a segment anew, giving it its place."""


class LogCleaner:
    """`busy` is the partition that is being compacted, None in between."""

    def __init__(self, broker: Broker):
        self.broker = broker
        self.busy: TopicPartition | None = None
        self._started = False

    def start_if_needed(self) -> None:
        """Begin to look around once there is a log to compact."""
        if not self._started and any(one.log.settings.compact for one in self.broker.partitions.values()):
            self._started = True
            self.broker.machine.spawn(self.run(), "log cleaner")

    async def run(self) -> None:
        """Compact what is worth it; with nothing to do, rest for log.cleaner.backoff.ms."""
        broker = self.broker
        while not broker.stopped:
            chosen = self.dirtiest()
            if chosen is not None:
                await self.compact(*chosen)
            else:
                settings = broker_settings(broker.config, broker.image, broker.broker_id)
                await broker.machine.sleep(settings["log.cleaner.backoff.ms"] * 1000)

    def dirtiest(self) -> tuple[Partition, Cleanable] | None:
        """The log with the largest dirty part of those that are worth it."""
        now_ms = self.broker.machine.now // 1000
        found = [(one, cleanable(one.log, now_ms)) for one in self.broker.partitions.values()
                 if one.log.settings.compact and not one.log.closed]  # fmt: skip
        worthy = [pair for pair in found if worth_it(pair[1], pair[0].log)]
        return max(worthy, key=lambda pair: pair[1].ratio, default=None)

    async def compact(self, partition: Partition, found: Cleanable) -> bool:
        """Both passes over one log; False if it was given up."""
        log, record = partition.log, self.broker.machine.record
        why = "max.compaction.lag.ms is over" if found.overdue else (
            f"min.cleanable.dirty.ratio={log.settings.dirty_ratio}")  # fmt: skip
        record(CompactionStarted(log.partition, found.first_dirty, found.up_to, round(100 * found.ratio), why))
        self.busy, cuts = log.partition, log.cuts
        before = _measured(log, found.up_to)
        latest = last_offsets(log, found.first_dirty, found.up_to)
        await self.broker.machine.sleep(STEP)
        cleaner = Cleaner(log, latest, found.up_to, self.broker.machine.now // 1000)
        for group in list(groups(log, found.up_to)):
            why = await self._renew(cleaner, group, cuts)
            if why:
                record(CompactionGivenUp(log.partition, why))
                self.busy = None
                return False
        log.cleaned_to = found.up_to
        self.broker.store.write_cleaned()
        after, tally = _measured(log, found.up_to), cleaner.tally
        pairs = tuple(zip(before, after, strict=True))
        record(LogCompacted(log.partition, found.up_to, *pairs, tally.records, tally.tombstones))
        self.busy = None
        return True

    async def _renew(self, cleaner: Cleaner, group: list[Segment], cuts: int) -> str:
        """Write a group anew and put it in its place; the reason if that must not be (any more)."""
        log, pause = cleaner.log, self.broker.machine.sleep
        if why := changed(log, cuts):
            return why
        new = cleaner.rewrite(group)
        await pause(STEP)
        why = changed(log, cuts)
        if not why:
            new.rename(SWAP)
            await pause(STEP)
            why = changed(log, cuts)
        if why:
            new.delete()
            return why
        put_in_place(log, group, new)
        return ""


def changed(log: PartitionLog, cuts: int) -> str:
    """Why the segments may not be those any more that were there when the log had been cut `cuts` times, or ""."""
    if log.closed:
        return "the log was closed"
    return "the log has lost segments meanwhile" if log.cuts != cuts else ""


def _measured(log: PartitionLog, up_to: int) -> tuple[int, int]:
    """How many segments lie below `up_to`, and their bytes."""
    sizes = [segment.size for segment in log.segments if segment.base_offset < up_to]
    return len(sizes), sum(sizes)
