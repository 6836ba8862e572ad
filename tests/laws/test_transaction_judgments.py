"""The judgments about transactions find nothing where all is well, and name what is not: each with what is right beside
what is wrong."""

from __future__ import annotations

import pytest
from small_world import TP, SmallWorld
from transaction_lies import an_epoch_that_falls, an_open_transaction

from minikafka.coordinator.transaction_state import COMPLETE_ABORT, PREPARE_ABORT
from minikafka.events.clients import RecordsPolled
from minikafka.events.groups import OffsetsCommitted, OffsetsTold, OffsetsWritten, PartitionsAssigned
from minikafka.events.transactions import (
    PendingOffsetsEnded,
    PendingOffsetsWritten,
    TransactionCompleted,
    TransactionsLoaded,
    TransactionStateChanged,
)
from minikafka.laws import transaction_judgments as judgments
from minikafka.laws.client_judgments import JUDGMENTS
from minikafka.laws.sight import Sight
from minikafka.laws.transaction_cycles import find_circle
from minikafka.laws.transaction_laws import DecisionsAreNotTakenBack, NothingUndecidedIsStable
from minikafka.log.batch_validation import COORDINATOR
from minikafka.protocol.control_records import Marker, marker_batch
from minikafka.protocol.names import TopicPartition


@pytest.fixture
def small():
    return SmallWorld(NothingUndecidedIsStable())


def a_reader(small, level="read_committed"):
    name = "careful" if level == "read_committed" else "easy"
    reader = small.cluster.consumer(name, config={"isolation.level": level, "auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    return reader


def transactions(small, *ends):
    producer = small.cluster.producer(transactional_id="booking", config={"linger.ms": 0})
    for end in ends:
        producer.begin()
        producer.send("flights", f"to {end}")
        producer.send("flights", f"to {end}, too")
        producer.flush()
        getattr(producer, end)()
        small.world.run_for("500ms")
    return producer


def read(reader):
    return [record.offset for _ in range(4) for record in reader.poll("200ms")]


def said(small, *which):
    return [(finding.anomaly, finding.where) for finding in small.world.judge(*(which or ALL))]


ALL = (*judgments.TRANSACTION_JUDGMENTS, *JUDGMENTS)


def test_all_is_well(small):
    reader, other = a_reader(small), a_reader(small, "read_uncommitted")
    transactions(small, "commit", "abort", "commit")
    assert read(reader) == [0, 1, 2, 3, 4, 5, 6, 11, 12]
    assert read(other) == [0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 12]
    assert said(small) == []


def test_aborted_read(small):
    reader = a_reader(small)
    transactions(small, "abort", "commit")
    assert read(reader) == [0, 1, 2, 3, 4, 8, 9]
    small.tell("primary/careful", RecordsPolled(TP, 5, 6, 2, 11, reader.consumer.name))
    assert ("aborted-read", "flights-0") in said(small, judgments.aborted_read)


def test_an_aborted_record_among_committed_ones(small):
    reader = a_reader(small)
    transactions(small, "abort", "commit")
    read(reader)
    small.tell("primary/careful", RecordsPolled(TP, 4, 9, 4, 11, reader.consumer.name))
    assert said(small, judgments.aborted_read) == [("aborted-read", "flights-0")]


def test_who_reads_uncommitted_records_may_see_them(small):
    reader = a_reader(small, "read_uncommitted")
    transactions(small, "abort")
    assert 5 in read(reader)
    assert said(small, judgments.aborted_read) == []


def test_a_committed_record_that_was_left_out_is_skipped(small):
    reader = a_reader(small)
    transactions(small, "commit", "abort")
    small.tell("primary/careful", RecordsPolled(TP, 0, 4, 5, 11, reader.consumer.name))
    small.tell("primary/careful", RecordsPolled(TP, 6, 6, 1, 11, reader.consumer.name))
    assert ("skipped", "flights-0") in said(small)


def test_torn_between_partitions(small):
    small.cluster.create_topic("meals", replication_factor=3, config={"min.insync.replicas": 2})
    producer = an_open_transaction(small)
    producer.send("meals", "and a meal")
    producer.flush()
    identity = small.log(1).ongoing_transactions()[0].producer_id
    meals = TopicPartition("meals", 0)
    for broker in (1, 2, 3):
        for tp, committed in ((TP, True), (meals, False)):
            log = small.broker(broker).partitions[tp].log
            log.append_as_leader(marker_batch(identity, 1, Marker(committed, 0), 0), 0, 0, COORDINATOR)
    assert [anomaly for anomaly, _ in said(small, judgments.torn)] == ["torn"]


def test_torn_from_what_was_told(small):
    producer = transactions(small, "abort")
    identity = next(iter(small.log(1).producers.entries.items()))
    assert said(small, judgments.torn) == []
    told = [entry.event for entry in small.world.recorder.events("TransactionCompleted")][-1]
    small.tell("primary/p", told._replace(committed=True))
    assert isinstance(told, TransactionCompleted) and identity and producer
    assert [anomaly for anomaly, _ in said(small, judgments.torn)] == ["torn"]


def test_hanging(small):
    producer = an_open_transaction(small)
    assert said(small, judgments.hanging) == [("hanging", "flights-0")]
    producer.commit()
    small.world.run_for("1s")
    assert said(small, judgments.hanging) == []


def two_transactions(small):
    """Offsets 5 and 7 are theirs, each with a marker after it; their producers' ids and epochs."""
    for name in ("one", "two"):
        producer = small.cluster.producer(transactional_id=name, config={"linger.ms": 0})
        producer.begin()
        producer.send("flights", f"of {name}")
        producer.flush()
        producer.commit()
        small.world.run_for("500ms")
    headers = [header for header in small.log(1).batches() if header.is_transactional and not header.is_control]
    return [(header.producer_id, header.producer_epoch) for header in headers]


def has_read(small, group, producer_id, epoch, upto):
    """This producer's transaction has read flights-0 up to there on behalf of a group."""
    offsets = ((TP, upto),)
    small.tell(1, PendingOffsetsWritten(group, "", -1, offsets, producer_id, epoch),
               PendingOffsetsEnded(group, -1, offsets, producer_id, True, 9))  # fmt: skip


def test_circular(small):
    one, two = two_transactions(small)
    has_read(small, "a", *two, 6)
    assert said(small, judgments.circular) == []  # the second has read what the first has written
    has_read(small, "b", *one, 8)
    [found] = small.world.judge(judgments.circular)
    assert (found.anomaly, found.where) == ("circular", "flights-0") and "read what was written by" in found.sentence


def test_who_reads_uncommitted_records_may_read_in_a_circle(small):
    """Its transactions depend on what may be aborted: nobody has promised anything."""
    one, two = two_transactions(small)
    hasty = small.cluster.consumer("hasty", group="b", config={"isolation.level": "read_uncommitted"})
    small.tell(hasty.machine.name, PartitionsAssigned("b", 1, hasty.consumer.name, (TP,), (TP,), hasty.consumer.name))
    has_read(small, "a", *two, 6)
    has_read(small, "b", *one, 8)
    assert said(small, judgments.circular) == []


def test_a_circle_is_found_wherever_it_begins():
    chain = {"a": ["b"], "b": ["c"], "c": [], "d": ["a", "b"]}
    assert find_circle(chain) == []
    assert find_circle({**chain, "c": ["b"]}) == ["b", "c"]
    assert find_circle({"e": ["d"], **chain, "c": ["a"]}) == ["a", "b", "c"]


class Copies:
    """A workload that says what it has copied."""

    group = "copiers"

    def __init__(self, cluster, committed, copied):
        self.cluster, self.committed, self.copied = cluster, committed, copied

    def copies(self):
        return [(TP, self.committed, self.copied)]


@pytest.mark.parametrize("committed, copied, anomalies", [
    (3, [0, 1, 2], []), (3, [0, 2], ["lost"]), (3, [0, 1, 1, 2], ["duplicated"]), (2, [0, 1, 2], ["phantom"]),
])  # fmt: skip
def test_copied_once(small, committed, copied, anomalies):
    small.world.workloads.append(Copies(small.cluster, committed, copied))
    assert [anomaly for anomaly, _ in said(small, judgments.copied_once)] == anomalies


@pytest.mark.parametrize("told, anomalies", [(2, ["duplicated"]), (1, [])])
def test_who_was_told_an_old_offset_may_copy_twice(small, told, anomalies):
    """Told 1 when 2 is committed: by a coordinator that has not heard yet that it was replaced."""
    for end, offset in ((1, 1), (2, 2)):
        small.tell("primary/b1", OffsetsWritten("copiers", "c", 1, ((TP, offset),), end))
        small.tell("primary/b1", OffsetsCommitted("copiers", "c", 1, ((TP, offset),), end))
    small.tell("primary/b2", OffsetsTold("copiers", 0, 0, ((TP, told),)))
    small.world.workloads.append(Copies(small.cluster, 3, [0, 1, 1, 2]))
    assert [anomaly for anomaly, _ in said(small, judgments.copied_once)] == anomalies


def test_what_a_former_coordinator_hears_late_is_old_news():
    """It wrote, was cut off, and heard of the replication when the new one had read it and gone on."""
    small = SmallWorld(DecisionsAreNotTakenBack())
    small.tell(1, TransactionStateChanged("tale", 7, 4, "", "Ongoing", (TP,), "it begins"))
    small.tell(2, TransactionsLoaded(0, 2, (("tale", "Ongoing"),)))
    small.tell(2, TransactionStateChanged("tale", 7, 5, "Ongoing", PREPARE_ABORT, (TP,), "it gives up"))
    small.tell(1, TransactionStateChanged("tale", 7, 4, "Ongoing", "Ongoing", (TP,), "it will write there"))
    small.tell(3, TransactionsLoaded(0, 1, (("tale", "Ongoing"),)))  # it was slow to read under an earlier epoch
    small.let_time_pass()
    small.tell(2, TransactionStateChanged("tale", 7, 4, PREPARE_ABORT, COMPLETE_ABORT, (), "all markers are written"))
    assert "back to 4" in small.broken(DecisionsAreNotTakenBack)


def test_a_transaction_that_its_coordinator_has_forgotten_is_not_judged(small):
    an_open_transaction(small)
    assert said(small, judgments.hanging) == [("hanging", "flights-0")]
    for (_, tp), history in Sight.of(small.world).histories.items():
        history.broken = "lost" if tp.topic == "__transaction_state" else ""
    assert said(small, judgments.hanging) == []


def test_an_epoch_does_not_fall():
    small = SmallWorld(DecisionsAreNotTakenBack())
    an_epoch_that_falls(small)
    assert "back to 3" in small.broken(DecisionsAreNotTakenBack)
