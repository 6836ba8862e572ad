"""Metadata: the cluster as this broker knows it.

Promises     every topic asked for is answered for, with an error of its own if it is not there or has no leader; it is
             described anew only when it or a broker has changed, as a thousand clients may ask for a thousand
             partitions.
Stands for   KafkaApis.handleTopicMetadataRequest, KRaftMetadataCache.
Left out     creating topics by asking for them (auto.create.topics.enable), authorized operations.
Differs      the controller named is the broker that answers: every broker forwards what is the controller's (Kafka:
             any of them).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from minikafka.metadata.image import ClusterImage, TopicImage
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.client_requests import (
    MetadataBroker,
    MetadataPartition,
    MetadataRequest,
    MetadataResponse,
    MetadataTopic,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import NO_LEADER, check_topic_name

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker


async def metadata(broker: Broker, request: MetadataRequest, caller: str) -> MetadataResponse:
    """Brokers that are alive, and the topics asked for (None: all)."""
    image = broker.image
    names = list(image.topics) if request.topics is None else request.topics
    brokers = [MetadataBroker(one.id, one.address, one.rack or "") for one in image.brokers.values() if one.alive]
    topics = [broker.descriptions.of(image, name) for name in names]
    return MetadataResponse(broker.cluster_name, broker.broker_id, brokers, topics)


class Descriptions:
    """How each topic was described last, and of which state of it and of the brokers."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[Mapping, TopicImage, MetadataTopic]] = {}

    def of(self, image: ClusterImage, name: str) -> MetadataTopic:
        """A topic with its partitions; UNKNOWN_TOPIC_OR_PARTITION or INVALID_TOPIC_EXCEPTION if there is none."""
        topic = image.topics.get(name)
        if topic is None:
            return not_there(name)
        brokers, described, told = self._told.get(name, (None, None, None))
        if brokers is not image.brokers or described is not topic:
            partitions = [describe_partition(image, number, one) for number, one in enumerate(topic.partitions)]
            told = MetadataTopic(Error.NONE, name, topic.id, partitions)
            self._told[name] = (image.brokers, topic, told)
        return told


def not_there(name: str) -> MetadataTopic:
    """The answer for a topic that does not exist, or cannot."""
    try:
        check_topic_name(name)
    except KafkaError as invalid:
        return MetadataTopic(invalid.error, name, "", [])
    return MetadataTopic(Error.UNKNOWN_TOPIC_OR_PARTITION, name, "", [])


def describe_partition(image: ClusterImage, number: int, partition: PartitionRegistration) -> MetadataPartition:
    """A partition; LEADER_NOT_AVAILABLE while it has no leader that is alive."""
    led = image.alive(partition.leader)
    offline = [replica for replica in partition.replicas if not image.alive(replica)]
    return MetadataPartition(
        Error.NONE if led else Error.LEADER_NOT_AVAILABLE,
        number,
        partition.leader if led else NO_LEADER,
        partition.leader_epoch,
        list(partition.replicas),
        list(partition.isr),
        offline,
    )
