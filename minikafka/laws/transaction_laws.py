"""Laws about transactions: how far everything is decided, and that a decision stands.

Promises     each law is named after its statement, and looks after each step in which it could be broken.
Stands for   the invariants of KIP-98 and KIP-890: I1's last stable offset, the states of a transaction, one outcome
             in all partitions.
Left out     whether consumers saw aborted records, which is a judgment (see `transaction_judgments`).
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.client.consumer import Consumer
from minikafka.coordinator.transaction_state import (
    COMPLETE_ABORT,
    COMPLETE_COMMIT,
    DEAD,
    DECIDED,
    MOVES,
    PREPARE_ABORT,
    PREPARE_COMMIT,
)
from minikafka.events.clients import RecordsPolled
from minikafka.events.replication import HighWatermarkAdvanced, HighWatermarkLearned
from minikafka.events.storage import LogRecovered, LogRestarted, LogTruncated, TransactionEnded, TransactionOpened
from minikafka.events.transactions import TransactionsLoaded, TransactionStateChanged
from minikafka.laws.sight import KafkaLaw
from minikafka.log.partition_log import PartitionLog

LEGAL = {(state, becomes) for (state, _), becomes in MOVES.items()}


class NothingUndecidedIsStable(KafkaLaw):
    """I1: the last stable offset is not beyond the first record of a transaction that has no marker below the high
    watermark. Always (K). What is open is found by reading the log from its beginning."""

    KINDS = (TransactionOpened, TransactionEnded, HighWatermarkAdvanced, HighWatermarkLearned, LogTruncated,
             LogRestarted, LogRecovered)  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._with_transactions: dict[tuple, None] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        key = (place, event.partition)
        if isinstance(event, TransactionOpened | TransactionEnded):
            self._with_transactions[key] = None
        if key not in self._with_transactions:
            return None
        log = self.sight.log(place, event.partition)
        if log is None:
            return None
        first = first_undecided(log)
        if first is None or log.last_stable_offset <= max(first, log.log_start_offset):
            return None
        return (
            f"{event.partition} at {place} is said to be stable up to {log.last_stable_offset}, but the transaction "
            f"from offset {first} has no marker below the high watermark {log.high_watermark}"
        )


def first_undecided(log: PartitionLog) -> int | None:
    """The first offset of a transaction that has no marker below the high watermark, read from the batches alone."""
    undecided: dict[int, int] = {}
    for header in log.batches():
        if not header.is_transactional:
            continue
        if not header.is_control:
            undecided.setdefault(header.producer_id, header.base_offset)
        elif header.base_offset < log.high_watermark:
            undecided.pop(header.producer_id, None)
    return min(undecided.values(), default=None)


class DecisionsAreNotTakenBack(KafkaLaw):
    """O5: a transaction's state moves only as its table says, and its epoch never falls: what was decided once is
    decided. While the log of transactions has lost nothing; a new coordinator goes on from what it has read (K). An
    earlier one may hear later that what it wrote was replicated: that is old news, for the new one has read it."""

    KINDS = (TransactionStateChanged, TransactionsLoaded)

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, str], tuple[str, int, int]] = {}
        self._office: dict[tuple[str, str], tuple[int, str]] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        if isinstance(event, TransactionsLoaded):
            return self._loaded(place, event)
        key = (place.partition("/")[0], event.transactional_id)
        if self._office.setdefault(key, (-1, place))[1] != place:
            return None
        before = self._known.pop(key, None)
        if event.new != DEAD:
            self._known[key] = (event.new, event.producer_id, event.producer_epoch)
        who = f"the transaction of {event.transactional_id} at {place}"
        if event.old and (event.old, event.new) not in LEGAL:
            return f"{who} went from {event.old} to {event.new}, which is not possible"
        if before is None:
            return None
        state, producer_id, producer_epoch = before
        if event.producer_id == producer_id and event.producer_epoch < producer_epoch and self._is_one_log(key[0]):
            return f"{who} went from epoch {producer_epoch} back to {event.producer_epoch}"
        if state in DECIDED and event.new not in _AFTER[state] and self._is_one_log(key[0]):
            return f"{who} was {state}, and is {event.new} now"
        return None

    def _loaded(self, place: str, event: TransactionsLoaded) -> str | None:
        """What a new coordinator has read is what it goes on from; the end of a decision may be in it, unheard of."""
        cluster = place.partition("/")[0]
        for name, state in event.transactions:
            if event.leader_epoch < self._office.get((cluster, name), (-1, ""))[0]:
                continue  # it was slow to read, and there is a newer coordinator
            self._office[cluster, name] = event.leader_epoch, place
            before = self._known.get((cluster, name))
            if before is None:
                continue
            if before[0] in DECIDED and state not in _AFTER[before[0]] and self._is_one_log(cluster):
                return f"the transaction of {name} was {before[0]}, and {place} has read {state}"
            self._known[cluster, name] = (state, *before[1:])
        return None

    def _is_one_log(self, cluster: str) -> bool:
        """Whether no decision can have been lost with a disk."""
        return all(history.durable for (name, tp), history in self.sight.histories.items()
                   if name == cluster and tp.topic.startswith("__"))  # fmt: skip


_AFTER = {PREPARE_COMMIT: (PREPARE_COMMIT, COMPLETE_COMMIT), PREPARE_ABORT: (PREPARE_ABORT, COMPLETE_ABORT)}


class MarkersCarryTheDecisionOut(KafkaLaw):
    """O5: the marker that ends a transaction in a log says what its coordinator has decided for this epoch, and says
    the same in every partition. DUR."""

    KINDS = (TransactionStateChanged, TransactionEnded)

    def __init__(self) -> None:
        super().__init__()
        self._decided: dict[tuple[str, int, int], str] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        key = (place.partition("/")[0], event.producer_id, event.producer_epoch)
        if isinstance(event, TransactionStateChanged):
            if event.new in DECIDED:
                self._decided[key] = "COMMIT" if DECIDED[event.new] else "ABORT"
            return None
        if event.first_offset < 0:
            return None
        decided = self._decided.setdefault(key, event.outcome)
        if decided == event.outcome or not self.sight.history(place, event.partition).durable:
            return None
        return (
            f"the marker at {event.offset} of {event.partition} at {place} says {event.outcome}, and the transaction "
            f"of producer {event.producer_id} with epoch {event.producer_epoch} was decided as {decided}"
        )


class UndecidedRecordsAreNotGivenOut(KafkaLaw):
    """O6: who reads committed records is given none before the marker of its transaction is committed. DUR (K).
    Otherwise it might have read what is aborted later; that the transaction is committed after all excuses nothing."""

    KINDS = (RecordsPolled,)

    def broken_by(self, place: str, event: RecordsPolled) -> str | None:
        log = self._longest_log(place, event) if self._reads_committed(place, event.client) else None
        if log is None:
            return None
        committed = self.sight.history(place, event.partition).end
        undecided: dict[int, int] = {}
        for header in log.batches():
            if header.is_control and header.base_offset < committed:
                undecided.pop(header.producer_id, None)
            elif header.is_transactional and event.first_offset <= header.last_offset:
                if header.base_offset <= event.last_offset:
                    undecided.setdefault(header.producer_id, header.base_offset)
        if not undecided:
            return None
        producer_id, first = next(iter(undecided.items()))
        return (
            f"{event.client} reads committed records and was given {event.partition} up to {event.last_offset}, but "
            f"the transaction of producer {producer_id} from offset {first} on is not decided"
        )

    def _reads_committed(self, place: str, client: str) -> bool:
        process = self.sight.machines[place].process if place in self.sight.machines else None
        consumer = getattr(process, "consumer", process)
        if not isinstance(consumer, Consumer) or consumer.name != client:
            return False
        return consumer.config["isolation.level"] == "read_committed"

    def _longest_log(self, place: str, event: RecordsPolled) -> PartitionLog | None:
        """The log of the replica that has most, if what is committed cannot have been lost."""
        history = self.sight.history(place, event.partition)
        logs = [self.sight.log(replica, event.partition) for replica in history.copies]
        there = [log for log in logs if log is not None and history.durable]
        return max(there, key=lambda log: log.log_end_offset, default=None)


TRANSACTION_LAWS = (
    NothingUndecidedIsStable,
    DecisionsAreNotTakenBack,
    MarkersCarryTheDecisionOut,
    UndecidedRecordsAreNotGivenOut,
)
"""Every law about transactions."""
