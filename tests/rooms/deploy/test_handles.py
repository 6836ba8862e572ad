"""What a person at the front door holds."""

import pytest

from minikafka import KafkaError, TopicPartition, World
from minikafka.deploy.handles import partition_named


@pytest.fixture
def primary():
    world = World(seed=7)
    made = world.cluster("primary")
    made.create_topic("flights", assignment=[[1, 2, 3]])
    return made


@pytest.mark.parametrize(
    "written", ["flights-0", ("flights", 0), ["flights", 0], TopicPartition("flights", 0)]
)
def test_a_partition_can_be_written_in_several_ways(written):
    assert partition_named(written) == TopicPartition("flights", 0)


def test_a_topic_may_have_dashes():
    assert partition_named("us-east-flights-12") == TopicPartition("us-east-flights", 12)


@pytest.mark.parametrize("written", ["flights", "flights-", "-0", "flights-x", 7, None, ("flights",), ("flights", "0")])
def test_what_names_no_partition_is_refused(written):
    with pytest.raises(KafkaError, match='does not name a partition: write "flights-0"'):
        partition_named(written)


def test_producing_and_consuming_by_hand(primary):
    producer = primary.producer("p", config={"linger.ms": 0})
    consumer = primary.consumer("c", config={"auto.offset.reset": "earliest"})
    consumer.assign("flights-0")
    receipt = producer.send("flights", "m0", key="k", headers={"a": b"1"})
    assert not receipt.done
    producer.flush()
    assert receipt.metadata.offset == 0
    [record] = consumer.poll("1s")
    assert (record.value, record.key, record.offset) == (b"m0", b"k", 0)
    assert consumer.position("flights-0") == 1
    consumer.seek("flights-0", 0)
    assert len(consumer.poll("1s")) == 1


def test_a_poll_without_records_takes_its_time(primary):
    consumer = primary.consumer()
    consumer.assign("flights-0")
    before = primary.world.now
    assert consumer.poll("2s") == [] and primary.world.now - before == 2_000_000


def test_clients_have_machines_and_names_of_their_own(primary):
    one, other = primary.producer(), primary.producer()
    assert one.machine.name != other.machine.name
    with pytest.raises(ValueError, match="choose another name"):
        primary.producer(one.name)


def test_a_client_may_stand_in_another_zone(primary):
    assert primary.producer("far", zone="home-c").machine.zone.name == "home-c"


def test_a_client_whose_machine_is_down_cannot_be_used(primary):
    producer = primary.producer("p")
    primary.world.faults.crash(producer)
    with pytest.raises(KafkaError, match="primary/p is down: start it with faults.start"):
        producer.send("flights", "m0")
    primary.world.faults.start(producer)
    producer.send("flights", "m0")
    producer.flush()


def test_closing_ends_the_machine(primary):
    producer, consumer = primary.producer("p"), primary.consumer("c")
    consumer.assign("flights-0")
    producer.send("flights", "m0")
    producer.close()
    consumer.close()
    assert (producer.machine.state, consumer.machine.state) == ("down", "down")
    assert primary.replicas("flights-0")[1].log.log_end_offset == 1


def test_a_broker_handle_says_how_it_is(primary):
    broker = primary.broker(1)
    assert repr(broker) == "<primary/b1, running>" and broker.broker.broker_id == 1
    broker.shut_down()
    assert repr(broker) == "<primary/b1, down>" and broker.broker is None


def test_clients_of_two_clusters_may_have_the_same_name_also_in_a_rerun():
    world = World(seed=3)
    clusters = [world.cluster(name, brokers=1) for name in ("primary", "backup")]
    for cluster in clusters:
        cluster.create_topic("flights", replication_factor=1)
    producers = [cluster.producer() for cluster in clusters]
    consumers = [cluster.consumer("reader") for cluster in clusters]
    assert [one.door for one in producers] == ["producer:producer-1", "producer:backup/producer-1"]
    assert [one.door for one in consumers] == ["consumer:reader", "consumer:backup/reader"]
    for producer, consumer in zip(producers, consumers, strict=True):
        receipt = producer.send("flights", "UA1545")
        producer.flush()
        assert receipt.metadata.offset == 0
        consumer.assign("flights-0")
        consumer.seek("flights-0", 0)
        assert len(consumer.poll("1s")) == 1
    assert world.fork().recorder.digest() == world.recorder.digest()
    machines = list(world.network.machines)
    with pytest.raises(ValueError, match="already"):
        clusters[1].producer("reader")
    assert list(world.network.machines) == machines
