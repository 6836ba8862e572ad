"""The replica that a consumer is sent to, and the followers that hear early what is committed."""

import pytest
from lone_broker import MS, LoneBroker, offsets

from minikafka.broker.replica_selector import NO_PREFERENCE, ReplicaView, leader_only, rack_aware
from minikafka.metadata.facts import RegisterBrokerRecord
from minikafka.protocol.broker_settings import LEADER_SELECTOR, RACK_AWARE_SELECTOR
from minikafka.protocol.errors import ConfigException, Error

LEADER = ReplicaView(1, "west", 10, 0)


def view(broker_id, rack="east", end=10, ago=0):
    return ReplicaView(broker_id, rack, end, ago)


@pytest.mark.parametrize(
    ("rack", "others", "chosen"),
    [
        ("", [view(2)], 1),
        ("north", [view(2), view(3)], 1),
        ("west", [view(2, "west", 12)], 1),
        ("east", [view(2), view(3, "north")], 2),
        ("east", [view(2, end=9), view(3, end=10)], 3),
        ("east", [view(2, ago=5), view(3, ago=9)], 2),
        ("east", [view(2), view(3)], 3),
    ],
    ids=["no rack", "nobody there", "the leader is there", "one there", "furthest", "latest caught up", "highest id"],
)
def test_rack_aware(rack, others, chosen):
    assert rack_aware(rack, LEADER, others).broker_id == chosen
    assert leader_only(rack, LEADER, others) is LEADER


def with_racks(selector=RACK_AWARE_SELECTOR, **config):
    """Broker 1 leads in the west; 2 and 3 stand in the east."""
    broker = LoneBroker(**{"replica.selector.class": selector}, **config)
    racks = {1: "west", 2: "east", 3: "east"}
    broker.say(*(RegisterBrokerRecord(one, one * 100, "", f"b{one}", rack, False) for one, rack in racks.items()))
    return broker, broker.topic()


def follows(broker, replica, offset):
    return broker.fetch(replica, offset)


def test_the_leader_names_a_follower_and_sends_no_records():
    broker, _ = with_racks()
    broker.append("a", "b")
    follows(broker, 2, 2), follows(broker, 3, 2)
    answer = broker.fetch(-1, 0, rack="east")
    assert (answer.error, answer.preferred_read_replica, answer.records) == (Error.NONE, 3, b"")
    assert answer.high_watermark == 2
    for rack in ("", "west", "north"):
        answer = broker.fetch(-1, 0, rack=rack)
        assert answer.preferred_read_replica == NO_PREFERENCE and offsets(answer.records) == [0, 1]


@pytest.mark.parametrize("selector", [None, LEADER_SELECTOR])
def test_without_the_rack_aware_selector_everything_comes_from_the_leader(selector):
    broker, _ = with_racks(selector)
    broker.append("a")
    follows(broker, 2, 1), follows(broker, 3, 1)
    answer = broker.fetch(-1, 0, rack="east")
    assert answer.preferred_read_replica == NO_PREFERENCE and offsets(answer.records) == [0]


def test_a_selector_that_does_not_exist():
    with pytest.raises(ConfigException, match="replica.selector.class='MySelector' is not possible; choose one of"):
        LoneBroker(**{"replica.selector.class": "MySelector"})


def test_only_who_is_alive_in_sync_and_has_the_offset_is_named():
    broker, flights = with_racks()
    broker.append("a", "b")
    follows(broker, 3, 2), follows(broker, 2, 1)
    assert broker.fetch(-1, 1, rack="east").preferred_read_replica == 3
    broker.fence(3)
    assert broker.fetch(-1, 1, rack="east").preferred_read_replica == 2
    assert broker.fetch(-1, 2, rack="east").preferred_read_replica == NO_PREFERENCE  # 2 has not got so far
    broker.fence(3, False)
    broker.change(isr=(1, 2))
    assert broker.fetch(-1, 1, rack="east").preferred_read_replica == 2


def test_who_is_named_need_not_wait():
    broker, _ = with_racks()
    broker.append("a")
    follows(broker, 3, 1)
    fetching = broker.start(broker.fetching(-1, broker.row(1), wait_ms=500, rack="east"))
    assert fetching.done


def test_a_follower_never_sends_a_consumer_on():
    broker, _ = with_racks()
    broker.change(leader=2)
    answer = broker.fetch(-1, 0, rack="east", epoch=1)
    assert (answer.error, answer.preferred_read_replica) == (Error.NONE, NO_PREFERENCE)


def test_a_follower_serves_up_to_the_high_watermark_that_it_knows():
    broker, flights = with_racks()
    for value in "abc":
        broker.append(value)
    broker.change(leader=2)
    flights.learn_high_watermark(1)
    assert offsets(broker.fetch(-1, 0, rack="west").records) == [0]
    assert broker.fetch(-1, 1, rack="west").records == b""
    answer = broker.fetch(-1, 3, rack="west")
    assert (answer.error, answer.records, answer.high_watermark) == (Error.NONE, b"", 1)
    assert broker.fetch(-1, 4, rack="west").error == Error.OFFSET_OUT_OF_RANGE


def test_a_parked_consumer_goes_on_when_the_follower_learns_more():
    broker, flights = with_racks()
    broker.append("a")
    broker.append("b")
    broker.change(leader=2)
    flights.learn_high_watermark(1)
    fetching = broker.start(broker.fetching(-1, broker.row(1), wait_ms=500, rack="west"))
    assert not fetching.done
    flights.learn_high_watermark(2)
    broker.pass_time(0)
    assert fetching.done


# -- followers hear early


def parked(broker, replica, offset):
    return broker.start(broker.fetching(replica, broker.row(offset), wait_ms=500))


@pytest.mark.parametrize(("selector", "early"), [(None, False), (LEADER_SELECTOR, True), (RACK_AWARE_SELECTOR, True)])
def test_a_waiting_follower_hears_at_once_what_is_committed(selector, early):
    broker, flights = with_racks(selector)
    broker.append("a")
    follows(broker, 2, 1)
    waiting = parked(broker, 2, 1)
    assert not waiting.done and flights.high_watermark == 0
    follows(broker, 3, 1)
    broker.pass_time(0)
    assert flights.high_watermark == 1
    assert waiting.done is early
    broker.pass_time(500 * MS)
    assert waiting.done


def test_the_fetch_that_commits_is_answered_with_what_it_committed():
    broker, flights = with_racks()
    broker.append("a")
    follows(broker, 3, 1), follows(broker, 2, 0)
    waiting = parked(broker, 2, 1)
    assert waiting.done and flights.replicas[2].told_high_watermark == 1
    assert not parked(broker, 2, 1).done
