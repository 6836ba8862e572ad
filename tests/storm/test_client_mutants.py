"""Each mistake that clients would notice is found by the law or the judgment made for it, in a story made for it; by
today's rules the story is clean."""

from __future__ import annotations

import client_mutants as mutants
import pytest
from directed import FAST
from mutants import ack_before_replication

from minikafka.deploy.kafka_world import World
from minikafka.laws import client_judgments as seen
from minikafka.laws import group_judgments as groups
from minikafka.laws.group_laws import CommittedOffsetsAreNotTakenBack, NoPartitionHasTwoOwnersInAGeneration
from minikafka.laws.transaction_cycles import circular
from minikafka.laws.transaction_laws import UndecidedRecordsAreNotGivenOut
from minikafka.protocol.names import TopicPartition
from minikafka.storm.traffic import Writer
from minikafka.world.laws import LawBroken

PARTITION = TopicPartition("flights", 0)

SETTINGS = {**FAST, "offsets.topic.num.partitions": 1, "group.initial.rebalance.delay.ms": 100,
            "transaction.state.log.num.partitions": 1, "replica.fetch.wait.max.ms": 500}  # fmt: skip
MEMBER = {"auto.offset.reset": "earliest", "enable.auto.commit": False, "session.timeout.ms": 6000}


class Asked:
    """A workload that keeps what it was told about the ends of the logs."""

    def __init__(self, cluster):
        self.cluster, self.ends = cluster, []


def a_world():
    world = World(seed=3)
    cluster = world.cluster("primary", brokers=3, config=SETTINGS)
    cluster.create_topic("flights", assignment=[[1, 2, 3], [1, 3, 2]], config={"min.insync.replicas": 2})
    return world, cluster


def write(cluster, *values, producer=None, partition=0):
    producer = producer or cluster.producer(config={"linger.ms": 0, "batch.size": 0})
    for value in values:
        producer.send("flights", value, partition=partition)
        producer.flush()
    return producer


def another_history(world, cluster):
    """A leader dies with a record that nobody else has; the next one gives its offset to another."""
    for follower in ("b2", "b3"):
        world.faults.hold("primary/b1", f"primary/{follower}")
    producer = cluster.producer(config={"linger.ms": 0})
    producer.send("flights", "only on 1", partition=0)
    world.run_for("1s")
    world.faults.crash("primary/b1")
    world.run_for("5s")
    write(cluster, "instead")


def an_answer_is_lost(world, cluster):
    producer = cluster.producer(config={"linger.ms": 0, "request.timeout.ms": 1000})
    write(cluster, "zero", producer=producer)
    world.faults.cut_oneway("primary/b1", producer.machine)
    producer.send("flights", "one", partition=0)
    world.run_for("1500ms")
    world.faults.heal_oneway("primary/b1", producer.machine)
    producer.flush()


def a_refusal_comes_late(world, cluster):
    """Two records leave; the first is refused for want of replicas, the second comes when they are back."""
    producer = write(cluster, "zero")
    for broker in ("b2", "b3"):
        world.faults.stop(f"primary/{broker}")
    world.run_for("3s")
    world.faults.hold("primary/b1", producer.machine)
    producer.send("flights", "one", partition=0)
    world.run_for("300ms")
    for broker in ("b2", "b3"):
        world.faults.start(f"primary/{broker}")
    world.run_for("3s")
    producer.send("flights", "two", partition=0)
    world.run_for("1s")
    world.faults.release("primary/b1", producer.machine)
    world.run_for("3s")


def the_leader_changes_while_somebody_reads(world, cluster):
    reader = cluster.consumer(config={"auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    write(cluster, "one", "two")
    assert len(reader.poll("2s")) == 2
    world.faults.crash("primary/b1")
    world.run_for("6s")
    write(cluster, "three")
    for _ in range(10):
        reader.poll("1s")


def somebody_reads_all(world, cluster):
    """Batch by batch: an answer has room for one."""
    reader = cluster.consumer(config={"auto.offset.reset": "earliest", "max.partition.fetch.bytes": 50})
    reader.assign("flights-0")
    write(cluster, *"abcdef")
    for _ in range(6):
        reader.poll("200ms")


def an_open_transaction(world, cluster):
    """It commits in the end, so nobody who has read its records too early has read anything wrong."""
    careful = cluster.consumer("careful", config={"isolation.level": "read_committed", "auto.offset.reset": "earliest"})
    careful.assign("flights-0")
    producer = cluster.producer(transactional_id="booking", config={"linger.ms": 0})
    producer.begin()
    write(cluster, "undecided", producer=producer)
    careful.poll("1s")
    producer.commit()
    careful.poll("1s")


def two_copy_from_each_other(world, cluster):
    """Each reads what the other one writes, in one transaction, if it is given anything before that is decided."""
    pairs = []
    for reads, writes in (("flights-0", 1), ("flights-1", 0)):
        config = {**MEMBER, "isolation.level": "read_committed"}
        reader = cluster.consumer(f"reader of {reads}", group=f"of {reads}", config=config)
        reader.assign(reads)
        writer = cluster.producer(transactional_id=f"from {reads}", config={"linger.ms": 0})
        writer.begin()
        write(cluster, f"from {reads}", producer=writer, partition=writes)
        pairs.append((reader, writer, reads))
    for reader, writer, reads in pairs:
        if reader.poll("1s"):
            writer.send_offsets(reader, {reads: 1})
    for _, writer, _ in pairs:
        writer.commit()
    world.run_for("1s")


def two_partitions_are_written(world, cluster):
    """By a writer that keeps what it has sent."""
    world.start(Writer(cluster, "w", [PARTITION._replace(partition=1)], 200_000, "all", None))
    world.run_for("2s")


def a_coordinator_fails(world, cluster):
    member = cluster.consumer("m", group="crew", config=MEMBER)
    member.subscribe("flights")
    write(cluster, "one", "two")
    member.poll("10s")
    member.commit()
    world.faults.crash(cluster.leader("__consumer_offsets-0").machine)
    world.run_for("8s")
    member.committed("flights-0")


def one_member_follows_another(world, cluster):
    write(cluster, *"abcdef")
    for name in ("first", "second"):
        member = cluster.consumer(name, group="crew", config={**MEMBER, "max.poll.records": 3})
        member.subscribe("flights")
        member.poll("10s")
        member.commit()
        member.close()


def two_members_share(world, cluster):
    for name in ("first", "second"):
        member = cluster.consumer(name, group="crew", config=MEMBER)
        member.subscribe("flights")
        member.keep_reading()
    world.run_for("15s")


def somebody_asks_a_new_leader(world, cluster):
    """KIP-207: broker 2 has the record, and does not know yet that it is committed."""
    asked, reader = Asked(cluster), cluster.consumer()
    world.workloads.append(asked)
    reader.assign("flights-0")
    producer = write(cluster, "one")
    world.run_for("1s")
    write(cluster, "two", producer=producer)
    world.faults.crash("primary/b1")
    world.faults.hold("primary/b3", "primary/b2")
    while (leads := cluster.brokers[2].broker.partitions[PARTITION]).role != "leader":
        world.run_for("10ms")
    begun = world.now
    task = reader.machine.spawn(reader.consumer.end_offsets([PARTITION]), "asks")
    world.run_for("500ms")
    world.faults.release("primary/b3", "primary/b2")
    while not task.done:
        world.run_for("100ms")
    [end] = task.value.values()
    asked.ends.append((begun, PARTITION, end, leads.leader_epoch))


JUDGED = [
    (ack_before_replication, another_history, seen.inconsistent, "inconsistent", "O1"),
    (mutants.sequences_are_not_looked_at, an_answer_is_lost, seen.duplicated, "duplicated", "O2"),
    (ack_before_replication, another_history, seen.lost, "lost", "O3"),
    (mutants.a_failure_is_for_ever, the_leader_changes_while_somebody_reads, seen.unseen, "unseen", "O4"),
    (mutants.an_answer_ends_one_too_far, somebody_reads_all, seen.skipped, "skipped", "O7"),
    (mutants.an_answer_ends_one_too_early, somebody_reads_all, seen.rewound, "rewound", "O7"),
    (mutants.sequences_are_not_looked_at, a_refusal_comes_late, seen.reordered, "reordered", "O9"),
    (mutants.readers_of_committed_records_do_not_wait, two_copy_from_each_other, circular, "circular", "O11"),
    (mutants.everything_goes_to_the_first_partition, two_partitions_are_written, seen.phantom, "phantom", "O12"),
    (mutants.the_next_record_is_committed_too, one_member_follows_another, groups.group_lost, "lost", "O14"),
    (mutants.the_last_partition_is_nobodys, two_members_share, groups.groups_come_to_rest, "stuck", "L10"),
    (mutants.a_new_leader_knows_it_all, somebody_asks_a_new_leader, seen.stale, "stale", "O18"),
]
"""Mutant, story, who finds it, under which name, and the statement."""

WATCHED = [
    (mutants.readers_of_committed_records_do_not_wait, an_open_transaction, UndecidedRecordsAreNotGivenOut, "O6"),
    (mutants.a_new_coordinator_reads_no_offsets, a_coordinator_fails, CommittedOffsetsAreNotTakenBack, "O13"),
    (mutants.the_first_member_gets_all, two_members_share, NoPartitionHasTwoOwnersInAGeneration, "O15"),
]
"""Mutant, story, the law that catches it, and the statement."""


def test_every_mutant_has_a_story():
    told = [row[0] for row in (*JUDGED, *WATCHED)]
    assert all(mutant in told for mutant in mutants.CLIENT_MUTANTS)


def judged(story, judgment):
    world, cluster = a_world()
    story(world, cluster)
    return world.judge(judgment)


@pytest.mark.parametrize("mutant, story, judgment, anomaly, tag", JUDGED, ids=lambda one: getattr(one, "__name__", one))
def test_it_is_found_in_the_end(mutant, story, judgment, anomaly, tag, caught):
    with mutant():
        found = judged(story, judgment)
    caught[mutant.__name__] = (f"{anomaly} ({tag})", story.__name__)
    assert anomaly in [finding.anomaly for finding in found]
    assert tag in judgment.__doc__
    assert judged(story, judgment) == []


@pytest.mark.parametrize("mutant, story, law, tag", WATCHED, ids=lambda one: getattr(one, "__name__", one))
def test_its_law_catches_it(mutant, story, law, tag, caught):
    with mutant(), pytest.raises(LawBroken) as broken:
        watched(story, law)
    caught[mutant.__name__] = (broken.value.law.name, story.__name__)
    assert type(broken.value.law) is law and law.__doc__.startswith(tag)
    watched(story, law)


def watched(story, law):
    world, cluster = a_world()
    world.law(law())
    story(world, cluster)
