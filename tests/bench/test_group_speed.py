"""Consumer groups: a rebalance of a thousand members, and what a heartbeat costs among ten and among a thousand."""

import time

import pytest
from test_kernel_speed import best_of

from minikafka import World
from minikafka.client.assignors import ASSIGNORS
from minikafka.client.range_assignor import Wish
from minikafka.coordinator.group_partition import partition_for
from minikafka.protocol.group_requests import HeartbeatRequest
from minikafka.protocol.names import TopicPartition

MANY = 1000
SLOW_BEATS = {"heartbeat.interval.ms": 40_000, "session.timeout.ms": 120_000, "auto.offset.reset": "earliest"}


def a_cluster(partitions):
    world = World(seed=1, keep="digest only")
    cluster = world.cluster("bench", brokers=3, config={"offsets.topic.num.partitions": 1})
    cluster.create_topic("t", partitions=partitions, replication_factor=3)
    return world, cluster


def members_join(world, cluster, count):
    """So many members join one group; returns when it is stable, with the group."""
    for number in range(count):
        member = cluster.consumer(f"m{number}", group="crew", config=SLOW_BEATS)
        member.subscribe("t")
        member.keep_reading("10s")
    for _ in range(600):
        world.run_for("100ms")
        found = the_group(cluster)
        if found is not None and found.state == "Stable" and len(found.members) == count:
            return found
    raise AssertionError("the group did not become stable")


def the_group(cluster):
    for handle in cluster.brokers.values():
        for shard in handle.broker.offsets_topic.groups.shards.active():
            if shard.group("crew") is not None:
                return shard.group("crew")
    return None


@pytest.mark.benchmark(group="a rebalance")
def test_a_thousand_members_on_a_thousand_partitions(benchmark, ratio):
    topics, wishes = {"t": MANY}, {f"m{number}": Wish(("t",)) for number in range(MANY)}
    for name, assign in ASSIGNORS.items():
        spent = best_of(lambda assign=assign: assign(topics, wishes), 3)
        floor = best_of(lambda: [TopicPartition("t", number) for number in range(MANY)], 3)
        ratio(f"{name}: 1,000 members, 1,000 partitions", "naming the partitions", spent / floor, "-")

    def setup():
        return a_cluster(MANY), {}

    benchmark.pedantic(lambda world, cluster: members_join(world, cluster, MANY), setup=setup, rounds=1)
    few = a_cluster(MANY)
    began = time.perf_counter()
    members_join(*few, 10)
    each_alone = (time.perf_counter() - began) / 10
    ratio(
        "a member's share of 1,000 joining",
        "a member's share of 10 joining",
        benchmark.stats.stats.min / MANY / each_alone,
        "about 1",
    )


def cost_of_a_beat(count, beats=20_000):
    """µs of real time for one heartbeat at a coordinator with so many members."""
    world, cluster = a_cluster(1)
    members = list(members_join(world, cluster, count).members)
    topic = cluster.image.topics["__consumer_offsets"]
    leader = cluster.brokers[topic.partitions[partition_for("crew", 1)].leader]
    coordinator = leader.broker.offsets_topic.groups
    generation = the_group(cluster).generation

    async def beat():
        for number in range(beats):
            answer = await coordinator.heartbeat(
                HeartbeatRequest("crew", generation, members[number % count], None), ""
            )
            assert not answer.error

    return 1e6 * best_of(lambda: world.finish(beat()), 3) / beats


@pytest.mark.benchmark(group="a heartbeat")
def test_a_heartbeat_costs_the_same_in_a_large_group(benchmark, ratio, curve):
    points = [(f"{count} members", cost_of_a_beat(count)) for count in (10, 100)]
    points.append(("1000 members", benchmark.pedantic(cost_of_a_beat, args=(1000,), rounds=1)))
    curve("cost of a group heartbeat at its coordinator", "µs", points)
    ratio("a heartbeat among 1,000 members", "a heartbeat among 10", points[-1][1] / points[0][1], "about 1")
