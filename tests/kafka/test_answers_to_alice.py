"""The answers to somebody who may do little, beside those of Apache Kafka 4.3.1."""

from answering import F0, Scene, assign, compare, send, subscribe

from minikafka.client.group_metadata import ConsumerGroupMetadata
from minikafka.protocol.access_rules import AccessRule, Operation, PatternType, Permission, ResourceType

ALICE = {"sasl.username": "alice", "sasl.password": "a"}
GUARDED = {"authorizer.class.name": "StandardAuthorizer", "listeners": "SASL_PLAINTEXT",
           "sasl.enabled.mechanisms": "SCRAM-SHA-256", "super.users": "User:root"}  # fmt: skip
TOPIC, GROUP, CLUSTER = "TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"
TRANSACTIONAL_ID = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"


def rule(kind, name, operation):
    return AccessRule(kind, PatternType.LITERAL, name, "User:alice", "*", operation, Permission.ALLOW)


def calls(scene):
    root = scene.cluster
    root.create_user("alice", "a")
    for name in ("flights", "meals"):
        root.create_topic(name, partitions=1)
    scene.finish(root.admin.alter_group_offsets("idle", {F0: 0}))
    yield "a wrong password", lambda: send(scene.producer(sasl_password="b"), "flights"), (
        "SASL_AUTHENTICATION_FAILED")  # fmt: skip
    yield from administration(scene.admin(), rule(ResourceType.TOPIC, "x", Operation.READ))
    yield from clients(scene)
    allow = root.admin.create_acls
    scene.finish(allow([rule(ResourceType.TOPIC, "flights", Operation.DESCRIBE)]))
    yield from with_describe(scene)
    scene.finish(allow([rule(ResourceType.GROUP, "g", Operation.READ)]))
    yield from with_a_group(scene)
    scene.finish(allow([rule(ResourceType.TOPIC, "flights", Operation.WRITE)]))
    yield "send, may write", lambda: send(scene.producer(), "flights"), "ok"
    make = scene.producer
    yield "init, may write the topic", lambda: make(transactional_id="t").init_transactions(), TRANSACTIONAL_ID
    scene.finish(allow([rule(ResourceType.TRANSACTIONAL_ID, "t", Operation.DESCRIBE)]))
    yield "init, may describe the id", lambda: make(transactional_id="t").init_transactions(), TRANSACTIONAL_ID
    scene.finish(allow([rule(ResourceType.TRANSACTIONAL_ID, "t", Operation.WRITE)]))
    yield from in_a_transaction(make(transactional_id="t"))


def administration(admin, new_rule):
    yield "describe a topic", lambda: admin.describe_topic("flights"), TOPIC
    yield "describe an unknown topic", lambda: admin.describe_topic("nope"), TOPIC
    yield "create a topic", lambda: admin.create_topic("x", 1, 1), TOPIC
    yield "delete a topic", lambda: admin.delete_topic("flights"), TOPIC
    yield "delete an unknown topic", lambda: admin.delete_topic("nope"), TOPIC
    yield "add partitions", lambda: admin.add_partitions("flights", 2), TOPIC
    yield "alter a topic", lambda: admin.alter_config("flights", {"retention.ms": 99999}), TOPIC
    yield "alter a broker", lambda: admin.alter_config(1, {"log.retention.ms": 99999}), CLUSTER
    yield "describe a topic's settings", lambda: admin.describe_config("flights"), TOPIC
    yield "describe a broker's settings", lambda: admin.describe_config(1), CLUSTER
    yield "delete records", lambda: admin.delete_records({F0: 0}), TOPIC
    yield "list offsets", lambda: admin.list_offsets({F0: "latest"}), TOPIC
    yield "elect a leader", lambda: admin.elect_leaders("preferred", [F0]), CLUSTER
    yield "move a partition", lambda: admin.reassign({F0: [1]}), CLUSTER
    yield "list what moves", lambda: admin.reassignments(), CLUSTER
    yield "describe rules", lambda: admin.describe_acls(), CLUSTER
    yield "add a rule", lambda: admin.create_acls([new_rule]), CLUSTER
    yield "remove rules", lambda: admin.delete_acls(new_rule), CLUSTER
    yield "describe users", lambda: admin.describe_users(), CLUSTER
    yield "give somebody a password", lambda: admin.create_user("u", "p"), CLUSTER
    yield "describe the cluster", lambda: admin.describe_cluster(), "ok"
    yield "list groups", lambda: admin.list_groups(), "ok"
    yield "describe a group", lambda: admin.describe_group("idle"), GROUP
    yield "ask for a group's offsets", lambda: admin.list_group_offsets("idle"), GROUP
    yield "set a group's offsets", lambda: admin.alter_group_offsets("idle", {F0: 0}), GROUP
    yield "delete a group", lambda: admin.delete_group("idle"), GROUP
    yield "forget a group's offsets", lambda: admin.delete_group_offsets("idle", [F0]), GROUP
    yield "list transactions", lambda: admin.list_transactions(), "ok"
    yield "describe a transaction", lambda: admin.describe_transaction("nope"), TRANSACTIONAL_ID
    yield "describe producers", lambda: admin.describe_producers([F0]), TOPIC


def clients(scene):
    yield "send", lambda: send(scene.producer(), "flights"), TOPIC
    yield "send without idempotence", lambda: send(scene.producer(enable_idempotence=False), "flights"), TOPIC
    yield "init", lambda: scene.producer(transactional_id="t").init_transactions(), TRANSACTIONAL_ID
    yield "assign and poll", lambda: assign(scene.consumer(), F0), TOPIC
    yield "subscribe and poll", lambda: subscribe(scene.consumer(), "flights"), TOPIC
    yield "ask for the end", lambda: scene.consumer().end_offsets([F0]), TOPIC


def with_describe(scene):
    yield "delete a topic, may describe", lambda: scene.admin().delete_topic("flights"), TOPIC
    yield "send, may describe", lambda: send(scene.producer(), "flights"), CLUSTER
    plain = scene.producer(enable_idempotence=False)
    yield "send without idempotence, may describe", lambda: send(plain, "flights"), TOPIC
    yield "poll, may describe", lambda: assign(scene.consumer(None), F0, offset=0), TOPIC


def with_a_group(scene):
    reader = scene.consumer()
    reader.assign([F0])
    yield "commit, may read the group alone", lambda: reader.commit_sync({F0: 0}), TOPIC
    yield "committed, may read the group alone", lambda: reader.committed([F0]), "ok"
    yield "describe a group that is not there", lambda: scene.admin().describe_group("g"), "GROUP_ID_NOT_FOUND"
    yield "delete a group, may read it", lambda: scene.admin().delete_group("g"), GROUP


def in_a_transaction(producer):
    yield "init, may write the id", lambda: producer.init_transactions(), "ok"

    async def to_another_topic():
        producer.begin_transaction()
        await send(producer, "meals")

    async def offsets_of(group):
        producer.begin_transaction()
        await producer.send_offsets_to_transaction({F0: 1}, ConsumerGroupMetadata(group, -1, "", None))
        await producer.commit_transaction()

    yield "send in a transaction, may not write", lambda: to_another_topic(), TOPIC
    yield "commit after that", lambda: producer.commit_transaction(), TOPIC
    yield "abort after that", lambda: producer.abort_transaction(), "ok"
    yield "send offsets of another group", lambda: offsets_of("idle"), GROUP
    yield "abort after the offsets", lambda: producer.abort_transaction(), "ok"
    yield "send offsets, may not read the topic", lambda: offsets_of("g"), TOPIC


def test_they_are_kafkas_answers():
    compare(Scene(ALICE, **GUARDED), calls, {})
