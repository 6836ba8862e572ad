"""What an administrator asks about placement: go by a topic's constraint now.

Promises     each topic named gets its own answer.
Stands for   `confluent-rebalancer execute --replica-placement-only`, whose messages are not published.
Left out     throttling, progress: nothing is copied (see controller/placement_change.py).
Differs      a message of our own.
"""

from __future__ import annotations

from typing import NamedTuple


class PlacedTopic(NamedTuple):
    """Placed, or why not."""

    topic: str
    error: int
    message: str | None


class ApplyPlacementResponse(NamedTuple):
    """One answer for each topic."""

    topics: list
    NESTED = {"topics": PlacedTopic}


class ApplyPlacementRequest(NamedTuple):
    """Let the replicas of these topics be what their placement constraints say."""

    topics: list
    API = 1003
    Response = ApplyPlacementResponse

    def refused(self, error: int, message: str) -> ApplyPlacementResponse:
        """The answer in which every topic has this error."""
        return self.Response([PlacedTopic(name, error, message) for name in self.topics])
