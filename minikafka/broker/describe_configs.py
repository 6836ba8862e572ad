"""DescribeConfigs: the settings in force, as this broker goes by them, and where each comes from.

Promises     a topic's settings are told by any broker, a broker's only by itself; a value that was given at run time is
             told as soon as this broker has applied it.
Stands for   ConfigHelper.describeConfigs.
Left out     loggers, secret values, documentation.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from minikafka.metadata.effective_config import NO_BROKER, broker_sources, topic_sources
from minikafka.protocol.broker_settings import BROKER, DYNAMIC
from minikafka.protocol.config_requests import (
    BROKER_RESOURCE,
    TOPIC_RESOURCE,
    ConfigSource,
    ConfigSynonym,
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
    DescribedConfig,
    DescribedResource,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.settings import Table
from minikafka.protocol.topic_settings import TOPIC

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker


async def describe_configs(broker: Broker, request: DescribeConfigsRequest, caller: str) -> DescribeConfigsResponse:
    """Each resource with its settings, or why they cannot be told."""
    return DescribeConfigsResponse([_described(broker, row) for row in request.resources])


def _described(broker: Broker, row: DescribeConfigsResource) -> DescribedResource:
    try:
        return DescribedResource(*row[:2], Error.NONE, None, settings_of(broker, row))
    except KafkaError as refusal:
        return DescribedResource(*row[:2], refusal.error, refusal.sentence, [])


def settings_of(broker: Broker, row: DescribeConfigsResource) -> list[DescribedConfig]:
    """The settings of one resource; UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST, or INVALID_CONFIG for a name."""
    name, image = row.resource_name, broker.image
    if row.resource_type == TOPIC_RESOURCE:
        if name not in image.topics:
            raise KafkaError(Error.UNKNOWN_TOPIC_OR_PARTITION, f"topic {name} does not exist; check its name")

        def of_topic(setting: str) -> list[ConfigSynonym]:
            return topic_sources(broker.config, image, name, setting, broker.broker_id)

        return _list(TOPIC, row.names, of_topic, TOPIC)
    if row.resource_type != BROKER_RESOURCE:
        raise KafkaError(Error.INVALID_REQUEST, f"resource type {row.resource_type} has no settings here; use 2 or 4")
    if not name:

        def of_all_brokers(setting: str) -> list[ConfigSynonym]:
            sources = broker_sources(broker.config, image, setting, NO_BROKER)
            return [one for one in sources if one.source == ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG]

        return _list(BROKER, row.names or list(image.cluster_config()), of_all_brokers, DYNAMIC)
    if name != str(broker.broker_id):
        raise KafkaError(
            Error.INVALID_REQUEST, f"this is broker {broker.broker_id}, which cannot tell the settings of {name!r}"
        )

    def of_broker(setting: str) -> list[ConfigSynonym]:
        return broker_sources(broker.config, image, setting, broker.broker_id)

    return _list(BROKER, row.names, of_broker, DYNAMIC)


def _list(
    table: Table, names: list[str] | None, sources_of: Callable[[str], list[ConfigSynonym]], changeable: Container[str]
) -> list[DescribedConfig]:
    """The settings of these names (None: all of the table) that some source gives a value; the first source counts."""
    found = []
    for name in sorted(table) if names is None else names:
        sources = sources_of(table[name].name)
        if sources:
            found.append(DescribedConfig(name, sources[0].value, sources[0].source, name not in changeable, sources))
    return found
