"""A machine: a process with its tasks, a disk, and a place on the network.

Promises     a task belongs to the process and dies with it; a crash keeps what was written, a loss of power only what
             was flushed; a frozen process stands still and later goes on as if nothing had been; a process that fails
             while it starts leaves a machine that is down.
Stands for   a server with one JVM on it.
Left out     memory and processor limits, clocks that differ.
Differs      a process starts at once.

    state     on                   becomes
    down      start                running
    running   crash                down
    running   power_off            dark
    running   stop                 down
    running   freeze               frozen
    frozen    thaw                 running
    frozen    crash                down
    frozen    power_off            dark
    down      power_off            dark
    dark      start                running
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from minikafka.world.disk import Disk
from minikafka.world.happenings import (
    MachineCrashed,
    MachineFroze,
    MachineStarted,
    MachineStopped,
    MachineThawed,
    PowerLost,
)
from minikafka.world.kernel import Kernel, Owner, Task, TaskFailed
from minikafka.world.network import Connection, Network
from minikafka.world.places import Place

if TYPE_CHECKING:
    from minikafka.world.world import World

Handler = Callable[[bytes, str], Awaitable[Any]]

MOVES = {
    ("down", "start"): "running",
    ("running", "crash"): "down",
    ("running", "power_off"): "dark",
    ("running", "stop"): "down",
    ("running", "freeze"): "frozen",
    ("frozen", "thaw"): "running",
    ("frozen", "crash"): "down",
    ("frozen", "power_off"): "dark",
    ("down", "power_off"): "dark",
    ("dark", "start"): "running",
}


class MachineError(Exception):
    """Something was asked of a machine that its state does not allow; says what it can do."""


class Machine(Place, Owner):
    """What the rooms above hold of a world: `now`, `sleep`, `spawn`, `connect`, `listen`, `record`, `dice`, `disk`."""

    def __init__(self, world: World, name: str, zone: Place, disk: Disk):
        Place.__init__(self, name, zone)
        Owner.__init__(self, name)
        self.kernel: Kernel = world.kernel
        self.network: Network = world.network
        self.disk = disk
        self.state = "down"
        self.incarnation = 0
        self.process: Any = None
        self.handler: Handler | None = None
        self._world = world
        self._factory: Callable[[Machine], Any] | None = None
        self.stopping: Task | None = None
        self._tasks: list[Task] = []
        self._dying = False
        self._sweep_at = 64
        self._frozen_since = 0
        self.future = self.kernel.future
        self.sleep = self.kernel.sleep
        self.within = self.kernel.within
        self.first_of = self.kernel.first_of

    @property
    def zone(self) -> Place:
        """The zone (or rack) that the machine stands in."""
        assert self.inside is not None, f"{self.name} stands nowhere"
        return self.inside

    @property
    def now(self) -> int:
        """The time in µs since the world began."""
        return self.kernel.now

    @property
    def running(self) -> bool:
        """Whether the process is up and not frozen."""
        return self.state == "running"

    @property
    def up(self) -> bool:
        """Whether there is a process, be it running or frozen."""
        return self.state == "running" or self.state == "frozen"

    # -- what a process does ------------------------------------------------------------------------------------

    def spawn(self, coroutine: Coroutine, name: str = "") -> Task:
        """Start a task of this process (`MachineError` if there is none); a dying one's is cancelled at once."""
        if self.state != "running" and self.state != "frozen":
            return self._spawn_of_the_dead(coroutine, name)
        self._world.by_hand(f"{self.name}.spawn()")
        task = self.kernel.spawn(coroutine, self, name)
        self._tasks.append(task)
        if len(self._tasks) > self._sweep_at:
            self._tasks = [task for task in self._tasks if not task.done]
            self._sweep_at = max(64, 2 * len(self._tasks))
        return task

    def record(self, event: Any) -> int:
        """Tell the flight recorder that `event` happened here; returns its number."""
        return self._world.recorder.record(self.name, event)

    def dice(self, room: str) -> random.Random:
        """The dice of one room on this machine."""
        return self._world.chance.stream(f"{self.name}/{room}")

    def listen(self, handler: Handler) -> None:
        """Take connections; `handler(payload, caller)` answers each message: bytes, a `Reply`, or None for no answer.

        A handler that raises `Disconnected` hangs up: the caller's questions in flight fail, their outcome unknown.
        """
        self._must_be_up("listen")
        self.handler = handler

    async def connect(self, address: str, within: int = 10_000_000) -> Connection:
        """Open a connection; raises `Unreachable` or `TimedOut` (`MachineError` if there is no process to hold it)."""
        self._must_be_up("connect")
        return await self.network.connect(self, address, within)

    # -- what happens to it -------------------------------------------------------------------------------------

    def install(self, factory: Callable[[Machine], Any]) -> None:
        """`factory(machine)` will make the process at each start: it builds an object and spawns its tasks."""
        self._world.by_hand(f"{self.name}.install()")
        self._factory = factory

    def start(self) -> None:
        """Bring the process up, with whatever the disk holds."""
        self._move("start")
        self.incarnation += 1
        with self._because(MachineStarted(self.incarnation)):
            if self._factory is not None:
                try:
                    self.process = self._factory(self)
                except Exception:
                    self.crash()
                    raise

    def crash(self) -> None:
        """Kill the process. The page cache survives, and peers are told by the operating system."""
        self._move("crash")
        with self._because(MachineCrashed(self.incarnation)):
            self._end_process(silently=False)

    def power_off(self) -> None:
        """Cut the power: what was not flushed is gone (the last write may survive in part), and nobody is told."""
        self._move("power_off")
        with self._because(PowerLost(self.incarnation)):
            try:
                self._end_process(silently=True)
            finally:
                self.disk.lose_power(self.dice("power"))

    def end(self) -> None:
        """The process has finished its work and ends."""
        self._move("stop")
        with self._because(MachineStopped(self.incarnation)):
            self._end_process(silently=False)

    def freeze(self) -> None:
        """Let the process stand still; the network still takes messages for it."""
        self._move("freeze")
        self.frozen = True
        self._frozen_since = self.now
        self.record(MachineFroze())

    def thaw(self) -> None:
        """Let the process go on; what waited for it happens now, in order."""
        self._move("thaw")
        self.frozen = False
        self.record(MachineThawed(self.now - self._frozen_since))
        backlog, self.backlog = self.backlog, []
        self.kernel.ready.extend(backlog)

    @contextmanager
    def _because(self, event: Any) -> Iterator[None]:
        """Record the event, and let it be the cause of what follows from it."""
        kernel = self.kernel
        before, kernel.cause = kernel.cause, self.record(event)
        try:
            yield
        finally:
            kernel.cause = before

    def _move(self, verb: str) -> None:
        becomes = MOVES.get((self.state, verb))
        if becomes is None:
            possible = ", ".join(v for (state, v) in MOVES if state == self.state)
            raise MachineError(f"{self.name} is {self.state} and cannot {verb}: it can {possible}")
        self._world.by_hand(f"{self.name}.{verb}()")
        self.state = becomes

    def _must_be_up(self, verb: str) -> None:
        if self.state != "running" and self.state != "frozen":
            raise MachineError(f"{self.name} is {self.state} and cannot {verb}: start it first")

    def _spawn_of_the_dead(self, coroutine: Coroutine, name: str) -> Task:
        if not self._dying:
            coroutine.close()
            self._must_be_up(f"run {name or coroutine.__qualname__}")
        task = self.kernel.spawn(coroutine, self, name)
        task.cancel()
        return task

    def _end_process(self, silently: bool) -> None:
        """End every task, even if the `finally` of one fails; the first such failure is raised when all is over."""
        tasks, self._tasks = self._tasks, []
        self.process = self.handler = self.stopping = None
        self.frozen, self.backlog = False, []
        self.network.drop(self, silently)
        failures = []
        self._dying = True
        for task in tasks:
            try:
                task.cancel()
            except TaskFailed as failure:
                failures.append(failure)
        self._dying = False
        if failures:
            raise failures[0]
