"""Settings, changed while the cluster runs.

Promises     the changes of one resource are recorded together or not at all; what is recorded is valid together with
             everything that is set already. A change of min.insync.replicas empties the ELRs that went by the old one.
Stands for   ConfigurationControlManager.incrementalAlterConfigs, ControllerConfigurationValidator, ConfigAdminManager
             and the list of dynamic settings in DynamicBrokerConfig.
Left out     APPEND and SUBTRACT, policies, loggers.
Differs      taking away a setting with an unknown name is refused, so that a typing error does not pass for success.
             One broker's own min.insync.replicas is refused always (Kafka: with ELR only).
             A new promotion policy counts at once, while a new placement moves nothing: the second is documented, the
             first inferred.
             The ELRs are emptied by ordinary changes of the partitions; Kafka has a ClearElrRecord for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from minikafka.controller.constrained_placement import check_racks
from minikafka.controller.decision import Decision, elr_enabled
from minikafka.controller.topic_admin import usable_brokers
from minikafka.metadata.effective_config import topic_settings
from minikafka.metadata.facts import BROKER, TOPIC, ConfigRecord, PartitionChangeRecord
from minikafka.metadata.image import ClusterImage
from minikafka.metadata.observer_policy import CONSTRAINTS
from minikafka.protocol.broker_settings import BROKER as BROKER_TABLE
from minikafka.protocol.broker_settings import DYNAMIC
from minikafka.protocol.config_requests import (
    BROKER_RESOURCE,
    DELETE,
    SET,
    TOPIC_RESOURCE,
    AlterableConfig,
    AlterConfigsResource,
    AlteredResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.protocol.placement_constraints import constraints_from
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import TOPIC as TOPIC_TABLE

ALTER_CONFIGS = "IncrementalAlterConfigs"
MIN_ISR = "min.insync.replicas"
ALL_BROKERS = ""


class Resource(NamedTuple):
    """What is configured: facts.TOPIC and its name, or facts.BROKER and an id (`ALL_BROKERS`: all of them)."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else "all brokers"


def alter_configs(image: ClusterImage, request: IncrementalAlterConfigsRequest, config: Mapping) -> Decision:
    """Change each resource's settings, or answer why not; `validate_only` answers as if."""
    facts, rows = [], []
    asked = [row[:2] for row in request.resources]
    for row in request.resources:
        error, message = Error.NONE, None
        try:
            if asked.count(row[:2]) > 1:
                raise KafkaError(Error.INVALID_REQUEST, f"{row.resource_name!r} is named twice; name each thing once")
            facts += change_resource(image, row, config)
        except KafkaError as refusal:
            error, message = refusal.error, refusal.sentence
        rows.append(AlteredResource(row.resource_type, row.resource_name, error, message))
    response = IncrementalAlterConfigsResponse(rows)
    return Decision(() if request.validate_only else tuple(facts), response, ALTER_CONFIGS)


def change_resource(image: ClusterImage, row: AlterConfigsResource, config: Mapping) -> list:
    """The facts that change one resource as asked, else KafkaError."""
    resource = existing_resource(image, row)
    names = [wish.name for wish in row.configs]
    if len(dict.fromkeys(names)) != len(names):
        raise KafkaError(Error.INVALID_REQUEST, f"a setting of {resource} is named twice; name each setting once")
    before = image.configs.get(resource, {})
    after = dict(before)
    for wish in row.configs:
        if wish.operation == DELETE:
            after.pop(checked_name(image, resource, wish), None)
        else:
            after[checked_name(image, resource, wish)] = wish.value
    after = checked_together(image, resource, after, config)
    if resource.kind == TOPIC and after.get(CONSTRAINTS) != before.get(CONSTRAINTS):
        check_placeable(image, after.get(CONSTRAINTS), config)
    facts: list = [ConfigRecord(*resource, name, after.get(name)) for name in names
                   if after.get(name) != before.get(name)]  # fmt: skip
    if any(fact.name == MIN_ISR for fact in facts):
        facts += emptied_elrs(image, resource)
    return facts


def existing_resource(image: ClusterImage, row: AlterConfigsResource) -> Resource:
    """The topic or broker; UNKNOWN_TOPIC_OR_PARTITION, BROKER_ID_NOT_REGISTERED or INVALID_REQUEST."""
    name = row.resource_name
    if row.resource_type == TOPIC_RESOURCE:
        if name not in image.topics:
            raise KafkaError(Error.UNKNOWN_TOPIC_OR_PARTITION, f"topic {name} does not exist; check its name")
        return Resource(TOPIC, name)
    if row.resource_type == BROKER_RESOURCE:
        if name != ALL_BROKERS and name not in map(str, image.brokers):
            known = ", ".join(map(str, sorted(image.brokers)))
            raise KafkaError(Error.BROKER_ID_NOT_REGISTERED, f"no broker {name!r} is registered; known are {known}")
        return Resource(BROKER, name)
    raise KafkaError(
        Error.INVALID_REQUEST, f"resource type {row.resource_type} has no settings here; use 2 (topic) or 4 (broker)"
    )


def checked_name(image: ClusterImage, resource: Resource, wish: AlterableConfig) -> str:
    """The setting's name, if such a thing has it and it may change while the cluster runs."""
    if wish.operation not in (SET, DELETE):
        raise KafkaError(
            Error.INVALID_REQUEST, f"operation {wish.operation} on {wish.name} is not known; use 0 (set) or 1 (delete)"
        )
    if wish.operation == SET and wish.value is None:
        raise KafkaError(Error.INVALID_REQUEST, f"{wish.name} cannot be set to nothing; delete it to get the default")
    if resource.kind == TOPIC:
        return TOPIC_TABLE[wish.name].name
    name = BROKER_TABLE[wish.name].name
    if name not in DYNAMIC:
        raise KafkaError(
            Error.INVALID_REQUEST, f"{name} cannot change while a broker runs; write it in its file and restart it"
        )
    if name == MIN_ISR and resource.name != ALL_BROKERS:
        raise ConfigException(f"{MIN_ISR} of one broker cannot be set; set it for all brokers, or for a topic")
    if name == MIN_ISR and wish.operation == DELETE and elr_enabled(image):
        raise ConfigException(f"{MIN_ISR} of the cluster cannot be deleted while the ELR is kept; set it to a value")
    return name


def checked_together(image: ClusterImage, resource: Resource, overrides: Mapping, config: Mapping) -> dict:
    """The values in their own types, if they go together with all other settings; ConfigException if not."""
    if resource.kind == TOPIC:
        fallbacks = topic_settings(config, image, "")
        return dict(Config(TOPIC_TABLE, overrides, fallbacks).overrides)
    below = {} if resource.name == ALL_BROKERS else image.cluster_config()
    Config(BROKER_TABLE, {**config, **below, **overrides})
    return {name: BROKER_TABLE[name].parse(value) for name, value in overrides.items()}


def check_placeable(image: ClusterImage, constraints: object, config: Mapping) -> None:
    """A placement that the brokers could take; it moves nothing. Else INVALID_REPLICA_ASSIGNMENT."""
    if constraints:
        check_racks(constraints_from(str(constraints)), usable_brokers(image), config)


def emptied_elrs(image: ClusterImage, resource: Resource) -> Iterable[PartitionChangeRecord]:
    """A replica that was eligible by the old min.insync.replicas need not be by the new one: empty the ELRs."""
    for topic, number, partition in image.partitions():
        concerned = resource.kind == BROKER or topic.name == resource.name
        if concerned and (partition.elr or partition.last_known_elr):
            yield PartitionChangeRecord(topic.id, number, elr=(), last_known_elr=())
