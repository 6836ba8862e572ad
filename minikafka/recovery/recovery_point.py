"""RPO as it came out: how much that was acknowledged is gone, in records and in time.

Promises     `records` counts what was acknowledged and is in no leader's log any more; `span` is how far the data that
             is left lies behind the disaster: from the sending of the first lost record until the disaster (µs).
Stands for   the recovery point that a disaster plan promises; a plan's RPO is the largest that is acceptable.
Left out     records that were sent and never acknowledged: nobody was promised anything about them. While a partition
             has no leader nothing is known of its records: they are `unknown`, until one is elected.
Differs      measured afterwards, from every single record; a real operator only knows the lag that was last reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from minikafka.recovery.attempts import Attempt
from minikafka.world.quantities import say_time


class RecoveryPoint(NamedTuple):
    """`acknowledged` records in all, the `lost` among them in the order of sending, those of which nothing is known;
    `span` in µs."""

    acknowledged: int
    lost: tuple[Attempt, ...]
    unknown: int
    span: int

    @property
    def records(self) -> int:
        """How many acknowledged records are gone."""
        return len(self.lost)

    def __str__(self) -> str:
        """One sentence with its numbers."""
        if self.unknown:
            return f"RPO unknown: {self.unknown} of {self.acknowledged} acknowledged records are in no leader's hands"
        if not self.lost:
            return f"RPO 0: all {self.acknowledged} acknowledged records are there"
        return (
            f"RPO {say_time(self.span)}: {self.records} of {self.acknowledged} acknowledged records are gone, "
            f"the first of them {self.lost[0].name}"
        )


def recovery_point(attempts: Iterable[Attempt], disaster: int) -> RecoveryPoint:
    """What is missing after a disaster at that moment (µs); ask when everything that can come back has come back."""
    acknowledged = [attempt for attempt in attempts if attempt.acknowledged]
    lost = sorted((attempt for attempt in acknowledged if attempt.kept is False), key=attrgetter("sent_at"))
    span = max(0, disaster - lost[0].sent_at) if lost else 0
    unknown = sum(attempt.kept is None for attempt in acknowledged)
    return RecoveryPoint(len(acknowledged), tuple(lost), unknown, span)

