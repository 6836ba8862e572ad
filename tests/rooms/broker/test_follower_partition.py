"""What a follower does with an answer."""

import pytest
from lone_broker import FLIGHTS, FLIGHTS_ID, LoneBroker, batch

from minikafka.broker.follower_partition import FollowerPartition
from minikafka.events.replication import FetchPositionReset, ReplicaDiverged
from minikafka.protocol.client_requests import FetchedPartition
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.record_batch import read_header, stamp


def follower(*batches, high_watermark=0):
    """A follower of broker 2 whose log holds these (base offset, epoch, values)."""
    broker = LoneBroker()
    flights = broker.topic(leader=2)
    broker.fetchers.unfollow(FLIGHTS)
    for base, epoch, values in batches:
        flights.log.append_as_follower(stamped(base, epoch, *values), epoch, 0)
    flights.log.set_high_watermark(high_watermark)
    flights.leader_epoch = max([flights.leader_epoch, *(epoch for _, epoch, _ in batches)])
    return broker, FollowerPartition(flights)


def stamped(base, epoch, *values):
    data = batch(*values)
    return stamp(data, read_header(data), base, epoch)


def answer(records=b"", high_watermark=0, start=0, diverging=None, error=0):
    return FetchedPartition("flights", 0, error, high_watermark, high_watermark, start, diverging, -1, -1, -1, records)


def test_it_begins_at_its_log_end_with_its_latest_epoch():
    _, state = follower((0, 0, "ab"), (2, 3, "c"))
    question = state.question(1000)
    assert (question.fetch_offset, question.last_fetched_epoch, question.current_leader_epoch) == (3, 3, 3)
    assert (question.topic_id, question.log_start_offset, question.partition_max_bytes) == (FLIGHTS_ID, 0, 1000)


def test_without_epochs_it_cuts_to_the_high_watermark():
    _, state = follower((0, -1, "ab"), (2, -1, "c"), high_watermark=2)
    assert state.partition.log.log_end_offset == 2
    assert (state.fetch_offset, state.last_fetched_epoch) == (2, -1)


def test_it_appends_and_learns():
    _, state = follower((0, 0, "ab"))
    question = state.question(1000)
    assert state.take(answer(stamped(2, 0, "c", "d"), high_watermark=3), 0)
    log = state.partition.log
    assert (log.log_end_offset, log.high_watermark, state.fetch_offset) == (4, 3, 4)
    assert not state.still_asks(question)


def test_the_high_watermark_is_clamped_and_may_fall():
    _, state = follower((0, 0, "ab"))
    assert not state.take(answer(high_watermark=9), 0)
    assert state.partition.high_watermark == 2
    assert not state.take(answer(high_watermark=1), 0)
    assert state.partition.high_watermark == 1


def test_batches_of_a_newer_epoch_are_left_out():
    _, state = follower((0, 0, "ab"))
    assert state.take(answer(stamped(2, 0, "c") + stamped(3, 1, "d"), high_watermark=4), 0)
    assert state.partition.log.log_end_offset == 3
    assert state.partition.high_watermark == 3


def test_the_log_start_follows_and_is_told():
    _, state = follower((0, 0, "abc"))
    state.question(1000)
    assert state.take(answer(high_watermark=3, start=2), 0)
    assert state.partition.log.log_start_offset == 2
    assert state.question(1000).log_start_offset == 2
    assert not state.take(answer(high_watermark=3, start=1), 0)
    assert state.partition.log.log_start_offset == 2


def test_a_divergence_cuts_before_the_high_watermark_is_believed():
    broker, state = follower((0, 0, "a"), (1, 0, "b"), (2, 1, "c"), high_watermark=2)
    assert state.take(answer(high_watermark=9, diverging=(0, 1)), 0)
    log = state.partition.log
    assert (log.log_end_offset, log.high_watermark) == (1, 1)
    assert broker.told(ReplicaDiverged) == [ReplicaDiverged(FLIGHTS, 0, 1, 1)]
    assert (state.fetch_offset, state.last_fetched_epoch) == (1, 0)


def test_two_rounds_when_the_leader_knows_none_of_our_epochs():
    _, state = follower((0, 1, "a"), (1, 2, "b"), (2, 4, "c"), high_watermark=1)
    state.take(answer(diverging=(3, 2)), 0)
    assert (state.fetch_offset, state.last_fetched_epoch) == (2, 2)
    state.take(answer(diverging=(1, 1)), 0)
    assert (state.fetch_offset, state.last_fetched_epoch) == (1, 1)


def test_an_epoch_without_records_goes_even_if_nothing_is_cut():
    _, state = follower((0, 1, "a"))
    state.partition.log.epochs.assign(3, 1)
    state.stand_at_log_end()
    assert state.last_fetched_epoch == 3
    state.take(answer(diverging=(1, 1)), 0)
    assert (state.fetch_offset, state.last_fetched_epoch) == (1, 1)


@pytest.mark.parametrize("what", ["offset", "epoch", "role"])
def test_a_question_that_is_not_the_present_one(what):
    broker, state = follower((0, 0, "a"))
    question = state.question(1000)
    assert state.still_asks(question)
    if what == "offset":
        state.take(answer(stamped(1, 0, "b")), 0)
    elif what == "epoch":
        broker.change(leader=3)
    else:
        broker.change(leader=1)
    assert not state.still_asks(question)


def test_corrupt_records_change_nothing():
    _, state = follower((0, 0, "a"))
    damaged = bytearray(stamped(1, 0, "b"))
    damaged[-1] ^= 1
    with pytest.raises(KafkaError):
        state.take(answer(bytes(damaged), high_watermark=2), 0)
    log = state.partition.log
    assert (log.log_end_offset, log.high_watermark, state.fetch_offset) == (1, 0, 1)


# -- out of the leader's range


def test_a_leader_whose_log_ends_before_ours():
    broker, state = follower((0, 0, "a"), (1, 0, "b"), (2, 0, "c"))
    state.find_position(0, 2)
    assert (state.partition.log.log_end_offset, state.fetch_offset) == (2, 2)
    assert broker.told(FetchPositionReset)[0][1:3] == (3, 2)


def test_a_leader_whose_log_starts_after_our_end():
    _, state = follower((0, 0, "a"), high_watermark=1)
    state.find_position(5, 9)
    log = state.partition.log
    assert (log.log_start_offset, log.log_end_offset, log.high_watermark, state.fetch_offset) == (5, 5, 5, 5)


def test_a_leader_that_has_our_offset():
    _, state = follower((0, 0, "a"), (1, 0, "b"))
    state.find_position(1, 9)
    assert (state.partition.log.log_start_offset, state.fetch_offset) == (0, 2)


def test_an_empty_log_may_begin_with_a_batch_that_reaches_below_its_start():
    _, state = follower()
    state.find_position(2, 5)
    assert state.fetch_offset == 2
    state.take(answer(stamped(0, 0, "a", "b", "c"), high_watermark=3, start=2), 0)
    log = state.partition.log
    assert (log.log_start_offset, log.log_end_offset) == (2, 3)
