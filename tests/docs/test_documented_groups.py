"""What Kafka's documents say of consumer groups, a sentence each."""

import pytest

from minikafka import TopicPartition
from minikafka.client.assignors import ASSIGNORS
from minikafka.client.interceptors import Interceptor
from minikafka.client.range_assignor import Wish
from minikafka.coordinator.group_partition import partition_for
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.consumer_settings import CONSUMER
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.group_requests import HeartbeatRequest, JoinGroupRequest, OffsetFetchRequest, OffsetPartition
from minikafka.protocol.settings import Config

QUICK = {"offsets__topic__num__partitions": 1, "group__initial__rebalance__delay__ms": 100}
READ = {"auto.offset.reset": "earliest", "heartbeat.interval.ms": 500}


@pytest.fixture
def group(scene):
    """A cluster with four partitions of flights, two records in each, and `member(name)` to join the group crew."""
    world = scene(**QUICK)
    world.cluster.create_topic("flights", partitions=4, replication_factor=3)
    producer = world.producer()
    for number in range(8):
        producer.send("flights", b"m%d" % number, partition=number % 4)
    producer.flush()

    def member(name, **config):
        settings = {**READ, **{key.replace("__", "."): value for key, value in config.items()}}
        made = world.cluster.consumer(name, group="crew", config=settings)
        made.subscribe("flights")
        made.keep_reading()
        return made

    world.member = member
    return world


def coordinator(world):
    """The broker that coordinates crew, and the group as it has it."""
    for number, handle in world.cluster.brokers.items():
        for shard in handle.broker.offsets_topic.groups.shards.active():
            if shard.group("crew") is not None:
                return number, shard.group("crew")
    return None, None


# -- defaults ---------------------------------------------------------------------------------------------------------


def test_the_defaults_of_a_member():
    """Consumer configs; session.timeout.ms since 3.0 (KIP-735), the two assignors since 3.0 (KIP-429)."""
    config = Config(CONSUMER, {})
    assert (config["session.timeout.ms"], config["heartbeat.interval.ms"]) == (45_000, 3_000)
    assert (config["max.poll.interval.ms"], config["max.poll.records"]) == (300_000, 500)
    assert (config["enable.auto.commit"], config["auto.commit.interval.ms"]) == (True, 5_000)
    assert config["partition.assignment.strategy"] == ("range", "cooperative-sticky")
    assert config["auto.offset.reset"] == "latest"


def test_the_defaults_of_a_coordinator():
    """Broker configs: group.* and offsets.*."""
    config = Config(BROKER, {})
    assert (config["group.min.session.timeout.ms"], config["group.max.session.timeout.ms"]) == (6_000, 1_800_000)
    assert (config["group.initial.rebalance.delay.ms"], config["offsets.commit.timeout.ms"]) == (3_000, 5_000)
    assert (config["offsets.topic.num.partitions"], config["offsets.topic.replication.factor"]) == (50, 3)
    assert (config["offsets.retention.minutes"], config["offset.metadata.max.bytes"]) == (10_080, 4_096)


@pytest.mark.parametrize(
    ("name", "partition"),
    [("g", 3), ("app", 1), ("demo", 1), ("cg-0", 35), ("group1", 40), ("my-group", 12), ("console-consumer-1", 24)],
)
def test_a_group_is_coordinated_by_the_leader_of_its_partition_of_the_offsets_topic(name, partition):
    """GroupCoordinatorService.partitionFor: the absolute hash of the group's id, as Java makes it, modulo 50."""
    assert partition_for(name, 50) == partition


# -- who reads what ---------------------------------------------------------------------------------------------------


def test_each_partition_is_read_by_exactly_one_member(group):
    """Kafka docs, Design, The Consumer: each partition is consumed by exactly one consumer within each group."""
    one, two, three = (group.member(name) for name in ("one", "two", "three"))
    group.until(lambda: all(member.consumer.assignment for member in (one, two, three)))
    group.world.run_for("8s")
    owned = [partition for member in (one, two, three) for partition in member.consumer.assignment]
    assert sorted(owned) == [TopicPartition("flights", number) for number in range(4)]


def test_range_gives_neighbours_topic_by_topic():
    """RangeAssignor's documentation: two topics of three partitions, two members."""
    shares = ASSIGNORS["range"]({"t0": 3, "t1": 3}, {"c0": Wish(("t0", "t1")), "c1": Wish(("t0", "t1"))})
    assert {name: [str(one) for one in share] for name, share in shares.items()} == {
        "c0": ["t0-0", "t0-1", "t1-0", "t1-1"],
        "c1": ["t0-2", "t1-2"],
    }


def test_round_robin_deals_one_by_one():
    """RoundRobinAssignor's documentation: the same topics and members."""
    shares = ASSIGNORS["roundrobin"]({"t0": 3, "t1": 3}, {"c0": Wish(("t0", "t1")), "c1": Wish(("t0", "t1"))})
    assert {name: [str(one) for one in share] for name, share in shares.items()} == {
        "c0": ["t0-0", "t0-2", "t1-1"],
        "c1": ["t0-1", "t1-0", "t1-2"],
    }


def test_who_cooperates_keeps_what_it_keeps(group):
    """KIP-429: partitions that do not move are read on; what moves is given back before anybody else has it."""
    one = group.member("one", partition__assignment__strategy="cooperative-sticky")
    group.until(lambda: len(one.consumer.assignment) == 4)
    two = group.member("two", partition__assignment__strategy="cooperative-sticky")
    kept = []
    group.until(lambda: kept.append(len(one.consumer.assignment)) or len(two.consumer.assignment) == 2)
    assert sorted(dict.fromkeys(kept)) == [2, 4]  # never nothing, as with the eager assignors


# -- who is there -----------------------------------------------------------------------------------------------------


def test_a_member_without_an_id_is_given_one_and_comes_back_with_it(group):
    """KIP-394: MEMBER_ID_REQUIRED, so that a lost answer leaves no member behind whom nobody knows."""
    group.member("one")
    group.until(lambda: coordinator(group)[1] is not None and coordinator(group)[1].state == "Stable")
    broker, known = coordinator(group)
    protocols = [(row.name, row.metadata) for row in next(iter(known.members.values())).protocols]
    answer = group.ask(broker, JoinGroupRequest("crew", 45_000, 60_000, "", None, "consumer", protocols, "new", None))
    assert answer.error == Error.MEMBER_ID_REQUIRED and answer.member_id.startswith("new-")
    assert answer.member_id not in known.members and answer.member_id in known.pending


def test_no_heartbeats_for_a_session_and_the_member_is_out(group):
    """Consumer configs, session.timeout.ms: the broker removes it and begins a rebalance."""
    one, two = group.member("one", session__timeout__ms=6000), group.member("two", session__timeout__ms=6000)
    group.until(lambda: len(one.consumer.assignment) == len(two.consumer.assignment) == 2)
    group.world.faults.freeze(two.machine)
    group.world.run_for("5s")
    assert len(one.consumer.assignment) == 2
    group.until(lambda: len(one.consumer.assignment) == 4)


def test_no_poll_for_max_poll_interval_ms_and_the_member_leaves(group):
    """Consumer configs, max.poll.interval.ms (KIP-62): its process lives and sends heartbeats, and still it is out."""
    slow = group.cluster.consumer("slow", group="crew", config={**READ, "max.poll.interval.ms": 6000})
    slow.subscribe("flights")
    slow.poll("5s")
    assert slow.consumer.generation == 1
    group.world.run_for("7s")
    assert slow.consumer.generation == -1 and group.cluster.groups() == {"crew": "Empty"}


def test_a_static_member_restarts_without_a_rebalance(group):
    """KIP-345: the same group.instance.id, within the session; and closing says no goodbye."""
    seat = group.member("seat", group__instance__id="seat-1", session__timeout__ms=20_000)
    group.until(lambda: len(seat.consumer.assignment) == 4)
    group.world.faults.crash(seat.machine)
    group.world.run_for("10s")
    group.world.faults.start(seat.machine)
    seat.subscribe("flights")
    seat.keep_reading()
    group.until(lambda: len(seat.consumer.assignment) == 4)
    assert seat.consumer.generation == 1
    seat.close()
    group.world.run_for("10s")
    assert group.cluster.groups() == {"crew": "Stable"}


@pytest.mark.parametrize("strategy", ["range", "sticky", "cooperative-sticky"])
def test_so_does_one_that_has_joined_more_than_once(group, strategy):
    """GroupMetadataManager.updateStaticMemberThenRebalanceOrCompleteJoin: what it tells the leader may be another thing
    than before (what it owns, and since when), as long as the same protocol would be chosen."""
    timing = {"partition__assignment__strategy": strategy, "session__timeout__ms": 20_000}
    seats = [group.member("seat1", group__instance__id="seat-1", **timing)]
    group.until(lambda: len(seats[0].consumer.assignment) == 4)
    seats.append(group.member("seat2", group__instance__id="seat-2", **timing))
    group.until(lambda: all(len(seat.consumer.assignment) == 2 for seat in seats))
    group.world.run_for("10s")
    before = seats[1].consumer.generation
    group.world.faults.crash(seats[0].machine)
    group.world.run_for("5s")
    group.world.faults.start(seats[0].machine)
    seats[0].subscribe("flights")
    seats[0].keep_reading()
    group.until(lambda: len(seats[0].consumer.assignment) == 2)
    group.world.run_for("10s")
    assert [seat.consumer.generation for seat in seats] == [before, before]


# -- how far it is ----------------------------------------------------------------------------------------------------


def test_what_is_committed_is_the_next_offset_to_read(group):
    """KafkaConsumer's documentation: the offset of the next message that the application will read."""
    one = group.member("one", enable__auto__commit=False)
    group.until(lambda: len(one.seen) == 8)
    one.commit()
    assert [one.committed(f"flights-{number}") for number in range(4)] == [2, 2, 2, 2]


def test_nothing_committed_is_no_error(group):
    """OffsetFetch: offset -1 and no error, for a group that nobody knows and for a partition without a commit."""
    one = group.member("one", enable__auto__commit=False)
    group.until(lambda: len(one.seen) == 8)
    broker, _ = coordinator(group)
    for name in ("crew", "nobody"):
        [row] = group.ask(broker, OffsetFetchRequest(name, [OffsetPartition("flights", 0)])).partitions
        assert (row.offset, row.leader_epoch, row.metadata, row.error) == (-1, -1, "", Error.NONE)


def test_a_commit_is_not_held_against_the_log(group):
    """OffsetCommit: an offset that does not exist is taken; what comes of it is the group's own affair."""
    one = group.member("one", enable__auto__commit=False)
    group.until(lambda: len(one.seen) == 8)
    one.commit({"flights-0": 4_711})
    assert one.committed("flights-0") == 4_711
    one.commit({"flights-0": 0})  # nor against what was committed before
    assert one.committed("flights-0") == 0


def test_offsets_are_kept_for_a_week_after_the_last_member_has_left(scene):
    """Broker configs, offsets.retention.minutes: counted from when the group became empty."""
    world = scene(**QUICK, offsets__retention__minutes=10)
    world.topic()
    world.fill("m1")
    one = world.cluster.consumer("one", group="crew", config=READ)
    one.subscribe("flights")
    one.poll("5s")
    one.close()
    world.world.run_for("9min")
    assert world.cluster.groups() == {"crew": "Empty"}
    world.world.run_for("12min")
    assert world.cluster.groups() == {}


def test_offsets_are_reset_only_while_the_group_is_inactive(group):
    """kafka-consumer-groups --reset-offsets: it looks at the state first, and refuses anything but Empty and Dead."""
    one = group.member("one")
    group.until(lambda: len(one.seen) == 8)
    with pytest.raises(KafkaError, match="reset while it is inactive, and it is Stable with 1 member") as refused:
        group.cluster.reset_offsets("crew", to="earliest")
    assert refused.value.error == Error.NON_EMPTY_GROUP
    one.close()
    moved = group.cluster.reset_offsets("crew", to="earliest")
    assert set(moved.values()) == {0} and len(moved) == 4


@pytest.mark.parametrize(("back", "offset"), [("PT30S", 1), ("PT10M", 0), ("PT1S", 2)])
def test_offsets_are_reset_by_a_duration(scene, back, offset):
    """kafka-consumer-groups --reset-offsets --by-duration; where nothing is so young, the end (KAFKA-12287)."""
    world = scene(**QUICK)
    world.topic()
    world.fill("old")
    world.world.run_for("1min")
    world.fill("young")
    world.world.run_for("20s")
    one = world.cluster.consumer("one", group="crew", config=READ)
    one.subscribe("flights")
    one.poll("5s")
    one.close()
    assert world.cluster.reset_offsets("crew", to=f"by_duration:{back}") == {TopicPartition("flights", 0): offset}


@pytest.mark.parametrize(("back", "first"), [("PT30S", "young"), ("PT1H", "old"), ("P1DT2H3M4.5S", "old")])
def test_a_consumer_without_a_position_goes_back_as_far_as_it_is_told(scene, back, first):
    """KIP-1106: auto.offset.reset=by_duration:<ISO 8601>."""
    world = scene()
    world.topic()
    world.fill("old")
    world.world.run_for("1min")
    world.fill("young")
    reader = world.consumer(auto__offset__reset=f"by_duration:{back}")
    assert reader.poll("5s")[0].value == first.encode()


def test_a_duration_in_which_nothing_has_happened_leaves_the_consumer_waiting(scene):
    """OffsetFetcherUtils: an unknown offset moves nobody; the question is asked again."""
    world = scene()
    world.topic()
    world.fill("old")
    world.world.run_for("1min")
    reader = world.consumer(auto__offset__reset="by_duration:PT1S")
    assert reader.poll("5s") == [] and reader.position("flights-0") is None
    world.fill("new")
    reader.keep_reading("10ms")
    world.world.run_for("500ms")
    world.fill("newer")
    world.world.run_for("2s")
    assert [value for _, _, value in reader.seen][-1] == b"newer"


# -- fencing ----------------------------------------------------------------------------------------------------------


def test_a_zombie_cannot_commit(group):
    """KafkaConsumer's documentation, CommitFailedException: the group has given its partitions to somebody else."""
    one = group.member("one", session__timeout__ms=6000, enable__auto__commit=False)
    group.until(lambda: len(one.seen) == 8)
    group.world.faults.freeze(one.machine)
    group.member("two", session__timeout__ms=6000)
    group.world.run_for("20s")
    group.world.faults.thaw(one.machine)
    with pytest.raises(KafkaError) as refused:
        one.commit({"flights-0": 1})
    assert refused.value.error in (Error.UNKNOWN_MEMBER_ID, Error.ILLEGAL_GENERATION)
    assert one.committed("flights-0") == 2


def test_an_old_generation_is_refused(group):
    """Heartbeat: ILLEGAL_GENERATION for any generation but the present one."""
    one = group.member("one")
    group.until(lambda: len(one.seen) == 8)
    broker, known = coordinator(group)
    member = next(iter(known.members))
    answers = [group.ask(broker, HeartbeatRequest("crew", number, member, None)).error for number in (0, 1, 2)]
    assert answers == [Error.ILLEGAL_GENERATION, Error.NONE, Error.ILLEGAL_GENERATION]


# -- interceptors -----------------------------------------------------------------------------------------------------


class Stamp(Interceptor):
    """Marks what goes through."""

    def __init__(self, mark: str):
        self.mark = mark

    def on_send(self, record):
        return record._replace(value=record.value + self.mark)


class Clumsy(Interceptor):
    """Fails always."""

    def on_send(self, record):
        raise ValueError("no")


def test_interceptors_are_called_in_their_order_and_their_errors_stay_with_them(group):
    """KIP-42: each gets what the one before made of the record; an exception is logged and goes no further."""
    producer = group.cluster.producer("marked", interceptors=[Stamp("-a"), Clumsy(), Stamp("-b")])
    producer.send("flights", "m", partition=0)
    producer.flush()
    assert group.values(1)[-1] == "m-a-b"
    assert [hook for hook, _ in producer.producer.interceptors.failures] == ["on_send"]
