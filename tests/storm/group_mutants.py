"""Ways to get groups wrong, as replacement functions: each is a context manager that puts one in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from minikafka.coordinator import commit_rules
from minikafka.coordinator.group import Group


@contextmanager
def stale_generation_accepted() -> Iterator[None]:
    """A member of any generation is as good as one of the present."""

    def require_generation(self: Group, generation: int) -> None:
        """Today ILLEGAL_GENERATION."""

    with patch.object(Group, "require_generation", require_generation):
        yield


@contextmanager
def commit_without_fencing() -> Iterator[None]:
    """Whoever commits has committed: zombies and outsiders too."""
    with patch.object(commit_rules, "require_right_to_commit", lambda group, request: None):
        yield


GROUP_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    stale_generation_accepted,
    commit_without_fencing,
)
"""Those that the laws and judgments catch."""
