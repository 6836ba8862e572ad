"""Compaction: of each key only the last record stays, and after a while not even that if it is a tombstone.

Promises     the last record of each key below `up_to` stays at its offset; order and offsets never change. A tombstone
             stays at least delete.retention.ms after the first pass that has seen it.
Stands for   Cleaner (buildOffsetMap, cleanInto, shouldRetainRecord), CleanerUtils and the delete horizon of KIP-534.
Left out     a map that is too small for the dirty part, throttling, compression. Markers of transactions stay for ever.
Differs      the map has the keys themselves; Kafka's has their MD5 sums.

    a record of the cleaned part                                  becomes
    not the last one of its key                                   gone
    the last one of its key, with a value                         kept
    a tombstone in a batch without a delete horizon               kept, and the batch gets one
    a tombstone before its batch's delete horizon                 kept
    a tombstone after its batch's delete horizon                  gone
    of an aborted transaction                                     gone
    a batch left empty, the last one of a living producer         kept, empty: its sequence goes on
    a batch left empty, the last one of the cleaned part          kept, empty: the offsets end where they did
    any other batch left empty                                    gone
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgpack

from minikafka.events.storage import SegmentsCompacted
from minikafka.log.gaps import gaps_in
from minikafka.log.local_log import LocalLog
from minikafka.log.log_transactions import find_transactions
from minikafka.log.segment import CLEANED, Segment
from minikafka.protocol.record_batch import DELETE_HORIZON, BatchHeader, read_header, reassemble
from minikafka.protocol.records import rows_of

EMPTY = msgpack.packb([])


@dataclass
class Tally:
    """What a pass has found and done. `batches` and `records` count what is gone."""

    batches: int = 0
    records: int = 0
    tombstones: int = 0


def last_offsets(log: LocalLog, first: int, up_to: int) -> dict[bytes, int]:
    """The first pass: each key's last offset in [first, up_to). What was aborted, and markers, count for nothing."""
    aborted, latest = aborted_in(log, first, up_to), {}
    for segment in log.segments:
        if segment.next_offset <= first or segment.base_offset >= up_to:
            continue
        data = segment.content()
        for header in segment.headers:
            base = header.base_offset
            if header.next_offset <= first or header.is_control or aborted(header):
                continue
            latest.update((row[2], base + row[0]) for row in rows_of(data, header))
    latest.pop(None, None)
    return latest


def aborted_in(log: LocalLog, first: int, up_to: int) -> Callable[[BatchHeader], bool]:
    """Whether a batch belongs to one of the aborted transactions in [first, up_to)."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for one in log.aborted_transactions(first, up_to):
        spans.setdefault(one.producer_id, []).append((one.first_offset, one.last_offset))

    def aborted(header: BatchHeader) -> bool:
        if not spans or not header.is_transactional or header.is_control:
            return False
        return any(first <= header.base_offset <= last for first, last in spans.get(header.producer_id, ()))

    return aborted


def groups(log: LocalLog, up_to: int) -> Iterator[list[Segment]]:
    """The segments to clean, neighbours together as long as they fit into one segment."""
    limit, group, size = log.settings.segment_bytes, [], 0
    for segment in log.segments:
        if segment.base_offset >= up_to or segment is log.active:
            break
        if group and size + segment.size > limit:
            yield group
            group, size = [], 0
        group.append(segment)
        size += segment.size
    if group:
        yield group


class Cleaner:
    """The second pass over one log, group by group."""

    def __init__(self, log: LocalLog, latest: dict[bytes, int], up_to: int, now_ms: int):
        self.log = log
        self.latest = latest
        self.up_to = up_to
        self.now_ms = now_ms
        self.tally = Tally()
        self._aborted = aborted_in(log, 0, up_to)

    def rewrite(self, group: list[Segment]) -> Segment:
        """The group as one new segment, beside the old ones (`CLEANED`), complete and durable."""
        log = self.log
        created = group[0].created
        cleaned = Segment.create(log.disk, log.folder, group[0].base_offset, log.settings, created, CLEANED)
        for segment in group:
            data = segment.content()
            for header in segment.headers:
                batch = self.kept(header, data)
                if batch is not None:
                    cleaned.append(read_header(batch), batch, segment.modified)
        cleaned.modified = group[-1].modified
        cleaned.close()
        return cleaned

    def kept(self, header: BatchHeader, data: bytes) -> bytes | None:
        """What stays of a batch: its own bytes if nothing changes, None if nothing stays."""
        if header.is_control:
            return data[header.position : header.position + header.size]
        rows = () if self._aborted(header) else rows_of(data, header)
        base, last, horizon = header.base_offset, self.latest.get, header.delete_horizon
        expired = horizon is not None and self.now_ms >= horizon
        stay = [row for row in rows
                if row[2] is not None and base + row[0] >= last(row[2], -1)
                and (row[3] is not None or not expired)]  # fmt: skip
        new_horizon = horizon is None and any(row[3] is None for row in stay)
        if len(stay) == header.records_count and stay and not new_horizon:
            return data[header.position : header.position + header.size]
        self.tally.records += header.records_count - len(stay)
        if expired:
            self.tally.tombstones += sum(row[3] is None and base + row[0] >= last(row[2], -1) for row in rows)
        if not stay and not self._must_stay(header):
            self.tally.batches += 1
            return None
        until = self.now_ms + self.log.settings.delete_retention_ms
        return self._rewritten(header, stay, until if new_horizon else None)

    def _must_stay(self, header: BatchHeader) -> bool:
        entry = self.log.producers.entries.get(header.producer_id)
        last_of_producer = entry is not None and entry.batches and entry.batches[-1].last_offset == header.last_offset
        return bool(last_of_producer) or header.next_offset == self.up_to

    @staticmethod
    def _rewritten(header: BatchHeader, rows: list[tuple], horizon: int | None) -> bytes:
        """The batch with these rows alone: same offsets, same sequences, same epoch, a new checksum."""
        first = header.base_timestamp
        if rows and not header.is_log_append_time:
            header = header._replace(max_timestamp=first + max(row[1] for row in rows))
        if horizon is not None:
            rows = [(row[0], first + row[1] - horizon, *row[2:]) for row in rows]
            header = header._replace(attributes=header.attributes | DELETE_HORIZON, base_timestamp=horizon)
        packed = msgpack.packb(rows) if rows else EMPTY
        return reassemble(header._replace(records_count=len(rows)), packed)


def put_in_place(log: LocalLog, group: list[Segment], cleaned: Segment) -> None:
    """The cleaned segment takes the place of the group. Its files are called `SWAP` already, so that after a crash in
    here it is finished when the log is opened."""
    at, old_size = log.segments.index(group[0]), sum(segment.size for segment in group)
    until = group[-1].next_offset
    for segment in group:
        segment.delete()
    cleaned.rename("")
    log.segments[at : at + len(group)] = [cleaned]
    find_transactions(log, tell=False)
    log.keep_snapshots()
    log.record(SegmentsCompacted(log.partition, cleaned.base_offset, len(group), old_size, cleaned.size, until,
                                 gaps_in(cleaned, until)))  # fmt: skip
