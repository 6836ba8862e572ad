"""When a batch is full, when it may leave, and where it goes when it comes back."""

import pytest

from minikafka.client.accumulator import Accumulator
from minikafka.client.producer_batch import BATCH_OVERHEAD
from minikafka.protocol.producer_settings import PRODUCER
from minikafka.protocol.settings import Config
from minikafka.world.kernel import Kernel

RECORD = (0, None, b"v", None)
MS = 1_000


@pytest.fixture
def make():
    def make(**settings):
        names = {name.replace("_", "."): value for name, value in settings.items()}
        return Accumulator(Config(PRODUCER, names), Kernel().future)

    return make


def fill(accumulator, queue, count, size=100, now=0):
    return [accumulator.append(queue, RECORD, size, now) for _ in range(count)]


def test_records_share_a_batch_until_it_is_full(make):
    accumulator = make(batch_size=BATCH_OVERHEAD + 350)
    queue = accumulator.queue("flights", 0)
    places = fill(accumulator, queue, 4)
    assert [index for _, index in places] == [0, 1, 2, 0]
    assert [len(batch.records) for batch in queue.batches] == [3, 1]
    assert [batch.first_number for batch in queue.batches] == [0, 3]
    assert queue.open is places[3][0]


def test_a_batch_leaves_after_linger_or_at_once_when_full(make):
    accumulator = make(batch_size=BATCH_OVERHEAD + 200, linger_ms=5)
    queue = accumulator.queue("flights", 0)
    fill(accumulator, queue, 1, now=7)
    assert accumulator.due(queue, leader_epoch=0, now=7) == 7 + 5 * MS
    fill(accumulator, queue, 1, now=8)
    assert queue.open is None
    assert accumulator.due(queue, leader_epoch=0, now=8) <= 8


def test_who_is_in_a_hurry_does_not_linger(make):
    accumulator = make(linger_ms=5)
    queue = accumulator.queue("flights", 0)
    fill(accumulator, queue, 1)
    accumulator.hurried = True
    assert accumulator.due(queue, leader_epoch=0, now=0) == 0


def test_a_batch_that_is_tried_again_rests_unless_there_is_a_new_leader(make):
    accumulator = make()
    queue = accumulator.queue("flights", 0)
    fill(accumulator, queue, 1)
    batch = accumulator.take(queue)
    batch.attempts, batch.retry_at, batch.leader_epoch = 1, 100 * MS, 3
    accumulator.put_back(batch)
    accumulator.hurried = True
    assert accumulator.due(queue, leader_epoch=3, now=1) == 100 * MS
    assert accumulator.due(queue, leader_epoch=4, now=1) == 1


def test_a_record_larger_than_a_batch_gets_one_of_its_own_that_is_full(make):
    accumulator = make(batch_size=1000)
    queue = accumulator.queue("flights", 0)
    fill(accumulator, queue, 1, size=5000)
    assert queue.open is None
    assert queue.batches[0].memory == 5000 + BATCH_OVERHEAD


def test_memory_runs_out_and_comes_back(make):
    accumulator = make(batch_size=1000, buffer_memory=2500)
    queue = accumulator.queue("flights", 0)
    fill(accumulator, queue, 2, size=900)
    assert accumulator.free_memory == 500
    assert accumulator.append(queue, RECORD, 900, 0) is None
    assert [len(batch.records) for batch in queue.batches] == [1, 1]
    accumulator.release(accumulator.take(queue))
    assert accumulator.free_memory == 1500
    assert accumulator.append(queue, RECORD, 900, 0) is not None


def three_batches(accumulator):
    queue = accumulator.queue("flights", 0)
    fill(accumulator, queue, 3, size=900)
    return queue, list(queue.batches)


def test_without_sequences_what_comes_back_goes_to_the_front(make):
    accumulator = make(batch_size=1000)
    queue, (first, second, third) = three_batches(accumulator)
    accumulator.take(queue), accumulator.take(queue)
    accumulator.put_back(first)
    accumulator.put_back(second)
    assert list(queue.batches) == [second, first, third]


def test_with_sequences_the_order_is_kept(make):
    accumulator = make(batch_size=1000)
    queue, (first, second, third) = three_batches(accumulator)
    for number, batch in enumerate((first, second)):
        accumulator.take(queue)
        batch.identify(1, 0, number)
    accumulator.put_back(first)
    accumulator.put_back(second)
    assert list(queue.batches) == [first, second, third]


def test_a_split_keeps_records_numbers_and_sequences_in_order(make):
    accumulator = make()
    queue = accumulator.queue("flights", 0)
    for number in range(5):
        accumulator.append(queue, (0, None, b"%d" % number, None), 100, 0)
    batch = accumulator.take(queue)
    batch.identify(1, 0, 2**31 - 2)
    pieces = accumulator.split(batch)
    assert [[record[2] for record in piece.records] for piece in pieces] == [[b"0", b"1"], [b"2", b"3"], [b"4"]]
    assert [piece.first_number for piece in pieces] == [0, 2, 4]
    assert [piece.base_sequence for piece in pieces] == [2**31 - 2, 0, 2]
    assert list(queue.batches) == pieces
    assert batch.pieces == pieces
    assert list(accumulator.incomplete) == pieces


def test_batches_expire_counted_from_their_making(make):
    accumulator = make(batch_size=1000, delivery_timeout_ms=40_000)
    queue, (first, second, third) = three_batches(accumulator)
    third.created = 1
    assert accumulator.expired(40_000 * MS - 1) == []
    assert accumulator.expired(40_000 * MS) == [first, second]
    assert list(queue.batches) == [third]
