"""A trace as bytes: packed with msgpack to be kept, sent, or read by something that is not Python.

Promises     what was exported comes back equal, event classes included; foreign, damaged or newer bytes are refused.
Stands for   -
Left out     compression.
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgpack

from minikafka.world.event import Recorded, revive

FORMAT = "minikafka trace"
VERSION = 1


class BadTrace(ValueError):
    """Bytes that are not a trace of this version, or a trace with an event that nobody knows; says which."""


def export_trace(trace: Iterable[Recorded]) -> bytes:
    """Pack a trace. Events travel as their kind's name and their fields."""
    return msgpack.packb([FORMAT, VERSION, [tuple(entry) for entry in trace]])


def import_trace(data: bytes, vocabulary: dict[str, type]) -> list[Recorded]:
    """Unpack a trace; `vocabulary` gives the event class for each kind's name."""
    try:
        unpacked = msgpack.unpackb(data, use_list=False)
    except Exception as error:
        raise BadTrace(
            f"these {len(data)} bytes are not a trace, or not a whole one: export it again ({error})"
        ) from error
    if not isinstance(unpacked, tuple) or len(unpacked) != 3 or unpacked[0] != FORMAT:
        raise BadTrace("these bytes are msgpack but not a trace: use what `export_trace` returned")
    if unpacked[1] != VERSION:
        raise BadTrace(f"this trace has version {unpacked[1]}, here it is {VERSION}: export it again with this version")
    try:
        return [_entry(row, vocabulary) for row in unpacked[2]]
    except (TypeError, ValueError) as error:
        if isinstance(error, BadTrace):
            raise
        raise BadTrace(f"a row of this trace is not an event: export it again ({error})") from error


def vocabulary_of(*modules: Any) -> dict[str, type]:
    """The event classes of these modules by name."""
    return {
        name: kind
        for module in modules
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "sentence")
    }


def _entry(row: tuple, vocabulary: dict[str, type]) -> Recorded:
    seq, time, place, cause, kind, fields = row
    known = vocabulary.get(kind)
    if known is None or len(known._fields) != len(fields):
        raise BadTrace(
            f"event {seq} is a {kind!r} with {len(fields)} fields, which the vocabulary does not know: "
            "add its module to vocabulary_of(), or export the trace again with this version"
        )
    return Recorded(seq, time, place, cause, kind, revive(known, fields))
