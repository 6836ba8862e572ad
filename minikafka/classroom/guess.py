"""A guess, written down before anything runs, and what the run says to it.

Promises     one sentence; no mark is given, and a guess that is missing or no letter gets a kind word.
Stands for   nothing in Kafka.
Left out     who guessed what: nothing is kept.
Differs      -
"""

from __future__ import annotations

LETTERS = "abcd"


def compare(guess: object, right: str) -> str:
    """Hold a guess ("a" to "d") against the letter that the run gave."""
    said = guess.strip().strip("()").lower() if isinstance(guess, str) else ""
    if not said:
        return f"The run says ({right}). You wrote no letter down; a guess that was wrong is remembered longest."
    if said not in LETTERS or len(said) != 1:
        return f"The run says ({right}). You wrote {guess!r}: write one letter from a to d."
    if said == right:
        return f"The run says ({right}), and so did you. Open the other answers too: each is somebody's belief."
    return f"The run says ({right}). You said ({said}): open that answer above and see where the two ways part."


def hold(answer: object, right: object, because: str, hint: str) -> str:
    """Hold an answer against the right one: a blank and a wrong one get the hint, the right one its reason."""
    if answer is None or answer == "":
        return f"Still blank. {hint}"
    if answer == right and type(answer) is type(right):
        return f"Yes: {right!r}. {because}"
    return f"Not {answer!r}. {hint}"
