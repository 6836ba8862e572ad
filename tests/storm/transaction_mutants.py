"""Ways to get transactions wrong, as replacement functions: each is a context manager that puts one in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from minikafka.client.completed_fetch import AbortedProducers
from minikafka.coordinator import transaction_rules
from minikafka.coordinator.transaction_coordinator import TransactionCoordinator
from minikafka.log import local_log


@contextmanager
def aborted_records_delivered() -> Iterator[None]:
    """O5: A consumer leaves out markers, and nothing else."""
    with patch.object(AbortedProducers, "drops", lambda self, header, data: header.is_control):
        yield


@contextmanager
def zombies_commit() -> Iterator[None]:
    """O5: Whoever has the producer id may commit, whatever its epoch."""

    def require_producer(transaction, who, identity):
        return transaction

    with patch.object(transaction_rules, "require_producer", require_producer):
        yield


@contextmanager
def markers_forgotten_after_a_failover() -> Iterator[None]:
    """L5: A new coordinator does not carry out what the last one has decided."""
    with patch.object(TransactionCoordinator, "_resume", lambda self, shard: None):
        yield


@contextmanager
def what_is_replicated_is_stable() -> Iterator[None]:
    """I1: The last stable offset is the high watermark."""
    with patch.object(local_log, "last_stable_offset", lambda log: log.high_watermark):
        yield


TRANSACTION_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    aborted_records_delivered,
    zombies_commit,
    markers_forgotten_after_a_failover,
    what_is_replicated_is_stable,
)
"""Those that the laws and judgments catch."""
