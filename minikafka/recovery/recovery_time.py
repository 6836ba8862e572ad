"""RTO as it came out: how long after the disaster each partition took writes again.

Promises     for each partition the time in µs from the disaster until the first answer to a record that was sent after
             it; None where none has come yet. The partition that took longest speaks for the whole.
Stands for   the recovery time that a disaster plan promises; a plan's RTO is the longest that is acceptable.
Left out     the time that people need to notice, to decide and to switch: a drill adds it where people are needed.
Differs      a partition to which nobody wrote after the disaster is not in the list: nothing is known about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikafka.protocol.names import TopicPartition
from minikafka.recovery.attempts import Attempt
from minikafka.world.quantities import say_time


class RecoveryTime(NamedTuple):
    """`resumed`: for each partition, in the order of their names, µs after the disaster, or None."""

    resumed: dict[TopicPartition, int | None]

    @property
    def longest(self) -> int | None:
        """When all partitions took writes again; None while one does not, or nobody has tried."""
        times = list(self.resumed.values())
        return None if not times or None in times else max(times)

    def __str__(self) -> str:
        """One sentence with its numbers."""
        waiting = [str(partition) for partition, time in self.resumed.items() if time is None]
        if not self.resumed:
            return "RTO unknown: nothing was written after the disaster"
        if waiting:
            return f"RTO not reached: no writes yet to {', '.join(waiting)}"
        return f"RTO {say_time(self.longest)}: so long until every partition took writes again"


def recovery_time(attempts: Iterable[Attempt], disaster: int) -> RecoveryTime:
    """When writes went on, for each partition that was written to after a disaster at that moment (µs)."""
    resumed: dict[TopicPartition, int | None] = {}
    for attempt in attempts:
        if attempt.partition is None or attempt.sent_at < disaster:
            continue
        before = resumed.setdefault(attempt.partition, None)
        if attempt.acknowledged and attempt.answered_at is not None:
            time = attempt.answered_at - disaster
            resumed[attempt.partition] = time if before is None else min(before, time)
    return RecoveryTime(dict(sorted(resumed.items())))
