"""The leader's book: roles, the high watermark, the ISR."""

import pytest
from lone_broker import FLIGHTS, LoneBroker, S, batch

from minikafka.broker.partition import FOLLOWER, LEADER, OFFLINE
from minikafka.broker.replica import NEVER, UNKNOWN
from minikafka.events.replication import (
    BecameFollower,
    BecameLeader,
    HighWatermarkAdvanced,
    HighWatermarkLearned,
    IsrChangeAsked,
    IsrChanged,
    WentOffline,
)
from minikafka.metadata.registrations import PartitionRegistration
from minikafka.protocol.errors import Error, KafkaError


def registered(leader=1, leader_epoch=0, partition_epoch=0, isr=(1, 2, 3), replicas=(1, 2, 3)):
    return PartitionRegistration(replicas, isr, (), (), leader, leader_epoch, partition_epoch, 0)


# -- roles


def test_becoming_leader_begins_an_epoch_at_the_log_end():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2))
    assert (flights.role, flights.leader, flights.leader_epoch, flights.partition_epoch) == (LEADER, 1, 0, 0)
    assert flights.log.epochs.entries == [(0, 0)]
    assert flights.leader_epoch_start_offset == 0
    assert [flights.replicas[2].last_caught_up, flights.replicas[3].last_caught_up] == [broker.now, NEVER]
    assert broker.told(BecameLeader) == [BecameLeader(FLIGHTS, 0, 0, (1, 2), 0)]


def test_a_leader_elected_again_keeps_what_it_knows_and_starts_its_epoch_anew():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1", "m2")
    broker.fetch(2, 1)
    broker.change(leader=1, isr=(1, 2))
    assert flights.leader_epoch == 1
    assert flights.leader_epoch_start_offset == 2
    assert flights.replicas[2].log_end_offset == 1
    assert flights.replicas[3].last_caught_up == NEVER


def test_a_new_leader_knows_nothing_of_its_followers():
    broker = LoneBroker()
    flights = broker.topic(leader=2)
    assert (flights.role, flights.replicas) == (FOLLOWER, {})
    broker.change(leader=1)
    assert flights.replicas[2].log_end_offset == UNKNOWN
    assert not flights.advance_high_watermark(broker.now)


def test_a_newer_partition_epoch_alone_changes_the_isr_and_resets_nothing():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.fetch(2, 1)
    broker.fence(3)
    broker.change(isr=(1, 2))
    assert (flights.leader_epoch, flights.partition_epoch, flights.isr_state.isr) == (0, 1, (1, 2))
    assert flights.replicas[2].log_end_offset == 1
    assert broker.told(IsrChanged) == [IsrChanged(FLIGHTS, (1, 2), 1)]
    assert flights.high_watermark == 1


def test_old_metadata_is_not_applied():
    broker = LoneBroker()
    flights = broker.topic()
    broker.change(leader=2)
    assert not flights.become_leader(registered(leader_epoch=0, partition_epoch=0), broker.now)
    assert not flights.become_follower(registered(leader=3, leader_epoch=1, partition_epoch=1))
    assert (flights.role, flights.leader) == (FOLLOWER, 2)


def test_following_and_losing_the_leader():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.change(leader=2)
    assert (flights.role, flights.leader, flights.isr_state.isr) == (FOLLOWER, 2, ())
    assert broker.told(BecameFollower) == [BecameFollower(FLIGHTS, 2, 1, 1, 1)]
    broker.change(leader=-1)
    assert (flights.role, flights.leader, flights.leader_epoch) == (OFFLINE, -1, 2)
    assert broker.told(WentOffline) == [WentOffline(FLIGHTS, 2, 2)]


def test_a_follower_learns_a_partition_epoch_without_beginning_anew():
    broker = LoneBroker()
    flights = broker.topic(leader=2)
    assert not flights.become_follower(registered(leader=2, partition_epoch=5))
    assert flights.partition_epoch == 5


def test_who_does_not_lead_says_so():
    broker = LoneBroker()
    flights = broker.topic(leader=2)
    with pytest.raises(KafkaError) as refusal:
        flights.require_leader(0)
    assert refusal.value.error == Error.NOT_LEADER_OR_FOLLOWER
    with pytest.raises(KafkaError) as refusal:
        flights.require_leader(7)
    assert refusal.value.error == Error.UNKNOWN_LEADER_EPOCH


# -- the high watermark


def test_a_record_is_committed_when_all_in_sync_hold_it():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.fetch(2, 1)
    assert flights.high_watermark == 0
    broker.fetch(3, 1)
    assert flights.high_watermark == 1
    assert broker.told(HighWatermarkAdvanced) == [HighWatermarkAdvanced(FLIGHTS, 0, 1, 1)]


def test_one_not_in_sync_and_not_caught_up_does_not_count():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2))
    broker.append("m1")
    broker.fetch(2, 1)
    assert flights.high_watermark == 1


def test_one_about_to_join_counts_before_it_is_asked_for():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2))
    broker.append("m1")
    flights.replicas[3].last_caught_up = broker.now
    flights.replicas[3].log_end_offset = 0
    flights.replicas[3].broker_epoch = 300
    broker.fetch(2, 1)
    assert flights.high_watermark == 0
    broker.fence(3)
    broker.append("m2")
    broker.fetch(2, 2)
    assert flights.high_watermark == 2


def test_a_lone_replica_commits_at_once():
    broker = LoneBroker()
    flights = broker.topic(isr=(1,), replicas=(1,), config={"min.insync.replicas": 3})
    broker.append("m1", "m2")
    assert flights.high_watermark == 2


def test_it_stands_still_under_the_minimum_isr():
    broker = LoneBroker()
    flights = broker.topic(isr=(1,), config={"min.insync.replicas": 2})
    broker.append("m1")
    assert flights.log.log_end_offset == 1
    assert flights.high_watermark == 0
    broker.fetch(2, 1)
    assert flights.high_watermark == 0
    broker.change(isr=(1, 2))
    assert flights.high_watermark == 1


def test_it_waits_for_the_whole_maximal_isr():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2))
    broker.fetch(3, 0)
    assert flights.isr_state.maximal_isr == (1, 2, 3)
    broker.append("m1")
    broker.fetch(2, 1)
    assert flights.high_watermark == 0
    broker.fetch(3, 1)
    assert flights.high_watermark == 1


def test_a_pending_shrink_still_waits_for_who_shall_leave():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.pass_time(31 * S)
    broker.fetch(2, 1)
    flights.ask_isr_change(_shrink(flights, broker))
    assert flights.isr_state.wanted == (1, 2)
    assert flights.high_watermark == 0
    flights.isr_recorded((1, 2), 1, broker.now)
    assert flights.high_watermark == 1


def _shrink(flights, broker):
    from minikafka.broker.isr_rules import shrinking

    return shrinking(flights, broker.now)


def test_it_never_falls_in_a_reign_but_may_fall_with_the_log():
    broker = LoneBroker()
    flights = broker.topic(leader=2)
    flights.log.append_as_follower(_stamped(batch("a", "b")), 0, 0)
    flights.learn_high_watermark(9)
    assert flights.high_watermark == 2
    flights.learn_high_watermark(1)
    assert flights.high_watermark == 1
    flights.learn_high_watermark(2)
    flights.cut_to(0)
    assert flights.high_watermark == 0
    assert [(one.old, one.new) for one in broker.told(HighWatermarkLearned)] == [(0, 2), (2, 1), (1, 2), (2, 0)]


def _stamped(data, base=0, epoch=0):
    from minikafka.protocol.record_batch import read_header, stamp

    return stamp(data, read_header(data), base, epoch)


# -- the ISR


def test_a_follower_that_holds_all_that_counts_joins():
    broker = LoneBroker()
    flights = broker.topic(isr=(1, 2))
    broker.append("m1")
    broker.fetch(2, 1)
    broker.fetch(3, 0)
    assert broker.asked == []
    broker.fetch(3, 1)
    assert [(partition, state.wanted) for partition, state in broker.asked] == [(flights, (1, 2, 3))]
    assert broker.told(IsrChangeAsked)[0].isr_to == (1, 2, 3)


def test_only_one_change_is_in_flight():
    broker = LoneBroker()
    flights = broker.topic(isr=(1,))
    broker.fetch(2, 0)
    broker.fetch(3, 0)
    assert len(broker.asked) == 1
    flights.isr_recorded((1, 2), 1, broker.now)
    broker.fetch(3, 0)
    assert broker.asked[1][1].wanted == (1, 2, 3)


def test_it_must_have_reached_the_start_of_the_leader_epoch():
    broker = LoneBroker()
    flights = broker.topic(isr=(1,), config={"min.insync.replicas": 2})
    broker.append("m1", "m2")
    broker.change(leader=1)
    assert (flights.high_watermark, flights.leader_epoch_start_offset) == (0, 2)
    broker.fetch(2, 1)
    assert broker.asked == []
    broker.fetch(2, 2)
    assert len(broker.asked) == 1


@pytest.mark.parametrize("why", ["fenced", "leaving", "another incarnation"])
def test_who_is_not_eligible_does_not_join(why):
    from minikafka.metadata import facts

    broker = LoneBroker()
    broker.topic(isr=(1, 2))
    if why == "fenced":
        broker.fence(3)
    elif why == "leaving":
        broker.say(facts.BrokerRegistrationChangeRecord(3, 300, in_controlled_shutdown=True))
    broker.fetch(3, 0, broker_epoch=301 if why == "another incarnation" else 300)
    assert broker.asked == []


def test_low_watermark_looks_at_live_replicas():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1", "m2")
    broker.fetch(2, 2)
    broker.fetch(3, 2)
    flights.raise_log_start(2)
    broker.fetch(2, 2, start=1)
    assert flights.low_watermark() == 0
    broker.fence(3)
    assert flights.low_watermark() == 1
