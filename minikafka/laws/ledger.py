"""The ledger: every batch that a producer tried to write and what became of it, every poll of a consumer.

Promises     one entry for each batch, found by client, partition and running number; polls and resets of each
             consumer in their order. Definite and indefinite failures are kept apart.
Stands for   the history that Jepsen's clients write down.
Left out     values: a record is known by its producer's running number, and by its offset.
Differs      read from the events of the clients, so nothing has to be asked of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikafka.events import clients
from minikafka.events.transactions import TransactionCompleted
from minikafka.protocol.names import TopicPartition
from minikafka.world.event import Recorded

OPEN, ACKNOWLEDGED, FAILED, SPLIT = "open", "acknowledged", "failed", "split"
ALL = -1


class Batch:
    """One batch: `records` records from `first_number` on. `definite` says of a failed one that it is in no log."""

    __slots__ = ("cluster", "place", "client", "tp", "first_number", "records", "idempotent", "attempts", "outcome",
                 "acks", "base_offset", "definite", "error", "sent_at", "settled_at")  # fmt: skip

    def __init__(self, place: str, client: str, tp: TopicPartition, first_number: int, records: int, now: int):
        self.cluster = place.partition("/")[0]
        self.place = place
        self.client = client
        self.tp = tp
        self.first_number = first_number
        self.records = records
        self.idempotent = False
        self.attempts = 0
        self.outcome = OPEN
        self.acks = 0
        self.base_offset = -1
        self.definite = False
        self.error = ""
        self.sent_at = now
        self.settled_at = -1

    @property
    def last_offset(self) -> int:
        """The offset of its last record, if it was acknowledged with one."""
        return self.base_offset + self.records - 1

    def __repr__(self) -> str:
        last = self.first_number + self.records - 1
        return f"records {self.first_number} to {last} of {self.client} for {self.tp}"


class Reading(NamedTuple):
    """A poll that brought records, or (records 0) a move of the position to `first`."""

    time: int
    first: int
    last: int
    records: int
    why: str = ""


class Ledger:
    """`batches` by (client, partition, first number); `readings` by (consumer, partition); `places` of the clients.
    `told`: the outcomes that producers were told of their transactions, by (cluster, producer id, epoch)."""

    KINDS = (clients.BatchSent, clients.BatchAcknowledged, clients.BatchFailed, clients.BatchSplit,
             clients.RecordsPolled, clients.PositionReset, TransactionCompleted)  # fmt: skip

    def __init__(self) -> None:
        self.batches: dict[tuple[str, TopicPartition, int], Batch] = {}
        self.readings: dict[tuple[str, TopicPartition], list[Reading]] = {}
        self.places: dict[str, str] = {}
        self.told: dict[tuple[str, int, int], str] = {}

    def hear(self, entry: Recorded) -> None:
        """Write one event down."""
        event = entry.event
        self.places[event.client] = entry.place
        match event:
            case clients.BatchSent():
                batch = self._batch(entry, event)
                batch.attempts = event.attempt
                batch.idempotent = event.base_sequence >= 0
            case clients.BatchAcknowledged():
                batch = self._settled(entry, event, ACKNOWLEDGED)
                batch.acks, batch.base_offset = event.acks, event.base_offset
            case clients.BatchFailed():
                if event.first_number >= 0:
                    batch = self._settled(entry, event, FAILED)
                    batch.definite, batch.error = event.definite, event.error
            case clients.BatchSplit():
                self._settled(entry, event, SPLIT)
            case clients.RecordsPolled():
                reading = Reading(entry.time, event.first_offset, event.last_offset, event.records)
                self.readings.setdefault((event.client, event.partition), []).append(reading)
            case TransactionCompleted():
                key = (entry.place.partition("/")[0], event.producer_id, event.producer_epoch)
                self.told[key] = "COMMIT" if event.committed else "ABORT"
            case clients.PositionReset():
                reading = Reading(entry.time, event.new, event.new - 1, 0, event.why)
                self.readings.setdefault((event.client, event.partition), []).append(reading)

    def acknowledged(self, acks: int = ALL) -> list[Batch]:
        """The batches that were acknowledged with these `acks`, and have an offset."""
        return [
            batch
            for batch in self.batches.values()
            if batch.outcome == ACKNOWLEDGED and batch.acks == acks and batch.base_offset >= 0
        ]

    def open_batches(self) -> list[Batch]:
        """The batches whose outcome nobody knows yet."""
        return [batch for batch in self.batches.values() if batch.outcome == OPEN]

    def _batch(self, entry: Recorded, event: Any) -> Batch:
        key = (event.client, event.partition, event.first_number)
        batch = self.batches.get(key)
        if batch is None or batch.outcome == SPLIT:
            batch = Batch(entry.place, event.client, event.partition, event.first_number, event.records, entry.time)
            self.batches[key] = batch
        return batch

    def _settled(self, entry: Recorded, event: Any, outcome: str) -> Batch:
        batch = self._batch(entry, event)
        batch.outcome, batch.settled_at = outcome, entry.time
        return batch
