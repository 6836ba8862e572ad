"""What the messages of consumer groups are called on the stage.

Promises     every request and response of `group_requests` has a label; a heartbeat that is well is routine.
Stands for   nothing in Kafka: its request log prints the whole message.
Left out     contents beyond counts, generations and errors.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.protocol import group_requests as group
from minikafka.protocol.errors import Error


def _named(words: str) -> Callable[[Any], str]:
    return lambda message: words


def _rows(words: str, rows: str) -> Callable[[Any], str]:
    def label(response: Any) -> str:
        for row in getattr(response, rows):
            if row.error:
                return Error(row.error).name
        return words

    return label


def _whole(words: Callable[[Any], str], rows: str = "") -> Callable[[Any], str]:
    def label(response: Any) -> str:
        if response.error:
            return Error(response.error).name
        return _rows(words(response), rows)(response) if rows else words(response)

    return label


def _commit(request: group.OffsetCommitRequest) -> str:
    rows = request.partitions
    which = f"@{rows[0].offset}" if len(rows) == 1 else f"{len(rows)} offsets"
    return f"commit {which}"


def _fetched(response: group.OffsetFetchResponse) -> str:
    rows = response.partitions
    return f"committed @{rows[0].offset}" if len(rows) == 1 else f"committed {len(rows)} offsets"


GROUP_LABELS: dict[type, Callable[[Any], str]] = {
    group.FindCoordinatorRequest: _named("who coordinates?"),
    group.FindCoordinatorResponse: _rows("coordinator", "coordinators"),
    group.JoinGroupRequest: lambda request: f"join {request.group_id}",
    group.JoinGroupResponse: _whole(lambda response: f"generation {response.generation}"),
    group.SyncGroupRequest: lambda request: "assignments" if request.assignments else "what shall I do?",
    group.SyncGroupResponse: _whole(_named("assignment")),
    group.HeartbeatRequest: _named("group heartbeat"),
    group.HeartbeatResponse: _whole(_named("still a member")),
    group.LeaveGroupRequest: lambda request: f"leave {request.group_id}",
    group.LeaveGroupResponse: _whole(_named("left"), "members"),
    group.OffsetCommitRequest: _commit,
    group.OffsetCommitResponse: _rows("committed", "partitions"),
    group.OffsetFetchRequest: _named("what is committed?"),
    group.OffsetFetchResponse: _whole(_fetched, "partitions"),
    group.DescribeGroupsRequest: _named("describe groups"),
    group.DescribeGroupsResponse: _rows("groups described", "groups"),
    group.ListGroupsRequest: _named("list groups"),
    group.ListGroupsResponse: _whole(lambda response: f"{len(response.groups)} groups"),
    group.DeleteGroupsRequest: _named("delete groups"),
    group.DeleteGroupsResponse: _rows("groups deleted", "results"),
    group.OffsetDeleteRequest: _named("forget offsets"),
    group.OffsetDeleteResponse: _whole(_named("offsets forgotten"), "partitions"),
}
"""By the class of the message."""

GROUP_ROUTINE: dict[type, Callable[[Any], bool]] = {
    group.HeartbeatRequest: lambda request: True,
    group.HeartbeatResponse: lambda response: not response.error,
}
"""Which of them views may step over."""
