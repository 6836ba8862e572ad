"""Outcomes side by side: which design kept which promise.

Promises     a line for each outcome, in the order given, with the design's name in front; numbers are measured.
Stands for   the table at the end of a disaster recovery test.
Left out     a verdict: which row is good depends on what was promised.
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterable

from minikafka.deploy.columns import Columns, table
from minikafka.recovery.drill import HEADINGS, Outcome


def scorecard(outcomes: Iterable[tuple[str, Outcome]]) -> Columns:
    """A table of (design, outcome)."""
    return table(("design", *HEADINGS), [(design, *outcome.row()) for design, outcome in outcomes])
