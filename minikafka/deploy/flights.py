"""The course's data: 1,014 real flights that left New York on 27 November 2013, the day before Thanksgiving.

Promises     the same flights in the same order each time; departures and arrivals on one clock, New York's.
Stands for   the system of record of an airline, which produces an event when an aircraft leaves and when it lands.
Left out     everything between the two, and flights that do not touch New York.
Differs      a real source tells of a delay while it grows; here only the outcome is known.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).resolve().parents[2] / "labs" / "data" / "flights-2013-11-27.csv"
NEW_YORK_UTC_OFFSET = -5
ATLANTIC_UTC_OFFSET = -4  # the airports that the source's table of airports lacks: Puerto Rico and the Virgin Islands
DAY = 24 * 60
REMEDY = f"the repository holds it as labs/data/{FILE.name}; `git checkout -- labs/data` brings it back"


class Flight(NamedTuple):
    """One flight. Times are minutes since midnight of that day in New York, and may pass 1440; None: never happened."""

    carrier: str
    flight: int
    tailnum: str
    origin: str
    dest: str
    scheduled_departure: int
    departure: int | None
    scheduled_arrival: int
    arrival: int | None
    air_time: int | None
    distance: int
    airline: str
    dest_name: str
    dest_lat: float | None
    dest_lon: float | None

    @property
    def name(self) -> str:
        """What the board at the gate says: carrier and number, "UA1096". No two flights of the day share it."""
        return f"{self.carrier}{self.flight}"


class FlightEvent(NamedTuple):
    """A record to be produced at `minute` (since midnight in New York): the key names the flight, the value is JSON."""

    minute: int
    key: str
    value: bytes


def load_flights(path: str | Path | None = None) -> list[Flight]:
    """All flights in the order of the file. A missing file is a FileNotFoundError, a damaged one a ValueError."""
    path = Path(path or FILE)
    if not path.is_file():
        raise FileNotFoundError(f"There is no flight data at {path}: {REMEDY}.")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        flights = []
        try:
            for row in rows:
                flights.append(_flight(row))
        except (KeyError, ValueError, TypeError, csv.Error) as damage:
            where = f"{path}, line {rows.line_num}"
            raise ValueError(f"The flight data is damaged at {where}: {damage!r}; {REMEDY}.") from damage
    if not flights:
        raise ValueError(f"The flight data at {path} is empty; {REMEDY}.")
    return flights


def departures(flights: list[Flight]) -> list[FlightEvent]:
    """One event for each flight that left, in the order of leaving (then of key)."""
    return _events("departed", [(f, f.departure, f.scheduled_departure) for f in flights])


def arrivals(flights: list[Flight]) -> list[FlightEvent]:
    """One event for each flight that landed where it was bound for, in the order of landing (then of key)."""
    return _events("arrived", [(f, f.arrival, f.scheduled_arrival) for f in flights])


def _events(what: str, times: list[tuple[Flight, int | None, int]]) -> list[FlightEvent]:
    happened = [(minute, flight, scheduled) for flight, minute, scheduled in times if minute is not None]
    return sorted(
        FlightEvent(minute, flight.name, _value(what, flight, minute, minute - scheduled))
        for minute, flight, scheduled in happened
    )


def _value(what: str, flight: Flight, minute: int, delay: int) -> bytes:
    fields = {
        "event": what,
        "flight": flight.name,
        "tailnum": flight.tailnum,
        "origin": flight.origin,
        "dest": flight.dest,
        "minute": minute,
        "delay": delay,
    }
    return json.dumps(fields, separators=(",", ":")).encode()


def _flight(row: dict[str, str]) -> Flight:
    departs = _minutes(row["sched_dep_time"])
    there = _number(row["dest_utc_offset"])
    there = ATLANTIC_UTC_OFFSET if there is None else there
    arrives = _minutes(row["sched_arr_time"]) + (NEW_YORK_UTC_OFFSET - there) * 60
    if arrives < departs:
        arrives += DAY
    return Flight(
        carrier=row["carrier"],
        flight=int(row["flight"]),
        tailnum=row["tailnum"],
        origin=row["origin"],
        dest=row["dest"],
        scheduled_departure=departs,
        departure=_later(departs, _number(row["dep_delay"])),
        scheduled_arrival=arrives,
        arrival=_later(arrives, _number(row["arr_delay"])),
        air_time=_number(row["air_time"]),
        distance=int(row["distance"]),
        airline=row["airline"],
        dest_name=row["dest_name"],
        dest_lat=_degrees(row["dest_lat"]),
        dest_lon=_degrees(row["dest_lon"]),
    )


def _minutes(clock: str) -> int:
    """"1930" (half past seven in the evening) -> 1170."""
    hours, minutes = divmod(int(clock), 100)
    if not (0 <= hours <= 24 and 0 <= minutes < 60):
        raise ValueError(f"{clock} is not a time of day")
    return hours * 60 + minutes


def _later(scheduled: int, delay: int | None) -> int | None:
    return None if delay is None else scheduled + delay


def _number(field: str) -> int | None:
    return int(field) if field else None


def _degrees(field: str) -> float | None:
    return float(field) if field else None
