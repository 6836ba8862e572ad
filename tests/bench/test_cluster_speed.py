"""Whole clusters: throughput against the bare handling of the bytes, idling against real time, and cost against size."""

import time
import zlib

import msgpack
import pytest
from test_kernel_speed import best_of

from minikafka import World
from minikafka.protocol.record_batch import headers_of

RECORDS, SIZE = 100_000, 100
VALUE = b"x" * SIZE


def produce(records=RECORDS):
    """So many records with acks=all through three brokers; returns the world and the partition's views."""
    world = World(seed=1, keep="digest only")
    cluster = world.cluster("bench", brokers=3)
    cluster.create_topic("t", partitions=1, replication_factor=3, config={"min.insync.replicas": 2})
    producer = cluster.producer(config={"batch.size": 16384, "linger.ms": 5})
    send = producer.producer.send
    for _ in range(records):
        send("t", VALUE)
    producer.flush()
    world.run_for("1s")
    return list(cluster.replicas("t-0").values())


def bare_handling(batches):
    """Pack, checksum and unpack the same bytes as often as three brokers and a producer do, and nothing else.

    Packed once, by the producer; checksummed by the producer, the leader and both followers; unpacked by the leader, which
    looks into every record before it takes them.
    """
    count = 0
    for header in batches:
        records = [[delta, 0, None, VALUE, None] for delta in range(header.records_count)]
        packed = msgpack.packb(records)
        for _ in range(4):
            zlib.crc32(packed)
        count += len(msgpack.unpackb(packed))
    return count


@pytest.mark.benchmark(group="produce: 100,000 records of 100 bytes, acks=all, three brokers")
def test_producing_against_bare_handling(benchmark, ratio):
    views = benchmark.pedantic(produce, rounds=2, warmup_rounds=1)
    assert [view.log.high_watermark for view in views] == [RECORDS] * 3
    log = views[0].log
    batches = list(headers_of(log.read(0, 1 << 40, log.log_end_offset)))
    assert bare_handling(batches) == RECORDS
    floor = best_of(lambda: bare_handling(batches))
    ratio("time for 100,000 records", "packing, checksumming, unpacking them", benchmark.stats.stats.min / floor, "at most 4")


def idle(world):
    """One simulated hour."""
    world.run_for("1h")


@pytest.mark.benchmark(group="idle: three brokers, one simulated hour")
def test_idling_against_real_time(benchmark, ratio):
    def setup():
        world = World(seed=1, keep="digest only")
        cluster = world.cluster("bench", brokers=3)
        cluster.create_topic("t", partitions=3, replication_factor=3)
        return (world,), {}

    benchmark.pedantic(idle, setup=setup, rounds=2)
    ratio("simulated hours an hour, idle cluster", "real time", 3600 / benchmark.stats.stats.min, "at least 1,000")


def cost_per_event(brokers, partitions, seconds=4):
    """µs of real time for each recorded event while every partition gets two small batches a second."""
    world = World(seed=1, keep="digest only")
    cluster = world.cluster("bench", brokers=brokers)
    cluster.create_topic("t", partitions=partitions, replication_factor=3)
    producer = cluster.producer(config={"linger.ms": 0}).producer
    world.run_for("3s")

    async def trickle():
        gap = 500_000 // partitions
        for number in range(2 * seconds * partitions):
            producer.send("t", VALUE, partition=number % partitions)
            await producer.machine.sleep(gap)

    producer.machine.spawn(trickle())
    events, began = world.recorder.recorded, time.perf_counter()
    world.run_for(seconds * 1_000_000)
    spent = time.perf_counter() - began
    return 1e6 * spent / (world.recorder.recorded - events)


@pytest.mark.benchmark(group="cost of an event")
def test_the_cost_of_an_event_stays_flat(benchmark, ratio, curve):
    by_brokers = [(f"{count} brokers", cost_per_event(count, 30)) for count in (3, 6, 15, 30, 60)]
    by_partitions = [(f"{count} partitions", cost_per_event(3, count)) for count in (3, 30, 300)]
    by_partitions.append(("3000 partitions", benchmark.pedantic(cost_per_event, args=(3, 3000, 2), rounds=1)))
    curve("cost of an event against the number of brokers", "µs", by_brokers)
    curve("cost of an event against the number of partitions", "µs", by_partitions)
    ratio("an event among 60 brokers", "an event among 3", by_brokers[-1][1] / by_brokers[0][1], "about 1")
    ratio("an event among 3,000 partitions", "an event among 3", by_partitions[-1][1] / by_partitions[0][1], "about 1")
