"""What an administrator asks about the partitions of a topic that exists: more of them, or on other brokers.

Promises     each topic and each partition named gets an answer of its own.
Stands for   the CreatePartitions, AlterPartitionReassignments and ListPartitionReassignments messages.
Left out     throttles.
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


class Reassignment(NamedTuple):
    """The replicas a partition shall have, the preferred leader first; None cancels what is under way."""

    topic: str
    partition: int
    replicas: list | None


class Reassigned(NamedTuple):
    """Recorded, or why not."""

    topic: str
    partition: int
    error: int
    message: str | None


class AlterPartitionReassignmentsResponse(NamedTuple):
    """One answer for each partition."""

    partitions: list
    NESTED = {"partitions": Reassigned}


class AlterPartitionReassignmentsRequest(NamedTuple):
    """Begin to move these partitions to other brokers; it is done when the new replicas have caught up."""

    partitions: list
    timeout_ms: int
    API = 45
    NESTED = {"partitions": Reassignment}
    Response = AlterPartitionReassignmentsResponse

    def refused(self, error: int, message: str) -> AlterPartitionReassignmentsResponse:
        """The answer in which every partition has this error."""
        return self.Response([Reassigned(row.topic, row.partition, error, message) for row in self.partitions])


class OngoingReassignment(NamedTuple):
    """A partition that moves: all its replicas, those that come, those that will go."""

    topic: str
    partition: int
    replicas: list
    adding: list
    removing: list


class ListPartitionReassignmentsResponse(NamedTuple):
    """Every partition that moves."""

    error: int
    message: str | None
    partitions: list
    NESTED = {"partitions": OngoingReassignment}


class ListPartitionReassignmentsRequest(NamedTuple):
    """Which partitions move?"""

    timeout_ms: int
    API = 46
    Response = ListPartitionReassignmentsResponse

    def refused(self, error: int, message: str) -> ListPartitionReassignmentsResponse:
        """No list, with this error."""
        return self.Response(error, message, [])
