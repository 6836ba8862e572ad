"""The leader's book of its quorum: how far each voter has come, and what is committed by that.

Promises     the high watermark only rises, and never before a fact of this leader's own epoch is on a majority of
             disks: a voter's offset counts once it has asked for what follows, so once it has flushed.
Stands for   LeaderState.
Left out     acknowledging voters, the change of voters at run time.
Differs      a broker counts as caught up when it asks for what follows the committed facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikafka.controller.quorum_rules import committed_below, majority_heard_at

UNKNOWN = -1


class Progress(NamedTuple):
    """How far a replica of the metadata log has come, and when (µs) it last asked and was last caught up."""

    end_offset: int = UNKNOWN
    last_fetch: int = UNKNOWN
    last_caught_up: int = UNKNOWN


class Reign:
    """One leader's time. `voters`: the progress of the other voters; `observers`: that of the brokers, by id."""

    def __init__(self, epoch: int, epoch_start: int, others: Iterable[int], now: int):
        self.epoch = epoch
        self.epoch_start = epoch_start
        self.voters = dict.fromkeys(others, Progress())
        self.observers: dict[int, Progress] = {}
        self.began = now

    def voter_fetched(self, voter: int, offset: int, end: int, now: int) -> None:
        """A voter has everything below this offset; the leader's own log ends at `end`."""
        if voter in self.voters:
            self.voters[voter] = _progress(self.voters[voter], offset, end, now)

    def broker_fetched(self, broker: int, offset: int, committed: int, now: int) -> None:
        """A broker has applied everything below this offset."""
        self.observers[broker] = _progress(self.observers.get(broker, Progress()), offset, committed, now)

    def high_watermark(self, own_end: int) -> int | None:
        """What is committed as far as the leader can know; None if its own epoch has not reached a majority yet."""
        return committed_below([own_end, *(known.end_offset for known in self.voters.values())], self.epoch_start)

    def majority_heard_at(self, now: int) -> int:
        """When (µs) the latest majority was heard of; the reign's beginning counts as an answer of all."""
        heard = {voter: max(known.last_fetch, self.began) for voter, known in self.voters.items()}
        return majority_heard_at(heard, now)

    def heard_within(self, voter: int, patience: int, now: int) -> bool:
        """Has this voter fetched in this reign, and lately?"""
        known = self.voters[voter]
        return known.last_fetch != UNKNOWN and now - known.last_fetch < patience

    def successors(self) -> list[int]:
        """The other voters, the one with the longest log first."""
        return sorted(self.voters, key=lambda voter: (-self.voters[voter].end_offset, voter))


def _progress(known: Progress, offset: int, end: int, now: int) -> Progress:
    return Progress(offset, now, now if offset >= end else known.last_caught_up)
