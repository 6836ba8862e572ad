"""Observers at their leader: not counted, asked for when they are needed, let go when they are not."""

import json

from lone_broker import FLIGHTS, LoneBroker, S

from minikafka.broker import replica_selector
from minikafka.broker.isr_state import PendingExpand, PendingShrink
from minikafka.broker.observer_rules import candidates
from minikafka.events.observers import PromotionAwaited
from minikafka.events.replication import HighWatermarkAdvanced


def constraint(policy):
    racks = [{"count": 2, "constraints": {"rack": "west"}}]
    return json.dumps({"version": 2, "replicas": racks, "observers": racks, "observerPromotionPolicy": policy})


def leading(policy="under-min-isr", min_isr=2, isr=(1, 2), **more):
    """Broker 1 leads; 2 is a sync replica, 3 and 4 are observers."""
    broker = LoneBroker(brokers=4)
    config = {"confluent.placement.constraints": constraint(policy), "min.insync.replicas": min_isr}
    flights = broker.topic(replicas=(1, 2, 3, 4), isr=(1, 2), config=config)
    broker.change(observers=(3, 4), isr=isr, **more)
    return broker, flights


def asked(broker):
    """The latest wish: who shall be in the ISR."""
    return broker.asked[-1][1].wanted if broker.asked else None


def granted(broker, flights):
    """The controller records the wish that is under way."""
    wish = flights.isr_state
    broker.asked.clear()
    flights.isr_recorded(wish.wanted, flights.partition_epoch + 1, broker.now)


def test_nobody_waits_for_an_observer():
    broker, flights = leading()
    broker.append("a")
    broker.fetch(3, 1), broker.fetch(4, 0)
    assert flights.high_watermark == 0
    broker.fetch(2, 1)
    assert flights.high_watermark == 1
    broker.append("b")
    broker.fetch(2, 2)  # 3 and 4 are caught up but for this record, and may not join
    assert flights.high_watermark == 2
    assert [event.slowest for event in broker.told(HighWatermarkAdvanced)] == [1, 1]


def test_an_observer_that_is_not_needed_does_not_join():
    broker, flights = leading()
    broker.append("a")
    broker.fetch(2, 1), broker.fetch(3, 1), broker.fetch(4, 1)
    assert asked(broker) is None


def test_the_one_that_reaches_furthest_is_asked_for():
    broker, flights = leading()
    broker.append("a"), broker.append("b")
    broker.fetch(2, 1), broker.fetch(3, 2), broker.fetch(4, 1)
    broker.change(isr=(1,))
    assert asked(broker) == (1, 3) and isinstance(flights.isr_state, PendingExpand)
    granted(broker, flights)
    assert asked(broker) is None  # one is enough


def test_of_equals_the_highest_id():
    broker, flights = leading()
    broker.append("a")
    broker.fetch(2, 1), broker.fetch(3, 1), broker.fetch(4, 1)
    broker.change(isr=(1,))
    assert asked(broker) == (1, 4)


def test_one_at_a_time_as_far_as_needed():
    broker, flights = leading(min_isr=3)
    broker.append("a")
    broker.fetch(2, 1), broker.fetch(3, 1), broker.fetch(4, 1)
    assert asked(broker) == (1, 2, 3)
    granted(broker, flights)
    assert asked(broker) is None and flights.isr_state.isr == (1, 2, 3)


def test_a_lagging_observer_has_to_catch_up_first():
    broker, flights = leading()
    broker.append("a"), broker.append("b")
    broker.fetch(2, 2), broker.fetch(3, 1)
    broker.pass_time(31 * S)
    broker.change(isr=(1,))
    assert candidates(flights, broker.now) == [] and asked(broker) is None
    [told] = broker.told(PromotionAwaited)
    assert "needs 1 more in sync, and no observer is caught up: broker 3 at 1, broker 4 at -1" in told.sentence()
    flights.look_after_observers(broker.now)
    assert len(broker.told(PromotionAwaited)) == 1
    broker.fetch(3, 2)
    assert asked(broker) == (1, 3)


def test_who_is_not_alive_is_not_asked_for():
    broker, flights = leading()
    broker.append("a")
    broker.fetch(2, 1), broker.fetch(3, 1), broker.fetch(4, 1)
    broker.fence(4)
    broker.change(isr=(1,))
    assert asked(broker) == (1, 3)


def test_it_must_have_reached_the_start_of_the_leader_epoch():
    broker, flights = leading(isr=(1,), leader=1)
    broker.append("a")
    broker.change(leader=1)
    broker.fetch(3, 0, epoch=flights.leader_epoch)
    assert asked(broker) is None
    broker.fetch(3, 1, epoch=flights.leader_epoch)
    assert asked(broker) == (1, 3)


def promoted():
    """1 leads with the promoted observer 4; 2 is away."""
    broker, flights = leading(isr=(1, 4))
    broker.pass_time(31 * S)
    broker.append("a")
    broker.fetch(4, 1)
    return broker, flights


def test_it_counts_while_it_is_promoted():
    broker, flights = promoted()
    broker.append("b")
    assert flights.high_watermark == 1
    broker.fetch(4, 2)
    assert flights.high_watermark == 2


def test_it_is_let_go_once_the_sync_replicas_suffice():
    broker, flights = promoted()
    broker.fetch(2, 1)
    assert asked(broker) == (1, 4, 2)
    granted(broker, flights)
    assert asked(broker) == (1, 2) and isinstance(flights.isr_state, PendingShrink)
    assert flights.isr_state.maximal_isr == (1, 4, 2)  # until the controller has said so, it still counts
    granted(broker, flights)
    assert flights.isr_state.isr == (1, 2) and asked(broker) is None


def test_a_lower_minimum_lets_it_go_at_once():
    broker, flights = promoted()
    flights.reconfigure(flights.config.with_({"min.insync.replicas": 1}), broker.now)
    assert asked(broker) == (1,)


def test_under_replicated_wants_as_many_as_there_are_sync_replicas():
    broker, flights = leading("under-replicated", min_isr=1)
    broker.append("a")
    broker.fetch(2, 1), broker.fetch(3, 1)
    broker.change(isr=(1,))
    assert asked(broker) == (1, 3)


def test_leader_is_observer_wants_none_while_a_sync_replica_leads():
    broker, flights = leading("leader-is-observer")
    broker.append("a")
    broker.fetch(2, 1), broker.fetch(3, 1)
    broker.change(isr=(1,))
    assert asked(broker) is None


def test_leader_is_observer_lets_others_join_an_observer_that_leads():
    broker = LoneBroker(broker_id=3, brokers=4)
    config = {"confluent.placement.constraints": constraint("leader-is-observer"), "min.insync.replicas": 1}
    broker.topic(replicas=(1, 2, 3, 4), isr=(1, 2), config=config)
    broker.change(observers=(3, 4), isr=(3,), leader=3)
    flights = broker.replicas.partitions[FLIGHTS]
    broker.fetch(4, 0, epoch=flights.leader_epoch)
    assert asked(broker) == (3, 4)
    granted(broker, flights)
    broker.fetch(1, 0, epoch=flights.leader_epoch)
    for members in ((3, 4, 1), (3, 1)):  # with 1 there are enough without 4
        assert asked(broker) == members
        granted(broker, flights)
    broker.fetch(2, 0, epoch=flights.leader_epoch)
    granted(broker, flights)
    assert flights.isr_state.isr == (3, 1, 2) and asked(broker) is None  # 3 leads, and stays


def test_consumers_may_be_sent_to_observers():
    broker, flights = leading()
    broker.append("a")
    broker.fetch(2, 1), broker.fetch(3, 1)
    assert [view.broker_id for view in replica_selector.candidates(flights, 0, broker.now)] == [2, 3]
