"""The leader epoch cache, rule by rule, and its file."""

import pytest
from shelf import Shelf, batch, check_invariants

from minikafka.log.leader_epochs import CHECKPOINT_NAME, LeaderEpochs
from minikafka.world.disk import Disk


def cache(*entries, log_end=100):
    epochs = LeaderEpochs(Disk(), "flights-0")
    epochs.log_end = log_end
    for epoch, start in entries:
        epochs.assign(epoch, start)
    return epochs


# -- assign --------------------------------------------------------------------------------------------------------


def test_epochs_are_added_in_order():
    epochs = cache((1, 0), (2, 10), (5, 30))
    assert epochs.entries == [(1, 0), (2, 10), (5, 30)] and epochs.latest == 5
    assert cache().latest == -1


def test_the_latest_epoch_again_changes_nothing():
    epochs = cache((1, 0), (2, 10))
    epochs.assign(2, 10)
    epochs.assign(2, 55)
    assert epochs.entries == [(1, 0), (2, 10)]


@pytest.mark.parametrize("newcomer, becomes", [
    ((2, 5), [(1, 0), (2, 5)]),          # the latest epoch, but it began earlier
    ((6, 30), [(1, 0), (2, 10), (6, 30)]),  # the one before had written nothing
    ((6, 20), [(1, 0), (2, 10), (6, 20)]),
    ((6, 10), [(1, 0), (6, 10)]),
    ((6, 0), [(6, 0)]),
    ((3, 40), [(1, 0), (2, 10), (3, 40)]),  # an older epoch than the latest: that one goes
    ((1, 40), [(1, 40)]),
])  # fmt: skip
def test_what_contradicts_a_new_entry_goes(newcomer, becomes):
    epochs = cache((1, 0), (2, 10), (5, 30))
    epochs.assign(*newcomer)
    assert epochs.entries == becomes


def test_no_epoch_is_no_entry():
    epochs = cache((1, 0))
    epochs.assign(-1, 5)
    assert epochs.entries == [(1, 0)]


def test_a_leadership_without_a_write_is_remembered_and_replaced():
    """KAFKA-7415: the leader assigns its epoch as it begins."""
    shelf = Shelf()
    shelf.fill(3, epoch=1)
    shelf.log.epochs.assign(4, shelf.log.log_end_offset)
    assert shelf.log.epochs.end_offset_for(1) == (1, 3)
    assert shelf.log.epochs.end_offset_for(4) == (4, 3)
    check_invariants(shelf.log)
    shelf.log.epochs.assign(6, shelf.log.log_end_offset)
    assert shelf.log.epochs.entries == [(1, 0), (6, 3)]


# -- where an epoch ends -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked, answer", [
    (-1, (-1, -1)),   # no epoch
    (0, (0, 5)),      # older than all: the first that is newer begins where it ended
    (1, (1, 10)),
    (2, (2, 30)),
    (3, (2, 30)),     # a leadership this log knows nothing of
    (4, (2, 30)),
    (5, (5, 100)),    # the latest ends with the log
    (6, (-1, -1)),    # newer than all
])  # fmt: skip
def test_where_an_epoch_ends(asked, answer):
    assert cache((1, 5), (2, 10), (5, 30)).end_offset_for(asked) == answer


def test_an_empty_cache_knows_no_epoch():
    assert cache().end_offset_for(0) == cache().end_offset_for(7) == (-1, -1)


def test_the_latest_epoch_ends_where_the_log_ends_now():
    shelf = Shelf()
    shelf.fill(3, epoch=2)
    assert shelf.log.epochs.end_offset_for(2) == (2, 3)
    shelf.fill(1, epoch=2)
    assert shelf.log.epochs.end_offset_for(2) == (2, 4)
    shelf.log.truncate_to(1)
    assert shelf.log.epochs.end_offset_for(2) == (2, 1)


@pytest.mark.parametrize("offset, epoch", [(0, -1), (5, 1), (9, 1), (10, 2), (29, 2), (30, 5), (99, 5), (500, 5)])
def test_the_epoch_of_an_offset(offset, epoch):
    assert cache((1, 5), (2, 10), (5, 30)).epoch_for(offset) == epoch


# -- truncation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset, left", [(31, 3), (30, 2), (11, 2), (10, 1), (1, 1), (0, 0), (500, 3)])
def test_truncation_from_the_end_drops_what_begins_there_or_later(offset, left):
    epochs = cache((1, 0), (2, 10), (5, 30))
    epochs.truncate_from_end(offset)
    assert epochs.entries == [(1, 0), (2, 10), (5, 30)][:left]


@pytest.mark.parametrize("offset, becomes", [
    (0, [(1, 0), (2, 10), (5, 30)]),
    (4, [(1, 4), (2, 10), (5, 30)]),
    (10, [(2, 10), (5, 30)]),
    (12, [(2, 12), (5, 30)]),
    (30, [(5, 30)]),
    (99, [(5, 99)]),
])  # fmt: skip
def test_truncation_from_the_start_keeps_the_epoch_in_force(offset, becomes):
    epochs = cache((1, 0), (2, 10), (5, 30))
    epochs.truncate_from_start(offset)
    assert epochs.entries == becomes


def test_truncation_from_the_start_before_the_first_entry_changes_nothing():
    epochs = cache((1, 5))
    epochs.truncate_from_start(3)
    assert epochs.entries == [(1, 5)]


# -- the file ------------------------------------------------------------------------------------------------------


def test_the_file_is_kafkas_text():
    epochs = cache((1, 0), (2, 10))
    assert epochs._disk.read(f"flights-0/{CHECKPOINT_NAME}") == b"0\n2\n1 0\n2 10\n"


def test_every_change_is_durable_at_once():
    disk = Disk()

    def after_a_power_loss():
        disk.lose_power()
        again = LeaderEpochs(disk, "flights-0")
        assert again.load() == ""
        return again.entries

    epochs = LeaderEpochs(disk, "flights-0")
    epochs.assign(1, 0)
    epochs.assign(3, 20)
    assert after_a_power_loss() == [(1, 0), (3, 20)]
    epochs.truncate_from_start(5)
    assert after_a_power_loss() == [(1, 5), (3, 20)]
    epochs.truncate_from_end(20)
    assert after_a_power_loss() == [(1, 5)]
    epochs.clear()
    assert after_a_power_loss() == []


@pytest.mark.parametrize("content, why", [
    (b"", "damaged"), (b"1\n0\n", "version"), (b"0\n5\n1 0\n", "5"), (b"0\n1\nx y\n", "damaged"),
    (b"0\n1\n1\n", "damaged"), (b"0\n2\n2 0\n1 5\n", "do not rise"),
    (b"0\n2\n1 5\n2 5\n", "do not rise"), (b"\xff\xff", "damaged"),
])  # fmt: skip
def test_a_damaged_file_is_noticed_and_nothing_is_believed(content, why):
    disk = Disk()
    disk.append(f"flights-0/{CHECKPOINT_NAME}", content)
    epochs = LeaderEpochs(disk, "flights-0")
    problem = epochs.load()
    assert why in problem and CHECKPOINT_NAME in problem
    assert epochs.entries == []


def test_the_epochs_follow_the_log():
    shelf = Shelf()
    for epoch, base in ((1, 0), (1, 1), (4, 2), (6, 3)):
        shelf.log.append_as_follower(batch(base_offset=base, leader_epoch=epoch), 9, 0)
    assert shelf.log.epochs.entries == [(1, 0), (4, 2), (6, 3)]
    shelf.log.truncate_to(3)
    assert shelf.log.epochs.entries == [(1, 0), (4, 2)]
    check_invariants(shelf.log)
