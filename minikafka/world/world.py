"""One world: it puts the rooms of this floor together and lets time pass.

Promises     the same seed and the same calls give the same trace digest; `run_for` is an ordinary call that returns
             when the time has passed; everything done from outside goes into the journal, so `rewind` and `fork` are
             re-runs.
Stands for   everything around Kafka.
Left out     things done past the front door (a coroutine given to `finish` by hand): no re-run goes beyond them.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minikafka.world import journal as book
from minikafka.world import scenario as story
from minikafka.world.chance import Chance
from minikafka.world.disk import Disk
from minikafka.world.faults import Faults
from minikafka.world.happenings import LinkChanged
from minikafka.world.kernel import FOREVER, Cancelled, Kernel, Task, TimedOut, WorldStopped
from minikafka.world.laws import Finding, Law
from minikafka.world.machine import Machine, MachineError
from minikafka.world.network import Network
from minikafka.world.places import Place, Region
from minikafka.world.quantities import say_time, us
from minikafka.world.recorder import EVERYTHING, Recorder
from minikafka.world.ways import Wire, wire

PATIENCE = "10min"
"""How long a call from outside waits in simulated time before it gives up."""


class World(book.FrontDoor):
    """`World(seed=7)`: regions, machines and faults; see `run_for`, `fork`, `rewind` and `scenario`.

    `keep` is the recorder's level ("everything", "domain events", "digest only"); `disks` an empty folder to which
    every file of every machine is copied as it changes (a re-run writes none, unless it is given its own folder).
    """

    things: dict[str, type] = {}
    """Workloads and the like that may stand in a journal, by their class names."""

    def __init__(self, seed: int = 0, keep: str = EVERYTHING, disks: str | Path | None = None):
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ValueError(f"seed={seed!r} is not a whole number: the dice need one, for example World(seed=7)")
        if seed.bit_length() > 63:
            raise ValueError(
                f"seed={seed!r} is too large: take a whole number within 64 bits, for example World(seed=7)"
            )
        self._disks = _empty_folder(disks) if disks is not None else None
        self.seed = seed
        self.options = {"keep": keep}
        self.kernel = Kernel()
        self.chance = Chance(seed)
        self.recorder = Recorder(self.kernel, keep)
        self.network = Network(self.kernel, self.chance, self.recorder)
        self.journal: list[book.Entry] = []
        self.horizon: int | None = None
        self.laws: list[Law] = []
        self._past_the_door: tuple[int, str] | None = None
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
        if not isinstance(zones, int) or isinstance(zones, bool) or zones < 1:
            raise ValueError(f"zones={zones!r}: a region has at least one zone; three are usual")
        region = Region(name, zones)
        for place in (region, *region.zones):
            self._must_be_new(place.name)
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

    @book.front_door
    def machine(self, name: str, zone: Any) -> Machine:
        """Add a machine in a zone (or simply in a region); it is down until it is started."""
        zone = self.place(zone)
        if isinstance(zone, Machine):
            raise ValueError(f"{zone.name} is a machine, and a machine cannot stand in it: name a zone")
        if not isinstance(name, str) or any(part in ("", ".", "..") for part in name.split("/")):
            raise ValueError(f"machine name {name!r} is not a name: write for example 'client' or 'primary/b1'")
        self._must_be_new(name)
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
        if not isinstance(found, Place):
            raise ValueError(
                f"{place!r} is not a place of this world: places are {', '.join(self._places) or 'none yet'}"
            )
        if self._places.get(found.name) is not found:
            raise ValueError(f"{place!r} belongs to another world: take world.place({found.name!r}) of this one")
        return found

    def _must_be_new(self, name: str) -> None:
        if name in self._places:
            raise ValueError(f"there is a place {name!r} already: choose another name")

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
        limit = self._at_most(until)
        with self.entering():
            self.kernel.run_until(limit)
        if limit < until:
            self._break_off()

    def finish(self, coroutine: Coroutine, within: str | int = PATIENCE, name: str = "from outside") -> Any:
        """Let time pass until this is done, and return its result; `TimedOut` if it is not within so much time.

        Only what a method of the front door finishes can be done again in a re-run.
        """
        try:
            until = self.kernel.now + us(within)
            limit = self._at_most(until)
        except BaseException:
            coroutine.close()  # it will never begin, and Python would warn of that
            raise
        self.by_hand(f"finish({getattr(coroutine, '__qualname__', coroutine)})")
        with self.entering():
            task = self.kernel.spawn(coroutine, None, name)
            try:
                return self.kernel.run_until_done(task, limit)
            except WorldStopped:
                task.cancel()
                raise
            except TimedOut:
                if limit < until and not task.done:
                    self._break_off()
                raise

    def stop_in_order(self, machine: Machine) -> Task:
        """Start the machine's own way of shutting down (`process.shut_down()`), after which the process ends.

        One that is under way already goes on. `MachineError` if there is no process.
        """
        if not machine.up:
            raise MachineError(f"{machine.name} is {machine.state} and cannot stop: it can start")
        if machine.stopping is None:
            ending = machine.spawn(_shut_down(machine), "shut down")
            machine.stopping = self.kernel.spawn(_until_over(ending), None, f"shut down {machine.name}")
        return machine.stopping

    def _at_most(self, until: int) -> int:
        """No further than a re-run is to go; once it is there, no further call lets time pass."""
        if self.horizon is None:
            return until
        if self.horizon < self.kernel.now:
            raise book.BrokenOff
        return min(until, self.horizon)

    def _break_off(self) -> None:
        self.horizon = -1
        raise book.BrokenOff

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
        """A second world that has lived through the same up to `at` (now, if not said) and may go on differently.

        What happened and was done at the moment `at` itself is part of it. `options` replace those of this world.
        """
        if at is None:
            again = self._rerun(self.kernel.steps, self.kernel.now, options)
            if again.recorder.digest() != self.recorder.digest():
                raise book.JournalError(
                    "the re-run went another way: something was done to this world past its front door "
                    "(a task, a machine or a fault from outside, by another way than its own methods)"
                )
            return again
        moment = us(at)
        if moment > self.kernel.now:
            raise ValueError(f"{at!r} has not come yet: the clock shows {self.kernel.now} µs; run_until() goes there")
        return self._rerun(FOREVER, moment, options)

    def rewind(self, to: str | int, **options: Any) -> World:
        """The world as it was at `to`, with all its objects to look at: a re-run of the journal."""
        return self.fork(at=to, **options)

    def scenario(self) -> str:
        """This world's seed, options and journal as a string that another learner can paste."""
        self._must_be_written(self.kernel.now)
        return story.to_string(self.seed, self.options, self.journal)

    @classmethod
    def from_scenario(cls, scenario: str) -> World:
        """The world that a scenario string describes, right after the last thing that was done to it."""
        seed, options, entries = story.from_string(scenario)
        world = cls(seed, **options)
        book.replay(world, entries, FOREVER)
        return world

    def _rerun(self, steps: int, moment: int, options: dict) -> World:
        self._must_be_written(moment)
        if self.kernel.stopped is not None and moment >= self.kernel.now:
            raise book.JournalError(f"this world stopped at {say_time(self.kernel.now)}: go to an earlier moment")
        world = type(self)(self.seed, **{**self.options, **options})
        for law in self.laws:
            world.law(law.anew())
        book.replay(world, [entry for entry in self.journal if entry.time <= moment], moment)
        book.run_again(world.kernel, steps, moment)
        return world

    def _must_be_written(self, moment: int) -> None:
        """Refuse to do again what the journal does not hold."""
        if self._past_the_door is not None and self._past_the_door[0] <= moment:
            time, what = self._past_the_door
            raise book.JournalError(
                f"{what} at {say_time(time)} was done past the front door and is not in the journal: "
                "go to an earlier moment, or make it a method marked @front_door"
            )

    # -- the front door -----------------------------------------------------------------------------------------

    @contextmanager
    def entering(self) -> Iterator[bool]:
        """Whether this is a call from outside, and not one that another call makes."""
        self._inside += 1
        outermost = self._inside == 1 and not self.kernel.under_way
        try:
            yield outermost
            if outermost:
                self.kernel.look()
        finally:
            self._inside -= 1

    def by_hand(self, what: str) -> None:
        """Somebody does this; if it is not part of a run or of a call at the front door, no re-run will know of it."""
        if self._past_the_door is None and self._inside == 0 and not self.kernel.under_way:
            self._past_the_door = (self.kernel.now, what)

    def enroll(self, door: book.FrontDoor) -> None:
        """Give an object its name at the front door."""
        if door.door in self._doors:
            raise ValueError(f"there is a {door.door!r} already: choose another name")
        self._doors[door.door] = door

    def free_door(self, *names: str) -> str:
        """The first of these names that nothing at the front door has; the last one if all are taken."""
        return next((name for name in names if name not in self._doors), names[-1])

    def at_door(self, name: str) -> Any:
        """The object of that name, or the place."""
        found = self._doors.get(name, self._places.get(name.removeprefix("place:")))
        if found is None:
            raise book.JournalError(f"nothing here is called {name!r}")
        return found

    def thing(self, name: str) -> type:
        """The class of a workload in a journal."""
        if name not in self.things:
            raise book.JournalError(f"a {name!r} is not known here: known are {', '.join(self.things) or 'none'}")
        return self.things[name]


def _empty_folder(folder: str | Path) -> Path:
    found = Path(folder)
    if found.exists() and (not found.is_dir() or any(found.iterdir())):
        raise ValueError(f"disks={str(folder)!r} is not an empty folder: remove what is in it, or name a new one")
    return found


async def _shut_down(machine: Machine) -> None:
    """A task of the process itself: it dies with it."""
    if hasattr(machine.process, "shut_down"):
        await machine.process.shut_down()
    machine.end()


async def _until_over(ending: Task) -> None:
    try:
        await ending
    except Cancelled:
        return  # the process died before it was ready
