"""Storms over a compacted topic, while settings change."""

from __future__ import annotations

from catching import PLAIN, all_go_well, plain
from log_mutants import compaction_drops_the_last_value

from minikafka.storm.storm import run


def test_nothing_breaks():
    all_go_well(plain(range(40), upkeep=True))


def test_a_storm_without_upkeep_is_the_same_as_before():
    """Its dice are its own."""
    assert run(3).schedule == run(3, upkeep=True).schedule


def test_a_cleaner_that_drops_last_values_is_caught_in_a_storm():
    with compaction_drops_the_last_value():
        assert run(1, **PLAIN | {"upkeep": True}).law == "compaction keeps the last values"


def test_nothing_breaks_while_partitions_move():
    all_go_well(plain(range(12), moves=True))
