"""Storms that have to end well, as one assertion."""

from __future__ import annotations

from collections.abc import Iterable

from minikafka.storm.storm import StormResult
from minikafka.storm.sweep import sweep


def assert_clean(seeds: Iterable[int], **options: bool) -> list[StormResult]:
    """No storm of these seeds breaks anything; a failure says how to see it again."""
    results = list(sweep(seeds, **options))
    failed = [result for result in results if not result.ok]
    assert not failed, "\n".join(f"{result.sentence}\n  again: {result.replay_command}" for result in failed)
    return results
