"""Our objects as a learner's function gets to see them: to look at, not to change.

Promises     attributes can be read, and what is read is read-only too; whoever sets one, or calls a method that is
             not known to be a mere question, gets `ChangesThings` with a sentence, and nothing has changed.
Stands for   the immutable snapshots that Kafka hands to its own rules.
Left out     a fence against ill will.
Differs      lists come as tuples, and dicts as copies.
"""

from __future__ import annotations

from enum import Enum
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

PLAIN = (int, float, str, bytes, bool, type(None), Enum, type, range, slice)
QUESTIONS = (
    "is_caught_up", "end_offset_for", "epoch_for", "low_watermark", "eligible", "alive", "known_epoch", "lookup", "get",
    "keys", "values", "items", "index", "count", "isdisjoint", "_replace", "_asdict",
)  # fmt: skip
"""Methods that change nothing, as far as a rule can tell."""


class ChangesThings(Exception):
    """A rule tried to change what it was given; the sentence says what."""


class ReadOnly:
    """A thing that can only be looked at."""

    __slots__ = ("_thing",)

    def __init__(self, thing: Any) -> None:
        object.__setattr__(self, "_thing", thing)

    def __getattr__(self, name: str) -> Any:
        thing = object.__getattribute__(self, "_thing")
        value = getattr(thing, name)
        if isinstance(value, MethodType | BuiltinFunctionType) and name not in QUESTIONS:
            raise ChangesThings(f"it calls `{name}()` of {_named(thing)}; a rule looks and answers, and others act")
        return shown(value)

    def __setattr__(self, name: str, value: Any) -> None:
        thing = object.__getattribute__(self, "_thing")
        raise ChangesThings(f"it sets `{name}` of {_named(thing)}, which it was given to look at")

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        return object.__getattribute__(self, "_thing") == given(other)

    def __hash__(self) -> int:
        return hash(object.__getattribute__(self, "_thing"))

    def __repr__(self) -> str:
        return _named(object.__getattribute__(self, "_thing"))


def shown(value: Any) -> Any:
    """The value as a rule may have it."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, tuple):
        return value if all(isinstance(item, PLAIN) for item in value) else _remade(value)
    if isinstance(value, dict):
        return {shown(key): shown(item) for key, item in value.items()}
    if isinstance(value, list | type({}.values()) | type({}.keys())):
        return tuple(shown(item) for item in value)
    if isinstance(value, set | frozenset):
        return frozenset(shown(item) for item in value)
    if isinstance(value, FunctionType | MethodType | BuiltinFunctionType):
        return lambda *arguments: shown(value(*(given(argument) for argument in arguments)))
    return value if isinstance(value, ReadOnly) else ReadOnly(value)


def given(value: Any) -> Any:
    """What stands behind a value that a rule gave back: the thing itself."""
    if isinstance(value, ReadOnly):
        return object.__getattribute__(value, "_thing")
    if isinstance(value, tuple):
        items = [given(item) for item in value]
        return value._make(items) if hasattr(value, "_make") else tuple(items)
    return [given(item) for item in value] if isinstance(value, list) else value


def _remade(value: tuple) -> tuple:
    items = [shown(item) for item in value]
    return value._make(items) if hasattr(value, "_make") else tuple(items)  # type: ignore[attr-defined]


def _named(thing: Any) -> str:
    kind = type(thing).__name__
    for name in ("broker_id", "tp", "partition", "name"):
        value = getattr(thing, name, None)
        if value is not None:
            return f"<{kind} {value}>"
    return f"<{kind}>"
