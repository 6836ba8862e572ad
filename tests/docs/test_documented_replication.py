"""What Kafka's documents and its code say of replication, a sentence each."""

import pytest
from scene import FLIGHTS

from minikafka.protocol.client_requests import (
    EARLIEST_TIMESTAMP,
    LATEST_TIMESTAMP,
    MAX_TIMESTAMP,
    EpochPartition,
    ListOffsetsPartition,
    ListOffsetsRequest,
    OffsetForLeaderEpochRequest,
    ProducePartition,
    ProduceRequest,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.records import build_batch

OLD = {"eligible.leader.replicas.version": 0}


def listed(scene, broker, timestamp, replica=-1, epoch=-1):
    row = ListOffsetsPartition("flights", 0, epoch, timestamp)
    return scene.ask(broker, ListOffsetsRequest(replica, 0, [row])).partitions[0]


# -- the high watermark -----------------------------------------------------------------------------------------------


def test_a_followers_position_is_the_offset_of_its_latest_fetch(scene):
    """Kafka docs, Replication: a follower is a consumer of the leader; what it has is known by what it asks for."""
    world = scene()
    world.topic(1, 2)
    world.send(world.producer(), "m0", flush=False)
    world.until(lambda: world.log(2).log_end_offset == 1)
    assert world.view(1).replicas[2].log_end_offset == 0
    world.until(lambda: world.view(1).replicas[2].log_end_offset == 1)


def test_a_follower_learns_the_high_watermark_a_round_later(scene):
    """KIP-101, motivation: the high watermark reaches a follower with the answer to its next fetch."""
    world = scene()
    world.topic()
    world.fill("m0")
    [receipt] = world.send(world.producer(), "m1")
    assert receipt.metadata.offset == 1
    assert (world.log(1).high_watermark, world.log(2).high_watermark) == (2, 1)
    world.world.run_for("600ms")
    assert world.log(2).high_watermark == 2


def test_the_answer_to_a_fetch_carries_the_marks_from_before_it(scene):
    """Partition.fetchRecords: the high watermark is read first, then the follower's position is noted."""
    world = scene()
    world.topic(1, 2)
    world.cluster.world.faults.crash("primary/b2")
    world.send(world.producer(), "m0", flush=False)
    world.until(lambda: world.log(1).log_end_offset == 1)
    epoch = world.cluster.image.brokers[2].epoch
    assert world.fetch(1, 1, epoch=0, last=0, replica=2, replica_epoch=epoch).high_watermark == 0
    assert world.log(1).high_watermark == 1


def test_the_high_watermark_waits_for_the_isr_and_for_those_about_to_join(scene):
    """KIP-497: while an ISR change may or may not have been recorded, every replica that may be in it counts."""
    world = scene(replica__lag__time__max__ms=4000)
    world.topic()
    world.fill("m0")
    world.cluster.broker(3).shut_down()
    world.world.faults.start("primary/b3")
    world.until(lambda: world.view(1).isr_state.in_flight)
    assert world.view(1).isr_state.isr == (1, 2)
    assert set(world.view(1).isr_state.maximal_isr) == {1, 2, 3}


def test_under_min_insync_replicas_the_high_watermark_stands_still(scene):
    """KAFKA-15583 (3.7): the high watermark does not advance while the ISR is below min.insync.replicas."""
    world = scene(broker__session__timeout__ms=3000, broker__heartbeat__interval__ms=500)
    world.topic(1, 2, min__insync__replicas=2)
    world.fill("m0")
    world.world.faults.crash("primary/b2")
    world.until(lambda: world.view(1).isr_state.isr == (1,))
    [receipt] = world.send(world.producer(acks="1"), "m1")
    world.world.run_for("5s")
    assert receipt.error is None and world.log(1).high_watermark == 1 and world.log(1).log_end_offset == 2


def test_a_topic_needs_no_more_in_sync_replicas_than_it_has(scene):
    """Partition.effectiveMinIsr (3.7): one replica with min.insync.replicas=3 takes acks=all."""
    world = scene()
    world.topic(1, min__insync__replicas=3)
    [receipt] = world.send(world.producer(acks="all"), "m0")
    assert receipt.metadata.offset == 0


def test_high_watermarks_are_checkpointed_every_five_seconds(scene):
    """Broker configs: replica.high.watermark.checkpoint.interval.ms is 5000."""
    world = scene()
    world.topic()
    world.fill("m0")
    disk = world.cluster.broker(2).machine.disk
    name = "replication-offset-checkpoint"
    while not disk.exists(name) or b"flights 0 1" not in disk.read(name):
        world.world.run_for("100ms")
    assert world.world.now <= 6_000_000


# -- acks and min.insync.replicas -------------------------------------------------------------------------------------


def test_min_insync_replicas_is_asked_before_writing_only_with_acks_all(scene):
    """Topic configs, min.insync.replicas: it speaks of producers that set acks to all."""
    world = scene(broker__session__timeout__ms=3000, broker__heartbeat__interval__ms=500)
    world.topic(1, 2, min__insync__replicas=2)
    world.world.faults.crash("primary/b2")
    world.until(lambda: world.view(1).isr_state.isr == (1,))
    [refused] = world.send(world.producer(acks="all", retries=0), "m0")
    assert refused.error.error == Error.NOT_ENOUGH_REPLICAS and refused.error.definite
    assert world.log(1).log_end_offset == 0
    [taken] = world.send(world.producer(acks="1"), "m1")
    assert taken.metadata.offset == 0


def test_what_timed_out_may_still_be_committed(scene):
    """DelayedProduce: after the append only the waiting fails; the record stays."""
    world = scene()
    world.topic(1, 2, min__insync__replicas=2)
    producer = world.producer(acks="all", retries=0, request__timeout__ms=1000)
    world.fill("m0")
    world.world.faults.hold("primary/b1", "primary/b2")
    [receipt] = world.send(producer, "m1")
    assert receipt.error.error == Error.REQUEST_TIMED_OUT and not receipt.error.definite
    world.world.faults.release("primary/b1", "primary/b2")
    world.world.run_for("1s")
    assert world.log(1).high_watermark == 2


def test_acks_1_is_answered_by_the_leader_alone(scene):
    """Producer configs, acks=1: if the leader fails before the followers have copied the record, it is lost."""
    world = scene()
    world.topic(1, 2)
    world.world.faults.hold("primary/b1", "primary/b2")
    [receipt] = world.send(world.producer(acks="1"), "m0")
    assert receipt.metadata.offset == 0 and world.values(2) == []


def test_acks_other_than_0_1_and_all_are_refused(scene):
    """Protocol guide, error 21: INVALID_REQUIRED_ACKS."""
    world = scene()
    world.topic()
    batch = build_batch([(0, None, b"m0", None)])
    response = world.ask(1, ProduceRequest(2, 1000, [ProducePartition("flights", 0, batch)]))
    assert response.partitions[0].error == Error.INVALID_REQUIRED_ACKS and world.log(1).log_end_offset == 0


# -- the ISR ----------------------------------------------------------------------------------------------------------


def test_a_lagging_follower_leaves_the_isr_after_one_to_one_and_a_half_lag_times(scene):
    """Broker configs, replica.lag.time.max.ms; ReplicaManager looks every half of it."""
    world = scene(replica__lag__time__max__ms=10_000)
    world.topic()
    world.fill("m0")
    world.world.faults.hold("primary/b1", "primary/b3")
    began = world.world.now
    world.send(world.producer(acks="1"), "m1")
    world.until(lambda: world.recorded.isr == (1, 2))
    assert 9_400_000 <= world.world.now - began <= 15_500_000


def test_an_idle_partition_keeps_a_silent_follower_in_the_isr(scene):
    """Replica.isCaughtUp: with the same log end as the leader a follower is caught up however long it is silent."""
    world = scene(replica__lag__time__max__ms=2000, broker__session__timeout__ms=60_000)
    world.topic()
    world.fill("m0")
    world.world.faults.crash("primary/b3")
    world.world.run_for("30s")
    assert world.recorded.isr == (1, 2, 3)


def test_a_fenced_broker_is_out_of_every_isr(scene):
    """KIP-841: fenced replicas are kept out of the ISR."""
    world = scene()
    world.topic()
    world.world.faults.crash("primary/b3")
    world.until(lambda: world.cluster.image.brokers[3].fenced)
    assert world.recorded.isr == (1, 2)


def test_a_follower_joins_the_isr_at_the_high_watermark_and_at_the_start_of_the_epoch(scene):
    """Partition.canAddReplicaToIsr: it has to reach both; the end of the log may still be ahead."""
    world = scene(broker__session__timeout__ms=3000, broker__heartbeat__interval__ms=500)
    world.topic()
    world.fill("m0", "m1")
    world.cluster.broker(3).shut_down()
    world.fill("m2")
    world.world.faults.start("primary/b3")
    world.until(lambda: world.times("IsrChangeAsked"))
    replica = world.view(1).replicas[3]
    assert replica.log_end_offset >= max(world.log(1).high_watermark, world.view(1).leader_epoch_start_offset)


# -- leaders and epochs -----------------------------------------------------------------------------------------------


def test_the_first_live_member_of_the_isr_in_the_order_of_replicas_is_elected(scene):
    """PartitionChangeBuilder: the order of the replica list decides, not who has most."""
    world = scene()
    world.topic(1, 3, 2)
    world.fill("m0")
    world.world.faults.crash("primary/b1")
    world.until(lambda: world.recorded.leader != 1)
    assert world.recorded.leader == 3


def test_the_leader_epoch_rises_with_every_change_of_leader_also_to_none(scene):
    """KIP-101, KRaft: the controller raises the leader epoch whenever it writes the leader."""
    world = scene()
    world.topic(1)
    assert world.recorded.leader_epoch == 0
    world.world.faults.crash("primary/b1")
    world.until(lambda: world.recorded.leader == -1)
    assert world.recorded.leader_epoch == 1
    world.world.faults.start("primary/b1")
    world.until(lambda: world.recorded.leader == 1)
    assert world.recorded.leader_epoch == 2


def test_a_change_of_the_isr_alone_raises_only_the_partition_epoch(scene):
    """KIP-497 and metadata version 3.6: an ISR shrink does not begin a new leader epoch."""
    world = scene()
    world.topic()
    before = world.recorded
    world.cluster.broker(3).shut_down()
    assert world.recorded.leader_epoch == before.leader_epoch
    assert world.recorded.partition_epoch == before.partition_epoch + 1


def test_a_new_leader_keeps_what_it_has_above_its_high_watermark(scene):
    """Kafka docs, Replication: leaders do not truncate; what they have becomes committed."""
    world = scene()
    world.topic()
    world.send(world.producer(acks="1"), "m0", flush=False)
    world.until(lambda: world.log(2).log_end_offset == 1)
    world.world.faults.crash("primary/b1")
    assert world.log(2).high_watermark == 0
    world.until(lambda: world.view(2).is_leader and world.log(2).high_watermark == 1)
    assert world.values(2) == ["m0"] and world.epochs(2) == [0]


def test_a_leader_notes_its_epoch_before_it_writes_anything(scene):
    """KAFKA-7415: a leader that has written nothing yet still answers for its epoch."""
    world = scene()
    world.topic()
    world.fill("m0")
    world.cluster.broker(1).shut_down()
    world.until(lambda: world.view(2).is_leader)
    assert [tuple(entry) for entry in world.log(2).epochs.entries] == [(0, 0), (1, 1)]


def test_a_restarted_follower_does_not_cut_its_log_to_its_high_watermark(scene):
    """KIP-101: the high watermark says nothing of where logs part."""
    world = scene()
    world.topic()
    world.fill("m0")
    [receipt] = world.send(world.producer(), "m1")
    assert receipt.done and world.log(3).high_watermark == 1
    world.world.faults.crash("primary/b3")
    world.world.faults.start("primary/b3")
    assert world.cluster.broker(3).broker.store.logs[FLIGHTS].log_end_offset == 2
    world.until(lambda: 3 not in world.recorded.isr)
    world.until(lambda: 3 in world.recorded.isr)
    assert world.values(3) == ["m0", "m1"] and not world.times("LogTruncated")


def test_without_elr_the_last_member_stays_in_the_isr(scene):
    """Before KIP-966: the ISR of a partition without leader still names who led last."""
    world = scene(features=OLD)
    world.topic(1, 2)
    world.cluster.broker(2).shut_down()
    world.cluster.broker(1).shut_down()
    assert (world.recorded.leader, world.recorded.isr) == (-1, (1,))


def test_with_elr_who_leaves_an_isr_below_the_minimum_stays_eligible(scene):
    """KIP-966: since nothing is committed below min.insync.replicas, that replica has all that is."""
    world = scene()
    world.topic(1, 2, 3, min__insync__replicas=2)
    for broker in (1, 2, 3):
        world.cluster.broker(broker).shut_down()
    assert (world.recorded.isr, world.recorded.elr) == ((), (2, 3))
    world.world.faults.start("primary/b2")
    world.until(lambda: world.recorded.leader == 2)
    assert world.recorded.isr == (2,)


def test_an_unclean_election_takes_the_first_live_replica_as_the_whole_isr(scene):
    """unclean.leader.election.enable: a replica that is not in the ISR, as a last resort."""
    world = scene(features=OLD)
    world.topic(1, 2, 3, unclean__leader__election__enable=True)
    world.world.faults.crash("primary/b3")
    world.until(lambda: world.recorded.isr == (1, 2))
    world.cluster.broker(2).shut_down()
    world.world.faults.hold("primary/b3", "primary/b1")
    world.world.faults.start("primary/b3")
    world.until(lambda: world.cluster.image.brokers[3].alive)
    world.world.faults.crash("primary/b1")
    world.until(lambda: world.recorded.leader == 3)
    assert world.recorded.isr == (3,)


# -- what a leader answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("epoch", "error"), [(0, Error.FENCED_LEADER_EPOCH), (1, Error.NONE), (2, Error.UNKNOWN_LEADER_EPOCH)]
)
def test_a_fetch_names_the_leader_epoch_it_was_made_under(scene, epoch, error):
    """KIP-320: older is fenced, newer is not known yet."""
    world = scene()
    world.topic()
    world.cluster.broker(1).shut_down()
    world.until(lambda: world.view(2).is_leader)
    assert world.fetch(2, 0, epoch=epoch).error == error


def test_only_the_leader_answers(scene):
    """Protocol guide, error 6: NOT_LEADER_OR_FOLLOWER."""
    world = scene()
    world.topic()
    assert world.fetch(2, 0).error == Error.NOT_LEADER_OR_FOLLOWER


def test_a_fetch_between_high_watermark_and_log_end_is_empty_and_no_error(scene):
    """ReplicaManager.readFromLog: out of range is only what lies beyond the log end or before its start."""
    world = scene()
    world.topic(1, 2)
    world.fill("m0")
    world.world.faults.hold("primary/b1", "primary/b2")
    world.send(world.producer(acks="1"), "m1", "m2")
    assert (world.log(1).high_watermark, world.log(1).log_end_offset) == (1, 3)
    for offset in (1, 2, 3):
        row = world.fetch(1, offset)
        assert (row.error, row.records, row.high_watermark) == (Error.NONE, b"", 1)
    assert world.fetch(1, 4).error == Error.OFFSET_OUT_OF_RANGE


def test_a_fetch_that_parts_from_the_leaders_log_does_not_count(scene):
    """KAFKA-13141: told where the logs part, the follower's position is not taken."""
    world = scene()
    world.topic(1, 2)
    world.fill("m0")
    world.cluster.broker(1).shut_down()
    world.until(lambda: world.view(2).is_leader)
    world.send(world.producer(acks="1"), "m1", "m2")
    epoch, before = world.cluster.image.brokers[1].epoch, world.view(2).replicas[1].log_end_offset
    row = world.fetch(2, 3, epoch=1, last=0, replica=1, replica_epoch=epoch)
    assert (row.error, row.diverging_epoch, row.records) == (Error.NONE, (0, 1), b"")
    assert world.view(2).replicas[1].log_end_offset == before


def test_a_stranger_that_fetches_as_a_replica_is_sent_away(scene):
    """Partition.followerReplicaOrThrow: UNKNOWN_LEADER_EPOCH for who is no replica; the leader may be late."""
    world = scene()
    world.topic(1, 2)
    assert world.fetch(1, 0, replica=3).error == Error.UNKNOWN_LEADER_EPOCH


def test_a_fetch_of_a_dead_incarnation_does_not_count(scene):
    """KIP-903: the broker epoch tells a broker's lives apart."""
    world = scene(broker__session__timeout__ms=3000, broker__heartbeat__interval__ms=500)
    world.topic(1, 2)
    world.fill("m0")
    old = world.cluster.image.brokers[2].epoch
    world.world.faults.crash("primary/b2")
    world.until(lambda: world.cluster.image.brokers[2].fenced)
    world.world.faults.start("primary/b2")
    world.until(lambda: world.recorded.isr == (1, 2))
    assert world.fetch(1, 1, epoch=0, last=0, replica=2, replica_epoch=old).error == Error.NOT_LEADER_OR_FOLLOWER


def test_where_an_epoch_ends(scene):
    """KIP-101, KIP-279: the largest epoch not above the one asked for, and the offset after its last record."""
    world = scene()
    world.topic()
    world.fill("m0", "m1")
    world.cluster.broker(1).shut_down()
    world.until(lambda: world.view(2).is_leader)
    world.send(world.producer(acks="1"), "m2")
    for epoch, answer in ((0, (0, 2)), (1, (1, 3)), (2, (-1, -1))):
        row = EpochPartition("flights", 0, -1, epoch)
        found = world.ask(2, OffsetForLeaderEpochRequest(-1, [row])).partitions[0]
        assert (found.leader_epoch, found.end_offset) == answer


def test_list_offsets_knows_three_special_times(scene):
    """ListOffsets: -1 is the high watermark for a consumer and the log end for a follower, -2 the log start, -3 the
    record with the largest timestamp (KIP-734)."""
    world = scene()
    world.topic(1, 2)
    producer = world.producer(batch__size=0)
    world.send(producer, "m0", timestamp=5)
    world.send(producer, "m1", timestamp=9)
    world.send(producer, "m2", timestamp=7)
    world.world.run_for("1s")
    world.world.faults.hold("primary/b1", "primary/b2")
    world.send(world.producer(acks="1"), "m3", timestamp=1)
    assert listed(world, 1, LATEST_TIMESTAMP).offset == 3
    assert listed(world, 1, LATEST_TIMESTAMP, replica=2).offset == 4
    assert listed(world, 1, EARLIEST_TIMESTAMP).offset == 0
    assert listed(world, 1, MAX_TIMESTAMP)[3:5] == (9, 1)


def test_list_offsets_finds_the_first_record_by_offset_with_that_time_or_later(scene):
    """KafkaConsumer.offsetsForTimes: the earliest offset whose timestamp is not smaller; times need not rise."""
    world = scene()
    world.topic()
    producer = world.producer(batch__size=0)
    for value, timestamp in (("m0", 5), ("m1", 9), ("m2", 7)):
        world.send(producer, value, timestamp=timestamp)
    assert [listed(world, 1, time).offset for time in (0, 6, 7, 9, 10)] == [0, 1, 1, 1, -1]


def test_a_new_leader_does_not_name_an_end_it_cannot_know(scene):
    """KIP-207: OFFSET_NOT_AVAILABLE until the high watermark has reached the start of the leader's epoch."""
    world = scene(broker__session__timeout__ms=3000, broker__heartbeat__interval__ms=500)
    world.topic(1, 2, 3)
    world.send(world.producer(), "m0")
    assert world.log(2).high_watermark == 0
    world.world.faults.crash("primary/b1")
    world.world.faults.hold("primary/b3", "primary/b2")
    world.until(lambda: world.view(2).is_leader)
    assert listed(world, 2, LATEST_TIMESTAMP).error == Error.OFFSET_NOT_AVAILABLE
    world.world.faults.release("primary/b3", "primary/b2")
    world.world.run_for("100ms")
    assert listed(world, 2, LATEST_TIMESTAMP).offset == 1


# -- brokers and their controller -------------------------------------------------------------------------------------


def test_a_silent_broker_is_fenced_after_nine_seconds_and_a_little_more(scene):
    """broker.session.timeout.ms is 9000, and the controller looks every eighth of it."""
    world = scene()
    world.topic()
    world.world.run_for("5s")
    heartbeats = [e.time for e in world.world.recorder.events("MessageDelivered")
                  if e.event.sender == "primary/b3" and e.event.label == "heartbeat"]  # fmt: skip
    world.world.faults.crash("primary/b3")
    world.until(lambda: world.cluster.image.brokers[3].fenced)
    assert 9_000_000 <= world.world.now - heartbeats[-1] <= 10_130_000


def test_a_broker_epoch_is_the_offset_of_its_registration_in_the_metadata_log(scene):
    """KIP-631: the broker epoch."""
    world = scene()
    before = world.cluster.image.offset
    world.cluster.broker(3).shut_down()
    world.world.faults.start("primary/b3")
    world.until(lambda: world.cluster.image.brokers[3].alive)
    assert before < world.cluster.image.brokers[3].epoch <= world.cluster.image.offset


def test_a_second_incarnation_waits_until_the_first_ones_session_is_over(scene):
    """KIP-631: DUPLICATE_BROKER_REGISTRATION."""
    world = scene()
    world.world.faults.crash("primary/b3")
    world.world.faults.start("primary/b3")
    world.world.run_for("5s")
    assert world.times("RegistrationRefused") and not world.times("BrokerRegistered")[3:]
    world.until(lambda: len(world.times("BrokerRegistered")) == 4)
    assert world.world.now >= 9_000_000


def test_a_controlled_shutdown_moves_leaderships_before_the_broker_stops(scene):
    """Kafka docs, Graceful shutdown: leaders are migrated prior to the shutdown, and logs need no recovery."""
    world = scene()
    world.topic()
    world.fill("m0")
    world.cluster.broker(1).shut_down()
    assert world.times("LeaderElected")[0] < world.times("MachineStopped")[0]
    world.world.faults.start("primary/b1")
    world.until(lambda: 1 in world.recorded.isr)
    assert not world.times("LogRecovered")


def test_leaders_serve_on_while_there_is_no_controller(scene):
    """KRaft: without a quorum there are no elections and ISR changes; reading and writing go on."""
    world = scene()
    world.topic()
    world.world.faults.crash("primary/controller")
    world.world.run_for("30s")
    [receipt] = world.send(world.producer(enable__idempotence=False), "m0")
    assert receipt.metadata.offset == 0
