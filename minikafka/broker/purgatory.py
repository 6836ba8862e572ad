"""Waiting for a condition to come true, or for the time to be up.

Promises     a waiter goes on in the instant in which its condition holds, and at the latest after its time.
Stands for   DelayedOperationPurgatory, with DelayedProduce and DelayedDeleteRecords as plain conditions.
Left out     the timer wheel and the reaper thread.
Differs      a condition is a function and not a class for each kind of request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from minikafka.broker.noticeboard import Noticeboard
from minikafka.world.future import Future, TimedOut
from minikafka.world.machine import Machine

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition
    from minikafka.protocol.errors import Error


class Wait:
    """One waiter: looks at its condition whenever news comes that could matter."""

    __slots__ = ("condition", "heeds", "future")

    def __init__(self, condition: Callable[[], bool], heeds: int, future: Future):
        self.condition = condition
        self.heeds = heeds
        self.future = future

    def noticed(self, key: tuple, news: int) -> None:
        """Something happened; if it is of the kind that matters, and the condition holds now, go on."""
        if news & self.heeds and not self.future.done and self.condition():
            self.future.set(True)


async def until(
    machine: Machine, condition: Callable[[], bool], boards: Iterable[Noticeboard], heeds: int, within: int
) -> bool:
    """Wait until `condition()` holds; False if it did not within so many µs. `heeds`: the news after which to look."""
    if condition():
        return True
    if within <= 0:
        return False
    wait = Wait(condition, heeds, machine.future())
    boards = list(boards)
    for board in boards:
        board.add(wait)
    try:
        await machine.within(wait.future, within)
        return True
    except TimedOut:
        return False
    finally:
        for board in boards:
            board.remove(wait)


class Delayed(Protocol):
    """One partition's part of a request that waits (DelayedOperation). `error` is None until it is settled."""

    partition: Partition
    error: Error | None

    def settled(self) -> bool:
        """Whether there is an answer now; once there is, it stays."""
        ...


async def until_all_settled(machine: Machine, waiting: Sequence[Delayed], heeds: int, within: int) -> list[Delayed]:
    """Wait until each of these is settled, and return those that are not after so many µs."""

    def all_settled() -> bool:
        return all([one.settled() for one in waiting])  # a list: each of them looks, also after one that is not

    in_time = await until(machine, all_settled, [one.partition.news for one in waiting], heeds, within)
    return [] if in_time else [one for one in waiting if one.error is None]
