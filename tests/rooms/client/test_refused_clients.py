"""Clients that are refused for a while and then allowed: each says so, loses nothing confirmed, and goes on."""

import pytest

from minikafka.client.admin import Admin
from minikafka.deploy.kafka_world import World
from minikafka.events.security import Authenticated, AuthenticationFailed, AuthorizationDenied
from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import MetadataRequest
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.login import Login
from minikafka.world.future import TimedOut
from minikafka.world.secrets import fingerprint

NAMED = {"authorizer.class.name": "StandardAuthorizer", "listeners": "SASL_PLAINTEXT",
         "sasl.enabled.mechanisms": "SCRAM-SHA-256", "offsets.topic.num.partitions": 1,
         "group.initial.rebalance.delay.ms": 0}  # fmt: skip
ALICE = {"sasl.username": "alice", "sasl.password": "wonderland"}
QUICK = {"default.api.timeout.ms": 5000}


@pytest.fixture
def cluster():
    """A cluster that knows nobody yet, with the topic flights."""
    world = World(seed=8)
    made = world.cluster("primary", brokers=3, config=NAMED)
    made.create_topic("flights", partitions=1, replication_factor=3, config={"min.insync.replicas": 2})
    return made


def let_in(cluster, *rights):
    """Make alice, and give her these rights ("WRITE topic:flights")."""
    if "alice" not in cluster.users():
        cluster.create_user("alice", "wonderland")
    for right in rights:
        cluster.add_acl("User:alice", *right.split())


def sent(producer):
    """The error of one record, None if it was acknowledged."""
    receipt = producer.send("flights", "x", partition=0)
    producer.flush()
    return receipt.error and receipt.error.error


def polled(consumer, within="5s"):
    """The values, or the error."""
    try:
        return [record.value for record in consumer.poll(within)]
    except KafkaError as refused:
        return refused.error


def test_a_producer_goes_on_when_it_is_let_in(cluster):
    producer = cluster.producer(config={**ALICE, "linger.ms": 0})
    assert sent(producer) == Error.SASL_AUTHENTICATION_FAILED
    let_in(cluster)
    assert sent(producer) == Error.TOPIC_AUTHORIZATION_FAILED
    let_in(cluster, "DESCRIBE topic:flights")
    assert sent(producer) == Error.CLUSTER_AUTHORIZATION_FAILED  # no producer id
    let_in(cluster, "IDEMPOTENT_WRITE cluster")
    assert sent(producer) == Error.TOPIC_AUTHORIZATION_FAILED
    let_in(cluster, "WRITE topic:flights")
    assert [sent(producer) for _ in range(3)] == [None] * 3


def test_a_refused_producer_does_not_hammer(cluster):
    """What is refused is not tried again by itself: the next record tries again."""
    producer = cluster.producer(config={**ALICE, "linger.ms": 0})
    sent(producer)
    cluster.world.run_for("1s")
    before = len(list(cluster.world.recorder.events(AuthenticationFailed)))
    cluster.world.run_for("60s")
    assert len(list(cluster.world.recorder.events(AuthenticationFailed))) == before
    sent(producer)
    assert len(list(cluster.world.recorder.events(AuthenticationFailed))) > before


def test_sequences_go_on_after_a_refused_batch(cluster):
    """A batch that was refused leaves no gap: what comes later is written, in order and once."""
    let_in(cluster, "WRITE topic:flights", "READ topic:flights")
    producer = cluster.producer(config={**ALICE, "linger.ms": 0})
    fates = []
    for number in range(6):
        if number == 2:
            cluster.add_acl("User:alice", "WRITE", "topic:flights", "DENY")
        if number == 4:
            cluster.remove_acl(permission="DENY")
        fates.append(sent(producer))
    denied = Error.TOPIC_AUTHORIZATION_FAILED
    assert fates == [None, None, denied, denied, None, None]
    reader = cluster.consumer(config={**ALICE, "auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    assert len(polled(reader)) == 4


def test_a_consumer_goes_on_when_it_is_let_in(cluster):
    let_in(cluster, "WRITE topic:flights")
    assert sent(cluster.producer(config={**ALICE, "linger.ms": 0})) is None
    cluster.delete_user("alice")
    reader = cluster.consumer(config={**ALICE, "auto.offset.reset": "earliest"})
    reader.assign("flights-0")
    assert polled(reader) == Error.SASL_AUTHENTICATION_FAILED
    assert polled(reader) == Error.SASL_AUTHENTICATION_FAILED
    let_in(cluster)
    assert polled(reader) == Error.TOPIC_AUTHORIZATION_FAILED
    let_in(cluster, "READ topic:flights")
    answers = [polled(reader) for _ in range(3)]
    assert [b"x"] in answers


def test_a_member_is_told_by_its_heartbeat_and_joins_again(cluster):
    let_in(cluster, "READ topic:flights", "READ group:crew", "WRITE topic:flights")
    producer = cluster.producer(config={**ALICE, "linger.ms": 0})
    quick = {"auto.offset.reset": "earliest", "heartbeat.interval.ms": 500, "session.timeout.ms": 6000}
    member = cluster.consumer(group="crew", config={**ALICE, **quick})
    member.subscribe("flights")
    member.keep_reading()
    sent(producer)
    cluster.world.run_for("5s")
    assert [value for _, _, value in member.seen] == [b"x"]
    cluster.add_acl("User:alice", "READ", "group:crew", "DENY")
    cluster.world.run_for("3s")
    assert {error.error for error in member.refusals} == {Error.GROUP_AUTHORIZATION_FAILED}
    denied = {entry.event.request for entry in cluster.world.recorder.events(AuthorizationDenied)}
    assert "Heartbeat" in denied
    sent(producer)
    cluster.remove_acl(permission="DENY")
    cluster.world.run_for("20s")
    assert [value for _, _, value in member.seen][-1] == b"x" and len(member.seen) >= 2


def test_an_outsider_is_told_why_offsets_are_not_told(cluster):
    let_in(cluster, "READ group:crew")
    outsider = cluster.consumer(group="crew", config={**ALICE, **QUICK})
    outsider.assign("flights-0")
    with pytest.raises(KafkaError) as refused:
        outsider.committed("flights-0")
    assert refused.value.error == Error.TOPIC_AUTHORIZATION_FAILED
    with pytest.raises(KafkaError) as refused:
        outsider.commit({"flights-0": 0})
    assert refused.value.error == Error.TOPIC_AUTHORIZATION_FAILED


def test_an_administrator_needs_rights_like_everybody(cluster):
    machine = cluster.world.machine("primary/clerk", cluster.world.place("home-a"))
    machine.start()
    clerk = Admin(machine, cluster.bootstrap, {**ALICE, **QUICK})
    finish = cluster.world.finish

    def told(call):
        try:
            finish(call)
        except KafkaError as refused:
            return refused.error
        return None

    assert told(clerk.create_topic("crews", 1, 1)) == Error.SASL_AUTHENTICATION_FAILED
    let_in(cluster)
    assert told(clerk.create_topic("crews", 1, 1)) == Error.TOPIC_AUTHORIZATION_FAILED
    assert told(clerk.describe_topic("flights")) == Error.TOPIC_AUTHORIZATION_FAILED
    assert told(clerk.describe_acls()) == Error.CLUSTER_AUTHORIZATION_FAILED
    assert told(clerk.create_user("bob", "x")) == Error.CLUSTER_AUTHORIZATION_FAILED
    assert told(clerk.describe_group("crew")) == Error.GROUP_AUTHORIZATION_FAILED
    assert finish(clerk.describe_cluster()).topics == ()
    let_in(cluster, "CREATE topic:crews", "ALTER cluster", "DESCRIBE cluster")
    assert told(clerk.create_topic("crews", 1, 1)) is None
    assert told(clerk.create_user("bob", "x")) is None
    assert list(finish(clerk.describe_users())) == ["alice", "bob"]
    with pytest.raises(KafkaError, match="there are alice, bob") as refused:
        finish(clerk.describe_users(["carol"]))
    assert refused.value.error == Error.RESOURCE_NOT_FOUND
    assert len(finish(clerk.describe_acls())) == 3


def test_many_requests_wait_for_one_login(cluster):
    """A new connection is authenticated once, whoever waits for it."""
    let_in(cluster)
    machine = cluster.world.machine("primary/guest", cluster.world.place("home-a"))
    machine.start()
    channel = Channel(machine, "primary/b1", Login("alice", fingerprint("wonderland"), "SCRAM-SHA-256"))
    tasks = [machine.spawn(channel.ask(MetadataRequest([]), 5_000_000)) for _ in range(5)]
    cluster.world.run_for("1s")
    assert all(task.done and task.error is None for task in tasks)
    logins = [entry.event.caller for entry in cluster.world.recorder.events(Authenticated)]
    assert logins.count(machine.name) == 1


def test_a_login_to_a_server_that_does_not_answer_times_out(cluster):
    cluster.world.faults.freeze("primary/b1")
    machine = cluster.world.machine("primary/guest", cluster.world.place("home-a"))
    machine.start()
    channel = Channel(machine, "primary/b1", Login("alice", fingerprint("wonderland"), "SCRAM-SHA-256"))
    with pytest.raises(TimedOut):
        cluster.world.finish(channel.ask(MetadataRequest([]), 2_000_000))
    cluster.world.run_for("30s")
    assert not channel.open
