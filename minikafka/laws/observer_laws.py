"""Laws of observers: nobody waits for them, they are in sync only when they are needed, and only when it is recorded.

Promises     each class states one law and when it holds. That a promoted observer has everything committed is the law
             of every member of an ISR, and not said again here.
Stands for   the rules of Confluent's documentation on observers, which has no specification to check.
Left out     which of several observers is promoted: that is not documented. Whether "caught up" was read rightly: B1 to
             B3 hold for any reading of it.
Differs      counts what each policy wants in its own words, and not with the rules it is to judge.
"""

from __future__ import annotations

import json
from typing import Any

from minikafka.events.governance import IsrRecorded, LeaderElected, PartitionWentOffline
from minikafka.events.observers import ObserversAssigned
from minikafka.events.replication import HighWatermarkAdvanced, IsrChanged
from minikafka.laws.pictured import PartitionPicture
from minikafka.laws.sight import KafkaLaw, Sight
from minikafka.protocol.names import TopicPartition
from minikafka.world.laws import Finding
from minikafka.world.world import World


class NobodyWaitsForAnObserver(KafkaLaw):
    """B1: an observer is not counted for the high watermark unless it is promoted, or about to be. Always."""

    KINDS = (HighWatermarkAdvanced,)

    def broken_by(self, place: str, event: HighWatermarkAdvanced) -> str | None:
        cluster = self.sight.picture.at(place)
        partition = cluster.partitions.get(event.partition)
        if partition is None or event.slowest not in partition.observers:
            return None
        maximal = cluster.replica(place, event.partition).advanced_under[1]
        if event.slowest in maximal:
            return None
        return (
            f"{place} committed {event.partition} only up to {event.new} because of the observer {event.slowest}, "
            f"which is not in the ISR {list(maximal)}"
        )


class ObserversAreInSyncOnlyWhenNeeded(KafkaLaw):
    """B2: an observer comes into a recorded ISR only as far as the policy of its topic wants more in sync; otherwise it
    is elected, alone, from the ELR or uncleanly. At the beginning none is in it. Always."""

    KINDS = (IsrRecorded, LeaderElected, ObserversAssigned)

    def __init__(self) -> None:
        super().__init__()
        self._recorded: dict[tuple[str, TopicPartition], tuple] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        cluster, tp = self.sight.picture.at(place), event.partition
        partition = cluster.partitions.get(tp)
        if partition is None:
            return None
        key = (cluster.name, tp)
        before = self._recorded.get(key, ())
        isr = self._recorded[key] = partition.isr
        gained = [member for member in isr if member in partition.observers and member not in before]
        alone = isinstance(event, LeaderElected) and tuple(isr) == (event.leader,)
        if isinstance(event, ObserversAssigned) and before:
            return None
        if not gained or alone:
            return None
        wanted = wanted_by_policy(self.sight, place, tp, partition)
        if len(isr) <= wanted:
            return None
        return (
            f"the observers {gained} of {tp} are in the recorded ISR {list(isr)}, of which {wanted} are wanted at most"
        )


class PromotionsAreRecordedFirst(KafkaLaw):
    """B3: where there are observers, a leader counts with an ISR, promoted observers and all, only once a majority of
    the controllers has exactly that ISR recorded under that partition epoch. Always; inferred, as for every ISR."""

    KINDS = (IsrRecorded, LeaderElected, PartitionWentOffline, IsrChanged)

    def __init__(self) -> None:
        super().__init__()
        self._recorded: dict[tuple[str, TopicPartition], tuple[int, tuple]] = {}

    def broken_by(self, place: str, event: Any) -> str | None:
        key = (self.cluster_of(place), event.partition)
        if not isinstance(event, IsrChanged):
            self._recorded[key] = (event.partition_epoch, tuple(event.isr))
            return None
        partition = self.sight.picture.at(place).partitions.get(event.partition)
        if partition is None or not partition.observers:
            return None
        epoch, isr = self._recorded.get(key, (partition.partition_epoch, partition.isr))
        if event.partition_epoch < epoch or (event.partition_epoch, tuple(event.isr)) == (epoch, isr):
            return None
        return (
            f"{place} counts with the ISR {list(event.isr)} of {event.partition} under partition epoch "
            f"{event.partition_epoch}, but recorded is {list(isr)} under partition epoch {epoch}"
        )


def wanted_by_policy(sight: Sight, place: str, tp: TopicPartition, partition: PartitionPicture) -> int:
    """So many may be in sync if some of them are observers, by the constraint as it is recorded now."""
    image = sight.machines[place].process.image
    constraint = json.loads(image.topic_config(tp.topic).get("confluent.placement.constraints") or "{}")
    policy = "leader-is-observer"
    if constraint.get("version") == 2:
        policy = constraint.get("observerPromotionPolicy", "under-min-isr")
    min_isr, sync = sight.history(place, tp).min_isr, len(partition.replicas) - len(partition.observers)
    leads = max(min_isr, sync) if partition.leader in partition.observers else 0
    return {"under-min-isr": min_isr, "under-replicated": sync, "leader-is-observer": leads}[policy]


def observers_step_back(world: World) -> list[Finding]:
    """L12: at rest, with all sync replicas in the ISR, no observer is in it but one that leads."""
    found, sight = [], Sight.of(world)
    for cluster in sight.picture.clusters.values():
        for tp, partition in cluster.partitions.items():
            sync = [replica for replica in partition.replicas if replica not in partition.observers]
            extra = [one for one in partition.isr if one in partition.observers and one != partition.leader]
            if extra and all(replica in partition.isr for replica in sync):
                if len(partition.isr) > wanted_by_policy(sight, cluster.controller, tp, partition):
                    why = f"the observers {extra} are still in the ISR {list(partition.isr)}"
                    found.append(Finding("stuck", str(tp), why))
    return found


OBSERVER_LAWS = (NobodyWaitsForAnObserver, ObserversAreInSyncOnlyWhenNeeded, PromotionsAreRecordedFirst)
