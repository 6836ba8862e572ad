"""A follower's side of one partition: what to ask for next, and what to do with the answer.

Promises     an answer is used only if it belongs to the present question (same topic id, offset and leader epoch); a
             log that has parted from the leader's is cut before anything else is believed.
Stands for   PartitionFetchState, ReplicaFetcherThread.processPartitionData, the truncations of AbstractFetcherThread.
Left out     throttling, log directory moves, the separate OffsetsForLeaderEpoch phase from before 2.7.
Differs      a log without epochs is cut to its high watermark at once, and not in a state of its own. Kafka names only
             offset and leader epoch as what an answer has to fit; a topic made anew begins with the same ones.
"""

from __future__ import annotations

from minikafka.broker import reconciliation
from minikafka.broker.partition import FOLLOWER, Partition
from minikafka.events.replication import FetchPositionReset, ReplicaDiverged
from minikafka.log.batch_validation import UnexpectedAppendOffsetException
from minikafka.protocol.client_requests import FetchedPartition, FetchPartition
from minikafka.protocol.names import NO_EPOCH


class FollowerPartition:
    """Where a follower stands in its leader's log under one leader epoch."""

    __slots__ = ("partition", "leader_epoch", "fetch_offset", "last_fetched_epoch", "told_log_start")

    def __init__(self, partition: Partition):
        self.partition = partition
        self.leader_epoch = partition.leader_epoch
        log = partition.log
        if log.epochs.latest == NO_EPOCH:
            partition.cut_to(log.high_watermark)
        self.stand_at_log_end()

    def stand_at_log_end(self) -> None:
        """Go on from the end of the own log, whatever it is now."""
        log = self.partition.log
        self.fetch_offset = log.log_end_offset
        self.last_fetched_epoch = log.epochs.latest
        self.told_log_start = log.log_start_offset

    def question(self, max_bytes: int) -> FetchPartition:
        """The row of the next fetch."""
        partition = self.partition
        self.told_log_start = start = partition.log.log_start_offset
        return FetchPartition(*partition.tp, partition.topic_id, self.leader_epoch, self.fetch_offset,
                              self.last_fetched_epoch, start, max_bytes)  # fmt: skip

    def has_moved(self) -> bool:
        """The log start is another than the leader was told."""
        return self.partition.log.log_start_offset != self.told_log_start

    def still_asks(self, question: FetchPartition) -> bool:
        """Nothing has happened to the partition since the question left: an answer to it may be used."""
        partition = self.partition
        return (
            partition.role == FOLLOWER
            and partition.topic_id == question.topic_id
            and partition.leader_epoch == self.leader_epoch == question.current_leader_epoch
            and self.fetch_offset == question.fetch_offset
        )

    def take(self, answer: FetchedPartition, now: int) -> bool:
        """Use an answer without error: cut if it tells of a divergence, else append and learn.

        True if the next question is another one.
        CORRUPT_MESSAGE and other errors of the log: nothing was appended.
        """
        if answer.diverging_epoch is not None:
            self.reconcile(*answer.diverging_epoch)
            return True
        partition, log = self.partition, self.partition.log
        if answer.records:
            self._append(answer.records, now)
        partition.learn_high_watermark(answer.high_watermark)
        if answer.log_start_offset > log.log_start_offset:
            partition.raise_log_start(min(answer.log_start_offset, log.high_watermark))
        changed = log.log_end_offset != self.fetch_offset or self.has_moved()
        self.fetch_offset = log.log_end_offset
        self.last_fetched_epoch = log.epochs.latest
        return changed

    def _append(self, records: bytes, now: int) -> None:
        log = self.partition.log
        try:
            log.append_as_follower(records, self.leader_epoch, now)
        except UnexpectedAppendOffsetException as early:
            # records were deleted up to the middle of this batch: an empty log may begin with the whole of it
            empty = log.log_start_offset == log.log_end_offset
            if not empty or not early.first_offset < log.log_end_offset <= early.last_offset:
                raise
            self.partition.start_over_at(early.first_offset)
            log.append_as_follower(records, self.leader_epoch, now)

    def reconcile(self, leader_epoch: int, leader_end: int) -> None:
        """The leader's log parts from ours: cut ours where the table says."""
        partition, log = self.partition, self.partition.log
        cut = reconciliation.truncation_for(
            leader_epoch, leader_end, self.fetch_offset, log.log_end_offset, log.epochs.end_offset_for
        )
        partition.around.record(ReplicaDiverged(partition.tp, leader_epoch, leader_end, cut.offset))
        partition.cut_to(cut.offset)
        self.stand_at_log_end()

    def find_position(self, leader_start: int, leader_end: int) -> None:
        """Our offset is out of the leader's range, which is this: cut what it lacks, or jump over what is gone."""
        partition, old = self.partition, self.fetch_offset
        log_end = partition.log.log_end_offset
        if leader_end < log_end:
            partition.cut_to(leader_end)
            why = f"the leader's log ends there, before our end {log_end}"
        elif leader_start > log_end:
            partition.start_over_at(leader_start)
            why = f"the leader's log starts there, after our end {log_end}"
        else:
            why = "our log ends there, and the leader has that offset"
        self.stand_at_log_end()
        partition.around.record(FetchPositionReset(partition.tp, old, self.fetch_offset, why))
