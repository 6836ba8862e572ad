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


class Around:
    """A broker 1 that finds these brokers eligible."""

    broker_id, longest_lag = 1, 30_000_000

    def __init__(self, *eligible):
        self.brokers = eligible

    def eligible(self, replica):
        return replica.broker_id in self.brokers


def counts(broker, caught_up, around):
    one = replica(broker, 0)
    one.last_caught_up = 0 if caught_up else one.last_caught_up
    return high_watermark.counts(one, (1, 2), 9, 0, around)


def test_who_counts():
    assert counts(2, False, Around())
    assert counts(3, True, Around(3))
    assert not counts(3, True, Around())
    assert not counts(3, False, Around(3))


def test_the_smallest_that_counts():
    replicas = [replica(2, 7), replica(3, 4)]
    assert high_watermark.next_high_watermark(replicas, (1, 2, 3), 9, 0, Around()) == (4, 3)
    assert high_watermark.next_high_watermark(replicas, (1, 2), 9, 0, Around(3)) == (7, 2)
    assert high_watermark.next_high_watermark(replicas, (1,), 9, 0, Around()) == (9, 1)


def test_one_that_was_not_heard_of_blocks():
    assert high_watermark.next_high_watermark([Replica(2)], (1, 2), 9, 0, Around()) == (-1, 2)
