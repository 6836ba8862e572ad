"""What one fetch brought for one partition, handed out record by record.

Promises     records come in the order of their offsets, none below the position; markers that are no records are
             skipped but passed, and so are records of aborted transactions, if the answer named these; a batch whose
             CRC is wrong is not handed out, and nothing after it.
Stands for   org.apache.kafka.clients.consumer.internals.CompletedFetch.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikafka.protocol.client_requests import AbortedTransaction
from minikafka.protocol.control_records import marker_of
from minikafka.protocol.errors import CorruptRecordException, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader, check_crc, read_header
from minikafka.protocol.records import Record, records_of


class ConsumerRecord(NamedTuple):
    """One record as a poll hands it out: `timestamp` in ms, `headers` pairs of (name, bytes or None)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple
    leader_epoch: int


class AbortedProducers:
    """Which producers' records are void, while the batches of one fetch go by in order."""

    __slots__ = ("_upcoming", "_void")

    def __init__(self, aborted: Iterable[AbortedTransaction]):
        self._upcoming = sorted(aborted, key=lambda one: one.first_offset, reverse=True)
        self._void: dict[int, None] = {}

    def drops(self, header: BatchHeader, data: bytes) -> bool:
        """Whether nobody may see this batch: it is a marker, or belongs to an aborted transaction."""
        while self._upcoming and self._upcoming[-1].first_offset <= header.last_offset:
            self._void[self._upcoming.pop().producer_id] = None
        if header.is_control:
            marker = marker_of(data, header)
            if marker is not None and not marker.committed:
                self._void.pop(header.producer_id, None)
            return True
        return header.is_transactional and header.producer_id in self._void


class CompletedFetch:
    """`next_offset` is the position after what was taken so far, `epoch` the epoch of the record before it."""

    __slots__ = (
        "partition",
        "next_offset",
        "epoch",
        "exhausted",
        "_data",
        "_at",
        "_records",
        "_taken",
        "_after_batch",
        "_check",
        "_aborted",
    )

    def __init__(self, partition: TopicPartition, fetch_offset: int, epoch: int, data: bytes, check_crcs: bool,
                 aborted: Iterable[AbortedTransaction] = ()):  # fmt: skip
        self.partition = partition
        self.next_offset = fetch_offset
        self.epoch = epoch
        self.exhausted = False
        self._data = data
        self._at = 0
        self._records: list[Record] = []
        self._taken = 0
        self._after_batch = fetch_offset
        self._check = check_crcs
        self._aborted = AbortedProducers(aborted)

    def take(self, limit: int) -> list[ConsumerRecord]:
        """Up to `limit` more records. CorruptRecordException if the next batch is damaged; then nothing moves."""
        taken: list[Record] = []
        while len(taken) < limit and not self.exhausted:
            if self._taken == len(self._records):
                try:
                    self._open_next_batch()
                except KafkaError as error:
                    if taken:
                        break
                    raise self._corrupt(error) from error
                continue
            some = self._records[self._taken : self._taken + limit - len(taken)]
            self._taken += len(some)
            taken += some
            self.next_offset = some[-1].offset + 1
            self.epoch = some[-1].leader_epoch
            if self._taken == len(self._records):
                self._end_batch()
        new, place = tuple.__new__, tuple(self.partition)
        return [new(ConsumerRecord, place + record) for record in taken]

    def _open_next_batch(self) -> None:
        header = read_header(self._data, self._at)
        if self._check:
            check_crc(self._data, header)
        records = [] if self._aborted.drops(header, self._data) else records_of(self._data, header)
        if header.base_offset < self.next_offset:
            records = [record for record in records if record.offset >= self.next_offset]
        self._at += header.size
        self._records, self._taken = records, 0
        self._after_batch = max(header.next_offset, self.next_offset)
        if not records:
            self.epoch = header.leader_epoch
            self._end_batch()

    def _end_batch(self) -> None:
        self.next_offset = self._after_batch
        self.exhausted = self._at >= len(self._data)

    def _corrupt(self, error: KafkaError) -> CorruptRecordException:
        return CorruptRecordException(
            f"{self.partition} cannot be read at offset {self.next_offset}: {error.sentence}; "
            f"seek() past it to go on, at the price of the records there"
        )
