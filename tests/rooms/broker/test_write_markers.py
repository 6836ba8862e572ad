"""Markers at the leaders, and the batches that nobody knows of: what is written, what is refused, and that it changes
nothing."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.protocol import transaction_requests as api
from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import ProducePartition, ProduceRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import TRANSACTIONAL
from minikafka.protocol.records import build_batch

F0 = TopicPartition("flights", 0)


class Scene:
    """A cluster with one broker, a transactional producer, and a stranger who can say anything."""

    def __init__(self, **config):
        self.world = World(seed=5)
        config = {"transaction.state.log.num.partitions": 1, **config}
        self.cluster = self.world.cluster("one", brokers=1, config=config)
        self.cluster.create_topic("flights", partitions=2, replication_factor=1)
        self.producer = self.cluster.producer("p", transactional_id="booking")
        self.reader = self.cluster.consumer("r", config={"isolation.level": "read_committed",
                                                         "auto.offset.reset": "earliest"})  # fmt: skip
        self.reader.assign("flights-0")
        self.stranger = Channel(self.cluster.admin.machine, "one/b1")

    @property
    def log(self):
        return self.cluster.broker(1).broker.partitions[F0].log

    def ask(self, request):
        return self.world.finish(self.stranger.ask(request, 5_000_000))

    def mark(self, epoch, committed=True, coordinator=0, version=2, producer=None):
        identity = self.log.ongoing_transactions()[0].producer_id if producer is None else producer
        marker = api.TxnMarker(identity, epoch, committed, [api.TransactionPartition(*F0)], coordinator, version)
        return Error(self.ask(api.WriteTxnMarkersRequest([marker])).markers[0].partitions[0].error)

    def write(self, producer, epoch, transactional_id="booking", sequence=0):
        data = build_batch([(0, None, b"x", None)], producer_id=producer, producer_epoch=epoch, base_sequence=sequence,
                           attributes=TRANSACTIONAL)  # fmt: skip
        request = ProduceRequest(-1, 1000, [ProducePartition(*F0, data)], transactional_id)
        return Error(self.ask(request).partitions[0].error)

    def open(self):
        self.producer.begin()
        self.producer.send("flights", "a", partition=0)
        self.producer.flush()
        return self.log.ongoing_transactions()[0]


@pytest.fixture
def scene():
    return Scene()


def unchanged(scene, call, error):
    end, states = scene.log.log_end_offset, dict(scene.log.producers.entries)
    assert call() == error
    assert scene.log.log_end_offset == end and scene.log.producers.entries == states


def test_a_marker_is_not_written_twice(scene):
    producer = scene.open().producer_id
    assert scene.mark(1) == Error.NONE
    end = scene.log.log_end_offset
    assert scene.mark(1, producer=producer) == Error.NONE
    assert scene.log.log_end_offset == end


def test_a_late_marker_does_not_end_the_next_transaction(scene):
    """The marker was written, its answer was lost, and the repetition comes when the next transaction is open."""
    scene.open()
    scene.producer.commit()
    scene.world.run_for("1s")
    scene.open()
    unchanged(scene, lambda: scene.mark(1), Error.INVALID_PRODUCER_EPOCH)
    unchanged(scene, lambda: scene.mark(0), Error.INVALID_PRODUCER_EPOCH)


def test_an_old_coordinator_is_refused(scene):
    scene.open()
    assert scene.mark(1, coordinator=5) == Error.NONE
    scene.producer.abort()
    scene.world.run_for("1s")
    scene.log.producers.entries[0].coordinator_epoch = 5
    scene.producer.begin()
    scene.producer.send("flights", "b", partition=0)
    scene.producer.flush()
    epoch = scene.log.ongoing_transactions()[0].producer_epoch
    unchanged(scene, lambda: scene.mark(epoch + 1, coordinator=4), Error.TRANSACTION_COORDINATOR_FENCED)


def test_a_marker_for_nobody_knows_where(scene):
    marker = api.TxnMarker(1, 0, True, [api.TransactionPartition("nowhere", 0)], 0, 2)
    answer = scene.ask(api.WriteTxnMarkersRequest([marker])).markers[0].partitions[0]
    assert answer.error == Error.UNKNOWN_TOPIC_OR_PARTITION


def test_a_batch_of_which_the_coordinator_knows_nothing_is_refused(scene):
    scene.producer.begin()
    identity = scene.producer.producer.transactions._sequences.identity
    unchanged(scene, lambda: scene.write(*identity), Error.INVALID_TXN_STATE)
    unchanged(scene, lambda: scene.write(99, 0), Error.INVALID_PRODUCER_ID_MAPPING)
    unchanged(scene, lambda: scene.write(*identity, transactional_id="nobody"), Error.INVALID_PRODUCER_ID_MAPPING)
    unchanged(scene, lambda: scene.write(*identity, None), Error.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)


def test_without_verification_it_would_hang_and_is_ended_by_hand():
    scene = Scene(**{"transaction.partition.verification.enable": False})
    assert scene.write(99, 0) == Error.NONE
    [hanging] = scene.cluster.open_transactions("flights-0")
    assert (hanging.producer_id, hanging.transaction_start) == (99, 0)
    plain = scene.cluster.producer()
    plain.send("flights", "after", partition=0)
    plain.flush()
    scene.producer.begin()
    scene.producer.send("flights", "alive", partition=1)
    scene.world.run_for("30s")
    assert scene.cluster.find_hanging("1min") == []
    scene.world.run_for("90s")
    assert scene.reader.poll("1s") == []
    [(partition, found)] = scene.cluster.find_hanging("1min")
    assert (partition, found.producer_id) == (TopicPartition("flights", 0), 99)
    scene.cluster.abort_hanging(partition, found.producer_id)
    assert scene.cluster.open_transactions("flights-0") == scene.cluster.find_hanging("1s") == []
    assert [record.value for record in scene.reader.poll("1s")] == [b"after"]


def test_by_hand_only_what_is_open(scene):
    with pytest.raises(KafkaError, match=r"no transaction open in flights-0: those with one are \[\]") as refused:
        scene.cluster.abort_hanging("flights-0", 5)
    assert refused.value.error == Error.INVALID_TXN_STATE


def test_nobody_writes_to_the_log_of_the_transactions(scene):
    scene.open()
    plain = scene.cluster.producer()
    receipt = plain.send("__transaction_state", "x", partition=0)
    plain.flush()
    assert receipt.error.error == Error.INVALID_TOPIC_EXCEPTION and "transactional.id" in str(receipt.error)


def test_marks_for_deleted_partitions_are_not_waited_for(scene):
    scene.producer.begin()
    scene.producer.send("flights", "a", partition=0)
    scene.producer.flush()
    scene.cluster.delete_topic("flights")
    scene.producer.abort()
    scene.world.run_for("2s")
    described = scene.world.finish(scene.cluster.admin.describe_transaction("booking"))
    assert described.state == "CompleteAbort"


def test_two_coordinators_for_two_kinds_of_names(scene):
    scene.open()
    found = scene.world.finish(scene.cluster.admin.describe_transaction("booking"))
    assert (found.state, [tuple(row) for row in found.partitions]) == ("Ongoing", [("flights", 0)])
    with pytest.raises(KafkaError, match="transactional id nobody is not known"):
        scene.world.finish(scene.cluster.admin.describe_transaction("nobody"))
