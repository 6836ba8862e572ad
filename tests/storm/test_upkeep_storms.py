"""Storms over a compacted topic, while settings change."""

from __future__ import annotations

from catching import PLAIN, all_go_well, plain
from log_mutants import compaction_drops_the_last_value

from minikafka.storm import storm
from minikafka.storm.gates import GATES, MOST, Gates
from minikafka.storm.rosters import ROSTERS, Rosters
from minikafka.storm.storm import put_away, run


def test_nothing_breaks():
    all_go_well(plain(range(40), upkeep=True))


def test_a_storm_without_upkeep_is_the_same_as_before():
    """Its dice are its own."""
    assert run(3).schedule == run(3, upkeep=True).schedule


def test_one_topic_grows_in_the_storm_and_another_is_deleted_and_made_anew(monkeypatch):
    """The group of the first takes its new partitions over; or the storm would not have come to rest."""
    worlds = []
    monkeypatch.setattr(storm, "put_away", worlds.append)
    assert run(1, upkeep=True).ok
    gates = next(workload for workload in worlds[0].workloads if isinstance(workload, Gates))
    assert len(gates.cluster.image.topics[GATES].partitions) == MOST
    written = {receipt.metadata.partition for _, receipt in gates.sent if receipt.metadata is not None}
    assert written == set(range(MOST))
    rosters = next(workload for workload in worlds[0].workloads if isinstance(workload, Rosters))
    assert rosters.deleted > 1 and rosters.cluster.image.topics[ROSTERS]
    assert len([receipt for _, receipt in rosters.writer.sent if receipt.error is None]) > 50
    put_away(worlds[0])


def test_a_cleaner_that_drops_last_values_is_caught_in_a_storm():
    with compaction_drops_the_last_value():
        assert run(1, **PLAIN | {"upkeep": True}).law == "compaction keeps the last values"


def test_nothing_breaks_while_partitions_move():
    all_go_well(plain(range(12), moves=True))
