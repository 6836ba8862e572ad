"""How the leader of a partition sees each replica, and the numbers it reports about them.

Promises     the leader's own book, as it stands now: nothing is asked of the other replicas. Without a leader that runs
             there is no status, and every number is 0.
Stands for   kafka-replica-status, and the metrics kafka.cluster:type=Partition of Confluent Server.
Left out     mirror topics, --json, several topics at once.
Differs      the tool asks over the network; here the leader's book is opened. Times are whole milliseconds. The columns
             and metrics are documented by name; that IsCaughtUp goes by replica.lag.time.max.ms, for observers, too,
             and that IsIsrEligible means a sync replica or a promoted observer, is inferred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from minikafka.broker.replica import NEVER

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition
    from minikafka.broker.replica import Replica
    from minikafka.deploy.cluster import Cluster

NEVER_MS = -1
"""What stands where the leader has never heard of a replica."""


class ReplicaStatus(NamedTuple):
    """One replica, in the tool's columns; lags in ms."""

    replica: int
    is_leader: bool
    is_observer: bool
    is_isr_eligible: bool
    is_in_isr: bool
    is_caught_up: bool
    last_caught_up_lag_ms: int
    last_fetch_lag_ms: int
    log_start_offset: int
    log_end_offset: int


HEADINGS = ("Replica", "IsLeader", "IsObserver", "IsIsrEligible", "IsInIsr", "IsCaughtUp", "LastCaughtUpLagMs",
            "LastFetchLagMs", "LogStartOffset", "LogEndOffset")  # fmt: skip


def replica_status(cluster: Cluster, partition: Any) -> list[ReplicaStatus]:
    """A row for each replica, in the order of the replica list; none while no leader runs."""
    book = leaders_book(cluster, partition)
    return [] if book is None else [_status(book, broker, cluster.world.now) for broker in book.assignment]


def status_table(cluster: Cluster, partition: Any) -> str:
    """The same as text."""
    rows = [HEADINGS, *([str(cell).lower() if isinstance(cell, bool) else str(cell) for cell in row]
                        for row in replica_status(cluster, partition))]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def partition_metrics(cluster: Cluster, partition: Any) -> dict[str, int]:
    """What the leader's broker reports of a partition, by the metrics' names."""
    rows = replica_status(cluster, partition)
    return {
        "ReplicasCount": len(rows),
        "ObserverReplicasCount": sum(row.is_observer for row in rows),
        "InSyncReplicasCount": sum(row.is_in_isr for row in rows),
        "CaughtUpReplicasCount": sum(row.is_caught_up for row in rows),
        "IsNotCaughtUp": int(not all(row.is_caught_up for row in rows)),
        "ObserversInIsrCount": sum(row.is_observer and row.is_in_isr for row in rows),
    }


def leaders_book(cluster: Cluster, partition: Any) -> Partition | None:
    """The partition on the broker that is recorded as its leader, if it runs and leads."""
    leader = cluster.leader(partition)
    book = None if leader is None else cluster.replicas(partition).get(leader.id)
    return book if book is not None and book.is_leader else None


def _status(book: Partition, broker: int, now: int) -> ReplicaStatus:
    in_isr, observer = broker in book.isr_state.isr, broker in book.observers
    eligible = in_isr or not observer
    if broker == book.around.broker_id:
        log = book.log
        return ReplicaStatus(broker, True, observer, eligible, in_isr, True, 0, 0, log.log_start_offset,
                             log.log_end_offset)  # fmt: skip
    replica = book.replicas[broker]
    caught_up = replica.is_caught_up(book.log.log_end_offset, now, book.around.longest_lag)
    lag = 0 if replica.log_end_offset == book.log.log_end_offset else _ms_since(replica.last_caught_up, now)
    fetch_lag = _ms_since(_last_fetch(replica), now)
    return ReplicaStatus(broker, False, observer, eligible, in_isr, caught_up, lag, fetch_lag,
                         replica.log_start_offset, replica.log_end_offset)  # fmt: skip


def _last_fetch(replica: Replica) -> int:
    return max(replica.last_fetch_time, NEVER if replica.visits is None else replica.visits.last_visit)


def _ms_since(moment: int, now: int) -> int:
    return NEVER_MS if moment < 0 else (now - moment) // 1000
