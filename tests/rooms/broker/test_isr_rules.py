"""Who must leave the ISR, and when."""

from lone_broker import LoneBroker, S

from minikafka.broker import isr_rules


def test_nobody_lags_within_the_allowed_time():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.pass_time(30 * S)
    assert isr_rules.lagging(flights, broker.now) == ()
    broker.pass_time(1)
    assert isr_rules.lagging(flights, broker.now) == (2, 3)


def test_a_follower_with_the_whole_log_never_lags():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.fetch(2, 1)
    broker.pass_time(3600 * S)
    assert isr_rules.lagging(flights, broker.now) == (3,)


def test_a_follower_that_fetches_but_stays_behind_lags():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1", "m2", "m3", "m4")
    for _ in range(4):
        broker.pass_time(10 * S)
        broker.fetch(3, 0)
        broker.fetch(2, 4)
        broker.append("more")
    assert isr_rules.lagging(flights, broker.now) == (3,)


def test_the_wish_names_how_far_they_are():
    broker = LoneBroker()
    flights = broker.topic()
    broker.append("m1")
    broker.fetch(2, 1)
    broker.pass_time(31 * S)
    wish = isr_rules.shrinking(flights, broker.now)
    assert wish.wanted == (1, 2)
    assert "broker 3 at -1 of 1" in wish.why
    flights.ask_isr_change(wish)
    assert isr_rules.shrinking(flights, broker.now) is None


def test_what_counts_is_the_high_watermark_and_the_start_of_the_epoch():
    class Follower:
        log_end_offset = 5

    assert isr_rules.holds_all_that_counts(Follower, 5, 5)
    assert not isr_rules.holds_all_that_counts(Follower, 6, 0)
    assert not isr_rules.holds_all_that_counts(Follower, 0, 6)
