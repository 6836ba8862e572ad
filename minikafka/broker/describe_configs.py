"""DescribeConfigs: the settings in force, as this broker goes by them, and where each comes from.

Promises     a topic's settings are told by any broker, a broker's only by itself; a value that was given at run time is
             told as soon as this broker has applied it.
Stands for   ConfigHelper.describeConfigs.
Left out     loggers, secret values, documentation.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Callable
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
        return _list(TOPIC, row.names, lambda setting: topic_sources(broker.config, image, name, setting,
                                                                     broker.broker_id), TOPIC)  # fmt: skip
    if row.resource_type != BROKER_RESOURCE:
        raise KafkaError(Error.INVALID_REQUEST, f"resource type {row.resource_type} has no settings here; use 2 or 4")
    if not name:
        return _list(BROKER, row.names or list(image.cluster_config()), lambda setting: [
            one for one in broker_sources(broker.config, image, setting, NO_BROKER)
            if one.source == ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
        ], DYNAMIC)  # fmt: skip
    if name != str(broker.broker_id):
        raise KafkaError(
            Error.INVALID_REQUEST, f"this is broker {broker.broker_id}, which cannot tell the settings of {name!r}"
        )
    return _list(BROKER, row.names, lambda setting: broker_sources(broker.config, image, setting, broker.broker_id),
                 DYNAMIC)  # fmt: skip


def _list(
    table: object, names: list[str] | None, sources_of: Callable[[str], list[ConfigSynonym]], changeable: object
) -> list[DescribedConfig]:
    found = []
    for name in sorted(table) if names is None else names:
        sources = sources_of(table[name].name)
        if sources:
            found.append(DescribedConfig(name, sources[0].value, sources[0].source, name not in changeable, sources))
    return found
