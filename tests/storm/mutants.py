"""Ten ways to get replication wrong, as replacement functions: each is a context manager that puts one in place.

Nothing in the package knows of them: they are patched in from outside, as a learner's own function would be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from minikafka.broker import fencing, high_watermark, isr_keeper, isr_rules, produce
from minikafka.broker.follower_partition import FollowerPartition
from minikafka.broker.partition import Partition
from minikafka.broker.surroundings import Surroundings
from minikafka.log.segment import Segment
from minikafka.protocol.cluster_requests import IsrMember
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import NO_EPOCH
from minikafka.protocol.record_batch import check_crc, read_header


@contextmanager
def ack_before_replication() -> Iterator[None]:
    """T3, O1, O3: acks=all is answered as soon as the leader has the batch."""

    def acked(partition: Partition, required_offset: int) -> Error | None:
        return Error.NONE if partition.is_leader else Error.NOT_LEADER_OR_FOLLOWER

    with patch.object(produce, "acked", acked):
        yield


@contextmanager
def high_watermark_from_the_committed_isr_only() -> Iterator[None]:
    """R5, R6, R7: While an expansion is under way the leader waits only for the old members (before KIP-497)."""
    today = high_watermark.next_high_watermark

    def advance(self: Partition, now: int) -> bool:
        state = self.isr_state
        self.isr_state = state.last_committed
        try:
            return advance_today(self, now)
        finally:
            self.isr_state = state

    def only_the_isr(replicas: Any, isr: tuple, *others: Any) -> tuple[int, int]:
        return today([replica for replica in replicas if replica.broker_id in isr], isr, *others)

    advance_today = Partition.advance_high_watermark
    with patch.object(Partition, "advance_high_watermark", advance):
        with patch.object(high_watermark, "next_high_watermark", only_the_isr):
            yield


@contextmanager
def no_min_isr_gate() -> Iterator[None]:
    """R13: min.insync.replicas is not asked for: neither before an append nor when the high watermark moves."""

    def require_in_sync(partition: Partition, acks: int) -> None:
        """Today NOT_ENOUGH_REPLICAS."""

    with patch.object(produce, "require_in_sync", require_in_sync):
        with patch.object(high_watermark, "may_advance", lambda isr, min_isr: True):
            yield


@contextmanager
def truncate_to_the_high_watermark() -> Iterator[None]:
    """T5, R9: A new follower cuts its log to its own high watermark (before KIP-101)."""
    today = FollowerPartition.__init__

    def begin(self: FollowerPartition, partition: Partition) -> None:
        partition.cut_to(partition.log.high_watermark)
        today(self, partition)

    with patch.object(FollowerPartition, "__init__", begin):
        yield


@contextmanager
def skip_truncation() -> Iterator[None]:
    """R2, R3: A follower asks for what follows its own log, whatever its leader has before that."""
    with _questions_without_epochs():
        yield


@contextmanager
def no_epoch_check_on_fetch() -> Iterator[None]:
    """R4, R5: A fetch made under another leader epoch counts (before KIP-320)."""

    def believe(partition: Any, own: int, given: int) -> None:
        """Today FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH."""

    with patch.object(fencing, "check_leader_epoch", believe), _questions_without_epochs(first_only=True):
        yield


@contextmanager
def expansion_without_the_epoch_start() -> Iterator[None]:
    """R11: A follower joins the ISR once it has reached the high watermark, which a new leader may not know yet."""

    def holds_all_that_counts(replica: Any, high: int, leader_epoch_start: int) -> bool:
        return replica.log_end_offset >= high

    with patch.object(isr_rules, "holds_all_that_counts", holds_all_that_counts):
        yield


@contextmanager
def the_last_incarnation_counts() -> Iterator[None]:
    """R11, R14: A fetch of a broker's dead incarnation counts for the living one (before KIP-903)."""

    def eligible(self: Surroundings, replica: Any) -> bool:
        return self.alive(replica.broker_id)

    def believe(*anything: Any) -> None:
        """Today NOT_LEADER_OR_FOLLOWER."""

    def nameless(partition: Partition, change: Any, around: Any) -> Any:
        row = today(partition, change, around)
        return row._replace(new_isr=[IsrMember(member.broker_id, NO_EPOCH) for member in row.new_isr])

    today = isr_keeper.alter_row
    with ExitStack() as stack:
        stack.enter_context(patch.object(Surroundings, "eligible", eligible))
        stack.enter_context(patch.object(fencing, "check_broker_epoch", believe))
        stack.enter_context(patch.object(isr_keeper, "alter_row", nameless))
        yield


@contextmanager
def no_second_look_after_the_wait() -> Iterator[None]:
    """O3: When a batch has been committed nobody asks whether it was this broker that committed it."""

    def acked(partition: Partition, required_offset: int) -> Error | None:
        return Error.NONE if partition.high_watermark >= required_offset else None

    with patch.object(produce, "acked", acked):
        yield


@contextmanager
def recovery_keeps_a_torn_tail() -> Iterator[None]:
    """I5: After a loss of power the torn end of a segment stays in its file."""

    def load(self: Segment, scan: bool, limit: int | None = None) -> str:
        data = self._disk.read(self.path)
        while self.size < len(data):
            try:
                header = read_header(data, self.size)
                if scan:
                    check_crc(data, header)
            except KafkaError:
                break
            self._remember(header)
        if scan:
            self.rebuild_indexes()
        return ""

    with patch.object(Segment, "load", load):
        yield


@contextmanager
def _questions_without_epochs(first_only: bool = False) -> Iterator[None]:
    """A follower's fetches do not name the epoch of its last record, so the leader cannot see where the logs part.

    With `first_only` the first one under each leadership still does, as the separate request of those days did.
    """
    today = FollowerPartition.question
    asked: dict[tuple, None] = {}

    def question(self: FollowerPartition, max_bytes: int) -> Any:
        row = today(self, max_bytes)
        leadership = (self.partition.around.broker_id, self.partition.tp, self.leader_epoch)
        if first_only and leadership not in asked:
            asked[leadership] = None
            return row
        return row._replace(last_fetched_epoch=NO_EPOCH)

    with patch.object(FollowerPartition, "question", question):
        yield


MUTANTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (
    ack_before_replication,
    high_watermark_from_the_committed_isr_only,
    no_min_isr_gate,
    truncate_to_the_high_watermark,
    skip_truncation,
    no_epoch_check_on_fetch,
    expansion_without_the_epoch_start,
    the_last_incarnation_counts,
    no_second_look_after_the_wait,
    recovery_keeps_a_torn_tail,
)
"""The ten."""
