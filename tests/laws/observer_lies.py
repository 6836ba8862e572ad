"""For every law about observers a lie that breaks it."""

from __future__ import annotations

from small_world import TP, SmallWorld

from minikafka.events.observers import ObserversAssigned
from minikafka.events.replication import HighWatermarkAdvanced, IsrChanged
from minikafka.laws import observer_laws


def three_observes(small: SmallWorld) -> None:
    """Say that broker 3 is an observer."""
    small.tell(0, ObserversAssigned(TP, (1, 2, 3), (3,), "under-min-isr"))


def a_commit_that_waits_for_an_observer(small: SmallWorld) -> None:
    three_observes(small)
    small.tell(1, IsrChanged(TP, (1, 2), small.partition(1).partition_epoch))
    offset = small.append(1, "only here")
    small.tell(1, HighWatermarkAdvanced(TP, offset, offset + 1, 3))


def a_promotion_that_nobody_recorded(small: SmallWorld) -> None:
    three_observes(small)
    small.tell(1, IsrChanged(TP, (1, 3), small.partition(1).partition_epoch + 1))


OBSERVER_LIES = {
    observer_laws.NobodyWaitsForAnObserver: a_commit_that_waits_for_an_observer,
    observer_laws.ObserversAreInSyncOnlyWhenNeeded: three_observes,
    observer_laws.PromotionsAreRecordedFirst: a_promotion_that_nobody_recorded,
}
"""The lie that breaks each law."""
