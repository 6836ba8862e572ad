"""What an administrator asks about settings at run time: change them, describe them.

Promises     each resource named gets an answer of its own; a described setting tells where its value comes from, and
             what it would be if that were taken away.
Stands for   the IncrementalAlterConfigs and DescribeConfigs messages, ConfigResource.Type, AlterConfigOp.OpType and
             DescribeConfigsResponse.ConfigSource.
Left out     the operations APPEND and SUBTRACT, the older AlterConfigs, loggers, documentation, secret values.
Differs      values travel in their own type (30000, not "30000").
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

TOPIC_RESOURCE = 2
BROKER_RESOURCE = 4
"""What is configured. A broker resource with the name "" is the default of all brokers."""

SET = 0
DELETE = 1
"""What to do with a setting: give it a value, or take the value away again."""


class ConfigSource(IntEnum):
    """Where a value comes from: the smaller the number, the stronger."""

    DYNAMIC_TOPIC_CONFIG = 1
    DYNAMIC_BROKER_CONFIG = 2
    DYNAMIC_DEFAULT_BROKER_CONFIG = 3
    STATIC_BROKER_CONFIG = 4
    DEFAULT_CONFIG = 5


class AlterableConfig(NamedTuple):
    """One setting to change; with DELETE the value is None."""

    name: str
    operation: int
    value: object


class AlterConfigsResource(NamedTuple):
    """A topic or broker, and what shall change about it: all of it or nothing."""

    resource_type: int
    resource_name: str
    configs: list
    NESTED = {"configs": AlterableConfig}


class AlteredResource(NamedTuple):
    """Done, or why not."""

    resource_type: int
    resource_name: str
    error: int
    message: str | None


class IncrementalAlterConfigsResponse(NamedTuple):
    """One answer for each resource."""

    resources: list
    NESTED = {"resources": AlteredResource}


class IncrementalAlterConfigsRequest(NamedTuple):
    """Change these settings and leave all others; `validate_only` checks and changes nothing."""

    resources: list
    validate_only: bool
    API = 44
    NESTED = {"resources": AlterConfigsResource}
    Response = IncrementalAlterConfigsResponse

    def refused(self, error: int, message: str) -> IncrementalAlterConfigsResponse:
        """The answer in which every resource has this error."""
        return self.Response([AlteredResource(row.resource_type, row.resource_name, error, message)
                              for row in self.resources])  # fmt: skip


class ConfigSynonym(NamedTuple):
    """A place where the setting has a value, under the name it has there."""

    name: str
    value: object
    source: int


class DescribedConfig(NamedTuple):
    """A setting, the value in force, and all places that give it one, strongest first."""

    name: str
    value: object
    source: int
    read_only: bool
    synonyms: list
    NESTED = {"synonyms": ConfigSynonym}


class DescribeConfigsResource(NamedTuple):
    """What to describe; `names` None: every setting."""

    resource_type: int
    resource_name: str
    names: list | None


class DescribedResource(NamedTuple):
    """The settings, or why they cannot be told."""

    resource_type: int
    resource_name: str
    error: int
    message: str | None
    configs: list
    NESTED = {"configs": DescribedConfig}


class DescribeConfigsResponse(NamedTuple):
    """One answer for each resource."""

    resources: list
    NESTED = {"resources": DescribedResource}


class DescribeConfigsRequest(NamedTuple):
    """What settings are in force? Any broker knows a topic's; a broker's own are asked of that broker."""

    resources: list
    API = 32
    NESTED = {"resources": DescribeConfigsResource}
    Response = DescribeConfigsResponse
