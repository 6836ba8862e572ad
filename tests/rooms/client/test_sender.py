"""Order, repetition and doubt: what the sender does with each answer of brokers whose answers are written here."""

import pytest
from scripted import FLIGHTS, MS, SECOND, SILENCE, Scripted

from minikafka.events.clients import (
    BatchAcknowledged,
    BatchFailed,
    BatchRetried,
    BatchSent,
    BatchSplit,
    ProducerIdAssigned,
)
from minikafka.protocol.client_requests import MetadataRequest, ProduceRequest
from minikafka.protocol.errors import Error, KafkaError, RecordTooLargeException, TimeoutException
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import read_header

LOOSE = {"enable_idempotence": False}


def ready(scripted, producer):
    """Let the producer find its cluster first, so that the test's records go out in batches as they are sent."""
    receipt = producer.send("flights", b"first", partition=0)
    scripted.finish(producer.flush())
    assert receipt.metadata.offset == 0
    scripted.heard.clear()


def send_one_by_one(scripted, producer, *values):
    """Each value in a batch of its own, on its way at once."""
    receipts = []
    for value in values:
        receipts.append(producer.send("flights", value, partition=0))
        scripted.world.run_for(1)
    return receipts


def sequences(scripted):
    return [
        read_header(row.records).base_sequence
        for request in scripted.asked(ProduceRequest)
        for row in request.partitions
    ]


def test_one_batch_of_a_partition_in_a_request_and_one_request_for_a_leader(produce):
    scripted = Scripted(brokers=2, flights=4)
    producer = produce(scripted)
    for number in range(8):
        producer.send("flights", b"v%d" % number, partition=number % 4)
    scripted.finish(producer.flush())
    requests = [sorted(row.partition for row in request.partitions) for request in scripted.asked(ProduceRequest)]
    assert sorted(requests) == [[0, 2], [1, 3]]
    assert scripted.logs[TopicPartition("flights", 3)].values() == [b"v3", b"v7"]


def test_linger_fills_batches(produce, scripted):
    producer = produce(scripted, linger_ms=50)
    ready(scripted, producer)
    for number in range(4):
        producer.send("flights", b"%d" % number)
        scripted.world.run_for("10ms")
    assert not scripted.asked(ProduceRequest)
    scripted.world.run_for("20ms")
    assert [read_header(row.records).records_count for row in scripted.asked(ProduceRequest)[0].partitions] == [4]


def test_no_more_requests_under_way_than_allowed(produce, scripted):
    producer = produce(scripted, linger_ms=0, max_in_flight_requests_per_connection=2)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, SILENCE)
    send_one_by_one(scripted, producer, b"1", b"2", b"3", b"4")
    scripted.world.run_for("1s")
    assert len(scripted.events(BatchSent)) == 1 + 2


def test_a_lost_answer_is_repeated_with_the_same_sequence(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, scripted.write_and_refuse(Error.REQUEST_TIMED_OUT))
    (receipt,) = send_one_by_one(scripted, producer, b"once")
    scripted.finish(producer.flush())
    assert sequences(scripted) == [1, 1]
    assert receipt.error is None
    (retried,) = scripted.events(BatchRetried)
    assert (retried.error, retried.attempt, retried.first_number) == ("REQUEST_TIMED_OUT", 1, 1)
    assert 80 * MS <= retried.backoff <= 120 * MS


def test_without_idempotence_a_lost_answer_makes_a_duplicate(produce, scripted):
    producer = produce(scripted, linger_ms=0, **LOOSE)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, scripted.write_and_refuse(Error.REQUEST_TIMED_OUT))
    send_one_by_one(scripted, producer, b"twice")
    scripted.finish(producer.flush())
    assert scripted.logs[FLIGHTS].values() == [b"first", b"twice", b"twice"]


def test_without_idempotence_a_repetition_may_come_too_late(produce, scripted):
    producer = produce(scripted, linger_ms=0, max_in_flight_requests_per_connection=2, **LOOSE)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, scripted.refuse(Error.NOT_ENOUGH_REPLICAS))
    send_one_by_one(scripted, producer, b"1", b"2")
    scripted.finish(producer.flush())
    assert scripted.logs[FLIGHTS].values() == [b"first", b"2", b"1"]


def test_with_one_in_flight_the_order_holds_without_idempotence(produce, scripted):
    producer = produce(scripted, linger_ms=0, max_in_flight_requests_per_connection=1, **LOOSE)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, scripted.refuse(Error.NOT_ENOUGH_REPLICAS))
    send_one_by_one(scripted, producer, b"1", b"2")
    scripted.finish(producer.flush())
    assert scripted.logs[FLIGHTS].values() == [b"first", b"1", b"2"]


def test_with_idempotence_a_gap_makes_both_come_again_in_order(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.next_answers(
        ProduceRequest, scripted.refuse(Error.NOT_ENOUGH_REPLICAS), scripted.refuse(Error.OUT_OF_ORDER_SEQUENCE_NUMBER)
    )
    receipts = send_one_by_one(scripted, producer, b"1", b"2")
    scripted.finish(producer.flush())
    assert scripted.logs[FLIGHTS].values() == [b"first", b"1", b"2"]
    assert sequences(scripted) == [1, 2, 1, 2]
    assert [receipt.metadata.offset for receipt in receipts] == [1, 2]
    assert len(scripted.events(ProducerIdAssigned)) == 1


def test_a_gap_that_nothing_explains_bumps_the_epoch(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, scripted.refuse(Error.OUT_OF_ORDER_SEQUENCE_NUMBER))
    send_one_by_one(scripted, producer, b"1")
    scripted.finish(producer.flush())
    assert sequences(scripted) == [1, 0]
    assert [(e.producer_id, e.producer_epoch) for e in scripted.events(ProducerIdAssigned)] == [(41, 0), (41, 1)]
    assert scripted.logs[FLIGHTS].values() == [b"first", b"1"]


def test_a_new_leader_named_in_the_error_is_asked_at_once(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.leaders[FLIGHTS] = (2, 1)
    began = scripted.world.now
    (receipt,) = send_one_by_one(scripted, producer, b"moved")
    scripted.finish(producer.flush())
    assert receipt.metadata.offset == 1
    assert [event.leader for event in scripted.events(BatchSent)][-2:] == [1, 2]
    assert scripted.world.now - began < 20 * MS
    assert not scripted.asked(MetadataRequest)


def test_a_dead_leader_is_replaced_by_what_metadata_says(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.world.faults.crash("b1")
    (receipt,) = send_one_by_one(scripted, producer, b"moved")
    scripted.world.run_for("3s")
    assert not receipt.done
    scripted.leaders[FLIGHTS] = (2, 1)
    scripted.finish(producer.flush())
    assert receipt.metadata.offset == 1
    assert scripted.asked(MetadataRequest)


def test_too_large_is_split_until_it_fits(produce, scripted):
    producer = produce(scripted, linger_ms=5)
    ready(scripted, producer)
    scripted.next_answers(
        ProduceRequest, scripted.refuse(Error.MESSAGE_TOO_LARGE), scripted.refuse(Error.MESSAGE_TOO_LARGE)
    )
    receipts = [producer.send("flights", b"%d" % number) for number in range(8)]
    scripted.finish(producer.flush())
    assert [event.pieces for event in scripted.events(BatchSplit)] == [2, 2]
    assert scripted.logs[FLIGHTS].values()[1:] == [b"%d" % number for number in range(8)]
    assert [receipt.metadata.offset for receipt in receipts] == list(range(1, 9))
    acknowledged = [(e.first_number, e.base_offset, e.records) for e in scripted.events(BatchAcknowledged)]
    assert acknowledged == [(0, 0, 1), (1, 1, 2), (3, 3, 2), (5, 5, 4)]


def test_one_record_too_large_for_the_topic_fails(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, scripted.refuse(Error.MESSAGE_TOO_LARGE, "at most 100 bytes"))
    (receipt,) = send_one_by_one(scripted, producer, b"large")
    with pytest.raises(RecordTooLargeException, match="at most 100 bytes"):
        scripted.finish(_awaited(receipt))
    (failed,) = scripted.events(BatchFailed)
    assert (failed.error, failed.definite) == ("MESSAGE_TOO_LARGE", True)
    assert scripted.logs[FLIGHTS].values() == [b"first"]


async def _awaited(receipt):
    return await receipt


def test_acks_0_asks_for_no_answer_and_knows_no_offset(produce, scripted):
    producer = produce(scripted, acks="0", linger_ms=0)
    receipt = producer.send("flights", b"who knows")
    scripted.finish(producer.flush())
    assert receipt.metadata.offset == -1
    scripted.world.run_for("10ms")
    assert scripted.asked(ProduceRequest)[0].acks == 0
    assert scripted.logs[FLIGHTS].values() == [b"who knows"]


def test_silence_ends_in_a_timeout_that_leaves_the_outcome_open(produce, scripted):
    producer = produce(scripted, linger_ms=0, request_timeout_ms=1000, delivery_timeout_ms=2500)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, SILENCE, SILENCE, SILENCE)
    began = scripted.world.now
    (receipt,) = send_one_by_one(scripted, producer, b"lost")
    with pytest.raises(TimeoutException, match="delivery.timeout.ms=2500"):
        scripted.finish(_awaited(receipt))
    assert scripted.world.now - began == 2500 * MS
    assert not receipt.error.definite
    (failed,) = scripted.events(BatchFailed)
    assert not failed.definite


def test_after_a_batch_of_unknown_fate_the_next_ones_start_a_new_epoch(produce, scripted):
    producer = produce(scripted, linger_ms=0, request_timeout_ms=1000, delivery_timeout_ms=1500)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, SILENCE, SILENCE)
    send_one_by_one(scripted, producer, b"lost")
    scripted.finish(producer.flush())
    (receipt,) = send_one_by_one(scripted, producer, b"after")
    scripted.finish(producer.flush())
    assert receipt.metadata.offset == 1
    assert scripted.events(ProducerIdAssigned)[-1].producer_epoch == 1


def test_without_a_leader_batches_wait_and_then_fail_for_certain(produce, scripted):
    producer = produce(scripted, linger_ms=0, request_timeout_ms=1000, delivery_timeout_ms=3000)
    scripted.leaders[FLIGHTS] = (-1, 1)
    receipts = send_one_by_one(scripted, producer, b"early")
    scripted.world.run_for("3100ms")
    receipts += send_one_by_one(scripted, producer, b"late")
    assert receipts[0].error.definite and "never sent" in str(receipts[0].error)
    scripted.leaders[FLIGHTS] = (2, 2)
    scripted.finish(producer.flush())
    assert receipts[1].metadata.offset == 0
    assert scripted.logs[FLIGHTS].values() == [b"late"]


def test_an_error_that_will_not_pass_fails_the_batch_and_the_next_goes_on(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, scripted.refuse(Error.INVALID_RECORD, "no key"))
    receipts = send_one_by_one(scripted, producer, b"bad", b"good")
    scripted.finish(producer.flush())
    assert receipts[0].error.error == Error.INVALID_RECORD
    assert receipts[1].error is None
    assert scripted.logs[FLIGHTS].values()[-1] == b"good"


def test_a_lost_connection_fails_every_request_on_it_and_all_come_again_in_order(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, SILENCE)
    send_one_by_one(scripted, producer, b"1", b"2", b"3")
    scripted.world.run_for("10ms")
    scripted.world.faults.crash("b1")
    scripted.world.run_for("10ms")
    scripted.world.faults.start("b1")
    scripted.finish(producer.flush())
    assert scripted.logs[FLIGHTS].values() == [b"first", b"1", b"2", b"3"]
    assert [event.error for event in scripted.events(BatchRetried)][:3] == ["NETWORK_EXCEPTION"] * 3


def test_closing_without_patience_fails_what_is_under_way(produce, scripted):
    producer = produce(scripted, linger_ms=0)
    ready(scripted, producer)
    scripted.next_answers(ProduceRequest, SILENCE)
    (receipt,) = send_one_by_one(scripted, producer, b"lost")
    began = scripted.world.now
    scripted.finish(producer.close(within=2 * SECOND))
    assert scripted.world.now - began == 2 * SECOND
    assert receipt.error.error == Error.REQUEST_TIMED_OUT and not receipt.error.definite
    with pytest.raises(KafkaError, match="closed"):
        producer.send("flights", b"more")
