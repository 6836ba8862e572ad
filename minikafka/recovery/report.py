"""The report after a disaster: RPO and RTO of every workload, measured.

Promises     `report(world)` reads the receipts and the flight recorder, and changes nothing. The disaster is the first
             machine that stopped or way that was cut or held, unless another moment is named.
Stands for   the page that is written after an incident.
Left out     what it cost in money; see `border_traffic`.
Differs      it is ready at once, and nobody has to be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from minikafka.recovery.attempts import attempts
from minikafka.recovery.recovery_point import RecoveryPoint, recovery_point
from minikafka.recovery.recovery_time import RecoveryTime, recovery_time
from minikafka.world.happenings import LinkCut, LinkHeld, MachineCrashed, MachineFroze, PowerLost
from minikafka.world.quantities import say_time, us

if TYPE_CHECKING:
    from minikafka.deploy.kafka_world import World
    from minikafka.deploy.workload import Departures

BLOWS = (MachineCrashed, PowerLost, MachineFroze, LinkCut, LinkHeld)
"""The events that a disaster begins with. What only makes a way slow is none: everything still arrives."""


class NoDisaster(ValueError):
    """There is nothing to report; says what to do first."""


class Line(NamedTuple):
    """One workload: which cluster and topic it wrote to, what was lost, how long it took."""

    cluster: str
    topic: str
    point: RecoveryPoint
    time: RecoveryTime


class Report(NamedTuple):
    """`disaster` in µs, and a line for each workload."""

    disaster: int
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        """The report as text."""
        said = [f"disaster at {say_time(self.disaster)}"]
        for line in self.lines:
            said += [f"{line.cluster}, {line.topic}", f"  {line.point}", f"  {line.time}"]
        return "\n".join(said)


def report(world: World, disaster: str | int | None = None) -> Report:
    """Measure now. `disaster`: its moment ("10s", or µs); the first fault that was done to this world, if not said."""
    if not world.workloads:
        raise NoDisaster("no workload has run in this world: start one, for example Departures(cluster), before")
    moment = first_fault(world) if disaster is None else us(disaster)
    return Report(moment, tuple(_line(world, workload, moment) for workload in world.workloads))


def first_fault(world: World) -> int:
    """The moment (µs) of the first blow that the flight recorder has."""
    for entry in world.recorder.events(*BLOWS):
        return entry.time
    raise NoDisaster("nothing has struck this world yet: call one of world.faults, or name the disaster's moment")


def _line(world: World, workload: Departures, disaster: int) -> Line:
    tried = attempts(world, workload)
    return Line(
        workload.cluster.name, workload.topic, recovery_point(tried, disaster), recovery_time(tried, disaster)
    )
