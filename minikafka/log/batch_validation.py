"""May this batch be appended? Asked before anything is changed.

Promises     a batch that passes holds together: size, CRC, offsets, timestamps, sequence and keys; one that does not is
             refused with Kafka's error, and the log is as it was.
Stands for   UnifiedLog.analyzeAndValidateRecords and LogValidator; the one-batch rule is ProduceRequest's.
Left out     compression, older formats, the error of each single record (KIP-467).
Differs      a follower refuses a torn batch at the end of a response; Kafka drops it, because its leaders may send one.
             A batch that claims LogAppendTime is refused always; Kafka overlooks it if the topic has CreateTime.
"""

from __future__ import annotations

from minikafka.log.log_config import LogConfig
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.record_batch import NO_TIMESTAMP, BatchHeader, check_crc, headers_of, read_header, stamp_time
from minikafka.protocol.records import rows_of
from minikafka.protocol.settings import LONG_MAX

CLIENT, COORDINATOR, CONTROLLER = "client", "coordinator", "controller"
"""Who appends: only a client's batches are looked into."""


class UnexpectedAppendOffsetException(KafkaError):
    """A fetched batch begins below the log's end. `.first_offset`, `.last_offset`: of the batches; `.log_end_offset`.

    On an empty log whose start lies inside the batch, restart the log at `first_offset` and append again.
    """

    def __init__(self, sentence: str, first_offset: int, last_offset: int, log_end_offset: int) -> None:
        super().__init__(Error.UNKNOWN_SERVER_ERROR, sentence)
        self.first_offset = first_offset
        self.last_offset = last_offset
        self.log_end_offset = log_end_offset


class OffsetsOutOfOrderException(KafkaError):
    """Fetched batches do not follow one another."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Error.UNKNOWN_SERVER_ERROR, sentence)


def validate_for_leader(data: bytes, config: LogConfig, now_ms: int, origin: str) -> list[tuple[BatchHeader, bytes]]:
    """Each batch with its bytes, as the log shall hold them but for offset and epoch: the largest timestamp is set.

    CORRUPT_MESSAGE, INVALID_RECORD, MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE or INVALID_TIMESTAMP.
    """
    headers = [_the_only_batch(data)] if origin == CLIENT else list(headers_of(data))
    batches = []
    for header in headers:
        if header.size > config.max_message_bytes:
            raise KafkaError(
                Error.MESSAGE_TOO_LARGE,
                f"a batch of {header.size} bytes is over max.message.bytes={config.max_message_bytes}; "
                "send smaller batches (batch.size) or raise the topic's setting",
            )
        check_crc(data, header)
        latest = header.max_timestamp
        if origin == CLIENT:
            latest = _validate_records(data, header, config, now_ms)
        if config.log_append_time or latest != header.max_timestamp:
            stamped = stamp_time(data, header, now_ms if config.log_append_time else latest, config.log_append_time)
            batches.append((read_header(stamped), stamped))
        else:
            batches.append((header, data))
    if len(data) > config.segment_bytes:
        raise KafkaError(
            Error.RECORD_LIST_TOO_LARGE,
            f"{len(data)} bytes do not fit into a segment of segment.bytes={config.segment_bytes}; "
            "send smaller batches or raise the topic's setting",
        )
    return batches


def validate_for_follower(data: bytes, leader_epoch: int, log_end: int) -> list[BatchHeader]:
    """The batches to append as they are. Those from the first one of an epoch above `leader_epoch` on are left out.

    CORRUPT_MESSAGE; UnexpectedAppendOffsetException below the log's end; OffsetsOutOfOrderException among themselves.
    """
    headers: list[BatchHeader] = []
    for header in headers_of(data):
        if header.leader_epoch > leader_epoch:
            break  # fetched under an older leadership: it may not be what that epoch's leader has (KAFKA-18723)
        check_crc(data, header)
        if headers and header.base_offset <= headers[-1].last_offset:
            raise OffsetsOutOfOrderException(
                f"a batch at offset {header.base_offset} follows one that ends at {headers[-1].last_offset}; "
                "fetch again from the leader"
            )
        headers.append(header)
    if headers and headers[0].base_offset < log_end:
        first, last = headers[0].base_offset, headers[-1].last_offset
        raise UnexpectedAppendOffsetException(
            f"fetched offsets {first}..{last}, but the log ends at {log_end}; fetch from its end", first, last, log_end
        )
    return headers


def _the_only_batch(data: bytes) -> BatchHeader:
    if not data:
        raise _invalid("there is no batch to append; send one batch for each partition")
    header = read_header(data)
    if header.size != len(data):
        raise _invalid(f"{len(data) - header.size} bytes follow the first batch; send one batch for each partition")
    if header.base_offset != 0:
        raise _invalid(f"the batch has base offset {header.base_offset}; clients send 0, the leader assigns offsets")
    return header


def _validate_records(data: bytes, header: BatchHeader, config: LogConfig, now_ms: int) -> int:
    """What the header says of the records must be so; returns their true largest timestamp."""
    if header.is_control:
        raise _invalid("the batch is a control batch, which only brokers may write; clear attribute bit 5")
    if header.producer_id >= 0 and header.base_sequence < 0:
        raise _invalid(f"producer id {header.producer_id} comes with sequence {header.base_sequence}; count from 0")
    count = header.records_count
    if not count or header.last_offset_delta != count - 1:
        raise _invalid(f"{count} records end at offset delta {header.last_offset_delta}; number them without a gap")
    try:
        deltas, times, keys, _, _ = zip(*rows_of(data, header), strict=True)
        latest = header.base_timestamp + max(times)
    except (TypeError, ValueError) as reason:
        raise _invalid(f"its records are no rows of five fields ({reason}); build batches with build_batch") from None
    if deltas != tuple(range(count)):
        raise _invalid(f"the offset deltas {deltas[:5]}... are not 0, 1, 2, ...; number the records without a gap")
    if config.compact and None in keys:
        raise _invalid(f"record {keys.index(None)} has no key, but the topic is compacted; give every record a key")
    if header.is_log_append_time:
        raise KafkaError(
            Error.INVALID_TIMESTAMP, "the batch claims LogAppendTime, which the leader gives; clear attribute bit 3"
        )
    if not config.log_append_time:
        _check_time(latest, config, now_ms)
        if config.before_max_ms < LONG_MAX:
            for delta in times:
                _check_time(header.base_timestamp + delta, config, now_ms)
    return latest


def _check_time(timestamp: int, config: LogConfig, now_ms: int) -> None:
    if timestamp == NO_TIMESTAMP:
        return
    if now_ms - timestamp > config.before_max_ms:
        raise KafkaError(
            Error.INVALID_TIMESTAMP,
            f"timestamp {timestamp} is {now_ms - timestamp} ms before the leader's clock ({now_ms}), over "
            f"message.timestamp.before.max.ms={config.before_max_ms}; send younger records or raise the setting",
        )
    if timestamp - now_ms > config.after_max_ms:
        raise KafkaError(
            Error.INVALID_TIMESTAMP,
            f"timestamp {timestamp} is {timestamp - now_ms} ms ahead of the leader's clock ({now_ms}), over "
            f"message.timestamp.after.max.ms={config.after_max_ms}; set the producer's clock or raise the setting",
        )


def _invalid(sentence: str) -> KafkaError:
    return KafkaError(Error.INVALID_RECORD, sentence)
