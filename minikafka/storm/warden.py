"""A warden in the storm: somebody who forbids things, allows them again, and changes passwords.

Promises     what he forbids is one client's reading or writing or one group, for a while; told to `stop` he takes every
             rule of his away again, and until that is done the storm has not come to rest.
Stands for   an administrator of access rules, and the mistakes he makes.
Left out     rules for hosts; new users.
Differs      -
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any

from minikafka.client.admin import Admin
from minikafka.deploy.cluster import Cluster
from minikafka.protocol.access_rules import EVERY_RULE, AccessRule, Permission
from minikafka.protocol.access_words import rule_from
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.world.secrets import hushed
from minikafka.world.world import World

GUARDED = {"authorizer.class.name": "StandardAuthorizer", "listeners": "SASL_PLAINTEXT",
           "sasl.enabled.mechanisms": "SCRAM-SHA-256", "connection.failed.authentication.delay.ms": 50}  # fmt: skip
"""The settings of a broker in a storm with rules."""

USERS = ("w1", "w2", "w3", "r1", "crew")
COPIERS, KEEPER = "copiers", "keeper"
"""Who copies in transactions, and who cares for settings; nothing is ever forbidden to the latter."""

OF_COPIERS = (("WRITE", "topic:copies"), ("READ", "topic:flights"), ("READ", "group:copiers"),
              ("WRITE", "transactional-id:copier-1"), ("DESCRIBE", "transactional-id:copier-2"))  # fmt: skip
"""What is forbidden to copiers, if there are any."""

ADMIN = {"request.timeout.ms": 1500, "default.api.timeout.ms": 4000, "retry.backoff.ms": 50}


def login(name: str) -> dict[str, str]:
    """How a client of the storm logs in; nobody has ever typed the password."""
    return hushed({"sasl.username": name, "sasl.password": f"password of {name}"})


class Warden:
    """`topic` and `group` are what he forbids to the clients, and more to copiers, if they are among `others`."""

    def __init__(self, cluster: Cluster, topic: str, group: str, partitions: list[TopicPartition],
                 others: Sequence[str] = ()):  # fmt: skip
        self.cluster = cluster
        self.topic = topic
        self.group = group
        self.partitions = partitions
        self.others = list(others)
        self.forbidden: list[AccessRule] = []
        self.going = True

    def portable(self) -> dict:
        """What a journal needs to make it again."""
        return {"cluster": self.cluster, "topic": self.topic, "group": self.group, "partitions": list(self.partitions),
                "others": self.others}  # fmt: skip

    def start(self, world: World) -> None:
        """Let all clients in, and begin to change one's mind."""
        for name in (*USERS, *self.others):
            self.cluster.create_user(name, login(name)["sasl.password"])
        for_copiers = ("transactional-id:*",) if COPIERS in self.others else ()
        for resource in ("topic:*", "group:*", "cluster", *for_copiers):
            self.cluster.add_acl("User:*", "ALL", resource)
        self.dice = world.chance.stream("storm warden")
        machine = self.cluster.admin.machine
        self.admin = Admin(machine, self.cluster.bootstrap, ADMIN, "warden")
        machine.spawn(self._rule(), "warden")

    def stop(self) -> None:
        """Forbid nothing any more."""
        self.going = False

    def behind(self) -> list[TopicPartition]:
        """All partitions, as long as something is forbidden. A command that got no answer may still arrive."""
        try:
            rules = self.cluster.image.access_rules.values()
        except KafkaError:
            return self.partitions  # no controller is up: who knows
        return self.partitions if any(rule.permission == Permission.DENY for rule in rules) else []

    async def _rule(self) -> None:
        machine = self.admin.machine
        while True:
            await machine.sleep(self.dice.randrange(200_000, 1_500_000) if self.going else 100_000)
            if not self.going:
                if self.behind():
                    await self._done(self.admin.delete_acls(EVERY_RULE._replace(permission=Permission.DENY)))
            elif self.forbidden and self.dice.random() < 0.6:
                if await self._done(self.admin.delete_acls(self.forbidden[0])):
                    self.forbidden.pop(0)
            elif self.dice.random() < 0.2:
                name = self.dice.choice(USERS)
                await self._done(self.admin.create_user(name, login(name)["sasl.password"]))
            else:
                self.forbidden.append(rule := self._roll())
                await self._done(self.admin.create_acls([rule]))

    def _roll(self) -> AccessRule:
        if COPIERS in self.others and self.dice.random() < 0.3:
            operation, resource = self.dice.choice(OF_COPIERS)
            return rule_from(f"User:{COPIERS}", operation, resource, "DENY", "LITERAL")
        operation, resource = self.dice.choice(
            (("WRITE", f"topic:{self.topic}"), ("READ", f"topic:{self.topic}"), ("ALL", f"topic:{self.topic[:3]}"),
             ("READ", f"group:{self.group}"), ("DESCRIBE", f"topic:{self.topic}")))  # fmt: skip
        pattern = "PREFIXED" if operation == "ALL" else "LITERAL"
        return rule_from(f"User:{self.dice.choice(USERS)}", operation, resource, "DENY", pattern)

    async def _done(self, change: Awaitable[Any]) -> bool:
        """Whether the cluster has confirmed it; what it has not is perhaps done all the same."""
        try:
            await change
        except KafkaError:
            return False
        return True

