"""Which replica a consumer shall read: the leader, or one in the consumer's own rack.

Promises     only a replica that is alive, in sync (or an observer), and has the wanted offset as far as its leader
             knows is named; of several the one whose log reaches furthest, then the one caught up most recently,
             then the highest id.
Stands for   ReplicaManager.findPreferredReadReplica, RackAwareReplicaSelector and LeaderSelector (KIP-392).
Left out     selectors of one's own.
Differs      the class is chosen by its name, and nothing is loaded. That observers are named, too, is Confluent's:
             its documentation says that they serve consumers, and not how the leader chooses among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from minikafka.protocol.broker_settings import LEADER_SELECTOR, RACK_AWARE_SELECTOR

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition

NO_PREFERENCE = -1


class ReplicaView(NamedTuple):
    """One candidate: where it stands, how far its log reaches, and how long ago (µs) it was caught up."""

    broker_id: int
    rack: str
    log_end_offset: int
    since_caught_up: int


def leader_only(rack: str, leader: ReplicaView, others: Sequence[ReplicaView]) -> ReplicaView:
    """Always the leader."""
    return leader


def rack_aware(rack: str, leader: ReplicaView, others: Sequence[ReplicaView]) -> ReplicaView:
    """The leader if it is in the consumer's rack, or nobody is; else the best of those that are."""
    near = [view for view in (leader, *others) if view.rack == rack]
    if not rack or not near or leader in near:
        return leader
    return max(near, key=lambda view: (view.log_end_offset, -view.since_caught_up, view.broker_id))


Selector = Callable[[str, ReplicaView, Sequence[ReplicaView]], ReplicaView]

SELECTORS: dict[str | None, Selector | None] = {None: None, LEADER_SELECTOR: leader_only,
                                                RACK_AWARE_SELECTOR: rack_aware}  # fmt: skip
"""By the value of replica.selector.class; with none nobody is ever sent elsewhere."""


def preferred_read_replica(
    partition: Partition, selector: Selector | None, rack: str, fetch_offset: int, now: int
) -> int:
    """The follower that a consumer in this rack shall read from; `NO_PREFERENCE` for the leader itself."""
    if selector is None or not rack or not partition.is_leader:
        return NO_PREFERENCE
    around, end = partition.around, partition.log.log_end_offset
    leader = ReplicaView(around.broker_id, around.rack_of(around.broker_id), end, 0)
    chosen = selector(rack, leader, candidates(partition, fetch_offset, now))
    return NO_PREFERENCE if chosen is leader else chosen.broker_id


def candidates(partition: Partition, fetch_offset: int, now: int) -> list[ReplicaView]:
    """The followers that surely have the offset: alive, in sync, and their logs reach from below it to it."""
    around, views = partition.around, []
    for replica in partition.replicas.values():
        replica.fold(partition.log.log_end_offset)
        if (
            may_be_read(partition, replica.broker_id)
            and around.alive(replica.broker_id)
            and replica.log_start_offset <= fetch_offset <= replica.log_end_offset
        ):
            rack, ago = around.rack_of(replica.broker_id), now - replica.last_caught_up
            views.append(ReplicaView(replica.broker_id, rack, replica.log_end_offset, ago))
    return views


def may_be_read(partition: Partition, broker_id: int) -> bool:
    """Members of the ISR may: one that is not in sync might lag ever further behind what its readers want. And
    observers: to be read from is what they are for."""
    return broker_id in partition.isr_state.isr or broker_id in partition.observers
