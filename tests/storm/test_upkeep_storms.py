"""Storms over a compacted topic, while settings change."""

from __future__ import annotations

import pytest
from log_mutants import compaction_drops_the_last_value

from minikafka.storm.storm import run


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_nothing_breaks(first):
    failed = [result for seed in range(first, first + 10) if not (result := run(seed, upkeep=True)).ok]
    assert not failed, "\n".join(f"{result.sentence}\n  again: {result.replay_command}" for result in failed)


def test_a_storm_without_upkeep_is_the_same_as_before():
    """Its dice are its own."""
    assert run(3).schedule == run(3, upkeep=True).schedule


def test_a_cleaner_that_drops_last_values_is_caught_in_a_storm():
    with compaction_drops_the_last_value():
        assert run(1, upkeep=True).law == "compaction keeps the last values"


def test_nothing_breaks_while_partitions_move():
    failed = [result for seed in range(12) if not (result := run(seed, moves=True)).ok]
    assert not failed, "\n".join(f"{result.sentence}\n  again: {result.replay_command}" for result in failed)
