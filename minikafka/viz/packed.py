"""Columns of whole numbers as short text.

Promises     `unpack(pack(numbers))` gives the numbers back; small numbers, also negative ones, take one byte.
Stands for   the variable-length integers of Kafka's record format (zigzag, seven bits a byte), written in base64.
Left out     numbers beyond 53 bits, which JavaScript could not hold.
Differs      -
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable


def pack(numbers: Iterable[int]) -> str:
    """The numbers as text."""
    out = bytearray()
    append = out.append
    for number in numbers:
        number = number * 2 if number >= 0 else -2 * number - 1
        while number > 127:
            append(number & 127 | 128)
            number >>= 7
        append(number)
    return b64encode(out).decode("ascii")


def unpack(text: str) -> list[int]:
    """The numbers of a packed text."""
    numbers, number, shift = [], 0, 0
    for byte in b64decode(text):
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(-((number + 1) >> 1) if number & 1 else number >> 1)
            number = shift = 0
    return numbers


def steps_between(numbers: Iterable[int]) -> Iterable[int]:
    """Each number less the one before it: times and positions become small numbers."""
    before = 0
    for number in numbers:
        yield number - before
        before = number
