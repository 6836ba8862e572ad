"""Facts, the image they add up to, and what is different between two images."""

import pytest

from minikafka.metadata.delta import broker_deltas, partition_deltas
from minikafka.metadata.fact_batches import apply_batches, batch_of
from minikafka.metadata.facts import (
    BROKER,
    TOPIC,
    BrokerRegistrationChangeRecord,
    ConfigRecord,
    FeatureLevelRecord,
    PartitionChangeRecord,
    PartitionRecord,
    ProducerIdsRecord,
    RegisterBrokerRecord,
    RemoveTopicRecord,
    TopicRecord,
    pack_facts,
    unpack_facts,
)
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import headers_of, stamp

FLIGHTS = TopicPartition("flights", 0)
FACTS = [
    FeatureLevelRecord("eligible.leader.replicas.version", 1),
    ConfigRecord(BROKER, "", "min.insync.replicas", 2),
    RegisterBrokerRecord(0, 2, "first", "c/b0", "a", True),
    BrokerRegistrationChangeRecord(0, 2, fenced=False),
    TopicRecord("flights", "id-1"),
    ConfigRecord(TOPIC, "flights", "cleanup.policy", ("delete",)),
    PartitionRecord("id-1", 0, (0, 1), (0,), (), (), 0, 0, 0, 0),
    PartitionRecord("id-1", 1, (1, 0), (0,), (), (), 0, 0, 0, 0),
    PartitionChangeRecord("id-1", 1, isr=(0, 1), leader=1),
    ProducerIdsRecord(0, 2, 1000),
]
ANEW = [
    RemoveTopicRecord("id-1"),
    TopicRecord("flights", "id-2"),
    PartitionRecord("id-2", 0, (0,), (0,), (), (), 0, 0, 0, 0),
]


@pytest.fixture
def image():
    """All facts applied at once."""
    return ClusterImage().apply(FACTS, len(FACTS) - 1)


def test_facts_survive_packing():
    facts = [*FACTS, RemoveTopicRecord("id-1")]
    assert unpack_facts(pack_facts(facts)) == facts
    assert [type(fact) for fact in unpack_facts(pack_facts(facts))] == [type(fact) for fact in facts]


@pytest.mark.parametrize("foreign", [b"", b"\xc1", b"hello", b"\x92\xcc\x63\x90", b"\x92\x02\x93\x01\x02\x03"])
def test_foreign_bytes_are_no_fact(foreign):
    with pytest.raises(KafkaError) as refused:
        unpack_facts([foreign])
    assert refused.value.error == Error.CORRUPT_MESSAGE


def test_the_image_is_what_the_facts_say(image):
    assert image.offset == 9
    assert image.brokers[0].alive and image.brokers[0].rack == "a"
    assert image.alive(0) and not image.alive(1)
    assert image.partition(FLIGHTS).leader == 0
    assert image.partition(FLIGHTS).preferred_leader == 0
    assert image.partition(("flights", 0)) is image.partition(FLIGHTS)
    second = image.partition(TopicPartition("flights", 1))
    assert (second.leader, second.leader_epoch, second.partition_epoch, second.isr) == (1, 1, 1, (0, 1))
    assert image.topic_by_id("id-1").name == "flights"
    assert image.topic_config("flights") == {"cleanup.policy": ("delete",)}
    assert image.cluster_config() == {"min.insync.replicas": 2}
    assert image.features == {"eligible.leader.replicas.version": 1}
    assert image.next_producer_id == 1000
    assert [(topic.name, number) for topic, number, _ in image.partitions()] == [("flights", 0), ("flights", 1)]


def test_what_is_not_there_is_none(image):
    assert image.partition(TopicPartition("flights", 2)) is None
    assert image.partition(TopicPartition("flights", -1)) is None
    assert image.partition(TopicPartition("other", 0)) is None
    assert image.topic_by_id("id-2") is None
    assert image.topic_config("other") == {}


def test_one_by_one_or_at_once_is_the_same(image):
    by_one = ClusterImage()
    for offset, fact in enumerate(FACTS):
        by_one = by_one.apply([fact], offset)
    assert by_one == image


def test_an_image_never_changes(image):
    copy = ClusterImage().apply(FACTS, len(FACTS) - 1)
    image.apply([RemoveTopicRecord("id-1"), BrokerRegistrationChangeRecord(0, 2, fenced=True)], 11)
    image.apply([PartitionChangeRecord("id-1", 0, leader=-1)], 10)
    image.apply([ConfigRecord(BROKER, "", "min.insync.replicas", None)], 10)
    assert image == copy


def test_a_change_for_another_incarnation_is_a_mistake(image):
    with pytest.raises(AssertionError, match="another incarnation"):
        image.apply([BrokerRegistrationChangeRecord(0, 1, fenced=True)], 10)


def test_partitions_come_in_order(image):
    with pytest.raises(AssertionError, match="partition 5 follows 2 partitions"):
        image.apply([PartitionRecord("id-1", 5, (0,), (0,), (), (), 0, 0, 0, 0)], 10)


def test_a_setting_taken_away_is_gone(image):
    assert image.apply([ConfigRecord(TOPIC, "flights", "cleanup.policy", None)], 10).topic_config("flights") == {}


def test_a_topic_may_go_and_come_back_in_one_batch(image):
    after = image.apply(ANEW, 12)
    assert after.topics["flights"].id == "id-2"
    assert len(after.topics["flights"].partitions) == 1
    assert after.topic_by_id("id-1") is None


def test_a_delta_names_what_changed_and_nothing_else(image):
    after = image.apply([PartitionChangeRecord("id-1", 1, isr=(1,)), TopicRecord("new", "id-3")], 11)
    after = after.apply([PartitionRecord("id-3", 0, (0,), (0,), (), (), 0, 0, 0, 0)], 12)
    deltas = list(partition_deltas(image, after))
    assert [(str(delta.partition), delta.before is None, delta.after.isr) for delta in deltas] == [
        ("flights-1", False, (1,)),
        ("new-0", True, (0,)),
    ]
    assert list(broker_deltas(image, after)) == []
    assert list(partition_deltas(after, after)) == []


def test_a_topic_made_anew_is_told_as_gone_and_new(image):
    deltas = list(partition_deltas(image, image.apply(ANEW, 12)))
    assert [(delta.topic_id, delta.before is None, delta.after is None) for delta in deltas] == [
        ("id-1", False, True),
        ("id-1", False, True),
        ("id-2", True, False),
    ]


def test_broker_deltas(image):
    fenced, new = BrokerRegistrationChangeRecord(0, 2, fenced=True), RegisterBrokerRecord(1, 11, "i", "c/b1", "", True)
    after = image.apply([fenced, new], 11)
    deltas = list(broker_deltas(image, after))
    assert [(delta.broker_id, delta.before and delta.before.fenced, delta.after.fenced) for delta in deltas] == [
        (0, False, True),
        (1, None, True),
    ]


def written(facts, base):
    """A batch as the log has it: with its offsets."""
    data = batch_of(facts, now=5_000)
    return stamp(data, next(headers_of(data)), base, 1)


def test_batches_are_applied_once_each_and_in_order(image):
    data = written(FACTS[:4], 0) + written(FACTS[4:], 4)
    assert apply_batches(ClusterImage(), data) == image
    assert apply_batches(apply_batches(ClusterImage(), written(FACTS[:4], 0)), data) == image
    assert apply_batches(image, data) is image
    assert apply_batches(image, b"") is image


def test_a_gap_between_batches_is_a_mistake():
    with pytest.raises(AssertionError, match="facts are missing"):
        apply_batches(ClusterImage(), written(FACTS[4:], 4))


def test_a_damaged_batch_is_refused():
    data = bytearray(written(FACTS, 0))
    data[-1] ^= 1
    with pytest.raises(KafkaError) as refused:
        apply_batches(ClusterImage(), bytes(data))
    assert refused.value.error == Error.CORRUPT_MESSAGE
