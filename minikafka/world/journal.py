"""The front door's book: everything that is done to a world from outside, so that it can be done again.

Promises     replaying a journal on a fresh world of the same seed gives the same world, step for step; so a rewind is a
             re-run, and a fork is a re-run that goes on differently. A re-run that would go another way is refused.
Stands for   nothing in Kafka.
Left out     snapshots: they would have to be kept true for every room.
Differs      -

An entry says after how many steps of the kernel the call was made: the time alone would not tell apart two moments of
one instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

from minikafka.world.quantities import say_time
from minikafka.world.secrets import hushed

if TYPE_CHECKING:
    from minikafka.world.kernel import Kernel
    from minikafka.world.world import World


class JournalError(Exception):
    """A call that cannot be written down or done again; says why and what to do."""


class BrokenOff(BaseException):
    """A re-run has come to the moment to which it was to go, in the middle of a call."""


class Entry(NamedTuple):
    """One call through the front door; `target` names the object, `failed` that it raised (and will again).

    `until` is the moment (µs) at which a re-run broke the call off, or -1: it went to its end.
    """

    steps: int
    time: int
    target: str
    call: str
    arguments: tuple
    named: dict
    failed: bool
    until: int = -1


class FrontDoor:
    """Something that can be reached from outside. Its `door` names it in the journal, here and in every re-run."""

    def __init__(self, world: World, door: str):
        self.world = world
        self.door = door
        world.enroll(self)


def front_door(method: Callable) -> Callable:
    """Mark a method of a `FrontDoor`: called from outside it is written in the journal. Passwords stay outside."""
    places = list(signature(method).parameters)[1:]

    @wraps(method)
    def through_the_door(self: FrontDoor, *arguments: Any, **named: Any) -> Any:
        world = self.world
        with world.entering() as outermost:
            arguments = tuple(map(hushed, arguments, places)) + arguments[len(places) :]
            named = {name: hushed(value, name) for name, value in named.items()}
            if not outermost:
                return method(self, *arguments, **named)
            portable = tuple(_portable(world, a) for a in arguments), {k: _portable(world, v) for k, v in named.items()}
            before = (world.kernel.steps, world.kernel.now, self.door, method.__name__)
            failed, until = True, -1
            try:
                result = method(self, *arguments, **named)
                failed = False
            except BrokenOff:
                until = world.kernel.now
                raise
            finally:
                world.journal.append(Entry(*before, *portable, failed, until))
        return result

    through_the_door.journaled = True  # type: ignore[attr-defined]
    return through_the_door


def replay(world: World, entries: Iterable[Entry], moment: int) -> None:
    """Do again, on a fresh world, what the entries say, each at its step; break off what goes beyond `moment` (µs)."""
    for entry in entries:
        run_again(world.kernel, entry.steps, entry.time)
        if world.kernel.steps != entry.steps:
            raise JournalError(
                f"the re-run went another way before {entry.target}.{entry.call} at {say_time(entry.time)}: something "
                "was done to the world past its front door, or the scenario comes from another version; make it again"
            )
        call = getattr(world.at_door(entry.target), entry.call, None)
        if not getattr(call, "journaled", False):
            raise JournalError(f"{entry.target} has no call {entry.call!r} at its front door: make the scenario again")
        arguments = [_revive(world, a) for a in entry.arguments]
        named = {k: _revive(world, v) for k, v in entry.named.items()}
        world.horizon = moment if entry.until < 0 else entry.until
        try:
            call(*arguments, **named)
        except BrokenOff:
            pass
        except Exception as error:
            if not entry.failed and error is not world.kernel.objection:
                raise
        finally:
            world.horizon = None


def run_again(kernel: Kernel, steps: int, moment: int) -> None:
    """Let the kernel make its steps again; what a law objects to, it has objected to before."""
    while True:
        try:
            return kernel.run_steps(steps, moment)
        except Exception as error:
            if error is not kernel.objection:
                raise


def _portable(world: World, value: Any) -> Any:
    """The value as it stands in the journal: plain values as they are, objects at the front door by their names."""
    if hasattr(value, "door"):
        if world.at_door(value.door) is not value:
            raise JournalError(f"{value!r} belongs to another world: take what has its name in this one")
        return {"@door": value.door}
    if hasattr(value, "portable"):
        return {"@thing": type(value).__name__, "fields": {k: _portable(world, v) for k, v in value.portable().items()}}
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise JournalError(f"{value} is too large for the journal: keep whole numbers within 64 bits")
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if isinstance(value, list | tuple):
        return [_portable(world, item) for item in value]
    if isinstance(value, dict):
        return {"@dict": [[_portable(world, k), _portable(world, v)] for k, v in value.items()]}
    raise JournalError(
        f"{value!r} ({type(value).__name__}) cannot be written in the journal: pass plain values, "
        "objects of this world, or a workload that has `portable()`"
    )


def _revive(world: World, value: Any) -> Any:
    """The value that a `_portable` one stands for, in this world."""
    if isinstance(value, dict):
        if "@door" in value:
            return world.at_door(value["@door"])
        if "@thing" in value:
            fields = {k: _revive(world, v) for k, v in value["fields"].items()}
            return world.thing(value["@thing"])(**fields)
        return {_hashable(_revive(world, k)): _revive(world, v) for k, v in value["@dict"]}
    if isinstance(value, list | tuple):
        return [_revive(world, item) for item in value]
    return value


def _hashable(key: Any) -> Any:
    return tuple(key) if isinstance(key, list) else key
