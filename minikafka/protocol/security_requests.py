"""Who am I, and who may do what: authentication of a connection, and the rules and users of a cluster.

Promises     each request names its answer (`Response`); no password ever travels, in neither direction.
Stands for   the SaslHandshake, SaslAuthenticate, DescribeAcls, CreateAcls, DeleteAcls, DescribeUserScramCredentials and
             AlterUserScramCredentials messages.
Left out     delegation tokens, client quotas, the lifetime of a session (KIP-368).
Differs      a rule and a filter are one row of seven fields, in which ANY and None stand for anything.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.protocol.access_rules import AccessRule


class SaslHandshakeResponse(NamedTuple):
    """NONE, or UNSUPPORTED_SASL_MECHANISM and the mechanisms there are."""

    error: int
    mechanisms: list


class SaslHandshakeRequest(NamedTuple):
    """I want to authenticate in this way."""

    mechanism: str
    API = 17
    Response = SaslHandshakeResponse


class SaslAuthenticateResponse(NamedTuple):
    """The server's part of the conversation, or SASL_AUTHENTICATION_FAILED."""

    error: int
    message: str | None
    auth_bytes: bytes


class SaslAuthenticateRequest(NamedTuple):
    """The client's part of the conversation."""

    auth_bytes: bytes
    API = 36
    Response = SaslAuthenticateResponse


class DescribeAclsResponse(NamedTuple):
    """The rules that the filter means."""

    error: int
    message: str | None
    rules: list
    NESTED = {"rules": AccessRule}


class DescribeAclsRequest(NamedTuple):
    """Which rules are there? The fields are those of a filter."""

    resource_type: int
    pattern_type: int
    resource_name: str | None
    principal: str | None
    host: str | None
    operation: int
    permission: int
    API = 29
    Response = DescribeAclsResponse

    def refused(self, error: int, message: str) -> DescribeAclsResponse:
        """The answer in which nothing is told, for this error."""
        return self.Response(error, message, [])


class CreatedAcl(NamedTuple):
    """The rule holds, or why not."""

    error: int
    message: str | None


class CreateAclsResponse(NamedTuple):
    """One answer for each rule."""

    results: list
    NESTED = {"results": CreatedAcl}


class CreateAclsRequest(NamedTuple):
    """These rules shall hold."""

    rules: list
    API = 30
    NESTED = {"rules": AccessRule}
    Response = CreateAclsResponse

    def refused(self, error: int, message: str) -> CreateAclsResponse:
        """The answer in which every rule has this error."""
        return self.Response([CreatedAcl(error, message) for _ in self.rules])


class DeletedAcls(NamedTuple):
    """The rules that the filter meant and that are gone, or why not."""

    error: int
    message: str | None
    rules: list
    NESTED = {"rules": AccessRule}


class DeleteAclsResponse(NamedTuple):
    """One answer for each filter."""

    results: list
    NESTED = {"results": DeletedAcls}


class DeleteAclsRequest(NamedTuple):
    """The rules that these filters mean shall not hold any more."""

    filters: list
    API = 31
    NESTED = {"filters": AccessRule}
    Response = DeleteAclsResponse

    def refused(self, error: int, message: str) -> DeleteAclsResponse:
        """The answer in which every filter has this error."""
        return self.Response([DeletedAcls(error, message, []) for _ in self.filters])


class ScramUser(NamedTuple):
    """A user and how the passwords are salted: [[mechanism, iterations], ...]; or RESOURCE_NOT_FOUND."""

    name: str
    error: int
    message: str | None
    credentials: list


class DescribeUserScramCredentialsResponse(NamedTuple):
    """One row for each user."""

    error: int
    message: str | None
    users: list
    NESTED = {"users": ScramUser}


class DescribeUserScramCredentialsRequest(NamedTuple):
    """Which users are there (None: all)?"""

    users: list | None
    API = 50
    Response = DescribeUserScramCredentialsResponse


class ScramUpsertion(NamedTuple):
    """A user shall have this salted password; the password itself stays with the one who chose it."""

    name: str
    mechanism: str
    iterations: int
    salt: bytes
    salted_password: bytes


class ScramDeletion(NamedTuple):
    """A user shall not have a password for this mechanism any more."""

    name: str
    mechanism: str


class AlteredUser(NamedTuple):
    """Done, or why not."""

    name: str
    error: int
    message: str | None


class AlterUserScramCredentialsResponse(NamedTuple):
    """One answer for each user."""

    results: list
    NESTED = {"results": AlteredUser}


class AlterUserScramCredentialsRequest(NamedTuple):
    """Make, change and remove users' credentials."""

    deletions: list
    upsertions: list
    API = 51
    NESTED = {"deletions": ScramDeletion, "upsertions": ScramUpsertion}
    Response = AlterUserScramCredentialsResponse

    def refused(self, error: int, message: str) -> AlterUserScramCredentialsResponse:
        """The answer in which every user has this error."""
        return self.Response([AlteredUser(row.name, error, message) for row in (*self.deletions, *self.upsertions)])
