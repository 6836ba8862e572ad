"""A rule: who may, or may not, do what to which resources, from where.

Promises     names and numbers are Kafka's; a rule that `check_rule` lets pass can match something.
Stands for   AclBinding, AclBindingFilter, ResourcePattern and AclOperation.
Left out     delegation tokens.
Differs      where Kafka's broker takes a rule that can never match anything (a topic `fl*` as LITERAL), it is refused.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.principals import check_principal

WILDCARD = "*"
"""As a literal name: every resource of the type. As a host: from anywhere."""

CLUSTER_NAME = "kafka-cluster"
"""The only resource of the type CLUSTER."""


class ResourceType(IntEnum):
    """What can be protected."""

    ANY = 1
    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5
    USER = 7


class Operation(IntEnum):
    """What can be done to it."""

    ANY = 1
    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12
    CREATE_TOKENS = 13
    DESCRIBE_TOKENS = 14
    TWO_PHASE_COMMIT = 15


class Permission(IntEnum):
    """Whether a rule allows or forbids."""

    ANY = 1
    DENY = 2
    ALLOW = 3


class PatternType(IntEnum):
    """How a rule's name is compared: equal, or as a beginning. ANY and MATCH stand in filters only."""

    ANY = 1
    MATCH = 2
    LITERAL = 3
    PREFIXED = 4


_O = Operation
OPERATIONS = {
    ResourceType.TOPIC: (_O.READ, _O.WRITE, _O.CREATE, _O.DESCRIBE, _O.DELETE, _O.ALTER, _O.DESCRIBE_CONFIGS,
                         _O.ALTER_CONFIGS),
    ResourceType.GROUP: (_O.READ, _O.DESCRIBE, _O.DELETE, _O.DESCRIBE_CONFIGS, _O.ALTER_CONFIGS),
    ResourceType.CLUSTER: (_O.CREATE, _O.CLUSTER_ACTION, _O.DESCRIBE_CONFIGS, _O.ALTER_CONFIGS, _O.IDEMPOTENT_WRITE,
                           _O.ALTER, _O.DESCRIBE),
    ResourceType.TRANSACTIONAL_ID: (_O.DESCRIBE, _O.WRITE, _O.TWO_PHASE_COMMIT),
    ResourceType.USER: (_O.CREATE_TOKENS, _O.DESCRIBE_TOKENS),
}  # fmt: skip
"""What can be done to each type, as the kafka-acls tool checks it; ALL besides."""


class AccessRule(NamedTuple):
    """A binding of a resource pattern and what holds for it. In a filter None and ANY stand for anything."""

    resource_type: int
    pattern_type: int
    resource_name: str | None
    principal: str | None
    host: str | None
    operation: int
    permission: int

    def covers(self, resource_type: int, name: str) -> bool:
        """Whether the pattern fits a resource: the same name, a beginning of it, or the literal *."""
        if self.resource_type != resource_type:
            return False
        if self.pattern_type == PatternType.PREFIXED:
            return name.startswith(self.resource_name)
        return self.resource_name in (name, WILDCARD)

    def found_by(self, wanted: AccessRule) -> bool:
        """Whether a filter means this rule (AclBindingFilter.matches)."""
        return (
            wanted.resource_type in (ResourceType.ANY, self.resource_type)
            and wanted.principal in (None, self.principal)
            and wanted.host in (None, self.host)
            and wanted.operation in (Operation.ANY, self.operation)
            and wanted.permission in (Permission.ANY, self.permission)
            and self._pattern_found_by(wanted)
        )

    def _pattern_found_by(self, wanted: AccessRule) -> bool:
        if wanted.resource_name is None:
            return wanted.pattern_type in (PatternType.ANY, PatternType.MATCH, self.pattern_type)
        if wanted.pattern_type == PatternType.MATCH:
            return self.covers(self.resource_type, wanted.resource_name)
        return wanted.resource_name == self.resource_name and wanted.pattern_type in (
            PatternType.ANY, self.pattern_type)  # fmt: skip

    def sentence(self) -> str:
        """The rule in words."""
        may = "may" if self.permission == Permission.ALLOW else "may not"
        where = "" if self.host == WILDCARD else f" from {self.host}"
        does = "do anything to" if self.operation == Operation.ALL else Operation(self.operation).name
        return f"{self.principal} {may} {does} {self.pattern()}{where}"

    def pattern(self) -> str:
        """The resources in words."""
        kind = ResourceType(self.resource_type).name
        if self.resource_type == ResourceType.CLUSTER:
            return "the cluster"
        if self.pattern_type == PatternType.PREFIXED:
            return f"{kind} {self.resource_name}… (prefixed)"
        return f"every {kind}" if self.resource_name == WILDCARD else f"{kind} {self.resource_name}"


EVERY_RULE = AccessRule(
    ResourceType.ANY, PatternType.ANY, None, None, None, Operation.ANY, Permission.ANY)  # fmt: skip
"""The filter that means all rules."""


def check_rule(rule: AccessRule) -> AccessRule:
    """The rule, else INVALID_REQUEST with what is wrong and what to write instead."""
    kinds = ", ".join(kind.name for kind in OPERATIONS)
    if rule.resource_type not in OPERATIONS:
        raise _refused(f"resource type {_name(ResourceType, rule.resource_type)}", f"a rule is for one of {kinds}")
    kind = ResourceType(rule.resource_type)
    fitting = (Operation.ALL, *OPERATIONS[kind])
    if rule.operation not in fitting:
        words = ", ".join(one.name for one in fitting)
        raise _refused(f"operation {_name(Operation, rule.operation)} on {kind.name}", f"possible are {words}")
    if rule.permission not in (Permission.ALLOW, Permission.DENY):
        raise _refused(f"permission {_name(Permission, rule.permission)}", "a rule says ALLOW or DENY")
    if rule.pattern_type not in (PatternType.LITERAL, PatternType.PREFIXED):
        hint = "a rule is LITERAL or PREFIXED; MATCH and ANY stand in filters"
        raise _refused(f"pattern type {_name(PatternType, rule.pattern_type)}", hint)
    check_principal(rule.principal)
    _check_name(rule, kind)
    if not isinstance(rule.host, str) or not rule.host or (WILDCARD in rule.host and rule.host != WILDCARD):
        raise _refused(f"host {rule.host!r}", "write a machine's name, or * for every host")
    return rule


def _check_name(rule: AccessRule, kind: ResourceType) -> None:
    name = rule.resource_name
    if not isinstance(name, str) or not name:
        raise _refused(f"name {name!r}", f"name the {kind.name} that the rule is for, or * for all of them")
    if kind == ResourceType.CLUSTER and (name != CLUSTER_NAME or rule.pattern_type != PatternType.LITERAL):
        raise _refused(f"cluster {name!r}", f"the one cluster is called {CLUSTER_NAME}, as LITERAL")
    if WILDCARD in name and rule.pattern_type == PatternType.PREFIXED:
        raise _refused(f"prefix {name!r}", "a prefix is the plain beginning of a name: leave the * out")
    if WILDCARD in name and name != WILDCARD:
        begin = name.partition(WILDCARD)[0]
        remedy = f"write {begin!r} with pattern PREFIXED" if begin else "name each resource"
        raise _refused(f"literal name {name!r}", f"a * stands alone and means every {kind.name}; {remedy}")


def _name(words: type[IntEnum], number: object) -> str:
    return words(number).name if number in list(words) else repr(number)


def _refused(what: str, remedy: str) -> KafkaError:
    return KafkaError(Error.INVALID_REQUEST, f"{what} is not possible in an access rule: {remedy}")
