"""The judgments find nothing where all is well, and name what is not."""

from __future__ import annotations

import pytest
from small_world import TP, SmallWorld

from minikafka.events.clients import (
    BatchAcknowledged,
    BatchFailed,
    BatchSent,
    BatchSplit,
    PositionReset,
    RecordsPolled,
)
from minikafka.laws import client_judgments as judgments
from minikafka.laws import liveness_judgments as liveness
from minikafka.laws.all_laws import all_laws
from minikafka.laws.ledger import FAILED, OPEN, SPLIT
from minikafka.laws.storage_laws import OffsetsAreDense
from minikafka.protocol.record_batch import read_header, stamp
from minikafka.protocol.records import build_batch
from minikafka.storm.traffic import Numbered

READER = "reader"


class Kept:
    """A workload that keeps what the judgments ask for."""

    def __init__(self, cluster, **kept):
        self.cluster = cluster
        for name, value in kept.items():
            setattr(self, name, value)


@pytest.fixture
def small():
    """A small world with a law, so that there is a ledger from the beginning."""
    return SmallWorld(OffsetsAreDense())


def polled(small, first, last, high=5, records=None):
    small.tell("primary/reader", RecordsPolled(TP, first, last, records or last - first + 1, high, READER))


def said(findings):
    return [finding.anomaly for finding in findings]


# -- all is well ------------------------------------------------------------------------------------------------


def test_nothing_is_found_where_all_is_well():
    small = SmallWorld()
    small.world.law(*all_laws(small.world))
    reader = small.cluster.consumer(config={"auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    small.send(5)
    while reader.position("flights-0") != 10:
        reader.poll("100ms")
    small.world.run_for("1s")
    assert small.world.judge(*judgments.JUDGMENTS, *liveness.LIVENESS) == []


# -- what was promised ------------------------------------------------------------------------------------------


def test_lost(small):
    small.sight.history("primary/b1", TP).copies["primary/b1"].cut(4)
    [finding] = judgments.lost(small.world)
    assert finding.anomaly == "lost" and "at offset 4 and are not there" in finding.sentence


def test_lost_asks_only_where_promises_stand(small):
    small.sight.history("primary/b1", TP).copies["primary/b1"].cut(4)
    small.sight.history("primary/b1", TP).give_up("for this test")
    assert judgments.lost(small.world) == []


def test_duplicated(small):
    log = small.log(1)
    data = log.read(4, 9999, 5)
    log.append_as_follower(stamp(data, read_header(data), 5, 0), 0, 0)
    [finding] = judgments.duplicated(small.world)
    assert finding.anomaly == "duplicated" and "at offset 4 and again at 5" in finding.sentence


def test_what_has_no_sequence_number_may_be_written_again(small):
    """The offsets of a transaction, if the answer to the first request was lost."""
    for offset in (5, 6):
        offsets = [(1, b"crew", b"4", None)]
        data = build_batch(offsets, base_offset=offset, leader_epoch=0, producer_id=9, producer_epoch=0, attributes=16)
        small.log(1).append_as_follower(data, 0, 0)
    assert judgments.duplicated(small.world) == []


def test_reordered(small):
    first = BatchSent(TP, 1, 9, 1, 1, 90, "p")
    second = BatchSent(TP, 1, 10, 1, 1, 91, "p")
    small.tell("primary/p", first, second)
    small.tell("primary/p", BatchAcknowledged(TP, 8, 1, -1, 90, "p"), BatchAcknowledged(TP, 7, 1, -1, 91, "p"))
    assert said(judgments.reordered(small.world)) == ["reordered"]


def test_order_begins_with_the_first_acknowledgement(small):
    """A new leader knew nothing of the producer, and took its third batch for the first (storm 736)."""
    small.tell("primary/q", BatchSent(TP, 1, 0, 1, 1, 0, "q"), BatchSent(TP, 1, 1, 1, 1, 1, "q"))
    small.let_time_pass()
    small.tell("primary/q", BatchAcknowledged(TP, 8, 1, -1, 1, "q"))
    small.let_time_pass()
    small.tell("primary/q", BatchAcknowledged(TP, 9, 1, -1, 0, "q"))
    assert judgments.reordered(small.world) == []


def test_order_is_not_promised_without_idempotence(small):
    small.tell("primary/p", BatchSent(TP, 1, -1, 1, 1, 90, "p"), BatchSent(TP, 1, -1, 1, 1, 91, "p"))
    small.tell("primary/p", BatchAcknowledged(TP, 8, 1, -1, 90, "p"), BatchAcknowledged(TP, 7, 1, -1, 91, "p"))
    assert judgments.reordered(small.world) == []


def test_two_acknowledgements_for_one_offset_are_inconsistent(small):
    small.tell("primary/p", BatchSent(TP, 2, 9, 1, 1, 90, "p"), BatchAcknowledged(TP, 3, 2, -1, 90, "p"))
    assert said(judgments.inconsistent(small.world)) == ["inconsistent", "inconsistent"]


def test_two_readings_of_one_offset_are_inconsistent(small):
    small.world.workloads.append(Kept(small.cluster, seen=[(TP, 2, b"something else")]))
    [finding] = judgments.inconsistent(small.world)
    assert "offset 2 was read as b'something else'" in finding.sentence


def test_phantom(small):
    small.world.workloads.append(Kept(small.cluster, sent=[], handle=small.producer))
    assert said(judgments.phantom(small.world)) == ["phantom"] * 5


def test_nobody_is_a_phantom_while_a_producer_keeps_no_books(small):
    stranger = small.cluster.producer()
    small.world.workloads.append(Kept(small.cluster, sent=[], handle=stranger))
    assert judgments.phantom(small.world) == []


def test_a_record_that_failed_for_certain_must_not_be_there(small):
    sent = []
    for _, record in judgments.final_logs(small.world)[0].records():
        receipt = small.producer.send("flights", b"x" * 2_000_000)
        sent.append((Numbered(record.value), receipt))
    small.world.run_for("1s")
    small.world.workloads.append(Kept(small.cluster, sent=sent, handle=small.producer))
    findings = judgments.phantom(small.world)
    assert said(findings) == ["phantom"] * 5 and "failed for certain" in findings[0].sentence


# -- what was read ----------------------------------------------------------------------------------------------


def test_skipped(small):
    polled(small, 0, 1)
    polled(small, 3, 4)
    [finding] = judgments.skipped(small.world)
    assert finding.sentence == "reader stood at 2 and was given offset 3"
    assert judgments.rewound(small.world) == []


def test_skipped_inside_a_poll(small):
    polled(small, 0, 4, records=3)
    assert said(judgments.skipped(small.world)) == ["skipped"]


def test_rewound(small):
    polled(small, 0, 3)
    polled(small, 2, 4)
    assert said(judgments.rewound(small.world)) == ["rewound"]
    assert judgments.skipped(small.world) == []


def test_a_reset_excuses_a_jump(small):
    polled(small, 0, 1)
    small.tell("primary/reader", PositionReset(TP, 2, 4, "seek", READER))
    polled(small, 4, 4)
    assert judgments.skipped(small.world) == [] == judgments.rewound(small.world)


def test_unseen(small):
    polled(small, 0, 1)
    small.tell("primary/reader", PositionReset(TP, 2, 4, "out of range", READER))
    polled(small, 4, 4)
    findings = judgments.unseen(small.world)
    assert said(findings) == ["unseen", "unseen"] and "at offset 2, were never given to reader" in findings[0].sentence


def test_what_came_before_a_consumer_need_not_be_seen(small):
    polled(small, 3, 4)
    assert judgments.unseen(small.world) == []


def test_stale(small):
    small.world.workloads.append(Kept(small.cluster, ends=[(small.world.now, TP, 3, 0), (small.world.now, TP, 5, 0)]))
    findings = judgments.stale(small.world)
    assert said(findings) == ["stale", "stale"] and "asked later, the end was 3" in findings[0].sentence


def test_a_leader_that_was_replaced_may_be_stale(small):
    small.world.workloads.append(Kept(small.cluster, ends=[(small.world.now, TP, 3, -1)]))
    assert judgments.stale(small.world) == []


def test_diverged(small):
    small.append(1, "one")
    small.append(2, "another")
    [finding] = judgments.diverged(small.world)
    assert finding.anomaly == "diverged" and finding.sentence.startswith("primary/b2 and its leader primary/b1 have")


# -- the ledger -------------------------------------------------------------------------------------------------


def test_the_ledger_keeps_definite_and_indefinite_failures_apart(small):
    ledger = small.sight.ledger
    for number, definite in ((90, True), (91, False)):
        small.tell("primary/p", BatchSent(TP, 3, 9, 1, 1, number, "p"))
        small.tell("primary/p", BatchFailed(TP, 3, "REQUEST_TIMED_OUT", definite, number, "p"))
    batches = [ledger.batches["p", TP, number] for number in (90, 91)]
    assert [(batch.outcome, batch.definite) for batch in batches] == [(FAILED, True), (FAILED, False)]
    assert ledger.open_batches() == []


def test_the_ledger_follows_retries_and_splits(small):
    ledger = small.sight.ledger
    small.tell("primary/p", BatchSent(TP, 4, -1, 1, 1, 90, "p"), BatchSent(TP, 4, -1, 2, 1, 90, "p"))
    assert ledger.batches["p", TP, 90].attempts == 2 and ledger.batches["p", TP, 90].outcome == OPEN
    small.tell("primary/p", BatchSplit(TP, 4, 2, 90, "p"))
    assert ledger.batches["p", TP, 90].outcome == SPLIT
    small.tell("primary/p", BatchSent(TP, 2, -1, 1, 1, 90, "p"), BatchSent(TP, 2, -1, 1, 1, 92, "p"))
    assert [(batch.first_number, batch.records) for batch in ledger.open_batches()] == [(90, 2), (92, 2)]


def test_records_that_never_became_a_batch_are_not_in_the_ledger(small):
    small.tell("primary/p", BatchFailed(TP._replace(partition=-1), 3, "REQUEST_TIMED_OUT", True, -1, "p"))
    assert "p" not in [client for client, _, _ in small.sight.ledger.batches]


# -- liveness ---------------------------------------------------------------------------------------------------


def test_brokers_serve(small):
    small.world.faults.freeze("primary/b3")
    small.world.run_for("4s")
    assert [finding.where for finding in liveness.brokers_serve(small.world)] == ["primary/b3"]
    small.world.faults.thaw("primary/b3")
    small.world.run_for("4s")
    assert liveness.brokers_serve(small.world) == []


def test_wishes_end(small):
    small.world.faults.cut("primary/b1", "primary/controller")
    small.world.faults.crash("primary/b3")
    small.send(1)
    small.world.run_for("1200ms")
    if not liveness.wishes_end(small.world):
        small.world.run_for("1200ms")
    assert [finding.where for finding in liveness.wishes_end(small.world)] == ["flights-0"]


def test_metadata_spreads(small):
    small.world.faults.cut("primary/controller", "primary/b2")
    small.world.faults.crash("primary/b3")
    small.world.run_for("3s")
    assert "primary/b2" in [finding.where for finding in liveness.metadata_spreads(small.world)]


def test_requests_are_answered(small):
    small.tell("primary/p", BatchSent(TP, 1, 9, 1, 1, 90, "p"))
    [finding] = liveness.requests_are_answered(small.world)
    assert finding.sentence == "records 90 to 90 of p for flights-0 have no outcome"


def test_records_reach_everybody_and_are_committed(small):
    for other in ("primary/b2", "primary/b3"):
        small.world.faults.cut("primary/b1", other)
    small.producer.send("flights", "alone")
    small.world.run_for("100ms")
    assert said(liveness.records_reach_everybody(small.world)) == ["stuck", "stuck"]
    assert said(liveness.everything_is_committed(small.world)) == ["stuck"] * 3


def test_that_all_is_committed_is_known_to_the_followers_too(small):
    small.send(1)
    late = [finding.sentence for finding in liveness.everything_is_committed(small.world)]
    assert late == [f"primary/b{one} has high watermark 5, the leader's log ends at 6" for one in (2, 3)]
    small.let_time_pass()
    assert liveness.everything_is_committed(small.world) == []


def test_replicas_come_back(small):
    small.world.faults.cut("primary/b1", "primary/b3")
    small.send(1)
    small.world.run_for("4s")
    [finding] = liveness.replicas_come_back(small.world)
    assert finding.sentence == "brokers [3] are alive and not in the ISR [1, 2]"


def test_moves_end(small):
    small.cluster.create_topic("meals", assignment=[[1, 2]])
    small.world.faults.cut("primary/b1", "primary/b3")
    small.cluster.reassign("meals-0", [1, 3])
    small.world.run_for("1s")
    [finding] = liveness.moves_end(small.world)
    assert finding.where == "meals-0" and "still moves from [1, 3, 2] to [1, 3]" in finding.sentence
    small.world.faults.crash("primary/b3")
    small.world.run_for("4s")
    assert liveness.moves_end(small.world) == []  # it waits for a broker that is not there
    small.world.faults.heal("primary/b1", "primary/b3")
    small.world.faults.start("primary/b3")
    small.world.run_for("6s")
    assert liveness.moves_end(small.world) == []
    assert small.cluster.image.topics["meals"].partitions[0].replicas == (1, 3)


def test_partitions_are_led(small):
    registered = small.sight.picture.clusters["primary"].partitions[TP]
    registered.leader = -1
    [finding] = liveness.partitions_are_led(small.world)
    assert finding.sentence == "has no leader, though brokers [1, 2, 3] could lead"
    registered.leader = 2
    [finding] = liveness.partitions_are_led(small.world)
    assert finding.sentence == "broker 2 does not know yet that it leads"


def test_a_batch_says_which_records_it_holds(small):
    batch = next(iter(small.sight.ledger.batches.values()))
    assert repr(batch).startswith("records 0 to 0 of ") and batch.last_offset == 0
