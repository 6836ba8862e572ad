"""Settings at run time: recorded, or refused with nothing changed."""

import pytest
from governed import Governed

from minikafka.controller.config_changes import alter_configs
from minikafka.controller.decision import topic_setting
from minikafka.events.governance import IsrRecorded, SettingChanged
from minikafka.protocol.config_requests import (
    DELETE,
    SET,
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from minikafka.protocol.errors import Error

TOPIC, BROKER = 2, 4


@pytest.fixture
def cluster():
    """Three live brokers and a topic."""
    cluster = Governed().start(0, 1, 2)
    cluster.create(assignment=[[0, 1, 2]], min_insync_replicas=2)
    cluster.events.clear()
    return cluster


def row(kind, name, **changes):
    wishes = [AlterableConfig(key.replace("_", "."), DELETE if value is None else SET, value)
              for key, value in changes.items()]  # fmt: skip
    return AlterConfigsResource(kind, name, wishes)


def alter(cluster, *rows, validate_only=False):
    request = IncrementalAlterConfigsRequest(list(rows), validate_only)
    return cluster.settle(alter_configs(cluster.image, request, cluster.config)).resources


def test_values_are_recorded_in_their_own_type_and_told(cluster):
    [answer] = alter(cluster, row(TOPIC, "flights", retention_ms="1000", cleanup_policy="compact,delete"))
    assert (answer.error, answer.message) == (Error.NONE, None)
    own = {"min.insync.replicas": 2, "retention.ms": 1000, "cleanup.policy": ("compact", "delete")}
    assert cluster.image.topic_config("flights") == own
    assert cluster.events == [
        SettingChanged("topic", "flights", "retention.ms", 1000, None),
        SettingChanged("topic", "flights", "cleanup.policy", ("compact", "delete"), None),
    ]
    assert cluster.events[1].sentence() == "set cleanup.policy=compact,delete for topic flights (it was not set)"


def test_a_setting_that_is_taken_away_lets_the_cluster_speak_again(cluster):
    alter(cluster, row(BROKER, "", min_insync_replicas=3))
    assert topic_setting(cluster.image, cluster.config, "flights", "min.insync.replicas") == 2
    alter(cluster, row(TOPIC, "flights", min_insync_replicas=None))
    assert topic_setting(cluster.image, cluster.config, "flights", "min.insync.replicas") == 3
    assert cluster.events[-1].sentence() == "took min.insync.replicas of topic flights away (it was 2)"


def test_what_is_so_already_is_not_recorded_again(cluster):
    before = cluster.image
    assert alter(cluster, row(TOPIC, "flights", min_insync_replicas=2, retention_ms=None))[0].error == Error.NONE
    assert cluster.image is before and cluster.events == []


def test_validate_only_answers_and_changes_nothing(cluster):
    before = cluster.image
    assert alter(cluster, row(TOPIC, "flights", retention_ms=5), validate_only=True)[0].error == Error.NONE
    assert alter(cluster, row(TOPIC, "flights", retention_ms="x"), validate_only=True)[0].error == Error.INVALID_CONFIG
    assert cluster.image is before


def test_one_broker_and_all_brokers_have_settings_of_their_own(cluster):
    alter(cluster, row(BROKER, "", log_retention_ms=60_000), row(BROKER, "2", log_retention_ms=30_000))
    assert cluster.image.cluster_config()["log.retention.ms"] == 60_000
    assert cluster.image.broker_config(2) == {"log.retention.ms": 30_000}
    assert cluster.events[0].sentence() == "set log.retention.ms=60000 for all brokers (it was not set)"
    assert cluster.events[1].sentence() == "set log.retention.ms=30000 for broker 2 (it was not set)"


REFUSED = {
    "unknown topic": (row(TOPIC, "arrivals", retention_ms=1), Error.UNKNOWN_TOPIC_OR_PARTITION, "does not exist"),
    "unknown broker": (row(BROKER, "9", log_retention_ms=1), Error.BROKER_ID_NOT_REGISTERED, "known are 0, 1, 2"),
    "unknown kind": (row(8, "x", log_retention_ms=1), Error.INVALID_REQUEST, "use 2 (topic) or 4 (broker)"),
    "unknown setting": (row(TOPIC, "flights", retention_msec=1), Error.INVALID_CONFIG, "did you mean retention.ms"),
    "unknown, deleted": (row(TOPIC, "flights", retention_msec=None), Error.INVALID_CONFIG, "did you mean"),
    "bad value": (row(TOPIC, "flights", segment_bytes=13), Error.INVALID_CONFIG, "use at least 14"),
    "one of two is bad": (row(TOPIC, "flights", retention_ms=5, cleanup_policy="burn"), Error.INVALID_CONFIG, "burn"),
    "a broker's file": (row(BROKER, "1", broker_rack="x"), Error.INVALID_REQUEST, "restart it"),
    "a topic's name for a broker": (row(BROKER, "1", retention_ms=1), Error.INVALID_CONFIG, "no setting of a broker"),
    "one broker's min ISR": (row(BROKER, "1", min_insync_replicas=1), Error.INVALID_CONFIG, "for all brokers"),
    "the cluster's min ISR": (row(BROKER, "", min_insync_replicas=None), Error.INVALID_CONFIG, "cannot be deleted"),
    "unknown operation": (
        AlterConfigsResource(TOPIC, "flights", [AlterableConfig("cleanup.policy", 2, "compact")]),
        Error.INVALID_REQUEST, "operation 2",
    ),
    "set to nothing": (
        AlterConfigsResource(TOPIC, "flights", [AlterableConfig("retention.ms", SET, None)]),
        Error.INVALID_REQUEST, "delete it",
    ),
    "named twice": (
        AlterConfigsResource(TOPIC, "flights", [AlterableConfig("retention.ms", SET, 1)] * 2),
        Error.INVALID_REQUEST, "named twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "error", "part"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_and_nothing_changes(cluster, asked, error, part):
    before = cluster.image
    [answer] = alter(cluster, asked)
    assert answer.error == error and part in answer.message
    assert cluster.image is before and cluster.events == []


def test_each_resource_stands_or_falls_alone(cluster):
    good, bad = row(BROKER, "", log_retention_ms=5), row(TOPIC, "flights", retention_ms="never")
    assert [answer.error for answer in alter(cluster, bad, good)] == [Error.INVALID_CONFIG, Error.NONE]
    assert cluster.image.cluster_config()["log.retention.ms"] == 5
    twice = alter(cluster, good, good)
    assert [answer.error for answer in twice] == [Error.INVALID_REQUEST] * 2


def test_a_new_min_insync_replicas_empties_the_elr_that_went_by_the_old_one(cluster):
    cluster.alter([0, 1])
    cluster.alter([0])
    assert cluster.state() == (0, 0, [0], [1])
    alter(cluster, row(TOPIC, "flights", min_insync_replicas=1))
    assert cluster.state() == (0, 0, [0], [])
    assert isinstance(cluster.events[-1], IsrRecorded) and cluster.events[-1].reason == "IncrementalAlterConfigs"


def test_other_settings_and_other_topics_leave_the_elr_alone(cluster):
    cluster.create("arrivals", assignment=[[1, 2, 0]])
    cluster.alter([0, 1])
    cluster.alter([0])
    alter(cluster, row(TOPIC, "flights", retention_ms=1), row(TOPIC, "arrivals", min_insync_replicas=3))
    assert cluster.state() == (0, 0, [0], [1])
    alter(cluster, row(BROKER, "", min_insync_replicas=2))
    assert cluster.state() == (0, 0, [0], [])


def test_without_elr_the_clusters_min_insync_replicas_can_be_taken_away():
    cluster = Governed(elr=False).start(0)
    alter(cluster, row(BROKER, "", min_insync_replicas=3))
    assert alter(cluster, row(BROKER, "", min_insync_replicas=None))[0].error == Error.NONE
    assert cluster.image.cluster_config() == {}
