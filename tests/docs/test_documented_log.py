"""What Kafka's documents and its code say of the log, a sentence each."""

import pytest

from minikafka.log.partition_log import PartitionLog
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import check_crc, headers_of, read_header, stamp
from minikafka.protocol.records import build_batch, records_of
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import TOPIC
from minikafka.world.disk import Disk

HOUR = 3600 * 1000


def opened(disk=None, **settings):
    """The log of flights-0 with these topic settings; what it tells is in `told`."""
    told = []
    config = Config(TOPIC, {name.replace("__", "."): value for name, value in settings.items()})
    log = PartitionLog.open(disk or Disk(), "flights-0", config, 0, told.append, TopicPartition("flights", 0))
    log.told = told
    return log


def batch(*values, timestamp=0, **fields):
    return build_batch([(timestamp, None, value.encode(), None) for value in values], **fields)


def values_of(data):
    return [record.value.decode() for header in headers_of(data) for record in records_of(data, header)]


def test_a_leader_stamps_the_epoch_without_touching_the_checksum():
    """Message format, partitionLeaderEpoch: not covered by the CRC, so that the broker need not compute it again."""
    data = batch("m0")
    stamped = stamp(data, read_header(data), 7, 3)
    header = read_header(stamped)
    assert (header.base_offset, header.leader_epoch, header.crc) == (7, 3, read_header(data).crc)
    check_crc(stamped, header)


def test_clients_send_base_offset_0():
    """LogValidator: anything else is INVALID_RECORD."""
    log = opened()
    with pytest.raises(KafkaError) as refused:
        log.append_as_leader(batch("m0", base_offset=4), 0, 0)
    assert refused.value.error == Error.INVALID_RECORD and log.log_end_offset == 0


def test_max_message_bytes_is_about_the_batch():
    """Topic configs: the largest record batch size, not record size."""
    log = opened(max__message__bytes=120)
    log.append_as_leader(batch("a" * 20), 0, 0)
    with pytest.raises(KafkaError) as refused:
        log.append_as_leader(batch("a" * 20, "b" * 20, "c" * 20), 0, 0)
    assert refused.value.error == Error.MESSAGE_TOO_LARGE


def test_the_next_offset_is_the_last_record_s_and_one():
    """KafkaConsumer javadoc: the position is one larger than the highest offset that was seen."""
    log = opened()
    appended = log.append_as_leader(batch("m0", "m1", "m2"), 0, 0)
    assert (appended.base_offset, appended.last_offset, log.log_end_offset) == (0, 2, 3)


def test_a_segment_is_rolled_when_it_would_grow_too_large():
    """Topic configs, segment.bytes."""
    log = opened(segment__bytes=200)
    for value in ("m0", "m1", "m2"):
        log.append_as_leader(batch(value), 0, 0)
    assert [segment.base_offset for segment in log.segments] == [0, 2]


def test_a_segment_is_rolled_by_the_records_time():
    """Topic configs, segment.ms, with LogSegment.shouldRoll: the incoming batch against the segment's first one."""
    log = opened(segment__ms=1000)
    log.append_as_leader(batch("m0", timestamp=0), 0, 0)
    log.append_as_leader(batch("m1", timestamp=1000), 0, 60_000_000)
    log.append_as_leader(batch("m2", timestamp=1001), 0, 60_000_000)
    assert [segment.base_offset for segment in log.segments] == [0, 2]


def test_retention_looks_at_the_largest_timestamp_of_a_segment():
    """Topic configs, retention.ms: one young record keeps its segment."""
    log = opened(segment__bytes=200, retention__ms=1000)
    for value, timestamp in (("m0", 5000), ("m1", 0), ("m2", 0), ("m3", 0), ("m4", 0)):
        log.append_as_leader(batch(value, timestamp=timestamp), 0, 0)
    log.set_high_watermark(5)
    assert log.enforce_retention(4_000_000) == 0
    assert log.enforce_retention(6_100_000) > 0


def test_retention_takes_only_what_is_committed():
    """UnifiedLog.deleteOldSegments: a segment must end at or below the high watermark."""
    log = opened(segment__bytes=200, retention__ms=1000)
    for value in ("m0", "m1", "m2", "m3", "m4"):
        log.append_as_leader(batch(value), 0, 0)
    log.set_high_watermark(3)
    log.enforce_retention(60_000_000)
    assert log.log_start_offset == 2


def test_a_timestamp_may_lie_one_hour_in_the_future():
    """Topic configs, message.timestamp.after.max.ms: 3600000 since 4.0."""
    log = opened()
    log.append_as_leader(batch("m0", timestamp=HOUR), 0, 0)
    with pytest.raises(KafkaError) as refused:
        log.append_as_leader(batch("m1", timestamp=HOUR + 1), 0, 0)
    assert refused.value.error == Error.INVALID_TIMESTAMP and log.log_end_offset == 1


def test_with_log_append_time_the_leader_gives_the_time():
    """Topic configs, message.timestamp.type."""
    log = opened(message__timestamp__type="LogAppendTime")
    appended = log.append_as_leader(batch("m0", timestamp=5), 0, 77_000)
    data = log.read(0, 1000, 1)
    assert appended.log_append_time == 77 and records_of(data, read_header(data))[0].timestamp == 77


def test_nothing_is_flushed_by_a_write():
    """Kafka docs, Log flush policy: the default is to leave it to the operating system; durability is replication."""
    disk = Disk()
    log = opened(disk)
    log.append_as_leader(batch("m0"), 0, 0)
    assert log.recovery_point == 0
    disk.lose_power()
    assert opened(disk).log_end_offset == 0


def test_a_killed_process_loses_nothing_that_was_written():
    """Kafka docs: the page cache outlives the process."""
    disk = Disk()
    opened(disk).append_as_leader(batch("m0", "m1"), 0, 0)
    assert opened(disk).log_end_offset == 2


def test_recovery_cuts_at_the_first_batch_that_is_not_whole_and_drops_what_follows():
    """LogLoader: later segments are deleted."""
    disk = Disk()
    log = opened(disk, segment__bytes=200)
    for value in ("m0", "m1", "m2", "m3"):
        log.append_as_leader(batch(value), 0, 0)
    assert len(log.segments) == 2
    disk.corrupt(log.segments[0].path, 170)
    again = opened(disk, segment__bytes=200)
    assert (again.log_end_offset, len(again.segments)) == (1, 1)


def test_a_whole_batch_goes_if_the_cut_is_inside_it():
    """UnifiedLog.truncateTo: the log ends at the offset asked for all the same."""
    log = opened()
    log.append_as_leader(batch("m0"), 0, 0)
    log.append_as_leader(batch("m1", "m2", "m3"), 0, 0)
    log.truncate_to(3)
    assert log.log_end_offset == 3 and values_of(log.read(0, 1000, 3)) == ["m0"]


def test_cutting_at_the_end_still_drops_epochs_that_nothing_was_written_in():
    """LeaderEpochFileCache.truncateFromEnd: they may come from a leadership that left no record."""
    log = opened()
    log.append_as_leader(batch("m0"), 0, 0)
    log.epochs.assign(4, 1)
    log.truncate_to(1)
    assert [tuple(entry) for entry in log.epochs.entries] == [(0, 0)]


@pytest.mark.parametrize(
    ("epoch", "answer"), [(-1, (-1, -1)), (0, (0, 0)), (1, (1, 2)), (2, (1, 2)), (3, (3, 3)), (4, (-1, -1))]
)
def test_where_an_epoch_ends_in_a_log(epoch, answer):
    """LeaderEpochFileCache.endOffsetFor, all five cases. The log has m0, m1 of epoch 1 and m2 of epoch 3."""
    log = opened()
    log.append_as_leader(batch("m0", "m1"), 1, 0)
    log.append_as_leader(batch("m2"), 3, 0)
    assert tuple(log.epochs.end_offset_for(epoch)) == answer


def test_a_follower_takes_offsets_and_epochs_from_its_leader():
    """UnifiedLog.appendAsFollower."""
    leader, follower = opened(), opened()
    leader.append_as_leader(batch("m0"), 2, 0)
    leader.append_as_leader(batch("m1"), 5, 0)
    follower.append_as_follower(leader.read(0, 1000, 2), 5, 0)
    assert follower.log_end_offset == 2
    assert [tuple(entry) for entry in follower.epochs.entries] == [(2, 0), (5, 1)]


def test_a_follower_leaves_out_batches_of_a_newer_epoch_than_it_asked_under():
    """KAFKA-18723 (4.1)."""
    leader, follower = opened(), opened()
    leader.append_as_leader(batch("m0"), 2, 0)
    leader.append_as_leader(batch("m1"), 5, 0)
    assert follower.append_as_follower(leader.read(0, 1000, 2), 2, 0) == 1


def test_the_last_five_batches_of_a_producer_are_known():
    """KIP-98: a batch that is among them is a duplicate and gets its old offset; an older one is out of order."""
    log = opened()
    sent = [batch(f"m{n}", producer_id=1, producer_epoch=0, base_sequence=n) for n in range(6)]
    for data in sent:
        log.append_as_leader(data, 0, 0)
    again = log.append_as_leader(sent[1], 0, 0)
    assert (again.duplicate, again.base_offset, log.log_end_offset) == (True, 1, 6)
    with pytest.raises(KafkaError) as refused:
        log.append_as_leader(sent[0], 0, 0)
    assert refused.value.error == Error.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_a_gap_in_the_sequence_is_refused_and_an_unknown_producer_may_begin_anywhere():
    """ProducerAppendInfo.checkSequence."""
    log = opened()
    log.append_as_leader(batch("m0", producer_id=1, producer_epoch=0, base_sequence=40), 0, 0)
    with pytest.raises(KafkaError) as refused:
        log.append_as_leader(batch("m1", producer_id=1, producer_epoch=0, base_sequence=42), 0, 0)
    assert refused.value.error == Error.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_an_older_producer_epoch_is_refused_and_a_newer_one_begins_at_0():
    """KIP-98, KIP-360."""
    log = opened()
    log.append_as_leader(batch("m0", producer_id=1, producer_epoch=2, base_sequence=0), 0, 0)
    with pytest.raises(KafkaError) as old:
        log.append_as_leader(batch("m1", producer_id=1, producer_epoch=1, base_sequence=1), 0, 0)
    with pytest.raises(KafkaError) as jump:
        log.append_as_leader(batch("m1", producer_id=1, producer_epoch=3, base_sequence=1), 0, 0)
    log.append_as_leader(batch("m1", producer_id=1, producer_epoch=3, base_sequence=0), 0, 0)
    assert (old.value.error, jump.value.error) == (Error.INVALID_PRODUCER_EPOCH, Error.OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert log.log_end_offset == 2
