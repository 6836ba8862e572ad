"""The table "one region lost", row by row."""

from minikafka.patterns.one_region_lost import (
    BOTH,
    EAGER,
    OBSERVED,
    ONE_SITE,
    PROMOTED,
    ROWS,
    SAFE,
    USUAL,
    table,
)
from minikafka.recovery.drill import AUTOMATIC, MANUAL, NEVER

MS = 1000
PATIENCE = 90_000 * MS
"""So long a drill waits before somebody does something."""


def outcomes(placement):
    """{drill: outcome} of the rows with this placement."""
    return {outcome.drill: outcome for _, outcome in table(tuple(row for row in ROWS if row.placement is placement))}


def test_all_in_one_site_is_local_and_gone():
    gone = outcomes(ONE_SITE)["west lost"]
    assert gone.calm.p50 < 10 * MS
    assert (gone.writes, gone.point.unknown) == (NEVER, gone.point.acknowledged)
    assert gone.time.longest is None and gone.row()[-1] == "-"


def test_observers_cost_no_time_and_lose_what_they_lagged():
    found = outcomes(OBSERVED)
    at_once, line_first = found["west lost"], found["west lost, its lines first"]
    assert at_once.calm.p50 < 10 * MS
    assert at_once.writes == line_first.writes == MANUAL
    assert at_once.time.longest > PATIENCE and line_first.time.longest > PATIENCE  # so long nobody came
    assert at_once.point.records == 0  # what was on the line has still arrived
    assert line_first.point.records > 10 and 1900 * MS < line_first.point.span < 2100 * MS


def test_promotion_needs_a_leader_that_is_left():
    found = outcomes(PROMOTED)
    at_once, slowly = found["west lost"], found["west lost slowly"]
    assert at_once.writes == MANUAL
    assert slowly.writes == AUTOMATIC and slowly.point.records == slowly.point.unknown == 0
    assert slowly.time.longest < 1000 * MS  # the east led already when the last machine went


def test_sync_replicas_in_both_sites_go_on_and_may_have_shrunk():
    for placement in (EAGER, USUAL):
        found = outcomes(placement)
        at_once, after = found["west lost"], found["west lost after a bad line"]
        assert at_once.calm.p50 > 40 * MS
        assert at_once.writes == AUTOMATIC and at_once.point.records == 0
        assert 10_000 * MS < at_once.time.longest < PATIENCE  # sessions have to end, and clients' requests
        assert after.writes == MANUAL and after.point.records > 100


def test_more_than_one_site_has_is_safe_and_stops():
    gone = outcomes(SAFE)["west lost"]
    assert (gone.writes, gone.point.records) == (MANUAL, 0)


def test_observers_that_step_in_have_both():
    for gone in outcomes(BOTH).values():
        assert (gone.writes, gone.point.records, gone.point.unknown) == (AUTOMATIC, 0, 0)
        assert 10_000 * MS < gone.time.longest < PATIENCE
