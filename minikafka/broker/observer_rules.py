"""When a leader asks for an observer in its ISR, and when it lets one go.

Promises     an observer is asked for only if the policy wants more in sync, if it is caught up, and if it holds all
             that counts; one at a time. It is let go when the others suffice.
Stands for   automatic observer promotion, the leader's half.
Left out     nothing that is documented.
Differs      what comes out is documented, and not how it is done. Documented: only an observer that is caught up is
             promoted, as many as the policy wants, and it leaves by itself. Inferred: what "caught up" means (what it
             means for a follower: at the leader's end within replica.lag.time.max.ms, and not behind what is
             committed); that the leader looks and asks, as for any ISR; one at a time. Not documented: which of several
             candidates. Here it is the one whose log reaches furthest, then the highest id, the order in which Kafka
             compares replicas for readers.

    policy               promotes while                             as far as
    under-min-isr        the ISR is smaller than min.insync.replicas  min.insync.replicas
    under-replicated     the ISR is smaller than the sync replicas    the number of sync replicas
    leader-is-observer   an observer leads (it was elected uncleanly) the number of sync replicas
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.broker.isr_rules import holds_all_that_counts
from minikafka.broker.isr_state import PendingExpand, PendingShrink
from minikafka.events.observers import PromotionAwaited
from minikafka.metadata.observer_policy import missing, policy_of, too_many, wanted_in_sync

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition
    from minikafka.broker.replica import Replica


def wanted(partition: Partition) -> int:
    """So many should be in sync, if it takes observers."""
    policy = policy_of(partition.config["confluent.placement.constraints"])
    leads = partition.leader in partition.observers
    return wanted_in_sync(policy, partition.min_isr, len(partition.expected_in_sync), leads)


def change_wanted(partition: Partition, now: int) -> PendingExpand | PendingShrink | None:
    """The change of the ISR to ask for on account of the observers; None while one is in flight, or none is due."""
    state = partition.isr_state
    if not partition.is_leader or state.in_flight or not partition.observers:
        return None
    goal = wanted(partition)
    leaving = too_many(state.isr, partition.observers, partition.leader, goal)
    if leaving:
        why = f"{len(state.isr) - len(leaving)} are in sync without the observers {list(leaving)}, and {goal} suffice"
        return PendingShrink(state, leaving, why)
    if not missing(state.isr, goal):
        return None
    best = chosen(candidates(partition, now))
    if best is None:
        return None
    why = f"{len(state.isr)} are in sync and {goal} should be; the observer {best.broker_id} is caught up"
    return PendingExpand(state, best.broker_id, why)


def candidates(partition: Partition, now: int) -> list[Replica]:
    """The observers that may be promoted now."""
    log, around = partition.log, partition.around
    return [
        replica
        for replica in partition.replicas.values()
        if replica.is_observer
        and replica.broker_id not in partition.isr_state.isr
        and around.eligible(replica)
        and replica.is_caught_up(log.log_end_offset, now, around.longest_lag)
        and holds_all_that_counts(replica, log.high_watermark, partition.leader_epoch_start_offset)
    ]


def chosen(some: list[Replica]) -> Replica | None:
    """The one whose log reaches furthest, then the highest id."""
    return max(some, key=lambda replica: (replica.log_end_offset, replica.broker_id), default=None)


def awaited(partition: Partition, now: int) -> PromotionAwaited | None:
    """What to tell while observers are wanted and none can be promoted."""
    state = partition.isr_state
    if not partition.is_leader or state.in_flight or not partition.observers or candidates(partition, now):
        return None
    short = missing(state.isr, wanted(partition))
    observers = [replica for replica in partition.replicas.values() if replica.is_observer]
    how_far = tuple((one.broker_id, one.log_end_offset) for one in observers if one.broker_id not in state.isr)
    return PromotionAwaited(partition.tp, short, how_far) if short and how_far else None
