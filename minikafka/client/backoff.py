"""How long to wait before trying again.

Promises     the wait doubles with each failure from retry.backoff.ms up to retry.backoff.max.ms, give or take 20 %, so
             that clients that failed together do not come back together.
Stands for   org.apache.kafka.common.utils.ExponentialBackoff (KIP-580).
Left out     -
Differs      -
"""

from __future__ import annotations

from random import Random

JITTER = 0.2


class Backoff:
    """Waits in microseconds."""

    __slots__ = ("first", "longest", "_dice")

    def __init__(self, first: int, longest: int, dice: Random):
        self.first = min(first, longest)
        self.longest = longest
        self._dice = dice

    def after(self, failures: int) -> int:
        """The wait after so many failures (0: as after the first)."""
        plain = self.first * 2 ** min(max(failures - 1, 0), 30)
        jittered = int(plain * (1 + self._dice.uniform(-JITTER, JITTER)))
        return min(jittered, self.longest)
