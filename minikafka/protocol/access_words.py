"""Access rules as people write them: "topic:flights", "READ", "deny".

Promises     every word is Kafka's, in capitals or not; an unknown one is refused with those that there are.
Stands for   the arguments of the kafka-acls tool.
Left out     its bundles --producer and --consumer.
Differs      one word names a resource, with its type before a colon: the tool has an option for each type.
"""

from __future__ import annotations

from enum import IntEnum

from minikafka.protocol.access_rules import (
    CLUSTER_NAME,
    EVERY_RULE,
    AccessRule,
    Operation,
    PatternType,
    Permission,
    ResourceType,
    check_rule,
)
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.principals import check_principal


def rule_from(principal: str, operation: str, resource: str, permission: str = "ALLOW", pattern: str = "LITERAL",
              host: str = "*") -> AccessRule:  # fmt: skip
    """The rule that these words mean; INVALID_REQUEST if they mean none."""
    kind, name = resource_from(resource)
    numbers = (word(Operation, operation, "operation"), word(Permission, permission, "permission"))
    return check_rule(AccessRule(kind, word(PatternType, pattern, "pattern type"), name, principal, host, *numbers))


def filter_from(
    principal: str | None = None, operation: str = "ANY", resource: str | None = None,
    permission: str = "ANY", pattern: str | None = None, host: str | None = None,
) -> AccessRule:  # fmt: skip
    """The filter that these words mean: what is not said is anything, but a name is LITERAL unless said otherwise."""
    if principal is not None:
        check_principal(principal)
    kind, name = (ResourceType.ANY, None) if resource is None else resource_from(resource)
    if name == "":
        name = None
    usual = "ANY" if name is None else "LITERAL"
    return EVERY_RULE._replace(
        resource_type=kind, resource_name=name, principal=principal, host=host,
        pattern_type=word(PatternType, usual if pattern is None else pattern, "pattern type"),
        operation=word(Operation, operation, "operation"), permission=word(Permission, permission, "permission"),
    )  # fmt: skip


def resource_from(text: object) -> tuple[ResourceType, str]:
    """("topic:flights") → TOPIC and its name; "cluster" needs no name."""
    if not isinstance(text, str) or not text:
        raise KafkaError(Error.INVALID_REQUEST, f"resource {text!r} is not possible: write topic:flights or cluster")
    kind, colon, name = text.partition(":")
    found = word(ResourceType, kind, "resource type")
    if found == ResourceType.CLUSTER:
        return found, name or CLUSTER_NAME
    if not colon:
        raise KafkaError(
            Error.INVALID_REQUEST, f"resource {text!r} has no name: write {kind}:NAME, or {kind}:* for all of them"
        )
    return found, name


def word(words: type[IntEnum], text: object, what: str) -> IntEnum:
    """The member of this name, in capitals or not; INVALID_REQUEST if there is none."""
    found = words.__members__.get(text.upper().replace("-", "_")) if isinstance(text, str) else None
    if found is None:
        known = ", ".join(words.__members__)
        raise KafkaError(Error.INVALID_REQUEST, f"{what} {text!r} is unknown: write one of {known}")
    return found
