"""Who may join an in-sync set, and who must leave it.

Promises     a follower joins only when it holds everything committed and has fetched up to the start of this leader
             epoch; it leaves only after it was not caught up for longer than replica.lag.time.max.ms.
Stands for   Partition.needsExpandIsr and getOutOfSyncReplicas.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker.isr_state import PendingExpand, PendingShrink

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition
    from minikafka.broker.replica import Replica


def holds_all_that_counts(replica: Replica, high_watermark: int, leader_epoch_start: int) -> bool:
    """Has everything committed, and all that the leader had when its epoch began (it may be committed too)."""
    return replica.log_end_offset >= high_watermark and replica.log_end_offset >= leader_epoch_start


def may_join(partition: Partition, replica: Replica) -> bool:
    """No change is in flight, the replica is out, eligible, no observer, and holds all that counts."""
    state = partition.isr_state
    return (
        not state.in_flight
        and replica.broker_id not in state.isr
        and not replica.is_observer
        and partition.around.eligible(replica)
        and holds_all_that_counts(replica, partition.log.high_watermark, partition.leader_epoch_start_offset)
    )


def lagging(partition: Partition, now: int) -> tuple[int, ...]:
    """The members of the ISR that are not caught up; empty while a change is in flight."""
    state = partition.isr_state
    if state.in_flight:
        return ()
    end, longest = partition.log.log_end_offset, partition.around.longest_lag
    replicas = partition.replicas
    return tuple(
        member for member in state.isr if member in replicas and not replicas[member].is_caught_up(end, now, longest)
    )


def expansion(partition: Partition, replica: Replica) -> PendingExpand | None:
    """The change to ask for after a fetch of this follower, if any."""
    if not may_join(partition, replica):
        return None
    why = f"broker {replica.broker_id} has fetched up to {replica.log_end_offset}, at or beyond the high watermark"
    return PendingExpand(partition.isr_state, replica.broker_id, why)


def shrinking(partition: Partition, now: int) -> PendingShrink | None:
    """The change to ask for when members of the ISR lag, if any."""
    out = lagging(partition, now)
    if not out:
        return None
    told = ", ".join(f"broker {member} at {partition.replicas[member].log_end_offset}" for member in out)
    why = f"{told} of {partition.log.log_end_offset}, not caught up for {partition.around.longest_lag / 1_000_000:g} s"
    return PendingShrink(partition.isr_state, out, why)
