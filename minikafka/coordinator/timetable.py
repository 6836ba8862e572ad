"""When to look at what again: deadlines by name.

Promises     the act of a name is done once its time has come, unless the name was given another time or was crossed
             out; putting a deadline off costs the same however many there are.
Stands for   the timer wheel, with DelayedHeartbeat, DelayedJoin and DelayedSync.
Left out     -
Differs      one task sleeps until the earliest deadline; what was put off is found out when its old time comes.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

Name = tuple


class Timetable:
    """Lives on a machine; a frozen machine is late for its deadlines, like any."""

    def __init__(self, machine: Any):
        self._machine = machine
        self._acts: dict[Name, tuple[int, Callable[[], None]]] = {}
        self._planned: dict[Name, int] = {}
        self._heap: list[tuple[int, int, Name]] = []
        self._count = 0
        self._task: Any = None
        self._earlier = machine.future()

    def at(self, when: int, name: Name, act: Callable[[], None]) -> None:
        """Do `act` at `when` (µs); what was planned under this name is forgotten."""
        self._acts[name] = (when, act)
        planned = self._planned.get(name)
        if planned is None or planned > when:
            self._plan(when, name)

    def cross_out(self, name: Name) -> None:
        """Do not do it."""
        self._acts.pop(name, None)

    def has(self, name: Name) -> bool:
        """Whether something is planned under this name."""
        return name in self._acts

    def close(self) -> None:
        """Do nothing any more."""
        self._acts.clear()
        if self._task is not None:
            self._task.cancel()

    def _plan(self, when: int, name: Name) -> None:
        self._planned[name] = when
        self._count += 1
        heappush(self._heap, (when, self._count, name))
        if self._task is None or self._task.done:
            self._task = self._machine.spawn(self._run(), "group deadlines")
        elif self._heap[0][2] == name:
            self._earlier.set()

    async def _run(self) -> None:
        machine = self._machine
        while self._heap:
            when, _, name = self._heap[0]
            if when > machine.now:
                self._earlier = machine.future()
                await machine.first_of(self._earlier, machine.sleep(when - machine.now))
                continue
            heappop(self._heap)
            self._come(when, name)

    def _come(self, when: int, name: Name) -> None:
        """A planned time has come: do what is due under this name, or plan it anew if it was put off."""
        if self._planned.get(name) != when:
            return
        del self._planned[name]
        due = self._acts.get(name)
        if due is None:
            return
        if due[0] > self._machine.now:
            self._plan(due[0], name)
        else:
            del self._acts[name]
            due[1]()
