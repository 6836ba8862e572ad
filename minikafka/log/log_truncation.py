"""Cutting the end of a log: what this replica has and its leader lacks.

Promises     the batch that holds the offset goes as a whole, and with it all that was concluded from what is cut: index
             entries, epochs, producers, and the recovery point, so that no crash brings the data back.
Stands for   UnifiedLog.truncateTo and truncateFullyAndStartAt.
Left out     a reason other than replication.
Differs      the cut file is flushed before the call returns.
"""

from __future__ import annotations

from minikafka.events.storage import LogRestarted, LogTruncated
from minikafka.log.local_log import LocalLog
from minikafka.log.producer_states import ProducerStates, delete_snapshots
from minikafka.protocol.errors import Error, KafkaError


def truncate_to(log: LocalLog, offset: int) -> bool:
    """Drop `offset` and all above; returns whether data went. At or above the end only epochs without data go."""
    _require_offset(log, offset)
    if offset >= log.log_end_offset:
        log.epochs.truncate_from_end(log.log_end_offset)
        return False
    if offset < log.segments[0].base_offset:
        truncate_fully_and_start_at(log, offset)
        return True
    old_end = log.log_end_offset
    while log.segments[-1].base_offset > offset:
        log.segments.pop().delete()
    log.active = log.segments[-1]
    log.active.truncate_to(offset)
    log.set_end(offset)
    log.log_start_offset = min(log.log_start_offset, offset)
    log.set_high_watermark(log.high_watermark)
    log.epochs.truncate_from_end(offset)
    log.load_producers()
    log.lower_recovery_point(offset)
    log.record(LogTruncated(log.partition, old_end, offset))
    return True


def truncate_fully_and_start_at(log: LocalLog, offset: int) -> None:
    """Drop everything; the log is empty and starts and ends at `offset`."""
    _require_offset(log, offset)
    old_start, old_end = log.log_start_offset, log.log_end_offset
    created = log.active.modified
    while log.segments:
        log.segments.pop().delete()
    delete_snapshots(log.disk, log.folder)
    log.epochs.clear()
    log.producers = ProducerStates()
    log.begin_segment(offset, created)
    log.log_start_offset = offset
    log.set_end(offset)
    log.set_high_watermark(offset)
    log.lower_recovery_point(offset)
    log.record(LogRestarted(log.partition, old_start, old_end, offset))


def _require_offset(log: LocalLog, offset: int) -> None:
    if offset < 0:
        raise KafkaError(
            Error.OFFSET_OUT_OF_RANGE,
            f"{log.partition} cannot be cut at {offset}; offsets begin at 0, and this log has "
            f"{log.log_start_offset} up to {log.log_end_offset}",
        )
