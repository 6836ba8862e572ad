"""Fetch sessions: who is answered for, what a visit costs, and that nothing is forgotten by that."""

import pytest
from lone_broker import FLIGHTS, MS, LoneBroker, S, offsets

from minikafka.broker import isr_rules
from minikafka.broker.fetch_session import FetchSessions
from minikafka.protocol.errors import Error


class Follower:
    """Broker 2 or 3 in a session with the leader."""

    def __init__(self, broker, replica=2, wait_ms=0):
        self.broker, self.replica, self.wait_ms = broker, replica, wait_ms
        self.session, self.epoch = 0, 0

    def fetching(self, *rows, **more):
        return self.broker.fetching(self.replica, *rows, session=self.session, session_epoch=self.epoch,
                                    wait_ms=self.wait_ms, **more)  # fmt: skip

    def fetch(self, *rows, **more):
        answer = self.broker.finish(self.fetching(*rows, **more))
        if answer.error == Error.NONE:
            self.session = answer.session_id
            self.epoch += 1
        return answer


def in_session(**topic):
    broker = LoneBroker()
    flights = broker.topic(**topic)
    follower = Follower(broker)
    follower.fetch(broker.row(0))
    return broker, flights, follower


def test_the_first_answer_has_all_and_the_next_only_news():
    broker, _, follower = in_session()
    assert follower.session > 0
    assert follower.fetch().partitions == []
    broker.append("m1")
    (row,) = follower.fetch().partitions
    assert offsets(row.records) == [0]


def test_what_was_not_fetched_yet_is_sent_again():
    broker, _, follower = in_session()
    broker.append("m1")
    follower.fetch()
    (row,) = follower.fetch().partitions
    assert offsets(row.records) == [0]


def test_a_new_mark_is_news_once():
    broker, _, follower = in_session()
    broker.append("m1")
    follower.fetch(broker.row(1))
    broker.fetch(3, 1)
    (row,) = follower.fetch().partitions
    assert row.high_watermark == 1
    assert follower.fetch().partitions == []


def test_after_a_divergence_the_marks_are_sent_again():
    """Who cuts its log does not look at them; without this its high watermark would lag until the next record."""
    broker, flights, follower = in_session(isr=(1,))
    broker.append("m1")
    broker.change(leader=1)
    row = {"epoch": flights.leader_epoch, "last_epoch": 0}
    assert follower.fetch(broker.row(2, **row)).partitions[0].diverging_epoch == (0, 1)
    (row,) = follower.fetch(broker.row(1, **row)).partitions
    assert (row.diverging_epoch, row.high_watermark) == (None, 1)
    assert follower.fetch().partitions == []


def test_under_a_new_leader_epoch_the_marks_are_sent_again():
    """The answer under the old one may have come too late to be used."""
    broker, flights, follower = in_session()
    broker.append("m1")
    follower.fetch(broker.row(1))
    broker.fetch(3, 1)
    assert [row.high_watermark for row in follower.fetch().partitions] == [1]
    broker.change(leader=1)
    (row,) = follower.fetch(broker.row(1, epoch=flights.leader_epoch)).partitions
    assert (row.error, row.high_watermark) == (Error.NONE, 1)
    assert follower.fetch(broker.row(1, epoch=flights.leader_epoch)).partitions == []


def test_the_mark_that_its_own_fetch_moved_is_news_in_the_next():
    broker, flights, follower = in_session(isr=(1, 2), replicas=(1, 2))
    broker.append("m1")
    assert follower.fetch(broker.row(1)).partitions == []
    assert flights.high_watermark == 1
    (row,) = follower.fetch().partitions
    assert row.high_watermark == 1


def test_an_idle_visit_looks_at_nothing():
    broker, _, follower = in_session()
    follower.fetch()
    (session,) = broker.sessions.sessions.values()
    assert session.dirty == {}
    broker.append("m1")
    assert list(session.dirty) == [FLIGHTS]


def test_idle_visits_keep_a_follower_in_sync():
    broker, flights, follower = in_session()
    broker.fetch(3, 0)
    for _ in range(100):
        broker.pass_time(S)
        follower.fetch()
    broker.append("m1")
    assert flights.replicas[2].last_caught_up == broker.now
    broker.pass_time(29 * S)
    assert isr_rules.lagging(flights, broker.now) == (3,)
    broker.pass_time(2 * S)
    assert isr_rules.lagging(flights, broker.now) == (2, 3)


def test_visits_exactly_equal_full_fetches():
    """The same history with and without a session leaves the same book."""
    books = []
    for in_a_session in (True, False):
        broker = LoneBroker()
        flights = broker.topic()
        follower = Follower(broker)
        where = [0]
        visit = follower.fetch if in_a_session else lambda *rows, broker=broker, where=where: broker.fetch(2, where[0])
        visit(broker.row(0))
        for step in range(40):
            broker.pass_time((step * 7919) % 5000)
            if step % 7 == 3:
                broker.append("m")
            if step % 5 == 4 and where[0] < flights.log.log_end_offset:
                where[0] += 1
                visit(broker.row(where[0]))
            else:
                visit()
        book = flights.replicas[2]
        book.fold(flights.log.log_end_offset)
        books.append((book.log_end_offset, book.last_caught_up, book.last_fetch_time, book.last_fetch_leader_end))
    assert books[0] == books[1]


def test_one_who_is_out_of_the_isr_is_looked_at_in_each_visit():
    broker, flights, follower = in_session(isr=(1, 3))
    assert len(broker.asked) == 1
    flights.isr_not_recorded("INELIGIBLE_REPLICA")
    follower.fetch()
    assert len(broker.asked) == 2


def test_one_who_was_taken_out_asks_to_come_back():
    broker, _, follower = in_session()
    follower.fetch()
    broker.change(isr=(1, 3))
    follower.fetch()
    assert broker.asked[0][1].wanted == (1, 3, 2)


def test_a_leader_epoch_that_is_over_is_told():
    broker, _, follower = in_session()
    follower.fetch(broker.row(0, epoch=0))
    broker.change(leader=1)
    (row,) = follower.fetch().partitions
    assert row.error == Error.FENCED_LEADER_EPOCH
    (row,) = follower.fetch().partitions
    assert row.error == Error.FENCED_LEADER_EPOCH
    follower.fetch(broker.row(0, epoch=1))
    assert follower.fetch().partitions == []


def test_visits_under_an_old_epoch_do_not_count():
    broker, flights, follower = in_session()
    follower.fetch(broker.row(0, epoch=0))
    broker.change(leader=1, isr=(1, 3))
    before = flights.replicas[2].last_caught_up
    broker.pass_time(S)
    follower.fetch()
    flights.replicas[2].fold(0)
    assert flights.replicas[2].last_caught_up == before


def test_a_partition_can_be_taken_back():
    broker, flights, follower = in_session()
    follower.fetch(forgotten=[FLIGHTS])
    assert follower.fetch().partitions == []
    broker.append("m1")
    assert follower.fetch().partitions == []
    assert flights.news.watchers == {}
    assert flights.replicas[2].visits is None


def test_a_partition_that_is_made_later_is_found():
    broker = LoneBroker()
    follower = Follower(broker)
    (row,) = follower.fetch(broker.row(0, topic_id="")).partitions
    assert row.error == Error.UNKNOWN_TOPIC_OR_PARTITION
    broker.topic()
    (row,) = follower.fetch().partitions
    assert row.error == Error.NONE


def test_a_parked_visit_goes_on_with_the_append():
    broker, _, follower = in_session()
    follower.wait_ms = 500
    task = broker.start(follower.fetching())
    broker.pass_time(100 * MS)
    broker.append("m1")
    broker.pass_time(0)
    assert offsets(task.value.partitions[0].records) == [0]


@pytest.mark.parametrize(("session", "epoch", "error"), [
    (99, 1, Error.FETCH_SESSION_ID_NOT_FOUND), (1, 7, Error.INVALID_FETCH_SESSION_EPOCH),
])
def test_a_session_that_is_not_there_or_was_lost(session, epoch, error):
    broker, _, follower = in_session()
    follower.session, follower.epoch = session, epoch
    answer = follower.fetch()
    assert (answer.error, answer.session_id, answer.partitions) == (error, 0, [])


def test_a_follower_that_begins_anew_closes_its_old_session():
    broker, flights, _ = in_session()
    again = Follower(broker)
    again.fetch(broker.row(0))
    assert list(broker.sessions.sessions) == [again.session] == [2]
    assert len(flights.news.watchers) == 1


def test_the_last_request_of_a_session_closes_it():
    broker, flights, follower = in_session()
    follower.epoch = -1
    assert follower.fetch(broker.row(0)).session_id == 0
    assert broker.sessions.sessions == {}
    assert flights.news.watchers == {}
    assert flights.replicas[2].visits is None


def test_slots():
    broker = LoneBroker()
    broker.topic()
    broker.sessions = FetchSessions(1)
    reader, late, follower = Follower(broker, -1), Follower(broker, -1), Follower(broker, 2)
    reader.fetch(broker.row(0))
    late.fetch(broker.row(0))
    assert (reader.session, late.session) == (1, 0)
    follower.fetch(broker.row(0))
    assert list(broker.sessions.sessions) == [follower.session]
    broker.pass_time(121 * S)
    another = Follower(broker, -1)
    another.fetch(broker.row(0))
    assert list(broker.sessions.sessions) == [another.session]


def test_a_room_that_is_full_lets_the_others_go_first_next_time():
    broker = LoneBroker()
    for name in ("a", "b"):
        broker.topic(name=name, topic_id=name)
        for value in ("x" * 300, "y" * 300):
            broker.finish(broker.producing(value, acks=1, topic=name))
    follower = Follower(broker)
    rows = [broker.row(0, topic_id=name)._replace(topic=name) for name in ("a", "b")]
    answer = follower.fetch(*rows, max_bytes=500)
    assert [(row.topic, offsets(row.records)) for row in answer.partitions] == [("a", [0]), ("b", [])]
    answer = follower.fetch(rows[0]._replace(fetch_offset=1), max_bytes=500)
    assert [(row.topic, offsets(row.records)) for row in answer.partitions] == [("b", [0])]
