"""The replicas of a broker: found for requests, and given their roles as the metadata says.

Promises     what the metadata log says of a partition is applied once, in order; a deleted partition's log is gone.
Stands for   kafka.server.ReplicaManager (getPartitionOrException, applyDelta).
Left out     offline log directories, moves between directories.
Differs      settings come before roles, so that who begins to lead commits by today's; Kafka gives the roles first.
"""

from __future__ import annotations

from minikafka.broker.fetcher_manager import FetcherManager
from minikafka.broker.log_store import LogStore
from minikafka.broker.partition import Partition
from minikafka.broker.surroundings import Surroundings
from minikafka.events.replication import ReplicaRemoved
from minikafka.metadata.delta import PartitionDelta, partition_deltas
from minikafka.metadata.effective_config import topic_settings
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import NO_EPOCH, NO_LEADER, TopicPartition
from minikafka.protocol.settings import Config


class ReplicaManager:
    """`partitions` are those of which this broker holds a replica; `image` is the metadata they were made from."""

    def __init__(self, store: LogStore, fetchers: FetcherManager, around: Surroundings, config: Config):
        self.store = store
        self.fetchers = fetchers
        self.around = around
        self.config = config
        self.image = ClusterImage()
        self.partitions: dict[TopicPartition, Partition] = {}

    # -- for requests ---------------------------------------------------------------------------------------------

    def find(self, topic: str, number: int, topic_id: str = "") -> Partition:
        """The replica of this partition.

        UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION; NOT_LEADER_OR_FOLLOWER if it exists, but elsewhere.
        """
        partition = self.partitions.get((topic, number))
        if partition is not None and (not topic_id or topic_id == partition.topic_id):
            return partition
        if topic_id and self.image.topic_by_id(topic_id) is None:
            raise KafkaError(
                Error.UNKNOWN_TOPIC_ID, f"no topic {topic} has the id {topic_id} (any more); refresh the metadata"
            )
        if self.image.partition(TopicPartition(topic, number)) is None:
            raise KafkaError(
                Error.UNKNOWN_TOPIC_OR_PARTITION,
                f"this broker knows no {topic}-{number}; create the topic, or ask again when the news has spread",
            )
        raise KafkaError(
            Error.NOT_LEADER_OR_FOLLOWER,
            f"broker {self.around.broker_id} holds no replica of {topic}-{number}; refresh the metadata",
        )

    def current_leader(self, topic: str, number: int) -> tuple[int, int]:
        """(leader, leader epoch) as far as this broker knows, (-1, -1) if it does not."""
        registration = self.image.partition(TopicPartition(topic, number))
        return (NO_LEADER, NO_EPOCH) if registration is None else (registration.leader, registration.leader_epoch)

    # -- as the metadata says -------------------------------------------------------------------------------------

    def apply(self, image: ClusterImage, now: int) -> None:
        """Take the cluster as it is now: new roles, new replicas, gone replicas."""
        before, self.image = self.image, image
        self.around.brokers = image.brokers
        if before.configs is not image.configs:
            self._reconfigure(before, now)
        for delta in partition_deltas(before, image):
            self._apply_one(delta, now)
        self.fetchers.stop_idle()

    def _reconfigure(self, before: ClusterImage, now: int) -> None:
        """Give every partition whose settings have changed its new ones."""
        image, me = self.image, self.around.broker_id
        everybodys, mine = before.cluster_config(), before.broker_config(me)
        for_all = everybodys != image.cluster_config() or mine != image.broker_config(me)
        for partition in self.partitions.values():
            topic = image.topic_by_id(partition.topic_id)
            if topic is not None and (for_all or before.topic_config(topic.name) != image.topic_config(topic.name)):
                partition.reconfigure(topic_settings(self.config, image, topic.name, me), now)

    def remove_strays(self) -> None:
        """After the first image: delete the logs of partitions that were deleted while this broker was down."""
        for tp in [tp for tp in self.store.logs if tp not in self.partitions]:
            self.around.record(ReplicaRemoved(tp, "it is not assigned to this broker any more"))
            self.store.delete(tp)

    def _apply_one(self, delta: PartitionDelta, now: int) -> None:
        tp, registration = delta.partition, delta.after
        partition = self.partitions.get(tp)
        if registration is None or self.around.broker_id not in registration.replicas:
            if partition is not None and partition.topic_id == delta.topic_id:
                why = "its topic was deleted" if registration is None else "its replicas are elsewhere"
                self._remove(partition, why)
            return
        if partition is None:
            partition = self.partitions[tp] = self._new_partition(tp, delta.topic_id, now)
        self.give_role(partition, registration, now)

    def give_role(self, partition: Partition, registration: PartitionRegistration, now: int) -> None:
        """Lead, follow, or wait for a leader, as registered."""
        if registration.leader == self.around.broker_id:
            self.fetchers.unfollow(partition.tp)
            partition.become_leader(registration, now)
        elif registration.leader == NO_LEADER:
            self.fetchers.unfollow(partition.tp)
            partition.go_offline(registration)
        elif partition.become_follower(registration):
            self.fetchers.follow(partition)

    def _new_partition(self, tp: TopicPartition, topic_id: str, now: int) -> Partition:
        settings = topic_settings(self.config, self.image, tp.topic, self.around.broker_id)
        log = self.store.log_for(tp, topic_id, settings, now)
        return Partition(tp, topic_id, log, settings, self.around)

    def _remove(self, partition: Partition, why: str) -> None:
        self.fetchers.unfollow(partition.tp)
        del self.partitions[partition.tp]
        partition.retire(why)
        self.store.delete(partition.tp)
