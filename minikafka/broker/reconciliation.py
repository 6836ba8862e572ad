"""Where a follower cuts its log when it learns that its leader's log differs.

Promises     nothing that leader and follower share is cut, and repeated answers end at the last offset they share:
             each round strictly lowers the follower's latest epoch.
Stands for   AbstractFetcherThread.getOffsetTruncationState (KIP-101, KIP-279).
Left out     nothing.
Differs      nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

UNDEFINED_EPOCH = -1
UNDEFINED_OFFSET = -1


class Truncation(NamedTuple):
    """Cut to this offset. `finished`: the logs agree from then on; else the next fetch diverges again, further down."""

    offset: int
    finished: bool


def truncation_for(
    leader_epoch: int,
    leader_end: int,
    fetch_offset: int,
    log_end: int,
    own_end_offset_for: Callable[[int], tuple[int, int]],
) -> Truncation:
    """The leader says: my `leader_epoch` (the largest not above yours) ends at `leader_end`. Where to cut, then?"""
    if leader_end == UNDEFINED_OFFSET:
        return Truncation(fetch_offset, True)
    if leader_epoch == UNDEFINED_EPOCH:
        return Truncation(min(leader_end, log_end), True)
    own_epoch, own_end = own_end_offset_for(leader_epoch)
    if own_end == UNDEFINED_OFFSET:
        return Truncation(min(leader_end, log_end), True)
    if own_epoch != leader_epoch:
        return Truncation(min(own_end, log_end), False)
    return Truncation(min(own_end, leader_end, log_end), True)
