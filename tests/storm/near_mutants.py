"""A way to get reading from followers wrong, as a replacement function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.broker import fetch


@contextmanager
def follower_serves_above_its_high_watermark() -> Iterator[None]:
    """O17: A follower hands out whatever it has; only the leader stops at the high watermark."""
    today = fetch.readable_end

    def readable_end(partition: Any, request: Any) -> int:
        return today(partition, request) if partition.is_leader else partition.log.log_end_offset

    with patch.object(fetch, "readable_end", readable_end):
        yield


NEAR_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (follower_serves_above_its_high_watermark,)
"""Those that the laws catch."""
