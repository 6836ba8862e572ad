"""What an event is: something that has happened, in the past tense, with its numbers.

Promises     an event is immutable, can be packed as it stands, and says itself in one sentence; the recorder adds
             number, time, place and cause.
Stands for   the log lines and metrics of a real system, which are neither complete nor connected.
Left out     levels of severity.
Differs      an event is a named tuple: a frozen dataclass costs several times as much to make, and half of all events
             are packets.

    class LinkCut(NamedTuple):
        '''Nothing passes between two places any more.'''
        one: str
        other: str

        def sentence(self) -> str:
            return f"the link between {self.one} and {self.other} was cut"

An event class may set `ROUTINE = True`, or have a field `routine`: views step over such events. Fields are plain
values, tuples of them, and named tuples (or None) as their annotations say.
"""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, NamedTuple, Protocol, Union, get_args, get_origin, get_type_hints


class Event(Protocol):
    """A named tuple that can say itself."""

    def sentence(self) -> str:
        """One plain sentence with the event's numbers, without its place and time."""
        ...


class Recorded(NamedTuple):
    """An event as the recorder keeps it. `cause` is the number of the event that woke the task (0: from outside)."""

    seq: int
    time: int
    place: str
    cause: int
    kind: str
    event: Any

    @property
    def routine(self) -> bool:
        """Whether views should step over it."""
        return getattr(self.event, "routine", False) or getattr(type(self.event), "ROUTINE", False)

    def sentence(self) -> str:
        """The event's own sentence."""
        return self.event.sentence()


@cache
def _rows(kind: type) -> tuple[tuple[int, type], ...]:
    """Which fields of an event class are named tuples themselves (or None)."""
    hints = get_type_hints(kind)
    found = []
    for index, name in enumerate(kind._fields):  # type: ignore[attr-defined]
        hint = hints.get(name)
        choices = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        found += [(index, choice) for choice in choices if isinstance(choice, type) and hasattr(choice, "_fields")]
    return tuple(found)


def revive(kind: type, fields: tuple) -> Any:
    """The event of class `kind` with these unpacked fields; named tuples among the fields are made again too."""
    rows = _rows(kind)
    if rows:
        made = list(fields)
        for index, row in rows:
            if made[index] is not None:
                made[index] = row(*made[index])
        return kind(*made)
    return kind(*fields)
