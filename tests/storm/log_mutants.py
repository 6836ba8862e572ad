"""Ways to get the care of logs wrong, as replacement functions: each is a context manager that puts one in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from minikafka.log import compaction
from minikafka.log.compaction import Cleaner
from minikafka.protocol.record_batch import BatchHeader


@contextmanager
def compaction_drops_the_last_value() -> Iterator[None]:
    """I8: Of each key all records go that the map knows, the last one too: off by one."""
    real = compaction.last_offsets

    def last_offsets(log, first: int, up_to: int) -> dict[bytes, int]:
        """Today the offset of the last record itself."""
        return {key: offset + 1 for key, offset in real(log, first, up_to).items()}

    with patch("minikafka.broker.log_cleaner.last_offsets", last_offsets):
        yield


@contextmanager
def tombstones_go_at_once() -> Iterator[None]:
    """I8: The first compaction that sees a tombstone takes it away: who has not read it yet never hears of it."""
    real = Cleaner.kept

    def kept(self: Cleaner, header: BatchHeader, data: bytes) -> bytes | None:
        """Today a tombstone stays until its batch's delete horizon."""
        horizon = BatchHeader.delete_horizon
        with patch.object(BatchHeader, "delete_horizon", property(lambda one: horizon.fget(one) or 0)):
            return real(self, header, data)

    with patch.object(Cleaner, "kept", kept):
        yield


@contextmanager
def last_batch_of_a_producer_dropped() -> Iterator[None]:
    """I9: An empty batch is of no use: a restarted broker does not know where the producer's sequence stood."""
    with patch.object(Cleaner, "_must_stay", lambda self, header: False):
        yield


LOG_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    compaction_drops_the_last_value,
    tombstones_go_at_once,
)
"""Those that the laws catch."""
