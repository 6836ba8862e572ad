"""Each way never to come to rest is found by the judgment made for it; by today's rules the same story comes to rest.
"""

from __future__ import annotations

import liveness_mutants as mutants
import pytest
from directed import FAST

from minikafka.deploy.kafka_world import World
from minikafka.laws import group_judgments as groups
from minikafka.laws import liveness_judgments as rest
from minikafka.laws import quorum_judgments as quorum
from minikafka.laws.all_laws import all_laws
from minikafka.protocol.names import TopicPartition

SETTINGS = {**FAST, "offsets.topic.num.partitions": 1, "replica.socket.timeout.ms": 1500}
MEMBER = {"session.timeout.ms": 6000, "max.poll.interval.ms": 8000}


def a_world(controllers=1):
    world = World(seed=3)
    world.law(*all_laws(world))
    cluster = world.cluster("primary", brokers=3, controllers=controllers, config=SETTINGS)
    cluster.create_topic("flights", assignment=[[1, 2, 3]], config={"min.insync.replicas": 2})
    return world, cluster


def write(world, cluster, **config):
    producer = cluster.producer(config={"linger.ms": 0, "request.timeout.ms": 1000, **config})
    producer.send("flights", "one")
    return producer


def one_is_away_for_a_while(world, cluster):
    world.faults.crash("primary/b3")
    write(world, cluster)
    world.run_for("6s")
    world.faults.start("primary/b3")
    world.run_for("15s")


def one_is_away_for_good(world, cluster):
    world.faults.crash("primary/b3")
    world.run_for("6s")
    write(world, cluster)
    world.run_for("10s")


def a_wish_is_lost(world, cluster):
    """The leader wants broker 3, which it cannot hear, out of the ISR; the connection to the controller breaks."""
    world.faults.cut("primary/b1", "primary/b3")
    write(world, cluster)
    partition = cluster.brokers[1].broker.partitions[TopicPartition("flights", 0)]
    while not partition.isr_state.in_flight:
        world.run_for("100us")
    world.faults.cut("primary/b1", "primary/controller")
    world.run_for("2500ms")
    world.faults.heal("primary/b1", "primary/controller")
    world.run_for("3s")


def an_answer_is_lost(world, cluster):
    producer = write(world, cluster)
    producer.flush()
    world.faults.cut("primary/b1", producer.machine)
    producer.send("flights", "two")
    world.run_for("3s")
    world.faults.heal("primary/b1", producer.machine)
    world.run_for("5s")


def one_is_cut_off_for_a_while(world, cluster):
    world.faults.crash("primary/b3")
    world.faults.start("primary/b3")
    world.run_for("6s")
    world.faults.cut("primary/b1", "primary/b3")
    write(world, cluster)
    world.run_for("12s")
    world.faults.heal("primary/b1", "primary/b3")
    world.run_for("12s")


def a_partition_moves(world, cluster):
    cluster.create_topic("meals", assignment=[[1, 2]])
    cluster.reassign("meals-0", [1, 3])
    world.run_for("5s")


def a_member_falls_silent(world, cluster):
    first, second = [cluster.consumer(name, group="crew", config=MEMBER) for name in ("first", "second")]
    for member in (first, second):
        member.subscribe("flights")
        member.keep_reading()
        world.run_for("5s")
        if member is first:
            world.faults.freeze(first.machine)
    world.run_for("30s")


def all_are_away_for_a_while(world, cluster):
    for broker in ("b1", "b2", "b3"):
        world.faults.stop(f"primary/{broker}")
        world.run_for("3s")
    for broker in ("b3", "b2", "b1"):
        world.faults.start(f"primary/{broker}")
    world.run_for("15s")


def the_active_controller_dies(world, cluster):
    world.faults.crash(cluster.active_controller.machine)
    world.run_for("15s")


def a_topic_is_made(world, cluster):
    cluster.create_topic("meals")
    world.run_for("3s")


STORIES = [
    (mutants.once_fenced_always_fenced, one_is_away_for_a_while, rest.brokers_serve, "L2"),
    (mutants.a_lost_wish_is_not_repeated, a_wish_is_lost, rest.wishes_end, "L3"),
    (mutants.brokers_read_no_more_metadata, one_is_away_for_good, rest.metadata_spreads, "L4"),
    (mutants.an_unanswered_batch_is_forgotten, an_answer_is_lost, rest.requests_are_answered, "L5"),
    (mutants.a_failed_follower_rests_for_ever, one_is_cut_off_for_a_while, rest.records_reach_everybody, "L6"),
    (mutants.a_move_has_no_end, a_partition_moves, rest.moves_end, "L7"),
    (mutants.the_dead_are_waited_for, one_is_away_for_good, rest.everything_is_committed, "L8"),
    (mutants.who_was_out_stays_out, one_is_away_for_a_while, rest.replicas_come_back, "L9"),
    (mutants.nobody_is_given_up, a_member_falls_silent, groups.groups_come_to_rest, "L10"),
    (mutants.who_comes_back_is_not_asked_to_lead, all_are_away_for_a_while, rest.partitions_are_led, "L11"),
    (mutants.nobody_votes, the_active_controller_dies, quorum.controllers_decide, "8.7"),
    (mutants.voters_are_not_told_what_is_committed, a_topic_is_made, quorum.controllers_agree, "8.7"),
]
"""Mutant, story, who finds it, and the statement."""


def test_every_mutant_has_a_story():
    assert [row[0] for row in STORIES] == list(mutants.LIVENESS_MUTANTS)


@pytest.mark.parametrize("mutant, story, judgment, tag", STORIES, ids=lambda one: getattr(one, "__name__", one))
def test_it_is_found_in_the_end(mutant, story, judgment, tag, caught):
    controllers = 3 if tag == "8.7" else 1
    world, cluster = a_world(controllers)
    with mutant():
        story(world, cluster)
        found = world.judge(judgment)
    assert [finding.anomaly for finding in found][:1] == ["stuck"]
    assert tag in judgment.__doc__
    caught[mutant.__name__] = (f"{judgment.__name__} ({tag})", story.__name__)
    world, cluster = a_world(controllers)
    story(world, cluster)
    assert world.judge(judgment) == []
