"""Settings at the front door: changed while everything runs, and described."""

import pytest

from minikafka import Error, KafkaError, World
from minikafka.events.replication import SettingsApplied
from minikafka.protocol.errors import TimeoutException


@pytest.fixture
def cluster():
    world = World(seed=7)
    made = world.cluster("primary", brokers=3)
    made.create_topic("flights", config={"min.insync.replicas": 2}, assignment=[[1, 2, 3]])
    world.run_for("10ms")
    return made


def told(cluster, kind):
    return [(entry.place, entry.event) for entry in cluster.world.recorder.events() if isinstance(entry.event, kind)]


def test_every_broker_applies_what_has_changed(cluster):
    cluster.alter_config("flights", {"segment.bytes": 5000, "min.insync.replicas": 3})
    cluster.world.run_for("1s")
    for replica in cluster.replicas("flights-0").values():
        assert (replica.min_isr, replica.config["segment.bytes"], replica.log.settings.segment_bytes) == (3, 5000, 5000)
    assert told(cluster, SettingsApplied)[0][1].sentence() == (
        "flights-0 goes by segment.bytes=5000, min.insync.replicas=3 from now on"
    )
    assert [place for place, _ in told(cluster, SettingsApplied)] == ["primary/b1", "primary/b2", "primary/b3"]


def test_a_setting_of_a_broker_is_for_its_replicas_only(cluster):
    cluster.alter_config(2, {"log.retention.ms": 5})
    cluster.world.run_for("1s")
    assert [replica.log.settings.retention_ms for replica in cluster.replicas("flights-0").values()] == [
        604800000, 5, 604800000]  # fmt: skip


def test_a_restarted_broker_knows_the_settings_of_today(cluster):
    cluster.alter_config("flights", {"retention.ms": 77})
    cluster.world.faults.crash("primary/b2")
    cluster.world.faults.start("primary/b2")
    cluster.world.run_for("20s")
    assert cluster.replicas("flights-0")[2].log.settings.retention_ms == 77


def test_retention_goes_by_the_new_setting(cluster):
    world = cluster.world
    cluster.alter_config("flights", {"segment.bytes": 200})
    producer = cluster.producer(config={"linger.ms": 0, "batch.size": 0})
    for number in range(6):
        producer.send("flights", f"m{number}" * 20, partition=0)
        producer.flush()
    cluster.alter_config("flights", {"retention.ms": 1000})
    cluster.alter_config(None, {"log.retention.bytes": 10**9})
    world.run_for("6min")
    assert all(replica.log.log_start_offset == 6 for replica in cluster.replicas("flights-0").values())


def test_a_lower_minimum_lets_the_leader_commit_at_once(cluster):
    world = cluster.world
    producer = cluster.producer(config={"linger.ms": 0, "acks": "1"})
    world.faults.crash("primary/b2")
    world.faults.crash("primary/b3")
    world.run_for("60s")
    producer.send("flights", "m1", partition=0)
    producer.flush()
    leader = cluster.replicas("flights-0")[1]
    assert leader.high_watermark == 0
    cluster.alter_config("flights", {"min.insync.replicas": 1})
    world.run_for("100ms")
    assert leader.high_watermark == 1


def test_a_description_tells_the_value_and_where_it_comes_from(cluster):
    cluster.alter_config(None, {"log.retention.ms": 60_000})
    cluster.world.run_for("1s")
    found = cluster.describe_config("flights", "min.insync.replicas", "retention.ms", "segment.ms", "cleanup.policy")
    assert [(name, entry.value, entry.source) for name, entry in found.items()] == [
        ("min.insync.replicas", 2, "DYNAMIC_TOPIC_CONFIG"),
        ("retention.ms", 60_000, "DYNAMIC_DEFAULT_BROKER_CONFIG"),
        ("segment.ms", 604_800_000, "DEFAULT_CONFIG"),
        ("cleanup.policy", ("delete",), "DEFAULT_CONFIG"),
    ]
    assert found["retention.ms"].synonyms[-1] == ("log.retention.ms", 604_800_000, "DEFAULT_CONFIG")
    rack = cluster.describe_config(2)["broker.rack"]
    assert (rack.value, rack.source, rack.read_only) == ("home-b", "STATIC_BROKER_CONFIG", True)
    assert list(cluster.describe_config(None)) == ["min.insync.replicas", "log.retention.ms"]
    assert len(cluster.describe_config("flights")) > 10


@pytest.mark.parametrize(
    ("what", "changes", "error", "part"),
    [
        ("arrivals", {"retention.ms": 1}, Error.UNKNOWN_TOPIC_OR_PARTITION, "check its name"),
        ("flights", {}, Error.INVALID_REQUEST, "names no setting"),
        ("flights", "retention.ms", Error.INVALID_REQUEST, "names no setting"),
        ("flights", {"retention.ms": "soon"}, Error.INVALID_CONFIG, "retention.ms='soon'"),
        (True, {"retention.ms": 1}, Error.INVALID_REQUEST, "name a topic, a broker's id, or None"),
        (7, {"log.retention.ms": 1}, Error.BROKER_ID_NOT_REGISTERED, "known are 1, 2, 3"),
    ],
)
def test_what_cannot_be_changed_is_refused_and_nothing_changes(cluster, what, changes, error, part):
    before = cluster.image
    with pytest.raises(KafkaError, match=part) as refusal:
        cluster.alter_config(what, changes)
    assert refusal.value.error == error and cluster.image is before


def test_what_cannot_be_described_is_refused(cluster):
    for what, names, error in (
        ("arrivals", (), Error.UNKNOWN_TOPIC_OR_PARTITION),
        ("flights", ("retention",), Error.INVALID_CONFIG),
        (1.5, (), Error.INVALID_REQUEST),
    ):
        with pytest.raises(KafkaError) as refusal:
            cluster.describe_config(what, *names)
        assert refusal.value.error == error


def test_a_broker_that_is_gone_cannot_be_described(cluster):
    cluster.broker(3).shut_down()
    with pytest.raises(TimeoutException, match="only 1, 2 are alive"):
        cluster.describe_config(3)


# -- more partitions --------------------------------------------------------------------------------------------


def test_a_topic_grows_and_the_new_partitions_are_led(cluster):
    cluster.add_partitions("flights", 4)
    partitions = cluster.image.topics["flights"].partitions
    assert len(partitions) == 4 and all(sorted(one.replicas) == [1, 2, 3] for one in partitions)
    producer = cluster.producer()
    receipts = [producer.send("flights", "m", partition=number) for number in range(4)]
    producer.flush()
    assert [receipt.metadata.offset for receipt in receipts] == [0] * 4


def test_keys_go_elsewhere_when_a_topic_has_grown(cluster):
    producer = cluster.producer(config={"metadata.max.age.ms": 1000})
    before = producer.send("flights", "m", key="UA1545")
    producer.flush()
    cluster.add_partitions("flights", 7)
    cluster.world.run_for("2s")
    after = producer.send("flights", "m", key="UA1545")
    producer.flush()
    assert before.metadata.partition == 0 != after.metadata.partition


@pytest.mark.parametrize(
    ("topic", "total", "assignment", "error", "part"),
    [
        ("flights", 1, None, Error.INVALID_PARTITIONS, "would not be an increase"),
        ("flights", 0, None, Error.INVALID_PARTITIONS, "cannot be taken away"),
        ("flights", True, None, Error.INVALID_PARTITIONS, "no whole number"),
        ("arrivals", 2, None, Error.UNKNOWN_TOPIC_OR_PARTITION, "check its name"),
        ("flights", 3, [[1, 2, 3]], Error.INVALID_REPLICA_ASSIGNMENT, "name the replicas of each new one"),
        ("flights", 2, [[1, 2]], Error.INVALID_REPLICA_ASSIGNMENT, "have 3 replicas each"),
        ("flights", 2, [[1, 2, 9]], Error.INVALID_REPLICA_ASSIGNMENT, "not registered"),
        ("flights", 2, [[1, 2, 2]], Error.INVALID_REPLICA_ASSIGNMENT, "twice"),
    ],
)
def test_a_topic_that_cannot_grow_so_stays_as_it_is(cluster, topic, total, assignment, error, part):
    before = cluster.image
    with pytest.raises(KafkaError, match=part) as refusal:
        cluster.add_partitions(topic, total, assignment)
    assert refusal.value.error == error and cluster.image is before


def test_asking_for_validation_changes_nothing(cluster):
    before = cluster.image
    cluster.world.finish(cluster.admin.add_partitions("flights", 3, validate_only=True))
    assert cluster.image is before


def test_a_new_topic_of_an_old_name_begins_anew_for_whoever_knew_the_old_one(cluster):
    """Deleted and made again: another topic id. Followers and logs of the old one are of no use."""
    producer, old = cluster.producer(), cluster.image.topics["flights"].id
    for number in range(3):
        producer.send("flights", f"m{number}", partition=0)
    producer.flush()
    cluster.delete_topic("flights")
    cluster.create_topic("flights", assignment=[[3, 1, 2]])
    cluster.world.run_for("5s")
    assert cluster.image.topics["flights"].id != old
    assert [one.log.log_end_offset for one in cluster.replicas("flights-0").values()] == [0, 0, 0]
    receipt = producer.send("flights", "n0", partition=0)
    producer.flush()
    assert receipt.metadata.offset == 0


# -- on the move ------------------------------------------------------------------------------------------------


def test_a_partition_moves_and_keeps_its_records():
    world = World(seed=7)
    made = world.cluster("primary", brokers=4)
    made.create_topic("flights", assignment=[[1, 2, 3]])
    producer = made.producer()
    receipts = [producer.send("flights", f"m{number}", partition=0) for number in range(10)]
    producer.flush()
    made.reassign("flights-0", [4, 2])
    assert made.reassignments() in ({}, {"flights-0": {"replicas": (4, 2, 1, 3), "adding": (4,), "removing": (1, 3)}})
    world.run_for("2s")
    assert made.reassignments() == {} and made.registration("flights-0").replicas == (4, 2)
    assert made.leader("flights-0").id in (2, 4)
    assert [one.log.log_end_offset for one in made.replicas("flights-0").values()] == [10, 10]
    assert "flights-0" not in map(str, made.brokers[1].broker.partitions)
    assert all(receipt.error is None for receipt in receipts)


def test_a_move_that_cannot_be_is_refused(cluster):
    before = cluster.image
    for target, error in (([9], Error.INVALID_REPLICA_ASSIGNMENT), (None, Error.NO_REASSIGNMENT_IN_PROGRESS)):
        with pytest.raises(KafkaError) as refusal:
            cluster.reassign("flights-0", target)
        assert refusal.value.error == error and cluster.image is before
