"""The published hash vectors, and the sticky partition's rules."""

from random import Random

import pytest

from minikafka.client.partitioner import StickyPartition, murmur2, partition_for_key

VECTORS = {
    "": 275646681,
    "a": -1563381124,
    "abc": 479470107,
    "key": -1079937367,
    "user-1": 1404122828,
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
}


@pytest.mark.parametrize("key", VECTORS)
def test_murmur2_is_the_java_clients(key):
    assert murmur2(key.encode()) == VECTORS[key] & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("key", "partitions", "partition"),
    [("abc", 3, 0), ("abc", 6, 3), ("key", 3, 1), ("key", 6, 1), ("user-1", 3, 2), ("foobar", 3, 0)],
)
def test_a_keys_partition_is_the_java_clients(key, partitions, partition):
    assert partition_for_key(key.encode(), partitions) == partition


def test_an_empty_key_is_a_key():
    assert partition_for_key(b"", 7) == (275646681 & 0x7FFFFFFF) % 7


def test_sticky_stays_for_a_batch_and_leaves_with_no_batch_half_full():
    sticky = StickyPartition(100, Random(1))
    sticky.choose([0, 1, 2])
    assert not sticky.may_leave(no_open_batch=True)
    sticky.produced = 100
    assert sticky.may_leave(no_open_batch=True)
    assert not sticky.may_leave(no_open_batch=False)


def test_sticky_leaves_after_two_batches_whatever_is_open():
    sticky = StickyPartition(100, Random(1))
    sticky.produced = 200
    assert sticky.may_leave(no_open_batch=False)
    sticky.choose([0, 1])
    assert sticky.produced == 0


def test_all_available_partitions_get_their_turn():
    sticky = StickyPartition(100, Random(1))
    chosen = [sticky.choose([0, 2, 5]) for _ in range(300)]
    assert {partition: chosen.count(partition) > 60 for partition in sorted(dict.fromkeys(chosen))} == {
        0: True, 2: True, 5: True,
    }  # fmt: skip


def test_adaptive_partitioning_prefers_short_queues():
    sticky = StickyPartition(100, Random(1))
    chosen = [sticky.choose([0, 1], [0, 9]) for _ in range(300)]
    assert chosen.count(0) > 200
    assert chosen.count(1) > 0
