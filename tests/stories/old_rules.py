"""Rules that Kafka had once, as drop-in functions: `> old_rule NAME` in a story puts one in place for one world.

Each is a context manager that replaces functions of the package and puts them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.broker import fencing, high_watermark, isr_keeper
from minikafka.broker.follower_partition import FollowerPartition
from minikafka.broker.isr_state import PendingExpand
from minikafka.broker.partition import Partition
from minikafka.broker.replica import UNKNOWN
from minikafka.broker.surroundings import Surroundings
from minikafka.events.replication import ReplicaDiverged
from minikafka.protocol.names import NO_EPOCH


@contextmanager
def truncate_to_high_watermark() -> Iterator[None]:
    """Up to 0.10 (before KIP-101): a new follower cuts its log to its own high watermark; fetches name no epochs."""
    today = FollowerPartition.__init__

    def begin(self: FollowerPartition, partition: Any) -> None:
        partition.cut_to(partition.log.high_watermark)
        today(self, partition)

    with patch.object(FollowerPartition, "__init__", begin), _questions_name_epochs(times=0):
        yield


@contextmanager
def epoch_end_is_only_an_offset() -> Iterator[None]:
    """0.11 to 1.1: the leader says where an epoch ends, but not which epoch it means (before KIP-279)."""

    def reconcile(self: FollowerPartition, leader_epoch: int, leader_end: int) -> None:
        cut = min(leader_end, self.partition.log.log_end_offset)
        self.partition.around.record(ReplicaDiverged(self.partition.tp, leader_epoch, leader_end, cut))
        self.partition.cut_to(cut)
        self.stand_at_log_end()

    with patch.object(FollowerPartition, "reconcile", reconcile), _questions_name_epochs(times=1):
        yield


@contextmanager
def fetches_without_epochs() -> Iterator[None]:
    """Up to 2.0: a fetch does not say under which leader epoch it was made, so a late one counts (before KIP-320)."""

    def believe(partition: Any, own: int, given: int) -> None:
        """Today FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH."""

    with patch.object(fencing, "check_leader_epoch", believe), _questions_name_epochs(times=1):
        yield


@contextmanager
def count_only_the_recorded_isr() -> Iterator[None]:
    """What KIP-497 rules out: while a change of the ISR is under way, a leader waits only for the old members."""
    today = Partition.advance_high_watermark

    def advance(self: Partition, now: int) -> bool:
        state = self.isr_state
        self.isr_state = state.last_committed if isinstance(state, PendingExpand) else state
        try:
            return today(self, now)
        finally:
            self.isr_state = state

    def counts(replica: Any, isr: tuple, *whoever_may_join: Any) -> bool:
        return replica.broker_id in isr

    with patch.object(Partition, "advance_high_watermark", advance), patch.object(high_watermark, "counts", counts):
        yield


@contextmanager
def lives_are_not_told_apart() -> Iterator[None]:
    """Up to 3.4 (before KIP-903): fetches and ISR changes do not say which incarnation of a broker they speak of."""

    def eligible(self: Surroundings, replica: Any) -> bool:
        return self.alive(replica.broker_id)

    def believe(partition: Any, replica: int, given: int, known: int) -> None:
        """Today NOT_LEADER_OR_FOLLOWER for a fetch of an earlier incarnation."""

    with (
        patch.object(fencing, "check_broker_epoch", believe),
        patch.object(Surroundings, "eligible", eligible),
        patch.object(isr_keeper, "epoch_of", lambda *_: UNKNOWN),
    ):
        yield


@contextmanager
def _questions_name_epochs(times: int) -> Iterator[None]:
    """Only the first `times` questions about a partition under one leadership carry the epoch of the last record."""
    today = FollowerPartition.question
    asked: dict[tuple, int] = {}

    def question(self: FollowerPartition, max_bytes: int) -> Any:
        partition = self.partition
        leadership = (partition.around.broker_id, partition.tp, self.leader_epoch)
        asked[leadership] = asked.get(leadership, 0) + 1
        row = today(self, max_bytes)
        return row if asked[leadership] <= times else row._replace(last_fetched_epoch=NO_EPOCH)

    with patch.object(FollowerPartition, "question", question):
        yield


RULES: dict[str, Callable[[], AbstractContextManager[None]]] = {
    rule.__name__: rule
    for rule in (
        truncate_to_high_watermark, epoch_end_is_only_an_offset, fetches_without_epochs,
        count_only_the_recorded_isr, lives_are_not_told_apart,
    )
}  # fmt: skip
