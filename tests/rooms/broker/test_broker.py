"""A cluster at work: commit, crash, election, truncation, leave-taking."""

import pytest
from three_brokers import Three

from minikafka.events.replication import (
    BecameLeader,
    BrokerShutDown,
    BrokerStarted,
    RegistrationGivenUp,
    ReplicaDiverged,
)
from minikafka.events.storage import LogRecovered
from minikafka.protocol.channel import Channel
from minikafka.protocol.client_requests import ProducePartition, ProduceRequest
from minikafka.protocol.records import build_batch


def test_a_record_is_committed_everywhere():
    three = Three()
    producer = three.producer()
    receipts = [producer.send("flights", f"m{number}", partition=0) for number in range(10)]
    producer.flush()
    assert [receipt.done and not receipt.error for receipt in receipts] == [True] * 10
    three.run("1s")
    assert three.agree()
    assert [three.view(number).high_watermark for number in (1, 2, 3)] == [10, 10, 10]


def test_a_follower_learns_the_high_watermark_within_the_fetch_wait():
    three = Three()
    three.producer().send("flights", "m", partition=0)
    three.run_until(lambda: three.view(1).high_watermark == 1)
    assert three.view(2).high_watermark == 0
    three.run("501ms")
    assert three.view(2).high_watermark == 1


def test_the_leader_crashes_and_what_it_alone_had_is_cut():
    three = Three()
    three.producer().send("flights", "kept", partition=0)
    three.run("1s")
    hold_from(three, 1)
    lost = three.producer(acks="1").send("flights", "lost", partition=0)
    three.run("100ms")
    assert lost.done
    assert three.view(1).log.log_end_offset == 2
    three.world.faults.crash(three.machines[1])
    three.run_until(lambda: three.leads(2))
    three.producer().send("flights", "new", partition=0)
    three.run("1s")
    release_from(three, 1)
    three.world.faults.start(three.machines[1])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    assert three.agree()
    assert [value for _, _, value in three.values(1)] == ["kept", "new"]
    (cut,) = three.events(ReplicaDiverged, 1)
    assert (cut.epoch, cut.end_offset, cut.truncate_to) == (0, 1, 1)


def hold_from(three, number):
    for other in three.machines:
        if other != number:
            three.world.faults.hold(three.machines[number], three.machines[other])


def release_from(three, number):
    for other in three.machines:
        if other != number:
            three.world.faults.release(three.machines[number], three.machines[other])


def test_a_dead_leader_is_replaced_after_its_session():
    three = Three()
    crashed_at = three.world.now
    three.world.faults.crash(three.machines[1])
    three.run_until(lambda: three.leads(2))
    assert 7_000_000 <= three.world.now - crashed_at <= 10_200_000
    assert three.events(BecameLeader, 2)[0].leader_epoch == 1


def test_controlled_shutdown_hands_over_at_once_and_comes_back_without_a_scan():
    three = Three()
    producer = three.producer()
    producer.send("flights", "m", partition=0)
    producer.flush()
    began = three.world.now
    three.cluster.brokers[1].shut_down()
    (led,) = three.events(BecameLeader, 2)
    assert led.leader_epoch == 1
    assert three.world.now - began < 5_000_000  # the others must have told the controller that they know
    assert three.machines[1].state == "down"
    assert (three.leader(), three.in_sync(2, 3)) == (2, True)
    assert len(three.events(BrokerShutDown, 1)) == 1
    producer.send("flights", "while it was away", partition=0)
    producer.flush()
    three.world.faults.start(three.machines[1])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    assert three.events(LogRecovered, 1) == []
    assert three.agree()
    assert three.leader() == 2


def test_a_power_loss_takes_what_was_not_flushed_and_replication_brings_it_back():
    three = Three()
    producer = three.producer()
    producer.send("flights", "m", partition=0)
    producer.flush()
    three.world.faults.power_off(three.machines[3])
    three.run("20s")
    three.world.faults.start(three.machines[3])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    assert three.agree()


def test_a_follower_that_is_cut_off_leaves_the_isr_and_comes_back():
    three = Three()
    three.world.faults.cut(three.machines[1], three.machines[3])
    producer = three.producer()
    receipt = producer.send("flights", "m", partition=0)
    three.run_until(lambda: three.in_sync(1, 2), within=50)
    three.run("1s")
    assert receipt.done
    three.world.faults.heal(three.machines[1], three.machines[3])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    three.run("1s")
    assert three.agree()


def test_a_leader_without_a_controller_goes_on_serving_and_acks_all_needs_its_followers():
    three = Three()
    for other in (three.controller, three.machines[2], three.machines[3]):
        three.world.faults.cut(three.machines[1], other)
    one, everybody = three.producer(acks="1"), three.producer(acks="all")
    accepted = one.send("flights", "accepted", partition=0)
    waits = everybody.send("flights", "waits", partition=0)
    three.run("2s")
    assert accepted.done and not accepted.error
    assert not waits.done
    three.run_until(lambda: three.leader() == 2)
    assert three.view(1).is_leader
    assert three.view(1).high_watermark == 0
    for other in (three.controller, three.machines[2], three.machines[3]):
        three.world.faults.heal(three.machines[1], other)
    three.run_until(lambda: three.in_sync(1, 2, 3) and three.leads(2))
    everybody.flush()
    three.run("1s")
    assert three.agree()
    assert "accepted" not in [value for _, _, value in three.values(2)]
    assert waits.done and not waits.error


def test_under_min_isr_nothing_is_committed():
    three = Three(min_isr=3)
    three.world.faults.crash(three.machines[3])
    three.run_until(lambda: three.in_sync(1, 2))
    accepted = three.producer(acks="1").send("flights", "m", partition=0)
    refused = three.producer(acks="all", **{"delivery.timeout.ms": 3000, "request.timeout.ms": 1000}).send(
        "flights", "n", partition=0
    )
    three.run("5s")
    assert accepted.done
    assert refused.error is not None
    assert (three.view(1).log.log_end_offset, three.view(1).high_watermark) == (1, 0)
    three.world.faults.start(three.machines[3])
    three.run_until(lambda: three.view(1).high_watermark == 1)


def test_a_deleted_topic_leaves_no_files_even_on_a_broker_that_was_down():
    three = Three()
    producer = three.producer()
    producer.send("flights", "m", partition=0)
    producer.flush()
    three.cluster.brokers[3].shut_down()
    three.cluster.delete_topic("flights")
    three.run("1s")
    three.world.faults.start(three.machines[3])
    three.run("2s")
    for machine in three.machines.values():
        assert machine.disk.list("flights-0/") == []
    three.cluster.create_topic("flights", config={"min.insync.replicas": 2}, assignment=[[3, 1, 2]])
    three.run("1s")
    assert three.values(3) == []


def test_deleted_records_are_gone_everywhere():
    three = Three()
    producer = three.producer()
    for number in range(5):
        producer.send("flights", f"m{number}", partition=0)
    producer.flush()
    three.run("1s")
    assert three.cluster.delete_records("flights-0", before=3) == 3
    assert [three.view(number).log.log_start_offset for number in (1, 2, 3)] == [3, 3, 3]


def test_an_idempotent_producer_survives_an_election():
    three = Three()
    producer = three.producer()
    receipts = []
    for number in range(200):
        receipts.append(producer.send("flights", f"m{number}", partition=0))
        three.run("50ms")
        if number == 60:
            three.world.faults.crash(three.machines[1])
    producer.flush()
    assert all(receipt.error is None for receipt in receipts)
    assert [value for _, _, value in three.values(2)] == [f"m{number}" for number in range(200)]


def test_an_error_with_acks_0_ends_the_connection_and_nothing_else():
    three = Three()
    asker = three.world.machine("asker", three.machines[1].zone)
    asker.start()
    channel = Channel(asker, three.machines[2].name)
    request = ProduceRequest(0, 1000, [ProducePartition("flights", 0, build_batch([(0, None, b"m", None)]))])
    three.world.finish(channel.tell(request))
    three.run("10ms")
    assert not channel.open
    assert three.values(1) == []
    three.producer().send("flights", "m", partition=0)
    three.run("1s")
    assert three.agree()


def test_a_broker_that_finds_no_controller_gives_up_after_a_minute():
    three = Three()
    three.world.faults.crash(three.machines[3])
    three.world.faults.crash(three.controller)
    three.world.faults.start(three.machines[3])
    three.run("61s")
    assert three.machines[3].state == "down"
    assert len(three.events(RegistrationGivenUp, 3)) == 1


def test_a_broker_serves_only_when_it_knows_its_own_registration():
    three = Three()
    three.world.faults.crash(three.machines[3])
    three.run("20s")
    three.world.faults.start(three.machines[3])
    three.run_until(lambda: len(three.events(BrokerStarted, 3)) == 2)
    started = three.events(BrokerStarted, 3)[1]
    assert three.broker(3).image.offset >= started.broker_epoch
    assert three.broker(3).broker_epoch == started.broker_epoch
    assert three.view(3).role == "follower"


def test_a_restart_within_the_session_waits_for_its_end():
    three = Three()
    three.world.faults.crash(three.machines[1])
    three.run("1s")
    three.world.faults.start(three.machines[1])
    three.run("5s")
    assert three.broker(1).broker_epoch == -1
    three.run_until(lambda: three.in_sync(1, 2, 3) and three.leader() == 2)
    assert three.agree()


def test_a_producer_id_that_is_silent_for_long_is_forgotten():
    three = Three(config={"producer.id.expiration.ms": 300_000})
    producer = three.producer()
    producer.send("flights", "m", partition=0)
    producer.flush()
    three.run("5min")
    assert len(three.view(1).log.producers.entries) == 1
    three.run("6min")
    assert [len(three.view(number).log.producers.entries) for number in (1, 2, 3)] == [0, 0, 0]


def test_a_fenced_follower_counts_no_more():
    three = Three()
    three.world.faults.cut(three.machines[3], three.controller)
    three.run_until(lambda: three.in_sync(1, 2))
    three.run("1s")
    assert three.view(1).isr_state.isr == (1, 2)
    fetched = three.view(1).replicas[3].last_fetch_time
    three.run("2s")
    three.view(1).replicas[3].fold(three.view(1).log.log_end_offset)
    assert three.view(1).replicas[3].last_fetch_time > fetched
    assert three.in_sync(1, 2)
    three.world.faults.heal(three.machines[3], three.controller)
    three.run_until(lambda: three.in_sync(1, 2, 3))


def test_a_preferred_election_moves_the_leadership_back():
    three = Three()
    three.cluster.brokers[1].shut_down()
    three.world.faults.start(three.machines[1])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    three.cluster.elect("flights-0")
    three.run_until(lambda: three.leads(1))
    assert not three.view(2).is_leader


@pytest.mark.parametrize("partitions", [3, 60])
def test_an_idle_visit_costs_the_same_with_many_partitions(partitions):
    three = Three()
    three.cluster.create_topic("many", partitions=partitions, replication_factor=3)
    three.run("5s")
    before = len(three.world.recorder.trace)
    three.run("10s")
    assert len(three.world.recorder.trace) - before < 900
    for broker in (1, 2, 3):
        for session in three.broker(broker).sessions.sessions.values():
            assert session.dirty == {}
