"""The cleaner at work in a broker: it finds the dirtiest log, and leaves alone what changes under its hands."""

import pytest

from minikafka import World
from minikafka.events.storage import CompactionGivenUp, CompactionStarted, LogCompacted
from minikafka.laws.all_laws import all_laws
from minikafka.laws.fold_law import differences
from minikafka.laws.sight import Sight
from minikafka.log.segment import CLEANED, SWAP

COMPACT = {"cleanup.policy": "compact", "segment.bytes": 400, "min.insync.replicas": 2}


class Seats:
    """Three brokers under all laws, and a compacted topic of one partition."""

    def __init__(self, laws=True, **config):
        self.world = World(seed=9)
        self.world.law(*(all_laws(self.world) if laws else ()))
        self.cluster = self.world.cluster("primary", brokers=3, config={"log.cleaner.backoff.ms": 1000, **config})
        self.topic("seats")
        self.producer = self.cluster.producer(config={"linger.ms": 0, "batch.size": 0})
        self.sent = 0

    def topic(self, name):
        self.cluster.create_topic(name, config=COMPACT, assignment=[[1, 2, 3]])

    def write(self, count, topic="seats"):
        for _ in range(count):
            self.producer.send(topic, f"v{self.sent}", key=f"k{self.sent % 4}", partition=0)
            self.sent += 1
            self.producer.flush()

    def log(self, broker=1, topic="seats"):
        return self.cluster.replicas(f"{topic}-0")[broker].log

    def cleaner(self, broker=1):
        return self.cluster.brokers[broker].broker.cleaner

    def told(self, kind, broker=1):
        return [entry.event for entry in self.world.recorder.events(kind) if entry.place == f"primary/b{broker}"]

    def until(self, condition):
        for _ in range(100_000):
            if condition():
                return
            self.world.kernel.step()
        pytest.fail("it does not happen")


@pytest.fixture
def seats():
    return Seats()


def test_every_replica_compacts_its_own_log(seats):
    seats.write(20)
    seats.world.run_for("2s")
    for broker in (1, 2, 3):
        assert len(seats.told(LogCompacted, broker)) == 1
        assert len(seats.log(broker).batches()) < 10 and seats.log(broker).log_end_offset == 20
        assert seats.cluster.brokers[broker].machine.disk.read("cleaner-offset-checkpoint") == b"0\n1\nseats 0 16\n"
    seats.world.run_for("5s")
    assert len(seats.told(CompactionStarted)) == 1  # nothing is new
    assert differences(Sight.of(seats.world)) is None


def test_the_checkpoint_outlives_a_stop(seats):
    seats.write(20)
    seats.world.run_for("2s")
    seats.cluster.brokers[1].shut_down()
    seats.world.faults.start("primary/b1")
    seats.world.run_for("5s")
    assert seats.log().cleaned_to == 16 and len(seats.told(CompactionStarted)) == 1


def test_the_dirtiest_log_comes_first(seats):
    seats.topic("gates")
    seats.write(40)
    seats.world.run_for("2s")
    seats.write(50)
    seats.write(20, "gates")
    seats.world.run_for("2s")
    assert [event.partition.topic for event in seats.told(CompactionStarted)] == ["seats", "gates", "seats"]


def test_a_broker_without_a_compacted_log_has_no_cleaner():
    world = World(seed=9)
    cluster = world.cluster("primary", brokers=1)
    cluster.create_topic("flights", partitions=1, replication_factor=1)
    world.run_for("1s")
    assert not cluster.brokers[1].broker.cleaner._started
    cluster.alter_config("flights", {"cleanup.policy": "compact,delete"})
    world.run_for("1s")
    assert cluster.brokers[1].broker.cleaner._started


def test_the_backoff_may_change_while_it_rests(seats):
    seats.cluster.alter_config(1, {"log.cleaner.backoff.ms": 60_000})
    seats.world.run_for("3s")
    seats.write(20)
    seats.world.run_for("10s")
    assert seats.told(LogCompacted, 2) and not seats.told(LogCompacted, 1)


def test_a_log_that_is_cut_during_the_pauses_is_left_alone(seats):
    """Re-check after each await: the sleep between writing, renaming and putting in place."""
    for ending in (CLEANED, SWAP):
        seats = Seats()
        seats.write(30)
        disk = seats.cluster.brokers[3].machine.disk
        seats.until(lambda disk=disk, ending=ending: any(path.endswith(ending) for path in disk.list("seats-0/")))
        log = seats.log(3)
        before = len(log.segments)
        log.cut()
        seats.until(lambda seats=seats: seats.told(CompactionGivenUp, 3))
        assert seats.told(CompactionGivenUp, 3)[0].why == "the log has lost segments meanwhile"
        assert len(log.segments) == before and log.cleaned_to == 0
        assert not [path for path in disk.list("seats-0/") if path.endswith((CLEANED, SWAP))]


@pytest.mark.parametrize("pause", ["", CLEANED, SWAP])
def test_a_log_whose_topic_is_deleted_and_made_anew_during_the_pauses_is_left_alone(seats, pause):
    """What was written of the former log is not put into the one that has its name."""
    seats.write(30)
    disk = seats.cluster.brokers[1].machine.disk
    seats.until(lambda: any(path.endswith(pause) for path in disk.list("seats-0/")) if pause else seats.cleaner().busy)
    started = len(seats.told(LogCompacted))
    seats.cluster.delete_topic("seats")
    seats.topic("seats")
    seats.until(lambda: seats.told(CompactionGivenUp))
    assert seats.told(CompactionGivenUp)[0].why == "the log was closed" and len(seats.told(LogCompacted)) == started
    assert not [path for path in disk.list("seats-0/") if path.endswith((CLEANED, SWAP))]
    seats.write(3)
    seats.world.run_for("1s")
    assert [(header.base_offset, header.next_offset) for header in seats.log().batches()] == [(0, 1), (1, 2), (2, 3)]
    assert differences(Sight.of(seats.world)) is None


def test_a_leader_that_loses_its_reign_goes_on_cleaning(seats):
    """Cleaning is a matter of each replica: an election during a pause changes nothing about what is committed."""
    seats.write(30)
    seats.until(lambda: seats.cleaner(1).busy)
    epoch = seats.cluster.registration("seats-0").leader_epoch
    seats.world.faults.freeze("primary/b1")
    seats.until(lambda: seats.cluster.registration("seats-0").leader_epoch > epoch)
    seats.world.faults.thaw("primary/b1")
    seats.world.run_for("15s")
    assert seats.told(LogCompacted, 1) and sorted(seats.cluster.registration("seats-0").isr) == [1, 2, 3]
    assert differences(Sight.of(seats.world)) is None


def test_a_replica_that_starts_over_takes_the_gaps_along():
    seats = Seats(laws=False)  # a disk that loses a log is more than any promise outlives
    seats.write(30)
    seats.world.run_for("2s")
    seats.cluster.brokers[3].shut_down()
    disk = seats.cluster.brokers[3].machine.disk
    for path in disk.list("seats-0/"):
        disk.delete(path)
    seats.world.faults.start("primary/b3")
    seats.world.run_for("5s")
    leader, again = seats.log(1), seats.log(3)
    assert [(one.base_offset, one.crc) for one in again.batches()] == [(one.base_offset, one.crc)
                                                                       for one in leader.batches()]  # fmt: skip
    assert again.log_end_offset == 30


def test_the_offsets_topic_is_compacted_and_its_replay_still_right():
    seats = Seats(**{"offsets.topic.num.partitions": 1, "offsets.topic.segment.bytes": 2000})
    seats.write(30)
    config = {"auto.offset.reset": "earliest", "enable.auto.commit": False}
    member = seats.cluster.consumer(group="crew", config=config)
    member.subscribe("seats")
    for _ in range(5):
        member.poll("1s")
    for offset in range(30):
        member.commit({"seats-0": offset})
    seats.world.run_for("3s")
    leader = seats.cluster.leader("__consumer_offsets-0")
    log = leader.broker.partitions["__consumer_offsets", 0].log
    assert log.cleaned_to > 10 and len(log.batches()) < 30
    seats.world.faults.crash(leader.name)
    seats.world.run_for("30s")
    assert seats.cluster.leader("__consumer_offsets-0") is not leader
    assert member.committed("seats-0") == 29
