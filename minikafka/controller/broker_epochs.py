"""Whether a request comes from the current incarnation of a broker.

Promises     an earlier incarnation, or a broker that is not known, changes nothing.
Stands for   ClusterControlManager.checkBrokerEpoch.
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from minikafka.metadata.image import ClusterImage


def stale_broker_epoch(image: ClusterImage, broker_id: int, epoch: int) -> str | None:
    """Why this epoch is STALE_BROKER_EPOCH; None if it is the one registered."""
    broker = image.brokers.get(broker_id)
    if broker is None:
        return f"broker {broker_id} is not registered; register it first"
    if broker.epoch != epoch:
        return f"broker {broker_id} is registered with broker epoch {broker.epoch}, not {epoch}; register again"
    return None
