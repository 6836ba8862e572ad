"""What a transaction coordinator decides, and what it refuses: row by row."""

import pytest

from minikafka.coordinator import transaction_rules as rules
from minikafka.coordinator import transaction_state as states
from minikafka.coordinator.transaction_records import batch_of, transaction_of
from minikafka.coordinator.transaction_state import LAST_EPOCH, Transaction
from minikafka.protocol.errors import Error, KafkaError
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import read_header
from minikafka.protocol.records import records_of

F0, F1 = TopicPartition("flights", 0), TopicPartition("flights", 1)
AT_REST = (states.EMPTY, states.COMPLETE_COMMIT, states.COMPLETE_ABORT)


def one(state=states.EMPTY, epoch=3, partitions=(), started=-1, **more):
    return Transaction("booking", 7, epoch, 60_000, state, partitions, started, 100, **more)


def refused(error, call, *arguments):
    with pytest.raises(KafkaError) as caught:
        call(*arguments)
    assert caught.value.error == error
    return str(caught.value)


def test_the_first_producer_gets_a_new_id():
    made = rules.initialised(None, "booking", 60_000, 42, 5)
    assert made.identity == (42, 0) and made.state == states.EMPTY and made.timeout_ms == 60_000


@pytest.mark.parametrize("state", AT_REST)
def test_the_next_one_gets_the_next_epoch(state):
    assert rules.initialised(one(state), "booking", 50, -1, 5).identity == (7, 4)


def test_after_the_last_epoch_comes_a_new_id():
    assert rules.needs_new_id(one(epoch=LAST_EPOCH - 1)) and not rules.needs_new_id(one())
    assert rules.initialised(one(epoch=LAST_EPOCH - 1), "booking", 50, 42, 5).identity == (42, 0)
    ended = rules.ended(one(states.ONGOING, LAST_EPOCH - 1, (F0,), 1), "booking", (7, LAST_EPOCH - 1), True, 42, 5)
    assert ended.identity == (7, LAST_EPOCH) and ended.identity_after == (42, 0)
    assert rules.completed(ended, 6).identity == (42, 0)


def test_an_open_transaction_is_aborted_for_the_next_producer():
    fenced = rules.initialised(one(states.ONGOING, 3, (F0,), 1), "booking", 50, -1, 5)
    assert (fenced.state, fenced.producer_epoch, fenced.partitions) == (states.PREPARE_ABORT, 4, (F0,))
    refused(Error.PRODUCER_FENCED, rules.ended, fenced, "booking", (7, 3), True, -1, 6)


@pytest.mark.parametrize("state", states.DECIDED)
def test_while_one_is_being_ended_everybody_waits(state):
    busy = one(state, 3, (F0,))
    refused(Error.CONCURRENT_TRANSACTIONS, rules.initialised, busy, "booking", 50, -1, 5)
    refused(Error.CONCURRENT_TRANSACTIONS, rules.with_partitions, busy, "booking", (7, 3), [F0], 5)
    refused(Error.CONCURRENT_TRANSACTIONS, rules.ended, busy, "booking", (7, 3), True, -1, 5)
    refused(Error.CONCURRENT_TRANSACTIONS, rules.require_partition, busy, "booking", (7, 3), F0)


@pytest.mark.parametrize("call", [
    lambda found, who: rules.with_partitions(found, "booking", who, [F0], 5),
    lambda found, who: rules.ended(found, "booking", who, True, -1, 5),
    lambda found, who: rules.require_partition(found, "booking", who, F0),
])  # fmt: skip
def test_strangers_and_zombies_are_refused(call):
    assert "init_transactions" in refused(Error.INVALID_PRODUCER_ID_MAPPING, call, None, (7, 3))
    refused(Error.INVALID_PRODUCER_ID_MAPPING, call, one(states.ONGOING), (8, 3))
    assert "close this producer" in refused(Error.PRODUCER_FENCED, call, one(states.ONGOING), (7, 2))
    refused(Error.PRODUCER_FENCED, call, one(states.ONGOING), (7, 4))


def test_partitions_are_added_once():
    begun = rules.with_partitions(one(states.COMPLETE_ABORT), "booking", (7, 3), [F1, F1], 5)
    assert (begun.state, begun.partitions, begun.started_at) == (states.ONGOING, (F1,), 5)
    more = rules.with_partitions(begun, "booking", (7, 3), [F0, F1], 9)
    assert (more.partitions, more.started_at) == ((F0, F1), 5)
    assert rules.with_partitions(more, "booking", (7, 3), [F0], 9) is None


def test_a_leader_hears_whether_a_partition_is_in_the_transaction():
    rules.require_partition(one(states.ONGOING, partitions=(F0,)), "booking", (7, 3), F0)
    refused(Error.INVALID_TXN_STATE, rules.require_partition, one(states.ONGOING, partitions=(F0,)), "b", (7, 3), F1)
    refused(Error.INVALID_TXN_STATE, rules.require_partition, one(states.COMPLETE_COMMIT), "b", (7, 3), F1)


@pytest.mark.parametrize("commit, state", [(True, states.PREPARE_COMMIT), (False, states.PREPARE_ABORT)])
def test_every_end_has_a_new_epoch_and_may_be_asked_for_again(commit, state):
    ended = rules.ended(one(states.ONGOING, 3, (F0,), 1), "booking", (7, 3), commit, -1, 5)
    assert (ended.state, ended.producer_epoch, ended.partitions) == (state, 4, (F0,))
    refused(Error.CONCURRENT_TRANSACTIONS, rules.ended, ended, "booking", (7, 3), commit, -1, 6)
    assert "that stands" in refused(Error.INVALID_TXN_STATE, rules.ended, ended, "booking", (7, 3), not commit, -1, 6)
    done = rules.completed(ended, 7)
    assert rules.ended(done, "booking", (7, 3), commit, -1, 8) is None
    refused(Error.INVALID_TXN_STATE, rules.ended, done, "booking", (7, 3), not commit, -1, 8)


@pytest.mark.parametrize("state", AT_REST)
def test_where_nothing_is_open_there_is_nothing_to_commit(state):
    why = refused(Error.INVALID_TXN_STATE, rules.ended, one(state), "b", (7, 3), True, -1, 5)
    assert "begin a transaction first" in why
    assert rules.ended(one(state), "booking", (7, 3), False, -1, 5).partitions == ()


def test_time_is_up():
    still = one(states.ONGOING, started=1000)
    assert not rules.timed_out(still, 60_999) and rules.timed_out(still, 61_000)
    assert not rules.timed_out(one(states.PREPARE_COMMIT, started=0), 10**9)
    assert rules.unused(one(), 1100, 1000) and not rules.unused(one(), 1099, 1000)
    assert not rules.unused(one(states.ONGOING), 10**9, 1000)


@pytest.mark.parametrize("name, timeout, error", [
    ("", 10, Error.INVALID_REQUEST), (None, 10, Error.INVALID_REQUEST), (7, 10, Error.INVALID_REQUEST),
    ("b", 0, Error.INVALID_TRANSACTION_TIMEOUT), ("b", 1001, Error.INVALID_TRANSACTION_TIMEOUT),
])  # fmt: skip
def test_what_no_producer_may_ask(name, timeout, error):
    refused(error, rules.check_new, name, timeout, {"transaction.max.timeout.ms": 1000})
    rules.check_new("b", 1000, {"transaction.max.timeout.ms": 1000})


def test_a_transaction_is_read_as_it_was_written():
    ongoing = one(states.ONGOING, 3, (F0, F1), 50, ended_by=(7, 2))
    for written in (ongoing, one()._replace(state=states.DEAD)):
        data = batch_of(written, 5_000)
        [record] = records_of(data, read_header(data))
        assert transaction_of(record) == ("booking", written if written.state != states.DEAD else None)
    with pytest.raises(KafkaError, match="is unreadable"):
        transaction_of(record._replace(value=b"\xc1"))
