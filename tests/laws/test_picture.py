"""The picture folded from the events, the copies of the logs, and the roll-call that compares them with what is."""

from __future__ import annotations

import pytest
from small_world import TP, SmallWorld

from minikafka.events import governance, replication, storage
from minikafka.laws.fold_law import EventsTellWhatIs, differences, joined
from minikafka.laws.log_copy import LogCopy, Row, Rows, parting
from minikafka.laws.partition_history import PartitionHistory
from minikafka.laws.picture import FOLDS, Picture
from minikafka.world.event import Recorded
from minikafka.world.happenings import MachineCrashed, PowerLost

B1, CONTROLLER = "primary/b1", "primary/controller"


def folded(*events):
    """The picture of these (place, event)."""
    picture = Picture()
    for number, (place, event) in enumerate(events):
        picture.hear(Recorded(number, 0, place, 0, type(event).__name__, event))
    return picture.clusters["primary"]


# -- the picture ------------------------------------------------------------------------------------------------


def test_it_draws_a_leader():
    cluster = folded(
        (CONTROLLER, governance.BrokerRegistered(1, 4, B1, "", "")),
        (B1, replication.BecameLeader(TP, 3, 10, (1, 2), 7)),
        (B1, storage.BatchAppended(TP, 10, 12, 3, 100, -1, -1, True)),
        (B1, replication.IsrChangeAsked(TP, (1, 2), (1, 2, 3), "")),
        (B1, replication.HighWatermarkAdvanced(TP, 8, 13, 2)),
    )
    replica = cluster.replica(B1, TP)
    assert (replica.role, replica.leader, replica.leader_epoch, replica.partition_epoch) == ("leader", 1, 3, 7)
    assert (replica.log_end, replica.high_watermark, replica.epoch_start) == (13, 13, 10)
    assert (replica.isr, replica.maximal_isr, replica.advanced_under) == ((1, 2), (1, 2, 3), ((1, 2), (1, 2, 3)))


def test_a_dropped_wish_leaves_the_old_isr():
    wish = replication.IsrChangeAsked(TP, (1, 2), (1,), "")
    cluster = folded((B1, wish), (B1, replication.IsrChangeDropped(TP, (1, 2), "INELIGIBLE_REPLICA")))
    assert cluster.replica(B1, TP).maximal_isr == (1, 2)


def test_a_cut_takes_the_high_watermark_with_it():
    cluster = folded(
        (B1, storage.BatchAppended(TP, 0, 9, 0, 100, -1, -1, False)),
        (B1, replication.HighWatermarkLearned(TP, 0, 8)),
        (B1, storage.LogTruncated(TP, 10, 6)),
    )
    assert (cluster.replica(B1, TP).log_end, cluster.replica(B1, TP).high_watermark) == (6, 6)


@pytest.mark.parametrize("stop, end", [(MachineCrashed(1), 10), (PowerLost(1), None)])
def test_what_a_stop_leaves_in_doubt_is_not_known(stop, end):
    cluster = folded(
        (B1, storage.BatchAppended(TP, 0, 9, 0, 100, -1, -1, False)),
        (B1, replication.BecameFollower(TP, 2, 1, 10, 1)),
        (B1, replication.HighWatermarkLearned(TP, 0, 8)),
        (B1, stop),
    )
    replica = cluster.replica(B1, TP)
    assert (replica.role, replica.leader_epoch, replica.high_watermark, replica.log_end) == ("down", -1, None, end)


def test_what_is_stable_follows_transactions_and_their_markers():
    opened, ended = storage.TransactionOpened(TP, 7, 0, 3), storage.TransactionEnded(TP, 7, 1, "COMMIT", 3, 8)
    begun = [(B1, storage.BatchAppended(TP, 0, 8, 0, 100, -1, -1, False)), (B1, opened)]

    def stable(*more):
        return folded(*begun, *[(B1, event) for event in more]).replica(B1, TP).last_stable

    def reached(offset):
        return replication.HighWatermarkLearned(TP, 0, offset)

    assert stable() is None
    assert (stable(reached(2)), stable(reached(6))) == (2, 3)
    assert stable(ended, reached(8)) == 3, "the marker is not replicated"
    assert stable(ended, reached(9)) == 9
    assert stable(ended, reached(9), storage.LogTruncated(TP, 9, 5)) == 3, "the marker is gone, the transaction is not"
    assert stable(ended, reached(9), storage.LogTruncated(TP, 9, 2)) == 2
    assert stable(reached(6), storage.LogStartMoved(TP, 0, 5, "")) == 5
    assert stable(reached(6), storage.LogRestarted(TP, 0, 9, 20)) == 20


def test_gaps_are_what_compaction_takes_and_what_is_fetched_after_it():
    def gaps(*events):
        return folded(*[(B1, event) for event in events]).replica(B1, TP).gaps

    whole = storage.BatchAppended(TP, 0, 9, 0, 100, -1, -1, False)
    compacted = storage.SegmentsCompacted(TP, 0, 1, 100, 50, 8, ((1, 2), (5, 7)))
    assert gaps(whole) == ()
    assert gaps(whole, compacted) == ((1, 2), (5, 7))
    assert gaps(whole, compacted, compacted._replace(gone=((1, 7),))) == ((1, 7),)
    assert gaps(whole, storage.CompactionFinished(TP, 0, 8, ((3, 4),))) == ((3, 4),)
    assert gaps(whole, compacted, storage.LogTruncated(TP, 10, 6)) == ((1, 2), (5, 5))
    assert gaps(whole, compacted, storage.LogRestarted(TP, 0, 10, 20)) == ()
    assert gaps(whole, whole._replace(base_offset=12, last_offset=13)) == ((10, 11),)


def test_clusters_do_not_mix():
    picture = Picture()
    for place in ("east/b1", "west/b1"):
        event = replication.BecameLeader(TP, 1, 0, (1,), 1)
        picture.hear(Recorded(0, 0, place, 0, "BecameLeader", event))
    assert list(picture.clusters) == ["east", "west"]
    assert len(picture.clusters["east"].presumed_leaders(TP)) == 1


def test_every_change_of_a_replica_or_of_the_controllers_record_has_its_fold():
    silent = ("DuplicateBatchSeen", "SegmentRolled", "LogFlushed", "SegmentsDeleted", "FileRebuilt",
              "RegistrationRefused", "AlterPartitionRefused", "ProducerIdsAllocated", "SettingChanged",
              "CompactionStarted", "LogCompacted", "CompactionGivenUp")  # fmt: skip
    for module in (storage, governance):
        kinds = [kind for kind in vars(module).values() if getattr(kind, "__module__", "") == module.__name__]
        told = [kind for kind in kinds if hasattr(kind, "_fields") and kind.__name__ not in silent]
        assert [kind.__name__ for kind in told if kind not in FOLDS] == []


# -- the copies -------------------------------------------------------------------------------------------------


def rows(*spans, epoch=0):
    """Rows with these offsets."""
    made = Rows()
    for base, last in spans:
        made.add(Row(base, last, epoch, base * 7))
    return made


def test_cut_takes_the_whole_batch():
    held = rows((0, 3), (4, 4), (5, 9))
    assert [row.base for row in held.cut(7)] == [5]
    assert [row.base for row in held.cut(4)] == [4] and held.bases == [0]
    assert held.cut(99) == []


def test_drop_before_keeps_the_batch_that_holds_the_offset():
    held = rows((0, 3), (4, 4), (5, 9))
    held.drop_before(5)
    assert held.bases == [5]


def test_parting_compares_only_what_both_hold():
    one, other = rows((0, 3), (4, 4), (5, 9)), rows((4, 4), (5, 9))
    assert parting(one, other, 0, 10) is None
    assert "offset 4 of epoch 0" in parting(one, rows((4, 4), epoch=1), 0, 5)
    assert "against nothing" in parting(one, rows((0, 3)), 0, 5)


def test_below_the_point_of_compaction_batches_may_be_missing_but_not_clash():
    one, other = rows((0, 3), (4, 4), (5, 9), (10, 12)), rows((4, 4), (10, 12))
    assert "against" in parting(one, rows((0, 3), (10, 12)), 0, 13)
    assert parting(one, rows((0, 3), (10, 12)), 0, 13, cleaned_to=10) is None
    assert parting(other, one, 0, 13, cleaned_to=10) is None
    assert "offsets 5..9" in parting(one, rows((0, 3), (5, 7), (10, 12)), 0, 13, cleaned_to=10)
    assert "epoch 1" in parting(one, rows((0, 3), (10, 12), epoch=1), 0, 10, cleaned_to=10)
    assert parting(one, rows((0, 3), (4, 4), (5, 9), (10, 11)), 0, 13, cleaned_to=10)


def test_a_copy_is_lossy_only_if_something_is_gone():
    for end, lossy in ((5, False), (4, True)):
        copy = LogCopy(B1)
        for row in rows((0, 3), (4, 4)).rows:
            copy.add(row)
            copy.end = row.last + 1
        copy.lose_power(3)
        assert copy.doubtful
        copy.opened(end)
        assert (copy.doubtful, copy.lossy) == (False, lossy)


def test_a_second_loss_does_not_forgive_the_first():
    copy = LogCopy(B1)
    copy.add(Row(0, 3, 0, 0))
    copy.end = 4
    copy.lose_power(3)
    copy.opened(0)
    copy.lose_power(3)
    copy.opened(0)
    assert copy.lossy


def test_what_is_committed_remembers_under_which_epoch():
    history = PartitionHistory()
    leader = history.copy(B1)
    for row in rows((0, 3), (4, 4), (5, 9)).rows:
        leader.add(row)
    history.commit(leader, 0, 4)
    history.commit(leader, 2, 10)
    history.commit(leader, 2, 5)
    assert (history.end, history.committed.bases) == (10, [0, 4, 5])
    assert [history.committed_under(offset) for offset in (0, 3, 4, 9, 10)] == [0, 0, 2, 2, -1]


# -- the roll-call ----------------------------------------------------------------------------------------------


def test_the_roll_call_finds_every_silent_change():
    def disturbed(change):
        small = SmallWorld(EventsTellWhatIs())
        assert differences(small.sight) is None
        change(small)
        return differences(small.sight)

    assert "high watermark 5 (is 3)" in disturbed(lambda small: setattr(small.log(2), "high_watermark", 3))
    assert "role follower (is offline)" in disturbed(lambda small: setattr(small.partition(2), "role", "offline"))
    assert "leader epoch 0 (is 4)" in disturbed(lambda small: setattr(small.partition(1), "leader_epoch", 4))
    assert "last stable offset 5 (is 3)" in disturbed(lambda small: small.log(2).producers.ongoing.update({7: 3}))
    controller = "primary/controller"

    def fence(small):
        process = small.world.place(controller).process
        brokers = process.committed_image.brokers
        brokers = {**brokers, 2: brokers[2]._replace(fenced=True)}
        process.committed_image = process.committed_image._replace(brokers=brokers)

    assert "the controller's events tell of the brokers" in disturbed(fence)

    def shrink(small):
        process = small.world.place(controller).process
        topic = process.committed_image.topics["flights"]
        changed = topic._replace(partitions=(topic.partitions[0]._replace(isr=(1,)),))
        process.committed_image = process.committed_image._replace(topics={"flights": changed})

    assert "of flights-0 the controller's events tell" in disturbed(shrink)

    def other_bytes(small):
        segment = small.log(2).active
        segment.headers[2] = segment.headers[2]._replace(crc=1)

    assert "the log of flights-0 at primary/b2 has 5 batches" in disturbed(other_bytes)


def test_the_roll_call_finds_what_is_missing_and_nobody_told():
    small = SmallWorld(EventsTellWhatIs())
    told = small.sight.picture.at(B1).replica(B1, TP)
    told.gaps = ((2, 2),)
    assert "events tell that offset 2 is gone, and it is there" in differences(small.sight)
    told.gaps = ()
    del small.log(1).active.headers[2]
    del small.sight.history(B1, TP).copy(B1).rows[2]
    assert "the offsets 2..2 are gone, and no event tells of it" in differences(small.sight)
    told.gaps = ((2, 2),)
    assert differences(small.sight) is None
    assert joined([(5, 6), (1, 2), (7, 9)]) == [(1, 2), (5, 9)]
