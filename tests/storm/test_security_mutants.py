"""Each mistake with security is noticed, in the story made for it; without the mistake the same story is refused and
breaks no law."""

from __future__ import annotations

import pytest
from security_mutants import (
    SECURITY_MUTANTS,
    any_proof_is_good,
    commit_not_checked,
    deny_ignored,
    fetch_not_checked,
    prefix_anywhere,
    produce_not_checked,
)

from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.protocol.errors import Error, KafkaError
from minikafka.world.laws import LawBroken

GUARDED = {"authorizer.class.name": "StandardAuthorizer", "listeners": "SASL_PLAINTEXT",
           "sasl.enabled.mechanisms": "SCRAM-SHA-256", "offsets.topic.num.partitions": 1}  # fmt: skip
CAROL = {"sasl.username": "carol", "sasl.password": "teacup"}
PLAIN = {"linger.ms": 0, "enable.idempotence": False, "max.block.ms": 500}


def a_guarded_cluster():
    """With the topic flights, and carol, who may do nothing yet."""
    world = World(seed=3)
    world.law(*all_laws(world))
    cluster = world.cluster("primary", brokers=3, config=GUARDED)
    cluster.create_topic("flights", partitions=1, replication_factor=3)
    cluster.create_user("carol", "teacup")
    return cluster


def send(cluster, **config):
    """Carol sends a record to flights; the error, if there was one, is raised."""
    producer = cluster.producer(config={**PLAIN, **CAROL, **config})
    receipt = producer.send("flights", "x", partition=0)
    producer.flush()
    if receipt.error is not None:
        raise receipt.error


def a_denied_write():
    cluster = a_guarded_cluster()
    cluster.add_acl("User:*", "ALL", "topic:*")
    cluster.add_acl("User:carol", "WRITE", "topic:flights", "DENY")
    send(cluster)


def a_right_to_another_topic():
    cluster = a_guarded_cluster()
    cluster.add_acl("User:carol", ["WRITE", "DESCRIBE"], "topic:light", pattern="PREFIXED")
    send(cluster)


def a_right_to_look():
    cluster = a_guarded_cluster()
    cluster.add_acl("User:carol", "DESCRIBE", "topic:flights")
    send(cluster)


def a_right_that_is_gone():
    cluster = a_guarded_cluster()
    cluster.add_acl("User:carol", "DESCRIBE", "topic:flights")
    cluster.create_user("alice", "wonderland")
    cluster.add_acl("User:alice", "WRITE", "topic:flights")
    reader = cluster.consumer(config={**CAROL, "auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    send(cluster, **{"sasl.username": "alice", "sasl.password": "wonderland"})
    reader.poll("2s")


def a_commit_for_others():
    cluster = a_guarded_cluster()
    cluster.add_acl("User:carol", "DESCRIBE", "group:crew")
    outsider = cluster.consumer(group="crew", config={**CAROL, "enable.auto.commit": False})
    outsider.assign("flights-0")
    outsider.commit({"flights-0": 5})


def a_wrong_password():
    cluster = a_guarded_cluster()
    send(cluster, **{"sasl.password": "looking-glass"})


STORIES = {
    deny_ignored: (a_denied_write, "A1", Error.TOPIC_AUTHORIZATION_FAILED),
    prefix_anywhere: (a_right_to_another_topic, "A1", Error.TOPIC_AUTHORIZATION_FAILED),
    produce_not_checked: (a_right_to_look, "A1", Error.TOPIC_AUTHORIZATION_FAILED),
    commit_not_checked: (a_commit_for_others, "A2", Error.GROUP_AUTHORIZATION_FAILED),
    fetch_not_checked: (a_right_that_is_gone, "A3", Error.TOPIC_AUTHORIZATION_FAILED),
    any_proof_is_good: (a_wrong_password, "A4", Error.SASL_AUTHENTICATION_FAILED),
}


@pytest.mark.parametrize("mutant", SECURITY_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_it_is_caught(mutant):
    story, tag, _ = STORIES[mutant]
    with mutant(), pytest.raises(LawBroken) as caught:
        story()
    assert caught.value.law.__doc__.startswith(tag)


@pytest.mark.parametrize("mutant", SECURITY_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_without_it_the_right_error_is_the_answer(mutant):
    story, _, error = STORIES[mutant]
    with pytest.raises(KafkaError) as refused:
        story()
    assert refused.value.error == error
