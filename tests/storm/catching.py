"""What the tests of storms have in common: storms that have to go well, and mistakes that one of them has to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import pytest

from minikafka.storm.options import OPTIONS
from minikafka.storm.storm import StormResult, run
from minikafka.storm.sweep import sweep

PLAIN = {**dict.fromkeys(OPTIONS, False), "groups": True}
"""A storm with a group and nothing else besides: quick, and the same weather whatever the others have."""

Mutant = Callable[[], AbstractContextManager[None]]


def all_go_well(results: Iterable[StormResult]) -> None:
    """Nothing breaks in any of these storms; else the command to see it again is printed."""
    failed = [result for result in results if not result.ok]
    assert not failed, "\n".join(f"{result.sentence}\n  again: {result.replay_command}" for result in failed)


def plain(seeds: Iterable[int], **besides: bool) -> Iterator[StormResult]:
    """Plain storms of these seeds, with these options besides."""
    return sweep(seeds, **{**PLAIN, **besides})


def first_to_show(mutant: Mutant, seeds: Iterable[int], caught: dict, **options: bool) -> StormResult:
    """The first storm in which something breaks because of the mistake; noted in the table that is shown at the end.
    `options` are what it has besides a plain storm."""
    said = ", ".join(f"{name}={value}" for name, value in options.items())
    for number, seed in enumerate(seeds, 1):
        with mutant():
            result = run(seed, **{**PLAIN, **options})
        if not result.ok:
            caught[mutant.__name__] = (result.broken, f"after {number} storms{said and ' with '}{said}")
            return result
    pytest.fail(f"{mutant.__name__} survived")
