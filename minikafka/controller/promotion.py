"""Observers in an ISR: the controller's word on promotions, and what it has to tell about them.

Promises     an observer comes into an ISR only if the policy of its topic wants more replicas in sync than there are,
             and no further than that; each promotion and each demotion is told once, when it is recorded.
Stands for   what Confluent's controller has to check when a leader asks for an ISR with an observer.
Left out     -
Differs      that the leader proposes and the controller decides, as with every other ISR change, is inferred; the
             documentation tells what comes out. So is what follows from it: no promotion, and no demotion, without a
             majority of the controllers; and that the controller counts after the leader, and refuses one too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from minikafka.controller.decision import topic_setting
from minikafka.controller.elections import effective_min_isr
from minikafka.events.observers import ObserverDemoted, ObserverPromoted
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import CONSTRAINTS, policy_of, wanted_for
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition


def refuse_promotion(
    image: ClusterImage, config: Mapping, topic: str, now: PartitionRegistration, isr: Sequence[int]
) -> tuple[Error, str] | None:
    """INELIGIBLE_REPLICA if an observer would come in that is not needed."""
    joining = [member for member in isr if member in now.observers and member not in now.isr]
    if not joining:
        return None
    policy = policy_of(image.topic_config(topic).get(CONSTRAINTS))
    min_isr = effective_min_isr(topic_setting(image, config, topic, "min.insync.replicas"), now.replicas)
    wanted = wanted_for(now, policy, min_isr)
    if len(isr) <= wanted:
        return None
    return Error.INELIGIBLE_REPLICA, (
        f"broker {joining[0]} is an observer, and the policy {policy} wants {wanted} in sync, which {len(isr)} would "
        "exceed"
    )


def promotions_told(
    which: TopicPartition, before: PartitionRegistration, after: PartitionRegistration
) -> Iterator[ObserverPromoted | ObserverDemoted]:
    """An event for each observer that has come into the ISR or left it."""
    for broker in after.observers:
        was, now = broker in before.isr, broker in after.isr
        if now and not was:
            yield ObserverPromoted(which, broker, after.isr, after.partition_epoch)
        elif was and not now:
            yield ObserverDemoted(which, broker, after.isr, after.partition_epoch)
