"""The guard of a server: who is asking, and whether they may.

Promises     without an authorizer everything is allowed and nothing is looked at; every refusal that an operator should
             hear of is recorded.
Stands for   AuthHelper, KafkaPrincipalBuilder, the authorizer's audit log.
Left out     caching.
Differs      a machine that is named in super.users as User:CN=<machine> is known by its certificate (stands for a
             listener for servers with mutual TLS); this network does not let anybody speak under another's address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikafka.events.security import AuthorizationDenied
from minikafka.metadata.authorizer import Asker, Authorizer, Verdict
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.access_rules import CLUSTER_NAME, AccessRule, Operation, ResourceType
from minikafka.protocol.client_requests import CONSUMER
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.principals import ANONYMOUS, holder_of, parse_super_users

REFUSAL = {
    ResourceType.TOPIC: Error.TOPIC_AUTHORIZATION_FAILED,
    ResourceType.GROUP: Error.GROUP_AUTHORIZATION_FAILED,
    ResourceType.CLUSTER: Error.CLUSTER_AUTHORIZATION_FAILED,
    ResourceType.TRANSACTIONAL_ID: Error.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}
"""The error for a caller who may not do something to a resource of the type."""


class Access:
    """`on` says whether anything is looked at; `image()` is the cluster as this server has applied it."""

    def __init__(self, machine: Any, config: Mapping, image: Callable[[], ClusterImage]):
        self.machine = machine
        self.image = image
        self.on = bool(config["authorizer.class.name"])
        self.authorizer = Authorizer(
            parse_super_users(config["super.users"]), config["allow.everyone.if.no.acl.found"]
        )

    def principal(self, caller: str) -> str:
        """Who is at the other end of the connection."""
        return self.known(caller) or ANONYMOUS

    def known(self, caller: str) -> str | None:
        """The principal that a certificate of the cluster shows, or that was proved by password; None: not known."""
        proved = getattr(caller, "known_as", None)
        if proved is None and holder_of(caller) in self.authorizer.super_users:
            return holder_of(caller)
        return proved

    def rules(self) -> list[AccessRule]:
        """The rules that this server knows of."""
        return list(self.image().access_rules.values())

    def allows(
        self, caller: str, request: str, operation: int, resource_type: int, name: str = CLUSTER_NAME,
        tell: bool = True
    ) -> bool:  # fmt: skip
        """Whether the caller may; a refusal is recorded, unless it only makes a list shorter (`tell`)."""
        asker = Asker(self.principal(caller), str(caller))
        verdict = self.authorizer.decide(self.rules(), asker, operation, resource_type, name)
        if not verdict.allowed and tell:
            self.refused(asker, verdict, request, operation, resource_type, name)
        return verdict.allowed

    def allows_any(self, caller: str, operation: int, resource_type: int) -> bool:
        """Whether there is any resource of the type to which the caller may do this."""
        asker = Asker(self.principal(caller), str(caller))
        return self.authorizer.decide_any(self.rules(), asker, operation, resource_type).allowed

    def require_fetch(self, reader: str, replica_id: int, topic: str) -> None:
        """TOPIC_AUTHORIZATION_FAILED for a consumer without READ now, or a follower without CLUSTER_ACTION."""
        if not self.on:
            return
        if replica_id == CONSUMER:
            may = self.allows(reader, "Fetch", Operation.READ, ResourceType.TOPIC, topic)
        else:
            may = self.allows(reader, "Fetch", Operation.CLUSTER_ACTION, ResourceType.CLUSTER)
        if not may:
            raise KafkaError(Error.TOPIC_AUTHORIZATION_FAILED, f"{self.principal(reader)} may not read {topic}")

    def refused(
        self, asker: Asker, verdict: Verdict, request: str, operation: int, resource_type: int, name: str
    ) -> None:
        """Write the refusal down."""
        words = (Operation(operation).name, ResourceType(resource_type).name, name, asker.host, request, verdict.why)
        self.machine.record(AuthorizationDenied(asker.principal, *words))
