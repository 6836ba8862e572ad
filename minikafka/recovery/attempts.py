"""What a workload tried to write, record by record: when, with what answer, and whether it is kept.

Promises     one `Attempt` for each record that the workload handed to its producer, in that order, with the moment of
             sending and the moment of the answer in µs.
Stands for   the log that a careful application keeps of its own writes.
Left out     producers that are no workload: nobody has kept their receipts.
Differs      the moment of an answer is exact, the flight recorder wrote it down; that of sending is the record's own
             timestamp, in whole milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from minikafka.deploy.strips import records_between
from minikafka.laws.ledger import Ledger
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition

if TYPE_CHECKING:
    from minikafka.client.receipt import Receipt
    from minikafka.deploy.workload import Departures
    from minikafka.world.world import World


class Attempt(NamedTuple):
    """One record. `answered_at` is None as long as there is no answer, `partition` as long as no leader is known.

    `kept` says whether the partition's leader has it in its log, committed or not; None while there is no leader.
    """

    name: str
    sent_at: int
    partition: TopicPartition | None
    answered_at: int | None
    acknowledged: bool
    kept: bool | None


def attempts(world: World, workload: Departures) -> list[Attempt]:
    """All attempts of a workload, held against what the present leaders have."""
    ledger = Ledger()
    for entry in world.recorder.events(*Ledger.KINDS):
        ledger.hear(entry)
    producer = workload.handle.machine.process
    if producer is None:
        raise KafkaError(
            Error.UNKNOWN_SERVER_ERROR,
            f"{workload.handle.machine.name} is down, and with it all its receipts: put the workload in a zone that "
            "the disaster spares",
        )
    kept = _kept(workload)
    return [_attempt(ledger, producer.name, event.key, receipt, kept) for event, receipt in workload.sent]


def _kept(workload: Departures) -> dict[TopicPartition, dict[str, None]]:
    """The keys in the leaders' logs; a partition without a leader that is up is left out."""
    cluster, found = workload.cluster, {}
    for index in range(len(cluster.image.topics[workload.topic].partitions)):
        tp = TopicPartition(workload.topic, index)
        leader = cluster.leader(tp)
        view = None if leader is None or leader.broker is None else leader.broker.partitions.get(tp)
        if view is not None and view.role == "leader":
            found[tp] = {record.key.decode(): None for record in records_between(view.log) if record.key is not None}
    return found


def _attempt(ledger: Ledger, producer: str, name: str, receipt: Receipt, kept: dict) -> Attempt:
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
        kept=name in kept[partition] if partition in kept else None,
    )
