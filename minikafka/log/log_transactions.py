"""Transactions in one log: which are open, which were aborted, and how far everything is decided.

Promises     the last stable offset never passes the first record of a transaction that is open, or whose marker is not
             replicated; what is below it and not named by `aborted_transactions` is committed or was never in a
             transaction.
Stands for   UnifiedLog: fetchLastStableOffset, collectAbortedTransactions; DescribeProducers.
Left out     -
Differs      which transactions have ended is found out from all batches whenever a log is opened or cut; Kafka goes by
             its newest snapshot and the index files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from minikafka.events.storage import FileRebuilt, TransactionEnded, TransactionOpened
from minikafka.log.producer_states import ProducerStates
from minikafka.log.transaction_index import AbortedTxn
from minikafka.protocol.control_records import marker_of
from minikafka.protocol.record_batch import BatchHeader

if TYPE_CHECKING:
    from minikafka.log.local_log import LocalLog


class OpenTransaction(NamedTuple):
    """A transaction without its marker: `last_timestamp` (ms) is when its producer wrote last."""

    producer_id: int
    producer_epoch: int
    first_offset: int
    last_timestamp: int
    coordinator_epoch: int


def last_stable_offset(log: LocalLog) -> int:
    """The first offset that is not decided, at most the high watermark, and never below the log's start."""
    producers, high_watermark = log.producers, log.high_watermark
    if not producers.ongoing and not producers.ended:
        return high_watermark
    undecided = producers.first_undecided(high_watermark)
    return high_watermark if undecided is None else min(max(undecided, log.log_start_offset), high_watermark)


def ongoing_transactions(log: LocalLog) -> list[OpenTransaction]:
    """The open ones, oldest first."""
    entries = log.producers.entries
    found = [
        OpenTransaction(producer, entries[producer].epoch, first, entries[producer].last_timestamp,
                        entries[producer].coordinator_epoch)
        for producer, first in log.producers.ongoing.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.first_offset)


def aborted_transactions(log: LocalLog, first: int, end: int) -> list[AbortedTxn]:
    """Those with a record in [first, end), in the order of their first records."""
    later = [segment for segment in log.segments if segment.next_offset > first]
    found = [one for segment in later for one in segment.aborted.between(first, end)]
    return sorted(found, key=lambda one: one.first_offset)


def take_note(log: LocalLog, header: BatchHeader, batch: bytes) -> None:
    """A batch of some producer was written: its transaction may have begun or ended with it."""
    marker = marker_of(batch, header._replace(position=0)) if header.is_control else None
    was_open = header.producer_id in log.producers.ongoing
    ended = log.producers.update(header, marker)
    if marker is not None:
        if ended is not None and not ended.committed:
            log.active.aborted.append(AbortedTxn(*ended[:3]))
        first = ended.first_offset if ended is not None else -1
        log.record(TransactionEnded(log.partition, header.producer_id, header.producer_epoch, marker.outcome, first,
                                    header.base_offset))  # fmt: skip
    elif header.is_transactional and not was_open:
        log.record(TransactionOpened(log.partition, header.producer_id, header.producer_epoch, header.base_offset))


def find_transactions(log: LocalLog, tell: bool = True) -> None:
    """Find out from the batches which transactions have ended, and put the indexes right: after opening, cutting or
    compacting (`tell`: if an index was wrong)."""
    if any(header.is_control for segment in log.segments for header in segment.headers):
        ended = ProducerStates(log.batches(), log.batch_at).ended
    else:
        ended = []
    log.producers.ended = [one for one in ended if one.last_offset >= log.high_watermark]
    for segment in log.segments:
        mine = [AbortedTxn(*one[:3]) for one in ended
                if not one.committed and segment.base_offset <= one.last_offset < segment.next_offset]  # fmt: skip
        if segment.aborted.rebuild(mine) and tell:
            why = "its entries are not what the batches say"
            log.record(FileRebuilt(log.partition, segment.aborted.path, why))


def is_marked(log: LocalLog, producer_id: int, producer_epoch: int) -> bool:
    """Whether a marker of this epoch is in the log already: it need not be written again."""
    entry = log.producers.entries.get(producer_id)
    return entry is not None and entry.epoch == producer_epoch and entry.open_since < 0 and entry.marked_at >= 0
