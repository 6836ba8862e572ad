"""A partition as text."""

import pytest

from minikafka import KafkaError, World
from minikafka.deploy.strips import cells_of, records_between, replica_ids, shown, strips
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import Record


@pytest.fixture
def cluster():
    world = World(seed=7)
    primary = world.cluster("primary")
    primary.create_topic("flights", assignment=[[1, 2, 3]])
    world.run_for("10ms")
    return primary


def produce(cluster, *values):
    producer = cluster.producer(config={"linger.ms": 0, "batch.size": 0})
    for value in values:
        producer.send("flights", value, partition=0)
    producer.flush()


def test_an_empty_partition(cluster):
    assert strips(cluster, "flights-0").splitlines() == [
        "flights-0         leader 1, epoch 0, ISR 1 2 3",
        "b1 leader e0    ‖ HW 0, end 0",
        "b2 follower e0  ‖ HW 0, end 0",
        "b3 follower e0  ‖ HW 0, end 0",
    ]


def test_offsets_stand_under_one_another_and_the_bar_is_at_the_high_watermark(cluster):
    produce(cluster, "m0")
    cluster.world.run_for("1s")
    produce(cluster, "m1")
    cluster.world.faults.crash("primary/b3")
    assert strips(cluster, "flights-0").splitlines() == [
        "flights-0        0      1       leader 1, epoch 0, ISR 1 2 3",
        "b1 leader e0    |m0/e0 |m1/e0 ‖ HW 2, end 2",
        "b2 follower e0  |m0/e0 ‖m1/e0 | HW 1, end 2",
        "b3 down",
    ]


def test_only_the_last_offsets_are_shown_and_the_oldest_is_where_a_log_starts(cluster):
    produce(cluster, *(f"m{number}" for number in range(12)))
    cluster.world.run_for("1s")
    assert strips(cluster, "flights-0").splitlines()[0].split()[1:9] == [str(number) for number in range(4, 12)]
    assert strips(cluster, "flights-0", last=2).splitlines()[0].split()[1:3] == ["10", "11"]
    cluster.delete_records("flights-0", 10)
    told = strips(cluster, "flights-0").splitlines()
    assert told[0].split()[1:3] == ["10", "11"] and "| HW" not in told[1] and "start 10, HW 12, end 12" in told[1]


def test_long_values_are_cut_and_fewer_fit(cluster):
    produce(cluster, *(f"a-long-value-{number}" for number in range(12)))
    told = strips(cluster, "flights-0").splitlines()
    assert "a-long-va…/e0" in told[1]
    assert all(len(line) <= 130 for line in told)


def test_frozen_and_without_leader(cluster):
    cluster.world.faults.freeze("primary/b2")
    assert "b2 follower e0, frozen" in strips(cluster, "flights-0")
    for broker in (1, 2, 3):
        cluster.world.faults.power_off(f"primary/b{broker}")
    cluster.world.run_for("40s")
    told = strips(cluster, "flights-0")
    assert "leader none" in told and "ISR -" in told and "ELR" in told and "b1 dark" in told


def test_while_the_controller_is_down_any_broker_knows_the_replicas(cluster):
    cluster.world.faults.crash("primary/controller")
    assert replica_ids(cluster, TopicPartition("flights", 0)) == (1, 2, 3)
    assert strips(cluster, "flights-0").splitlines()[0].endswith("the controller is down")


def test_a_partition_that_is_not_there(cluster):
    with pytest.raises(KafkaError, match="primary has no trains-0: its topics are flights"):
        strips(cluster, "trains-0")
    cluster.world.faults.crash("primary/controller")
    assert strips(cluster, "trains-0") == "trains-0    the controller is down"


def test_records_are_read_over_segments(cluster):
    cluster.create_topic("trains", assignment=[[1]], config={"segment.bytes": 200})
    producer = cluster.producer(config={"linger.ms": 0, "batch.size": 0})
    for number in range(5):
        producer.send("trains", f"m{number}", partition=0)
    producer.flush()
    log = cluster.replicas("trains-0")[1].log
    assert len(log.segments) > 1
    assert [text for _, text, _ in cells_of(log)] == ["m0", "m1", "m2", "m3", "m4"]
    assert [record.offset for record in records_between(log, 1, 4)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "(null)"),
        (b"m1", "m1"),
        (b'{"flight": "UA1545"}', "UA1545"),
        (b'{"no": 1}', "{'no': 1}"),
        (b"17", "17"),
        (b"\xff\xfe", "��"),
        (b"more than ten letters", "more than…"),
    ],
)
def test_a_record_in_a_few_letters(value, text):
    assert shown(Record(0, 0, None, value, (), 0)) == text
