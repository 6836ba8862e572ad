"""Distance, jitter, loss and bandwidth of the line between two cities: what each does to writes, and to the bytes."""

import pytest

from minikafka.patterns.line_between import Line, over
from minikafka.patterns.stretched_layout import Placement

MS = 1000
AT_HOME = 10 * MS
"""What a write takes at most besides the line: the way to the users and within a city, and the producer's linger."""

ONE_BY_ONE = {"batch.size": 0, "linger.ms": 0}


def alone(line, **more):
    """Writes that do not queue behind one another."""
    return over(line, rate=2, lasting="5s", **more).writes


@pytest.mark.parametrize("distance", [0, 20, 100, 200])
def test_a_write_takes_two_trips_and_one_more_where_the_follower_had_just_asked_in_vain(distance):
    """An empty fetch is answered after half a second (replica.fetch.wait.max.ms); the next one is on its way."""
    found = alone(Line(f"{distance}ms"))
    assert 2 * distance * MS <= found.p50 <= 2 * distance * MS + AT_HOME
    assert found.worst <= 4 * distance * MS + AT_HOME


def test_the_leaders_word_alone_takes_none():
    assert alone(Line("200ms"), acks="1").worst < AT_HOME


def test_jitter_spreads_the_times():
    found = alone(Line("20ms", jitter="30ms"))
    assert 45 * MS < found.p50 < found.worst < 100 * MS + AT_HOME
    assert found.worst - found.p50 > 10 * MS


def test_what_is_lost_is_sent_again_after_a_pause_and_the_middle_does_not_notice():
    still, lossy = (over(Line("20ms", loss=loss), rate=2, lasting="30s").writes for loss in (0.0, 0.05))
    assert lossy.p50 == still.p50
    assert lossy.p95 >= still.p95 + 200 * MS


def test_a_narrow_line_adds_the_time_to_put_a_record_on_it():
    wide, narrow = (alone(Line("20ms", bandwidth=bandwidth)) for bandwidth in (None, "100kbps"))
    assert 2 * 150 * 8 * 10 < narrow.p50 - wide.p50 < 100 * MS  # µs: two copies of more than 150 bytes, 10 µs a bit


def test_a_line_takes_no_more_than_its_bandwidth():
    """Two copies of everything go over it, so less than half of it is for the users."""
    narrow = over(Line("20ms", bandwidth="64kbps"), rate=200, lasting="2s")
    assert narrow.writes.per_second * 114 * 8 < 64_000 / 2


def test_throughput_falls_with_the_distance_unless_requests_carry_more():
    """A broker answers the requests of one connection one after the other: with one record in each, no more than there
    are round trips in a second. In batches a far line takes what a near one takes, later."""
    one_by_one = [over(Line(f"{distance}ms"), rate=100, lasting="2s", config=ONE_BY_ONE).writes.per_second
                  for distance in (20, 50, 100)]  # fmt: skip
    for found, round_trips in zip(one_by_one, (25, 10, 5), strict=True):
        assert 0.6 * round_trips < found <= round_trips
    in_batches = over(Line("100ms"), rate=200, lasting="2s").writes
    assert in_batches.per_second > 100 and in_batches.p50 > 5 * 200 * MS  # five requests wait for one another


def test_a_request_at_a_time_waits_at_home_and_not_at_the_connections_head():
    fewer = over(Line("50ms"), config={"max.in.flight.requests.per.connection": 1}).writes
    more = over(Line("50ms")).writes
    assert fewer.p50 < more.p50 / 3


def test_the_bytes_are_counted_too():
    synced = over(Line("20ms"), lasting="3s").bytes
    local = over(Line("20ms"), lasting="3s", via=Placement("2+0", {"west": 2}, 2)).bytes
    across = [{(border.source, border.target): border.bytes for border in one.borders} for one in (synced, local)]
    assert across[0]["west", "east"] > 2 * synced.produced
    assert across[1].get(("west", "east"), 0) < 0.5 * local.produced
    assert synced.cost(0.02) > local.cost(0.02)
