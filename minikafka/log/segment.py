"""One file of a log, with its indexes: the part of the log from its base offset to the next segment's.

Promises     batches lie one after the other, whole, in the order of their offsets; the indexes never point beyond them.
Stands for   org.apache.kafka.storage.internals.log.LogSegment and FileRecords.
Left out     the delay before deleted files go (file.delete.delay.ms).
Differs      the headers of all batches are kept in memory, so a read finds its bytes without parsing any.
"""

from __future__ import annotations

from bisect import bisect_right

from minikafka.log.indexes import OffsetIndex, TimeIndex
from minikafka.log.log_config import LogConfig
from minikafka.log.transaction_index import TransactionIndex
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import NO_TIMESTAMP, BatchHeader, check_crc, read_header
from minikafka.world.disk import Disk

LARGEST_RELATIVE_OFFSET = 2**31 - 1
SUFFIX = ".log"
CLEANED, SWAP = ".cleaned", ".swap"
"""What its files' names end with while compaction makes it anew, and while it takes the place of the old ones."""


class Segment:
    """The batches from `base_offset` on. `headers[i]` ends at byte `ends[i]`, and `nexts[i]` is the offset after it."""

    def __init__(self, disk: Disk, folder: str, base_offset: int, config: LogConfig, created: int,
                 suffix: str = "") -> None:  # fmt: skip
        self._disk = disk
        self.base_offset = base_offset
        self.created = self.modified = created  # ms
        stem = f"{folder}/{base_offset:020d}"
        self.path = stem + SUFFIX + suffix
        self.offset_index = OffsetIndex(disk, stem + ".index" + suffix, base_offset)
        self.time_index = TimeIndex(disk, stem + ".timeindex" + suffix, base_offset)
        self.aborted = TransactionIndex(disk, stem + suffix)
        self.configure(config)
        self._bytes_since_entry = 0
        self._forget()

    @classmethod
    def create(cls, disk: Disk, folder: str, base_offset: int, config: LogConfig, created: int,
               suffix: str = "") -> Segment:  # fmt: skip
        """A new, empty segment; `created` in ms. Its files' names are durable at once, so that the base is not lost.

        `suffix` is for the names of one that is not in use yet."""
        segment = cls(disk, folder, base_offset, config, created, suffix)
        disk.append(segment.path, b"")
        segment.offset_index.create()
        segment.time_index.create()
        segment.flush()
        return segment

    def configure(self, config: LogConfig) -> None:
        """Use these settings for its indexes from now on."""
        self._interval = config.index_interval
        self.offset_index.set_room(config.index_bytes)
        self.time_index.set_room(config.index_bytes)

    @property
    def next_offset(self) -> int:
        """The offset after its last batch, its base offset while it is empty."""
        return self.nexts[-1] if self.nexts else self.base_offset

    @property
    def largest_timestamp(self) -> int:
        """The largest timestamp of its records, else when it was last written (ms): what retention goes by."""
        return self.max_timestamp if self.max_timestamp >= 0 else self.modified

    def append(self, header: BatchHeader, data: bytes, now_ms: int) -> None:
        """Write one batch at the end, wherever `header` says it came from. Nothing is flushed."""
        if header.position != self.size:
            header = header._replace(position=self.size)
        self._disk.append(self.path, data)
        self.modified = now_ms
        self._remember(header)
        self._index(header)

    def read(self, offset: int, max_bytes: int, up_to: int, at_least_one: bool) -> bytes:
        """Whole batches, from the one that holds `offset` (or follows it) to `max_bytes`, all of them below `up_to`."""
        first = bisect_right(self.nexts, offset)
        last = bisect_right(self.nexts, up_to, first)
        if last <= first:
            return b""
        start = self.ends[first - 1] if first else 0
        fitting = bisect_right(self.ends, start + max_bytes, first, last)
        if fitting == first:
            if not at_least_one:
                return b""
            fitting = first + 1
        return self._disk.read(self.path, start, self.ends[fitting - 1] - start)

    def holds_from(self, offset: int) -> bool:
        """Whether a batch in it ends at this offset or later."""
        return bool(self.nexts) and self.nexts[-1] > offset

    def content(self) -> bytes:
        """The bytes of all its batches."""
        return self._disk.read(self.path, 0, self.size)

    def rename(self, suffix: str) -> None:
        """Give its files names with this suffix instead of the one they have; the batches' file last.

        (A log that finds the batches' file takes the segment for complete; indexes can be made anew.)"""
        for index in (self.offset_index, self.time_index):
            index.path = _renamed(self._disk, index.path, suffix)
        self.path = _renamed(self._disk, self.path, suffix)
        # what was aborted is not in it any more, so its list of aborted transactions is empty
        self.aborted = TransactionIndex(self._disk, self.path.partition(SUFFIX)[0] + suffix)

    def batch_at(self, header: BatchHeader) -> bytes:
        """The bytes of one of its batches."""
        return self._disk.read(self.path, header.position, header.size)

    def why_roll(self, header: BatchHeader, config: LogConfig, now_ms: int) -> str:
        """Why this batch must begin a new segment, "" if it need not."""
        if header.last_offset - self.base_offset > LARGEST_RELATIVE_OFFSET:
            return f"offset {header.last_offset} is too far from its base {self.base_offset} for the index"
        if not self.headers:
            return ""
        if self.size + header.size > config.segment_bytes:
            return (f"{header.size} bytes more would make {self.size + header.size}, "
                    f"over segment.bytes={config.segment_bytes}")  # fmt: skip
        first = self.headers[0].max_timestamp
        waited = header.max_timestamp - first if first >= 0 else now_ms - self.created
        if waited > config.segment_ms:
            return f"{waited} ms have passed since its first batch, over segment.ms={config.segment_ms}"
        if self.offset_index.is_full or self.time_index.is_full:
            return f"its index is full at segment.index.bytes={config.index_bytes}"
        return ""

    def close(self) -> None:
        """Give the time index its last entry and make all durable: the segment gets no more batches."""
        if self.max_timestamp >= 0:
            self.time_index.maybe_append(self.max_timestamp, self.offset_of_max_timestamp)
        self.flush()

    def flush(self) -> None:
        """Make the segment and its indexes durable."""
        for path in self._paths():
            self._disk.flush(path)

    def delete(self) -> None:
        """Remove its files."""
        for path in self._paths():
            if self._disk.exists(path):
                self._disk.delete(path)

    def truncate_to(self, offset: int) -> None:
        """Cut the batch that holds `offset` and all behind it, durably."""
        keep = bisect_right(self.nexts, offset)
        if keep < len(self.headers):
            headers = self.headers[:keep]
            self._forget()
            for header in headers:
                self._remember(header)
            self._disk.truncate(self.path, self.size)
            self.offset_index.truncate_to(offset)
            self.time_index.truncate_to(offset)
            self.aborted.truncate_to(offset)
            self.flush()

    def load(self, scan: bool, limit: int | None = None) -> str:
        """Read the file's headers, and with `scan` check each CRC. Returns "" or why the rest is of no use.

        No offset may reach `limit`, the next segment's base (the CRC does not cover offsets).

        What is of no use is cut off, durably, and the indexes are made new.
        """
        data = self._disk.read(self.path)
        problem = ""
        while self.size < len(data):
            try:
                header = read_header(data, self.size)
                if scan:
                    check_crc(data, header)
                self._check_offsets(header, limit)
            except KafkaError as reason:
                problem = f"{self.path}: {reason.sentence}"
                break
            self._remember(header)
        if problem:
            self._disk.truncate(self.path, self.size)
        if scan or problem:
            self.rebuild_indexes()
        if problem:
            self.flush()
        return problem

    def load_indexes(self) -> str:
        """Read the index files; returns why they had to be rebuilt, or ""."""
        problem = (self.offset_index.load() or self.time_index.load()
                   or self.offset_index.contradiction(self.headers)
                   or self.time_index.contradiction(self.headers))  # fmt: skip
        if problem:
            self.rebuild_indexes()
        return problem

    def rebuild_indexes(self) -> None:
        """Make both indexes new from the batches."""
        for index in (self.offset_index, self.time_index):
            index.columns = ([], [])
            index.create()
        headers = self.headers
        self._forget()
        for header in headers:
            self._remember(header)
            self._index(header)

    def _forget(self) -> None:
        self.headers: list[BatchHeader] = []
        self.ends: list[int] = []
        self.nexts: list[int] = []
        self.size, self.max_timestamp, self.offset_of_max_timestamp = 0, NO_TIMESTAMP, self.base_offset
        self._bytes_since_entry = 0

    def _remember(self, header: BatchHeader) -> None:
        if header.max_timestamp > self.max_timestamp:
            self.max_timestamp = header.max_timestamp
            self.offset_of_max_timestamp = header.last_offset
        self.headers.append(header)
        self.size = header.position + header.size
        self.ends.append(self.size)
        self.nexts.append(header.next_offset)

    def _index(self, header: BatchHeader) -> None:
        if self._bytes_since_entry > self._interval:
            self.offset_index.append(header.last_offset, header.position)
            self.time_index.maybe_append(self.max_timestamp, self.offset_of_max_timestamp)
            self._bytes_since_entry = 0
        self._bytes_since_entry += header.size

    def _check_offsets(self, header: BatchHeader, limit: int | None) -> None:
        limit = self.base_offset + LARGEST_RELATIVE_OFFSET + 1 if limit is None else limit
        if not self.next_offset <= header.base_offset <= header.last_offset < limit:
            raise KafkaError(
                Error.CORRUPT_MESSAGE,
                f"the batch at position {header.position} claims offsets {header.base_offset}..{header.last_offset}, "
                f"where one from {self.next_offset} to {limit - 1} must follow",
            )

    def _paths(self) -> tuple[str, ...]:
        return self.path, self.offset_index.path, self.time_index.path, *self.aborted.files()


def _renamed(disk: Disk, path: str, suffix: str) -> str:
    """Rename a file `x.y` or `x.y.suffix` to `x.y` with another suffix; returns the new path."""
    folder, slash, name = path.rpartition("/")
    new = folder + slash + ".".join(name.split(".")[:2]) + suffix
    if disk.exists(path):
        disk.rename(path, new)
    return new
