"""The fetchers of a broker: one for each leader broker from which it follows something.

Promises     a partition is carried by at most one fetcher, and by none while this broker leads it or nobody does.
Stands for   AbstractFetcherManager and ReplicaFetcherManager.
Left out     several fetchers for one leader (num.replica.fetchers).
Differs      nothing.
"""

from __future__ import annotations

from minikafka.broker.follower import Fetcher
from minikafka.broker.leader_endpoint import LeaderEndpoint
from minikafka.broker.partition import Partition
from minikafka.broker.surroundings import Surroundings
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.settings import Config
from minikafka.world.machine import Machine


class FetcherManager:
    """`fetchers` by the id of the leader broker."""

    def __init__(self, machine: Machine, around: Surroundings, config: Config):
        self.machine = machine
        self.around = around
        self.config = config
        self.fetchers: dict[int, Fetcher] = {}
        self._carriers: dict[TopicPartition, Fetcher] = {}

    def follow(self, partition: Partition) -> None:
        """Fetch this partition from its leader, beginning anew; a leader that is not known is not fetched from."""
        self.unfollow(partition.tp)
        leader = self.around.brokers.get(partition.leader)
        if leader is None:
            return
        fetcher = self.fetchers.get(leader.id)
        if fetcher is None:
            endpoint = LeaderEndpoint(self.machine, leader.address, self.around, self.config)
            fetcher = self.fetchers[leader.id] = Fetcher(self.machine, leader.id, endpoint, self.config)
        fetcher.add(partition)
        self._carriers[partition.tp] = fetcher

    def unfollow(self, tp: TopicPartition) -> None:
        """Fetch this partition no more."""
        fetcher = self._carriers.pop(tp, None)
        if fetcher is not None:
            fetcher.remove(tp)

    def stop_idle(self) -> None:
        """Stop the fetchers that have nothing left to carry."""
        busy = dict.fromkeys(fetcher.leader_id for fetcher in self._carriers.values())
        for leader_id in list(self.fetchers):
            if leader_id not in busy:
                self.fetchers.pop(leader_id).stop()

    def stop_all(self) -> None:
        """Follow nothing any more."""
        for fetcher in self.fetchers.values():
            fetcher.stop()
        self.fetchers.clear()
        self._carriers.clear()
