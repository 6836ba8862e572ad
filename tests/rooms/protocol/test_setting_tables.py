"""The tables: Kafka's names and defaults."""

import pytest

from minikafka.protocol.admin_settings import ADMIN
from minikafka.protocol.broker_settings import BROKER, CONTROLLER
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import ConfigException
from minikafka.protocol.producer_settings import PRODUCER
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import TOPIC, TWINS, topic_config

TABLES = (TOPIC, BROKER, PRODUCER, CONSUMER, ADMIN)
LONG_MAX = 2**63 - 1

DEFAULTS = [
    (TOPIC, {
        "segment.bytes": 1073741824, "segment.ms": 604800000, "segment.index.bytes": 10485760,
        "index.interval.bytes": 4096, "retention.ms": 604800000, "retention.bytes": -1, "max.message.bytes": 1048588,
        "message.timestamp.type": "CreateTime", "message.timestamp.before.max.ms": LONG_MAX,
        "message.timestamp.after.max.ms": 3600000, "cleanup.policy": ("delete",), "min.insync.replicas": 1,
        "min.cleanable.dirty.ratio": 0.5, "delete.retention.ms": 86400000, "min.compaction.lag.ms": 0,
        "max.compaction.lag.ms": LONG_MAX,
        "unclean.leader.election.enable": False, "flush.messages": LONG_MAX}),
    (BROKER, {
        "broker.rack": None, "broker.heartbeat.interval.ms": 2000, "broker.session.timeout.ms": 9000,
        "initial.broker.registration.timeout.ms": 60000, "controlled.shutdown.enable": True,
        "controller.quorum.request.timeout.ms": 2000, "replica.fetch.wait.max.ms": 500, "replica.fetch.min.bytes": 1,
        "replica.fetch.max.bytes": 1048576, "replica.fetch.response.max.bytes": 10485760,
        "replica.fetch.backoff.ms": 1000, "replica.socket.timeout.ms": 30000, "replica.lag.time.max.ms": 30000,
        "replica.high.watermark.checkpoint.interval.ms": 5000, "log.flush.offset.checkpoint.interval.ms": 60000,
        "log.flush.start.offset.checkpoint.interval.ms": 60000, "log.retention.check.interval.ms": 300000,
        "log.initial.task.delay.ms": 30000, "fetch.max.bytes": 57671680, "num.partitions": 1,
        "default.replication.factor": 1, "auto.leader.rebalance.enable": True,
        "leader.imbalance.check.interval.seconds": 300, "producer.id.expiration.ms": 86400000,
        "log.cleaner.backoff.ms": 15000,
        "max.incremental.fetch.session.cache.slots": 1000, "delete.topic.enable": True,
        "log.segment.bytes": 1073741824, "log.roll.ms": 604800000, "message.max.bytes": 1048588,
        "min.insync.replicas": 1}),
    (PRODUCER, {
        "acks": "all", "enable.idempotence": True, "max.in.flight.requests.per.connection": 5, "retries": 2147483647,
        "delivery.timeout.ms": 120000, "request.timeout.ms": 30000, "retry.backoff.ms": 100,
        "retry.backoff.max.ms": 1000, "linger.ms": 5, "batch.size": 16384, "buffer.memory": 33554432,
        "max.request.size": 1048576, "max.block.ms": 60000, "metadata.max.age.ms": 300000,
        "partitioner.adaptive.partitioning.enable": True, "partitioner.availability.timeout.ms": 0,
        "partitioner.ignore.keys": False}),
    (CONSUMER, {
        "auto.offset.reset": "latest", "max.poll.records": 500, "fetch.min.bytes": 1, "fetch.max.wait.ms": 500,
        "fetch.max.bytes": 52428800, "max.partition.fetch.bytes": 1048576, "isolation.level": "read_uncommitted",
        "request.timeout.ms": 30000, "default.api.timeout.ms": 60000, "check.crcs": True,
        "metadata.max.age.ms": 300000, "retry.backoff.ms": 100}),
    (ADMIN, {"request.timeout.ms": 30000, "default.api.timeout.ms": 60000, "retry.backoff.ms": 100}),
]


@pytest.mark.parametrize("table, defaults", DEFAULTS, ids=[table.thing for table, _ in DEFAULTS])
def test_defaults_are_kafkas(table, defaults):
    config = Config(table)
    assert {name: config[name] for name in defaults} == defaults


@pytest.mark.parametrize("table", TABLES, ids=[table.thing for table in TABLES])
def test_every_setting_has_a_doc_a_reader_and_takes_its_own_default(table):
    for setting in table.values():
        assert setting.doc.endswith("."), setting.name
        assert setting.read_by, setting.name
        default = table.defaults[setting.name]
        assert Config(table, {setting.name: default})[setting.name] == default


def test_broker_and_controller_are_started_from_one_table():
    assert CONTROLLER is BROKER


def test_every_topic_setting_falls_back_to_a_broker_setting_of_the_same_default():
    assert list(TWINS) == [name for name in TOPIC if name != "confluent.placement.constraints"]
    for name, twin in TWINS.items():
        assert BROKER.defaults[twin] == TOPIC.defaults[name]


def test_a_topic_takes_its_own_word_then_the_brokers_then_kafkas():
    broker = Config(BROKER, {"log.segment.bytes": 2048, "min.insync.replicas": 2, "message.max.bytes": 5000})
    config = topic_config(broker, {"min.insync.replicas": "3"})
    assert config["min.insync.replicas"] == 3
    assert config["segment.bytes"] == 2048
    assert config["max.message.bytes"] == 5000
    assert config["retention.ms"] == 604800000
    assert config.overrides == {"min.insync.replicas": 3}


@pytest.mark.parametrize("overrides, sentence", [
    ({"segment.byte": 5000}, "did you mean segment.bytes?"),
    ({"log.segment.bytes": 5000}, "did you mean segment.bytes?"),
    ({"segment.bytes": 13}, "segment.bytes=13 is not possible; use at least 14"),
    ({"min.insync.replicas": 0}, "min.insync.replicas=0 is not possible; use at least 1"),
    ({"retention.ms": -2}, "retention.ms=-2 is not possible; use at least -1"),
    ({"cleanup.policy": "shred"}, "'shred' is none of delete, compact"),
    ({"message.timestamp.type": "createtime"}, "choose one of CreateTime, LogAppendTime"),
    ({"flush.messages": 0}, "use at least 1"),
    ({"acks": "all"}, "acks is no setting of a topic"),
])
def test_wrong_topic_settings_are_refused(overrides, sentence):
    broker = Config(BROKER)
    with pytest.raises(ConfigException) as refusal:
        topic_config(broker, overrides)
    assert sentence in str(refusal.value)
    assert broker == Config(BROKER)


@pytest.mark.parametrize("overrides, sentence", [
    ({"replica.fetch.wait.max.ms": 40_000, "replica.lag.time.max.ms": 60_000}, "replica.socket.timeout.ms=30000"),
    ({"replica.lag.time.max.ms": 400}, "set replica.fetch.wait.max.ms to at most 400"),
])
def test_a_brokers_times_must_go_together(overrides, sentence):
    with pytest.raises(ConfigException) as refusal:
        Config(BROKER, overrides)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize("written, acks", [("all", "all"), ("-1", "all"), (-1, "all"), (1, "1"), ("0", "0")])
def test_acks_has_one_spelling_inside(written, acks):
    assert Config(PRODUCER, {"acks": written})["acks"] == acks


@pytest.mark.parametrize("table, overrides, sentence", [
    (PRODUCER, {"acks": 2}, "acks=2 is not possible; choose one of all, -1, 0, 1"),
    (PRODUCER, {"linger": 5}, "did you mean linger.ms?"),
    (PRODUCER, {"batch.size": "16KB"}, "write a whole number, such as 16384"),
    (PRODUCER, {"max.in.flight.requests.per.connection": 0}, "use at least 1"),
    (CONSUMER, {"auto.offset.reset": "beginning"}, "choose one of latest, earliest, none"),
    (CONSUMER, {"isolation.level": "serializable"}, "choose one of read_uncommitted, read_committed"),
    (CONSUMER, {"max.poll.records": 0}, "use at least 1"),
    (BROKER, {"broker.session.timeout": 3000}, "did you mean broker.session.timeout.ms?"),
    (ADMIN, {"request.timeout.ms": -5}, "use at least 0"),
])
def test_wrong_settings_are_refused(table, overrides, sentence):
    with pytest.raises(ConfigException) as refusal:
        Config(table, overrides)
    assert sentence in str(refusal.value)


def test_records_cannot_have_to_be_compacted_before_they_may():
    wrong = {"min.compaction.lag.ms": 5, "max.compaction.lag.ms": 4}
    with pytest.raises(ConfigException, match="min.compaction.lag.ms=5 is not possible with max.compaction.lag.ms=4"):
        Config(TOPIC, wrong)
