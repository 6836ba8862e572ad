"""Each mistake with groups is noticed, in the story made for it; without the mistake the same story is refused and
breaks no law."""

from __future__ import annotations

import pytest
from group_mutants import (
    GROUP_MUTANTS,
    JUDGED_MUTANTS,
    commit_without_fencing,
    disowned_keeps_its_partitions,
    first_metadata_kept,
    stale_generation_accepted,
)
from group_schedules import ANOTHER_COORDINATOR, PUT_OUT, in_the_end

from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.laws.group_judgments import GROUP_JUDGMENTS
from minikafka.protocol.errors import Error, KafkaError
from minikafka.world.laws import LawBroken

MEMBER = {
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "session.timeout.ms": 6000,
    "heartbeat.interval.ms": 1000,
}


def two_members():
    """A group in which c1 has read and committed; c2 is there and has not subscribed."""
    world = World(seed=3)
    world.law(*all_laws(world))
    cluster = world.cluster("primary", brokers=3, config={"offsets.topic.num.partitions": 1})
    cluster.create_topic("flights", partitions=1, replication_factor=3, config={"min.insync.replicas": 2})
    producer = cluster.producer()
    for number in range(10):
        producer.send("flights", f"r{number}")
    producer.flush()
    c1, c2 = (cluster.consumer(name, group="crew", config=MEMBER) for name in ("c1", "c2"))
    c1.subscribe("flights")
    assert len(c1.poll("10s")) == 10
    c1.commit({"flights-0": 4})
    return world, cluster, c1, c2


def a_zombie():
    """c1 freezes, c2 goes on, c1 wakes and commits what it had in hand."""
    world, cluster, c1, c2 = two_members()
    world.faults.freeze(c1.machine)
    c2.subscribe("flights")
    assert [record.offset for record in c2.poll("30s")] == list(range(4, 10))
    c2.commit()
    world.faults.thaw(c1.machine)
    c1.commit({"flights-0": 6})
    return world


def a_replayed_generation():
    """c1 is a member of generation 2, and sends a commit that says 1."""
    world, cluster, c1, c2 = two_members()
    c2.subscribe("flights")
    c1.keep_reading(), c2.keep_reading()
    world.run_for("10s")
    assert c1.consumer.generation == c2.consumer.generation == 2
    c1.consumer._group.commits.identity.generation = 1
    c1.commit({"flights-0": 2})
    return world


STORIES = {
    stale_generation_accepted: (a_replayed_generation, Error.ILLEGAL_GENERATION),
    commit_without_fencing: (a_zombie, Error.UNKNOWN_MEMBER_ID),
}


@pytest.mark.parametrize("mutant", GROUP_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_it_is_caught(mutant):
    with mutant(), pytest.raises(LawBroken) as caught:
        STORIES[mutant][0]()
    assert caught.value.law.name == "only the present generation commits"


@pytest.mark.parametrize("mutant", GROUP_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_without_it_the_commit_is_refused(mutant):
    story, error = STORIES[mutant]
    with pytest.raises(KafkaError) as refused:
        story()
    assert refused.value.error == error


JUDGED = {
    disowned_keeps_its_partitions: (PUT_OUT, "rewound", "had committed 4 by"),
    first_metadata_kept: (ANOTHER_COORDINATOR, "stuck", "nobody reads flights-1"),
}


@pytest.mark.parametrize("mutant", JUDGED_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_it_is_found_in_the_end_and_nothing_without_it(mutant):
    schedule, anomaly, words = JUDGED[mutant]
    with mutant():
        found = in_the_end(schedule)
    assert [finding.anomaly for finding in found] == [anomaly] and words in found[0].sentence
    assert in_the_end(schedule) == []


def test_a_consumer_that_lies_about_its_position_harms_only_its_own_group():
    world, cluster, c1, _ = two_members()
    c1.commit({"flights-0": 999_999})
    assert c1.committed("flights-0") == 999_999  # the coordinator does not look into the log
    c1.close()
    heir = cluster.consumer("heir", group="crew", config=MEMBER)
    heir.subscribe("flights")
    assert [record.offset for record in heir.poll("20s")] == list(range(10))  # out of range: by auto.offset.reset
    assert [finding.anomaly for finding in world.judge(*GROUP_JUDGMENTS)] in ([], ["lost"])
    assert len(cluster.replicas("flights-0")) == 3


def test_nobody_else_writes_to_the_log_of_the_groups():
    world, cluster, c1, _ = two_members()
    producer = cluster.producer()
    receipt = producer.send("__consumer_offsets", b"\x93\x01", partition=0)
    producer.flush()
    assert receipt.error.error == Error.INVALID_TOPIC_EXCEPTION
    assert c1.committed("flights-0") == 4
