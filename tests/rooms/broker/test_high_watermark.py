"""The rule for what is committed, as plain functions."""

import pytest

from minikafka.broker import high_watermark
from minikafka.broker.replica import Replica


def replica(broker, end):
    one = Replica(broker)
    one.log_end_offset = end
    return one


@pytest.mark.parametrize(("setting", "replicas", "minimum"), [(2, 3, 2), (3, 1, 1), (1, 3, 1)])
def test_effective_min_isr(setting, replicas, minimum):
    assert high_watermark.effective_min_isr(setting, replicas) == minimum


def test_it_stands_still_under_the_minimum():
    assert high_watermark.may_advance((1, 2), 2)
    assert not high_watermark.may_advance((1,), 2)


def test_who_counts():
    def counts(broker, caught_up, eligible):
        return high_watermark.counts(replica(broker, 0), (1, 2), lambda: caught_up, lambda: eligible)

    assert counts(2, False, False)
    assert counts(3, True, True)
    assert not counts(3, True, False)
    assert not counts(3, False, True)


def test_the_smallest_that_counts():
    replicas = [replica(2, 7), replica(3, 4)]
    assert high_watermark.next_high_watermark(1, 9, replicas, lambda one: True) == (4, 3)
    assert high_watermark.next_high_watermark(1, 9, replicas, lambda one: one.broker_id == 2) == (7, 2)
    assert high_watermark.next_high_watermark(1, 9, replicas, lambda one: False) == (9, 1)


def test_one_that_was_not_heard_of_blocks():
    assert high_watermark.next_high_watermark(1, 9, [Replica(2)], lambda one: True) == (-1, 2)
