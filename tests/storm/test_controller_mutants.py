"""Each mistake with partitions and brokers is caught by its law, in a story made for it; by today's rules the story
breaks no law at all."""

from __future__ import annotations

import controller_mutants as mutants
import pytest
from directed import FAST

from minikafka.deploy.kafka_world import World
from minikafka.laws import controller_laws as laws
from minikafka.laws.all_laws import all_laws
from minikafka.world.laws import LawBroken


def one_falls_silent(world, cluster):
    """Broker 3 crashes and is fenced."""
    world.faults.crash("primary/b3")
    world.run_for("5s")


def the_leader_falls_silent(world, cluster):
    world.faults.crash("primary/b1")
    world.run_for("5s")


def the_preferred_leader_is_back(world, cluster):
    the_leader_falls_silent(world, cluster)
    world.faults.start("primary/b1")
    world.run_for("5s")
    cluster.elect("flights-0")
    world.run_for("1s")


def all_fall_silent(world, cluster):
    """One after the other, so that the last one is alone in the ISR."""
    for broker in ("b1", "b2", "b3"):
        world.faults.crash(f"primary/{broker}")
        world.run_for("5s")


def one_lags_and_the_leader_dies(world, cluster):
    """Broker 2 lives, but has not heard from its leader for so long that it is out of the ISR."""
    world.faults.cut("primary/b1", "primary/b2")
    producer = cluster.producer(config={"linger.ms": 0})
    producer.send("flights", "only on 1 and 3")
    producer.flush()
    world.run_for("5s")
    world.faults.crash("primary/b1")
    world.run_for("5s")


def one_comes_back(world, cluster):
    one_falls_silent(world, cluster)
    world.faults.start("primary/b3")
    world.run_for("5s")


STORIES = {
    mutants.elr_beside_a_full_isr: (one_falls_silent, laws.IsrAndElrAreReplicas),
    mutants.a_leader_stays_outside: (the_leader_falls_silent, laws.LeaderIsInTheIsr),
    mutants.the_dead_are_elected: (all_fall_silent, laws.LeaderIsAliveWhenElected),
    mutants.fenced_members_stay: (one_falls_silent, laws.FencedBrokersAreNotInSync),
    mutants.a_mere_election_costs_no_epoch: (the_preferred_leader_is_back, laws.EpochsCountEveryChange),
    mutants.whoever_lives_may_lead: (one_lags_and_the_leader_dies, laws.LeadersComeFromTheIsr),
    mutants.a_broker_keeps_its_epoch: (one_comes_back, laws.BrokerEpochsRise),
}


def play(story, *obeyed):
    """The story in a world that obeys these laws."""
    world = World(seed=3)
    world.law(*(law() for law in obeyed) if obeyed else all_laws(world))
    cluster = world.cluster("primary", brokers=3, config=FAST)
    cluster.create_topic("flights", assignment=[[1, 2, 3]], config={"min.insync.replicas": 2})
    story(world, cluster)


@pytest.mark.parametrize("mutant", mutants.CONTROLLER_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_its_law_catches_it(mutant, caught):
    story, law = STORIES[mutant]
    with mutant(), pytest.raises(LawBroken) as broken:
        play(story, law)
    caught[mutant.__name__] = (broken.value.law.name, story.__name__)
    assert type(broken.value.law) is law and law.__doc__.startswith(mutant.__doc__.partition(":")[0])


@pytest.mark.parametrize("story", dict.fromkeys(story for story, _ in STORIES.values()), ids=lambda one: one.__name__)
def test_without_it_no_law_is_broken(story):
    play(story)
