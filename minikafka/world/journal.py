"""The front door's book: everything that is done to a world from outside, so that it can be done again.

Promises     replaying a journal on a fresh world of the same seed gives the same world, step for step; so a rewind is a re-run,
             and a fork is a re-run that goes on differently. A journal fits into a short string.
Stands for   nothing in Kafka.
Left out     snapshots: they would have to be kept true for every room.
Differs      -

An entry says after how many steps of the kernel the call was made: the time alone would not tell apart two moments of one instant.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import msgpack

if TYPE_CHECKING:
    from minikafka.world.world import World

FORMAT = "minikafka scenario 1"


class JournalError(Exception):
    """A call that cannot be written down or done again; says why and what to do."""


class Entry(NamedTuple):
    """One call through the front door; `target` names the object, `failed` that it raised (and will again)."""

    steps: int
    time: int
    target: str
    call: str
    arguments: tuple
    named: dict
    failed: bool


class FrontDoor:
    """Something that can be reached from outside. Its `door` names it for the journal, in this world and in every re-run."""

    def __init__(self, world: World, door: str):
        self.world = world
        self.door = door
        world.enroll(self)


def front_door(method: Callable) -> Callable:
    """Mark a method of a `FrontDoor`: called from outside it is written in the journal."""

    @wraps(method)
    def through_the_door(self: FrontDoor, *arguments: Any, **named: Any) -> Any:
        with self.world.entering() as outermost:
            if not outermost:
                return method(self, *arguments, **named)
            portable = tuple(_portable(a) for a in arguments), {k: _portable(v) for k, v in named.items()}
            before = (self.world.kernel.steps, self.world.kernel.now)
            failed = True
            try:
                result = method(self, *arguments, **named)
                failed = False
                return result
            finally:
                self.world.journal.append(Entry(*before, self.door, method.__name__, *portable, failed))

    through_the_door.journaled = True  # type: ignore[attr-defined]
    return through_the_door


def replay(world: World, entries: list[Entry]) -> None:
    """Do again, on a fresh world, everything that the entries say, each at its step."""
    for entry in entries:
        world.kernel.run_steps(entry.steps, entry.time)
        call = getattr(world.at_door(entry.target), entry.call)
        arguments = [_revive(world, a) for a in entry.arguments]
        named = {k: _revive(world, v) for k, v in entry.named.items()}
        try:
            call(*arguments, **named)
        except Exception:
            if not entry.failed:
                raise


def to_string(seed: int, options: dict, entries: list[Entry]) -> str:
    """A scenario as a string of letters, digits, `-` and `_`."""
    packed = msgpack.packb([FORMAT, seed, options, [tuple(entry) for entry in entries]])
    return base64.urlsafe_b64encode(zlib.compress(packed, 9)).decode().rstrip("=")


def from_string(scenario: str) -> tuple[int, dict, list[Entry]]:
    """The seed, the options and the journal in a scenario string; `JournalError` if it is damaged or of another version."""
    try:
        packed = zlib.decompress(base64.urlsafe_b64decode(scenario.strip() + "=" * (-len(scenario.strip()) % 4)))
        form, seed, options, rows = msgpack.unpackb(packed, use_list=False, strict_map_key=False)
    except Exception as error:
        raise JournalError(f"this scenario string is damaged or not whole: copy it again, all {len(scenario)} letters ({error})") from error
    if form != FORMAT:
        raise JournalError(f"this is a {form!r}, and here is {FORMAT!r}: make it again with this version")
    return seed, options, [Entry(*row) for row in rows]


def _portable(value: Any) -> Any:
    """The value as it stands in the journal: plain values as they are, objects at the front door by their names."""
    if isinstance(value, FrontDoor):
        return {"@door": value.door}
    if hasattr(value, "portable"):
        return {"@thing": type(value).__name__, "fields": {k: _portable(v) for k, v in value.portable().items()}}
    if hasattr(value, "door"):
        return {"@door": value.door}
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if isinstance(value, list | tuple):
        return [_portable(item) for item in value]
    if isinstance(value, dict):
        return {"@dict": [[_portable(k), _portable(v)] for k, v in value.items()]}
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
