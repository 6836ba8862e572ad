"""Security at the front door: users, rules, the audit, and that no password is ever told."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.deploy.security_desk import with_servers
from minikafka.protocol.errors import ConfigException, Error, KafkaError
from minikafka.world.trace_file import export_trace

GUARDED = {"authorizer.class.name": "StandardAuthorizer", "super.users": "User:root",
           "offsets.topic.num.partitions": 1, "group.initial.rebalance.delay.ms": 0}  # fmt: skip
NAMED = {**GUARDED, "listeners": "SASL_PLAINTEXT", "sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512"}
ALICE = {"sasl.username": "alice", "sasl.password": "wonderland"}


@pytest.fixture
def named():
    """A cluster that demands names and keeps rules, with the topic flights and the user alice."""
    world = World(seed=3)
    cluster = world.cluster("primary", brokers=3, config=NAMED)
    cluster.create_topic("flights", partitions=1, replication_factor=3)
    cluster.create_user("alice", "wonderland")
    return cluster


def fate(cluster, config, topic="flights"):
    """What becomes of a record that somebody sends."""
    producer = cluster.producer(config={"linger.ms": 0, "max.block.ms": 500, "enable.idempotence": False, **config})
    receipt = producer.send(topic, "x", partition=0)
    producer.flush()
    return receipt.error and receipt.error.error


def test_a_right_is_given_and_taken(named):
    assert fate(named, ALICE) == Error.TOPIC_AUTHORIZATION_FAILED
    named.add_acl("User:alice", ["WRITE", "READ"], "topic:flights")
    assert fate(named, ALICE) is None
    assert named.remove_acl(principal="User:alice", operation="WRITE") == 1
    assert fate(named, ALICE) == Error.TOPIC_AUTHORIZATION_FAILED
    assert named.remove_acl(principal="User:bob") == 0


def test_users_come_and_go(named):
    assert named.users() == {"alice": [("SCRAM-SHA-256", 4096)]}
    named.create_user("bob", "tea", mechanism="SCRAM-SHA-512")
    named.add_acl("User:*", "WRITE", "topic:flights")
    bob = {"sasl.username": "bob", "sasl.password": "tea"}
    assert fate(named, {**bob, "sasl.mechanism": "SCRAM-SHA-512", "security.protocol": "SASL_PLAINTEXT"}) is None
    assert fate(named, bob) == Error.SASL_AUTHENTICATION_FAILED  # no password for SCRAM-SHA-256
    named.delete_user("bob", mechanism="SCRAM-SHA-512")
    assert list(named.users()) == ["alice"]
    with pytest.raises(KafkaError) as refused:
        named.delete_user("bob")
    assert refused.value.error == Error.RESOURCE_NOT_FOUND and "alice (SCRAM-SHA-256)" in str(refused.value)


@pytest.mark.parametrize(("arguments", "error"), [
    (("", "x"), Error.UNACCEPTABLE_CREDENTIAL),
    (("a=b", "x"), Error.UNACCEPTABLE_CREDENTIAL),
    (("bob", ""), Error.UNACCEPTABLE_CREDENTIAL),
    (("bob", 7), Error.UNACCEPTABLE_CREDENTIAL),
    (("bob", "x", "PLAIN"), Error.UNSUPPORTED_SASL_MECHANISM),
])  # fmt: skip
def test_impossible_users_are_refused_and_nothing_is_changed(named, arguments, error):
    before = named.image
    with pytest.raises(KafkaError) as refused:
        named.create_user(*arguments)
    assert refused.value.error == error
    assert named.image.credentials == before.credentials


@pytest.mark.parametrize("iterations", [0, 4095, 16385, "many", True])
def test_impossible_iterations_are_refused(named, iterations):
    with pytest.raises(KafkaError) as refused:
        named.world.finish(named.admin.create_user("bob", "tea", iterations=iterations))
    assert refused.value.error == Error.UNACCEPTABLE_CREDENTIAL and "4096" in str(refused.value)


def test_the_tables(named):
    assert named.acls() == "no access rules"
    assert named.audit() == "nobody was refused anything"
    named.add_acl("User:alice", "READ", "group:g", "DENY", "PREFIXED", host="primary/c")
    assert named.acls() == (
        "Current ACLs for resource `ResourcePattern(resourceType=GROUP, name=g, patternType=PREFIXED)`:\n"
        "  (principal=User:alice, host=primary/c, operation=READ, permissionType=DENY)"
    )
    fate(named, ALICE)
    fate(named, {**ALICE, "sasl.password": "looking-glass"})
    table = named.audit().splitlines()
    assert table[0].split() == ["first", "at", "broker", "who", "from", "wanted", "why", "times"]
    assert any("User:alice" in row and "DESCRIBE TOPIC flights (Metadata)" in row for row in table)
    assert any("SASL_AUTHENTICATION_FAILED" in row for row in table)


def test_no_password_is_told_anywhere(named):
    """Neither as text nor as what was made of it: not in the trace, not on a disk, not in the journal."""
    world = named.world
    named.add_acl("User:alice", ["WRITE", "READ"], "topic:flights")
    fate(named, ALICE)
    fate(named, {**ALICE, "sasl.password": "looking-glass"})
    reader = named.consumer(config=ALICE)
    reader.assign("flights-0")
    reader.poll()
    kept = named.image.credentials["alice", "SCRAM-SHA-256"]
    trace = export_trace(world.recorder.trace)
    journal = repr(world.journal)
    for secret in (b"wonderland", b"looking-glass"):
        assert secret not in trace
        assert secret.decode() not in journal
        for machine in world.network.machines.values():
            assert not any(secret in bytes(machine.disk.read(name)) for name in machine.disk.list())
    for made_of_it in (kept.stored_key, kept.server_key, kept.salt):
        assert made_of_it not in trace
    assert "wonderland" not in repr(named.consumer(config=ALICE).consumer.config)
    assert "[hidden]" in repr(reader.consumer.config)


def test_a_fork_logs_in_again(named):
    named.add_acl("User:alice", "WRITE", "topic:flights")
    assert fate(named, ALICE) is None
    again = named.world.fork()
    assert again.recorder.digest() == named.world.recorder.digest()


def test_an_open_cluster_has_no_rules_to_ask_for():
    world = World(seed=3)
    cluster = world.cluster("primary", brokers=1)
    for call in (lambda: cluster.add_acl("User:a", "READ", "topic:t"), lambda: cluster.remove_acl("User:a"),
                 lambda: world.finish(cluster.admin.describe_acls())):  # fmt: skip
        with pytest.raises(KafkaError) as refused:
            call()
        assert refused.value.error == Error.SECURITY_DISABLED and "authorizer.class.name" in str(refused.value)
    assert cluster.acls() == "no access rules"


def test_its_own_machines_are_super_users():
    assert with_servers({"a": 1}, ["p/b1"]) == {"a": 1}
    assert with_servers({"listeners": "SASL_PLAINTEXT"}, ["p/b1"])["super.users"] == "User:CN=p/b1"
    told = with_servers({"authorizer.class.name": "StandardAuthorizer", "super.users": "User:root"}, ["p/b1", "p/b2"])
    assert told["super.users"] == "User:root;User:CN=p/b1;User:CN=p/b2"


def test_open_listener_closed_rules():
    """Without names everybody is User:ANONYMOUS, and allow.everyone.if.no.acl.found opens what nobody speaks of."""
    world = World(seed=3)
    config = {**GUARDED, "allow.everyone.if.no.acl.found": True}
    cluster = world.cluster("primary", brokers=1, config=config)
    cluster.create_topic("flights")
    cluster.create_topic("crews")
    assert fate(cluster, {}) is None
    cluster.add_acl("User:bob", "WRITE", "topic:flights")
    assert fate(cluster, {}) == Error.TOPIC_AUTHORIZATION_FAILED
    assert fate(cluster, {}, "crews") is None
    cluster.add_acl("User:ANONYMOUS", "WRITE", "topic:flights")
    assert fate(cluster, {}) is None


@pytest.mark.parametrize(("config", "says"), [
    ({"listeners": "SSL"}, "listeners='SSL' is not possible"),
    ({"listeners": "SASL_PLAINTEXT"}, "sasl.enabled.mechanisms=GSSAPI cannot be checked here"),
    ({"sasl.enabled.mechanisms": "SCRAM"}, "'SCRAM' is none of"),
    ({"authorizer.class.name": "MyAuthorizer"}, "authorizer.class.name='MyAuthorizer'"),
    ({"super.users": "alice"}, "super.users='alice'"),
    ({"connection.failed.authentication.delay.ms": -1}, "at least 0"),
])  # fmt: skip
def test_impossible_settings_are_refused_before_anything_is_built(config, says):
    world = World(seed=3)
    with pytest.raises(ConfigException, match=says):
        world.cluster("primary", config=config)
    assert not world.network.machines


@pytest.mark.parametrize(("config", "says"), [
    ({"sasl.username": "alice"}, "sasl.password is missing"),
    ({"sasl.password": "tea"}, "sasl.username is missing"),
    ({"security.protocol": "SASL_PLAINTEXT"}, "sasl.username is missing"),
    ({"security.protocol": "PLAINTEXT", **ALICE}, "gives no name"),
    ({"security.protocol": "SSL"}, "choose one of PLAINTEXT, SASL_PLAINTEXT"),
    ({"sasl.mechanism": "OAUTHBEARER"}, "choose one of GSSAPI"),
    ({"sasl.username": "alice", "sasl.password": 5}, r"sasl.password=\[hidden\]"),
])  # fmt: skip
def test_impossible_settings_of_a_client(named, config, says):
    with pytest.raises(ConfigException, match=says):
        named.producer(config=config)
    with pytest.raises(ConfigException, match=says):
        named.consumer(config=config)


def test_a_name_where_nobody_asks_for_one():
    world = World(seed=3)
    cluster = world.cluster("primary", brokers=1)
    cluster.create_topic("flights")
    assert fate(cluster, ALICE) == Error.ILLEGAL_SASL_STATE
