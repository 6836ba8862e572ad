"""Lab 03: the learner's `advance_high_watermark` leads the partition, and is judged.

Promises     the function sees a `Book` and answers the new high watermark; everything else is our own code.
Stands for   Partition.maybeIncrementLeaderHW.
Left out     who counts (`high_watermark.counts`): the book has these replicas already.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from minikafka.broker import high_watermark
from minikafka.broker.noticeboard import COMMITTED
from minikafka.broker.partition import Partition
from minikafka.classroom.swap import guarded, swap
from minikafka.classroom.trial_ground import Ground
from minikafka.classroom.verdict import Counterexample, Verdict, sweep
from minikafka.events.replication import HighWatermarkAdvanced

SEEDS = range(4)
PRAISE = "A record is committed when every replica in sync holds it, and never before."


class Book(NamedTuple):
    """What a leader knows when it asks itself how far its log is committed.

    `ends` holds for each other replica the offset that it asked for last (-1: not yet); `in_sync` names those of them
    that a commit must wait for; `under_min_isr` says that fewer than min.insync.replicas are in sync.
    """

    high_watermark: int
    log_end: int
    ends: dict[int, int]
    in_sync: tuple[int, ...]
    under_min_isr: bool


def book_of(partition: Partition, now: int) -> Book:
    """The book of a partition that leads."""
    state, around, end = partition.isr_state, partition.around, partition.log.log_end_offset

    others = partition.replicas.values()
    return Book(
        high_watermark=partition.log.high_watermark,
        log_end=end,
        ends={replica.broker_id: replica.log_end_offset for replica in others},
        in_sync=tuple(r.broker_id for r in others if high_watermark.counts(r, state.maximal_isr, end, now, around)),
        under_min_isr=not high_watermark.may_advance(state.isr, partition.min_isr),
    )


def check_advance_high_watermark(mine: Callable[[Book], int]) -> Verdict:
    """Put `mine` in the place of ours, and try it."""
    trials = (
        ("the leader dies", leader_dies),
        ("a follower dies", follower_dies),
        ("too few are left", too_few_are_left),
    )
    return sweep(mine, ("book",), trials, SEEDS, PRAISE)


def leader_dies(seed: int, mine: Callable) -> Counterexample | None:
    """One follower is far away; the leader's line goes down, and then the leader; the far one may lead next."""
    with swap(Partition.advance_high_watermark, in_place(mine)):
        ground = Ground(seed)
        ground.world.faults.slow(ground.leader, ground.slow, latency="20ms")
        day = ground.depart(limit=40)
        ground.until(lambda: len(day.acknowledged) >= 12 + seed or len(day.sent) == 40, within="5s")
        ground.lose_leader_after_its_line()
        return ground.judge()


def follower_dies(seed: int, mine: Callable) -> Counterexample | None:
    """One follower crashes and does not come back: when it has left the ISR, the rest must go on without it."""
    with swap(Partition.advance_high_watermark, in_place(mine)):
        ground = Ground(seed)
        ground.lose_a_follower(seed)
        return ground.judge()


def too_few_are_left(seed: int, mine: Callable) -> Counterexample | None:
    """Both followers crash. acks=1 goes on writing; nothing of that may count as committed."""
    with swap(Partition.advance_high_watermark, in_place(mine)):
        ground = Ground(seed)
        ground.depart(limit=10)
        ground.run("1s")
        ground.stop("crash", ground.slow)
        ground.stop("crash", ground.fast)
        ground.run("20s")
        ground.depart(limit=10, acks=1, skip=500)
        ground.run("2s")
        ground.world.faults.start(ground.slow)
        ground.world.faults.start(ground.fast)
        ground.run("10s")
        return ground.judge("high watermark stands still under min isr")


def in_place(mine: Callable[[Book], int]) -> Callable[[Partition, int], bool]:
    """A method for `Partition` that asks `mine` and does the rest."""

    def advance_high_watermark(self: Partition, now: int) -> bool:
        if not self.is_leader:
            return False
        book = book_of(self, now)
        new = guarded(mine, lambda answer: _complaint(answer, book), str)(book)
        if new == book.high_watermark or not self.log.set_high_watermark(new):
            return False
        reached = [broker for broker, end in book.ends.items() if end >= new]
        slowest = min(reached, key=lambda broker: book.ends[broker], default=self.around.broker_id)
        self.around.record(HighWatermarkAdvanced(self.tp, book.high_watermark, self.log.high_watermark, slowest))
        self.news.post(COMMITTED)
        return True

    return advance_high_watermark


def _complaint(answer: Any, book: Book) -> str | None:
    if answer is None:
        return "it has to return the new high watermark (or the old one, if nothing more is committed)"
    if not isinstance(answer, int) or isinstance(answer, bool):
        return "a high watermark is an offset, a whole number"
    if answer > book.log_end:
        return f"the log ends at {book.log_end}, so nothing beyond can be committed"
    if answer < 0:
        return "no offset is below 0; in `ends`, -1 stands for a replica that has not asked for anything yet"
    if answer < book.high_watermark:
        return f"a high watermark never falls while one leader leads; consumers have read up to {book.high_watermark}"
    return None
