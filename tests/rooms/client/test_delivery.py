"""What an answer means for a batch."""

import pytest

from minikafka.client.accumulator import PartitionQueue
from minikafka.client.backoff import Backoff
from minikafka.client.delivery import DeliveryRules, Verdict, answered, expiry, final_error
from minikafka.client.producer_batch import ProducerBatch
from minikafka.protocol.errors import Error, RecordTooLargeException
from minikafka.protocol.names import TopicPartition
from minikafka.world.kernel import Kernel

RULES = DeliveryRules(retries=3, delivery_timeout=1000, idempotent=True)


def batch(records=2, attempts=1):
    made = ProducerBatch(PartitionQueue(TopicPartition("flights", 0)), 0, 0, Kernel().future)
    made.records = [(0, None, b"v", None)] * records
    made.attempts = attempts
    return made


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Error.NONE, Verdict.DELIVERED),
        (Error.DUPLICATE_SEQUENCE_NUMBER, Verdict.DELIVERED),
        (Error.NOT_LEADER_OR_FOLLOWER, Verdict.RETRY),
        (Error.NOT_ENOUGH_REPLICAS, Verdict.RETRY),
        (Error.REQUEST_TIMED_OUT, Verdict.RETRY),
        (Error.NETWORK_EXCEPTION, Verdict.RETRY),
        (Error.OUT_OF_ORDER_SEQUENCE_NUMBER, Verdict.RETRY),
        (Error.MESSAGE_TOO_LARGE, Verdict.SPLIT),
        (Error.INVALID_RECORD, Verdict.GIVEN_UP),
        (Error.INVALID_PRODUCER_EPOCH, Verdict.GIVEN_UP),
    ],
)
def test_verdicts(error, verdict):
    assert RULES.verdict(batch(), error, now=10) is verdict


def test_one_record_that_is_too_large_cannot_be_split():
    assert RULES.verdict(batch(records=1), Error.MESSAGE_TOO_LARGE, now=10) is Verdict.GIVEN_UP


def test_retries_and_time_run_out():
    assert RULES.verdict(batch(attempts=3), Error.REQUEST_TIMED_OUT, now=10) is Verdict.RETRY
    assert RULES.verdict(batch(attempts=4), Error.REQUEST_TIMED_OUT, now=10) is Verdict.GIVEN_UP
    assert RULES.verdict(batch(), Error.REQUEST_TIMED_OUT, now=1000) is Verdict.GIVEN_UP


def test_out_of_order_is_final_without_idempotence():
    rules = DeliveryRules(retries=3, delivery_timeout=1000, idempotent=False)
    assert rules.verdict(batch(), Error.OUT_OF_ORDER_SEQUENCE_NUMBER, now=10) is Verdict.GIVEN_UP


def test_a_refusal_does_not_undo_an_attempt_that_may_have_been_written():
    tried = batch()
    answered(tried, Error.NOT_ENOUGH_REPLICAS, sent=True)
    assert final_error(tried, Error.INVALID_RECORD, None).definite
    answered(tried, Error.REQUEST_TIMED_OUT, sent=True)
    answered(tried, Error.NOT_ENOUGH_REPLICAS, sent=True)
    assert not final_error(tried, Error.INVALID_RECORD, None).definite


def test_what_never_left_is_definite():
    tried = batch(attempts=0)
    answered(tried, Error.NETWORK_EXCEPTION, sent=False)
    error = expiry(tried, 120_000_000)
    assert error.definite
    assert "delivery.timeout.ms=120000" in str(error) and "never sent" in str(error)


def test_the_error_keeps_kafkas_class_and_the_brokers_words():
    error = final_error(batch(), Error.MESSAGE_TOO_LARGE, "1,000 bytes and no more")
    assert isinstance(error, RecordTooLargeException)
    assert "1,000 bytes and no more" in str(error)


def test_rests_double_up_to_the_longest():
    class NoJitter:
        def uniform(self, low, high):
            return 0

    backoff = Backoff(100, 1000, NoJitter())
    assert [backoff.after(failures) for failures in range(7)] == [100, 100, 200, 400, 800, 1000, 1000]
    assert Backoff(0, 1000, NoJitter()).after(3) == 0
