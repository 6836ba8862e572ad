"""Storms with transactional copiers: exactly once, whatever happens to coordinators, leaders and copiers."""

from __future__ import annotations

from minikafka.storm.storm import run


def test_every_record_is_copied_exactly_once():
    failed = [result for seed in range(6) if not (result := run(seed, transactions=True)).ok]
    assert not failed, "\n".join(f"{result.sentence}\n  again: {result.replay_command}" for result in failed)


def test_without_being_asked_for_there_are_none():
    assert "transactions" not in run(4).setting.options
