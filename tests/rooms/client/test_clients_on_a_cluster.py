"""Producers and consumers on a real cluster whose brokers die: nothing acknowledged is lost or doubled."""

import pytest

from minikafka import TopicPartition, World
from minikafka.events.clients import BatchAcknowledged, BatchRetried, TruncationDetected

P = TopicPartition("flights", 0)


def a_cluster(seed=7, partitions=1, **config):
    world = World(seed=seed)
    cluster = world.cluster("primary", brokers=3)
    settings = {"min.insync.replicas": 2, **{name.replace("_", "."): value for name, value in config.items()}}
    cluster.create_topic("flights", partitions, 3, settings)
    return cluster


def read_all(cluster, *partitions):
    reader = cluster.consumer(config={"auto.offset.reset": "earliest"})
    reader.assign(*(partitions or ["flights-0"]))
    records, empty = [], 0
    while empty < 2:
        some = reader.poll("15s")
        records += some
        empty = 0 if some else empty + 1
    return records


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("fault", ["crash", "power_off", "shut_down"])
def test_every_record_once_and_in_order_though_the_leader_goes(seed, fault):
    cluster = a_cluster(seed)
    producer = cluster.producer(config={"request.timeout.ms": 2000, "delivery.timeout.ms": 120_000})
    receipts = []
    for number in range(300):
        receipts.append(producer.send("flights", b"%d" % number))
        cluster.world.run_for("3ms")
        if number == 100:
            leader = cluster.leader("flights-0")
            if fault == "shut_down":
                leader.shut_down()
            else:
                getattr(cluster.world.faults, fault)(leader)
    producer.flush()
    assert [receipt.metadata.offset for receipt in receipts] == list(range(300))
    assert [record.value for record in read_all(cluster)] == [b"%d" % number for number in range(300)]


def test_a_lost_answer_doubles_records_only_without_idempotence():
    def values(idempotent):
        cluster = a_cluster()
        producer = cluster.producer(
            config={"enable.idempotence": idempotent, "linger.ms": 0, "request.timeout.ms": 1000}
        )
        producer.send("flights", b"first")
        producer.flush()
        leader = cluster.leader("flights-0")
        cluster.world.faults.cut_oneway(leader, producer)
        producer.send("flights", b"second")
        cluster.world.run_for("1500ms")
        cluster.world.faults.heal_oneway(leader, producer)
        producer.flush()
        (retried,) = cluster.world.recorder.events(BatchRetried)
        assert retried.event.error == "REQUEST_TIMED_OUT"
        return [record.value for record in read_all(cluster)]

    assert values(idempotent=True) == [b"first", b"second"]
    assert values(idempotent=False) == [b"first", b"second", b"second"]


def test_a_consumer_follows_the_leader_and_skips_nothing():
    cluster = a_cluster()
    producer = cluster.producer()
    reader = cluster.consumer(config={"auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    read = []
    for number in range(60):
        producer.send("flights", b"%d" % number)
        if number == 20:
            cluster.world.faults.crash(cluster.leader("flights-0"))
        read += reader.poll("200ms")
    producer.flush()
    while True:
        some = reader.poll("2s")
        if not some:
            break
        read += some
    assert [record.offset for record in read] == list(range(60))
    assert reader.position("flights-0") == 60


def test_after_an_unclean_election_the_consumer_notices_the_cut():
    cluster = a_cluster(min_insync_replicas=1, unclean_leader_election_enable=True)
    world = cluster.world
    producer = cluster.producer(acks=1, config={"linger.ms": 0})
    for number in range(5):
        producer.send("flights", b"old %d" % number)
        producer.flush()
    world.run_for("2s")
    leader, followers = cluster.leader("flights-0"), cluster.followers("flights-0")
    for follower in followers:
        world.faults.crash(follower)
    world.run_for("40s")
    for number in range(5, 10):
        producer.send("flights", b"old %d" % number)
        producer.flush()
    reader = cluster.consumer(config={"auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    old = reader.poll("1s")
    assert [record.value for record in old] == [b"old %d" % number for number in range(10)]
    world.faults.crash(leader)
    for follower in followers:
        world.faults.start(follower)
    world.run_for("30s")
    for number in range(5, 9):
        producer.send("flights", b"new %d" % number)
    producer.flush()
    new = []
    for _ in range(10):
        new += reader.poll("1s")
    assert [(record.offset, record.value) for record in new] == [(number, b"new %d" % number) for number in range(5, 9)]
    assert len(list(world.recorder.events(TruncationDetected))) == 1


def test_many_partitions_with_keys_keep_each_keys_order():
    cluster = a_cluster(partitions=6)
    producer = cluster.producer()
    for number in range(600):
        producer.send("flights", b"%d" % number, key=b"LH%d" % (number % 17))
    producer.flush()
    records = read_all(cluster, *(f"flights-{number}" for number in range(6)))
    assert len(records) == 600
    for key in range(17):
        mine = [int(record.value) for record in records if record.key == b"LH%d" % key]
        assert mine == [number for number in range(600) if number % 17 == key]


def test_a_second_life_is_another_client():
    cluster = a_cluster()
    producer = cluster.producer("writer")
    first = producer.send("flights", b"1")
    producer.flush()
    cluster.world.faults.crash(producer)
    cluster.world.faults.start(producer)
    second = producer.send("flights", b"2")
    producer.flush()
    assert [receipt.metadata.offset for receipt in (first, second)] == [0, 1]
    names = [entry.event.client for entry in cluster.world.recorder.events(BatchAcknowledged)]
    assert names == ["primary/writer", "primary/writer (life 2)"]
