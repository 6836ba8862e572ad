"""What an application may do when its partitions change.

Promises     `on_partitions_revoked` comes before anybody else can have the partitions, so that offsets can still be
             committed; `on_partitions_lost` when that is too late.
Stands for   org.apache.kafka.clients.consumer.ConsumerRebalanceListener.
Left out     -
Differs      each hook may be a plain function or a coroutine.
"""

from __future__ import annotations

from typing import Any

from minikafka.protocol.names import TopicPartition

Partitions = list[TopicPartition]


class RebalanceListener:
    """Override what is of interest."""

    def on_partitions_assigned(self, partitions: Partitions) -> Any:
        """These are new; nothing of them has been read yet."""

    def on_partitions_revoked(self, partitions: Partitions) -> Any:
        """These go to others now: commit what was processed."""

    def on_partitions_lost(self, partitions: Partitions) -> Any:
        """These went to others without asking; by default the same as revoked."""
        return self.on_partitions_revoked(partitions)


async def call(hook: Any, partitions: Partitions) -> None:
    """Call a hook, and wait for it if it is a coroutine."""
    outcome = hook(partitions)
    if hasattr(outcome, "__await__"):
        await outcome
