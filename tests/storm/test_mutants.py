"""Each of the ten mutants is caught by a law or a judgment: in a schedule made for it, or within so many storms."""

from __future__ import annotations

import pytest
from catching import PLAIN
from directed import (
    DIRECTED,
    a_fetch_from_another_epoch,
    a_fetch_from_the_grave,
    a_newcomer_in_flight,
    an_answer_held_across_an_election,
)
from mutants import (
    MUTANTS,
    ack_before_replication,
    expansion_without_the_epoch_start,
    high_watermark_from_the_committed_isr_only,
    no_epoch_check_on_fetch,
    no_min_isr_gate,
    no_second_look_after_the_wait,
    recovery_keeps_a_torn_tail,
    skip_truncation,
    the_last_incarnation_counts,
    truncate_to_the_high_watermark,
)

from minikafka.laws.commit_laws import COMMIT_LAWS
from minikafka.laws.history_laws import TruncationSparesWhatIsCommitted
from minikafka.storm.storm import run
from minikafka.world.laws import LawBroken

SEEDS = 40
"""So many storms at most; most mutants do not survive the first."""

COMMITTED = tuple(law().name for law in (*COMMIT_LAWS, TruncationSparesWhatIsCommitted))
"""The laws of what is committed: most mutants break several of them, and the storm decides which is seen first."""

BY_STORM = {
    ack_before_replication: ("acknowledged means committed",),
    no_min_isr_gate: COMMITTED,
    truncate_to_the_high_watermark: COMMITTED,
    skip_truncation: ("same epoch means same log", "stuck", *COMMITTED),
    expansion_without_the_epoch_start: ("newcomers hold all that counts",),
    recovery_keeps_a_torn_tail: ("recovery keeps what is whole",),
    high_watermark_from_the_committed_isr_only: COMMITTED,
}

BY_SCHEDULE = {
    the_last_incarnation_counts: (a_fetch_from_the_grave, "newcomers hold all that counts"),
    no_epoch_check_on_fetch: (a_fetch_from_another_epoch, "in sync replicas have what is committed"),
    no_second_look_after_the_wait: (an_answer_held_across_an_election, "lost"),
    high_watermark_from_the_committed_isr_only: (a_newcomer_in_flight, "recorded isr has what is committed"),
}


def test_every_mutant_is_hunted():
    assert len(MUTANTS) == 10 and all(mutant in BY_STORM or mutant in BY_SCHEDULE for mutant in MUTANTS)


@pytest.mark.parametrize("schedule", DIRECTED, ids=lambda schedule: schedule.__name__)
def test_todays_rules_survive_the_schedules_made_for_mutants(schedule):
    assert schedule() == []


@pytest.mark.parametrize("mutant", BY_SCHEDULE, ids=lambda mutant: mutant.__name__)
def test_a_schedule_catches_it(mutant, caught):
    schedule, law = BY_SCHEDULE[mutant]
    with mutant():
        try:
            findings = schedule()
            by = findings[0].anomaly if findings else "nobody"
        except LawBroken as broken:
            by = broken.law.name
    caught[mutant.__name__] = (by, f"schedule {schedule.__name__}")
    assert by == law


@pytest.mark.parametrize("mutant", BY_STORM, ids=lambda mutant: mutant.__name__)
def test_random_storms_catch_it(mutant, caught):
    for seed in range(SEEDS):
        with mutant():
            result = run(seed, **PLAIN)
        if not result.ok:
            before = caught.get(mutant.__name__)
            how = f"after {seed + 1} storm{'s' if seed else ''}" + (f", and by {before[1]}" if before else "")
            caught[mutant.__name__] = (result.broken, how)
            assert result.broken in BY_STORM[mutant], result.sentence
            return
    pytest.fail(f"{mutant.__name__} survived {SEEDS} storms")
