"""A topic as the real tool prints it.

Promises     the fields and the order of `kafka-topics --describe`, with what the controller has recorded. A promoted
             observer stands in Isr and in Observers.
Stands for   kafka-topics --describe, with the eligible leader replicas of Kafka 4, and for a partition with observers
             the offline replicas and observers of Confluent Server.
Left out     the topic's id, and the tool's tabs (columns are aligned by spaces).
Differs      -
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikafka.protocol.errors import Error, KafkaError

if TYPE_CHECKING:
    from minikafka.deploy.cluster import Cluster


def describe(cluster: Cluster, topic: str) -> str:
    """The topic and its partitions as text."""
    image = cluster.image
    found = image.topics.get(topic)
    if found is None:
        raise KafkaError(
            Error.UNKNOWN_TOPIC_OR_PARTITION,
            f"{cluster.name} has no topic {topic!r}: it has {', '.join(image.topics) or 'none'}",
        )
    configs = ",".join(f"{name}={_plain(value)}" for name, value in sorted(image.topic_config(topic).items()))
    lines = [
        f"Topic: {topic}  PartitionCount: {len(found.partitions)}  "
        f"ReplicationFactor: {len(found.partitions[0].replicas)}  Configs: {configs}".rstrip()
    ]
    for index, state in enumerate(found.partitions):
        leader = state.leader if state.leader >= 0 else "none"
        spread = ""
        if state.observers:
            offline = tuple(replica for replica in state.replicas if not image.alive(replica))
            spread = f"  Offline: {_ids(offline)}  Observers: {_ids(state.observers)}"
        lines.append(
            f"  Topic: {topic}  Partition: {index}  Leader: {leader}  Replicas: {_ids(state.replicas)}  "
            f"Isr: {_ids(state.isr)}{spread}  "
            f"Elr: {_ids(state.elr)}  LastKnownElr: {_ids(state.last_known_elr)}".rstrip()
        )
    return "\n".join(lines)


def _plain(value: object) -> str:
    """A setting's value as one writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple | list) else str(value)


def _ids(brokers: tuple[int, ...]) -> str:
    return ",".join(map(str, brokers))
