"""One world: it puts the rooms of this floor together and lets time pass.

Promises     the same seed and the same calls give the same trace digest; `run_for` is an ordinary call that returns when the
             time has passed; everything done from outside goes into the journal, so `rewind` and `fork` are re-runs.
Stands for   everything around Kafka.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minikafka.world import journal as book
from minikafka.world.chance import Chance
from minikafka.world.disk import Disk
from minikafka.world.faults import Faults
from minikafka.world.happenings import LinkChanged
from minikafka.world.kernel import Kernel, Task
from minikafka.world.laws import Finding, Law
from minikafka.world.machine import Machine
from minikafka.world.network import Network
from minikafka.world.places import Place, Region
from minikafka.world.quantities import us
from minikafka.world.recorder import EVERYTHING, Recorder
from minikafka.world.ways import Wire, wire

PATIENCE = "10min"
"""How long a call from outside waits in simulated time before it gives up."""


class World(book.FrontDoor):
    """`World(seed=7)`: regions, machines and faults; see `run_for`, `fork`, `rewind` and `scenario`.

    `keep` is the recorder's level ("everything", "domain events", "digest only"); `disks` a folder for real files.
    """

    things: dict[str, type] = {}
    """Workloads and the like that may stand in a journal, by their class names."""

    def __init__(self, seed: int = 0, keep: str = EVERYTHING, disks: str | Path | None = None):
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ValueError(f"seed={seed!r} is not a whole number: the dice need one, for example World(seed=7)")
        self.seed = seed
        self.options = {"keep": keep}
        self.kernel = Kernel()
        self.chance = Chance(seed)
        self.recorder = Recorder(self.kernel, keep)
        self.network = Network(self.kernel, self.chance, self.recorder)
        self.journal: list[book.Entry] = []
        self.laws: list[Law] = []
        self._disks = Path(disks) if disks is not None else None
        self._doors: dict[str, Any] = {}
        self._places: dict[str, Place] = {}
        self._inside = 0
        super().__init__(self, "world")
        self.faults = Faults(self)

    # -- building -----------------------------------------------------------------------------------------------

    @book.front_door
    def region(self, name: str, zones: int = 1) -> Region:
        """Add a region with so many zones (racks), named `name-a`, `name-b` …"""
        if not isinstance(name, str) or not name:
            raise ValueError(f"region name {name!r} is not a name: write for example world.region('us-east', zones=3)")
        if name in self._places:
            raise ValueError(f"there is a place {name!r} already: choose another name")
        if not isinstance(zones, int) or zones < 1:
            raise ValueError(f"zones={zones!r}: a region has at least one zone")
        region = Region(name, zones)
        for place in (region, *region.zones):
            self._places[place.name] = place
        return region

    @book.front_door
    def connect(
        self,
        one: Any,
        other: Any,
        latency: str | int,
        jitter: str | int = 0,
        bandwidth: str | int | None = None,
        loss: float = 0.0,
    ) -> None:
        """Say what it is like between two places, both ways: latency one way, jitter on top of it, bandwidth, loss."""
        laid: Wire = wire(latency, jitter, bandwidth, loss)
        for source, target in ((one, other), (other, one)):
            source, target = self.place(source), self.place(target)
            self.network.ways.lay(source, target, laid)
            self.recorder.record("world", LinkChanged(source.name, target.name, *laid))
        self.network.changed()

    def machine(self, name: str, zone: Place) -> Machine:
        """Add a machine; it is down until it is started."""
        if name in self._places:
            raise ValueError(f"there is a place {name!r} already: choose another name")
        folder = self._disks / name if self._disks is not None else None
        disk = Disk(lambda event: self.recorder.record(name, event), folder)
        machine = Machine(self, name, zone, disk)
        self._places[name] = self.network.machines[name] = machine
        return machine

    def place(self, place: Any) -> Place:
        """The place itself, the place of a broker or the like, or the place of that name."""
        found = getattr(place, "machine", place)
        if isinstance(found, str):
            found = self._places.get(found)
        if not isinstance(found, Place) or self._places.get(found.name) is not found:
            raise ValueError(f"{place!r} is not a place of this world: places are {', '.join(self._places)}")
        return found

    # -- time ---------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The time in µs since the world began."""
        return self.kernel.now

    def run_for(self, time: str | int) -> None:
        """Let so much time pass: `world.run_for("5s")`."""
        self.run_until(self.kernel.now + us(time))

    def run_until(self, moment: str | int) -> None:
        """Let time pass until the clock shows `moment`."""
        until = us(moment)
        if until < self.kernel.now:
            raise ValueError(f"{moment!r} is in the past: the clock shows {self.kernel.now} µs; rewind() goes back")
        with self.entering():
            self.kernel.run_until(until)

    def finish(self, coroutine: Coroutine, within: str | int = PATIENCE, name: str = "from outside") -> Any:
        """Let time pass until this is done, and return its result."""
        with self.entering():
            task = self.kernel.spawn(coroutine, None, name)
            return self.kernel.run_until_done(task, self.kernel.now + us(within))

    def stop_in_order(self, machine: Machine) -> Task:
        """Start the machine's own way of shutting down; when it is ready, the process ends."""
        return self.kernel.spawn(_shut_down(machine), None, f"shut down {machine.name}")

    # -- laws ---------------------------------------------------------------------------------------------------

    def law(self, *laws: Law) -> None:
        """Look after these laws from now on; a broken one raises `LawBroken` out of whatever lets time pass."""
        for law in laws:
            law.watch(self)
            self.laws.append(law)

    def judge(self, *judgments: Callable[[World], list[Finding]]) -> list[Finding]:
        """Pass these judgments on the whole history; no findings is an empty list."""
        return [finding for judgment in judgments for finding in judgment(self)]

    # -- doing it again -----------------------------------------------------------------------------------------

    def fork(self, at: str | int | None = None, **options: Any) -> World:
        """A second world that has lived through the same up to `at` (now, if not said) and may go on differently."""
        if at is None:
            return self._rerun(self.journal, self.kernel.steps, self.kernel.now, options)
        moment = us(at)
        if moment > self.kernel.now:
            raise ValueError(f"{at!r} has not come yet: the clock shows {self.kernel.now} µs; run_until() goes there")
        return self._rerun([entry for entry in self.journal if entry.time <= moment], 0, moment, options)

    def rewind(self, to: str | int, **options: Any) -> World:
        """The world as it was at `to`, with all its objects to look at: a re-run of the journal."""
        return self.fork(at=to, **options)

    def scenario(self) -> str:
        """This world's seed, options and journal as a string that another learner can paste."""
        return book.to_string(self.seed, self.options, self.journal)

    @classmethod
    def from_scenario(cls, scenario: str) -> World:
        """The world that a scenario string describes, right after the last thing that was done to it."""
        seed, options, entries = book.from_string(scenario)
        world = cls(seed, **options)
        book.replay(world, entries)
        return world

    def _rerun(self, entries: list[book.Entry], steps: int, moment: int, options: dict) -> World:
        world = type(self)(self.seed, **{**self.options, **options})
        for law in self.laws:
            world.law(type(law)())
        book.replay(world, entries)
        if steps:
            world.kernel.run_steps(steps, moment)
        elif moment > world.kernel.now:
            world.kernel.run_until(moment)
        return world

    # -- the front door -----------------------------------------------------------------------------------------

    @contextmanager
    def entering(self) -> Iterator[bool]:
        """Whether this is a call from outside, and not one that another call makes."""
        self._inside += 1
        try:
            yield self._inside == 1
        finally:
            self._inside -= 1

    def enroll(self, door: book.FrontDoor) -> None:
        """Give an object its name at the front door."""
        if door.door in self._doors:
            raise ValueError(f"there is a {door.door!r} already: choose another name")
        self._doors[door.door] = door

    def at_door(self, name: str) -> Any:
        """The object of that name, or the place."""
        found = self._doors.get(name, self._places.get(name.removeprefix("place:")))
        if found is None:
            raise book.JournalError(f"nothing here is called {name!r}")
        return found

    def thing(self, name: str) -> type:
        """The class of a workload in a journal."""
        if name not in self.things:
            raise book.JournalError(f"a {name!r} is not known here: known are {', '.join(self.things)}")
        return self.things[name]


async def _shut_down(machine: Machine) -> None:
    life = machine.incarnation
    if hasattr(machine.process, "shut_down"):
        ended = machine.spawn(machine.process.shut_down(), "shut down")
        try:
            await ended
        except Exception:
            if machine.incarnation == life and machine.state == "running":
                raise
    if machine.incarnation == life and machine.state == "running":
        machine.end()
