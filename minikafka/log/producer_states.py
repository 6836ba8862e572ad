"""What each producer has written here: no batch is appended twice or out of order, and open transactions are known.

Promises     a batch that is among the producer's last five is recognised; a gap or an older epoch is refused.
             The same batches give the same state on every replica, after every restart and truncation.
Stands for   ProducerStateManager, ProducerStateEntry and ProducerAppendInfo of org.apache.kafka.storage.internals.log.
Left out     expired producers are dropped by `expire` only, not while loading.
Differs      a snapshot holds all five batches of a producer (Kafka's only the last), and is flushed at once.
             A marker of a transactional producer must have a newer epoch than the transaction it ends (see
             `transaction_markers`).

    incoming batch                                       becomes
    same epoch, one of the last five                     duplicate: success, nothing appended
    older epoch                                          INVALID_PRODUCER_EPOCH
    newer epoch, first sequence 0                        accepted
    newer epoch, another first sequence                  OUT_OF_ORDER_SEQUENCE_NUMBER
    same epoch, the sequence after the last one          accepted
    same epoch, any other sequence                       OUT_OF_ORDER_SEQUENCE_NUMBER
    a producer that is not known                         accepted with any first sequence
    not transactional, while its transaction is open     INVALID_TXN_STATE
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

import msgpack

from minikafka.protocol.control_records import Marker, marker_of
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import NO_SEQUENCE, NO_TIMESTAMP, BatchHeader, next_sequence
from minikafka.world.disk import Disk

BATCHES_KEPT = 5
SUFFIX = ".snapshot"
NO_OFFSET = -1

Reader = Callable[[BatchHeader], bytes]
"""The bytes of one batch of the log."""


class ProducerBatch(NamedTuple):
    """One of a producer's last batches. `timestamp` is its largest, in ms."""

    first_sequence: int
    last_sequence: int
    base_offset: int
    last_offset: int
    timestamp: int


@dataclass(slots=True)
class ProducerEntry:
    """One producer id in one log: its current epoch and up to five batches written under it, oldest first.

    `open_since` is the first offset of its open transaction, -1 without one; `marked_at` (ms) and `coordinator_epoch`
    are those of its last marker.
    """

    epoch: int
    batches: list[ProducerBatch] = field(default_factory=list)
    open_since: int = NO_OFFSET
    coordinator_epoch: int = -1
    marked_at: int = NO_TIMESTAMP

    @property
    def last_sequence(self) -> int:
        """The last sequence number written under this epoch, -1 if none was."""
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE

    @property
    def last_timestamp(self) -> int:
        """When it wrote last, or its transaction ended (ms), by the timestamps in the log."""
        return max(self.batches[-1].timestamp, self.marked_at) if self.batches else self.marked_at


class EndedTransaction(NamedTuple):
    """A transaction that was open here from `first_offset` on and has its marker at `last_offset`."""

    producer_id: int
    first_offset: int
    last_offset: int
    committed: bool


class ProducerStates:
    """All producers of one log. Two are equal if they know the same.

    `ongoing`: producer id -> first offset of its open transaction; `ended`: those whose marker may not be replicated.
    """

    def __init__(self, batches: Iterable[BatchHeader] = (), read: Reader | None = None) -> None:
        self.entries: dict[int, ProducerEntry] = {}
        self.ongoing: dict[int, int] = {}
        self.ended: list[EndedTransaction] = []
        self.update_all(batches, read)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ProducerStates) and self.entries == other.entries

    __hash__ = None

    def find_duplicate(self, header: BatchHeader) -> ProducerBatch | None:
        """The batch in the log that this one repeats, if it is one of the last five of its producer."""
        entry = self.entries.get(header.producer_id)
        if entry is None or entry.epoch != header.producer_epoch:
            return None
        first, last = header.base_sequence, header.last_sequence
        for batch in entry.batches:
            if batch.first_sequence == first and batch.last_sequence == last:
                return batch
        return None

    def check_epoch(self, header: BatchHeader) -> None:
        """INVALID_PRODUCER_EPOCH if its producer has written under a newer epoch."""
        entry = self.entries.get(header.producer_id)
        if entry is not None and header.producer_epoch < entry.epoch:
            raise KafkaError(
                Error.INVALID_PRODUCER_EPOCH,
                f"producer {header.producer_id} with epoch {header.producer_epoch} is fenced: epoch {entry.epoch} has "
                "written since; stop this producer or ask for a new epoch",
            )

    def check(self, header: BatchHeader) -> None:
        """Return if the batch is its producer's next, else raise. Look for a duplicate first."""
        self.check_epoch(header)
        entry = self.entries.get(header.producer_id)
        if entry is None:
            return
        if entry.open_since >= 0 and not header.is_transactional:
            raise KafkaError(
                Error.INVALID_TXN_STATE,
                f"producer {header.producer_id} has had a transaction open since offset {entry.open_since}, and this "
                "batch does not belong to it; commit or abort the transaction first",
            )
        expected = 0 if header.producer_epoch > entry.epoch else next_sequence(entry.last_sequence)
        if header.base_sequence != expected:
            raise KafkaError(
                Error.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"producer {header.producer_id} with epoch {header.producer_epoch} sent sequence "
                f"{header.base_sequence} where {expected} must follow; send the batches in between first, or begin "
                "a new epoch at sequence 0",
            )

    def update_all(self, batches: Iterable[BatchHeader], read: Reader | None = None) -> None:
        """Take note of batches that are in the log; `read` gives the bytes of a control batch."""
        for header in batches:
            marker = marker_of(read(header), header._replace(position=0)) if read and header.is_control else None
            self.update(header, marker)

    def update(self, header: BatchHeader, marker: Marker | None = None) -> EndedTransaction | None:
        """Take note of a batch that is in the log: its leader has checked it. The transaction that it ends, if any."""
        if header.producer_id < 0 or (header.is_control and marker is None):
            return None
        entry = self.entries.get(header.producer_id)
        if entry is None:
            entry = self.entries[header.producer_id] = ProducerEntry(header.producer_epoch)
        elif entry.epoch != header.producer_epoch:
            entry.epoch = header.producer_epoch
            entry.batches.clear()
        if marker is not None:
            return self._end(entry, header, marker)
        if header.is_transactional and entry.open_since < 0:
            entry.open_since = self.ongoing[header.producer_id] = header.base_offset
        if header.base_sequence < 0:
            return None  # a coordinator's: it has no sequence
        batches = entry.batches
        if len(batches) == BATCHES_KEPT:
            del batches[0]
        batches.append(
            ProducerBatch(header.base_sequence, header.last_sequence, header.base_offset, header.last_offset,
                          header.max_timestamp)
        )  # fmt: skip
        return None

    def _end(self, entry: ProducerEntry, header: BatchHeader, marker: Marker) -> EndedTransaction | None:
        entry.coordinator_epoch, entry.marked_at = marker.coordinator_epoch, header.max_timestamp
        first, entry.open_since = entry.open_since, NO_OFFSET
        if first < 0:
            return None
        del self.ongoing[header.producer_id]
        self.ended.append(EndedTransaction(header.producer_id, first, header.base_offset, marker.committed))
        return self.ended[-1]

    def first_undecided(self, high_watermark: int) -> int | None:
        """The first offset of a transaction that is open, or whose marker is not below the high watermark yet."""
        ended = [one.first_offset for one in self.ended if one.last_offset >= high_watermark]
        return min([*self.ongoing.values(), *ended], default=None)

    def replicated_to(self, high_watermark: int) -> None:
        """The markers below it are replicated: their transactions are over for everybody."""
        self.ended = [one for one in self.ended if one.last_offset >= high_watermark]

    def expire(self, now: int, expiration_ms: int) -> int:
        """Forget who wrote nothing for `expiration_ms` (producer.id.expiration.ms) and has no transaction open; returns
        how many. `now` in µs."""
        latest = now // 1000 - expiration_ms
        old = [producer for producer, entry in self.entries.items()
               if entry.last_timestamp <= latest and entry.open_since < 0]  # fmt: skip
        for producer in old:
            del self.entries[producer]
        return len(old)


def write_snapshot(states: ProducerStates, disk: Disk, folder: str, offset: int) -> None:
    """Keep the state as of `offset` (all batches below it), durably."""
    rows = [_row(producer, entry) for producer, entry in states.entries.items()]
    body = msgpack.packb(rows)
    path = _path(folder, offset)
    disk.write(path, msgpack.packb((1, crc32(body), body)))
    disk.flush(path)


def _row(producer: int, entry: ProducerEntry) -> tuple:
    """What a snapshot says of a producer; who never had a transaction takes no room for one."""
    row = (producer, entry.epoch, entry.batches, entry.open_since, entry.coordinator_epoch, entry.marked_at)
    return row[:3] if row[3:] == (NO_OFFSET, -1, NO_TIMESTAMP) else row


def load_states(disk: Disk, folder: str, batches: list[BatchHeader], log_end: int, read: Reader) -> ProducerStates:
    """The state as of `log_end`: the newest intact snapshot, and the batches after it. Newer or damaged ones go."""
    states, begin = ProducerStates(), 0
    for offset in reversed(snapshot_offsets(disk, folder)):
        entries = _read_snapshot(disk, _path(folder, offset)) if offset <= log_end else None
        if entries is not None:
            states.entries, begin = entries, offset
            states.ongoing = {one: entry.open_since for one, entry in entries.items() if entry.open_since >= 0}
            break
        disk.delete(_path(folder, offset))
    states.update_all((header for header in batches if header.base_offset >= begin), read)
    return states


def snapshot_offsets(disk: Disk, folder: str) -> list[int]:
    """The offsets for which there are snapshots, rising."""
    names = [path[len(folder) + 1 : -len(SUFFIX)] for path in disk.list(f"{folder}/") if path.endswith(SUFFIX)]
    return [int(name) for name in names if name.isdecimal()]


def delete_snapshots(disk: Disk, folder: str, keep: Iterable[int] = ()) -> None:
    """Drop all snapshots but those of the offsets to keep."""
    kept = dict.fromkeys(keep)
    for offset in snapshot_offsets(disk, folder):
        if offset not in kept:
            disk.delete(_path(folder, offset))


def _read_snapshot(disk: Disk, path: str) -> dict[int, ProducerEntry] | None:
    try:
        version, crc, body = msgpack.unpackb(disk.read(path))
        if version != 1 or crc != crc32(body):
            return None
        return {
            producer: ProducerEntry(epoch, [ProducerBatch(*batch) for batch in batches], *transaction)
            for producer, epoch, batches, *transaction in msgpack.unpackb(body)
        }
    except (ValueError, TypeError, msgpack.UnpackException):
        return None


def _path(folder: str, offset: int) -> str:
    return f"{folder}/{offset:020d}{SUFFIX}"
