"""What the messages of security are called on the stage.

Promises     no label holds a name's password, or anything made of it.
Stands for   nothing in Kafka.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.protocol import security_requests as security
from minikafka.protocol.errors import Error


def _named(words: str) -> Callable[[Any], str]:
    return lambda message: words


def _whole(words: str) -> Callable[[Any], str]:
    return lambda response: Error(response.error).name if response.error else words


def _rows(words: str, rows: str) -> Callable[[Any], str]:
    def label(response: Any) -> str:
        return next((Error(row.error).name for row in getattr(response, rows) if row.error), words)

    return label


SECURITY_LABELS: dict[type, Callable[[Any], str]] = {
    security.SaslHandshakeRequest: lambda request: f"authenticate by {request.mechanism}?",
    security.SaslHandshakeResponse: _whole("go ahead"),
    security.SaslAuthenticateRequest: _named("who I am"),
    security.SaslAuthenticateResponse: _whole("heard"),
    security.DescribeAclsRequest: _named("which rules?"),
    security.DescribeAclsResponse: _whole("rules"),
    security.CreateAclsRequest: _named("add rules"),
    security.CreateAclsResponse: _rows("rules added", "results"),
    security.DeleteAclsRequest: _named("remove rules"),
    security.DeleteAclsResponse: _rows("rules removed", "results"),
    security.DescribeUserScramCredentialsRequest: _named("which users?"),
    security.DescribeUserScramCredentialsResponse: _whole("users"),
    security.AlterUserScramCredentialsRequest: _named("alter users"),
    security.AlterUserScramCredentialsResponse: _rows("users altered", "results"),
}
"""By the class of the message."""
