"""Percentiles by nearest rank."""

import pytest

from minikafka.recovery.attempts import Attempt
from minikafka.recovery.write_latency import quantile, write_latency


def attempt(sent_at, took, acknowledged=True):
    return Attempt("UA1", sent_at, None, sent_at + took, acknowledged, True)


@pytest.mark.parametrize("share, value", [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_a_value_that_occurred(share, value):
    assert quantile(range(100, 0, -1), share) == value


def test_a_quantile_of_few():
    assert [quantile([40, 10, 30, 20], share) for share in (0.25, 0.5, 0.75, 1.0)] == [10, 20, 30, 40]
    assert quantile([7], 0.99) == 7
    assert quantile(range(100), 0.07) == 6  # 0.07 * 100 is a little more than 7


def test_only_the_acknowledged_ones_of_the_window_count():
    tried = [attempt(0, 9_000), attempt(1_000, 2_000), attempt(2_000, 4_000), attempt(2_500, 1, acknowledged=False)]
    found = write_latency(tried, since=1_000, until=3_000)
    assert (found.records, found.p50, found.worst) == (2, 2_000, 4_000)
    assert found.per_second == 2 / 0.005
    assert str(found) == "2 records, 400.0 records/sec, 2 ms 50th, 4 ms 95th, 4 ms 99th, 4 ms max latency"


def test_without_answers_there_is_no_latency():
    assert write_latency([attempt(0, 1, acknowledged=False)]) is None
