"""For every law a lie, or a tampered object, that breaks it and nothing else that the test looks at."""

from __future__ import annotations

from types import SimpleNamespace

from group_lies import GROUP_LIES
from observer_lies import OBSERVER_LIES
from quorum_lies import QUORUM_LIES
from security_lies import SECURITY_LIES
from small_world import TP, SmallWorld
from transaction_lies import TRANSACTION_LIES

from minikafka.events.clients import BatchAcknowledged, RecordsPolled
from minikafka.events.governance import (
    BrokerFenced,
    BrokerRegistered,
    BrokerUnfenced,
    IsrRecorded,
    LeaderElected,
)
from minikafka.events.replication import (
    BecameFollower,
    BecameLeader,
    HighWatermarkAdvanced,
    HighWatermarkLearned,
    IsrChangeAsked,
    IsrChanged,
)
from minikafka.events.storage import CompactionStarted, LogCompacted, LogTruncated, SegmentRolled
from minikafka.laws import commit_laws, compaction_laws, controller_laws, history_laws, replication_laws, storage_laws
from minikafka.laws.fold_law import EventsTellWhatIs
from minikafka.log.leader_epochs import EpochEntry


def recorded_isr(small: SmallWorld, isr: tuple, elr: tuple = (), later: int = 1, reason: str = "a lie") -> None:
    """Say that the controller has recorded this ISR."""
    small.tell(0, IsrRecorded(TP, isr, elr, small.recorded.partition_epoch + later, reason))


def elected(small: SmallWorld, leader: int, isr: tuple, clean: bool = True) -> None:
    """Say that the controller has elected this leader."""
    now = small.recorded
    epochs = now.leader_epoch + 1, isr, (), now.partition_epoch + 1
    small.tell(0, LeaderElected(TP, leader, *epochs, clean, "a lie"))


def commit_more(small: SmallWorld) -> int:
    """Let the leader have one record more than its followers, and call it committed."""
    offset = small.append(1, "only here")
    small.tell(1, HighWatermarkAdvanced(TP, offset, offset + 1, 1))
    return offset


def no_cut(small: SmallWorld, broker: int) -> None:
    """Say that a log was cut at its end."""
    end = small.log(broker).log_end_offset
    small.tell(broker, LogTruncated(TP, end, end))


def leads_again(small: SmallWorld, broker: int, epoch: int | None = None) -> None:
    """Say that a broker has become leader."""
    partition = small.partition(broker)
    epoch = partition.leader_epoch if epoch is None else epoch
    end = partition.log.log_end_offset
    small.tell(broker, BecameLeader(TP, epoch, end, small.recorded.isr, partition.partition_epoch))


# -- compaction -------------------------------------------------------------------------------------------------


def a_last_value_that_is_gone(small: SmallWorld) -> None:
    small.producer.send("flights", "the only one", key="UA1")
    small.producer.flush()
    small.tell(1, CompactionStarted(TP, 0, 6, 100, "a lie"))
    small.let_time_pass()
    small.log(1).active._forget()
    small.tell(1, LogCompacted(TP, 6, (1, 1), (9, 9), 1, 0))


def a_start_that_moves(small: SmallWorld) -> None:
    small.log(1).log_start_offset = 2
    small.tell(1, LogCompacted(TP, 5, (1, 1), (9, 9), 1, 0))


# -- one replica ------------------------------------------------------------------------------------------------


def high_watermark_behind_the_end(small: SmallWorld) -> None:
    small.log(1).high_watermark = 99
    no_cut(small, 1)


def a_gap(small: SmallWorld) -> None:
    small.append(2, "too far on", base=small.log(2).log_end_offset + 3)


def an_older_epoch(small: SmallWorld) -> None:
    small.partition(2).leader_epoch = 7
    small.append(2, "of epoch 7")
    small.partition(2).leader_epoch = 3
    small.append(2, "of epoch 3")


def an_epoch_from_nowhere(small: SmallWorld) -> None:
    small.log(1).epochs.entries.append(EpochEntry(9, 999))
    no_cut(small, 1)


def a_recovery_point_too_high(small: SmallWorld) -> None:
    small.log(1).recovery_point = 999
    no_cut(small, 1)


def forgotten_producers(small: SmallWorld) -> None:
    small.log(1).producers.entries.clear()
    no_cut(small, 1)


def a_wrong_index(small: SmallWorld) -> None:
    small.log(1).active.offset_index.columns[1][0] += 1
    small.tell(1, SegmentRolled(TP, 5, "a lie"))


# -- the controller ---------------------------------------------------------------------------------------------


def a_stranger_in_the_isr(small: SmallWorld) -> None:
    recorded_isr(small, (1, 2, 9))


def a_leader_out_of_the_isr(small: SmallWorld) -> None:
    recorded_isr(small, (2, 3))


def a_fenced_leader(small: SmallWorld) -> None:
    small.tell(0, BrokerFenced(2, small.broker(2).broker_epoch, "a lie"))
    elected(small, 2, (2,))


def a_fenced_member(small: SmallWorld) -> None:
    small.tell(0, BrokerFenced(2, small.broker(2).broker_epoch, "a lie"))


def a_jump_of_the_partition_epoch(small: SmallWorld) -> None:
    recorded_isr(small, (1, 2, 3), later=2)


def a_leader_from_nowhere(small: SmallWorld) -> None:
    recorded_isr(small, (1, 2))
    elected(small, 3, (3,))


def the_same_broker_epoch(small: SmallWorld) -> None:
    small.tell(0, BrokerRegistered(2, small.broker(2).broker_epoch, "primary/b2", "", "a lie"))


def metadata_from_the_future(small: SmallWorld) -> None:
    replicas = small.broker(2).replicas
    replicas.image = replicas.image._replace(offset=9999)
    leads_again(small, 2)


# -- leaders, followers, the ISR --------------------------------------------------------------------------------


def a_second_leader(small: SmallWorld) -> None:
    leads_again(small, 2)


def two_records_at_one_place(small: SmallWorld) -> None:
    small.append(1, "one")
    small.append(2, "another")


def a_leader_that_counts_too_few(small: SmallWorld) -> None:
    small.tell(1, IsrChanged(TP, (1,), small.recorded.partition_epoch))


def a_newcomer_that_lags(small: SmallWorld) -> None:
    small.tell(1, IsrChanged(TP, (1, 2), small.recorded.partition_epoch))
    commit_more(small)
    small.tell(1, IsrChangeAsked(TP, (1, 2), (1, 2, 3), "a lie"))


def a_leader_that_fetches(small: SmallWorld) -> None:
    small.broker(1).fetchers.fetchers[9] = SimpleNamespace(states={TP: None}, leader_id=9)
    leads_again(small, 1)


def a_loss_that_is_overlooked(small: SmallWorld) -> None:
    epoch = small.broker(3).broker_epoch
    small.world.faults.power_off("primary/b3")
    small.world.faults.start("primary/b3")
    small.tell(0, BrokerRegistered(3, epoch + 100, "primary/b3", "", "a lie"))


# -- what is committed ------------------------------------------------------------------------------------------


def other_records_below_the_high_watermark(small: SmallWorld) -> None:
    offset = small.append(1, "one")
    small.append(2, "another")
    small.tell(1, HighWatermarkAdvanced(TP, offset, offset + 1, 1))
    small.tell(2, HighWatermarkLearned(TP, offset, offset + 1))


def a_leader_that_lacks_what_is_committed(small: SmallWorld) -> None:
    commit_more(small)
    elected(small, 2, (2, 3))
    leads_again(small, 2, epoch=small.recorded.leader_epoch + 1)


def gone_from_everywhere(small: SmallWorld) -> None:
    end = small.log(1).log_end_offset
    for broker in (1, 2, 3):
        small.tell(broker, LogTruncated(TP, end, end - 1))


def a_commit_under_min_isr(small: SmallWorld) -> None:
    small.tell(1, IsrChanged(TP, (1,), small.recorded.partition_epoch))
    commit_more(small)


def a_follower_that_runs_ahead(small: SmallWorld) -> None:
    small.append(2, "not committed")
    end = small.log(2).log_end_offset
    leads_again(small, 1)
    small.tell(2, HighWatermarkLearned(TP, end - 1, end))


# -- what happens -----------------------------------------------------------------------------------------------


def a_falling_high_watermark(small: SmallWorld) -> None:
    small.log(1).high_watermark -= 3
    small.tell(1, IsrChanged(TP, (1, 2, 3), small.recorded.partition_epoch))


def an_early_acknowledgement(small: SmallWorld) -> None:
    offset = small.append(1, "only here")
    small.tell("primary/producer-1", BatchAcknowledged(TP, offset, 1, -1, 5, "producer-1"))


def an_isr_that_grows_by_itself(small: SmallWorld) -> None:
    recorded_isr(small, (1, 2))
    recorded_isr(small, (1, 2, 3), later=2)


def a_cut_too_deep(small: SmallWorld) -> None:
    end = small.log(2).log_end_offset
    small.tell(2, LogTruncated(TP, end, end - 1))


def a_broker_that_does_not_know_itself(small: SmallWorld) -> None:
    replicas = small.broker(2).replicas
    replicas.image = replicas.image._replace(offset=0)
    small.tell(0, BrokerUnfenced(2, small.broker(2).broker_epoch))


def a_role_against_the_metadata(small: SmallWorld) -> None:
    partition = small.partition(2)
    partition.leader = 3
    end = partition.log.log_end_offset
    small.tell(2, BecameFollower(TP, 3, partition.leader_epoch, end, partition.partition_epoch))


def a_read_beyond(small: SmallWorld) -> None:
    small.tell("primary/reader", RecordsPolled(TP, 0, 99, 100, 5, "reader"))


def a_silent_change(small: SmallWorld) -> None:
    small.partition(2).partition_epoch += 1
    no_cut(small, 2)


LIES = {
    storage_laws.StartHighWatermarkAndEndAreInOrder: high_watermark_behind_the_end,
    storage_laws.OffsetsAreDense: a_gap,
    storage_laws.LeaderEpochsRiseAlongTheLog: an_older_epoch,
    storage_laws.EpochListFitsTheLog: an_epoch_from_nowhere,
    storage_laws.RecoveryKeepsWhatIsWhole: a_recovery_point_too_high,
    storage_laws.ProducersAreWhatTheLogSays: forgotten_producers,
    storage_laws.IndexIsALowerBound: a_wrong_index,
    compaction_laws.CompactionKeepsTheLastValues: a_last_value_that_is_gone,
    compaction_laws.CompactionKeepsTheEnds: a_start_that_moves,
    controller_laws.IsrAndElrAreReplicas: a_stranger_in_the_isr,
    controller_laws.LeaderIsInTheIsr: a_leader_out_of_the_isr,
    controller_laws.LeaderIsAliveWhenElected: a_fenced_leader,
    controller_laws.FencedBrokersAreNotInSync: a_fenced_member,
    controller_laws.EpochsCountEveryChange: a_jump_of_the_partition_epoch,
    controller_laws.LeadersComeFromTheIsr: a_leader_from_nowhere,
    controller_laws.BrokerEpochsRise: the_same_broker_epoch,
    controller_laws.BrokersKnowWhatWasRecorded: metadata_from_the_future,
    replication_laws.OneLeaderForEachEpoch: a_second_leader,
    replication_laws.SameEpochMeansSameLog: two_records_at_one_place,
    replication_laws.MaximalIsrCoversTheRecordedOne: a_leader_that_counts_too_few,
    replication_laws.NewcomersHoldAllThatCounts: a_newcomer_that_lags,
    replication_laws.OneFetcherForEachFollower: a_leader_that_fetches,
    replication_laws.LossIsForgivenOnlyAfterCatchingUp: a_loss_that_is_overlooked,
    commit_laws.ReplicasAgreeBelowTheirHighWatermarks: other_records_below_the_high_watermark,
    commit_laws.InSyncReplicasHaveWhatIsCommitted: commit_more,
    commit_laws.RecordedIsrHasWhatIsCommitted: commit_more,
    commit_laws.HighWatermarkIsReachedByAllThatCount: commit_more,
    commit_laws.CandidatesHaveWhatIsCommitted: commit_more,
    commit_laws.LeadersHaveEverythingCommitted: a_leader_that_lacks_what_is_committed,
    commit_laws.CommittedRecordsAreSomewhere: gone_from_everywhere,
    commit_laws.HighWatermarkStandsStillUnderMinIsr: a_commit_under_min_isr,
    commit_laws.FollowersDoNotRunAhead: a_follower_that_runs_ahead,
    history_laws.HighWatermarkNeverFalls: a_falling_high_watermark,
    history_laws.AcknowledgedMeansCommitted: an_early_acknowledgement,
    history_laws.IsrGrowsOnlyByItsLeadersWish: an_isr_that_grows_by_itself,
    history_laws.TruncationSparesWhatIsCommitted: a_cut_too_deep,
    history_laws.UnfencedBrokersKnowThemselves: a_broker_that_does_not_know_itself,
    history_laws.RolesFollowTheMetadata: a_role_against_the_metadata,
    history_laws.ConsumersReadOnlyWhatIsCommitted: a_read_beyond,
    EventsTellWhatIs: a_silent_change,
    **GROUP_LIES,
    **OBSERVER_LIES,
    **QUORUM_LIES,
    **SECURITY_LIES,
    **TRANSACTION_LIES,
}
"""The lie that breaks each law."""
