"""What Kafka's documents say of producers and consumers, a sentence each."""

import pytest

from minikafka.client.partitioner import partition_for_key
from minikafka.client.producer_rules import producer_config
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.settings import Config

# -- producers --------------------------------------------------------------------------------------------------------


def test_the_defaults_of_a_producer_are_safe():
    """Producer configs since 3.0 (KIP-679), linger.ms since 4.0."""
    config = producer_config({})
    assert (config["acks"], config["enable.idempotence"], config["linger.ms"]) == ("all", True, 5)
    assert (config["retries"], config["delivery.timeout.ms"]) == (2**31 - 1, 120_000)
    assert config["request.timeout.ms"] == 30_000
    assert (config["max.in.flight.requests.per.connection"], config["batch.size"]) == (5, 16_384)


def test_idempotence_is_given_up_in_silence_unless_it_was_asked_for():
    """Producer configs, enable.idempotence: conflicting settings disable it, or are refused if it is set explicitly."""
    assert producer_config({"acks": "1"})["enable.idempotence"] is False
    assert producer_config({"retries": 0})["enable.idempotence"] is False
    for conflict in ({"acks": "1"}, {"retries": 0}):
        with pytest.raises(ConfigException):
            producer_config({"enable.idempotence": True, **conflict})


def test_an_idempotent_producer_has_at_most_five_requests_in_flight():
    """Producer configs, max.in.flight.requests.per.connection."""
    with pytest.raises(ConfigException):
        producer_config({"max.in.flight.requests.per.connection": 6})
    assert producer_config({"max.in.flight.requests.per.connection": 6, "enable.idempotence": False})


def test_the_delivery_timeout_covers_linger_and_one_request():
    """Producer configs, delivery.timeout.ms: at least request.timeout.ms plus linger.ms."""
    with pytest.raises(ConfigException):
        producer_config({"delivery.timeout.ms": 30_004})
    assert producer_config({"delivery.timeout.ms": 30_005})


@pytest.mark.parametrize(("key", "partition"), [("abc", 0), ("key", 1), ("user-1", 2), ("21", 0), ("foobar", 0)])
def test_a_key_goes_to_the_partition_that_the_java_client_would_choose(key, partition):
    """DefaultPartitioner: toPositive(murmur2(key)) modulo the number of partitions."""
    assert partition_for_key(key.encode(), 3) == partition


def test_records_with_the_same_key_stay_together_and_in_order(scene):
    """Kafka docs, Introduction: events with the same key are written to the same partition, and read in that order."""
    world = scene()
    world.cluster.create_topic("flights", partitions=4, replication_factor=3)
    producer = world.producer()
    receipts = [producer.send("flights", f"m{number}", key="UA1545") for number in range(20)]
    producer.flush()
    places = {receipt.metadata.partition for receipt in receipts}
    assert len(places) == 1
    assert [receipt.metadata.offset for receipt in receipts] == list(range(20))


def test_a_batch_waits_for_linger_ms(scene):
    """Producer configs, linger.ms: records that come within it travel together."""
    world = scene()
    world.topic()
    producer = world.producer(linger__ms=50)
    world.send(producer, "warm-up")
    first = len(world.times("BatchSent"))
    world.send(producer, "m1", flush=False)
    world.world.run_for("20ms")
    world.send(producer, "m2", flush=False)
    assert len(world.times("BatchSent")) == first
    world.world.run_for("100ms")
    assert len(world.times("BatchSent")) == first + 1 and world.values(1) == ["warm-up", "m1", "m2"]


def test_a_lost_answer_makes_no_duplicate_with_idempotence(scene):
    """Producer configs, enable.idempotence: exactly one copy of each message is written in the stream."""
    world = scene()
    world.topic()
    producer = world.producer(request__timeout__ms=1000, delivery__timeout__ms=20_000)
    world.send(producer, "m0")
    world.world.faults.hold("primary/b1", f"primary/{producer.name}")
    world.send(producer, "m1", flush=False)
    world.until(lambda: world.times("BatchRetried"))
    world.world.faults.release("primary/b1", f"primary/{producer.name}")
    producer.flush()
    assert world.values(1) == ["m0", "m1"]


def test_a_record_fails_after_the_delivery_timeout_and_may_be_written_all_the_same(scene):
    """Producer configs, delivery.timeout.ms: an upper bound on the time to report success or failure after send()."""
    world = scene()
    world.topic()
    producer = world.producer(delivery__timeout__ms=3000, request__timeout__ms=1000)
    world.send(producer, "m0")
    world.world.faults.hold("primary/b1", f"primary/{producer.name}")
    began = world.world.now
    [receipt] = world.send(producer, "m1")
    assert world.world.now - began == pytest.approx(3_000_000, abs=100_000)
    assert receipt.error.error == Error.REQUEST_TIMED_OUT and not receipt.error.definite
    assert world.values(1) == ["m0", "m1"]


def test_a_record_larger_than_max_request_size_is_refused_before_it_is_sent(scene):
    """Producer configs, max.request.size: RecordTooLargeException."""
    world = scene()
    world.topic()
    [receipt] = world.send(world.producer(max__request__size=200), "x" * 300, flush=False)
    assert receipt.error.error == Error.MESSAGE_TOO_LARGE and receipt.error.definite


def test_with_acks_0_the_offset_is_never_known(scene):
    """Producer configs, acks=0: the offset given back for each record will always be -1."""
    world = scene()
    world.topic()
    [receipt] = world.send(world.producer(acks="0"), "m0")
    assert receipt.metadata.offset == -1


# -- consumers --------------------------------------------------------------------------------------------------------


def test_the_defaults_of_a_consumer():
    """Consumer configs."""
    config = Config(CONSUMER, {})
    assert (config["auto.offset.reset"], config["max.poll.records"]) == ("latest", 500)
    assert config["fetch.max.wait.ms"] == 500


def test_a_consumer_begins_at_the_end_unless_told_otherwise(scene):
    """Consumer configs, auto.offset.reset: latest, earliest, or none: an exception."""
    world = scene()
    world.topic()
    world.fill("m0")
    latest, earliest = world.consumer(), world.consumer(auto__offset__reset="earliest")
    assert [record.value for record in earliest.poll("1s")] == [b"m0"]
    assert latest.poll("1s") == [] and latest.position("flights-0") == 1
    with pytest.raises(KafkaError) as refused:
        world.consumer(auto__offset__reset="none").poll("1s")
    assert "auto.offset.reset" in str(refused.value)


def test_a_consumer_sees_only_what_is_committed(scene):
    """Kafka docs, Replication: only committed messages are ever given out to the consumer."""
    world = scene()
    world.topic(1, 2)
    world.fill("m0")
    world.world.faults.hold("primary/b1", "primary/b2")
    world.send(world.producer(acks="1"), "m1")
    consumer = world.consumer(auto__offset__reset="earliest")
    assert [record.value for record in consumer.poll("2s")] == [b"m0"] and consumer.poll("2s") == []
    world.world.faults.release("primary/b1", "primary/b2")
    assert [record.value for record in consumer.poll("2s")] == [b"m1"]


def test_a_poll_gives_at_most_max_poll_records(scene):
    """Consumer configs, max.poll.records: it does not change the fetching; the rest waits in the consumer."""
    world = scene()
    world.topic()
    world.fill("m0", "m1", "m2")
    consumer = world.consumer(auto__offset__reset="earliest", max__poll__records=2)
    assert [len(consumer.poll("1s")), consumer.position("flights-0"), len(consumer.poll("1s"))] == [2, 2, 1]


def test_a_seek_beyond_the_end_falls_back_to_the_reset_policy(scene):
    """KafkaConsumer.seek: the offset is not checked; the leader says OFFSET_OUT_OF_RANGE."""
    world = scene()
    world.topic()
    world.fill("m0", "m1")
    consumer = world.consumer(auto__offset__reset="earliest")
    consumer.seek("flights-0", 99)
    assert [record.value for record in consumer.poll("2s")] == [b"m0", b"m1"]


def test_a_consumer_finds_out_that_its_records_are_gone(scene):
    """KIP-320: with a reset policy it goes back to where the logs part."""
    world = scene(2, broker__session__timeout__ms=3000, broker__heartbeat__interval__ms=500)
    world.topic(1, 2, unclean__leader__election__enable=True)
    world.fill("m0")
    world.world.faults.crash("primary/b2")
    world.until(lambda: world.recorded.isr == (1,))
    world.send(world.producer(), "m1", "m2")
    consumer = world.consumer(auto__offset__reset="earliest")
    assert len(consumer.poll("1s")) == 3
    world.world.faults.crash("primary/b1")
    world.world.faults.start("primary/b2")
    world.until(lambda: world.recorded.leader == 2)
    world.send(world.producer(), "n1", "n2", "n3")
    assert [record.value for record in consumer.poll("10s")] == [b"n1", b"n2", b"n3"]
    assert world.times("TruncationDetected")


def test_a_fetch_waits_for_data_at_the_broker(scene):
    """Consumer configs, fetch.max.wait.ms and fetch.min.bytes: an idle consumer asks about twice a second."""
    world = scene()
    world.topic()
    world.fill("m0")
    consumer = world.consumer()
    consumer.poll("1s")
    before = world.world.now
    consumer.poll("5s")
    asked = [e for e in world.world.recorder.events("MessageSent")
             if e.time >= before and e.event.sender == f"primary/{consumer.name}" and e.event.label.startswith("fetch")]
    assert 9 <= len(asked) <= 11
