"""Who may do what: the decision, from the rules there are.

Promises     a super user may do everything; for the others a matching DENY decides, then a matching ALLOW; where no
             rule speaks of the resource at all, allow.everyone.if.no.acl.found does. Every verdict says upon what it
             stands.
Stands for   org.apache.kafka.metadata.authorizer.StandardAuthorizer (StandardAuthorizerData.findResult).
Left out     principals with more than one name.
Differs      looks at every rule, where Kafka walks along a sorted list; a host is a machine's name, not an IP address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from minikafka.protocol.access_rules import WILDCARD, AccessRule, Operation, PatternType, Permission
from minikafka.protocol.principals import EVERYBODY

IMPLIED_BY = {
    Operation.DESCRIBE: (Operation.DESCRIBE, Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER),
    Operation.DESCRIBE_CONFIGS: (Operation.DESCRIBE_CONFIGS, Operation.ALTER_CONFIGS),
}
"""What an ALLOW for one of these allows, too. A DENY forbids only what it names."""


class Verdict(NamedTuple):
    """Allowed or not, and why in a few words."""

    allowed: bool
    why: str


class Asker(NamedTuple):
    """Who asks, and from where."""

    principal: str
    host: str


class Authorizer(NamedTuple):
    """The settings of the decision."""

    super_users: Collection[str] = ()
    allow_without_rules: bool = False

    def decide(
        self, rules: Iterable[AccessRule], asker: Asker, operation: int, resource_type: int, name: str
    ) -> Verdict:
        """Whether the asker may do this to that."""
        if asker.principal in self.super_users:
            return Verdict(True, "a super user")
        covering = [rule for rule in rules if rule.covers(resource_type, name)]
        if not covering:
            return Verdict(self.allow_without_rules, "no rule speaks of it")
        matching = [rule for rule in covering if speaks_of(rule, asker, operation)]
        for permission in (Permission.DENY, Permission.ALLOW):
            for rule in matching:
                if rule.permission == permission:
                    return Verdict(permission == Permission.ALLOW, f"rule: {rule.sentence()}")
        return Verdict(False, f"no rule for {asker.principal} allows it")

    def decide_any(self, rules: Collection[AccessRule], asker: Asker, operation: int, resource_type: int) -> Verdict:
        """Whether there may be any resource of the type to which the asker may do this (authorizeByResourceType)."""
        if asker.principal in self.super_users:
            return Verdict(True, "a super user")
        of_type = [rule for rule in rules if rule.resource_type == resource_type]
        matching = [rule for rule in of_type if speaks_of(rule, asker, operation)]
        denies = [rule for rule in matching if rule.permission == Permission.DENY]
        everywhere = any(rule.covers(resource_type, "") and rule.resource_name == WILDCARD for rule in denies)
        if not everywhere:
            for rule in matching:
                if rule.permission == Permission.ALLOW and not any(_buries(deny, rule) for deny in denies):
                    return Verdict(True, f"rule: {rule.sentence()}")
            if self.allow_without_rules:
                return Verdict(True, "no rule speaks of some resources")
        return Verdict(False, f"no rule for {asker.principal} allows it anywhere")


def speaks_of(rule: AccessRule, asker: Asker, operation: int) -> bool:
    """Whether a rule for the resource is about this asker and this operation."""
    if rule.principal not in (asker.principal, EVERYBODY) or rule.host not in (asker.host, WILDCARD):
        return False
    if rule.operation == Operation.ALL:
        return True
    if rule.permission == Permission.ALLOW:
        return rule.operation in IMPLIED_BY.get(operation, (operation,))
    return rule.operation == operation


def _buries(deny: AccessRule, allow: AccessRule) -> bool:
    """Whether a DENY covers everything that an ALLOW covers."""
    if deny.pattern_type == PatternType.PREFIXED:
        return allow.resource_name.startswith(deny.resource_name)
    return allow.pattern_type == PatternType.LITERAL and deny.resource_name == allow.resource_name
