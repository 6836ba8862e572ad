"""A segment's bytes, told line by line: what is in the file, and where it is damaged.

Promises     one line for each batch, in the order and with the words of `kafka-dump-log`; it changes nothing.
             A batch with a wrong CRC is shown with isvalid: false; bytes that are no batch end it with a sentence.
Stands for   org.apache.kafka.tools.DumpLogSegments.
Left out     index files, group metadata decoders, compresscodec and magic (there is one of each).
Differs      says what recovery would do with a torn tail, and where offsets are missing between batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from minikafka.log.local_log import LocalLog
from minikafka.log.segment import SUFFIX
from minikafka.protocol.control_records import TYPES, control_type, marker_of
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.record_batch import NO_SEQUENCE, BatchHeader, crc_of, next_sequence, read_header
from minikafka.protocol.records import Record, records_of
from minikafka.world.disk import Disk


def inspect(source: LocalLog | bytes | str | Path, disk: Disk | None = None, deep: bool = False) -> str:
    """Describe a log, the bytes of a segment, or a file or folder (on `disk`, without one a real file).

    With `deep` each record has a line too. DiskError or OSError if there is no such file.
    """
    if isinstance(source, LocalLog):
        disk, source = source.disk, source.folder
    if isinstance(source, (bytes, bytearray)):
        return "\n".join(_batch_lines(bytes(source), deep))
    if disk is None:
        path = Path(source)
        files = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        contents = [(str(file), file.read_bytes()) for file in files]
    else:
        path = str(source)
        files = [path] if disk.exists(path) else [name for name in disk.list(path + "/") if name.endswith(SUFFIX)]
        contents = [(file, disk.read(file)) for file in files or [path]]
    return "\n".join(line for name, data in contents for line in _file_lines(name, data, deep))


def _file_lines(name: str, data: bytes, deep: bool) -> Iterator[str]:
    yield f"Dumping {name}"
    base = Path(name).stem
    if base.isdecimal():
        yield f"Log starting offset: {int(base)}"
    yield from _batch_lines(data, deep)


def _batch_lines(data: bytes, deep: bool) -> Iterator[str]:
    position, expected = 0, None
    while position < len(data):
        try:
            header = read_header(data, position)
        except KafkaError as reason:
            yield (f"The last {len(data) - position} bytes, from position {position} on, are no whole batch: "
                   f"{reason.sentence}. Recovery would cut the file at {position}.")  # fmt: skip
            return
        if expected is not None and header.base_offset > expected:
            yield f"(offsets {expected} to {header.base_offset - 1} are not here any more)"
        expected = header.next_offset
        valid = crc_of(data, header) == header.crc
        yield _batch_line(header, valid)
        if deep:
            yield from _record_lines(data, header)
        position += header.size


def _batch_line(header: BatchHeader, valid: bool) -> str:
    return (
        f"baseOffset: {header.base_offset} lastOffset: {header.last_offset} count: {header.records_count} "
        f"baseSequence: {header.base_sequence} lastSequence: {header.last_sequence} "
        f"producerId: {header.producer_id} producerEpoch: {header.producer_epoch} "
        f"partitionLeaderEpoch: {header.leader_epoch} isTransactional: {_word(header.is_transactional)} "
        f"isControl: {_word(header.is_control)}{_horizon(header)} position: {header.position} "
        f"{_time_type(header)}: {header.max_timestamp} size: {header.size} crc: {header.crc} isvalid: {_word(valid)}"
    )


def _record_lines(data: bytes, header: BatchHeader) -> Iterator[str]:
    try:
        records = records_of(data, header)
    except KafkaError as reason:
        yield f"| {reason.sentence}"
        return
    for record in records:
        sequence = header.base_sequence
        if sequence != NO_SEQUENCE:
            sequence = next_sequence(sequence, record.offset - header.base_offset)
        names = ",".join(name for name, _ in record.headers)
        if header.is_control:
            yield f"| offset: {record.offset} {_time_type(header)}: {record.timestamp} {_control(record, data, header)}"
            continue
        yield (
            f"| offset: {record.offset} {_time_type(header)}: {record.timestamp} keySize: {_size(record.key)} "
            f"valueSize: {_size(record.value)} sequence: {sequence} headerKeys: [{names}] "
            f"key: {_text(record.key)} payload: {_text(record.value)}"
        )


def _control(record: Record, data: bytes, header: BatchHeader) -> str:
    """What a control record says, as kafka-dump-log prints it."""
    marker = marker_of(data, header)
    if marker is None:
        return TYPES.get(control_type(record.key), "UNKNOWN")
    return f"endTxnMarker: {marker.outcome} coordinatorEpoch: {marker.coordinator_epoch}"


def _horizon(header: BatchHeader) -> str:
    return "" if header.delete_horizon is None else f" deleteHorizonMs: {header.delete_horizon}"


def _time_type(header: BatchHeader) -> str:
    return "LogAppendTime" if header.is_log_append_time else "CreateTime"


def _word(truth: bool) -> str:
    return "true" if truth else "false"


def _size(data: bytes | None) -> int:
    return -1 if data is None else len(data)


def _text(data: bytes | None) -> str:
    return "null" if data is None else data.decode(errors="backslashreplace")
