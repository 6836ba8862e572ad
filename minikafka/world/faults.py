"""What can be done to a world: machines, links, disks and the firewall, now or at a planned time.

Promises     each verb does one exact thing, at once, and can be undone by its opposite; doing what is already done, or
             undoing what is not, is refused with a sentence (machines) or does nothing (links), and never half.
Stands for   the ways in which servers, lines and data centres fail.
Left out     clocks that drift, processors that slow down.
Differs      -
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from minikafka.world.barriers import CUT, HOLD
from minikafka.world.disk import DiskError
from minikafka.world.happenings import (
    FaultPlanned,
    FaultWithoutEffect,
    FirewallChanged,
    LinkChanged,
    LinkCut,
    LinkHealed,
    LinkHeld,
    LinkReleased,
)
from minikafka.world.journal import FrontDoor, front_door
from minikafka.world.machine import Machine, MachineError
from minikafka.world.places import Place
from minikafka.world.quantities import bytes_of, us
from minikafka.world.ways import Wire, wire

if TYPE_CHECKING:
    from minikafka.world.world import World

VERBS = (
    "crash", "power_off", "start", "freeze", "thaw", "cut", "heal", "cut_oneway", "heal_oneway", "hold", "release",
    "slow", "restore_speed", "lose", "restore", "damage", "deny", "allow", "stop",
)  # fmt: skip


class Faults(FrontDoor):
    """`world.faults`: machines may be given as machines, brokers or names; places also as regions or zones."""

    def __init__(self, world: World):
        super().__init__(world, "faults")
        self._slowed: dict[tuple[str, str], Any] = {}

    # -- machines -----------------------------------------------------------------------------------------------

    @front_door
    def crash(self, machine: Any) -> None:
        """Kill a process; its page cache survives."""
        self._machine(machine).crash()

    @front_door
    def power_off(self, machine: Any) -> None:
        """Cut a machine's power; what was not flushed is gone."""
        self._machine(machine).power_off()

    @front_door
    def start(self, machine: Any) -> None:
        """Start a machine that is down or dark."""
        self._machine(machine).start()

    @front_door
    def freeze(self, machine: Any) -> None:
        """Let a process stand still."""
        self._machine(machine).freeze()

    @front_door
    def thaw(self, machine: Any) -> None:
        """Let a frozen process go on."""
        self._machine(machine).thaw()

    @front_door
    def stop(self, machine: Any) -> None:
        """Ask a process to shut down in good order; it ends when it is ready."""
        self.world.stop_in_order(self._machine(machine))

    # -- links --------------------------------------------------------------------------------------------------

    @front_door
    def cut(self, one: Any, other: Any) -> None:
        """Let nothing pass between two places, either way."""
        self.cut_oneway(one, other)
        self.cut_oneway(other, one)

    @front_door
    def heal(self, one: Any, other: Any) -> None:
        """Take a cut away, both ways; what was stuck goes on."""
        self.heal_oneway(one, other)
        self.heal_oneway(other, one)

    @front_door
    def cut_oneway(self, source: Any, target: Any) -> None:
        """Let nothing pass from one place to another; the other way still works."""
        self._put(CUT, LinkCut, source, target)

    @front_door
    def heal_oneway(self, source: Any, target: Any) -> None:
        """Take a one-way cut away."""
        self._take(CUT, LinkHealed, source, target)

    @front_door
    def hold(self, source: Any, target: Any) -> None:
        """Keep messages from one place to another back until they are released."""
        self._put(HOLD, LinkHeld, source, target)

    @front_door
    def release(self, source: Any, target: Any) -> None:
        """Let messages that were held go on, in their order."""
        self._take(HOLD, LinkReleased, source, target)

    @front_door
    def slow(
        self,
        one: Any,
        other: Any,
        latency: str | int | None = None,
        jitter: str | int | None = None,
        bandwidth: str | int | None = None,
        loss: float | None = None,
    ) -> None:
        """Change what it is like between two places, both ways; what is not named stays."""
        for source, target, changed in self._slowed_wires(one, other, latency, jitter, bandwidth, loss):
            before = self.world.network.ways.lift(source, target)
            self._slowed.setdefault((source.name, target.name), before)
            self._lay(source, target, changed)

    @front_door
    def restore_speed(self, one: Any, other: Any) -> None:
        """Make it between two places as it was before `slow`."""
        for source, target in ((one, other), (other, one)):
            source, target = self.world.place(source), self.world.place(target)
            if (source.name, target.name) in self._slowed:
                self._lay(source, target, self._slowed.pop((source.name, target.name)))

    @front_door
    def deny(self, source: Any, target: Any) -> None:
        """Forbid machines of one place to open connections to another; connections that stand are not touched."""
        self._firewall(source, target, False)

    @front_door
    def allow(self, source: Any, target: Any) -> None:
        """Let machines of one place open connections to another."""
        self._firewall(source, target, True)

    # -- places and disks ---------------------------------------------------------------------------------------

    @front_door
    def lose(self, place: Any) -> None:
        """Take the power of every machine in a region or zone."""
        for machine in self._machines_in(place):
            if machine.state != "dark":
                machine.power_off()

    @front_door
    def restore(self, place: Any) -> None:
        """Start every machine of a region or zone that is not up."""
        for machine in self._machines_in(place):
            if machine.state in ("down", "dark"):
                machine.start()

    @front_door
    def damage(self, machine: Any, path: str, position: str | int) -> None:
        """Change one byte of a file on a machine's disk."""
        self._machine(machine).disk.corrupt(path, bytes_of(position))

    # -- the calendar -------------------------------------------------------------------------------------------

    @front_door
    def at(self, when: str | int, verb: str, *arguments: Any, **named: Any) -> None:
        """Plan a fault: `faults.at("5s", "crash", broker)` does it when the clock shows 5 s.

        What it names must exist now. A machine that is down already when its crash comes due is left alone.
        """
        moment = us(when)
        if verb not in VERBS:
            raise ValueError(f"{verb!r} is not a fault: take one of {', '.join(VERBS)}")
        if moment < self.world.kernel.now:
            raise ValueError(f"{when!r} is in the past: the clock shows {self.world.kernel.now} µs, plan from there on")
        said = self._check(verb, arguments, named)
        kernel = self.world.kernel
        before, kernel.cause = kernel.cause, self.world.recorder.record("faults", FaultPlanned(moment, said))
        kernel.plan(moment, self._carry_out, (said, verb, arguments, named))
        kernel.cause = before

    def _check(self, verb: str, arguments: tuple, named: dict) -> str:
        """Whether the fault could be carried out as far as can be said now; returns its words."""
        try:
            given = signature(getattr(self, verb)).bind(*arguments, **named).arguments
        except TypeError as error:
            raise ValueError(f"{verb} cannot be done with these arguments: {error}") from error
        for name, value in given.items():
            if name == "machine":
                self._machine(value)
            elif name in ("one", "other", "source", "target", "place"):
                self.world.place(value)
        if verb == "slow":
            self._slowed_wires(**given)
        elif verb == "damage":
            bytes_of(given["position"])
        words = [str(getattr(a, "name", a)) for a in arguments] + [f"{name}={value}" for name, value in named.items()]
        return " ".join([verb, *words])

    def _carry_out(self, planned: tuple) -> None:
        said, verb, arguments, named = planned
        try:
            getattr(self, verb)(*arguments, **named)
        except (MachineError, DiskError) as error:
            # It may find its machine already down, or its file gone: then there is nothing left to break.
            self.world.recorder.record("faults", FaultWithoutEffect(said, str(error)))

    # -- helpers ------------------------------------------------------------------------------------------------

    def _machine(self, machine: Any) -> Machine:
        found = self.world.place(machine)
        if not isinstance(found, Machine):
            raise ValueError(f"{found.name} is not one machine: use lose() and restore() for a region or zone")
        return found

    def _machines_in(self, place: Any) -> list[Machine]:
        around: Place = self.world.place(place)
        return [machine for machine in self.world.network.machines.values() if around.contains(machine)]

    def _put(self, kind: str, event: type, source: Any, target: Any) -> None:
        source, target = self.world.place(source), self.world.place(target)
        if self.world.network.barriers.put(kind, source, target):
            self._changed(event(source.name, target.name))

    def _take(self, kind: str, event: type, source: Any, target: Any) -> None:
        source, target = self.world.place(source), self.world.place(target)
        network = self.world.network
        if network.barriers.take(kind, source, target):
            self._changed(event(source.name, target.name, network.freed_between(source, target)))

    def _lay(self, source: Place, target: Place, rule: Any) -> None:
        """Put a rule for this way in force, or none (then the next wider one counts)."""
        ways = self.world.network.ways
        if rule is None:
            ways.lift(source, target)
        else:
            ways.lay(source, target, rule)
        self._changed(LinkChanged(source.name, target.name, *ways.like(source, target)))

    def _slowed_wires(
        self, one: Any, other: Any, latency: Any = None, jitter: Any = None, bandwidth: Any = None, loss: Any = None
    ) -> list[tuple[Place, Place, Wire]]:
        """What it would be like between the two places, in each direction."""
        changed = []
        for source, target in ((one, other), (other, one)):
            source, target = self.world.place(source), self.world.place(target)
            now = self.world.network.ways.like(source, target)
            slowed = wire(
                now.latency if latency is None else latency,
                now.jitter if jitter is None else jitter,
                (now.bandwidth or None) if bandwidth is None else bandwidth,
                now.loss if loss is None else loss,
            )
            changed.append((source, target, slowed))
        return changed

    def _changed(self, event: Any) -> None:
        """The network is another now; the event is the cause of what gets through because of it."""
        kernel = self.world.kernel
        before, kernel.cause = kernel.cause, self.world.recorder.record("faults", event)
        self.world.network.changed()
        kernel.cause = before

    def _firewall(self, source: Any, target: Any, allowed: bool) -> None:
        source, target = self.world.place(source), self.world.place(target)
        self.world.network.barriers.rule(source, target, allowed)
        self._changed(FirewallChanged(source.name, target.name, allowed))
