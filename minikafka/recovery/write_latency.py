"""How long writes took: from the hand-over of a record to its answer.

Promises     percentiles are times that really occurred (nearest rank), in µs; the rate counts answers between two
             moments.
Stands for   kafka-producer-perf-test's last line.
Left out     -
Differs      an unthrottled perf test measures its own queue; a workload here sends at an even rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minikafka.recovery.attempts import Attempt
from minikafka.world.quantities import say_span

SECOND = 1_000_000


class WriteLatency(NamedTuple):
    """Of `records` acknowledged ones: the middle, the 95th and 99th percentile and the worst (µs), and how many a
    second were acknowledged."""

    records: int
    p50: int
    p95: int
    p99: int
    worst: int
    per_second: float

    def __str__(self) -> str:
        """One line, as the perf test has it."""
        return (
            f"{self.records} records, {self.per_second:.1f} records/sec, {say_span(self.p50)} 50th, "
            f"{say_span(self.p95)} 95th, {say_span(self.p99)} 99th, {say_span(self.worst)} max latency"
        )


def write_latency(attempts: Iterable[Attempt], since: int = 0, until: int | None = None) -> WriteLatency | None:
    """Of the records that were sent from `since` on and before `until` (µs); None if none of them was acknowledged."""
    answered = [
        attempt
        for attempt in attempts
        if attempt.acknowledged
        and attempt.answered_at is not None
        and since <= attempt.sent_at
        and (until is None or attempt.sent_at < until)
    ]
    if not answered:
        return None
    times = sorted(attempt.answered_at - attempt.sent_at for attempt in answered)
    took = max(attempt.answered_at for attempt in answered) - min(attempt.sent_at for attempt in answered)
    shares = (quantile(times, share) for share in (0.50, 0.95, 0.99))
    return WriteLatency(len(times), *shares, times[-1], len(times) * SECOND / max(1, took))


def quantile(values: Sequence[int], share: float) -> int:
    """The smallest of the values that this share of them (in whole thousandths) does not exceed; nearest rank."""
    rank = -(-int(share * 1000) * len(values) // 1000)
    return sorted(values)[max(0, rank - 1)]
