"""The front door's words for topics that exist already: their settings.

Promises     every call lets the time pass that it needs; it returns when the controller has recorded the change.
Stands for   kafka-configs.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.client.config_admin import ConfigEntry
from minikafka.world.journal import front_door


class TopicDesk:
    """Mixed into `Cluster`, which has `world` and `admin`."""

    @front_door
    def alter_config(self, what: str | int | None, changes: dict[str, Any]) -> None:
        """Change settings of a topic (its name), of a broker (its id), or of all brokers (None):
        `alter_config("flights", {"min.insync.replicas": 1, "retention.ms": None})`; None takes a setting away."""
        self.world.finish(self.admin.alter_config(what, changes))

    @front_door
    def describe_config(self, what: str | int | None, *names: str) -> dict[str, ConfigEntry]:
        """The settings in force (all, or those named) of a topic, a broker, or all brokers, and where each comes
        from."""
        return self.world.finish(self.admin.describe_config(what, names or None))
