"""What a workload tried to write, record by record: when, with what answer, and whether it is there now.

Promises     one `Attempt` for each record that the workload handed to its producer, in that order, with the moment of
             sending and the moment of the answer in µs.
Stands for   the log that a careful application keeps of its own writes.
Left out     producers that are no workload: nobody has kept their receipts.
Differs      the moment of an answer is exact, the flight recorder wrote it down; that of sending is the record's own
             timestamp, in whole milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from minikafka.deploy.account import committed_keys
from minikafka.laws.ledger import Ledger
from minikafka.protocol.names import TopicPartition

if TYPE_CHECKING:
    from minikafka.client.receipt import Receipt
    from minikafka.deploy.workload import Departures
    from minikafka.world.world import World


class Attempt(NamedTuple):
    """One record. `answered_at` is None as long as there is no answer, `partition` as long as no leader is known."""

    name: str
    sent_at: int
    partition: TopicPartition | None
    answered_at: int | None
    acknowledged: bool
    readable: bool

    @property
    def lost(self) -> bool:
        """Acknowledged, and no consumer can read it now."""
        return self.acknowledged and not self.readable


def attempts(world: World, workload: Departures) -> list[Attempt]:
    """All attempts of a workload, held against what the present leaders would give to a consumer."""
    ledger = Ledger()
    for entry in world.recorder.events(*Ledger.KINDS):
        ledger.hear(entry)
    readable = dict.fromkeys(committed_keys(workload.cluster, workload.topic))
    producer = workload.handle.machine.process
    return [_attempt(ledger, producer.name, event.key, receipt, readable) for event, receipt in workload.sent]


def _attempt(ledger: Ledger, producer: str, name: str, receipt: Receipt, readable: dict[str, None]) -> Attempt:
    done = receipt.done  # asked first: it follows a batch that was split
    batch = receipt.batch
    partition = None if batch.queue is None else batch.partition
    written = ledger.batches.get((producer, partition, batch.first_number))
    return Attempt(
        name=name,
        sent_at=batch.records[receipt.index][0] * 1000,
        partition=partition,
        answered_at=written.settled_at if done and written is not None and written.settled_at >= 0 else None,
        acknowledged=done and receipt.error is None,
        readable=name in readable,
    )
