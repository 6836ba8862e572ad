"""RTO, from attempts written by hand."""

from minikafka.protocol.names import TopicPartition
from minikafka.recovery.attempts import Attempt
from minikafka.recovery.recovery_time import recovery_time

SECOND = 1_000_000


def attempt(partition, sent_at, answered_at=None):
    return Attempt("UA1", sent_at, TopicPartition("flights", partition), answered_at, answered_at is not None, True)


def test_the_slowest_partition_speaks_for_all():
    tried = [
        attempt(0, 1 * SECOND, 1 * SECOND),
        attempt(0, 6 * SECOND, 9 * SECOND),
        attempt(1, 6 * SECOND, 7 * SECOND),
        attempt(1, 6 * SECOND, 8 * SECOND),
    ]
    time = recovery_time(tried, disaster=5 * SECOND)
    assert list(time.resumed.values()) == [4 * SECOND, 2 * SECOND]
    assert time.longest == 4 * SECOND
    assert str(time) == "RTO 4.000 s: so long until every partition took writes again"


def test_an_answer_to_a_record_from_before_the_disaster_does_not_count():
    time = recovery_time([attempt(0, 4 * SECOND, 6 * SECOND), attempt(0, 6 * SECOND)], disaster=5 * SECOND)
    assert time.longest is None
    assert str(time) == "RTO not reached: no writes yet to flights-0"


def test_where_nobody_wrote_nothing_is_known():
    assert recovery_time([attempt(0, 1, 2)], disaster=5).longest is None
    assert str(recovery_time([], disaster=5)) == "RTO unknown: nothing was written after the disaster"
