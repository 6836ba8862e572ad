"""Messages on their way: when each left, where it got to, and when.

Promises     one path for each sending of a message (a message that was stuck and goes on has two); every path has an
             end, if only the
             planned one.
Stands for   a packet capture.
Left out     contents.
Differs      the openings, resets and endings of connections arrive without an event; their planned end counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikafka.world.event import Recorded

DELIVERED, STUCK, LOST, UNDER_WAY = range(4)
FATES = ("delivered", "stuck", "lost", "under way")


class Path(NamedTuple):
    """`sent` and `end` are times (µs); `left` and `arrived` are indices of events (`arrived` -1: none); `again`: it
    had been stuck."""

    sender: str
    receiver: str
    label: str
    size: int
    sent: int
    end: int
    left: int
    arrived: int
    fate: int
    reply: bool
    routine: bool
    again: bool
    connection: int


def paths_of(trace: Sequence[Recorded]) -> list[Path]:
    """The paths in the order in which they began."""
    ends: dict[int, tuple[int, int, int]] = {}
    open_paths: dict[tuple[int, int], int] = {}
    resent: dict[int, bool] = {}
    sent: list[int] = []
    for index, entry in enumerate(trace):
        kind, event = entry.kind, entry.event
        if kind == "MessageSent":
            name = (event.connection, event.number)
            if name in open_paths:
                # It was stuck: until now it stood on the way, and now it goes on.
                before = open_paths[name]
                ends[before] = (entry.time, ends[before][1] if before in ends else -1, STUCK)
                resent[index] = True
            open_paths[name] = index
            sent.append(index)
        elif kind == "MessageDelivered":
            left = open_paths.pop((event.connection, event.number), None)
            if left is not None:
                ends[left] = (entry.time, index, DELIVERED)
        elif kind == "MessageLost" or kind == "MessageStuck":
            left = open_paths.get((event.connection, event.number))
            if left is not None:
                ends[left] = (entry.time, index, LOST if kind == "MessageLost" else STUCK)
                if kind == "MessageLost":
                    del open_paths[event.connection, event.number]
    last = trace[-1].time if trace else 0
    return [_path(trace, index, ends.get(index), index in resent, last) for index in sent]


def _path(trace: Sequence[Recorded], index: int, end: tuple[int, int, int] | None, again: bool, last: int) -> Path:
    entry = trace[index]
    event = entry.event
    if end is None:
        fate = DELIVERED if event.size == 0 and event.arrives <= last else UNDER_WAY
        end = (event.arrives, -1, fate)
    return Path(
        event.sender,
        event.receiver,
        event.label,
        event.size,
        entry.time,
        end[0],
        index,
        end[1],
        end[2],
        event.reply,
        event.routine,
        again,
        event.connection,
    )
