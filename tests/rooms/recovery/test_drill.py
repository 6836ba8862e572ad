"""Drills on a small stretched cluster, and their table."""

import re
from typing import Any, NamedTuple

from minikafka.recovery.drill import AUTOMATIC, MANUAL, NEVER, Drill, run_drill
from minikafka.recovery.scorecard import scorecard


class Built(NamedTuple):
    cluster: Any
    topic: str = "flights"
    users: str = "middle"


def build(min_isr):
    def built(world):
        places = [world.region(name) for name in ("middle", "east", "west")]
        for one, other in ((0, 1), (0, 2), (1, 2)):
            world.connect(places[one], places[other], latency="10ms")
        cluster = world.cluster("stretch", brokers=3, region=places)
        cluster.create_topic("flights", config={"min.insync.replicas": min_isr}, assignment=[[2, 3]])
        return Built(cluster)

    return built


def lose_east(built):
    built.cluster.world.faults.lose("east")


def bring_east_back(built):
    built.cluster.world.faults.restore("east")


LOST = Drill("east lost", "the leader's region loses power", lose_east)
MENDED = Drill("east back", "and somebody starts it again", lose_east, bring_east_back)


def test_writes_go_on_by_themselves_where_one_replica_is_enough():
    outcome = run_drill(build(1), LOST)
    assert (outcome.writes, outcome.point.records) == (AUTOMATIC, 0)
    assert 9_000_000 < outcome.time.longest < 45_000_000
    assert outcome.calm.p50 > 20_000  # there and back again


def test_where_two_are_asked_for_nothing_goes_on_and_nothing_is_lost():
    outcome = run_drill(build(2), LOST)
    assert (outcome.writes, outcome.point.records, outcome.time.longest) == (NEVER, 0, None)
    assert outcome.row()[2:] == ("0", "0 µs", "none", "-")


def test_until_somebody_does_something():
    outcome = run_drill(build(2), MENDED, patience="20s")
    assert outcome.writes == MANUAL
    assert outcome.time.longest > 20_000_000


def test_the_same_seed_is_the_same_disaster():
    assert run_drill(build(1), LOST, acks=1) == run_drill(build(1), LOST, acks=1)


def test_a_table_of_outcomes():
    lines = scorecard([("min 1", run_drill(build(1), LOST)), ("min 2", run_drill(build(2), LOST))]).lines
    assert lines[0].split() == "design drill write latency records lost RPO writes RTO".split()
    assert lines[2].startswith("min 1   east lost") and "automatic" in lines[2]
    assert re.search(r"none +-$", lines[3])
