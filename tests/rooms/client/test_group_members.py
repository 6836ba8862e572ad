"""Consumers of a group on a real cluster: what they commit, hand out, lose and hear."""

import pytest

from minikafka import TopicPartition, World
from minikafka.client.consumer import Consumer
from minikafka.client.interceptors import Interceptor
from minikafka.client.producer import Producer
from minikafka.client.rebalance_listener import RebalanceListener
from minikafka.events.groups import OffsetsWritten, PartitionsAssigned, PartitionsLost
from minikafka.protocol.errors import ConfigException, Error, KafkaError, TimeoutException
from minikafka.world.journal import JournalError

P = TopicPartition("flights", 0)
READ = {"auto.offset.reset": "earliest"}
FAST = {"offsets.topic.num.partitions": 1, "group.initial.rebalance.delay.ms": 100}


@pytest.fixture
def cluster():
    world = World(seed=7)
    cluster = world.cluster("primary", brokers=3, config=FAST)
    cluster.create_topic("flights", 4, 3, {"min.insync.replicas": 2})
    producer = cluster.producer()
    for number in range(20):
        producer.send("flights", b"%d" % number, partition=number % 4)
    producer.flush()
    return cluster


def member(cluster, name=None, **config):
    made = cluster.consumer(name, group="crew", config={**READ, **{k.replace("_", "."): v for k, v in config.items()}})
    made.subscribe("flights")
    return made


def refused(call, *arguments, **named):
    with pytest.raises(KafkaError) as caught:
        call(*arguments, **named)
    return caught.value


def test_a_member_reads_everything_and_commits_by_itself(cluster):
    one = member(cluster, auto_commit_interval_ms=1000)
    one.keep_reading()
    cluster.world.run_for("6s")
    assert len(one.seen) == 20
    assert [one.committed(f"flights-{number}") for number in range(4)] == [5, 5, 5, 5]


def test_without_auto_commit_nothing_is_committed(cluster):
    one = member(cluster, enable_auto_commit=False)
    one.keep_reading()
    cluster.world.run_for("20s")
    assert one.committed("flights-0") is None
    one.close()
    assert cluster.admin is not None and "committed -" not in cluster.describe_group("crew")


def test_a_successor_goes_on_where_the_group_was(cluster):
    one = member(cluster, enable_auto_commit=False)
    one.poll("10s")
    one.commit({"flights-0": 3, "flights-1": 5, "flights-2": 5, "flights-3": 5})
    one.close()
    two = member(cluster)
    assert [(r.partition, r.offset) for r in two.poll("10s")] == [(0, 3), (0, 4)]


def test_closing_commits_what_was_handed_out(cluster):
    one = member(cluster)
    one.keep_reading()
    cluster.world.run_for("3s")
    one.close()
    assert "committed 5" in cluster.describe_group("crew") and cluster.groups() == {"crew": "Empty"}


def test_who_assigns_by_hand_may_commit_for_a_group_without_members(cluster):
    one = cluster.consumer(group="crew", config=READ)
    one.assign("flights-0")
    assert len(one.poll("10s")) == 5
    one.commit()
    assert one.committed("flights-0") == 5
    one.seek("flights-0", 2)
    one.commit()
    assert one.committed("flights-0") == 2


def test_a_pattern_finds_topics_that_come_later_and_leaves_out_kafkas_own(cluster):
    one = cluster.consumer(group="crew", config={**READ, "metadata.max.age.ms": 2000})
    one.subscribe(pattern="fl.*|__.*")
    one.keep_reading()
    cluster.world.run_for("5s")
    assert one.consumer.subscription == ("flights",)
    cluster.create_topic("fleet", 2, 3)
    cluster.world.run_for("10s")
    assert one.consumer.subscription == ("fleet", "flights") and len(one.consumer.assignment) == 6
    all_of_them = cluster.consumer(group="spies", config={**READ, "exclude.internal.topics": False})
    all_of_them.subscribe(pattern=".*")
    all_of_them.keep_reading()
    cluster.world.run_for("5s")
    assert "__consumer_offsets" in all_of_them.consumer.subscription


def test_who_does_not_poll_loses_its_place_though_it_lives(cluster):
    one = member(cluster, "one", max_poll_interval_ms=5000, heartbeat_interval_ms=1000, enable_auto_commit=False)
    one.poll("10s")
    cluster.world.run_for("8s")
    assert one.consumer.generation == -1 and "Empty" in cluster.describe_group("crew")
    assert refused(one.commit).error == Error.UNKNOWN_MEMBER_ID
    one.poll("5s")
    assert one.consumer.generation > 0


def test_no_commit_overtakes_a_newer_one(cluster):
    """While nobody coordinates three commits begin; each looks for the coordinator by itself, with rests of its own."""
    one = member(cluster, "one", enable_auto_commit=False)
    one.poll("10s")
    world, consumer = cluster.world, one.consumer
    brokers = ("primary/b1", "primary/b2", "primary/b3")
    for broker in brokers:
        world.faults.cut("primary/one", broker)
    consumer.commit({P: 1})
    world.run_for("7s")
    consumer.commit({P: 2})
    world.run_for("7s")
    consumer.commit({P: 3})
    world.run_for("7s")
    for broker in brokers:
        world.faults.heal("primary/one", broker)
    world.run_for("30s")
    assert one.committed("flights-0") == 3
    written = [entry.event.offsets[0][1] for entry in world.recorder.events(OffsetsWritten)]
    assert written == sorted(written)


def test_an_older_commit_that_could_not_leave_in_time_is_dropped(cluster):
    one = member(cluster, "one", enable_auto_commit=False)
    one.poll("10s")
    commits = one.consumer._group.commits
    older, newer = (commits._in_turn(offset) for offset in (1, 2))
    assert newer() == 2
    with pytest.raises(TimeoutException, match="a newer commit of primary/one has left"):
        older()


def test_unsubscribing_leaves_the_group(cluster):
    one = member(cluster)
    one.poll("10s")
    one.unsubscribe()
    assert one.consumer.assignment == [] and cluster.groups() == {"crew": "Empty"}
    one.assign("flights-1")
    assert one.consumer.assignment == [TopicPartition("flights", 1)]


class Ear(RebalanceListener):
    """Writes down what it hears; commits before partitions go."""

    def __init__(self, consumer):
        self.heard = []
        self.consumer = consumer

    async def on_partitions_assigned(self, partitions):
        self.heard.append(("assigned", len(partitions)))

    async def on_partitions_revoked(self, partitions):
        self.heard.append(("revoked", len(partitions)))
        await self.consumer.commit_sync()

    def on_partitions_lost(self, partitions):
        self.heard.append(("lost", len(partitions)))


@pytest.mark.parametrize(
    ("strategy", "heard"),
    [
        ("roundrobin", [("assigned", 4), ("revoked", 4), ("assigned", 2)]),
        ("sticky", [("assigned", 4), ("revoked", 4), ("assigned", 2)]),
        ("cooperative-sticky", [("assigned", 4), ("revoked", 2), ("assigned", 0), ("assigned", 0)]),
    ],
)
def test_a_listener_hears_what_comes_and_goes(cluster, strategy, heard):
    config = {"partition.assignment.strategy": strategy, "enable.auto.commit": False}
    one = cluster.consumer("one", group="crew", config={**READ, **config})
    ear = Ear(one.consumer)
    one.consumer.subscribe(["flights"], ear)
    one.keep_reading()
    cluster.world.run_for("5s")
    two = cluster.consumer("two", group="crew", config={**READ, **config})
    two.subscribe("flights")
    two.keep_reading()
    cluster.world.run_for("15s")
    assert ear.heard == heard
    assert len(one.consumer.assignment) == len(two.consumer.assignment) == 2
    assert len(one.seen) == 20 and two.seen == []  # the listener committed all that had been read


def test_a_member_that_was_away_hears_that_its_partitions_are_lost(cluster):
    one = cluster.consumer(
        "one", group="crew", config={**READ, "session.timeout.ms": 6000, "heartbeat.interval.ms": 1000}
    )
    ear = Ear(one.consumer)
    one.consumer.subscribe(["flights"], ear)
    one.keep_reading()
    cluster.world.run_for("3s")
    cluster.world.faults.freeze(one.machine)
    cluster.world.run_for("10s")
    cluster.world.faults.thaw(one.machine)
    cluster.world.run_for("10s")
    assert ear.heard[:2] == [("assigned", 4), ("lost", 4)] and one.consumer.generation > 1


# -- interceptors
# -------------------------------------------------------------------------------------------------------


def test_who_is_disowned_while_it_looks_for_the_coordinator_names_nothing_as_its_own(cluster):
    """Others may have read on in what it held: it loses that before it joins (region storm 139)."""
    static = {"group_instance_id": "seat", "session_timeout_ms": 6000, "enable_auto_commit": False}
    world, one = cluster.world, member(cluster, partition_assignment_strategy="cooperative-sticky", **static)
    one.keep_reading()
    world.run_for("6s")
    membership = one.consumer._group.membership
    for broker in cluster.brokers.values():
        world.faults.cut(one.machine, broker.machine)
    membership.finder.forget()
    membership.rebalances()
    world.run_for("8s")
    assert membership.joins and cluster.groups() == {"crew": "Empty"}
    membership.disowned(Error.UNKNOWN_MEMBER_ID, one.consumer.generation)
    for broker in cluster.brokers.values():
        world.faults.heal(one.machine, broker.machine)
    world.run_for("10s")
    told = [entry.kind for entry in world.recorder.events(PartitionsLost, PartitionsAssigned)]
    assert told == ["PartitionsAssigned", "PartitionsLost", "PartitionsAssigned"]
    assert len(one.consumer.assignment) == 4


class Spy(Interceptor):
    """Marks what is sent, drops every second record that is read, and notes what it hears."""

    def __init__(self):
        self.fates, self.commits = [], []

    def on_send(self, record):
        return record._replace(headers={"seen": b"yes"})

    def on_acknowledgement(self, metadata, error):
        self.fates.append(error.error if error else metadata.offset)

    def on_consume(self, records):
        return records[::2]

    def on_commit(self, offsets):
        self.commits.append(dict(offsets))


class Broken(Interceptor):
    """Fails always."""

    def on_send(self, record):
        raise ValueError("no")

    on_acknowledgement = on_consume = on_commit = lambda self, *news: 1 / 0


def test_interceptors_see_sends_polls_and_commits(cluster):
    spy, machine = Spy(), cluster.world.machine("primary/spy", "home-a")
    machine.start()
    producer = Producer(machine, cluster.bootstrap, {}, "p", interceptors=[Broken(), spy])
    producer.send("flights", b"marked", partition=0)
    producer.send("flights", b"x" * 2_000_000)
    cluster.world.run_for("2s")
    assert sorted(spy.fates, key=str) == sorted([5, Error.MESSAGE_TOO_LARGE], key=str)
    assert [hook for hook, _ in producer.interceptors.failures] == ["on_send"] * 2 + ["on_acknowledgement"] * 2
    consumer = Consumer(machine, cluster.bootstrap, {**READ, "group.id": "crew"}, "c", interceptors=[spy, Broken()])
    consumer.assign([P])
    records = cluster.world.finish(consumer.poll(5_000_000))
    assert [record.offset for record in records] == [0, 2, 4]
    assert consumer.position(P) == 6
    cluster.world.finish(consumer.commit_sync())
    assert spy.commits == [{P: 6}] and [hook for hook, _ in consumer.interceptors.failures] == [
        "on_consume",
        "on_commit",
    ]


class Stamp(Interceptor):
    """Marks what is sent and what is read, and knows its client."""

    def __init__(self, mark):
        self.mark, self.clients, self.closed = mark, [], 0

    def portable(self):
        return {"mark": self.mark}

    def configure(self, client):
        self.clients.append(client.name)

    def close(self):
        self.closed += 1

    def on_send(self, record):
        return record._replace(value=record.value + self.mark)

    def on_consume(self, records):
        return [record._replace(value=record.value.upper()) for record in records]


def test_interceptors_come_in_through_the_front_door(cluster):
    stamp = Stamp(b"!")
    producer = cluster.producer("p", interceptors=[stamp])
    consumer = cluster.consumer("c", config=READ, interceptors=[stamp])
    producer.send("flights", b"marked", partition=0)
    producer.flush()
    consumer.assign("flights-0")
    assert [record.value for record in consumer.poll("5s")][-1] == b"MARKED!"
    cluster.world.faults.crash(consumer.machine)
    cluster.world.faults.start(consumer.machine)
    assert stamp.clients == ["primary/p", "primary/c", "primary/c (life 2)"]
    producer.close()
    consumer.close()
    assert stamp.closed == 2


def test_interceptors_are_made_again_in_a_re_run(cluster):
    cluster.producer("p", interceptors=[Stamp(b"!")]).send("flights", b"marked", partition=0)
    cluster.world.run_for("1s")
    with pytest.raises(JournalError, match="'Stamp' is not known here"):
        cluster.world.fork()
    type(cluster.world).things["Stamp"] = Stamp
    try:
        assert cluster.world.fork().recorder.digest() == cluster.world.recorder.digest()
    finally:
        del type(cluster.world).things["Stamp"]


def test_what_is_no_interceptor_is_refused(cluster):
    with pytest.raises(ConfigException, match="'spy' is no interceptor"):
        cluster.consumer("c", interceptors=["spy"])


# -- bad input
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "config",
    [
        {"group.id": ""},
        {"group.instance.id": "seat-1"},
        {"enable.auto.commit": True},
        {"group.id": "g", "heartbeat.interval.ms": 5000, "session.timeout.ms": 5000},
        {"group.id": "g", "partition.assignment.strategy": "fair"},
        {"group.id": "g", "partition.assignment.strategy": ["range", "range"]},
    ],
)
def test_settings_that_do_not_go_together(cluster, config):
    with pytest.raises(ConfigException):
        cluster.consumer(config=config)


def test_a_broker_with_impossible_sessions():
    with pytest.raises(ConfigException, match="group.min.session.timeout.ms=7"):
        World(seed=1).cluster("c", config={"group.min.session.timeout.ms": 7, "group.max.session.timeout.ms": 6})


def test_calls_that_make_no_sense(cluster):
    lonely = cluster.consumer("lonely", config=READ)
    assert refused(lonely.subscribe, "flights").error == Error.INVALID_GROUP_ID
    assert refused(lonely.commit).error == Error.INVALID_GROUP_ID
    one = member(cluster, "one")
    assert refused(one.assign, "flights-0").error == Error.INVALID_REQUEST
    assert refused(one.subscribe).error == Error.INVALID_REQUEST
    assert refused(one.subscribe, "flights", pattern="f.*").error == Error.INVALID_REQUEST
    assert refused(one.subscribe, pattern="(").error == Error.INVALID_REGULAR_EXPRESSION
    assert refused(one.subscribe, "no topic").error == Error.INVALID_TOPIC_EXCEPTION
    one.poll("10s")
    assert refused(one.commit, {"flights-0": -1}).error == Error.INVALID_REQUEST
    assert (
        refused(one.commit, {"flights-9": 1}).error == Error.REQUEST_TIMED_OUT
    )  # UNKNOWN_TOPIC may pass, and does not
    by_hand = cluster.consumer("by hand", group="other", config=READ)
    by_hand.assign("flights-0")
    assert refused(by_hand.subscribe, "flights").error == Error.INVALID_REQUEST


def test_what_only_the_coordinator_can_refuse_reaches_the_poll(cluster):
    member(cluster, "one").keep_reading()
    cluster.world.run_for("5s")
    other = member(cluster, "other", partition_assignment_strategy="roundrobin")
    assert refused(other.poll, "5s").error == Error.INCONSISTENT_GROUP_PROTOCOL
    hasty = member(cluster, "hasty", session_timeout_ms=5000)
    assert refused(hasty.poll, "5s").error == Error.INVALID_SESSION_TIMEOUT
    assert "1 member," in cluster.describe_group("crew")


def test_administration_refuses_nonsense(cluster):
    assert refused(cluster.reset_offsets, "crew").error == Error.INVALID_REQUEST
    assert refused(cluster.reset_offsets, "crew", to="earliest", shift=1).error == Error.INVALID_REQUEST
    assert refused(cluster.reset_offsets, "crew", to="yesterday").error == Error.INVALID_REQUEST
    assert refused(cluster.reset_offsets, "crew", ["flights-0"], shift=1).error == Error.INVALID_REQUEST
    assert refused(cluster.delete_group, "nobody").error == Error.GROUP_ID_NOT_FOUND
    assert cluster.groups() == {}


# -- the topic behind it
# ------------------------------------------------------------------------------------------------


def test_the_offsets_topic_is_made_as_the_settings_say():
    world = World(seed=1)
    config = {
        "offsets.topic.num.partitions": 7,
        "offsets.topic.replication.factor": 2,
        "offsets.topic.segment.bytes": 9000,
        "offsets.retention.check.interval.ms": 1000,
        "offsets.retention.minutes": 1,
    }
    cluster = world.cluster("primary", brokers=3, config=config)
    cluster.create_topic("flights", 1, 3)
    one = cluster.consumer(group="crew", config=READ)
    one.assign("flights-0")
    one.poll("1s")
    one.commit({"flights-0": 0})
    made = cluster.image.topics["__consumer_offsets"]
    assert [len(partition.replicas) for partition in made.partitions] == [2] * 7
    settings = cluster.image.topic_config("__consumer_offsets")
    assert int(settings["segment.bytes"]) == 9000 and "compact" in settings["cleanup.policy"]
    world.run_for("90s")
    assert cluster.groups() == {}  # its only offset has expired


def test_one_broker_is_enough_for_a_group():
    world = World(seed=1)
    cluster = world.cluster("small", brokers=1)
    cluster.create_topic("flights", 1, 1)
    one = cluster.consumer(group="crew", config=READ)
    one.subscribe("flights")
    one.poll("10s")
    assert len(cluster.image.topics["__consumer_offsets"].partitions) == 50
    assert one.consumer.assignment == [P]
