"""What was promised to a workload, held against what is there.

Promises     every record that the workload sent is in exactly one line: acknowledged, failed, or still on its way;
             `lost` names the acknowledged ones that no consumer can read now, `duplicated` those that stand at two
             offsets.
Stands for   the reconciliation that a business does after an incident.
Left out     records of other producers.
Differs      a real auditor has no list of everything that was ever sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from minikafka.deploy.strips import records_between
from minikafka.protocol.names import TopicPartition

if TYPE_CHECKING:
    from minikafka.deploy.cluster import Cluster
    from minikafka.deploy.workload import Departures


class Account(NamedTuple):
    """Names of flights (keys), in the order in which they were sent."""

    sent: list[str]
    acknowledged: list[str]
    failed: list[str]
    under_way: list[str]
    lost: list[str]
    duplicated: list[str]

    def __str__(self) -> str:
        """The account as lines of text."""
        rows = [
            ("sent", self.sent),
            ("acknowledged", self.acknowledged),
            ("failed, and the producer was told", self.failed),
            ("still on their way", self.under_way),
            ("LOST: acknowledged, and not there", self.lost),
            ("there twice", self.duplicated),
        ]
        return "\n".join(f"{what:<34}{len(names):>5}{_some(what, names)}" for what, names in rows)


def account(workload: Departures) -> Account:
    """Hold the receipts against what the present leaders would give to a consumer (below the high watermark)."""
    acknowledged = [event.key for event, receipt in workload.sent if receipt.done and receipt.error is None]
    readable: dict[str, int] = {}
    for key in committed_keys(workload.cluster, workload.topic):
        readable[key] = readable.get(key, 0) + 1
    return Account(
        sent=[event.key for event, _ in workload.sent],
        acknowledged=acknowledged,
        failed=[event.key for event, receipt in workload.sent if receipt.done and receipt.error is not None],
        under_way=[event.key for event, receipt in workload.sent if not receipt.done],
        lost=[key for key in acknowledged if key not in readable],
        duplicated=[key for key, times in readable.items() if times > 1],
    )


def committed_keys(cluster: Cluster, topic: str) -> list[str]:
    """The keys of all records of a topic that a consumer can read now, partition after partition."""
    keys = []
    for index in range(len(cluster.image.topics[topic].partitions)):
        leader = cluster.leader((topic, index))
        broker = None if leader is None else leader.broker
        view = None if broker is None else broker.partitions.get(TopicPartition(topic, index))
        if view is not None:
            committed = records_between(view.log, end=view.log.high_watermark)
            keys += [record.key.decode() for record in committed if record.key is not None]
    return keys


def _some(what: str, names: list[str]) -> str:
    if not names or what in ("sent", "acknowledged"):
        return ""
    return "   " + ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
