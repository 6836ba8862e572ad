"""A consumer against brokers whose answers are written here: positions, resets, truncation, faults."""

import pytest
from scripted import FLIGHTS, MS, SECOND, SILENCE, Scripted

from minikafka.client.consumer import Consumer
from minikafka.events.clients import PositionReset, RecordsPolled, TruncationDetected
from minikafka.protocol.client_requests import (
    FetchRequest,
    ListOffsetsRequest,
    MetadataRequest,
    OffsetForLeaderEpochRequest,
)
from minikafka.protocol.errors import (
    ConfigException,
    CorruptRecordException,
    Error,
    KafkaError,
    LogTruncationException,
    NoOffsetForPartitionException,
    OffsetOutOfRangeException,
    TimeoutException,
)
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.records import build_batch


def batch(*values, timestamp=0):
    return build_batch([(timestamp, None, value, None) for value in values])


@pytest.fixture
def consume():
    def consume(scripted, *partitions, reset="earliest", **settings):
        names = {name.replace("_", "."): value for name, value in settings.items()}
        consumer = Consumer(scripted.client, scripted.bootstrap, {"auto.offset.reset": reset, **names})
        consumer.assign(partitions or [FLIGHTS])
        return consumer

    return consume


def write(scripted, *batches, epoch=0, partition=FLIGHTS):
    for values in batches:
        scripted.logs[partition].append(batch(*values), epoch)


def poll(scripted, consumer, timeout=SECOND):
    return scripted.finish(consumer.poll(timeout))


def values(records):
    return [record.value for record in records]


def test_earliest_reads_all_and_then_what_comes(consume, scripted):
    write(scripted, [b"0", b"1"], [b"2"])
    consumer = consume(scripted)
    assert consumer.position(FLIGHTS) is None
    assert values(poll(scripted, consumer)) == [b"0", b"1", b"2"]
    assert consumer.position(FLIGHTS) == 3
    assert poll(scripted, consumer, 100 * MS) == []
    write(scripted, [b"3"])
    assert values(poll(scripted, consumer)) == [b"3"]
    assert scripted.events(PositionReset)[0].sentence() == (
        "moved its position in flights-0 from nowhere to 0: earliest, because no position yet"
    )
    assert [(e.first_offset, e.last_offset, e.records) for e in scripted.events(RecordsPolled)] == [
        (0, 2, 3),
        (3, 3, 1),
    ]


def test_latest_skips_what_was_there(consume, scripted):
    write(scripted, [b"old"])
    consumer = consume(scripted, reset="latest")
    assert poll(scripted, consumer, 10 * MS) == []
    write(scripted, [b"new"])
    assert values(poll(scripted, consumer)) == [b"new"]


def test_a_seek_with_a_later_leader_epoch_is_not_carried_to_an_earlier_leader(consume, scripted):
    """A copier that was frozen found its position beyond the log of yesterday's leader, and began anew (storm 823)."""
    write(scripted, [b"0", b"1"])
    consumer = consume(scripted)
    assert values(poll(scripted, consumer)) == [b"0", b"1"]
    later = consumer.metadata.leader(FLIGHTS).epoch + 1
    consumer.seek(FLIGHTS, 1, later)
    assert consumer.metadata.leader(FLIGHTS) is None
    assert poll(scripted, consumer, 500 * MS) == [], "metadata still names the earlier one"
    consumer.seek(FLIGHTS, 0, later - 1)
    assert poll(scripted, consumer, 500 * MS) == [], "what was heard once is not forgotten"


def test_none_wants_a_seek_first(consume, scripted):
    write(scripted, [b"0", b"1"])
    consumer = consume(scripted, reset="none")
    with pytest.raises(NoOffsetForPartitionException, match="flights-0 and auto.offset.reset=none: call seek"):
        poll(scripted, consumer)
    consumer.seek(FLIGHTS, 1)
    assert values(poll(scripted, consumer)) == [b"1"]


def test_max_poll_records_and_positions_in_between(consume, scripted):
    write(scripted, [b"%d" % number for number in range(5)])
    consumer = consume(scripted, max_poll_records=2)
    assert [len(poll(scripted, consumer)) for _ in range(3)] == [2, 2, 1]
    assert len(scripted.asked(FetchRequest)) == 1
    scripted.world.run_for("10ms")


def test_a_seek_outdates_what_is_buffered_and_under_way(consume, scripted):
    write(scripted, [b"%d" % number for number in range(5)])
    consumer = consume(scripted, max_poll_records=2)
    assert values(poll(scripted, consumer)) == [b"0", b"1"]
    consumer.seek(FLIGHTS, 0)
    assert scripted.events(PositionReset)[-1] == PositionReset(FLIGHTS, 2, 0, "asked to seek there", "client")
    assert values(poll(scripted, consumer)) == [b"0", b"1"]
    consumer.seek_to_end()
    assert poll(scripted, consumer, 10 * MS) == []
    assert consumer.position(FLIGHTS) == 5
    consumer.seek_to_beginning([FLIGHTS])
    assert values(poll(scripted, consumer)) == [b"0", b"1"]


def test_every_partition_gets_its_turn(consume):
    scripted = Scripted(flights=3)
    partitions = [TopicPartition("flights", number) for number in range(3)]
    for partition in partitions:
        write(scripted, [b"%d" % partition.partition] * 3, partition=partition)
    consumer = consume(scripted, *partitions, max_poll_records=3)
    got = [value for _ in range(4) for value in values(poll(scripted, consumer, 100 * MS))]
    assert sorted(got) == [b"0"] * 3 + [b"1"] * 3 + [b"2"] * 3
    assert consumer.assignment == partitions


def test_a_new_leader_is_found(consume, scripted):
    write(scripted, [b"0"])
    consumer = consume(scripted)
    poll(scripted, consumer)
    scripted.leaders[FLIGHTS] = (2, 1)
    write(scripted, [b"1"], epoch=1)
    assert values(poll(scripted, consumer, 5 * SECOND)) == [b"1"]
    (asked,) = scripted.asked(OffsetForLeaderEpochRequest)
    assert (asked.partitions[0].leader_epoch, asked.partitions[0].current_leader_epoch) == (0, 1)


def test_a_dead_leader_is_replaced(consume, scripted):
    write(scripted, [b"0"])
    consumer = consume(scripted)
    poll(scripted, consumer)
    scripted.world.faults.crash("b1")
    assert poll(scripted, consumer, SECOND) == []
    scripted.leaders[FLIGHTS] = (2, 1)
    write(scripted, [b"1"], epoch=1)
    assert values(poll(scripted, consumer, 5 * SECOND)) == [b"1"]


def cut_and_rewrite(scripted):
    """Epoch 0 wrote offsets 0 to 4; the new leader has 0 and 1 of it, and wrote 2 to 5 in epoch 1."""
    log = scripted.logs[FLIGHTS]
    del log.batches[2:]
    log.end = log.epochs[0] = 2
    scripted.leaders[FLIGHTS] = (2, 1)
    write(scripted, [b"new 2"], [b"new 3"], [b"new 4"], [b"new 5"], epoch=1)


def read_five(consume, scripted, reset):
    write(scripted, *[[b"%d" % number] for number in range(5)])
    consumer = consume(scripted, reset=reset)
    if reset == "none":
        consumer.seek(FLIGHTS, 0)
    if reset == "latest":
        consumer.seek_to_beginning()
    assert len(poll(scripted, consumer)) == 5
    cut_and_rewrite(scripted)
    return consumer


@pytest.mark.parametrize("reset", ["earliest", "latest"])
def test_a_cut_below_the_position_is_noticed_and_nothing_new_is_skipped(consume, scripted, reset):
    consumer = read_five(consume, scripted, reset)
    assert values(poll(scripted, consumer, 5 * SECOND)) == [b"new 2", b"new 3", b"new 4", b"new 5"]
    (found,) = scripted.events(TruncationDetected)
    assert (found.position, found.position_epoch, found.epoch, found.end_offset) == (5, 0, 0, 2)
    assert "records it has read are gone" in found.sentence()


def test_with_none_a_cut_raises_until_somebody_seeks(consume, scripted):
    consumer = read_five(consume, scripted, "none")
    for _ in range(2):
        with pytest.raises(LogTruncationException) as cut:
            poll(scripted, consumer, 5 * SECOND)
        assert (cut.value.offsets, cut.value.divergent_offsets) == ({FLIGHTS: 5}, {FLIGHTS: 2})
    consumer.seek(FLIGHTS, 2)
    assert values(poll(scripted, consumer, 5 * SECOND))[0] == b"new 2"


def test_a_position_without_an_epoch_skips_in_silence(consume, scripted):
    consumer = read_five(consume, scripted, "earliest")
    consumer.seek(FLIGHTS, 5)
    assert values(poll(scripted, consumer, 5 * SECOND)) == [b"new 5"]
    assert scripted.events(TruncationDetected) == []


def test_out_of_range_goes_where_the_policy_says(consume, scripted):
    write(scripted, [b"0"], [b"1"])
    scripted.logs[FLIGHTS].start = 1
    consumer = consume(scripted)
    consumer.seek(FLIGHTS, 0)
    assert values(poll(scripted, consumer)) == [b"1"]
    _, event = scripted.events(PositionReset)
    assert (event.old, event.new, event.why) == (0, 1, "earliest, because offset 0 is out of range")


def test_out_of_range_with_none_is_for_the_caller(consume, scripted):
    write(scripted, [b"0"])
    consumer = consume(scripted, reset="none")
    consumer.seek(FLIGHTS, 7)
    with pytest.raises(OffsetOutOfRangeException, match="position 7 of flights-0") as refused:
        poll(scripted, consumer)
    assert refused.value.offsets == {FLIGHTS: 7}
    assert consumer.position(FLIGHTS) == 7
    consumer.seek(FLIGHTS, 0)
    assert values(poll(scripted, consumer)) == [b"0"]


def test_a_damaged_batch_is_not_handed_out(consume, scripted):
    write(scripted, [b"0"], [b"1"], [b"2"])
    log = scripted.logs[FLIGHTS]
    log.batches[1] = log.batches[1][:-1] + b"X"
    consumer = consume(scripted)
    assert values(poll(scripted, consumer)) == [b"0"]
    for _ in range(2):
        with pytest.raises(CorruptRecordException, match="at offset 1"):
            poll(scripted, consumer)
    consumer.seek(FLIGHTS, 2)
    assert values(poll(scripted, consumer)) == [b"2"]


def test_check_crcs_can_be_switched_off(consume, scripted):
    write(scripted, [b"0"])
    log = scripted.logs[FLIGHTS]
    log.batches[0] = log.batches[0].replace(b"0", b"X")
    consumer = consume(scripted, check_crcs=False)
    assert len(poll(scripted, consumer)) == 1


def test_a_silent_leader_holds_up_no_other_partition(consume):
    scripted = Scripted(flights=2)
    one, two = TopicPartition("flights", 0), TopicPartition("flights", 1)
    for partition in (one, two):
        write(scripted, [b"%d" % partition.partition], partition=partition)
    consumer = consume(scripted, one, two)
    scripted.next_answers(ListOffsetsRequest, SILENCE)
    assert len(poll(scripted, consumer)) == 1


def test_offset_not_available_is_asked_again(consume, scripted):
    write(scripted, [b"0"])

    def not_yet(broker_id, request):
        response = scripted.list_offsets(broker_id, request)
        rows = [row._replace(error=Error.OFFSET_NOT_AVAILABLE) for row in response.partitions]
        return response._replace(partitions=rows)

    scripted.next_answers(ListOffsetsRequest, not_yet, not_yet)
    consumer = consume(scripted)
    assert values(poll(scripted, consumer, 2 * SECOND)) == [b"0"]
    assert len(scripted.asked(ListOffsetsRequest)) == 3


def test_questions_about_offsets(consume, scripted):
    write(scripted, [b"0", b"1"], [b"2"])
    scripted.logs[FLIGHTS].start = 1
    consumer = consume(scripted)
    assert scripted.finish(consumer.beginning_offsets([FLIGHTS])) == {FLIGHTS: 1}
    assert scripted.finish(consumer.end_offsets([FLIGHTS])) == {FLIGHTS: 3}
    found = scripted.finish(consumer.offsets_for_times({FLIGHTS: 0}))
    assert found[FLIGHTS].offset == 1
    with pytest.raises(KafkaError, match="before the world began"):
        scripted.finish(consumer.offsets_for_times({FLIGHTS: -1}))


def test_a_partition_that_is_not_there_times_out_with_its_name(consume, scripted):
    consumer = consume(scripted, default_api_timeout_ms=3000)
    with pytest.raises(TimeoutException, match=r"within 3000 ms for flights-9 \(this broker does not know"):
        scripted.finish(consumer.end_offsets([TopicPartition("flights", 9)]))
    assert scripted.world.now >= 3000 * MS


def test_metadata_is_asked_for_again_by_age(consume, scripted):
    consumer = consume(scripted, metadata_max_age_ms=1000)
    for _ in range(5):
        poll(scripted, consumer, SECOND)
    assert 4 <= len(scripted.asked(MetadataRequest)) <= 7


def test_a_poll_without_an_assignment_is_refused(scripted):
    consumer = Consumer(scripted.client, scripted.bootstrap)
    with pytest.raises(KafkaError, match=r"no partitions to poll: call assign\(\[...\]\) first"):
        poll(scripted, consumer)
    assert scripted.heard == []


def test_only_one_task_polls(consume, scripted):
    consumer = consume(scripted)
    first = scripted.client.spawn(consumer.poll(SECOND))
    scripted.world.run_for("10ms")
    with pytest.raises(KafkaError, match="let one task poll at a time"):
        poll(scripted, consumer)
    write(scripted, [b"0"])
    scripted.world.run_for("2s")
    assert first.done


def test_a_closed_consumer_does_nothing_more(consume, scripted):
    consumer = consume(scripted)
    polling = scripted.client.spawn(consumer.poll(60 * SECOND))
    scripted.world.run_for("10ms")
    consumer.close()
    consumer.close()
    scripted.world.run_for("10ms")
    assert polling.value == []
    for use in (
        lambda: consumer.assign([FLIGHTS]),
        lambda: consumer.seek(FLIGHTS, 0),
        lambda: poll(scripted, consumer),
    ):
        with pytest.raises(KafkaError, match="is closed and cannot"):
            use()


def test_a_topic_the_cluster_forbids_is_for_the_caller(consume, scripted):
    scripted.errors["secret"] = Error.TOPIC_AUTHORIZATION_FAILED
    consumer = consume(scripted, TopicPartition("secret", 0))
    with pytest.raises(KafkaError, match="TOPIC_AUTHORIZATION_FAILED"):
        poll(scripted, consumer)


@pytest.mark.parametrize(
    ("config", "remedy"),
    [
        ({"auto.offset.reset": "newest"}, "choose one of"),
        ({"auto.ofset.reset": "latest"}, "did you mean auto.offset.reset?"),
        ({"max.poll.records": 0}, "use at least 1"),
        ({"isolation.level": "serializable"}, "choose one of read_uncommitted, read_committed"),
        ({"check.crcs": "maybe"}, "write True or False"),
    ],
)
def test_settings_that_cannot_be(scripted, config, remedy):
    with pytest.raises(ConfigException) as refused:
        Consumer(scripted.client, scripted.bootstrap, config)
    assert remedy in str(refused.value)
