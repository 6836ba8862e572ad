"""The facts of the metadata log: everything a cluster knows about itself was one of these once.

Promises     a fact never changes after it is made; packing and unpacking gives the same facts back.
Stands for   the metadata records (RegisterBrokerRecord, PartitionRecord ...) under Kafka's own names and record keys.
Left out     quotas, log directories, delegation tokens, unregistering a broker.
Differs      None stands for "no change" where Kafka has a sentinel for each field (leader -2, recovery state -1).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgpack

from minikafka.protocol.errors import Error, KafkaError

RECOVERED = 0
RECOVERING = 1
"""A leader's recovery state: RECOVERING says that it was elected uncleanly and has not yet confirmed itself."""

TOPIC = "topic"
BROKER = "broker"
"""What a ConfigRecord configures; resource name "" with BROKER is the default of the whole cluster."""


class RegisterBrokerRecord(NamedTuple):
    """A broker incarnation is known now; `broker_epoch` is the offset of this very fact."""

    broker_id: int
    broker_epoch: int
    incarnation_id: str
    address: str
    rack: str
    fenced: bool


class BrokerRegistrationChangeRecord(NamedTuple):
    """A broker was fenced or unfenced, or its controlled shutdown began; None leaves a field as it is."""

    broker_id: int
    broker_epoch: int
    fenced: bool | None = None
    in_controlled_shutdown: bool | None = None


class TopicRecord(NamedTuple):
    """A topic exists; its partitions follow."""

    name: str
    topic_id: str


class RemoveTopicRecord(NamedTuple):
    """A topic, its partitions and its settings are gone."""

    topic_id: str


class PartitionRecord(NamedTuple):
    """A partition exists, with these replicas and this first leader."""

    topic_id: str
    partition: int
    replicas: tuple
    isr: tuple
    elr: tuple
    last_known_elr: tuple
    leader: int
    leader_epoch: int
    partition_epoch: int
    leader_recovery_state: int
    observers: tuple = ()
    adding_replicas: tuple = ()
    removing_replicas: tuple = ()


class PartitionChangeRecord(NamedTuple):
    """What changed in a partition. The partition epoch rises by one; the leader epoch too, if `leader` is written."""

    topic_id: str
    partition: int
    isr: tuple | None = None
    elr: tuple | None = None
    last_known_elr: tuple | None = None
    leader: int | None = None
    leader_recovery_state: int | None = None
    replicas: tuple | None = None
    observers: tuple | None = None
    adding_replicas: tuple | None = None
    removing_replicas: tuple | None = None


class ConfigRecord(NamedTuple):
    """A setting of a topic, of a broker (its id) or of all brokers (resource name ""); value None takes it away."""

    resource_type: str
    resource_name: str
    name: str
    value: object


class FeatureLevelRecord(NamedTuple):
    """A feature of the cluster is finalized at this level."""

    name: str
    level: int


class ProducerIdsRecord(NamedTuple):
    """A broker was given the producer ids below `next_producer_id`."""

    broker_id: int
    broker_epoch: int
    next_producer_id: int


class AccessControlEntryRecord(NamedTuple):
    """A rule holds; the fields after the id are those of an `AccessRule`."""

    rule_id: str
    resource_type: int
    pattern_type: int
    resource_name: str
    principal: str
    host: str
    operation: int
    permission: int


class RemoveAccessControlEntryRecord(NamedTuple):
    """A rule does not hold any more."""

    rule_id: str


class UserScramCredentialRecord(NamedTuple):
    """How a user's password is checked; the password cannot be computed from it."""

    name: str
    mechanism: str
    salt: bytes
    stored_key: bytes
    server_key: bytes
    iterations: int


class RemoveUserScramCredentialRecord(NamedTuple):
    """A user has no password of this mechanism any more."""

    name: str
    mechanism: str


KINDS = {
    0: RegisterBrokerRecord,
    2: TopicRecord,
    3: PartitionRecord,
    4: ConfigRecord,
    5: PartitionChangeRecord,
    9: RemoveTopicRecord,
    11: UserScramCredentialRecord,
    12: FeatureLevelRecord,
    15: ProducerIdsRecord,
    17: BrokerRegistrationChangeRecord,
    18: AccessControlEntryRecord,
    19: RemoveAccessControlEntryRecord,
    22: RemoveUserScramCredentialRecord,
}
KEYS = {kind: key for key, kind in KINDS.items()}

TAGGED = dict.fromkeys((PartitionRecord, PartitionChangeRecord), ("observers", "adding_replicas", "removing_replicas"))
"""The last fields of a fact that take no room while they have their default (Kafka's tagged fields)."""


def pack_facts(facts: Iterable[NamedTuple]) -> list[bytes]:
    """The value of one metadata record for each fact."""
    return [msgpack.packb((KEYS[type(fact)], _written(fact))) for fact in facts]


def _written(fact: NamedTuple) -> tuple:
    fields, kind = tuple(fact), type(fact)
    for name in reversed(TAGGED.get(kind, ())):
        if fields[-1] != kind._field_defaults[name]:
            break
        fields = fields[:-1]
    return fields


def unpack_facts(values: Iterable[bytes]) -> list[NamedTuple]:
    """The facts in these record values; CORRUPT_MESSAGE if one holds no fact we know."""
    return [_unpack(value) for value in values]


def _unpack(value: bytes) -> NamedTuple:
    try:
        key, fields = msgpack.unpackb(value, use_list=False)
        return KINDS[key](*fields)
    except (KeyError, TypeError, ValueError, msgpack.UnpackException) as problem:
        raise KafkaError(
            Error.CORRUPT_MESSAGE,
            f"{bytes(value[:20])!r} is no fact of the metadata log ({problem!r}); is it of another log?",
        ) from problem
