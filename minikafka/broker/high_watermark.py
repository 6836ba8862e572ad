"""How far a partition is committed.

Promises     below the high watermark every replica that may be in the ISR holds every record, and so does every
             replica that is about to join; it does not move at all while fewer than the effective minimum are in
             sync.
Stands for   Partition.maybeIncrementLeaderHW (KAFKA-15583 for the minimum).
Left out     the last stable offset, which open transactions hold back: the log knows it (`log_transactions`).
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikafka.broker.replica import Replica
from minikafka.broker.surroundings import Surroundings


def effective_min_isr(min_insync_replicas: int, replicas: int) -> int:
    """A partition with fewer replicas than min.insync.replicas needs only those it has."""
    return min(min_insync_replicas, replicas)


def may_advance(isr: tuple, min_isr: int) -> bool:
    """Under the effective minimum the high watermark stands still, whatever has been replicated."""
    return len(isr) >= min_isr


def counts(replica: Replica, maximal_isr: tuple, leader_end: int, now: int, around: Surroundings) -> bool:
    """A commit waits for this replica: it may be in the recorded ISR, or it is caught up and may join any moment.
    For an observer nobody waits before it was asked for."""
    return replica.broker_id in maximal_isr or (
        not replica.is_observer
        and replica.is_caught_up(leader_end, now, around.longest_lag) and around.eligible(replica)
    )


def next_high_watermark(
    replicas: Iterable[Replica], maximal_isr: tuple, leader_end: int, now: int, around: Surroundings
) -> tuple[int, int]:
    """The smallest log end offset of all that count, and whose it is. -1 while one of them has not been heard of."""
    lowest, slowest = leader_end, around.broker_id
    for replica in replicas:
        if replica.log_end_offset < lowest and counts(replica, maximal_isr, leader_end, now, around):
            lowest, slowest = replica.log_end_offset, replica.broker_id
    return lowest, slowest
