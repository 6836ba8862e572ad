"""Fetch: the order of the checks, what is counted, what is answered, and when."""

import pytest
from lone_broker import FLIGHTS, MS, LoneBroker, offsets

from minikafka.broker import fetch as room
from minikafka.broker.replica import NEVER, UNKNOWN
from minikafka.events.replication import FetchRefused
from minikafka.metadata.facts import RegisterBrokerRecord, RemoveTopicRecord
from minikafka.protocol.errors import Error


def at_epoch_1(**more):
    """A leader at leader epoch 1."""
    broker = LoneBroker()
    flights = broker.topic(**more)
    broker.change(leader=1)
    return broker, flights


# -- the order of the checks


def test_an_unknown_topic_id_comes_first():
    broker, _ = at_epoch_1()
    assert broker.fetch(2, 0, topic_id="gone", epoch=0).error == Error.UNKNOWN_TOPIC_ID


def test_a_deleted_topic():
    broker, _ = at_epoch_1()
    broker.say(RemoveTopicRecord("flights-id"))
    assert broker.fetch(2, 0).error == Error.UNKNOWN_TOPIC_ID
    assert broker.fetch(2, 0, topic_id="").error == Error.UNKNOWN_TOPIC_OR_PARTITION


@pytest.mark.parametrize(("epoch", "error"), [(0, Error.FENCED_LEADER_EPOCH), (2, Error.UNKNOWN_LEADER_EPOCH)])
def test_epochs_are_compared_before_leadership(epoch, error):
    broker, _ = at_epoch_1()
    assert broker.fetch(2, 0, epoch=epoch).error == error
    broker.change(leader=2)
    assert broker.fetch(3, 0, epoch=epoch + 1).error == error


def test_only_the_leader_answers_followers():
    broker, _ = at_epoch_1()
    broker.change(leader=2)
    answer = broker.fetch(3, 0, epoch=2)
    assert (answer.error, answer.current_leader, answer.current_leader_epoch) == (Error.NOT_LEADER_OR_FOLLOWER, 2, 2)


def test_who_is_no_replica_is_told_to_wait_for_news():
    broker = LoneBroker()
    broker.topic(replicas=(1, 2), isr=(1, 2))
    assert broker.fetch(3, 0).error == Error.UNKNOWN_LEADER_EPOCH


def test_an_unknown_last_epoch_is_out_of_range_and_not_counted():
    broker, flights = at_epoch_1()
    assert broker.fetch(2, 0, last_epoch=2).error == Error.OFFSET_OUT_OF_RANGE
    assert flights.replicas[2].log_end_offset == UNKNOWN


def test_below_the_start_with_an_epoch_is_out_of_range():
    broker, flights = at_epoch_1()
    broker.append("m1", "m2")
    broker.fetch(2, 2)
    broker.fetch(3, 2)
    flights.raise_log_start(2)
    assert broker.fetch(2, 1, last_epoch=1).error == Error.OFFSET_OUT_OF_RANGE
    assert broker.fetch(2, 1).error == Error.OFFSET_OUT_OF_RANGE
    assert broker.fetch(2, 2, last_epoch=1).error == Error.NONE


def test_a_diverging_follower_is_told_and_not_counted():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.change(leader=1)
    broker.append("m2")
    answer = broker.fetch(2, 2, last_epoch=0)
    assert (answer.error, answer.diverging_epoch, answer.records) == (Error.NONE, (0, 1), b"")
    assert flights.replicas[2].log_end_offset == UNKNOWN
    answer = broker.fetch(2, 1, last_epoch=0)
    assert (answer.diverging_epoch, offsets(answer.records)) == (None, [1])
    assert flights.replicas[2].log_end_offset == 1


def test_an_epoch_the_leader_does_not_have_diverges():
    broker = LoneBroker()
    broker.topic(leader=2)
    broker.change(leader=1)
    broker.change(leader=1)
    flights = broker.replicas.partitions[FLIGHTS]
    flights.log.epochs.assign(4, 0)
    flights.log.append_as_leader(room_batch(), 4, 0)
    assert broker.fetch(2, 1, last_epoch=3).diverging_epoch is not None


def room_batch():
    from lone_broker import batch

    return batch("m1")


def test_beyond_the_end_is_out_of_range_and_not_counted():
    broker, flights = at_epoch_1()
    assert broker.fetch(2, 1).error == Error.OFFSET_OUT_OF_RANGE
    assert flights.replicas[2].log_end_offset == UNKNOWN


def test_a_dead_incarnation_does_not_count():
    broker, flights = at_epoch_1()
    broker.say(RegisterBrokerRecord(2, 250, "", "b2", "", True))
    assert broker.fetch(2, 0, broker_epoch=200).error == Error.NOT_LEADER_OR_FOLLOWER
    assert flights.replicas[2].last_caught_up == broker.now
    assert flights.replicas[2].log_end_offset == UNKNOWN
    assert broker.fetch(2, 0, broker_epoch=250).error == Error.NONE


def test_a_refusal_is_recorded():
    broker, _ = at_epoch_1()
    broker.fetch(2, 0, epoch=0)
    (refusal,) = broker.world.recorder.events(FetchRefused)
    assert refusal.event.partition == FLIGHTS
    assert "epoch 1" in refusal.sentence()


# -- what is answered


def test_the_marks_are_from_before_the_fetch_counted():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2))
    broker.append("m1")
    assert broker.fetch(2, 1).high_watermark == 0
    assert flights.high_watermark == 1
    assert broker.fetch(2, 1).high_watermark == 1


def test_followers_read_to_the_end_and_consumers_below_the_high_watermark():
    broker = LoneBroker()
    broker.topic(isr=(1, 2))
    broker.append("m1")
    broker.append("m2")
    assert offsets(broker.fetch(2, 0).records) == [0, 1]
    broker.fetch(2, 1)
    assert offsets(broker.fetch(-1, 0).records) == [0]
    assert broker.fetch(-1, 1).records == b""
    beyond = broker.fetch(-1, 2)
    assert (beyond.error, beyond.records) == (Error.NONE, b"")
    assert broker.fetch(-1, 3).error == Error.OFFSET_OUT_OF_RANGE


def test_the_first_batch_comes_however_large():
    broker = LoneBroker()
    broker.topic()
    broker.append("x" * 1000)
    broker.append("y" * 1000)
    assert offsets(broker.fetch(2, 0, max_bytes=1).records) == [0]


def test_a_consumer_that_names_its_rack_may_read_from_a_follower():
    broker = LoneBroker()
    broker.topic(leader=2)
    assert broker.fetch(-1, 0).error == Error.NOT_LEADER_OR_FOLLOWER
    assert broker.fetch(-1, 0, rack="home-a").error == Error.NONE
    broker.change(leader=-1)
    assert broker.fetch(-1, 0, rack="home-a").error == Error.NONE
    assert broker.fetch(-1, 0, rack="home-a", epoch=0).error == Error.FENCED_LEADER_EPOCH


# -- when


def test_nothing_to_read_waits_for_max_wait():
    broker = LoneBroker()
    broker.topic()
    task = broker.start(broker.fetching(2, broker.row(0), wait_ms=500))
    broker.pass_time(499 * MS)
    assert not task.done
    broker.pass_time(1 * MS)
    assert task.value.partitions[0].records == b""


def test_a_follower_goes_on_with_the_append():
    broker = LoneBroker()
    broker.topic()
    task = broker.start(broker.fetching(2, broker.row(0), wait_ms=500))
    broker.append("m1")
    broker.pass_time(0)
    assert offsets(task.value.partitions[0].records) == [0]


def test_a_consumer_goes_on_with_the_commit():
    broker = LoneBroker()
    broker.topic(isr=(1, 2))
    task = broker.start(broker.fetching(-1, broker.row(0), wait_ms=500))
    broker.append("m1")
    broker.pass_time(0)
    assert not task.done
    broker.fetch(2, 1)
    broker.pass_time(0)
    assert offsets(task.value.partitions[0].records) == [0]


def test_a_parked_follower_does_not_go_on_because_the_high_watermark_moved_but_learns_it_at_the_end():
    broker = LoneBroker()
    broker.topic()
    broker.append("m1")
    broker.fetch(2, 1)
    task = broker.start(broker.fetching(2, broker.row(1), wait_ms=500))
    broker.fetch(3, 1)
    broker.pass_time(0)
    assert not task.done
    broker.pass_time(500 * MS)
    assert task.value.partitions[0].high_watermark == 1


def test_the_second_look_does_not_count_as_a_fetch():
    broker = LoneBroker()
    flights = broker.topic(isr=(1,))
    broker.append("m1")
    task = broker.start(broker.fetching(2, broker.row(1), wait_ms=500))
    seen = flights.replicas[2].last_caught_up
    broker.pass_time(500 * MS)
    assert task.done
    assert flights.replicas[2].last_caught_up == seen


def test_min_bytes():
    broker = LoneBroker()
    broker.topic()
    task = broker.start(broker.fetching(2, broker.row(0), wait_ms=500, min_bytes=250))
    broker.append("m1")
    broker.pass_time(0)
    assert not task.done
    broker.append("m2", "m3")
    broker.append("m4")
    broker.pass_time(0)
    assert offsets(task.value.partitions[0].records) == [0, 1, 2, 3]


def test_a_parked_fetch_hears_that_the_leadership_is_lost():
    broker = LoneBroker()
    broker.topic()
    task = broker.start(broker.fetching(2, broker.row(0, epoch=0), wait_ms=500))
    broker.change(leader=3)
    broker.pass_time(0)
    assert task.value.partitions[0].error == Error.FENCED_LEADER_EPOCH


def test_an_error_or_a_divergence_is_not_kept_waiting():
    broker = LoneBroker()
    broker.topic()
    broker.append("m1")
    broker.change(leader=1)
    for row in (broker.row(9), broker.row(1, last_epoch=0)._replace(fetch_offset=2)):
        task = broker.start(broker.fetching(2, row, wait_ms=500))
        assert task.done


def test_no_partitions_are_answered_at_once():
    broker = LoneBroker()
    assert broker.start(broker.fetching(2, wait_ms=500)).value.partitions == []


def test_nobody_watches_after_a_fetch_without_session():
    broker = LoneBroker()
    flights = broker.topic()
    broker.fetch(2, 0)
    task = broker.start(broker.fetching(-1, broker.row(0), wait_ms=500))
    assert len(flights.news.watchers) == 1
    broker.pass_time(500 * MS)
    assert task.done
    assert flights.news.watchers == {}


# -- caught up


def test_a_follower_that_never_reached_the_end_never_was_caught_up():
    broker = LoneBroker()
    flights = broker.topic(isr=(1,))
    broker.append("m1")
    broker.fetch(2, 0)
    assert flights.replicas[2].last_caught_up == NEVER


def test_divergence_by_itself():
    class Log:
        log_start_offset, log_end_offset = 0, 9

        class epochs:  # noqa: N801
            latest = 3

            @staticmethod
            def end_offset_for(epoch):
                return {3: (3, 9), 2: (1, 4)}[epoch]

    assert room.diverging_epoch(Log, 5, -1) is None
    assert room.diverging_epoch(Log, 9, 3) is None
    assert room.diverging_epoch(Log, 4, 2) == (1, 4)
