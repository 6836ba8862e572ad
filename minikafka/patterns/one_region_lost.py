"""The table "one region lost": seven placements over two and a half data centres, drilled.

Promises     `table()` runs every row and returns what was measured: latency of writes, what was lost, whether
             writes went on unattended, and when. An operator does what the row names, and only where nothing goes on by
             itself.
Stands for   the choice that a team has to make before a stretched cluster carries anything.
Left out     two regions lost.
Differs      the documents that this table is about tell what to expect of most rows, and measure none.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from minikafka.metadata.observer_policy import UNDER_MIN_ISR
from minikafka.patterns import stretched_two_and_half
from minikafka.patterns.site_drills import (
    cut_then_lose,
    elect_uncleanly,
    lose,
    lose_slowly,
    lower_min_isr,
    shrink_then_lose,
)
from minikafka.patterns.stretched_layout import Placement, Stretched
from minikafka.recovery.drill import Drill, Outcome, run_drill
from minikafka.world.world import World

GONE = lose("west", elect_uncleanly)
LINE_FIRST = cut_then_lose("west", "east", "third", respond=elect_uncleanly)
GONE_SLOWLY = lose_slowly("west", respond=elect_uncleanly)
GONE_AFTER_A_BAD_LINE = shrink_then_lose("west", "east", respond=elect_uncleanly)
GONE_AND_FEWER_ASKED_FOR = lose("west", lower_min_isr)


class Row(NamedTuple):
    """A placement and the drill that it is put through."""

    placement: Placement
    drill: Drill


ONE_SITE = Placement("3+0, minimum 2", {"west": 3}, 2)
OBSERVED = Placement("2+0, observers 0+2, minimum 1", {"west": 2}, 1, {"east": 2})
PROMOTED = Placement("2+0, observers 0+2 under-min-isr, minimum 2", {"west": 2}, 2, {"east": 2}, UNDER_MIN_ISR)
EAGER = Placement("2+2, minimum 1", {"west": 2, "east": 2}, 1)
USUAL = Placement("2+2, minimum 2", {"west": 2, "east": 2}, 2)
SAFE = Placement("2+2, minimum 3", {"west": 2, "east": 2}, 3)
BOTH = Placement(
    "2+2, observers 1+1 under-min-isr, minimum 3",
    {"west": 2, "east": 2},
    3,
    {"west": 1, "east": 1},
    UNDER_MIN_ISR,
)

ROWS = (
    Row(ONE_SITE, lose("west")),
    Row(OBSERVED, GONE),
    Row(OBSERVED, LINE_FIRST),
    Row(PROMOTED, GONE),
    Row(PROMOTED, GONE_SLOWLY),
    Row(EAGER, GONE),
    Row(EAGER, GONE_AFTER_A_BAD_LINE),
    Row(USUAL, GONE),
    Row(USUAL, GONE_AFTER_A_BAD_LINE),
    Row(SAFE, GONE_AND_FEWER_ASKED_FOR),
    Row(BOTH, GONE),
    Row(BOTH, LINE_FIRST),
)
"""The placements in the order of the table; where it matters how the region is lost, once for each way."""


def table(rows: tuple[Row, ...] = ROWS, seed: int = 7) -> Iterator[tuple[str, Outcome]]:
    """Drill row by row; `scorecard` sets the outcomes side by side."""
    for row in rows:
        yield row.placement.name, run_drill(partial(_build, row.placement), row.drill, seed)


def _build(placement: Placement, world: World) -> Stretched:
    return stretched_two_and_half.build(world, placement)
