"""RPO, from attempts written by hand."""

from minikafka.protocol.names import TopicPartition
from minikafka.recovery.attempts import Attempt
from minikafka.recovery.recovery_point import recovery_point

FLIGHTS = TopicPartition("flights", 0)
SECOND = 1_000_000


def attempt(name, sent_at, acknowledged=True, kept=True):
    return Attempt(name, sent_at, FLIGHTS, sent_at + SECOND // 2, acknowledged, kept)


def test_nothing_lost_is_rpo_zero():
    point = recovery_point([attempt("UA1", 1), attempt("UA2", 2)], disaster=5 * SECOND)
    assert (point.records, point.span, point.acknowledged) == (0, 0, 2)
    assert str(point) == "RPO 0: all 2 acknowledged records are there"


def test_the_span_goes_from_the_sending_of_the_first_lost_record_to_the_disaster():
    tried = [
        attempt("UA1", 1 * SECOND),
        attempt("UA3", 4 * SECOND, kept=False),
        attempt("UA2", 3 * SECOND, kept=False),
    ]
    point = recovery_point(tried, disaster=5 * SECOND)
    assert [lost.name for lost in point.lost] == ["UA2", "UA3"]
    assert point.span == 2 * SECOND
    assert str(point) == "RPO 2.000 s: 2 of 3 acknowledged records are gone, the first of them UA2"


def test_what_was_never_acknowledged_is_not_lost():
    point = recovery_point([attempt("UA1", 1, acknowledged=False, kept=False)], disaster=SECOND)
    assert (point.records, point.acknowledged) == (0, 0)


def test_what_was_sent_after_the_disaster_may_be_lost_too():
    point = recovery_point([attempt("UA1", 2 * SECOND, kept=False)], disaster=SECOND)
    assert (point.records, point.span) == (1, 0)


def test_while_nobody_leads_nothing_is_known():
    point = recovery_point([attempt("UA1", 1, kept=None), attempt("UA2", 2)], disaster=SECOND)
    assert (point.records, point.unknown) == (0, 1)
    assert str(point) == "RPO unknown: 1 of 2 acknowledged records are in no leader's hands"
