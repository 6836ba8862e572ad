"""The answers to everybody's mistakes, beside those of Apache Kafka 4.3.1."""

import pytest
from answering import F0, F1, NOPE, Scene, assign, compare, keep_polling, send, subscribe

from minikafka.client.group_metadata import ConsumerGroupMetadata
from minikafka.protocol.names import TopicPartition

OUR_OWN = {
    "take away an unknown setting": ("INVALID_CONFIG", "a typing error shall not pass for success"),
    "alter an unknown broker": ("BROKER_ID_NOT_REGISTERED", "Kafka's client waits for that broker to come"),
    "ask for the end of an unknown topic": ("REQUEST_TIMED_OUT", "it may be that the broker has not heard of it yet"),
    "commit after nothing": ("REQUEST_TIMED_OUT", "it is told what was wrong, not only that it has to be aborted"),
    "heartbeats too far apart": ("INVALID_CONFIG", "two settings do not fit; Kafka has an IllegalArgumentException"),
}
"""Where the answer is another one here, and why."""


def topics(scene):
    admin = scene.admin()
    create = admin.create_topic
    scene.finish(create("flights", 2, 1))
    scene.finish(create("a.b", 1, 1))
    yield "create what is there", lambda: create("flights", 2, 1), "TOPIC_ALREADY_EXISTS"
    yield "create with too many replicas", lambda: create("x", 2, 3), "INVALID_REPLICATION_FACTOR"
    yield "create with no replica", lambda: create("x", 2, 0), "INVALID_REPLICATION_FACTOR"
    yield "create with no partition", lambda: create("x", 0, 1), "INVALID_PARTITIONS"
    yield "create with a space in the name", lambda: create("a b", 1, 1), "INVALID_TOPIC_EXCEPTION"
    yield "create a_b beside a.b", lambda: create("a_b", 1, 1), "INVALID_TOPIC_EXCEPTION"
    yield "create on an unknown broker", lambda: create("y", assignment=[[9]]), "INVALID_REPLICA_ASSIGNMENT"
    yield "create twice on one broker", lambda: create("y", assignment=[[1, 1]]), "INVALID_REPLICA_ASSIGNMENT"
    yield "create with an unknown setting", lambda: create("y", 1, 1, {"no.such": "1"}), "INVALID_CONFIG"
    yield "create with a bad setting", lambda: create("y", 1, 1, {"min.insync.replicas": 0}), "INVALID_CONFIG"
    yield "delete an unknown topic", lambda: admin.delete_topic("nope"), "UNKNOWN_TOPIC_OR_PARTITION"
    yield "fewer partitions", lambda: admin.add_partitions("flights", 1), "INVALID_PARTITIONS"
    yield "as many partitions", lambda: admin.add_partitions("flights", 2), "INVALID_PARTITIONS"
    yield "more partitions of nothing", lambda: admin.add_partitions("nope", 2), "UNKNOWN_TOPIC_OR_PARTITION"
    alter = admin.alter_config
    yield "set an unknown setting", lambda: alter("flights", {"no.such": "1"}), "INVALID_CONFIG"
    yield "set a bad value", lambda: alter("flights", {"retention.ms": "soon"}), "INVALID_CONFIG"
    yield "take away an unknown setting", lambda: alter("flights", {"no.such": None}), "ok"
    yield "alter an unknown topic", lambda: alter("nope", {"retention.ms": 1}), "UNKNOWN_TOPIC_OR_PARTITION"
    yield "alter what a broker was started with", lambda: alter(1, {"broker.rack": "x"}), "INVALID_REQUEST"
    yield "alter one broker's minimum, with ELR", lambda: alter(1, {"min.insync.replicas": 1}), "INVALID_CONFIG"
    yield "alter an unknown broker", lambda: alter(7, {"min.insync.replicas": 1}), "REQUEST_TIMED_OUT"
    yield "move to an unknown broker", lambda: admin.reassign({F0: [9]}), "INVALID_REPLICA_ASSIGNMENT"
    yield "move twice to one broker", lambda: admin.reassign({F0: [1, 1]}), "INVALID_REPLICA_ASSIGNMENT"
    yield "cancel what does not move", lambda: admin.reassign({F0: None}), "NO_REASSIGNMENT_IN_PROGRESS"
    yield "move nothing", lambda: admin.reassign({NOPE: [1]}), "UNKNOWN_TOPIC_OR_PARTITION"
    elect = admin.elect_leaders
    yield "elect a leader for nothing", lambda: elect("preferred", [NOPE]), "UNKNOWN_TOPIC_OR_PARTITION"
    scene.finish(send(scene.producer(), "flights"))
    yield "delete records beyond the end", lambda: admin.delete_records({F0: 99}), "OFFSET_OUT_OF_RANGE"
    yield "delete all records", lambda: admin.delete_records({F0: -1}), "ok"
    yield "delete records once more", lambda: admin.delete_records({F0: 0}), "ok"
    end = {NOPE: "latest"}
    yield "ask for the end of an unknown topic", lambda: admin.list_offsets(end), "UNKNOWN_TOPIC_OR_PARTITION"
    end_of_no_partition = {TopicPartition("flights", 7): "latest"}
    yield "ask for the end of no partition", lambda: admin.list_offsets(end_of_no_partition), "REQUEST_TIMED_OUT"
    yield "describe an unknown id", lambda: admin.describe_transaction("nope"), "TRANSACTIONAL_ID_NOT_FOUND"
    yield "too few iterations", lambda: admin.create_user("u", "p", iterations=100), "UNACCEPTABLE_CREDENTIAL"
    yield "delete an unknown user", lambda: admin.delete_user("u"), "RESOURCE_NOT_FOUND"
    yield "access rules without an authorizer", lambda: admin.describe_acls(), "SECURITY_DISABLED"


def groups(scene):
    admin = scene.admin()
    scene.finish(admin.create_topic("flights", 2, 1))
    yield "describe an unknown group", lambda: admin.describe_group("nope"), "GROUP_ID_NOT_FOUND"
    yield "ask for an unknown group's offsets", lambda: admin.list_group_offsets("nope"), "ok"
    yield "delete an unknown group", lambda: admin.delete_group("nope"), "GROUP_ID_NOT_FOUND"
    yield "forget an unknown group's offsets", lambda: admin.delete_group_offsets("nope", [F0]), "GROUP_ID_NOT_FOUND"
    alter = admin.alter_group_offsets
    yield "set a new group's offsets", lambda: alter("fresh", {F1: 3}), "ok"
    yield "set them beyond the end", lambda: alter("fresh", {F1: 300}), "ok"
    yield "set offsets in nothing", lambda: alter("fresh", {NOPE: 3}), "UNKNOWN_TOPIC_OR_PARTITION"
    member = scene.consumer()
    scene.finish(subscribe(member, "flights"))
    yield "set offsets of a group at work", lambda: alter("g", {F1: 0}), "UNKNOWN_MEMBER_ID"
    yield "delete a group at work", lambda: admin.delete_group("g"), "NON_EMPTY_GROUP"
    yield "forget offsets it uses", lambda: admin.delete_group_offsets("g", [F1]), "GROUP_SUBSCRIBED_TO_TOPIC"
    outsider = scene.consumer()
    outsider.assign([F0])
    yield "commit from outside", lambda: outsider.commit_sync({F0: 1}), "UNKNOWN_MEMBER_ID"
    yield "commit for nothing", lambda: member.commit_sync({NOPE: 1}), "REQUEST_TIMED_OUT"
    yield "commit below 0", lambda: member.commit_sync({F0: -1}), "INVALID_REQUEST"
    stranger = scene.consumer(partition_assignment_strategy="sticky")
    yield "join with another strategy", lambda: subscribe(stranger, "flights"), "INCONSISTENT_GROUP_PROTOCOL"
    hasty = scene.consumer(session_timeout_ms=500, heartbeat_interval_ms=100)
    yield "join with too short a session", lambda: subscribe(hasty, "flights"), "INVALID_SESSION_TIMEOUT"
    yield "subscribe what has assigned", lambda: outsider.subscribe(["flights"]), "INVALID_REQUEST"
    yield "poll without anything", lambda: scene.consumer().poll(10), "INVALID_REQUEST"
    yield "subscribe without a group", lambda: subscribe(scene.consumer(None), "flights"), "INVALID_GROUP_ID"
    loner = scene.consumer(None)
    loner.assign([F0])
    yield "commit without a group", lambda: loner.commit_sync({F0: 1}), "INVALID_GROUP_ID"
    yield "seek below 0", lambda: outsider.seek(F0, -1), "INVALID_REQUEST"
    yield "seek in what is not assigned", lambda: outsider.seek(F1, 1), "INVALID_REQUEST"
    strict = [scene.consumer("g2", auto_offset_reset="none") for _ in range(2)]
    yield "seek beyond, without a policy", lambda: assign(strict[0], F1, offset=99), "OFFSET_OUT_OF_RANGE"
    yield "nothing committed, without a policy", lambda: assign(strict[1], F1), "OFFSET_OUT_OF_RANGE"
    yield "subscribe to nothing", lambda: subscribe(scene.consumer("g3"), "nope"), "ok"
    yield "assign nothing", lambda: assign(scene.consumer("g4"), NOPE), "ok"
    yield "subscribe to no name", lambda: subscribe(scene.consumer("g5"), "a b"), "INVALID_TOPIC_EXCEPTION"
    first, second = (scene.consumer("g6", group_instance_id="seat") for _ in range(2))
    scene.finish(subscribe(first, "flights"))
    scene.finish(subscribe(second, "flights"))
    yield "poll when fenced", lambda: keep_polling(first, 4000), "FENCED_INSTANCE_ID"
    yield "commit when fenced", lambda: first.commit_sync({F0: 1}), "UNKNOWN_MEMBER_ID"
    yield "poll once more, and take the name back", lambda: keep_polling(first), "ok"
    yield "poll as the one who had it", lambda: keep_polling(second), "FENCED_INSTANCE_ID"


def producers(scene):
    scene.finish(scene.admin().create_topic("flights", 2, 1))
    make = scene.producer
    yield "send to nothing", lambda: send(make(), "nope"), "REQUEST_TIMED_OUT"
    yield "send to no partition", lambda: send(make(), "flights", 7), "REQUEST_TIMED_OUT"
    yield "send too much", lambda: send(make(), "flights", 0, "v" * 2_000_000), "MESSAGE_TOO_LARGE"
    yield "idempotent with acks=1", lambda: make(acks="1", enable_idempotence=True), "INVALID_CONFIG"
    many = {"max_in_flight_requests_per_connection": 6, "enable_idempotence": True}
    yield "idempotent with six under way", lambda: make(**many), "INVALID_CONFIG"
    plain = {"transactional_id": "t0", "enable_idempotence": False}
    yield "transactional, not idempotent", lambda: make(**plain), "INVALID_CONFIG"
    yield "begin before init", lambda: make(transactional_id="t0").begin_transaction(), "INVALID_TXN_STATE"
    yield "init without an id", lambda: make().init_transactions(), "INVALID_TXN_STATE"
    first, second = make(transactional_id="t1"), make(transactional_id="t1")
    scene.finish(first.init_transactions())
    yield "send outside a transaction", lambda: send(first, "flights"), "INVALID_TXN_STATE"
    yield "commit outside a transaction", lambda: first.commit_transaction(), "INVALID_TXN_STATE"
    first.begin_transaction()
    yield "begin twice", lambda: first.begin_transaction(), "INVALID_TXN_STATE"
    scene.finish(send(first, "flights"))
    scene.finish(second.init_transactions())
    yield "send as a zombie", lambda: send(first, "flights"), "INVALID_PRODUCER_EPOCH"
    yield "commit as a zombie", lambda: first.commit_transaction(), "INVALID_PRODUCER_EPOCH"
    yield "abort as a zombie", lambda: first.abort_transaction(), "PRODUCER_FENCED"
    long = make(transactional_id="t3", transaction_timeout_ms=10_000_000)
    yield "too long a transaction", lambda: long.init_transactions(), "INVALID_TRANSACTION_TIMEOUT"
    scene.finish(subscribe(scene.consumer(), "flights"))

    async def with_offsets(generation, member):
        second.begin_transaction()
        await second.send_offsets_to_transaction({F0: 1}, ConsumerGroupMetadata("g", generation, member, None))
        await second.commit_transaction()

    yield "offsets of a wrong generation", lambda: with_offsets(99, "who"), "UNKNOWN_MEMBER_ID"
    yield "abort after that", lambda: second.abort_transaction(), "ok"
    yield "offsets from outside", lambda: with_offsets(-1, ""), "ok"


def transactions(scene):
    scene.finish(scene.admin().create_topic("flights", 2, 1))
    producer = scene.producer(transactional_id="t9")
    scene.finish(producer.init_transactions())
    commit, abort, begin = producer.commit_transaction, producer.abort_transaction, producer.begin_transaction

    async def in_one(*record, times=1):
        begin()
        if record:
            await send(producer, *record)
        for _ in range(times):
            await commit()

    yield "send too much", lambda: in_one("flights", 0, "v" * 2_000_000), "MESSAGE_TOO_LARGE"
    yield "send after that", lambda: send(producer, "flights"), "MESSAGE_TOO_LARGE"
    yield "commit after that", lambda: commit(), "MESSAGE_TOO_LARGE"
    yield "abort after that", lambda: abort(), "ok"
    yield "send to nothing", lambda: in_one("nope"), "REQUEST_TIMED_OUT"
    yield "commit after nothing", lambda: commit(), "TRANSACTION_ABORTABLE"
    yield "abort after nothing", lambda: abort(), "ok"
    yield "commit twice", lambda: in_one("flights", times=2), "INVALID_TXN_STATE"
    yield "abort outside a transaction", lambda: abort(), "INVALID_TXN_STATE"
    yield "init twice", lambda: producer.init_transactions(), "INVALID_TXN_STATE"
    yield "commit nothing", lambda: in_one(), "ok"
    group = ConsumerGroupMetadata("g", -1, "", None)
    offsets = producer.send_offsets_to_transaction
    yield "offsets outside a transaction", lambda: offsets({F0: 1}, group), "INVALID_TXN_STATE"

    async def no_offsets():
        begin()
        await offsets({}, group)
        await commit()

    yield "no offsets", lambda: no_offsets(), "ok"


def impossible_values(scene):
    scene.finish(scene.admin().create_topic("flights", 2, 1))
    make, of_group = scene.producer, scene.consumer
    closed, gone = make(), of_group()
    scene.finish(closed.close())
    gone.assign([F0])
    scene.finish(gone.close())
    yield "send when closed", lambda: send(closed, "flights"), "INVALID_REQUEST"
    yield "poll when closed", lambda: gone.poll(1), "INVALID_REQUEST"
    reader, none = of_group("g8", default_api_timeout_ms=3000), TopicPartition("flights", 5)
    reader.assign([F0, F1])
    yield "the position of what is not assigned", lambda: reader.position(none), "INVALID_REQUEST"
    yield "a time below 0", lambda: reader.offsets_for_times({F0: -5}), "INVALID_REQUEST"
    yield "the end of no partition", lambda: reader.end_offsets([none]), "REQUEST_TIMED_OUT"
    yield "the end of nothing", lambda: reader.end_offsets([NOPE]), "REQUEST_TIMED_OUT"
    yield "what is committed for nothing", lambda: reader.committed([NOPE]), "ok"
    slow = {"session_timeout_ms": 1000, "heartbeat_interval_ms": 3000}
    yield "heartbeats too far apart", lambda: of_group("g", **slow), "INVALID_REQUEST"
    yield "an unknown policy", lambda: of_group(auto_offset_reset="soon"), "INVALID_CONFIG"
    yield "two acks", lambda: make(acks="2", enable_idempotence=False), "INVALID_CONFIG"
    yield "a linger below 0", lambda: make(linger_ms=-1), "INVALID_CONFIG"
    hurry = {"delivery_timeout_ms": 100, "linger_ms": 0, "request_timeout_ms": 1000}
    yield "less to deliver than to ask", lambda: make(**hurry), "INVALID_CONFIG"
    yield "partition -1", lambda: send(make(), "flights", -1), "INVALID_REQUEST"
    yield "a record from before the world", lambda: make().send("flights", "v", timestamp=-5), "INVALID_REQUEST"
    yield "no topic's name", lambda: send(make(), "a b"), "INVALID_TOPIC_EXCEPTION"


@pytest.mark.parametrize(
    "calls", [topics, groups, producers, transactions, impossible_values], ids=lambda calls: calls.__name__
)
def test_they_are_kafkas_answers(calls):
    compare(Scene(), calls, OUR_OWN)
