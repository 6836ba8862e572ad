"""A journal as a short string that one learner can hand to another.

Promises     the string holds seed, options and journal; a damaged, foreign or newer one is refused before anything is
             done.
Stands for   nothing in Kafka.
Left out     the laws: whoever reads the story chooses what to look after.
Differs      -
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import msgpack

from minikafka.world.journal import Entry, JournalError

FORMAT = "minikafka scenario"
VERSION = 1
MOST_BYTES = 64 * 1024 * 1024


def to_string(seed: int, options: dict, entries: list[Entry]) -> str:
    """A scenario as a string of letters, digits, `-` and `_`."""
    packed = msgpack.packb([FORMAT, VERSION, seed, options, [tuple(entry) for entry in entries]])
    return base64.urlsafe_b64encode(zlib.compress(packed, 9)).decode().rstrip("=")


def from_string(scenario: str) -> tuple[int, dict, list[Entry]]:
    """The seed, the options and the journal in a scenario; `JournalError` if it is damaged or of another version."""
    if not isinstance(scenario, str):
        raise JournalError(
            f"a scenario is a string, and this is a {type(scenario).__name__}: paste what world.scenario() gave"
        )
    try:
        unpacked = _unpack(scenario.strip())
    except Exception as error:
        raise JournalError(
            f"this scenario string is damaged or not whole (here are {len(scenario)} letters): copy it again ({error})"
        ) from error
    if not isinstance(unpacked, tuple) or len(unpacked) < 2 or unpacked[0] != FORMAT:
        raise JournalError("this string is not a scenario: paste what world.scenario() gave")
    if unpacked[1] != VERSION:
        raise JournalError(
            f"this scenario has version {unpacked[1]}, here it is {VERSION}: make it again with this version"
        )
    try:
        _, _, seed, options, rows = unpacked
        return seed, dict(options), [Entry(*row) for row in rows]
    except (TypeError, ValueError) as error:
        raise JournalError(f"this scenario is not what world.scenario() gives: copy it again ({error})") from error


def _unpack(scenario: str) -> Any:
    squeezed = base64.b64decode(scenario + "=" * (-len(scenario) % 4), altchars=b"-_", validate=True)
    opened = zlib.decompressobj()
    packed = opened.decompress(squeezed, MOST_BYTES)
    if not opened.eof:
        raise ValueError("its end is missing, or it is far too large")
    return msgpack.unpackb(packed, use_list=False, strict_map_key=False)
