"""The small files beside the logs that say where each log stands.

Promises     a checkpoint is replaced whole and is durable when the call returns; a damaged one is refused.
Stands for   CheckpointFile, OffsetCheckpointFile and CleanShutdownFileHandler of org.apache.kafka.storage.internals.
Left out     meta.properties, several log directories.
Differs      nothing in the text of the files.

    0                       version
    2                       how many lines follow
    flights 0 1500          topic, partition, offset
    flights 1 1498
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.world.disk import Disk

RECOVERY_POINT = "recovery-point-offset-checkpoint"
HIGH_WATERMARK = "replication-offset-checkpoint"
LOG_START = "log-start-offset-checkpoint"
CLEANER = "cleaner-offset-checkpoint"
CLEAN_SHUTDOWN = ".kafka_cleanshutdown"


def read_rows(disk: Disk, path: str) -> list[list[str]]:
    """The rows of a checkpoint file, none if there is no file. KAFKA_STORAGE_ERROR if it is damaged."""
    if not disk.exists(path):
        return []
    try:
        version, count, *lines = disk.read(path).decode().splitlines()
        rows = [line.split() for line in lines]
        if version != "0" or int(count) != len(rows):
            raise ValueError(f"version {version!r}, {count!r} rows announced, {len(rows)} found")
    except ValueError as reason:
        raise _damaged(path, reason) from None
    return rows


def write_rows(disk: Disk, path: str, rows: Iterable[tuple]) -> None:
    """Replace a checkpoint file, durably."""
    lines = [" ".join(map(str, row)) for row in rows]
    disk.write(path, "\n".join(["0", str(len(lines)), *lines, ""]).encode())
    disk.flush(path)


def read_offsets(disk: Disk, name: str, root: str = "") -> dict[TopicPartition, int]:
    """What a checkpoint says of each partition. KAFKA_STORAGE_ERROR if the file is damaged."""
    path = root + name
    try:
        return {TopicPartition(topic, int(number)): int(offset) for topic, number, offset in read_rows(disk, path)}
    except ValueError as reason:
        raise _damaged(path, reason) from None


def write_offsets(disk: Disk, name: str, offsets: Mapping[TopicPartition, int], root: str = "") -> None:
    """Replace a checkpoint of offsets, durably."""
    write_rows(disk, root + name, [(*partition, offset) for partition, offset in sorted(offsets.items())])


def lower_recovery_point(disk: Disk, partition: TopicPartition, offset: int, root: str = "") -> None:
    """After a truncation: what is written again above `offset` must be scanned after a crash, and has not been
    compacted; so say so durably."""
    for name in (RECOVERY_POINT, CLEANER):
        offsets = read_offsets(disk, name, root)
        if offsets.get(partition, 0) > offset:
            write_offsets(disk, name, {**offsets, partition: offset}, root)


def forget_partition(disk: Disk, partition: TopicPartition, root: str = "") -> None:
    """After a log was deleted: no checkpoint may speak for a later log of the same name."""
    for name in (RECOVERY_POINT, HIGH_WATERMARK, LOG_START, CLEANER):
        offsets = read_offsets(disk, name, root)
        if offsets.pop(partition, None) is not None:
            write_offsets(disk, name, offsets, root)


def write_clean_shutdown(disk: Disk, broker_epoch: int = -1, root: str = "") -> None:
    """Say that every log was flushed: the last act of a clean stop."""
    path = root + CLEAN_SHUTDOWN
    disk.write(path, json.dumps({"version": 0, "brokerEpoch": broker_epoch}).encode())
    disk.flush(path)


def take_clean_shutdown(disk: Disk, root: str = "") -> int | None:
    """The broker epoch of the clean stop (-1 if the file is damaged), None after any other; the file is removed."""
    path = root + CLEAN_SHUTDOWN
    if not disk.exists(path):
        return None
    data = disk.read(path)
    disk.delete(path)
    try:
        return int(json.loads(data)["brokerEpoch"])
    except (ValueError, KeyError, TypeError):
        return -1


def _damaged(path: str, reason: object) -> KafkaError:
    return KafkaError(
        Error.KAFKA_STORAGE_ERROR,
        f"the checkpoint {path} is damaged ({reason}); delete it to begin without, or restore it from another copy",
    )
