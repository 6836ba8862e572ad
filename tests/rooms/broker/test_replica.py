"""The caught-up rule."""

from minikafka.broker.replica import NEVER, UNKNOWN, Replica

LAG = 30_000_000


class Visits:
    last_visit = 0


def fetched(replica, offset, leader_end, now):
    replica.fetched(offset, 0, 5, leader_end, now)
    return replica


def test_a_fetch_at_the_end_is_caught_up_now():
    replica = fetched(Replica(2), 10, 10, 7_000)
    assert replica.last_caught_up == 7_000
    assert replica.log_end_offset == 10


def test_a_fetch_that_reaches_the_end_of_the_fetch_before_was_caught_up_then():
    replica = fetched(Replica(2), 5, 10, 1_000)
    fetched(replica, 10, 20, 2_000)
    assert replica.last_caught_up == 1_000
    fetched(replica, 15, 30, 3_000)
    assert replica.last_caught_up == 1_000


def test_a_new_replica_never_was_caught_up():
    replica = Replica(2)
    assert replica.last_caught_up == NEVER
    assert not replica.is_caught_up(10, 1_000, LAG)
    fetched(replica, 0, 10, 2_000)
    assert not replica.is_caught_up(10, 2_000, LAG)


def test_equal_ends_are_caught_up_however_long_ago():
    replica = fetched(Replica(2), 10, 10, 0)
    assert replica.is_caught_up(10, 100 * LAG, LAG)
    assert replica.is_caught_up(11, LAG, LAG)
    assert not replica.is_caught_up(11, LAG + 1, LAG)


def test_a_reign_begins():
    member, outsider = fetched(Replica(2), 4, 4, 10), fetched(Replica(3), 4, 4, 10)
    member.begin_reign(50, True, 7, was_leader=False)
    outsider.begin_reign(50, False, 7, was_leader=False)
    assert (member.last_caught_up, member.log_end_offset, member.broker_epoch) == (50, UNKNOWN, UNKNOWN)
    assert (outsider.last_caught_up, outsider.log_end_offset) == (NEVER, UNKNOWN)


def test_one_who_led_before_keeps_what_it_knows():
    member, outsider = fetched(Replica(2), 4, 4, 10), fetched(Replica(3), 4, 4, 10)
    member.begin_reign(50, True, 7, was_leader=True)
    outsider.begin_reign(50, False, 7, was_leader=True)
    assert (member.log_end_offset, member.last_caught_up, member.last_fetch_time) == (4, 50, 50)
    assert (outsider.log_end_offset, outsider.last_caught_up, outsider.last_fetch_time) == (4, NEVER, NEVER)
    fetched(outsider, 7, 9, 60)
    assert outsider.last_caught_up == NEVER


def test_idle_visits_count_like_fetches():
    replica = fetched(Replica(2), 10, 10, 1_000)
    replica.visits = Visits()
    replica.visits.last_visit = 9_000
    replica.fold(10)
    assert (replica.last_caught_up, replica.last_fetch_time) == (9_000, 9_000)
    replica.visits = None
    assert not replica.is_caught_up(11, 9_001 + LAG, LAG)


def test_visits_do_not_count_for_one_who_lags():
    replica = fetched(Replica(2), 3, 10, 1_000)
    replica.visits = Visits()
    replica.visits.last_visit = 9_000
    replica.fold(10)
    assert replica.last_caught_up == NEVER
