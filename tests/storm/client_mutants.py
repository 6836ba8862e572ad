"""Ways to get wrong what clients see (O1 to O15, O18), as replacement functions: each is a context manager that puts
one in place. (O5 has `transaction_mutants`, O16 `group_mutants`, O17 `near_mutants`.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.broker import fetch, list_offsets
from minikafka.broker.replica_manager import ReplicaManager
from minikafka.client.assignors import ASSIGNORS
from minikafka.client.completed_fetch import CompletedFetch
from minikafka.client.offset_commits import OffsetCommits
from minikafka.client.positions import Positions
from minikafka.coordinator.offset_records import OffsetChange
from minikafka.coordinator.shard import Shard
from minikafka.log.producer_states import ProducerStates


@contextmanager
def sequences_are_not_looked_at() -> Iterator[None]:
    """O2, O9: a leader writes whatever comes, whether it was there before or is not its turn yet."""
    with patch.object(ProducerStates, "find_duplicate", lambda self, header: None):
        with patch.object(ProducerStates, "check", lambda self, header: None):
            yield


@contextmanager
def a_failure_is_for_ever() -> Iterator[None]:
    """O4: a consumer whose fetch has failed leaves the partition alone, and its leader may be another one by now."""
    today = Positions.rest_after_failure
    with patch.object(Positions, "rest_after_failure", lambda self, which, until: today(self, which, 1 << 60)):
        yield


@contextmanager
def readers_of_committed_records_do_not_wait() -> Iterator[None]:
    """O6, O11: everybody reads up to the high watermark, also who asks for decided transactions only."""
    with patch.object(fetch, "readable_end", lambda partition, request: partition.log.high_watermark):
        yield


@contextmanager
def an_answer_ends_one_too_far() -> Iterator[None]:
    """O7, O8: after the last batch of an answer the position is not at its end, but one further."""
    with _answers_end(1):
        yield


@contextmanager
def an_answer_ends_one_too_early() -> Iterator[None]:
    """O7, O8: after the last batch of an answer the position is at its last record: that one comes again."""
    with _answers_end(-1):
        yield


@contextmanager
def _answers_end(off: int) -> Iterator[None]:
    today = CompletedFetch._end_batch

    def end_batch(self: CompletedFetch) -> None:
        today(self)
        self.next_offset += off if self.exhausted else 0

    with patch.object(CompletedFetch, "_end_batch", end_batch):
        yield


@contextmanager
def everything_goes_to_the_first_partition() -> Iterator[None]:
    """O12: a leader writes the batch for one partition to another."""
    today = ReplicaManager.find
    with patch.object(ReplicaManager, "find", lambda self, topic, number, *rest: today(self, topic, 0, *rest)):
        yield


@contextmanager
def a_new_coordinator_reads_no_offsets() -> Iterator[None]:
    """O13: of what is in the log of the groups only the members are taken over."""
    today = Shard.apply

    def replay(self: Shard, change: Any, at: int) -> None:
        if self.state != "loading" or not isinstance(change, OffsetChange):
            today(self, change, at)

    with patch.object(Shard, "apply", replay):
        yield


@contextmanager
def the_next_record_is_committed_too() -> Iterator[None]:
    """O14: a consumer commits one more than it was given."""
    today = OffsetCommits.consumed

    def consumed(self: OffsetCommits) -> dict:
        return {which: row._replace(offset=row.offset + 1) for which, row in today(self).items()}

    with patch.object(OffsetCommits, "consumed", consumed):
        yield


@contextmanager
def the_first_member_gets_all() -> Iterator[None]:
    """O15: besides its own share the first member gets everybody else's."""
    today = ASSIGNORS["range"]

    def assign(topics: Any, members: Any) -> dict:
        shares = today(topics, members)
        first = next(iter(shares))
        return {**shares, first: [partition for share in shares.values() for partition in share]}

    with patch.dict(ASSIGNORS, {"range": assign}):
        yield


@contextmanager
def the_last_partition_is_nobodys() -> Iterator[None]:
    """O15: one partition is given to none."""
    today = ASSIGNORS["range"]

    def assign(topics: Any, members: Any) -> dict:
        return today({topic: count - 1 for topic, count in topics.items()}, members)

    with patch.dict(ASSIGNORS, {"range": assign}):
        yield


@contextmanager
def a_new_leader_knows_it_all() -> Iterator[None]:
    """O18: a leader tells its high watermark as the end before it can know what is committed (before KIP-207)."""
    today = list_offsets.offset_for

    def offset_for(partition: Any, row: Any, request: Any) -> tuple:
        begun, partition.leader_epoch_start_offset = partition.leader_epoch_start_offset, -1
        try:
            return today(partition, row, request)
        finally:
            partition.leader_epoch_start_offset = begun

    with patch.object(list_offsets, "offset_for", offset_for):
        yield


CLIENT_MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    sequences_are_not_looked_at,
    a_failure_is_for_ever,
    readers_of_committed_records_do_not_wait,
    an_answer_ends_one_too_far,
    an_answer_ends_one_too_early,
    everything_goes_to_the_first_partition,
    a_new_coordinator_reads_no_offsets,
    the_next_record_is_committed_too,
    the_first_member_gets_all,
    the_last_partition_is_nobodys,
    a_new_leader_knows_it_all,
)
"""In the order of the statements that they break."""
