"""Who leads a partition, and the one record that says so.

Promises     every change of a partition goes through `partition_change`, so that ISR, ELR, leader and epochs always fit
             together. A clean election names only a live member of the ISR, or, with the ISR empty, of the ELR.
Stands for   PartitionChangeBuilder.
Left out     log directories, KIP-966 part 2 (recovery by looking into the logs).
Differs      the ELR is kept in the order of the replicas; in Kafka its order is that of a hash set. Observers come last
             among the replicas, so an unclean election takes one only if no sync replica lives; and a promoted one that
             leaves the ISR may be in the ELR like any member. Both are inferred: for observers neither the automatic
             unclean election nor the ELR is documented.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from minikafka.metadata.facts import RECOVERING, PartitionChangeRecord
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.names import NO_LEADER

ONLINE = "online"
"""Elect from the ISR (or ELR) if the leader cannot stay."""
PREFERRED = "preferred"
"""Elect the first replica even if the leader could stay."""
UNCLEAN = "unclean"
"""As ONLINE, but rather any live replica than none."""


class Elected(NamedTuple):
    """The outcome of an election; `clean` says that no committed record can be missing."""

    leader: int
    clean: bool = True


class Terms(NamedTuple):
    """Under which rules a partition changes."""

    min_isr: int
    alive: Callable[[int], bool]
    elr_enabled: bool = True
    election: str = ONLINE
    unclean_shutdown: tuple = ()


def partition_change(
    topic_id: str,
    number: int,
    now: PartitionRegistration,
    terms: Terms,
    isr: Sequence[int] | None = None,
    recovery_state: int | None = None,
    planned: PartitionRegistration | None = None,
) -> PartitionChangeRecord | None:
    """The record that brings a partition to this ISR (None: the one it has), elects if need be, and keeps the ELR.

    `planned` is the partition with other replicas, if it is to be reassigned. A reassignment whose target is in the ISR
    is completed by the same record. None if nothing changes.
    """
    before, target_isr = now, now.isr if isr is None else tuple(isr)
    now, target_isr = _completed(planned or now, target_isr)
    terms = terms._replace(min_isr=min(terms.min_isr, len(now.replicas)))
    target_elr = eligible_leader_replicas(now, target_isr, terms)
    elected = choose_leader(now, target_isr, target_elr, terms)
    if elected.leader != now.leader and elected.leader != NO_LEADER:
        if not elected.clean:
            target_isr, target_elr = (elected.leader,), ()
            recovery_state = RECOVERING
        elif elected.leader in target_elr:
            target_isr = (elected.leader,)
            target_elr = tuple(replica for replica in target_elr if replica != elected.leader)
    if not target_isr and not terms.elr_enabled:
        target_isr = now.isr  # without ELR the last member stays: nobody else is known to have every record
    change = PartitionChangeRecord(
        topic_id,
        number,
        isr=_news(target_isr, before.isr),
        elr=_news(target_elr, before.elr),
        last_known_elr=_news(last_known_leader(now, target_isr, elected.leader, terms), now.last_known_elr),
        leader=elected.leader if _loses_replicas(before, now) else _news(elected.leader, before.leader),
        leader_recovery_state=None if recovery_state is None else _news(recovery_state, now.leader_recovery_state),
        replicas=_news(now.replicas, before.replicas),
        adding_replicas=_news(now.adding_replicas, before.adding_replicas),
        removing_replicas=_news(now.removing_replicas, before.removing_replicas),
        observers=_news(now.observers, before.observers),
    )
    return None if change == (topic_id, number, *_NOTHING) else change


def _completed(now: PartitionRegistration, isr: tuple) -> tuple[PartitionRegistration, tuple]:
    """The partition with its target alone, if it is being reassigned and the whole target is in this ISR: but for its
    observers, nobody waits for those."""
    target = now.target_replicas
    if not now.reassigning or not all(replica in isr for replica in target if replica not in now.observers):
        return now, isr
    observers = tuple(replica for replica in now.observers if replica in target)
    done = now._replace(replicas=target, adding_replicas=(), removing_replicas=(), observers=observers)
    return done, tuple(replica for replica in isr if replica in target)


def _loses_replicas(before: PartitionRegistration, after: PartitionRegistration) -> bool:
    """Then the leader epoch rises even under the same leader, so that those who are out hear that they are."""
    return any(replica not in after.replicas for replica in before.replicas)


_NOTHING = (None,) * (len(PartitionChangeRecord._fields) - 2)


def _news(value: object, old: object) -> object:
    return None if value == old else value


def choose_leader(now: PartitionRegistration, isr: tuple, elr: tuple, terms: Terms) -> Elected:
    """The leader a partition should have with this ISR and ELR: in Kafka's order, which knows no "most caught up"."""

    def valid(replica: int) -> bool:
        trusted = replica in isr or (not isr and replica in elr)
        return trusted and terms.alive(replica)

    if terms.election == PREFERRED and valid(now.preferred_leader):
        return Elected(now.preferred_leader)
    if valid(now.leader):
        return Elected(now.leader)
    for replica in now.replicas:
        if valid(replica):
            return Elected(replica)
    if terms.elr_enabled and not isr and not elr and len(now.last_known_elr) == 1:
        last_leader = now.last_known_elr[0]
        if terms.alive(last_leader):
            return Elected(last_leader, clean=False)
    if terms.election == UNCLEAN:
        for replica in now.replicas:
            if terms.alive(replica):
                return Elected(replica, clean=False)
    return Elected(NO_LEADER)


def eligible_leader_replicas(now: PartitionRegistration, isr: tuple, terms: Terms) -> tuple:
    """The replicas outside this ISR that hold every committed record: the high watermark stands still while the ISR is
    below min ISR, so whoever leaves it then misses nothing, unless an unclean shutdown costs it the end of its log.
    """
    if not terms.elr_enabled or len(isr) >= terms.min_isr:
        return ()
    return tuple(
        replica
        for replica in now.replicas
        if (replica in now.elr or replica in now.isr) and replica not in isr and replica not in terms.unclean_shutdown
    )


def last_known_leader(now: PartitionRegistration, isr: tuple, leader: int, terms: Terms) -> tuple:
    """Who led last, kept while ISR and leader are gone: the best guess if nobody eligible comes back."""
    if not terms.elr_enabled:
        return now.last_known_elr
    if not isr and isr != now.isr:
        return (now.leader,)
    return now.last_known_elr if leader == NO_LEADER else ()


def effective_min_isr(min_insync_replicas: int, replicas: Sequence[int]) -> int:
    """min.insync.replicas, but never more than there are replicas."""
    return min(min_insync_replicas, len(replicas))
