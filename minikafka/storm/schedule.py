"""A storm's schedule: which fault strikes whom and when, rolled from a seed.

Promises     the same dice give the same schedule; it is a list of (time in µs, verb, arguments), sorted, that can be
             shortened anywhere and still be carried out; what it breaks and does not mend is mended at the end of the
             storm.
Stands for   Jepsen's nemesis, TigerBeetle's fault atlas.
Left out     damaged disks: no promise outlives those.
Differs      losses of power, and crashes where they count the same (ELR), are rolled so that the promises mostly stand:
             fewer brokers than min.insync.replicas stop uncleanly within reach of one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple

SECOND = 1_000_000

FAULTS = ("crash", "power", "freeze", "stop", "cut", "oneway", "hold", "slow", "election", "controller")
"""The kinds of faults, as the command line names them."""

HURT_AT_ONCE = 2
"""So many brokers may be down or frozen at the same time."""

RECOVERY = 6 * SECOND
"""So long after its start a broker that lost power counts as hurt: it has to come back into its ISRs."""


class Step(NamedTuple):
    """One thing to do: `verb` is one of the faults' verbs, or "elect" with the number of a partition."""

    time: int
    verb: str
    arguments: tuple

    def line(self) -> str:
        """The step as text."""
        return f"{self.time / SECOND:9.3f} s  {self.verb} {' '.join(map(str, self.arguments))}"


class Schedule(NamedTuple):
    """The steps of a storm, in order."""

    steps: tuple[Step, ...]

    def lines(self) -> list[str]:
        """The schedule as text, a line for each step."""
        return [step.line() for step in self.steps]

    def with_steps(self, more: Iterable[Step]) -> Schedule:
        """The schedule with these steps besides."""
        return Schedule(tuple(sorted((*self.steps, *more), key=lambda step: step.time)))

    def without(self, left_out: Iterable[int]) -> Schedule:
        """The schedule without the steps of these indexes."""
        gone = dict.fromkeys(left_out)
        return Schedule(tuple(step for index, step in enumerate(self.steps) if index not in gone))


def roll(
    dice: Random,
    brokers: list[str],
    controller: str,
    partitions: int,
    begin: int,
    end: int,
    lossy: int,
    careful: bool,
    faults: Iterable[str],
) -> Schedule:
    """A schedule between two times (µs) for these machines.

    `lossy`: so many may lose power within reach of each other. `careful`: crashes count as losses of power.
    """
    roller = _Roller(dice, brokers, controller, partitions, end, lossy, careful)
    kinds = [kind for kind in FAULTS if kind in tuple(faults)]
    weights = [WEIGHTS[kind] for kind in kinds]
    now = begin
    while kinds:
        now += dice.randrange(SECOND // 5, 3 * SECOND // 2)
        if now >= end:
            break
        KINDS[dice.choices(kinds, weights)[0]](roller, now)
    return Schedule(tuple(sorted(roller.steps, key=lambda step: step.time)))


class _Roller:
    """Rolls the details of each fault, and knows who is hurt until when."""

    def __init__(
        self, dice: Random, brokers: list[str], controller: str, partitions: int, end: int, lossy: int, careful: bool
    ):
        self.dice = dice
        self.brokers = brokers
        self.controller = controller
        self.partitions = partitions
        self.end = end
        self.lossy = lossy
        self.careful = careful
        self.steps: list[Step] = []
        self.hurt: dict[str, int] = {}
        self.dark: dict[str, int] = {}

    def add(self, time: int, verb: str, *arguments: object) -> None:
        self.steps.append(Step(time, verb, arguments))

    def lasting(self, now: int, shortest: float, longest: float) -> int:
        """The end of something that begins now and lasts so many seconds, at the latest the end of the storm."""
        return min(self.end, now + int(self.dice.uniform(shortest, longest) * SECOND))

    def victim(self, now: int) -> str | None:
        """A broker that is well, if not too many are hurt."""
        self.hurt = {broker: until for broker, until in self.hurt.items() if until > now}
        well = [broker for broker in self.brokers if broker not in self.hurt]
        return self.dice.choice(well) if well and len(self.hurt) < HURT_AT_ONCE else None

    def hurts(self, now: int, first: str, last: str, shortest: float, longest: float) -> None:
        """Do something to a broker, and undo it later."""
        broker = self.victim(now)
        if broker is not None:
            until = self.hurt[broker] = self.lasting(now, shortest, longest)
            self.add(now, first, broker)
            self.add(until, last, broker)

    def crash(self, now: int) -> None:
        """Kill a process."""
        if self.careful:
            self.unclean(now, "crash", 0.1)
        else:
            self.hurts(now, "crash", "start", 0.1, 5)

    def power(self, now: int) -> None:
        """Cut a machine's power."""
        self.unclean(now, "power_off", 0.3)

    def unclean(self, now: int, verb: str, shortest: float) -> None:
        """Stop a broker uncleanly, unless too many within reach did that already."""
        self.dark = {broker: until for broker, until in self.dark.items() if until > now}
        broker = self.victim(now)
        if broker is None or len([other for other in self.dark if other != broker]) >= self.lossy:
            return
        until = self.hurt[broker] = self.lasting(now, shortest, 5)
        self.dark[broker] = until + RECOVERY
        self.add(now, verb, broker)
        self.add(until, "start", broker)

    def pair(self) -> tuple[str, str]:
        """Two machines; one of them is rather often the controller."""
        return tuple(self.dice.sample([*self.brokers, *[self.controller] * (len(self.brokers) // 2)], 2))

    def between(self, now: int, first: str, last: str, shortest: float, longest: float, *how: object) -> None:
        """Do something to the way between two machines, and undo it later."""
        one, other = self.pair()
        if one != other:
            self.add(now, first, one, other, *how)
            self.add(self.lasting(now, shortest, longest), last, one, other)

    def hold(self, now: int) -> None:
        """Hold a way back while leaders change, then let everything go at once."""
        one, other = self.pair()
        if one == other:
            return
        until = self.lasting(now, 0.3, 5)
        self.add(now, "hold", one, other)
        self.add(until, "release", one, other)
        for _ in range(self.dice.randrange(3)):
            self.add(self.dice.randint(now, until), "elect", self.dice.randrange(self.partitions))

    def controllers(self, now: int) -> None:
        """The controller goes away for a while; what it has recorded is flushed, so it may even lose power."""
        first, last = self.dice.choice((("crash", "start"), ("power_off", "start"), ("freeze", "thaw")))
        self.add(now, first, self.controller)
        self.add(self.lasting(now, 0.1, 3), last, self.controller)

    def election(self, now: int) -> None:
        for _ in range(self.dice.randint(1, 3)):
            self.add(now, "elect", self.dice.randrange(self.partitions))
            now = min(self.end, now + self.dice.randrange(SECOND // 4))


KINDS: dict[str, Callable[[_Roller, int], None]] = {
    "crash": _Roller.crash,
    "power": _Roller.power,
    "freeze": lambda roller, now: roller.hurts(now, "freeze", "thaw", 0.1, 5),
    "stop": lambda roller, now: roller.hurts(now, "stop", "start", 1, 5),
    "cut": lambda roller, now: roller.between(now, "cut", "heal", 0.3, 5),
    "oneway": lambda roller, now: roller.between(now, "cut_oneway", "heal_oneway", 0.3, 5),
    "hold": _Roller.hold,
    "slow": lambda roller, now: roller.between(
        now, "slow", "restore_speed", 1, 6, f"{roller.dice.randint(5, 400)}ms", f"{roller.dice.randint(1, 50)}ms"
    ),
    "election": _Roller.election,
    "controller": _Roller.controllers,
}
"""How each kind of fault is rolled."""

WEIGHTS = {"crash": 4, "power": 3, "freeze": 3, "stop": 1, "cut": 3, "oneway": 3, "hold": 4, "slow": 1, "election": 3,
           "controller": 1}  # fmt: skip
"""How often each kind comes up."""
