"""Who came in, who did not, and what was refused to whom.

Promises     every refusal is one event, with who, what and why; no event holds a password or anything made of one.
Stands for   kafka-authorizer.log, and the broker's log of failed authentications.
Left out     what was allowed: Kafka writes that down only at the level DEBUG.
Differs      -
"""

from __future__ import annotations

from typing import NamedTuple


class Authenticated(NamedTuple):
    """A client has proved its name on a connection, which keeps it to its end."""

    principal: str
    caller: str
    mechanism: str

    def sentence(self) -> str:
        """Who, from where, and how."""
        return f"{self.caller} is {self.principal} ({self.mechanism})"


class AuthenticationFailed(NamedTuple):
    """A connection was not accepted. `user` is the name that was given, "" if none was."""

    user: str
    caller: str
    error: str
    why: str

    def sentence(self) -> str:
        """Who, and what was wrong."""
        return f"did not let {self.caller} in: {self.why} ({self.error})"


class AuthorizationDenied(NamedTuple):
    """Somebody asked for something that they may not do."""

    principal: str
    operation: str
    resource_type: str
    resource: str
    host: str
    request: str
    why: str

    def sentence(self) -> str:
        """Who wanted to do what to which resource, and upon which rule it was refused."""
        what = f"{self.operation} {self.resource_type} {self.resource}"
        return f"{self.principal} is denied {what} (request {self.request} from {self.host}): {self.why}"


class AccessRuleAdded(NamedTuple):
    """A rule holds from now on."""

    rule: str

    def sentence(self) -> str:
        """The rule."""
        return f"new rule: {self.rule}"


class AccessRuleRemoved(NamedTuple):
    """A rule does not hold any more."""

    rule: str

    def sentence(self) -> str:
        """The rule."""
        return f"no longer a rule: {self.rule}"


class UserAltered(NamedTuple):
    """A user has a (new) password."""

    user: str
    mechanism: str
    iterations: int

    def sentence(self) -> str:
        """Whose, and how it is kept."""
        return f"user {self.user} has a new password, kept for {self.mechanism} with {self.iterations} iterations"


class UserRemoved(NamedTuple):
    """A user cannot log in any more; connections that stand are not ended."""

    user: str
    mechanism: str

    def sentence(self) -> str:
        """Whose password is gone."""
        return f"user {self.user} has no password for {self.mechanism} any more"


class AccessRulesApplied(NamedTuple):
    """A broker has heard of a change: from now on it decides by so many rules."""

    rules: int
    users: int
    metadata_offset: int

    def sentence(self) -> str:
        """How many, and as of when."""
        known = f"{_count(self.rules, 'access rule')} and {_count(self.users, 'password')}"
        return f"knows {known} from now on, as of metadata offset {self.metadata_offset}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
