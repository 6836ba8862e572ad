"""A disk with one log on it, for the tests of the log's rooms; and the invariants every log keeps."""

import pytest

from minikafka.log.partition_log import PartitionLog
from minikafka.log.producer_states import ProducerStates
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import check_crc, headers_of
from minikafka.protocol.records import build_batch, records_of
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import TOPIC
from minikafka.world.disk import Disk

FLIGHTS = TopicPartition("flights", 0)
MS = 1000  # microseconds


def batch(*values, timestamp=0, **fields):
    """A client's batch of these values (b"v" if none), all with this timestamp in ms."""
    return build_batch([(timestamp, None, value, None) for value in values or (b"v",)], **fields)


def numbered(count, timestamp=0, **fields):
    """A client's batch of `count` records."""
    return batch(*(b"%03d" % number for number in range(count)), timestamp=timestamp, **fields)


class Shelf:
    """`log` is open on `disk`; `events` are what it recorded since `forget`."""

    def __init__(self, **settings):
        self.disk = Disk()
        self.events = []
        self.configure(**settings)
        self.log = None
        self.open()

    def configure(self, **settings):
        """Topic settings; underscores stand for dots."""
        self.config = Config(TOPIC, {name.replace("_", "."): value for name, value in settings.items()})

    def open(self, **stops):
        """Open the log again, after whatever stop it had."""
        self.events.clear()
        self.log = PartitionLog.open(self.disk, "flights-0", self.config, 0, self.events.append, FLIGHTS, **stops)
        return self.log

    def lead(self, *values, epoch=1, now=0, timestamp=0, **fields):
        """Append one client batch as leader."""
        return self.log.append_as_leader(batch(*values, timestamp=timestamp, **fields), epoch, now)

    def fill(self, batches, records=1, epoch=1):
        """Append so many batches of so many records as leader."""
        for _ in range(batches):
            self.log.append_as_leader(numbered(records), epoch, 0)

    def kinds(self):
        """The names of the recorded events, in order."""
        return [type(event).__name__ for event in self.events]

    def bases(self):
        """The base offsets of the segments."""
        return [segment.base_offset for segment in self.log.segments]

    def offsets(self):
        """All offsets there are, as read."""
        return [record.offset for record in read_all(self.log)]

    def refuses(self, error, call, *words):
        """The call raises this error with these words, and nothing has changed, neither in memory nor on disk."""
        before = snapshot(self)
        with pytest.raises(KafkaError) as caught:
            call()
        assert caught.value.error is error, caught.value
        for word in words:
            assert word in str(caught.value)
        assert snapshot(self) == before
        return caught.value


def snapshot(shelf):
    """Everything a refused call must leave as it was."""
    log = shelf.log
    files = {path: shelf.disk.read(path) for path in shelf.disk.list()}
    producers = {producer: (entry.epoch, list(entry.batches)) for producer, entry in log.producers.entries.items()}
    return (files, log.log_start_offset, log.high_watermark, log.log_end_offset, log.recovery_point, log.batches(),
            list(log.epochs.entries), producers, shelf.bases(), len(shelf.events))  # fmt: skip


def read_all(log):
    """Every record from the start to the end, through `read`."""
    records, position = [], log.log_start_offset
    while position < log.log_end_offset:
        data = log.read(position, 1 << 20, log.log_end_offset)
        if not data:
            break
        for header in headers_of(data):
            check_crc(data, header)
            records += records_of(data, header)
        position = records[-1].offset + 1
    return [record for record in records if record.offset >= log.log_start_offset]


def check_invariants(log, dense=True):
    """I1 to I7: what is true of one replica's log at all times."""
    headers = log.batches()
    assert log.log_start_offset <= log.last_stable_offset <= log.high_watermark <= log.log_end_offset  # I1
    for one, two in zip(headers, headers[1:], strict=False):
        assert one.last_offset < two.base_offset  # I2
        assert one.last_offset + 1 == two.base_offset or not dense
        assert one.leader_epoch <= two.leader_epoch  # I3
    _check_epochs(log, headers)  # I4
    assert log.recovery_point <= log.log_end_offset  # I5
    assert log.producers == ProducerStates(headers, log.batch_at)  # I6
    for segment in log.segments:
        _check_segment(segment)


def _check_epochs(log, headers):
    derived = {}
    for header in headers:
        derived.setdefault(header.leader_epoch, max(header.base_offset, log.log_start_offset))
        if header.next_offset <= log.log_start_offset:
            derived.clear()
    entries = [tuple(entry) for entry in log.epochs.entries]
    assert entries[: len(derived)] == list(derived.items())
    assert len(entries) <= len(derived) + 1 or not headers
    assert all(start <= log.log_end_offset for _, start in entries)
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in zip(entries, entries[1:], strict=False))


def _check_segment(segment):
    end = 0
    data = segment._disk.read(segment.path)
    for header in headers_of(data):
        check_crc(data, header)
        assert header == segment.headers[segment.ends.index(end) + 1 if end else 0]
        end += header.size
    assert end == segment.size == len(data)  # I5
    for header in segment.headers:  # I7
        assert segment.offset_index.lookup(header.base_offset)[1] <= header.position
        before = [other for other in segment.headers if other.max_timestamp >= header.max_timestamp]
        assert segment.time_index.lookup(header.max_timestamp)[1] <= before[0].last_offset
