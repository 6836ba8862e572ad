"""Ways to get security wrong, as replacement functions: each is a context manager that puts one in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.broker import doorkeeper
from minikafka.broker.permissions import PERMISSIONS
from minikafka.metadata import authorizer
from minikafka.metadata.access import Access
from minikafka.protocol import client_requests, group_requests
from minikafka.protocol.access_rules import AccessRule, Permission


@contextmanager
def deny_ignored() -> Iterator[None]:
    """A1: Only the rules that allow are looked at."""
    right = authorizer.speaks_of

    def speaks_of(rule: AccessRule, asker: Any, operation: int) -> bool:
        """Today a DENY speaks, too, and first."""
        return rule.permission == Permission.ALLOW and right(rule, asker, operation)

    with patch.object(authorizer, "speaks_of", speaks_of):
        yield


@contextmanager
def prefix_anywhere() -> Iterator[None]:
    """A1: A prefixed rule covers whatever has its name somewhere in it."""
    right = AccessRule.covers

    def covers(self: AccessRule, resource_type: int, name: str) -> bool:
        """Today only what begins with it."""
        return right(self, resource_type, name) or (
            self.resource_type == resource_type and self.resource_name in name)  # fmt: skip

    with patch.object(AccessRule, "covers", covers):
        yield


@contextmanager
def fetch_not_checked() -> Iterator[None]:
    """A3: Whoever asks may read."""
    with patch.object(Access, "require_fetch", lambda self, reader, replica_id, topic: None):
        yield


@contextmanager
def produce_not_checked() -> Iterator[None]:
    """A1: A row of the table was forgotten."""
    with patch.dict(PERMISSIONS, {client_requests.ProduceRequest: ()}):
        yield


@contextmanager
def commit_not_checked() -> Iterator[None]:
    """A2: Whoever knows a group's name commits for it."""
    with patch.dict(PERMISSIONS, {group_requests.OffsetCommitRequest: ()}):
        yield


@contextmanager
def any_proof_is_good() -> Iterator[None]:
    """A4: The name is taken from everybody who gives it."""
    with patch.object(doorkeeper.scram, "is_proved", lambda mechanism, known, said, given: True):
        yield


SECURITY_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    deny_ignored,
    prefix_anywhere,
    fetch_not_checked,
    produce_not_checked,
    commit_not_checked,
    any_proof_is_good,
)
"""Those that the laws catch."""
