"""Compaction against one pass over the bytes: every batch's header, checksum and records, read once."""

import os

import pytest
from test_kernel_speed import best_of

from minikafka.log.cleanable import cleanable
from minikafka.log.compaction import Cleaner, groups, last_offsets, put_in_place
from minikafka.log.partition_log import PartitionLog
from minikafka.log.segment import SWAP
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import check_crc, headers_of
from minikafka.protocol.records import build_batch, rows_of
from minikafka.protocol.settings import Config
from minikafka.protocol.topic_settings import TOPIC
from minikafka.world.disk import Disk

RECORDS = int(os.environ.get("COMPACTED_RECORDS", 200_000))
IN_A_BATCH, KEYS = 100, 20_000


def a_dirty_log():
    """So many records of a fifth as many keys, or fewer, 100 to a batch, 1 MiB to a segment."""
    config = Config(TOPIC, {"cleanup.policy": "compact", "segment.bytes": 1 << 20})
    log = PartitionLog.open(Disk(), "seats-0", config, 0, None, TopicPartition("seats", 0))
    for first in range(0, RECORDS, IN_A_BATCH):
        rows = [(0, b"key-%08d" % (number * 7919 % KEYS), b"seat %08d" % number * 3, None)
                for number in range(first, first + IN_A_BATCH)]  # fmt: skip
        log.append_as_leader(build_batch(rows), 0, 0)
    log.set_high_watermark(log.log_end_offset)
    return log


def one_pass(log):
    """Look at every byte once."""
    found = 0
    for segment in log.segments:
        data = segment.content()
        for header in headers_of(data):
            check_crc(data, header)
            found += len(rows_of(data, header))
    return found


def compact(log):
    """Both passes over everything; returns how many records are gone."""
    found = cleanable(log, 0)
    cleaner = Cleaner(log, last_offsets(log, found.first_dirty, found.up_to), found.up_to, 0)
    for group in list(groups(log, found.up_to)):
        new = cleaner.rewrite(group)
        new.rename(SWAP)
        put_in_place(log, group, new)
    return cleaner.tally.records


@pytest.mark.benchmark(group=f"cleaner: {RECORDS:,} records")
def test_a_compaction_against_one_pass_over_the_bytes(benchmark, ratio):
    log = a_dirty_log()
    floor = best_of(lambda: one_pass(log), 3)
    gone = benchmark.pedantic(compact, setup=lambda: ((a_dirty_log(),), {}), rounds=3)
    assert RECORDS - 2 * KEYS - 30_000 < gone <= RECORDS - KEYS
    ratio("cost of a compaction", "one pass over the bytes", benchmark.stats.stats.min / floor, "at most 5")
