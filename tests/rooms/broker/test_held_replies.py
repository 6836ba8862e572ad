"""Every wait of a broker, with the reply held until the world has changed: what comes late must not count."""

import pytest
from three_brokers import FLIGHTS, Three

from minikafka.broker.follower_partition import FollowerPartition
from minikafka.events.replication import HighWatermarkAdvanced, IsrChangeAsked
from minikafka.events.storage import BatchAppended
from minikafka.protocol.admin_requests import PREFERRED, ElectLeadersRequest
from minikafka.protocol.channel import Channel
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition

PLAIN = {"enable.idempotence": False}
OTHER = TopicPartition("other", 0)


def led_by_1_but_preferring_3():
    """flights-0 with replicas [3, 1, 2], led by 1; other-0 led by 1 for good, so that 2 always fetches from 1."""
    three = Three(replicas=(3, 1, 2), topic={"min.insync.replicas": 1})
    three.cluster.create_topic("other", assignment=[[1, 2, 3]])
    three.cluster.brokers[3].shut_down()
    three.world.faults.start(three.machines[3])
    three.run_until(lambda: three.in_sync(1, 2, 3) and three.in_sync(1, 2, 3, tp=OTHER))
    three.run("1s")
    assert three.leads(1) and three.leads(1, OTHER)
    return three


def appended_at(three, number, tp=FLIGHTS):
    return [(one.base_offset, one.leader_epoch) for one in three.events(BatchAppended, number) if one.partition == tp]


def hold(three, one, *others):
    for other in others:
        three.world.faults.hold(three.machines[one], other if hasattr(other, "name") else three.machines[other])


def release(three, one, *others):
    for other in others:
        three.world.faults.release(three.machines[one], other if hasattr(other, "name") else three.machines[other])


# -- a follower waits for its fetch


def test_records_of_a_former_leader_are_not_appended():
    three = led_by_1_but_preferring_3()
    hold(three, 1, 2, 3)
    three.producer(acks="1").send("flights", "old", partition=0)
    three.producer(acks="1").send("other", "of use", partition=0)
    three.run("300ms")
    three.cluster.elect("flights-0")
    three.run("300ms")
    assert three.view(2).leader == 3
    epoch = three.view(2).leader_epoch
    release(three, 1, 2, 3)
    three.run("1s")
    assert appended_at(three, 2) == []
    assert appended_at(three, 2, OTHER) == [(0, three.view(2, OTHER).leader_epoch)]
    three.producer(acks="all").send("flights", "new", partition=0)
    three.run("2s")
    assert appended_at(three, 2) == [(0, epoch)]
    assert three.agree()


@pytest.mark.parametrize("with_the_recheck", [True, False])
def test_records_of_the_same_leader_from_before_two_elections_are_not_appended(with_the_recheck, monkeypatch):
    if not with_the_recheck:
        monkeypatch.setattr(FollowerPartition, "still_asks", lambda self, question: True)
    three = led_by_1_but_preferring_3()
    old_epoch = three.view(1).leader_epoch
    hold(three, 1, 2, 3)
    three.producer(acks="1").send("flights", "old", partition=0)
    three.run("300ms")
    three.cluster.elect("flights-0")
    three.run_until(lambda: three.leads(3) and three.view(1).leader == 3)
    release(three, 1, 3)
    three.run("2s")
    assert three.values(1) == []
    three.cluster.brokers[3].shut_down()
    three.run_until(lambda: three.leads(1) and three.view(2).leader_epoch == three.view(1).leader_epoch)
    assert three.view(1).leader_epoch > old_epoch
    release(three, 1, 2)
    three.run("20ms")
    assert ((0, old_epoch) in appended_at(three, 2)) != with_the_recheck


def test_records_of_a_topic_that_was_deleted_are_not_appended_to_the_one_that_has_its_name():
    """Both begin with offset 0 and leader epoch 0: only the topic id tells them apart."""
    three = Three(replicas=(1, 2, 3))
    three.cluster.create_topic("other", assignment=[[1, 2, 3]])
    three.run("1s")
    hold(three, 1, 3)
    three.producer(acks="1").send("flights", "old", partition=0)
    three.run("20ms")
    three.cluster.delete_topic("flights")
    three.cluster.create_topic("flights", assignment=[[1, 2, 3]])
    three.run("20ms")
    assert three.view(3).leader == 1 and three.view(3).log.log_end_offset == 0
    release(three, 1, 3)
    three.run("1s")
    assert appended_at(three, 3) == []
    three.producer(acks="all").send("flights", "new", partition=0)
    three.run("2s")
    assert three.values(3) == three.values(1) == [(0, 0, "new")]


# -- a follower waits for its leader's offsets


def test_offsets_of_a_former_leader_do_not_cut_the_log():
    three = led_by_1_but_preferring_3()
    producer = three.producer()
    for number in range(3):
        producer.send("flights", f"m{number}", partition=0)
        producer.flush()
    three.run("1s")
    fetcher = three.broker(2).fetchers.fetchers[1]
    asked = fetcher.session.asked[FLIGHTS]
    hold(three, 1, 2)
    task = three.machines[2].spawn(fetcher.find_position(FLIGHTS, asked))
    three.run("100ms")
    assert not task.done
    three.cluster.elect("flights-0")
    three.run_until(lambda: three.view(2).leader == 3)
    state = three.broker(2).fetchers.fetchers[3].states[FLIGHTS]
    before = (state.fetch_offset, three.view(2).log.log_end_offset)
    release(three, 1, 2)
    three.run("1s")
    assert task.done
    assert (state.fetch_offset, three.view(2).log.log_end_offset) == before == (3, 3)


# -- a leader waits for AlterPartition


def out_of_the_isr(number=3, **options):
    """`number` was cut off from the others until it left the ISR of flights-0."""
    three = Three(**options)
    others = [other for other in three.machines if other != number]
    for other in others:
        three.world.faults.cut(three.machines[number], three.machines[other])
    three.producer(acks="1").send("flights", "m0", partition=0)
    three.run_until(lambda: three.in_sync(*others))
    three.run("2s")
    return three, others


def test_a_recorded_isr_whose_answer_is_held_counts_as_the_maximal_one():
    """KIP-497: the controller has added 3, the leader has not heard so; it must wait for 3 all the same."""
    three, _ = out_of_the_isr()
    three.world.faults.hold(three.controller, three.machines[1])
    three.world.faults.heal(three.machines[3], three.machines[1])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    assert three.view(1).isr_state.isr == (1, 2)
    assert three.view(1).isr_state.maximal_isr == (1, 2, 3)
    three.world.faults.hold(three.machines[1], three.machines[3])
    three.run("1s")
    committed = three.view(1).high_watermark
    receipt = three.producer(**PLAIN).send("flights", "m1", partition=0)
    three.run("2s")
    assert not receipt.done
    assert (three.view(1).log.log_end_offset, three.view(2).log.log_end_offset) == (2, 2)
    assert three.view(1).high_watermark == committed
    three.world.faults.release(three.machines[1], three.machines[3])
    three.run("2s")
    assert receipt.done and not receipt.error
    three.world.faults.release(three.controller, three.machines[1])
    three.run("3s")
    assert three.view(1).isr_state.isr == tuple(three.registered().isr)


def test_an_isr_answer_after_the_leadership_was_lost_changes_nothing():
    three, _ = out_of_the_isr(replicas=(1, 2, 3))
    three.world.faults.hold(three.controller, three.machines[1])
    three.world.faults.heal(three.machines[3], three.machines[1])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    asked = len(three.events(IsrChangeAsked, 1))
    three.run_until(lambda: three.leader() == 2, within=30)  # its heartbeats get no answers, and time out
    three.world.faults.heal(three.machines[3], three.machines[2])
    three.world.faults.release(three.controller, three.machines[1])
    three.run_until(lambda: three.view(1).role == "follower" and three.in_sync(1, 2, 3))
    assert three.view(1).isr_state.maximal_isr == ()
    assert len(three.events(IsrChangeAsked, 1)) >= asked
    assert three.view(2).isr_state.isr == tuple(three.registered().isr)
    assert three.agree()


def test_a_held_shrink_keeps_waiting_for_the_one_that_shall_leave():
    three = Three()
    three.world.faults.cut(three.machines[3], three.machines[1])
    receipt = three.producer(**{"delivery.timeout.ms": 200_000}).send("flights", "m", partition=0)
    three.world.run_until("45s")
    while not three.in_sync(1, 2):
        three.run(50)
    three.world.faults.hold(three.controller, three.machines[1])
    three.run("1s")
    assert three.view(1).isr_state.in_flight
    assert three.view(2).log.log_end_offset == 1
    assert three.view(1).high_watermark == 0
    assert not receipt.done
    three.world.faults.release(three.controller, three.machines[1])
    three.run("2s")
    assert three.view(1).high_watermark == 1
    assert receipt.done


# -- a producer's batch waits to be committed


def test_a_batch_that_waits_across_an_election_is_answered_not_leader():
    three = led_by_1_but_preferring_3()
    hold(three, 1, 2, 3)
    receipt = three.producer(acks="all", retries=0, **PLAIN).send("flights", "old", partition=0)
    three.run("300ms")
    assert not receipt.done
    three.cluster.elect("flights-0")
    three.run("1s")
    assert receipt.error.error == Error.NOT_LEADER_OR_FOLLOWER
    release(three, 1, 2, 3)
    three.run("2s")
    assert three.agree()
    assert three.values(3) == []


# -- a fetch is parked


def test_a_fetch_parked_across_an_election_is_told_so_and_does_not_count():
    three = led_by_1_but_preferring_3()
    three.run("50ms")
    before = three.view(1).leader_epoch
    three.cluster.elect("flights-0")
    three.run("50ms")
    assert three.view(1).replicas == {}
    three.run("1s")
    assert three.view(2).leader_epoch == before + 1
    assert sorted(three.view(3).replicas) == [1, 2]
    assert three.in_sync(1, 2, 3)


# -- a broker waits for its controller


def test_metadata_that_comes_late_is_applied_in_order_and_epochs_keep_everybody_safe():
    """KIP-320: 2 does not hear of two elections and keeps asking the old leader; its fetches do not count."""
    three = led_by_1_but_preferring_3()
    three.world.faults.hold(three.controller, three.machines[2])
    asking = Channel(three.cluster.admin.machine, three.machines[3].name)
    three.world.finish(asking.ask(ElectLeadersRequest(PREFERRED, [("flights", 0)]), 30_000_000))
    three.run_until(lambda: three.leads(3))
    assert three.view(2).leader == 1
    three.producer(acks="1").send("flights", "m", partition=0)
    three.run("2s")
    assert three.view(3).high_watermark == 0
    assert three.view(3).replicas[2].log_end_offset == -1
    three.world.faults.release(three.controller, three.machines[2])
    three.run("3s")
    assert three.view(3).high_watermark == 1
    assert three.agree()


def test_a_heartbeat_answer_that_is_held_fences_nobody_by_itself():
    three = Three()
    three.world.faults.hold(three.controller, three.machines[2])
    three.run("1500ms")
    three.world.faults.release(three.controller, three.machines[2])
    three.run("20s")
    assert three.in_sync(1, 2, 3)
    assert not three.broker(2).lifecycle.fenced


def test_a_registration_answer_that_is_held_is_given_again():
    three = Three()
    three.cluster.brokers[3].shut_down()
    before = three.cluster.image.brokers[3].epoch
    three.world.faults.start(three.machines[3])
    while three.cluster.image.brokers[3].epoch == before:
        three.run(50)
    epoch = three.cluster.image.brokers[3].epoch
    three.world.faults.hold(three.controller, three.machines[3])
    three.run("5s")
    assert three.broker(3).broker_epoch == -1
    three.world.faults.release(three.controller, three.machines[3])
    three.run_until(lambda: three.in_sync(1, 2, 3))
    assert three.broker(3).broker_epoch == epoch


def test_a_broker_that_leaves_while_its_controller_is_silent_goes_on_serving():
    three = Three()
    three.world.faults.hold(three.controller, three.machines[1])
    stopping = three.world.stop_in_order(three.machines[1])
    three.run("5s")
    assert three.view(1).is_leader
    receipt = three.producer(acks="1").send("flights", "m", partition=0)
    three.run("1s")
    assert receipt.done
    three.world.faults.release(three.controller, three.machines[1])
    three.run_until(lambda: stopping.done)
    assert three.machines[1].state == "down"
    assert three.leader() == 2


def test_a_block_of_producer_ids_that_comes_late():
    three = Three()
    three.world.faults.hold(three.controller, three.machines[1])
    three.world.faults.hold(three.controller, three.machines[2])
    three.world.faults.hold(three.controller, three.machines[3])
    receipt = three.producer(acks="all").send("flights", "m", partition=0)
    three.run("1500ms")
    assert not receipt.done
    for number in (1, 2, 3):
        three.world.faults.release(three.controller, three.machines[number])
    three.run("10s")
    assert receipt.done and not receipt.error


def test_the_high_watermark_never_falls_within_a_reign():
    three = led_by_1_but_preferring_3()
    producer = three.producer()
    for number in range(30):
        producer.send("flights", f"m{number}", partition=0)
        three.run("30ms")
        if number == 10:
            three.cluster.elect("flights-0")
    producer.flush()
    reached = {}
    for one in three.world.recorder.events(HighWatermarkAdvanced):
        if one.event.partition == FLIGHTS:
            assert one.event.old < one.event.new
            reached.setdefault(one.place, []).append(one.event.new)
    assert all(marks == sorted(marks) for marks in reached.values())
    three.run("1s")
    assert three.agree()
