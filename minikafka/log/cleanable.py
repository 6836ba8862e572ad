"""How much of a log waits to be compacted, and whether it is worth it.

Promises     the active segment, what is not stable yet, and what is younger than min.compaction.lag.ms is never
             cleaned; what is older than max.compaction.lag.ms is cleaned whatever the ratio.
Stands for   LogCleanerManager.cleanableOffsets, maxCompactionDelay and LogToClean.
Left out     uncleanable partitions (after an error), pausing.
Differs      the dirty part ends where a segment begins; Kafka's may end within one that is not stable to its end.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.log.local_log import LocalLog
from minikafka.protocol.settings import LONG_MAX


class Cleanable(NamedTuple):
    """The dirty part is [`first_dirty`, `up_to`); bytes of whole segments. `overdue`: max.compaction.lag.ms is over."""

    first_dirty: int
    up_to: int
    clean_bytes: int
    dirty_bytes: int
    overdue: bool

    @property
    def ratio(self) -> float:
        """The part of it that is dirty."""
        total = self.clean_bytes + self.dirty_bytes
        return self.dirty_bytes / total if total else 0.0


def cleanable(log: LocalLog, now_ms: int) -> Cleanable:
    """What could be cleaned of this log now."""
    settings = log.settings
    first = max(log.cleaned_to, log.log_start_offset)
    old = log.segments[:-1]
    up_to = min(log.last_stable_offset, log.active.base_offset)
    if settings.min_lag_ms > 0:
        oldest = now_ms - settings.min_lag_ms
        young = (one.base_offset for one in old if one.next_offset > first and one.largest_timestamp > oldest)
        up_to = min(up_to, next(young, up_to))
    up_to = max([segment.base_offset for segment in [*old, log.active] if segment.base_offset <= up_to], default=first)
    up_to = max(first, up_to)
    clean = sum(segment.size for segment in old if segment.base_offset < first)
    dirty = [segment for segment in old if first <= segment.base_offset < up_to]
    waiting = [segment.headers[0].max_timestamp for segment in dirty if segment.headers]
    overdue = settings.max_lag_ms < LONG_MAX and bool(waiting) and now_ms - min(waiting) > settings.max_lag_ms
    return Cleanable(first, up_to, clean, sum(segment.size for segment in dirty), overdue)


def worth_it(found: Cleanable, log: LocalLog) -> bool:
    """More than min.cleanable.dirty.ratio of it is dirty, or something has waited too long."""
    return bool(found.dirty_bytes) and (found.overdue or found.ratio > log.settings.dirty_ratio)
