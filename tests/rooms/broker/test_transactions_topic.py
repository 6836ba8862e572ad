"""__transaction_state as it is made, and who may do what with a transactional id."""

import json

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.protocol.errors import ConfigException, Error, KafkaError

GUARDED = {"authorizer.class.name": "StandardAuthorizer", "listeners": "SASL_PLAINTEXT",
           "sasl.enabled.mechanisms": "SCRAM-SHA-256", "transaction.state.log.num.partitions": 1,
           "offsets.topic.num.partitions": 1}  # fmt: skip
CAROL = {"sasl.username": "carol", "sasl.password": "teacup", "linger.ms": 0, "max.block.ms": 3000}


def settings_of(cluster):
    return cluster.image.topic_config("__transaction_state")


@pytest.mark.parametrize("brokers, replicas, min_isr", [(1, 1, "1"), (3, 3, "2")])
def test_the_topic_is_made_for_the_brokers_that_there_are(brokers, replicas, min_isr):
    world = World(seed=1)
    cluster = world.cluster("one", brokers=brokers, config={"transaction.state.log.num.partitions": 7})
    cluster.producer(transactional_id="booking").begin()
    topic = cluster.image.topics["__transaction_state"]
    assert len(topic.partitions) == 7 and len(topic.partitions[0].replicas) == replicas
    settings = settings_of(cluster)
    assert str(settings["min.insync.replicas"]) == min_isr and "compact" in str(settings["cleanup.policy"])
    assert str(settings["unclean.leader.election.enable"]) in ("False", "false")
    assert str(settings["segment.bytes"]) == str(100 * 1024**2)


def test_its_placement_can_be_said():
    world = World(seed=1)
    region = world.region("coast", zones=3)
    name = "confluent.transaction.state.log.placement.constraints"
    placement = {"version": 1, "replicas": [{"count": 2, "constraints": {"rack": region.zones[0].name}}]}
    with pytest.raises(ConfigException, match="it is no JSON"):
        world.cluster("bad", brokers=1, region=region, config={name: "no json"})
    cluster = world.cluster("one", brokers=6, region=region, config={name: json.dumps(placement)})
    cluster.producer(transactional_id="booking").begin()
    racks = {cluster.broker(replica).machine.zone.name
             for one in cluster.image.topics["__transaction_state"].partitions for replica in one.replicas}  # fmt: skip
    assert racks == {region.zones[0].name}


def test_it_may_have_observers_and_its_transactions_wait_for_none_of_them():
    world = World(seed=1)
    west, east = world.region("west", zones=1), world.region("east", zones=1)
    world.connect(west, east, latency="200ms")
    west2, east1 = ([{"count": count, "constraints": {"rack": rack}}] for rack, count in (("west", 2), ("east", 1)))
    placement = {"version": 2, "replicas": west2, "observers": east1, "observerPromotionPolicy": "under-min-isr"}
    name = "confluent.transaction.state.log.placement.constraints"
    config = {name: json.dumps(placement), "transaction.state.log.num.partitions": 3}
    cluster = world.cluster("one", brokers=3, region=[west, west, east], rack="region", config=config)
    cluster.create_topic("flights", assignment=[[1, 2]])
    booking = cluster.producer(transactional_id="booking", config={"linger.ms": 0})
    booking.begin()
    assert [one.observers for one in cluster.image.topics["__transaction_state"].partitions] == [(3,)] * 3
    began = world.now
    receipt = booking.send("flights", "a")
    booking.commit()
    assert receipt.metadata.offset == 0 and world.now - began < 100_000  # µs


class Guarded:
    """A cluster that keeps rules, and carol's transactional producer."""

    def __init__(self, *rights):
        self.world = World(seed=2)
        self.cluster = self.world.cluster("one", brokers=1, config=GUARDED)
        self.cluster.create_topic("flights", partitions=1, replication_factor=1)
        self.cluster.create_user("carol", "teacup")
        for operation, resource in rights:
            self.cluster.add_acl("User:carol", operation, resource)
        self.p = self.cluster.producer("p", transactional_id="booking", config=CAROL)

    def refused(self, call):
        with pytest.raises(KafkaError) as caught:
            call()
        return caught.value.error


TRANSACTIONAL = (["WRITE", "DESCRIBE"], "transactional-id:booking")
TOPIC = ("WRITE", "topic:flights")


def test_who_has_both_rights_commits():
    scene = Guarded(TRANSACTIONAL, TOPIC)
    scene.p.begin()
    receipt = scene.p.send("flights", "a")
    scene.p.commit()
    assert receipt.metadata.offset == 0


def test_without_a_right_to_the_name_nothing_begins():
    scene = Guarded(TOPIC)
    assert scene.refused(scene.p.begin) == Error.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


def test_who_may_only_describe_it_may_not_use_it():
    scene = Guarded(("DESCRIBE", "transactional-id:booking"), TOPIC)
    assert scene.refused(scene.p.begin) == Error.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    assert scene.p.producer.transactions.state == "FATAL_ERROR"


def test_without_a_right_to_the_topic_the_transaction_is_aborted():
    scene = Guarded(TRANSACTIONAL, ("DESCRIBE", "topic:flights"))
    scene.p.begin()
    receipt = scene.p.send("flights", "a")
    assert scene.refused(scene.p.commit) == Error.TOPIC_AUTHORIZATION_FAILED
    assert receipt.error is not None and scene.p.producer.transactions.state == "ABORTABLE_ERROR"
    scene.p.abort()
    assert scene.cluster.broker(1).broker.partitions["flights", 0].log.log_end_offset == 0


def test_without_a_right_to_the_group_no_offsets_are_sent():
    scene = Guarded(TRANSACTIONAL, TOPIC, ("READ", "topic:flights"))
    consumer = scene.cluster.consumer("c", group="crew", config={"sasl.username": "carol", "sasl.password": "teacup"})
    scene.p.begin()
    assert scene.refused(lambda: scene.p.send_offsets(consumer, {"flights-0": 1})) == Error.GROUP_AUTHORIZATION_FAILED


def test_nobody_but_brokers_and_administrators_writes_markers():
    scene = Guarded(TRANSACTIONAL, TOPIC, ("READ", "topic:flights"))
    scene.p.begin()
    scene.p.send("flights", "a")
    scene.p.flush()
    scene.cluster.abort_hanging("flights-0", scene.cluster.open_transactions("flights-0")[0].producer_id)
    assert scene.cluster.open_transactions("flights-0") == []
