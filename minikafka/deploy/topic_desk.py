"""The front door's words for topics that exist already: their settings, their size, their placement.

Promises     every call lets the time pass that it needs; it returns when the controller has recorded the change.
Stands for   kafka-configs, kafka-topics --alter, confluent-rebalancer execute --replica-placement-only.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.client.config_admin import ConfigEntry
from minikafka.deploy.partition_names import partition_named
from minikafka.world.journal import front_door


class TopicDesk:
    """Mixed into `Cluster`, which has `world`, `admin`, `_until` and `_led`."""

    @front_door
    def alter_config(self, what: str | int | None, changes: dict[str, Any]) -> None:
        """Change settings of a topic (its name), of a broker (its id), or of all brokers (None):
        `alter_config("flights", {"min.insync.replicas": 1, "retention.ms": None})`; None takes a setting away."""
        self.world.finish(self.admin.alter_config(what, changes))

    @front_door
    def apply_placement(self, topic: str) -> None:
        """Let the replicas of a topic take the roles that its placement constraint says: who is in sync, who observes,
        who leads if it can. No replica moves to another broker."""
        self.world.finish(self.admin.apply_placement(topic))

    @front_door
    def describe_config(self, what: str | int | None, *names: str) -> dict[str, ConfigEntry]:
        """The settings in force (all, or those named) of a topic, a broker, or all brokers, and where each comes
        from."""
        return self.world.finish(self.admin.describe_config(what, names or None))

    @front_door
    def add_partitions(self, topic: str, total: int, assignment: list[list[int]] | None = None) -> None:
        """Let a topic have `total` partitions (more than it has), and wait until the new ones are led. Most keys go to
        another partition from now on."""
        self.world.finish(self.admin.add_partitions(topic, total, assignment))
        self.world.finish(self._until(lambda: self._led(topic)))

    @front_door
    def reassign(self, partition: Any, replicas: list[int] | None) -> None:
        """Begin to move a partition to these brokers, the preferred leader first; None takes the move back. It goes on
        as time passes: see `reassignments`."""
        self.world.finish(self.admin.reassign({partition_named(partition): replicas}))

    @front_door
    def reassignments(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """What moves: for each partition its replicas, and which of them come and go."""
        found = self.world.finish(self.admin.reassignments())
        return {str(tp): {"replicas": tuple(row.replicas), "adding": tuple(row.adding), "removing": tuple(row.removing)}
                for tp, row in found.items()}  # fmt: skip
