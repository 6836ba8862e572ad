"""A transactional producer: what it may do when, and what is refused without anything being changed."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.protocol.errors import ConfigException, Error, KafkaError

CONFIG = {"transaction.state.log.num.partitions": 1, "transactional.id.expiration.ms": 60_000,
          "transaction.max.timeout.ms": 100_000, "transaction.state.log.replication.factor": 3,
          "transaction.state.log.min.isr": 2, "transaction.state.log.segment.bytes": 5000,
          "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
          "transaction.remove.expired.transaction.cleanup.interval.ms": 10_000, "request.timeout.ms": 5000}  # fmt: skip
QUICK = {"linger.ms": 0, "max.block.ms": 5000, "delivery.timeout.ms": 6000, "request.timeout.ms": 2000}


class Scene:
    def __init__(self):
        self.world = World(seed=9)
        self.cluster = self.world.cluster("one", brokers=1, config=CONFIG)
        self.cluster.create_topic("flights", partitions=2, replication_factor=1)
        self.p = self.cluster.producer("p", transactional_id="booking", config=QUICK)
        self.reader = self.cluster.consumer("r", config={"isolation.level": "read_committed",
                                                         "auto.offset.reset": "earliest"})  # fmt: skip
        self.reader.assign("flights-0", "flights-1")

    @property
    def state(self):
        return self.p.producer.transactions.state

    def read(self):
        found = []
        for _ in range(4):
            found += [record.value.decode() for record in self.reader.poll("200ms")]
        return found

    def refuses(self, error, call, *words):
        state = self.state
        with pytest.raises(KafkaError) as caught:
            call()
        assert caught.value.error == error, caught.value
        for word in words:
            assert word in str(caught.value)
        assert self.state == state


@pytest.fixture
def scene():
    return Scene()


def send(scene, value="a", partition=0):
    return scene.p.send("flights", value, partition=partition)


def test_out_of_turn(scene):
    scene.refuses(Error.INVALID_TXN_STATE, lambda: scene.p.send("flights", "x"), "call init_transactions() first")
    scene.refuses(Error.INVALID_TXN_STATE, scene.p.commit, "call init_transactions() first")
    scene.p.begin()
    scene.refuses(Error.INVALID_TXN_STATE, scene.p.begin, "IN_TRANSACTION", "commit_transaction() or")
    send(scene)
    scene.p.commit()
    scene.refuses(Error.INVALID_TXN_STATE, scene.p.commit, "begin_transaction() first")
    scene.refuses(Error.INVALID_TXN_STATE, scene.p.abort, "begin_transaction() first")
    scene.refuses(Error.INVALID_TXN_STATE, lambda: send(scene), "cannot send to 'flights'")
    assert scene.read() == ["a"]


def test_who_has_no_transactional_id_has_no_transactions(scene):
    plain = scene.cluster.producer()
    for call in (plain.begin, plain.commit, plain.abort):
        with pytest.raises(KafkaError, match="set transactional.id") as refused:
            call()
        assert refused.value.error == Error.INVALID_TXN_STATE


@pytest.mark.parametrize("config, words", [
    ({"acks": "1"}, "transactional.id=t cannot be combined with acks=1"),
    ({"retries": 0}, "transactional.id=t cannot be combined with retries=0"),
    ({"enable.idempotence": False}, "transactional.id=t cannot be combined with enable.idempotence=False"),
    ({"transactional.id": ""}, "leave it out, or write a name"),
    ({"transaction.timeout.ms": 0}, "at least 1"),
])  # fmt: skip
def test_settings_that_do_not_go_together(scene, config, words):
    with pytest.raises(ConfigException, match=words):
        scene.cluster.producer("q", config={"transactional.id": "t", **config})


def test_a_timeout_that_the_broker_does_not_allow(scene):
    config = {"transactional.id": "t", "transaction.timeout.ms": 100_001}
    greedy = scene.cluster.producer("greedy", config=config)
    with pytest.raises(KafkaError, match="transaction.timeout.ms=100001") as refused:
        greedy.begin()
    assert refused.value.error == Error.INVALID_TRANSACTION_TIMEOUT
    assert greedy.producer.transactions.state == "FATAL_ERROR"


def test_an_empty_transaction_is_nobodys_business(scene):
    scene.p.begin()
    scene.p.commit()
    scene.p.begin()
    scene.p.abort()
    assert scene.world.finish(scene.cluster.admin.describe_transaction("booking")).state == "Empty"


def test_what_had_not_been_sent_is_given_up_with_the_transaction(scene):
    scene.p.begin()
    lost = scene.p.send("nowhere", "x")
    waiting = send(scene)
    scene.p.abort()
    for receipt in (lost, waiting):
        assert receipt.error.error == Error.OPERATION_NOT_ATTEMPTED and receipt.error.definite
    scene.p.begin()
    send(scene, "b")
    scene.p.commit()
    assert scene.read() == ["b"]


def test_one_record_that_fails_spoils_the_transaction(scene):
    scene.p.begin()
    good = send(scene, "good", 1)
    scene.p.flush()
    bad = send(scene, "x" * 1_040_000)
    scene.world.run_for("100ms")
    assert bad.error is None or bad.error.error == Error.MESSAGE_TOO_LARGE
    scene.cluster.create_topic("small", partitions=1, replication_factor=1, config={"max.message.bytes": 100})
    scene.p.send("small", "y" * 500)
    with pytest.raises(KafkaError, match="abort_transaction") as refused:
        scene.p.commit()
    assert refused.value.error == Error.MESSAGE_TOO_LARGE and scene.state == "ABORTABLE_ERROR"
    scene.refuses(Error.MESSAGE_TOO_LARGE, lambda: send(scene), "abort_transaction(), then begin again")
    scene.p.abort()
    assert good.metadata is not None and scene.read() == []
    scene.p.begin()
    send(scene, "again")
    scene.p.commit()
    assert scene.read() == ["again"]


def test_a_commit_without_an_answer_may_be_asked_for_again(scene):
    scene.p.begin()
    send(scene)
    scene.p.flush()
    scene.world.faults.hold("one/b1", "one/p")
    with pytest.raises(KafkaError, match="in time") as waited:
        scene.p.commit()
    assert waited.value.error == Error.REQUEST_TIMED_OUT and scene.state == "COMMITTING_TRANSACTION"
    scene.refuses(Error.INVALID_TXN_STATE, scene.p.abort, "call it again")
    scene.world.faults.release("one/b1", "one/p")
    scene.p.commit()
    scene.world.run_for("1s")
    assert scene.state == "READY" and scene.read() == ["a"]
    scene.p.begin()
    send(scene, "b")
    scene.p.commit()
    assert scene.read() == ["b"]


def test_closing_in_the_middle_is_no_commit(scene):
    scene.p.begin()
    send(scene)
    scene.p.flush()
    scene.p.close()
    scene.world.run_for("1s")
    assert scene.read() == []
    assert scene.world.finish(scene.cluster.admin.describe_transaction("booking")).state == "CompleteAbort"


def test_a_transactional_id_that_nobody_uses_is_forgotten(scene):
    scene.p.begin()
    send(scene)
    scene.p.commit()
    scene.world.run_for("80s")
    with pytest.raises(KafkaError, match="is not known"):
        scene.world.finish(scene.cluster.admin.describe_transaction("booking"))
    scene.p.begin()
    receipt = send(scene, "late")
    with pytest.raises(KafkaError) as refused:
        scene.p.commit()
    assert refused.value.error == Error.INVALID_PRODUCER_ID_MAPPING and scene.state == "FATAL_ERROR"
    assert receipt.error is not None and scene.read() == ["a"]


def test_many_transactions_in_a_row_and_two_partitions(scene):
    for number in range(5):
        scene.p.begin()
        send(scene, f"{number}a", 0)
        send(scene, f"{number}b", 1)
        (scene.p.commit if number % 2 == 0 else scene.p.abort)()
    scene.world.run_for("1s")
    assert sorted(scene.read()) == ["0a", "0b", "2a", "2b", "4a", "4b"]


def test_after_the_last_epoch_the_producer_goes_on_with_another_id(scene):
    scene.p.begin()
    send(scene, "a")
    scene.p.commit()
    scene.world.run_for("1s")
    [shard] = scene.cluster.broker(1).broker.transactions.coordination.shards.active()
    was = shard.transactions["booking"]
    shard.transactions["booking"] = was._replace(producer_epoch=2**15 - 2)
    scene.p.producer.transactions._sequences.producer_epoch = 2**15 - 2
    for value in ("b", "c"):
        scene.p.begin()
        send(scene, value)
        scene.p.commit()
    assert shard.transactions["booking"].producer_id != was.producer_id
    assert scene.read() == ["a", "b", "c"]


def test_offsets_need_a_group_and_a_transaction(scene):
    consumer = scene.cluster.consumer("c", group="crew", config={"auto.offset.reset": "earliest"})
    consumer.assign("flights-0")
    consumer.poll("500ms")
    scene.p.begin()
    with pytest.raises(KafkaError, match="offset -1 for flights-0 cannot be committed"):
        scene.p.send_offsets(consumer, {"flights-0": -1})
    with pytest.raises(KafkaError, match="belongs to no group"):
        scene.p.send_offsets(scene.reader, {"flights-0": 1})
    scene.p.send_offsets(consumer, {"flights-0": 1})
    scene.p.commit()
    scene.world.run_for("1s")
    assert consumer.committed("flights-0") == 1
    scene.refuses(Error.INVALID_TXN_STATE, lambda: scene.p.send_offsets(consumer, {"flights-0": 2}), "begin_")
    assert consumer.committed("flights-0") == 1


def test_offsets_for_a_partition_that_does_not_exist(scene):
    consumer = scene.cluster.consumer("c", group="crew", config={"auto.offset.reset": "earliest"})
    scene.p.begin()
    with pytest.raises(KafkaError):
        scene.p.send_offsets(consumer, {"nowhere-0": 1})
    assert scene.state == "ABORTABLE_ERROR"


def test_the_list_of_transactions_by_state_and_producer(scene):
    assert scene.cluster.transactions() == {}
    scene.p.begin()
    send(scene)
    scene.world.run_for("100ms")
    other = scene.cluster.producer("q", transactional_id="audit", config=QUICK)
    other.begin()
    assert scene.cluster.transactions() == {"audit": "Empty", "booking": "Ongoing"}
    assert scene.cluster.transactions("Ongoing", "PrepareCommit") == {"booking": "Ongoing"}
    [listed] = scene.world.finish(scene.cluster.admin.list_transactions(["Empty"]))
    assert scene.world.finish(scene.cluster.admin.list_transactions((), [listed.producer_id])) == [listed]
    with pytest.raises(KafkaError, match="'Open' is no state of a transaction: take some of Empty, Ongoing"):
        scene.cluster.transactions("Open")
