"""Who is told when something about a partition changes.

Promises     every watcher hears each piece of news in the instant it happens, in the order in which they began to
             watch.
Stands for   the keys of Kafka's purgatories, and the calls of tryCompleteDelayedRequests.
Left out     the purging of watchers that have finished: they take themselves off.
Differs      one board for each partition, instead of one purgatory for each kind of request.
"""

from __future__ import annotations

from typing import Protocol

APPENDED = 1
"""Records were added at the leader."""
COMMITTED = 2
"""The high watermark moved."""
STARTED = 4
"""A log start offset moved, here or at a follower."""
IN_SYNC = 8
"""The ISR, or who is a replica, changed."""
REIGN = 16
"""Role or leader epoch changed, or the log was cut, or the replica is gone."""


class Watcher(Protocol):
    """Whoever wants to know."""

    def noticed(self, key: tuple, news: int) -> None:
        """`news` (one of the constants above) has happened to the partition `key`."""
        ...


class Noticeboard:
    """The watchers of one partition."""

    __slots__ = ("key", "watchers")

    def __init__(self, key: tuple):
        self.key = key
        self.watchers: dict[Watcher, None] = {}

    def add(self, watcher: Watcher) -> None:
        """From now on `watcher` is told; adding it twice is the same as once."""
        self.watchers[watcher] = None

    def remove(self, watcher: Watcher) -> None:
        """`watcher` is told no more."""
        self.watchers.pop(watcher, None)

    def post(self, news: int) -> None:
        """Tell everybody."""
        if self.watchers:
            for watcher in list(self.watchers):
                watcher.noticed(self.key, news)
