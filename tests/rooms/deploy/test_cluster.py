"""A cluster at the front door."""

import pytest

from minikafka import Error, KafkaError, World
from minikafka.protocol.errors import ConfigException


@pytest.fixture
def world():
    return World(seed=7)


def test_it_is_ready_when_it_is_there(world):
    primary = world.cluster("primary", brokers=3)
    assert [broker.name for broker in primary.brokers.values()] == ["primary/b1", "primary/b2", "primary/b3"]
    assert all(broker.alive for broker in primary.image.brokers.values())
    assert primary.bootstrap == ["primary/b1", "primary/b2", "primary/b3"]


def test_brokers_stand_in_zones_in_turn_and_a_zone_is_a_rack(world):
    east = world.region("east", zones=2)
    primary = world.cluster("primary", brokers=3, region=east)
    assert [primary.image.brokers[number].rack for number in (1, 2, 3)] == ["east-a", "east-b", "east-a"]


def test_a_cluster_may_be_stretched_over_regions(world):
    east, west = world.region("east"), world.region("west")
    world.connect(east, west, latency="30ms")
    primary = world.cluster("primary", brokers=2, region=[east, west])
    assert [broker.machine.region.name for broker in primary.brokers.values()] == ["east", "west"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"name": ""}, "write a name without a slash"),
        ({"name": "a/b"}, "write a name without a slash"),
        ({"name": "primary", "brokers": 0}, "a cluster has at least one broker"),
        ({"name": "primary", "brokers": True}, "a cluster has at least one broker"),
        ({"name": "primary", "config": {"brocker.rack": "x"}}, "broker.rack"),
        ({"name": "primary", "config": {"num.partitions": 0}}, "num.partitions"),
        ({"name": "primary", "features": {"magic": 1}}, "magic is no feature"),
        ({"name": "primary", "rack": "row"}, "its zone or its region"),
        ({"name": "primary", "controllers": 0}, "a quorum of 3"),
    ],
)
def test_bad_settings_are_refused_before_anything_is_built(world, arguments, sentence):
    with pytest.raises(ConfigException, match=sentence):
        world.cluster(**arguments)
    assert world.clusters == {}


def test_two_clusters_do_not_know_each_other(world):
    primary, standby = world.cluster("primary"), world.cluster("standby", brokers=1)
    primary.create_topic("flights", partitions=1, replication_factor=3)
    assert list(primary.image.topics) == ["flights"] and list(standby.image.topics) == []


def test_creating_a_topic_returns_when_it_is_led(world):
    primary = world.cluster("primary")
    primary.create_topic("flights", partitions=3, replication_factor=3, config={"min.insync.replicas": 2})
    for number in range(3):
        leader = primary.leader(("flights", number))
        assert leader.broker.partitions["flights", number].role == "leader"
    assert primary.image.topic_config("flights") == {"min.insync.replicas": 2}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"name": "fl ights"}, Error.INVALID_TOPIC_EXCEPTION),
        ({"name": "flights", "replication_factor": 4}, Error.INVALID_REPLICATION_FACTOR),
        ({"name": "flights", "partitions": 0}, Error.INVALID_PARTITIONS),
        ({"name": "flights", "assignment": [[1, 9]]}, Error.INVALID_REPLICA_ASSIGNMENT),
        ({"name": "flights", "config": {"min.insync.replica": 2}}, Error.INVALID_CONFIG),
    ],
)
def test_a_topic_that_cannot_be_is_refused_with_kafkas_error(world, arguments, error):
    primary = world.cluster("primary")
    with pytest.raises(KafkaError) as refused:
        primary.create_topic(**arguments)
    assert refused.value.error == error and list(primary.image.topics) == []


def test_the_administrators_commands(world):
    primary = world.cluster("primary")
    primary.create_topic("flights", assignment=[[2, 1, 3]])
    producer = primary.producer(acks="all")
    for value in ("m0", "m1"):
        producer.send("flights", value, partition=0)
    producer.flush()
    world.run_for("1s")
    assert primary.delete_records("flights-0", -1) == 2
    primary.broker(2).shut_down()
    assert primary.leader("flights-0").id == 1
    world.faults.start("primary/b2")
    world.run_for("5s")
    primary.elect("flights-0")
    assert primary.leader("flights-0").id == 2
    assert [follower.id for follower in primary.followers("flights-0")] == [1, 3]
    primary.delete_topic("flights")
    with pytest.raises(KafkaError, match="primary has no flights-0: its topics are none"):
        primary.leader("flights-0")


def test_replicas_are_the_live_brokers_own_views(world):
    primary = world.cluster("primary")
    primary.create_topic("flights", assignment=[[3, 1, 2]])
    world.faults.crash("primary/b1")
    assert list(primary.replicas("flights-0")) == [3, 2]


def test_without_leader_there_is_none(world):
    primary = world.cluster("primary")
    primary.create_topic("flights", assignment=[[1]])
    world.faults.crash(primary.broker(1))
    world.run_for("15s")
    assert primary.leader("flights-0") is None


def test_who_asks_for_what_is_not_there_is_told_what_is(world):
    primary = world.cluster("primary")
    with pytest.raises(KafkaError, match="primary has no broker 4: its brokers are 1, 2, 3"):
        primary.broker(4)
    world.faults.crash("primary/controller")
    with pytest.raises(KafkaError, match="primary/controller is down: start it to ask it"):
        _ = primary.image


def test_a_call_through_the_door_can_be_done_again(world):
    primary = world.cluster("primary")
    primary.create_topic("flights", partitions=1, replication_factor=3)
    producer = primary.producer()
    producer.send("flights", "m0")
    producer.flush()
    primary.leader("flights-0").shut_down()
    again = World.from_scenario(world.scenario())
    assert again.recorder.digest() == world.recorder.digest()
    assert again.clusters["primary"].registration("flights-0").leader_epoch == 1
