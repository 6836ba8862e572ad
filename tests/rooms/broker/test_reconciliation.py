"""The truncation table, each row."""

import pytest

from minikafka.broker.reconciliation import Truncation, truncation_for


def own(epoch, end):
    return lambda asked: (epoch, end)


@pytest.mark.parametrize(("answer", "fetch_offset", "log_end", "known", "cut"), [
    ((-1, -1), 4, 10, own(2, 8), Truncation(4, True)),  # the leader knows nothing
    ((-1, 7), 10, 10, own(2, 8), Truncation(7, True)),  # a leader from before epochs
    ((-1, 17), 10, 10, own(2, 8), Truncation(10, True)),
    ((2, 7), 10, 10, own(-1, -1), Truncation(7, True)),  # we know nothing of that epoch
    ((2, 17), 10, 10, own(-1, -1), Truncation(10, True)),
    ((2, 7), 10, 10, own(1, 5), Truncation(5, False)),  # our largest not above it is older
    ((2, 7), 10, 4, own(1, 5), Truncation(4, False)),
    ((2, 7), 10, 10, own(2, 9), Truncation(7, True)),  # the same epoch ends earlier there
    ((2, 9), 10, 10, own(2, 6), Truncation(6, True)),  # or here
    ((2, 9), 10, 5, own(2, 6), Truncation(5, True)),
])
def test_the_table(answer, fetch_offset, log_end, known, cut):
    assert truncation_for(*answer, fetch_offset, log_end, known) == cut
