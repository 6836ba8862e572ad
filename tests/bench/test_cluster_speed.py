"""Whole clusters: throughput against handling the bytes, idling against real time, cost against size."""

import time
import zlib

import msgpack
import pytest
from test_kernel_speed import best_of

from minikafka import World
from minikafka.protocol.record_batch import headers_of

RECORDS, SIZE = 100_000, 100
VALUE = b"x" * SIZE


def ready_producer():
    """A producer that knows its topic, as any producer does after its first record."""
    world = World(seed=1, keep="digest only")
    cluster = world.cluster("bench", brokers=3)
    cluster.create_topic("t", partitions=1, replication_factor=3, config={"min.insync.replicas": 2})
    producer = cluster.producer(config={"batch.size": 16384, "linger.ms": 5})
    producer.send("t", VALUE)
    producer.flush()
    return world, cluster, producer


def produce(world, cluster, producer, records=RECORDS):
    """So many records with acks=all through three brokers, until every follower knows that they are committed."""
    send = producer.producer.send
    for _ in range(records):
        send("t", VALUE)
    producer.flush()
    world.run_for("1s")
    return list(cluster.replicas("t-0").values())


def handle_each(records=RECORDS):
    """Pack, checksum and unpack the same records as often as they are on their way, each by itself, and nothing else.

    A record is packed and unpacked four times: into its batch and out of it by the leader, which looks into every
    record; into the producer's request and into the answers to two followers. It is checksummed four times: by the
    producer and on three brokers.
    """
    pack, unpack, crc = msgpack.packb, msgpack.unpackb, zlib.crc32
    for _ in range(records):
        record = (0, 0, None, VALUE, None)
        for _ in range(4):
            packed = pack(record)
            crc(packed)
            unpack(packed)


def handle_batches(batches):
    """The same in batches of the size that the producer made: what C could do without ever looking at a record."""
    for header in batches:
        records = [[delta, 0, None, VALUE, None] for delta in range(header.records_count)]
        packed = msgpack.packb(records)
        for _ in range(4):
            zlib.crc32(packed)
        msgpack.unpackb(packed)


@pytest.mark.benchmark(group="produce: 100,000 records of 100 bytes, acks=all, three brokers")
def test_producing_against_bare_handling(benchmark, ratio):
    views = benchmark.pedantic(produce, setup=lambda: (ready_producer(), {}), rounds=3)
    assert [view.log.high_watermark for view in views] == [RECORDS + 1] * 3
    log, batches, offset = views[0].log, [], 0
    while offset < log.log_end_offset:
        batches += headers_of(log.read(offset, 1 << 40, log.log_end_offset))
        offset = batches[-1].next_offset
    ours = benchmark.stats.stats.min
    target = "at most 4"
    ratio("time for 100,000 records", "handling each of them bare", ours / best_of(handle_each, 3), target)
    whole = best_of(lambda: handle_batches(batches), 3)
    ratio("time for 100,000 records", "handling whole batches bare", ours / whole, "-")


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


def cost(brokers, partitions, seconds=4):
    """µs of real time for each recorded event, and for each record, while every partition gets two records a second."""
    world = World(seed=1, keep="digest only")
    cluster = world.cluster("bench", brokers=brokers)
    cluster.create_topic("t", partitions=partitions, replication_factor=3)
    producer = cluster.producer(config={"linger.ms": 0}).producer
    world.run_for("3s")
    records = 2 * seconds * partitions

    async def trickle():
        gap = 500_000 // partitions
        for number in range(records):
            producer.send("t", VALUE, partition=number % partitions)
            await producer.machine.sleep(gap)

    producer.machine.spawn(trickle())
    events, began = world.recorder.recorded, time.perf_counter()
    world.run_for(seconds * 1_000_000)
    spent = 1e6 * (time.perf_counter() - began)
    return spent / (world.recorder.recorded - events), spent / records


@pytest.mark.benchmark(group="cost of an event")
def test_the_cost_of_an_event_stays_flat(benchmark, ratio, curve):
    """With many partitions a fetch carries more of them, so a record makes fewer events, each with more in it."""
    by_brokers = [(f"{count} brokers", cost(count, 30)) for count in (3, 6, 15, 30, 60)]
    by_partitions = [(f"{count} partitions", cost(3, count)) for count in (3, 30, 300)]
    by_partitions.append(("3000 partitions", benchmark.pedantic(cost, args=(3, 3000, 2), rounds=1)))
    for size, points in (("brokers", by_brokers), ("partitions", by_partitions)):
        for index, what in enumerate(("an event", "a record")):
            values = [(label, both[index]) for label, both in points]
            curve(f"cost of {what} against the number of {size}", "µs", values)
            most = points[-1][0]
            ratio(f"{what} with {most}", f"{what} with 3", values[-1][1] / values[0][1], "about 1")
