"""Which value of a setting is in force: who has the last word.

Promises     the order is Kafka's: the topic's own value, one broker's at run time, all brokers' at run time, the
             broker's file, the default.
Stands for   KafkaConfigSchema.resolveEffectiveTopicConfig, ConfigHelper, DynamicBrokerConfig.
Left out     nothing of that order.
Differs      the controller takes its own file for the brokers' where no value was given at run time, as in Kafka, but
             all of a cluster's files agree here.
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.metadata.image import ClusterImage
from minikafka.protocol.config_requests import ConfigSource, ConfigSynonym
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import TOPIC, TWINS, topic_config

NO_BROKER = -1


def broker_settings(static: Mapping, image: ClusterImage, broker_id: int = NO_BROKER) -> dict[str, object]:
    """The settings of a broker as they are now (NO_BROKER: of all brokers)."""
    return {**static, **image.cluster_config(), **image.broker_config(broker_id)}


def topic_settings(static: Mapping, image: ClusterImage, topic: str, broker_id: int = NO_BROKER) -> Config:
    """The settings of a topic as they are now, on this broker."""
    return topic_config(broker_settings(static, image, broker_id), image.topic_config(topic))


def broker_sources(static: Config, image: ClusterImage, name: str, broker_id: int) -> list[ConfigSynonym]:
    """Every place that gives this setting of a broker a value, strongest first."""
    places = (
        (image.broker_config(broker_id), ConfigSource.DYNAMIC_BROKER_CONFIG),
        (image.cluster_config(), ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG),
        (static.overrides, ConfigSource.STATIC_BROKER_CONFIG),
        (static.table.defaults, ConfigSource.DEFAULT_CONFIG),
    )
    return [ConfigSynonym(name, values[name], source) for values, source in places if name in values]


def topic_sources(static: Config, image: ClusterImage, topic: str, name: str, broker_id: int) -> list[ConfigSynonym]:
    """Every place that gives this setting of a topic a value, strongest first."""
    own = image.topic_config(topic)
    found = [ConfigSynonym(name, own[name], ConfigSource.DYNAMIC_TOPIC_CONFIG)] if name in own else []
    if name in TWINS:
        return found + broker_sources(static, image, TWINS[name], broker_id)
    return [*found, ConfigSynonym(name, TOPIC.defaults[name], ConfigSource.DEFAULT_CONFIG)]
