"""What a decider answers: the facts to record, the reply, and why.

Promises     a decision changes nothing yet: the facts are true only once they are recorded.
Stands for   ControllerResult.
Left out     results that are not atomic: the facts of one decision are one batch, recorded whole or not at all.
Differs      carries the reason, and what is worth telling though no fact comes of it (a refusal).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from minikafka.metadata.image import ClusterImage
from minikafka.protocol.topic_settings import TWINS

ELR_FEATURE = "eligible.leader.replicas.version"


class Decision(NamedTuple):
    """Facts to record (perhaps none), the reply (None for periodic checks), the reason, and events besides."""

    facts: tuple = ()
    response: object = None
    reason: str = ""
    notes: tuple = ()


def elr_enabled(image: ClusterImage) -> bool:
    """Are eligible leader replicas (KIP-966) kept in this cluster?"""
    return image.features.get(ELR_FEATURE, 0) >= 1


def topic_setting(image: ClusterImage, config: Mapping, topic: str, setting: str) -> object:
    """The value in force for a topic: its own, else the cluster's at run time, else the controller's configuration."""
    own, all_brokers = image.topic_config(topic), image.cluster_config()
    return own[setting] if setting in own else all_brokers.get(TWINS[setting], config[TWINS[setting]])
