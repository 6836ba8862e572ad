"""How a log comes back from its disk.

Promises     after a stop that was not clean every segment that holds data from the recovery point on is scanned; at the
             first torn or damaged batch the log is cut and all later segments are deleted, durably.
             After a clean stop nothing is scanned.
Stands for   org.apache.kafka.storage.internals.log.LogLoader.
Left out     -
Differs      headers are read in any case, for they are kept in memory; so a header that is torn or foreign, or an
             offset that falls back, cuts the log even where nothing is scanned. Kafka would fail the reads there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from minikafka.events.storage import CompactionFinished, FileRebuilt, LogRecovered
from minikafka.log.gaps import gaps_in
from minikafka.log.log_config import LogConfig
from minikafka.log.segment import CLEANED, SUFFIX, SWAP, Segment
from minikafka.protocol.names import TopicPartition
from minikafka.world.disk import Disk


class Loaded(NamedTuple):
    """What was found: at least one segment, the last of them active."""

    segments: list[Segment]
    log_start_offset: int
    log_end_offset: int
    recovery_point: int


def load_log(disk: Disk, folder: str, config: LogConfig, now_ms: int, partition: TopicPartition, recovery_point: int,
             clean: bool, log_start: int, record: Callable[[object], object]) -> Loaded:  # fmt: skip
    """Open the segments in a folder, or make the first one at `log_start`."""
    finish_compactions(disk, folder, config, now_ms, partition, record)
    bases = segment_bases(disk, folder)
    segments: list[Segment] = []
    scanned, problem = 0, ""
    for index, base in enumerate(bases):
        segment = Segment(disk, folder, base, config, now_ms)
        next_base = bases[index + 1] if index + 1 < len(bases) else None
        scan = not clean and (next_base is None or next_base > recovery_point)
        problem = segment.load(scan, next_base)
        scanned += scan
        segments.append(segment)
        if problem:
            break
        why = "" if scan else segment.load_indexes()
        if why:
            record(FileRebuilt(partition, segment.offset_index.path, why))
    old_end = max(bases[-1], segments[-1].next_offset) if segments else log_start
    later = bases[len(segments):]  # behind a damaged place nothing counts
    for base in later:
        Segment(disk, folder, base, config, now_ms).delete()
    if segments and segments[-1].next_offset < log_start:
        problem = problem or f"its end {segments[-1].next_offset} is below its start {log_start}"
        segments.clear()
        for path in disk.list(f"{folder}/"):
            disk.delete(path)  # epochs and producers too: they speak of records that are gone
    if not segments:
        segments.append(Segment.create(disk, folder, log_start, config, now_ms))
    start, end = max(log_start, segments[0].base_offset), segments[-1].next_offset
    if problem or (bases and not clean):
        found = f"cut for damage ({problem}), {len(later)} later segment(s) deleted" if problem else "all intact"
        record(LogRecovered(partition, old_end, end, f"{scanned} of {len(bases)} segment(s) scanned, {found}", start))
    return Loaded(segments, start, end, end if clean and not problem else min(recovery_point, end))


def segment_bases(disk: Disk, folder: str) -> list[int]:
    """The base offsets of the segments in a folder, rising."""
    names = [path[len(folder) + 1 : -len(SUFFIX)] for path in disk.list(f"{folder}/") if path.endswith(SUFFIX)]
    return sorted(int(name) for name in names if name.isdecimal())


def finish_compactions(disk: Disk, folder: str, config: LogConfig, now_ms: int, partition: TopicPartition,
                       record: Callable[[object], object]) -> None:  # fmt: skip
    """What a stop has interrupted: a segment that was being written anew is thrown away; one that was complete and on
    its way into its place gets there, and what it stands for goes."""
    for path in disk.list(f"{folder}/"):
        if path.endswith(CLEANED):
            disk.delete(path)
    for path in disk.list(f"{folder}/"):
        if not path.endswith(SUFFIX + SWAP):
            continue
        new = Segment(disk, folder, int(path[len(folder) + 1 :].split(".")[0]), config, now_ms, SWAP)
        if new.load(scan=True) and new.base_offset in segment_bases(disk, folder):
            new.delete()  # damaged, and the old one is still there
            continue
        end = max(new.next_offset, new.base_offset + 1)
        for base in segment_bases(disk, folder):
            if new.base_offset <= base < end:
                Segment(disk, folder, base, config, now_ms).delete()
        new.rename("")
        record(CompactionFinished(partition, new.base_offset, end, gaps_in(new, end)))
    for path in disk.list(f"{folder}/"):
        if path.endswith(SWAP):
            disk.delete(path)
