"""Ways to get groups wrong, as replacement functions: each is a context manager that puts one in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from minikafka.client.membership import Membership
from minikafka.coordinator import commit_rules
from minikafka.coordinator.group import EMPTY, STABLE, Group
from minikafka.coordinator.group_member import Member
from minikafka.coordinator.offset_records import StoredGroup
from minikafka.protocol.errors import Error


@contextmanager
def stale_generation_accepted() -> Iterator[None]:
    """O16: A member of any generation is as good as one of the present."""

    def require_generation(self: Group, generation: int) -> None:
        """Today ILLEGAL_GENERATION."""

    with patch.object(Group, "require_generation", require_generation):
        yield


@contextmanager
def commit_without_fencing() -> Iterator[None]:
    """O16: Whoever commits has committed: zombies and outsiders too."""
    with patch.object(commit_rules, "require_right_to_commit", lambda group, request: None):
        yield


@contextmanager
def disowned_keeps_its_partitions() -> Iterator[None]:
    """O13: A member whose join is refused with UNKNOWN_MEMBER_ID goes on with what it had, under a new id."""
    not_joined = Membership._not_joined

    def keeps(self: Membership, error: Error, member_id: str, node: object) -> bool:
        outcome = not_joined(self, error, member_id, node)
        self._lost = ""
        return outcome

    with patch.object(Membership, "_not_joined", keeps):
        yield


@contextmanager
def first_metadata_kept() -> Iterator[None]:
    """L10: A coordinator that reads the log believes of each member what the oldest record says of it."""

    def adopt(self: Group, stored: StoredGroup) -> None:
        self.generation, self.protocol, self.leader = stored.generation, stored.protocol, stored.leader
        self.protocol_type, self.since = stored.protocol_type, stored.since
        known, self.members, self.static = self.members, {}, {}
        for row in stored.members:
            member = known.get(row.member_id) or Member.of(row, stored.protocol)
            member.assignment = row.assignment
            self.add(member, stored.protocol_type)
        self.previous_state, self.state = self.state, STABLE if self.members else EMPTY

    with patch.object(Group, "adopt", adopt):
        yield


GROUP_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    stale_generation_accepted,
    commit_without_fencing,
)
"""Those that a law catches, in the very step."""

JUDGED_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    disowned_keeps_its_partitions,
    first_metadata_kept,
)
"""Those that a judgment finds in the end."""
