"""Sequences count records, wrap, and start again under a new epoch when there is a gap."""

import pytest

from minikafka.client.accumulator import PartitionQueue
from minikafka.client.producer_batch import ProducerBatch
from minikafka.client.sequences import LAST_EPOCH, Sequences
from minikafka.protocol.names import TopicPartition
from minikafka.world.kernel import Kernel

QUEUE = PartitionQueue(TopicPartition("flights", 0))
OTHER = PartitionQueue(TopicPartition("flights", 1))


def batch(records=1, queue=QUEUE):
    made = ProducerBatch(queue, 0, 0, Kernel().future)
    made.records = [(0, None, b"v", None)] * records
    return made


@pytest.fixture
def sequences():
    made = Sequences()
    made.begin(7, 0)
    return made


def send(sequences, *sizes, queue=QUEUE):
    batches = [batch(size, queue) for size in sizes]
    for one in batches:
        assert sequences.may_send(one)
        sequences.sent(one)
    return batches


def identities(batches):
    return [(one.producer_id, one.producer_epoch, one.base_sequence) for one in batches]


def test_nothing_is_sent_before_there_is_an_identity():
    sequences = Sequences()
    assert not sequences.may_send(batch())
    sequences.begin(7, 0)
    assert sequences.may_send(batch())


def test_sequences_count_records_in_each_partition(sequences):
    assert identities(send(sequences, 3, 2, 1)) == [(7, 0, 0), (7, 0, 3), (7, 0, 5)]
    assert identities(send(sequences, 4, 1, queue=OTHER)) == [(7, 0, 0), (7, 0, 4)]


def test_after_the_last_sequence_comes_0(sequences):
    (first,) = send(sequences, 1)
    sequences.partitions[QUEUE.partition].next_sequence = 2**31 - 1
    second, third = send(sequences, 2, 1)
    assert (second.base_sequence, third.base_sequence) == (2**31 - 1, 1)


def test_a_repetition_keeps_its_sequence_and_only_the_oldest_may_be_repeated(sequences):
    first, second = send(sequences, 3, 2)
    assert sequences.may_send(first) and not sequences.may_send(second)
    sequences.sent(first)
    assert first.base_sequence == 0
    sequences.succeeded(first)
    assert sequences.may_send(second)


def test_a_gap_that_an_earlier_batch_explains_changes_nothing(sequences):
    first, second = send(sequences, 3, 2)
    sequences.out_of_order(second)
    sequences.resolve()
    assert sequences.identity == (7, 0)
    assert second.base_sequence == 3


def test_a_gap_that_nothing_explains_starts_again_under_the_next_epoch(sequences):
    first, second = send(sequences, 3, 2)
    sequences.out_of_order(first)
    sequences.resolve()
    assert identities([first, second]) == [(7, 1, 0), (7, 1, 3)]
    assert identities(send(sequences, 1)) == [(7, 1, 5)]


def test_a_late_answer_to_the_old_numbers_does_not_bump_again(sequences):
    first, second = send(sequences, 3, 2)
    sequences.out_of_order(first)
    sequences.resolve()
    sequences.out_of_order(second)
    sequences.resolve()
    assert sequences.identity == (7, 1)


def test_a_definite_failure_starts_again(sequences):
    first, second = send(sequences, 3, 2)
    sequences.failed(first, fate_known=True)
    sequences.resolve()
    assert identities([second]) == [(7, 1, 0)]


def test_an_unknown_fate_holds_new_batches_back_until_the_rest_is_settled(sequences):
    first, second = send(sequences, 3, 2)
    sequences.failed(first, fate_known=False)
    sequences.resolve()
    assert not sequences.may_send(batch())
    assert sequences.identity == (7, 0)
    sequences.succeeded(second)
    sequences.resolve()
    assert sequences.identity == (7, 0), "the second was taken, so the first had been written"
    assert identities(send(sequences, 1)) == [(7, 0, 5)]


def test_an_unknown_fate_with_nothing_after_it_bumps_the_epoch(sequences):
    (first,) = send(sequences, 3)
    sequences.failed(first, fate_known=False)
    sequences.resolve()
    assert identities(send(sequences, 1)) == [(7, 1, 0)]


def test_other_partitions_take_the_new_epoch_once_they_are_empty(sequences):
    (theirs,) = send(sequences, 2, queue=OTHER)
    (first,) = send(sequences, 1)
    sequences.failed(first, fate_known=True)
    sequences.resolve()
    assert not sequences.may_send(batch(queue=OTHER))
    sequences.succeeded(theirs)
    assert identities(send(sequences, 1, queue=OTHER)) == [(7, 1, 0)]


def test_after_the_last_epoch_a_new_id_is_needed(sequences):
    sequences.begin(7, LAST_EPOCH)
    first, second = send(sequences, 1, 1)
    sequences.failed(first, fate_known=True)
    sequences.resolve()
    assert sequences.producer_id == -1 and not sequences.may_send(second)
    sequences.begin(8, 0)
    assert identities([second]) == [(8, 0, 0)]


def test_pieces_stand_where_their_batch_stood(sequences):
    first, second = send(sequences, 2, 1)
    one, two = batch(1), batch(1)
    sequences.replace(first, [one, two])
    assert sequences.partitions[QUEUE.partition].in_flight == [one, two, second]
    assert sequences.may_send(one) or one.base_sequence < 0
