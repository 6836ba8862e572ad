"""The shortest schedule that still fails in the same way.

Promises     the result fails with the same law or anomaly as the original, and no single step of it can be left out.
Stands for   delta debugging (Zeller and Hildebrandt), as in QuickCheck and FoundationDB.
Left out     shortening times, shrinking the setting.
Differs      a step whose opposite is left out is undone by the healing at the end.
"""

from __future__ import annotations

from minikafka.storm.schedule import Schedule
from minikafka.storm.storm import Runner, StormResult, blow

ATTEMPTS = 300
"""So many storms are run at most."""


def shrink(result: StormResult, runner: Runner | None = None) -> Schedule:
    """Leave out what can be left out of a failed storm's schedule; `runner` carries a schedule out (with the same
    seed)."""
    if result.ok:
        raise ValueError(f"the storm of seed {result.seed} did not fail: there is nothing to shrink")

    def again(schedule: Schedule) -> StormResult:
        return blow(result.seed, result.setting, schedule, result.faults)

    run_again, left = runner or again, [ATTEMPTS]

    def fails(schedule: Schedule) -> bool:
        left[0] -= 1
        return left[0] >= 0 and run_again(schedule).broken == result.broken

    schedule, size = result.schedule, max(1, len(result.schedule.steps) // 2)
    while size:
        shorter = _without_a_block(schedule, size, fails)
        if shorter is None:
            size //= 2
        else:
            schedule, size = shorter, min(size, max(1, len(shorter.steps) // 2))
    return schedule


def _without_a_block(schedule: Schedule, size: int, fails) -> Schedule | None:
    """The schedule without as many blocks of so many steps as can go; None if none can."""
    found, start = None, 0
    while start < len(schedule.steps):
        shorter = schedule.without(range(start, start + size))
        if fails(shorter):
            schedule = found = shorter
        else:
            start += size
    return found
