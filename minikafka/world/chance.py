"""The dice: one seed, and a stream of its own for each room.

Promises     the same seed and the same name give the same rolls; a new roll in one room moves no other room's.
Stands for   everything that is decided by accident: jitter, loss, retries' back-off, placement.
Left out     true randomness.
Differs      nothing in Kafka can be replayed; everything here can.
"""

from __future__ import annotations

import hashlib
import random


class Chance:
    """All the dice of one world."""

    def __init__(self, seed: int):
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def stream(self, name: str) -> random.Random:
        """The dice of the room `name`; asked for again they go on where they were."""
        dice = self._streams.get(name)
        if dice is None:
            digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
            dice = self._streams[name] = random.Random(int.from_bytes(digest, "big"))
        return dice
