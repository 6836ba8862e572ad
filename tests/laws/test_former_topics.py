"""A topic is deleted, and another one gets its name: who has not heard of it breaks no law of the new one."""

from __future__ import annotations

import pytest
from lies import a_follower_that_runs_ahead, commit_more, leads_again, two_records_at_one_place
from small_world import TP, SmallWorld

from minikafka.events.clients import BatchAcknowledged, BatchSent
from minikafka.laws import client_judgments as judgments
from minikafka.laws import commit_laws, replication_laws
from minikafka.laws.all_laws import all_laws

LIKE_BEFORE = {"config": {"min.insync.replicas": 2}, "assignment": [[1, 2, 3]]}


def born_again(small, **otherwise):
    """flights is deleted, and made anew."""
    small.cluster.delete_topic("flights")
    small.cluster.create_topic("flights", **{**LIKE_BEFORE, **otherwise})
    small.world.run_for("200ms")


def test_a_leader_of_the_former_topic_may_go_on_until_it_hears():
    """It appends, and its log is longer than that of the new leader. Nobody is held to what it says."""
    small = SmallWorld()
    small.world.law(*all_laws(small.world))
    for broker in (1, 3):
        small.world.faults.hold("primary/controller", small.place(broker))
        small.world.faults.cut("primary/admin", small.place(broker))  # who answers the administrator has to hear
    born_again(small, assignment=[[2, 3, 1]])
    ids = [small.partition(broker).topic_id for broker in (1, 2, 3)]
    assert ids[0] == ids[2] != ids[1] and small.partition(1).is_leader and small.partition(2).is_leader
    small.append(1, "on the former one alone")
    leads_again(small, 1, 0)
    small.let_time_pass()
    for broker in (1, 3):
        small.world.faults.release("primary/controller", small.place(broker))
    small.world.run_for("3s")
    small.send(2)
    small.world.run_for("1s")
    assert [small.log(broker).log_end_offset for broker in (1, 2, 3)] == [2, 2, 2]
    assert small.world.judge(*judgments.JUDGMENTS) == []


@pytest.mark.parametrize("lie, law", [
    (commit_more, commit_laws.RecordedIsrHasWhatIsCommitted),
    (two_records_at_one_place, replication_laws.SameEpochMeansSameLog),
    (a_follower_that_runs_ahead, commit_laws.FollowersDoNotRunAhead),
])  # fmt: skip
def test_the_new_topic_has_all_the_laws(lie, law):
    small = SmallWorld(law())
    born_again(small)
    small.send(5)
    small.world.run_for("500ms")
    lie(small)
    assert small.broken(law)


def told_of(small, first_number):
    """Something else stands where a producer was told its record is."""
    small.tell("primary/p", BatchSent(TP, 1, -1, 1, 2, first_number, "p"))
    small.tell("primary/p", BatchAcknowledged(TP, 8, 1, -1, first_number, "p"))


def laws_that_come_late(small):
    """The same world, and everything in it, with laws that have seen nothing."""
    small.world.laws.clear()
    small.world.law(commit_laws.RecordedIsrHasWhatIsCommitted())
    return small.world


def test_what_the_former_topic_acknowledged_is_not_looked_for():
    small = SmallWorld(commit_laws.RecordedIsrHasWhatIsCommitted())
    told_of(small, 0)
    born_again(small)
    assert judgments.lost(small.world) == []
    assert judgments.lost(laws_that_come_late(small)) == []
    small.let_time_pass()
    told_of(small, 1)
    assert [finding.anomaly for finding in judgments.lost(small.world)] == ["lost"]
