"""The cluster as of fact N.

Promises     an image never changes; the same facts give the same image, on the controller and on every broker.
Stands for   MetadataImage and MetadataDelta.
Left out     snapshots: an image is always built from the whole log.
Differs      one `apply` where Kafka has a replay method for each record and each manager; copies dicts once a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from minikafka.metadata import facts as kinds
from minikafka.metadata.registrations import BrokerRegistration, PartitionRegistration, TopicImage
from minikafka.protocol.access_rules import AccessRule
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.scram import Credential


class ClusterImage(NamedTuple):
    """What a cluster knows about itself once the fact at `offset` is applied (-1: nothing yet)."""

    offset: int = -1
    brokers: Mapping[int, BrokerRegistration] = {}
    topics: Mapping[str, TopicImage] = {}
    topic_names: Mapping[str, str] = {}
    configs: Mapping[tuple[str, str], Mapping[str, object]] = {}
    features: Mapping[str, int] = {}
    next_producer_id: int = 0
    access_rules: Mapping[str, AccessRule] = {}
    credentials: Mapping[tuple[str, str], Credential] = {}

    def topic_by_id(self, topic_id: str) -> TopicImage | None:
        """The topic with this id, None if there is none (any more)."""
        name = self.topic_names.get(topic_id)
        return None if name is None else self.topics[name]

    def partition(self, which: TopicPartition) -> PartitionRegistration | None:
        """The registration of a partition, None if it does not exist."""
        name, number = which
        topic = self.topics.get(name)
        if topic is None or not 0 <= number < len(topic.partitions):
            return None
        return topic.partitions[number]

    def partitions(self) -> Iterable[tuple[TopicImage, int, PartitionRegistration]]:
        """Every partition of every topic, with its topic and its number, in order of creation."""
        for topic in self.topics.values():
            for number, partition in enumerate(topic.partitions):
                yield topic, number, partition

    def alive(self, broker_id: int) -> bool:
        """Registered, unfenced and not shutting down."""
        broker = self.brokers.get(broker_id)
        return broker is not None and broker.alive

    def racks(self) -> dict[int, str]:
        """The rack of each registered broker, "" if it has none."""
        return {broker.id: broker.rack for broker in self.brokers.values()}

    def topic_config(self, name: str) -> Mapping[str, object]:
        """The settings that were given to this topic itself."""
        return self.configs.get((kinds.TOPIC, name), {})

    def cluster_config(self) -> Mapping[str, object]:
        """The settings that were given to all brokers at run time."""
        return self.configs.get((kinds.BROKER, ""), {})

    def broker_config(self, broker_id: int) -> Mapping[str, object]:
        """The settings that were given to this one broker at run time."""
        return self.configs.get((kinds.BROKER, str(broker_id)), {})

    def apply(self, facts: Iterable[NamedTuple], offset: int) -> ClusterImage:
        """The image after these facts too; `offset` is that of the last of them."""
        draft = _Draft(self)
        for fact in facts:
            _APPLY[type(fact)](draft, fact)
        return draft.image(offset)


class _Draft:
    """The dicts of the image to be, each copied when it is first written to."""

    def __init__(self, image: ClusterImage):
        self.before = image
        self.fields = {}
        self.partitions = {}

    def writable(self, field: str) -> dict:
        if field not in self.fields:
            self.fields[field] = dict(getattr(self.before, field))
        return self.fields[field]

    def partition_list(self, topic_id: str) -> list:
        if topic_id not in self.partitions:
            names = self.fields.get("topic_names", self.before.topic_names)
            topics = self.fields.get("topics", self.before.topics)
            self.partitions[topic_id] = list(topics[names[topic_id]].partitions)
        return self.partitions[topic_id]

    def image(self, offset: int) -> ClusterImage:
        if self.partitions:
            topics = self.writable("topics")
            names = self.fields.get("topic_names", self.before.topic_names)
            for topic_id, partitions in self.partitions.items():
                name = names[topic_id]
                topics[name] = topics[name]._replace(partitions=tuple(partitions))
        return self.before._replace(offset=offset, **self.fields)


def _register_broker(draft: _Draft, fact: kinds.RegisterBrokerRecord) -> None:
    draft.writable("brokers")[fact.broker_id] = BrokerRegistration(*fact)


def _change_broker(draft: _Draft, fact: kinds.BrokerRegistrationChangeRecord) -> None:
    brokers = draft.writable("brokers")
    brokers[fact.broker_id] = brokers[fact.broker_id].merge(fact)


def _add_topic(draft: _Draft, fact: kinds.TopicRecord) -> None:
    draft.writable("topics")[fact.name] = TopicImage(fact.name, fact.topic_id, ())
    draft.writable("topic_names")[fact.topic_id] = fact.name


def _remove_topic(draft: _Draft, fact: kinds.RemoveTopicRecord) -> None:
    name = draft.writable("topic_names").pop(fact.topic_id)
    draft.writable("topics").pop(name)
    draft.partitions.pop(fact.topic_id, None)
    draft.writable("configs").pop((kinds.TOPIC, name), None)


def _add_partition(draft: _Draft, fact: kinds.PartitionRecord) -> None:
    partitions = draft.partition_list(fact.topic_id)
    assert fact.partition == len(partitions), f"partition {fact.partition} follows {len(partitions)} partitions"
    partitions.append(PartitionRegistration.of(fact))


def _change_partition(draft: _Draft, fact: kinds.PartitionChangeRecord) -> None:
    partitions = draft.partition_list(fact.topic_id)
    partitions[fact.partition] = partitions[fact.partition].merge(fact)


def _configure(draft: _Draft, fact: kinds.ConfigRecord) -> None:
    configs = draft.writable("configs")
    resource = (fact.resource_type, fact.resource_name)
    settings = dict(configs.get(resource, {}))
    if fact.value is None:
        settings.pop(fact.name, None)
    else:
        settings[fact.name] = fact.value
    configs[resource] = settings


def _set_feature(draft: _Draft, fact: kinds.FeatureLevelRecord) -> None:
    draft.writable("features")[fact.name] = fact.level


def _hand_out_producer_ids(draft: _Draft, fact: kinds.ProducerIdsRecord) -> None:
    draft.fields["next_producer_id"] = fact.next_producer_id


def _add_rule(draft: _Draft, fact: kinds.AccessControlEntryRecord) -> None:
    draft.writable("access_rules")[fact.rule_id] = AccessRule(*fact[1:])


def _remove_rule(draft: _Draft, fact: kinds.RemoveAccessControlEntryRecord) -> None:
    draft.writable("access_rules").pop(fact.rule_id)


def _set_credential(draft: _Draft, fact: kinds.UserScramCredentialRecord) -> None:
    draft.writable("credentials")[fact.name, fact.mechanism] = Credential(*fact[2:])


def _remove_credential(draft: _Draft, fact: kinds.RemoveUserScramCredentialRecord) -> None:
    draft.writable("credentials").pop((fact.name, fact.mechanism))


_APPLY = {
    kinds.RegisterBrokerRecord: _register_broker,
    kinds.BrokerRegistrationChangeRecord: _change_broker,
    kinds.TopicRecord: _add_topic,
    kinds.RemoveTopicRecord: _remove_topic,
    kinds.PartitionRecord: _add_partition,
    kinds.PartitionChangeRecord: _change_partition,
    kinds.ConfigRecord: _configure,
    kinds.FeatureLevelRecord: _set_feature,
    kinds.ProducerIdsRecord: _hand_out_producer_ids,
    kinds.AccessControlEntryRecord: _add_rule,
    kinds.RemoveAccessControlEntryRecord: _remove_rule,
    kinds.UserScramCredentialRecord: _set_credential,
    kinds.RemoveUserScramCredentialRecord: _remove_credential,
}
