"""The flights: what the day was like, and what a missing or damaged file says."""

import json
from collections import Counter

import pytest

from minikafka.deploy.flights import FILE, arrivals, departures, load_flights


@pytest.fixture(scope="module")
def flights():
    return load_flights()


def test_the_day(flights):
    assert len(flights) == 1014
    assert Counter(flight.origin for flight in flights) == {"EWR": 367, "LGA": 330, "JFK": 317}
    assert sum(flight.departure is None for flight in flights) == 35, "cancelled"
    assert len({flight.name for flight in flights}) == len(flights), "a name would be no key"


def test_one_flight(flights):
    [flight] = [flight for flight in flights if flight.name == "UA1096"]
    assert (flight.origin, flight.dest, flight.tailnum) == ("EWR", "IAH", "N66803")
    assert (flight.airline, flight.dest_name) == ("United Air Lines Inc.", "George Bush Intercontinental")
    assert (flight.scheduled_departure, flight.departure) == (5 * 60 + 15, 5 * 60 + 14)
    assert flight.scheduled_arrival == 9 * 60 + 8, "8:08 in Houston is 9:08 in New York"
    assert flight.arrival == 9 * 60 + 8 - 25
    assert (flight.dest_lat, flight.dest_lon) == (29.984433, -95.341442)


def test_a_delay_can_pass_midnight(flights):
    [late] = [flight for flight in flights if flight.name == "EV5769"]
    assert (late.scheduled_departure, late.departure) == (19 * 60 + 30, 24 * 60 + 28)


def test_every_clock_agrees_with_the_time_in_the_air(flights):
    landed = [flight for flight in flights if flight.arrival is not None]
    assert len(landed) == 977
    for flight in landed:
        on_the_ground = flight.arrival - flight.departure - flight.air_time
        assert 0 <= on_the_ground <= 150, flight


def test_an_airport_without_coordinates_is_on_atlantic_time(flights):
    [island] = [flight for flight in flights if flight.dest_lat is None][:1]
    assert (island.dest, island.dest_lon, island.dest_name) == ("BQN", None, "")
    assert 0 < island.arrival - island.departure - island.air_time < 60


@pytest.mark.parametrize(("events", "count", "what"), [(departures, 979, "departed"), (arrivals, 977, "arrived")])
def test_events_are_in_order_and_tell_themselves(flights, events, count, what):
    told = events(flights)
    assert len(told) == count
    assert [event.minute for event in told] == sorted(event.minute for event in told)
    for event in told:
        value = json.loads(event.value)
        assert (value["event"], value["flight"], value["minute"]) == (what, event.key, event.minute)


def test_events_carry_the_delay(flights):
    [departed] = [event for event in departures(flights) if event.key == "UA1096"]
    assert departed.value == (
        b'{"event":"departed","flight":"UA1096","tailnum":"N66803","origin":"EWR","dest":"IAH","minute":314,"delay":-1}'
    )


def test_a_missing_file_names_the_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no flight data at .*gone\.csv.*git checkout -- labs/data"):
        load_flights(tmp_path / "gone.csv")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[: len(text) // 2].rsplit(",", 3)[0], r"line \d+"),
        (lambda text: text.replace("UA,1096", "UA,one"), r"line 4: .*'one'"),
        (lambda text: text.replace("EWR,IAH,515", "EWR,IAH,599"), "599 is not a time of day"),
        (lambda text: text.replace("sched_dep_time", "departs"), "line 2: .*sched_dep_time"),
        (lambda text: text.splitlines()[0], "is empty"),
        (lambda text: "", "is empty"),
    ],
    ids=["cut short", "a word for a number", "minute 99", "no such column", "only the header", "nothing"],
)
def test_a_damaged_file_says_where_and_what_to_do(tmp_path, damage, says):
    path = tmp_path / "flights.csv"
    path.write_text(damage(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{says}.*git checkout -- labs/data"):
        load_flights(path)
