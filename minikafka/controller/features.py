"""The features a new cluster starts with.

Promises     a feature's level is recorded once, at the cluster's birth, and holds whatever a later start says.
Stands for   the bootstrap metadata that `kafka-storage format --feature` writes, FeatureControlManager.
Left out     metadata.version and all other features; changing a level later.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from minikafka.controller.decision import ELR_FEATURE
from minikafka.metadata.facts import BROKER, ConfigRecord, FeatureLevelRecord
from minikafka.protocol.errors import ConfigException

DEFAULT_LEVELS = {ELR_FEATURE: 1}
"""As for a new cluster of Kafka 4.1."""


def bootstrap_facts(config: Mapping, features: Mapping[str, int] | None = None) -> tuple:
    """The first facts of a cluster; ConfigException for a feature or a level that we do not know."""
    levels = {**DEFAULT_LEVELS, **(features or {})}
    for name, level in levels.items():
        if name not in DEFAULT_LEVELS:
            raise ConfigException(f"{name} is no feature of this cluster; known are {', '.join(DEFAULT_LEVELS)}")
        if level not in (0, 1):
            raise ConfigException(f"{name}={level!r} is not possible; use 0 (off) or 1 (on)")
    facts = [FeatureLevelRecord(name, level) for name, level in sorted(levels.items())]
    if levels[ELR_FEATURE]:
        # with ELR, brokers and controller must not differ about this value, so it is kept in the metadata
        facts.append(ConfigRecord(BROKER, "", "min.insync.replicas", config["min.insync.replicas"]))
    return tuple(facts)
