"""The front door's words for security: users, access rules, and who was refused what.

Promises     each command returns when every broker that is up has heard of the change; passwords pass the front door as
             fingerprints; `audit` reads the trace alone.
Stands for   kafka-acls, kafka-configs --entity-type users, kafka-authorizer.log.
Left out     -
Differs      the administrator at the front door holds a certificate of the cluster and is a super user, as the brokers
             and controllers are: a real one is made a super user by whoever installs the cluster.
"""

from __future__ import annotations

from typing import Any

from minikafka.events.security import AuthenticationFailed, AuthorizationDenied
from minikafka.protocol.access_rules import (
    WILDCARD,
    AccessRule,
    Operation,
    PatternType,
    Permission,
    ResourceType,
)
from minikafka.protocol.access_words import filter_from, rule_from
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.principals import holder_of
from minikafka.protocol.security_settings import SASL_PLAINTEXT, SCRAM_SHA_256
from minikafka.world.journal import front_door
from minikafka.world.quantities import say_time
from minikafka.world.recorder import NOTHING


def with_servers(config: dict, machines: list[str]) -> dict:
    """The settings of a cluster that keeps rules or demands names: its own machines are super users, too."""
    if not config.get("authorizer.class.name") and not str(config.get("listeners", "")).startswith(SASL_PLAINTEXT):
        return config
    named = [config["super.users"]] if config.get("super.users") else []
    return {**config, "super.users": ";".join([*named, *map(holder_of, machines)])}


class SecurityDesk:
    """Mixed into `Cluster`, which has `world`, `admin`, `brokers` and `image`."""

    @front_door
    def create_user(self, name: str, password: str, mechanism: str = SCRAM_SHA_256) -> None:
        """Make a user, or give one a new password."""
        self.world.finish(self.admin.create_user(name, password, mechanism))
        self.world.finish(self.until_heard())

    @front_door
    def delete_user(self, name: str, mechanism: str = SCRAM_SHA_256) -> None:
        """Take a user's password away. Connections under that name stay."""
        self.world.finish(self.admin.delete_user(name, mechanism))
        self.world.finish(self.until_heard())

    @front_door
    def users(self) -> dict[str, list]:
        """The users, and how their passwords are kept."""
        return self.world.finish(self.admin.describe_users())

    @front_door
    def add_acl(self, principal: str, operation: Any, resource: str, permission: str = "ALLOW",
                pattern: str = "LITERAL", host: str = WILDCARD) -> None:  # fmt: skip
        """`add_acl("User:alice", "READ", "topic:flights")`: one rule, or one for each operation of a list."""
        operations = [operation] if isinstance(operation, str) else list(operation)
        if not operations:
            raise KafkaError(Error.INVALID_REQUEST, f"no operation is named for {resource}: write one, such as READ")
        rules = [rule_from(principal, one, resource, permission, pattern, host) for one in operations]
        self.world.finish(self.admin.create_acls(rules))
        self.world.finish(self.until_heard())

    @front_door
    def remove_acl(self, principal: str | None = None, operation: str = "ANY", resource: str | None = None,
                   permission: str = "ANY", pattern: str | None = None, host: str | None = None) -> int:  # fmt: skip
        """Remove every rule that fits what is said (what is not said may be anything); returns how many there were."""
        wanted = filter_from(principal, operation, resource, permission, pattern, host)
        gone = self.world.finish(self.admin.delete_acls(wanted))
        self.world.finish(self.until_heard())
        return len(gone)

    def acls(self) -> str:
        """The rules as kafka-acls --list prints them."""
        return acl_table(sorted(self.image.access_rules.values()))

    def audit(self) -> str:
        """Who was refused what, and who was not let in, as a table."""
        return audit_table(self.world, self.name)

    async def until_heard(self) -> None:
        """Until every broker that is up decides by what the controller has recorded."""
        while any(self._behind(handle) for handle in self.brokers.values()):
            await self.world.kernel.sleep(1_000)

    def _behind(self, handle: Any) -> bool:
        broker = handle.broker if handle.machine.running else None
        return broker is not None and broker.serving.done and (
            broker.image.access_rules != self.image.access_rules or broker.image.credentials != self.image.credentials
        )  # fmt: skip


def acl_table(rules: list[AccessRule]) -> str:
    """Rules, grouped by resource as kafka-acls --list prints them."""
    if not rules:
        return "no access rules"
    lines: list[str] = []
    before = None
    for rule in rules:
        pattern = rule[:3]
        if pattern != before:
            before = pattern
            kind, way = ResourceType(rule.resource_type).name, PatternType(rule.pattern_type).name
            lines.append(f"Current ACLs for resource `ResourcePattern(resourceType={kind}, name={rule.resource_name}, "
                         f"patternType={way})`:")  # fmt: skip
        lines.append(f"  (principal={rule.principal}, host={rule.host}, operation={Operation(rule.operation).name}, "
                     f"permissionType={Permission(rule.permission).name})")  # fmt: skip
    return "\n".join(lines)


def audit_table(world: Any, cluster: str) -> str:
    """The refusals in the trace, oldest first; the same refusal again and again is one line with a count."""
    if world.recorder.keep == NOTHING:
        remedy = "make one with keep='domain events'"
        raise KafkaError(Error.INVALID_REQUEST, f"this world keeps no events to tell of: {remedy}")
    rows: dict[tuple, list] = {}
    for entry in world.recorder.events(AuthorizationDenied, AuthenticationFailed):
        if entry.place.partition("/")[0] == cluster:
            row = rows.setdefault((entry.place, *_cells(entry.event)), [entry.time, 0])
            row[1] += 1
    heads = ("first at", "broker", "who", "from", "wanted", "why", "times")
    table = [heads, *((say_time(first), place.partition("/")[2], *cells, str(times))
                      for (place, *cells), (first, times) in rows.items())]  # fmt: skip
    if len(table) == 1:
        return "nobody was refused anything"
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)


def _cells(event: Any) -> tuple:
    if isinstance(event, AuthenticationFailed):
        return event.user or "nobody", event.caller, "to come in", event.error
    what = f"{event.operation} {event.resource_type} {event.resource} ({event.request})"
    return event.principal, event.host, what, event.why
