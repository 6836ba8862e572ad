"""Every law holds in a good run, and breaks when it is lied to."""

from __future__ import annotations

import re

import pytest
from lies import LIES, commit_more, elected, leads_again, recorded_isr
from small_world import TP, SmallWorld

from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.events.governance import LeaderElected, ReplicasRecorded
from minikafka.events.replication import BecameFollower, BecameLeader, HighWatermarkAdvanced, HighWatermarkLearned
from minikafka.laws.all_laws import LAWS, all_laws
from minikafka.laws.commit_laws import CandidatesHaveWhatIsCommitted, FollowersDoNotRunAhead
from minikafka.laws.controller_laws import LeadersComeFromTheIsr
from minikafka.laws.fold_law import differences
from minikafka.laws.history_laws import AcknowledgedMeansCommitted, HighWatermarkNeverFalls
from minikafka.laws.sight import Sight
from minikafka.laws.storage_laws import RecoveryKeepsWhatIsWhole
from minikafka.world.laws import LawBroken
from minikafka.world.recorder import NOTHING

EVERY = {"index.interval.bytes": 0}


def a_good_run(world: World) -> None:
    """Elections, a crash, a loss of power, a freeze, a clean stop, a leader cut off: all of it survivable."""
    fast = {"broker.session.timeout.ms": 1500, "broker.heartbeat.interval.ms": 400, "replica.lag.time.max.ms": 1500,
            "offsets.topic.num.partitions": 1, "min.insync.replicas": 2, "log.cleaner.backoff.ms": 1000,
            "transaction.state.log.num.partitions": 1}  # fmt: skip
    cluster = world.cluster("primary", brokers=4, config=fast)
    cluster.create_topic("flights", partitions=3, replication_factor=3, config={"min.insync.replicas": 2, **EVERY})
    seats = cluster.producer(config={"linger.ms": 0, "batch.size": 0})
    compact = {"cleanup.policy": "compact", "segment.bytes": 500, "min.insync.replicas": 2, **EVERY}
    cluster.create_topic("seats", partitions=1, replication_factor=3, config=compact)
    for number in range(30):
        seats.send("seats", f"v{number}", key=f"k{number % 4}")
        seats.flush()
    world.start(Departures(cluster, rate=20, limit=800))
    world.start(Departures(cluster, rate=20, limit=800, acks=1, config={"enable.idempotence": False}))
    reader = cluster.consumer(config={"auto.offset.reset": "earliest"})
    reader.assign("flights-0", "flights-1", "flights-2")
    member = cluster.consumer(group="crew", config={"auto.offset.reset": "earliest"})
    member.subscribe("flights")
    member.keep_reading()
    booking = cluster.producer(transactional_id="booking")
    careful = cluster.consumer(config={"auto.offset.reset": "earliest", "isolation.level": "read_committed"})
    careful.assign("flights-0", "flights-1", "flights-2")
    for end in (booking.commit, booking.abort, booking.commit):
        booking.begin()
        for partition in range(3):
            booking.send("flights", f"{end.__name__} {world.now}", partition=partition)
        booking.flush()
        end()
    world.run_for("2s")
    for verb, broker in (("crash", 1), ("power_off", 2), ("freeze", 3), ("stop", 4)):
        getattr(world.faults, verb)(f"primary/b{broker}")
        world.run_for("3s")
        world.faults.thaw(f"primary/b{broker}") if verb == "freeze" else world.faults.start(f"primary/b{broker}")
        world.run_for("4s")
    lonely = cluster.leader("flights-0").name
    others = [f"primary/{name}" for name in ("b1", "b2", "b3", "b4", "controller") if f"primary/{name}" != lonely]
    for other in others:
        world.faults.cut(lonely, other)
    world.run_for("3s")
    for other in others:
        world.faults.heal(lonely, other)
    world.run_for("4s")
    for _ in range(20):
        reader.poll("300ms")
        careful.poll("300ms")
    governed = world.cluster("governed", brokers=1, controllers=3)
    world.faults.power_off(governed.active_controller.machine)
    world.run_for("10s")
    governed.create_topic("weather")
    behind_a_door(world)


def behind_a_door(world: World) -> None:
    """A second cluster, in which carol proves her name, writes, reads, and is told no."""
    config = {"authorizer.class.name": "StandardAuthorizer", "listeners": "SASL_PLAINTEXT",
              "sasl.enabled.mechanisms": "SCRAM-SHA-256", "offsets.topic.num.partitions": 1,
              "offsets.topic.replication.factor": 1}  # fmt: skip
    cluster = world.cluster("guarded", brokers=2, config=config)
    cluster.create_topic("flights", partitions=1, replication_factor=2)
    cluster.create_user("carol", "teacup")
    carol = {"sasl.username": "carol", "sasl.password": "teacup"}
    member = cluster.consumer("carols member", group="crew", config={**carol, "auto.offset.reset": "earliest"})
    cluster.add_acl("User:carol", ["READ", "WRITE"], "topic:fl", pattern="PREFIXED")
    cluster.add_acl("User:carol", "READ", "group:crew")
    member.subscribe("flights")
    member.keep_reading()
    producer = cluster.producer("carols producer", config={**carol, "linger.ms": 0})
    for _ in range(20):
        producer.send("flights", "x", partition=0)
        world.run_for("300ms")
    cluster.add_acl("User:*", "ALL", "topic:flights", "DENY")
    refused = producer.send("flights", "x", partition=0)
    world.run_for("1s")
    assert refused.error is not None


@pytest.fixture(scope="module")
def good():
    """A world after a good run under all laws."""
    world = World(seed=5)
    world.law(*all_laws(world))
    a_good_run(world)
    return world


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_it_holds_in_a_good_run(good, law):
    watched = next(one for one in good.laws if type(one) is law)
    assert next(good.recorder.events(*watched.KINDS), None), "the good run gives this law nothing to look at"
    assert all(history.durable for history in Sight.of(good).histories.values())


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_lie_breaks_it(law):
    small = SmallWorld(law(), topic=EVERY)
    LIES[law](small)
    why = small.broken(law)
    assert re.search(r"flights-0|broker \d|\w+/(b\d|controller)", why), f"{why!r} does not say where"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_it_states_itself(law):
    assert re.match(r"([ABIRCTO]\d+( \(\w+\))?(, [TR]\d+)*: |The picture folded)", law.__doc__), law.__doc__
    assert len(law().name.split()) >= 3, law().name


def test_laws_cost_less_than_half_of_a_run():
    """In steps of the kernel nothing is added at all; the digest is the same with and without laws."""
    with_laws, without = World(seed=5, keep=NOTHING), World(seed=5, keep=NOTHING)
    with_laws.law(*all_laws(with_laws))
    for world in (with_laws, without):
        a_good_run(world)
    assert with_laws.recorder.digest() == without.recorder.digest()
    assert with_laws.kernel.steps == without.kernel.steps


def test_all_laws_leaves_out_those_that_are_obeyed_already():
    world = World(seed=1)
    world.law(*all_laws(world))
    assert len(world.laws) == len(LAWS) and all_laws(world) == []


def test_laws_may_come_late():
    world = World(seed=5)
    cluster = world.cluster("primary", brokers=3)
    cluster.create_topic("flights", partitions=2, replication_factor=3, config={"min.insync.replicas": 2})
    world.start(Departures(cluster, rate=50, limit=200))
    world.run_for("2s")
    world.law(*all_laws(world))
    assert differences(Sight.of(world)) is None
    world.faults.crash("primary/b1")
    world.run_for("15s")
    assert differences(Sight.of(world)) is None
    assert Sight.of(world).history("primary/b2", TP).end > 0


def test_laws_that_come_late_to_a_world_without_memory_say_so():
    world = World(seed=5, keep=NOTHING)
    world.cluster("primary", brokers=1)
    with pytest.raises(ValueError, match="before its clusters are made"):
        world.law(*all_laws(world))


def test_a_fork_obeys_the_same_laws():
    small = SmallWorld(AcknowledgedMeansCommitted())
    again = small.world.fork()
    assert [type(law) for law in again.laws] == [AcknowledgedMeansCommitted]
    assert Sight.of(again) is not Sight.of(small.world)


def test_a_broken_law_names_the_event():
    small = SmallWorld(CandidatesHaveWhatIsCommitted())
    commit_more(small)
    with pytest.raises(LawBroken) as caught:
        small.let_time_pass()
    assert caught.value.entry.kind == "HighWatermarkAdvanced"
    assert "candidates have what is committed is broken at T+" in str(caught.value)


def test_laws_of_durability_rest_after_an_unclean_election():
    small = SmallWorld(CandidatesHaveWhatIsCommitted())
    now = small.recorded
    fields = (now.leader_epoch + 1, (2,), (), now.partition_epoch + 1, False, "unclean leader election")
    small.tell(0, LeaderElected(TP, 2, *fields))
    commit_more(small)
    small.let_time_pass()
    assert "elected uncleanly" in small.sight.history("primary/b1", TP).broken


@pytest.mark.parametrize("elr, dark, holds", [(True, (2,), True), (True, (2, 3), False), (False, (2, 3), True)])
def test_durability_counts_lost_tails(elr, dark, holds):
    """With ELR fewer than min.insync.replicas may lose theirs; without it, anybody but the last of the ISR."""
    small = SmallWorld(CandidatesHaveWhatIsCommitted(), elr=elr)
    for broker in dark:
        small.world.faults.power_off(small.place(broker))
    assert small.sight.history("primary/b1", TP).durable is holds
    small.world.run_for("4s")
    for broker in dark:
        small.world.faults.start(small.place(broker))
    small.world.run_for("6s")
    assert small.sight.history("primary/b1", TP).durable is holds
    assert sorted(small.recorded.isr) == [1, 2, 3]
    assert not any(copy.lossy or copy.doubtful for copy in small.sight.history("primary/b1", TP).copies.values())


def test_without_elr_the_last_of_the_isr_must_not_lose_its_tail():
    small = SmallWorld(CandidatesHaveWhatIsCommitted(), elr=False)
    for broker in (2, 3):
        small.world.faults.crash(small.place(broker))
    small.world.run_for("5s")
    assert small.recorded.isr == (1,)
    small.world.faults.power_off("primary/b1")
    assert not small.sight.history("primary/b1", TP).durable


def test_a_crash_that_costs_records_is_found():
    small = SmallWorld(RecoveryKeepsWhatIsWhole())
    small.world.faults.crash("primary/b3")
    disk = small.cluster.brokers[3].machine.disk
    path = "flights-0/00000000000000000000.log"
    disk.truncate(path, disk.size(path) - 10)
    with pytest.raises(LawBroken, match="has cost flights-0 the offsets 4..4"):
        small.world.faults.start("primary/b3")


def test_a_high_watermark_may_not_fall_in_the_step_in_which_a_reign_begins():
    small = SmallWorld(HighWatermarkNeverFalls())
    partition = small.partition(1)
    partition.leader_epoch += 1
    leads_again(small, 1)
    small.log(1).high_watermark -= 3
    assert "fell from 5 to 2" in small.broken(HighWatermarkNeverFalls)


def test_a_new_reign_may_begin_with_a_lower_high_watermark():
    small = SmallWorld(HighWatermarkNeverFalls())
    small.log(1).high_watermark -= 3
    small.partition(1).leader_epoch += 1
    leads_again(small, 1)
    small.let_time_pass()


@pytest.mark.parametrize("new_end, ahead", [(4, False), (5, True)])
def test_a_cut_takes_the_high_watermark_of_a_follower_down(new_end, ahead):
    """Down to its new end it fell by itself; anything else was learned, and no leader has said so."""
    small = SmallWorld(FollowersDoNotRunAhead())
    leads_again(small, 1)
    small.tell(1, HighWatermarkAdvanced(TP, 5, 3, 1))  # all that this law knows of the leader
    small.log(2).truncate_to(new_end)
    small.tell(2, HighWatermarkLearned(TP, 9, 4))
    if ahead:
        assert "has learned the high watermark 4" in small.broken(FollowersDoNotRunAhead)
    else:
        small.let_time_pass()


@pytest.mark.parametrize("between", [True, False])
def test_a_move_excuses_only_the_election_that_completes_it(between):
    """Who arrived with a move may lead by that; once something else was recorded, it counts like anybody else."""
    small = SmallWorld(LeadersComeFromTheIsr())
    recorded_isr(small, (1, 2))
    small.tell(0, ReplicasRecorded(TP, (3, 1, 2), (), (), (1, 2, 3)))
    if between:
        recorded_isr(small, (1, 2))
    elected(small, 3, (3, 2))
    if between:
        assert "the ISR was [1, 2]" in small.broken(LeadersComeFromTheIsr)
    else:
        small.let_time_pass()


def test_what_a_leader_commits_as_it_steps_down_is_not_the_next_leaders_word():
    """Both in one step: the old leader's mark is no bound for those who follow the new one."""
    small = SmallWorld(FollowersDoNotRunAhead())
    small.tell(2, BecameLeader(TP, 1, 5, (1, 2, 3), 1), HighWatermarkAdvanced(TP, 5, 9, 2))
    small.let_time_pass()
    small.append(1, "committed by the new leader")
    small.tell(1, HighWatermarkAdvanced(TP, 4, 5, 1), BecameFollower(TP, 2, 1, 6, 1))
    small.let_time_pass()
    small.tell(1, HighWatermarkLearned(TP, 5, 6))
    small.let_time_pass()
    small.tell(1, HighWatermarkLearned(TP, 6, 10))
    assert "has learned the high watermark 10" in small.broken(FollowersDoNotRunAhead)


def test_a_damaged_disk_excuses_a_short_log():
    small = SmallWorld(RecoveryKeepsWhatIsWhole())
    small.world.faults.crash("primary/b3")
    small.world.faults.damage("primary/b3", "flights-0/00000000000000000000.log", 30)
    small.world.faults.start("primary/b3")
    small.world.run_for("5s")
    assert small.log(3).log_end_offset == 5
