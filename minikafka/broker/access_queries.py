"""Which rules there are, and which users: answered by any broker, as it knows them.

Promises     answers from the metadata this broker has applied, which is also what it decides by.
Stands for   AclApis.handleDescribeAcls, DescribeUserScramCredentials.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from minikafka.protocol.access_rules import AccessRule
from minikafka.protocol.errors import Error
from minikafka.protocol.security_requests import (
    CreateAclsRequest,
    DeleteAclsRequest,
    DescribeAclsRequest,
    DescribeAclsResponse,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    ScramUser,
)

if TYPE_CHECKING:
    from minikafka.broker.broker import Broker


async def describe_acls(broker: Broker, request: DescribeAclsRequest, caller: str) -> DescribeAclsResponse:
    """The rules that the filter means."""
    wanted = AccessRule(*request)
    return DescribeAclsResponse(Error.NONE, None, [rule for rule in broker.access.rules() if rule.found_by(wanted)])


async def describe_users(
    broker: Broker, request: DescribeUserScramCredentialsRequest, caller: str
) -> DescribeUserScramCredentialsResponse:
    """The users, and how their passwords are salted; RESOURCE_NOT_FOUND for one that was named and is not there."""
    kept: dict[str, list] = {}
    for (name, mechanism), credential in broker.image.credentials.items():
        kept.setdefault(name, []).append([mechanism, credential.iterations])
    rows = []
    for name in kept if request.users is None else dict.fromkeys(request.users):
        error = Error.NONE if name in kept else Error.RESOURCE_NOT_FOUND
        known = None if name in kept else f"user {name!r} is not known: there are {', '.join(kept) or 'none'}"
        rows.append(ScramUser(name, error, known, kept.get(name, [])))
    return DescribeUserScramCredentialsResponse(Error.NONE, None, rows)


def unless_disabled(broker: Broker, kind: type, handler: Callable) -> Callable[[Any, str], Awaitable[Any]]:
    """Without an authorizer there are no rules to ask for: SECURITY_DISABLED."""
    if broker.access.on or kind not in ABOUT_RULES:
        return handler

    async def disabled(request: Any, caller: str) -> Any:
        return request.refused(Error.SECURITY_DISABLED, NO_AUTHORIZER)

    return disabled


ABOUT_RULES = (DescribeAclsRequest, CreateAclsRequest, DeleteAclsRequest)
NO_AUTHORIZER = "this cluster keeps no access rules: set authorizer.class.name to StandardAuthorizer when it is made"
