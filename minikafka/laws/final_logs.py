"""What is in the logs when all is over: the view of somebody who reads every partition of every cluster from its
leader.

Promises     the records of each partition's true leader, in order; a partition without a leader is left out.
Stands for   the final reads of Jepsen's Kafka workload.
Left out     -
Differs      reads the leader's disk and asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minikafka.laws.partition_history import PartitionHistory
from minikafka.laws.sight import Sight
from minikafka.log.partition_log import PartitionLog
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader
from minikafka.protocol.records import Record, records_of
from minikafka.world.world import World


class FinalLog(NamedTuple):
    """One partition at the end: where its leader is, the leader's log, and the partition's history."""

    cluster: str
    tp: TopicPartition
    place: str
    log: PartitionLog
    history: PartitionHistory

    def records(self) -> Iterator[tuple[BatchHeader, Record]]:
        """Every record with its batch, from the log start on; markers are none."""
        for segment in self.log.segments:
            data = self.log.disk.read(segment.path)
            for header in segment.headers:
                for record in [] if header.is_control else records_of(data, header):
                    yield header, record


def final_logs(world: World) -> list[FinalLog]:
    """The log of every partition that has a leader."""
    sight, found = Sight.of(world), []
    for cluster in sight.picture.clusters.values():
        for tp in cluster.partitions:
            leader = cluster.true_leader(tp)
            log = None if leader is None else sight.log(leader.place, tp)
            if leader is not None and log is not None:
                found.append(FinalLog(cluster.name, tp, leader.place, log, sight.history(leader.place, tp)))
    return found
