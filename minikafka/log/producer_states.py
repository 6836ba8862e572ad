"""What each idempotent producer has written here, so that no batch is appended twice or out of order.

Promises     a batch that is among the producer's last five is recognised; a gap or an older epoch is refused.
             The same batches give the same state on every replica, after every restart and truncation.
Stands for   ProducerStateManager, ProducerStateEntry and ProducerAppendInfo of org.apache.kafka.storage.internals.log.
Left out     transactions; expired producers are dropped by `expire` only, not while loading.
Differs      a snapshot holds all five batches of a producer (Kafka's only the last), and is flushed at once.

    incoming batch                                       becomes
    same epoch, one of the last five                     duplicate: success, nothing appended
    older epoch                                          INVALID_PRODUCER_EPOCH
    newer epoch, first sequence 0                        accepted
    newer epoch, another first sequence                  OUT_OF_ORDER_SEQUENCE_NUMBER
    same epoch, the sequence after the last one          accepted
    same epoch, any other sequence                       OUT_OF_ORDER_SEQUENCE_NUMBER
    a producer that is not known                         accepted with any first sequence
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

import msgpack

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import BatchHeader, next_sequence
from minikafka.world.disk import Disk

BATCHES_KEPT = 5
SUFFIX = ".snapshot"


class ProducerBatch(NamedTuple):
    """One of a producer's last batches. `timestamp` is its largest, in ms."""

    first_sequence: int
    last_sequence: int
    base_offset: int
    last_offset: int
    timestamp: int


@dataclass(slots=True)
class ProducerEntry:
    """One producer id in one log: its current epoch and up to five batches written under it, oldest first."""

    epoch: int
    batches: list[ProducerBatch] = field(default_factory=list)

    @property
    def last_sequence(self) -> int:
        """The last sequence number written."""
        return self.batches[-1].last_sequence

    @property
    def last_timestamp(self) -> int:
        """When it wrote last (ms), by its own timestamps."""
        return self.batches[-1].timestamp


class ProducerStates:
    """All producers of one log. Two are equal if they know the same."""

    def __init__(self, batches: Iterable[BatchHeader] = ()) -> None:
        self.entries: dict[int, ProducerEntry] = {}
        for header in batches:
            self.update(header)

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

    def check(self, header: BatchHeader) -> None:
        """Return if the batch is its producer's next, else raise. Look for a duplicate first."""
        entry = self.entries.get(header.producer_id)
        if entry is None:
            return
        if header.producer_epoch < entry.epoch:
            raise KafkaError(
                Error.INVALID_PRODUCER_EPOCH,
                f"producer {header.producer_id} with epoch {header.producer_epoch} is fenced: epoch {entry.epoch} has "
                "written since; stop this producer or ask for a new epoch",
            )
        expected = 0 if header.producer_epoch > entry.epoch else next_sequence(entry.last_sequence)
        if header.base_sequence != expected:
            raise KafkaError(
                Error.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"producer {header.producer_id} with epoch {header.producer_epoch} sent sequence "
                f"{header.base_sequence} where {expected} must follow; send the batches in between first, or begin "
                "a new epoch at sequence 0",
            )

    def update(self, header: BatchHeader) -> None:
        """Take note of a batch that is in the log: its leader has checked it."""
        if header.producer_id < 0 or header.is_control:
            return
        entry = self.entries.get(header.producer_id)
        if entry is None:
            entry = self.entries[header.producer_id] = ProducerEntry(header.producer_epoch)
        elif entry.epoch != header.producer_epoch:
            entry.epoch = header.producer_epoch
            entry.batches.clear()
        batches = entry.batches
        if len(batches) == BATCHES_KEPT:
            del batches[0]
        batches.append(
            ProducerBatch(header.base_sequence, header.last_sequence, header.base_offset, header.last_offset,
                          header.max_timestamp)
        )  # fmt: skip

    def expire(self, now: int, expiration_ms: int) -> int:
        """Forget who wrote nothing for `expiration_ms` (producer.id.expiration.ms); returns how many. `now` in µs."""
        latest = now // 1000 - expiration_ms
        old = [producer for producer, entry in self.entries.items() if entry.last_timestamp <= latest]
        for producer in old:
            del self.entries[producer]
        return len(old)


def write_snapshot(states: ProducerStates, disk: Disk, folder: str, offset: int) -> None:
    """Keep the state as of `offset` (all batches below it), durably."""
    rows = [(producer, entry.epoch, entry.batches) for producer, entry in states.entries.items()]
    body = msgpack.packb(rows)
    path = _path(folder, offset)
    disk.write(path, msgpack.packb((1, crc32(body), body)))
    disk.flush(path)


def load_states(disk: Disk, folder: str, batches: list[BatchHeader], log_end: int) -> ProducerStates:
    """The state as of `log_end`: the newest intact snapshot, and the batches after it. Newer or damaged ones go."""
    states, begin = ProducerStates(), 0
    for offset in reversed(snapshot_offsets(disk, folder)):
        entries = _read_snapshot(disk, _path(folder, offset)) if offset <= log_end else None
        if entries is not None:
            states.entries, begin = entries, offset
            break
        disk.delete(_path(folder, offset))
    for header in batches:
        if header.base_offset >= begin:
            states.update(header)
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
            producer: ProducerEntry(epoch, [ProducerBatch(*batch) for batch in batches])
            for producer, epoch, batches in msgpack.unpackb(body)
        }
    except (ValueError, TypeError, msgpack.UnpackException):
        return None


def _path(folder: str, offset: int) -> str:
    return f"{folder}/{offset:020d}{SUFFIX}"
