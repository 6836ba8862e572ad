"""What an administrator asks about the partitions of a topic that exists: more of them.

Promises     each topic named gets an answer of its own.
Stands for   the CreatePartitions messages.
Left out     reassignment of replicas.
Differs      nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class GrowingTopic(NamedTuple):
    """A topic, how many partitions it shall have in all, and perhaps the replicas of each new one."""

    name: str
    count: int
    assignments: list | None


class GrownTopic(NamedTuple):
    """Done, or why not."""

    name: str
    error: int
    message: str | None


class CreatePartitionsResponse(NamedTuple):
    """One answer for each topic."""

    topics: list
    NESTED = {"topics": GrownTopic}


class CreatePartitionsRequest(NamedTuple):
    """Add partitions; `validate_only` checks and changes nothing."""

    topics: list
    timeout_ms: int
    validate_only: bool
    API = 37
    NESTED = {"topics": GrowingTopic}
    Response = CreatePartitionsResponse

    def refused(self, error: int, message: str) -> CreatePartitionsResponse:
        """The answer in which every topic has this error."""
        return self.Response([GrownTopic(row.name, error, message) for row in self.topics])
