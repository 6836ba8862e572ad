"""Sentences as patterns with numbers, so that thousands of them fit into a small message.

Promises     `fill` gives back to the letter what `take` was given.
Stands for   nothing in Kafka.
Left out     compression by anything cleverer than "the same sentence with other numbers".
Differs      -
"""

from __future__ import annotations

import re

GAP = "\x1f"
"""Where a number stands in a pattern: a control character that no sentence has."""

_DIGITS = re.compile(r"\d+")


class Patterns:
    """The patterns met so far, in the order in which they were met."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self._taken: dict[str, tuple[int, tuple[int, ...]]] = {}

    def take(self, sentence: str) -> tuple[int, tuple[int, ...]]:
        """The number of the sentence's pattern, and the numbers that stand in its gaps."""
        found = self._taken.get(sentence)
        if found is None:
            numbers: list[int] = []

            def note(match: re.Match) -> str:
                digits = match[0]
                # A leading zero or a very long number would come back as another text: it stays in the pattern.
                if (digits[0] == "0" and len(digits) > 1) or len(digits) > 15 or not digits.isascii():
                    return digits
                numbers.append(int(digits))
                return GAP

            pattern = _DIGITS.sub(note, sentence.replace(GAP, " "))
            found = self._taken[sentence] = (self.known.setdefault(pattern, len(self.known)), tuple(numbers))
        return found

    def all(self) -> list[str]:
        """All patterns by their numbers."""
        return list(self.known)


def fill(pattern: str, numbers: tuple[int, ...] | list[int]) -> str:
    """The sentence of a pattern and its numbers."""
    pieces = pattern.split(GAP)
    return pieces[0] + "".join(f"{number}{piece}" for number, piece in zip(numbers, pieces[1:], strict=True))
