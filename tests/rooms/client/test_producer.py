"""The front of a producer: what `send` takes, where it puts it, and what waits."""

import pytest
from scripted import FLIGHTS, MS, SILENCE, Scripted

from minikafka.client.partitioner import partition_for_key
from minikafka.client.producer import Producer
from minikafka.client.receipt import RecordMetadata
from minikafka.events.clients import BatchFailed
from minikafka.protocol.client_requests import MetadataRequest, ProduceRequest
from minikafka.protocol.errors import (
    ConfigException,
    Error,
    KafkaError,
    RecordTooLargeException,
    TimeoutException,
)
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import read_header
from minikafka.protocol.records import records_of


async def awaited(receipt):
    return await receipt


def test_a_receipt_gives_the_place(produce, scripted):
    producer = produce(scripted)
    scripted.world.run_for("2s")
    receipt = producer.send("flights", "take off", key="LH1")
    assert not receipt.done and receipt.metadata is None and receipt.error is None
    assert scripted.finish(awaited(receipt)) == RecordMetadata("flights", 0, 0, 2000)
    assert receipt.done and receipt.error is None


def test_text_is_utf_8_and_headers_and_timestamps_travel(produce, scripted):
    producer = produce(scripted)
    producer.send("flights", "Zürich", key="ü", timestamp=77, headers={"source": "radar", "raw": None})
    producer.send("flights", None, key=b"gone")
    scripted.finish(producer.flush())
    (batch,) = scripted.logs[FLIGHTS].batches
    first, second = records_of(batch, read_header(batch))
    assert (first.key, first.value, first.timestamp) == ("ü".encode(), "Zürich".encode(), 77)
    assert [tuple(header) for header in first.headers] == [("source", b"radar"), ("raw", None)]
    assert (second.key, second.value) == (b"gone", None)


def test_keys_find_the_java_clients_partition(produce):
    scripted = Scripted(flights=5)
    producer = produce(scripted)
    keys = [b"LH%d" % number for number in range(30)]
    receipts = [producer.send("flights", b"v", key=key) for key in keys]
    scripted.finish(producer.flush())
    receipts += [producer.send("flights", b"v", key=key) for key in keys]
    scripted.finish(producer.flush())
    assert [r.metadata.partition for r in receipts] == [partition_for_key(key, 5) for key in keys] * 2


def test_keys_can_be_ignored(produce):
    scripted = Scripted(flights=5)
    producer = produce(scripted, partitioner_ignore_keys=True)
    receipts = [producer.send("flights", b"v", key=b"LH%d" % number) for number in range(30)]
    scripted.finish(producer.flush())
    assert len(dict.fromkeys(receipt.metadata.partition for receipt in receipts)) == 1


def test_records_without_a_key_fill_a_batch_before_they_move_on(produce):
    scripted = Scripted(flights=4)
    producer = produce(scripted, batch_size=1000, linger_ms=1)
    scripted.finish(awaited(producer.send("flights", b"first")))
    receipts = []
    for _ in range(200):
        receipts.append(producer.send("flights", b"x" * 80))
    scripted.finish(producer.flush())
    places = [receipt.metadata.partition for receipt in receipts]
    moves = sum(one != other for one, other in zip(places, places[1:], strict=False))
    assert 5 <= moves <= 20
    assert sorted(dict.fromkeys(places)) == [0, 1, 2, 3]


def test_sticky_avoids_partitions_without_a_leader(produce):
    scripted = Scripted(flights=4)
    for number in (0, 1, 3):
        scripted.leaders[TopicPartition("flights", number)] = (-1, 0)
    producer = produce(scripted, batch_size=300)
    receipts = [producer.send("flights", b"x" * 80) for _ in range(30)]
    scripted.finish(producer.flush())
    assert [receipt.metadata.partition for receipt in receipts] == [2] * 30


def test_records_wait_for_a_topic_that_is_made_later(produce, scripted):
    producer = produce(scripted)
    receipts = [producer.send("arrivals", b"%d" % number) for number in range(3)]
    scripted.world.run_for("5s")
    assert not any(receipt.done for receipt in receipts)
    scripted.add("arrivals", 1)
    scripted.finish(producer.flush())
    assert [receipt.metadata.offset for receipt in receipts] == [0, 1, 2]


def test_a_topic_that_never_comes_fails_after_max_block_and_for_certain(produce, scripted):
    producer = produce(scripted, max_block_ms=3000)
    receipt = producer.send("nowhere", b"v")
    with pytest.raises(TimeoutException, match="topic nowhere was not found within max.block.ms=3000: create it first"):
        scripted.finish(awaited(receipt))
    assert scripted.world.now == 3000 * MS
    assert receipt.error.definite
    (failed,) = scripted.events(BatchFailed)
    assert (failed.partition, failed.records, failed.definite) == (TopicPartition("nowhere", -1), 1, True)
    assert len(scripted.asked(MetadataRequest)) > 3


def test_a_partition_that_is_not_there_fails_after_max_block(produce, scripted):
    producer = produce(scripted, max_block_ms=3000)
    receipt = producer.send("flights", b"v", partition=9)
    with pytest.raises(TimeoutException, match="partition 9 of topic flights .* it has 1 partitions; name one below 1"):
        scripted.finish(awaited(receipt))
    assert scripted.logs[FLIGHTS].values() == []


def test_records_wait_for_memory_and_keep_their_order(produce, scripted):
    producer = produce(scripted, batch_size=500, buffer_memory=1500, linger_ms=1000)
    receipts = [producer.send("flights", b"%3d" % number + b"x" * 300) for number in range(20)]
    scripted.finish(producer.flush())
    assert [receipt.metadata.offset for receipt in receipts] == list(range(20))
    assert [value[:3] for value in scripted.logs[FLIGHTS].values()] == [b"%3d" % number for number in range(20)]


def test_memory_that_never_comes_back_fails_after_max_block(produce, scripted):
    producer = produce(scripted, batch_size=500, buffer_memory=1000, max_block_ms=2000, linger_ms=0)
    scripted.finish(awaited(producer.send("flights", b"first")))
    scripted.next_answers(ProduceRequest, SILENCE)
    receipts = [producer.send("flights", b"x" * 300) for _ in range(3)]
    scripted.world.run_for("2s")
    assert receipts[2].done and receipts[2].error.definite
    assert "no room in buffer.memory=1000 within max.block.ms=2000" in str(receipts[2].error)
    assert not receipts[0].done


def test_flush_sends_what_lingers(produce, scripted):
    producer = produce(scripted, linger_ms=10_000)
    receipt = producer.send("flights", b"v")
    scripted.finish(producer.flush())
    assert receipt.done
    assert scripted.world.now < 100 * MS


def test_close_flushes_first_and_twice_is_fine(produce, scripted):
    producer = produce(scripted, linger_ms=10_000)
    receipts = [producer.send("flights", b"v"), producer.send("flights", b"v")]
    scripted.finish(producer.close())
    scripted.finish(producer.close())
    assert [receipt.metadata.offset for receipt in receipts] == [0, 1]


def test_two_runs_are_the_same(produce):
    def digest():
        scripted = Scripted(flights=3)
        producer = produce(scripted)
        for number in range(500):
            producer.send("flights", b"x" * 200, key=None if number % 3 else b"k%d" % number)
        scripted.finish(producer.flush())
        return scripted.world.recorder.digest()

    assert digest() == digest()


BAD = [
    (("flights", 5), {}, Error.INVALID_RECORD, "give bytes or text"),
    (("flights", ["v"]), {}, Error.INVALID_RECORD, "type list"),
    (("flights", b"v"), {"key": 5}, Error.INVALID_RECORD, "the key 5"),
    (("flights", b"v"), {"headers": 7}, Error.INVALID_RECORD, "no dict"),
    (("flights", b"v"), {"headers": {"h": 7}}, Error.INVALID_RECORD, "header h"),
    (("flights", b"v"), {"headers": [(1, b"h")]}, Error.INVALID_RECORD, "header name"),
    (("flights", b"v"), {"partition": -1}, Error.INVALID_REQUEST, "partition=-1"),
    (("flights", b"v"), {"partition": "0"}, Error.INVALID_REQUEST, "whole number from 0"),
    (("flights", b"v"), {"timestamp": -5}, Error.INVALID_REQUEST, "timestamp=-5"),
    (("two flights", b"v"), {}, Error.INVALID_TOPIC_EXCEPTION, "contains ' '"),
    (("", b"v"), {}, Error.INVALID_TOPIC_EXCEPTION, "empty"),
    ((None, b"v"), {}, Error.INVALID_TOPIC_EXCEPTION, "None"),
]


@pytest.mark.parametrize(("record", "more", "error", "words"), BAD)
def test_what_can_never_be_sent_is_refused_and_leaves_no_trace(produce, scripted, record, more, error, words):
    producer = produce(scripted)
    good = producer.send("flights", b"good")
    with pytest.raises(KafkaError) as refused:
        producer.send(*record, **more)
    assert refused.value.error == error
    assert words in str(refused.value)
    scripted.finish(producer.flush())
    assert good.metadata.offset == 0
    assert scripted.logs[FLIGHTS].values() == [b"good"]
    assert scripted.events(BatchFailed) == []


def test_a_record_too_large_fails_its_receipt_at_once(produce, scripted):
    producer = produce(scripted, max_request_size=1000)
    receipt = producer.send("flights", b"x" * 1000)
    assert isinstance(receipt.error, RecordTooLargeException)
    assert "raise max.request.size" in str(receipt.error)
    small = producer.send("flights", b"x" * 500)
    scripted.finish(producer.flush())
    assert small.metadata.offset == 0


def test_a_topic_the_cluster_forbids_fails_at_once(produce, scripted):
    scripted.errors["secret"] = Error.TOPIC_AUTHORIZATION_FAILED
    producer = produce(scripted)
    receipt = producer.send("secret", b"v")
    with pytest.raises(KafkaError, match="TOPIC_AUTHORIZATION_FAILED"):
        scripted.finish(awaited(receipt))
    assert scripted.world.now < 100 * MS


@pytest.mark.parametrize("bootstrap", [[], "", [""], [None]])
def test_no_address_no_producer(scripted, bootstrap):
    with pytest.raises(ConfigException, match="name at least one broker's address"):
        Producer(scripted.client, bootstrap)


def test_a_wrong_address_is_only_a_slow_start(produce, scripted):
    producer = Producer(scripted.client, ["b1", "b2"], {})
    scripted.world.faults.crash("b1")
    receipt = producer.send("flights", b"v")
    scripted.leaders[FLIGHTS] = (2, 1)
    assert scripted.finish(awaited(receipt)).offset == 0
