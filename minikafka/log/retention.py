"""Which old segments have had their time.

Promises     the oldest go first and the first that may stay ends it; nothing at or above the high watermark goes.
Stands for   UnifiedLog.deleteOldSegments.
Left out     tiered storage's local limits, the delay before files go.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from minikafka.events.storage import SegmentsDeleted
from minikafka.log.local_log import LocalLog
from minikafka.log.log_config import LogConfig
from minikafka.log.segment import Segment

Breach = Callable[[Segment, "int | None"], bool]  # (segment, the base of the next one if there is one) -> must it go?


def breaches(segments: list[Segment], config: LogConfig, log_start: int, now_ms: int) -> Iterator[tuple[str, Breach]]:
    """The rules that apply, in Kafka's order, each with its reason. Delete by one before asking for the next."""
    yield (f"they lie below the log start {log_start}",
           lambda _, next_base: next_base is not None and next_base <= log_start)  # fmt: skip
    if config.delete and config.retention_bytes >= 0:
        excess = sum(segment.size for segment in segments) - config.retention_bytes
        yield f"the log is larger than retention.bytes={config.retention_bytes}", _larger_by(excess)
    if config.delete and config.retention_ms >= 0:
        yield (f"their newest records are older than retention.ms={config.retention_ms}",
               lambda segment, _: now_ms - segment.largest_timestamp > config.retention_ms)  # fmt: skip


def _larger_by(excess: int) -> Breach:
    left = excess

    def breach(segment: Segment, _: int | None) -> bool:
        nonlocal left
        if left < segment.size:
            return False
        left -= segment.size
        return True

    return breach


def deletable(segments: list[Segment], breach: Breach, high_watermark: int, log_end: int) -> list[Segment]:
    """The oldest segments that break a rule, without a gap. An empty active segment stays."""
    result: list[Segment] = []
    for index, segment in enumerate(segments):
        next_base = segments[index + 1].base_offset if index + 1 < len(segments) else None
        end = log_end if next_base is None else next_base
        if end > high_watermark or (next_base is None and not segment.size) or not breach(segment, next_base):
            break
        result.append(segment)
    return result


def enforce_retention(log: LocalLog, now_ms: int) -> int:
    """Delete what breaks a rule; returns how many segments. The start follows to the first one that remains."""
    deleted = 0
    for why, breach in breaches(log.segments, log.settings, log.log_start_offset, now_ms):
        old = deletable(log.segments, breach, log.high_watermark, log.log_end_offset)
        if not old:
            continue
        if len(old) == len(log.segments):
            log.roll(log.log_end_offset, "every segment has had its time", now_ms)
        log.cut()
        del log.segments[: len(old)]
        for segment in old:
            segment.delete()
        log.keep_snapshots()
        start = log.segments[0].base_offset
        size = sum(segment.size for segment in old)
        log.record(SegmentsDeleted(log.partition, len(old), old[0].base_offset, start, size, why))
        log.advance_log_start(start, why)
        deleted += len(old)
    return deleted
