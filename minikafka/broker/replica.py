"""What a leader knows about one follower, and when that follower counts as caught up.

Promises     `last_caught_up` is the latest moment (µs) at which the follower surely held everything the leader held
             then.
Stands for   org.apache.kafka.server.replica.Replica and ReplicaState.
Left out     -
Differs      a follower that never caught up has `NEVER`, where Kafka has time 0 (in a young world 0 is not long ago).
             In a fetch session an idle partition is not visited: the session's `last_visit` stands for all those
             visits, and is folded in before the leader's log moves or the replica is judged.
"""

from __future__ import annotations

from typing import Protocol

UNKNOWN = -1
"""An offset or a broker epoch that the leader has not heard of yet."""

NEVER = -(1 << 62)
"""Longer ago than any lag that is allowed."""


class Visits(Protocol):
    """A fetch session, as far as a replica is concerned."""

    last_visit: int


class Replica:
    """A follower as its leader sees it: its log end offset is simply the fetch offset of its latest fetch."""

    __slots__ = ("broker_id", "log_end_offset", "log_start_offset", "broker_epoch", "last_caught_up",
                 "last_fetch_time", "last_fetch_leader_end", "told_high_watermark", "is_observer",
                 "visits")  # fmt: skip

    def __init__(self, broker_id: int):
        self.broker_id = broker_id
        self.visits: Visits | None = None
        self.is_observer = False
        self.forget()

    def forget(self) -> None:
        """Know nothing about the follower."""
        self.log_end_offset = self.log_start_offset = self.broker_epoch = UNKNOWN
        self.last_caught_up = self.last_fetch_time = NEVER
        self.last_fetch_leader_end = self.told_high_watermark = UNKNOWN

    def begin_reign(self, now: int, in_isr: bool, leader_end: int, was_leader: bool) -> None:
        """A leader epoch begins. Members of the ISR count as caught up; others are forgotten, unless we led before."""
        self.visits = None
        if was_leader:
            self.last_fetch_leader_end = leader_end
            self.last_fetch_time = now if in_isr else NEVER
        else:
            self.forget()
        self.last_caught_up = now if in_isr else NEVER

    def fetched(self, fetch_offset: int, log_start_offset: int, broker_epoch: int, leader_end: int, now: int) -> None:
        """The follower asked for `fetch_offset` while the leader's log ended at `leader_end`."""
        if fetch_offset >= leader_end:
            self.last_caught_up = max(self.last_caught_up, now)
        elif fetch_offset >= self.last_fetch_leader_end:
            self.last_caught_up = max(self.last_caught_up, self.last_fetch_time)
        self.log_end_offset = fetch_offset
        self.log_start_offset = log_start_offset
        self.broker_epoch = broker_epoch
        self.last_fetch_leader_end = leader_end
        self.last_fetch_time = now

    def fold(self, leader_end: int) -> None:
        """Count the session's visits since this partition was last looked at; the leader's log has not moved since."""
        visits = self.visits
        if visits is not None and visits.last_visit > self.last_fetch_time:
            self.fetched(self.log_end_offset, self.log_start_offset, self.broker_epoch, leader_end, visits.last_visit)

    def is_caught_up(self, leader_end: int, now: int, longest_lag: int) -> bool:
        """Holds the whole log, or did so at most `longest_lag` µs ago."""
        self.fold(leader_end)
        return self.log_end_offset == leader_end or now - self.last_caught_up <= longest_lag
