"""A scenario is a short string that gives the same world elsewhere."""

import base64
import re
import zlib

import msgpack
import pytest
from test_journal import eventful
from village import Village, village

from minikafka.world.journal import Entry, JournalError
from minikafka.world.scenario import FORMAT, VERSION, from_string, to_string


def packed(thing):
    return base64.urlsafe_b64encode(zlib.compress(msgpack.packb(thing))).decode().rstrip("=")


def test_a_scenario_gives_the_same_world_right_after_the_last_thing_that_was_done():
    world = eventful()
    written = world.scenario()
    assert re.fullmatch(r"[A-Za-z0-9_-]+", written) and len(written) < 1_000
    again = Village.from_scenario(f"  {written}\n")
    assert world.journal[-1].time < again.now < world.now
    again.run_until(world.now)
    assert again.recorder.digest() == world.recorder.digest() and again.scenario() == written


def test_seed_and_options_travel():
    world = village(seed=-5, keep="domain events")
    again = Village.from_scenario(world.scenario())
    assert (again.seed, again.options) == (-5, {"keep": "domain events"})


def test_an_empty_world_has_a_scenario():
    again = Village.from_scenario(Village(seed=9).scenario())
    assert (again.seed, again.journal, again.now) == (9, [], 0)


def test_what_was_written_is_read():
    entries = [Entry(5, 7, "faults", "crash", ("b",), {"x": [1, None]}, True, 9)]
    seed, options, again = from_string(to_string(3, {"keep": "x"}, entries))
    assert (seed, options) == (3, {"keep": "x"})
    assert again == [Entry(5, 7, "faults", "crash", ("b",), {"x": (1, None)}, True, 9)]


GOOD = packed([FORMAT, VERSION, 7, {}, []])
BAD = [
    ("", "damaged or not whole .*: copy it again"),
    ("hello world!", "damaged or not whole"),
    (GOOD[:-6], "damaged or not whole"),
    (GOOD[:10] + "AAAA" + GOOD[14:], "damaged or not whole"),
    (packed("a foreign thing"), "is not a scenario: paste what world.scenario"),
    (packed(["minikafka trace", 1, []]), "is not a scenario"),
    (
        packed([FORMAT, VERSION + 1, "whatever", "comes"]),
        "this scenario has version 2, here it is 1: make it again with this version",
    ),
    (packed([FORMAT, VERSION, 7, {}]), "is not what world.scenario.. gives: copy it again"),
    (packed([FORMAT, VERSION, 7, {}, [[1, 2]]]), "is not what world.scenario.. gives"),
    (
        packed([FORMAT, VERSION, 7, {}, [[0, 0, "nobody", "crash", [], {}, False, -1]]]),
        "nothing here is called 'nobody'",
    ),
    (
        packed([FORMAT, VERSION, 7, {}, [[0, 0, "world", "fork", [], {}, False, -1]]]),
        "world has no call 'fork' at its front door",
    ),
    (
        packed([FORMAT, VERSION, 7, {}, [[0, 0, "world", "__init__", [], {}, False, -1]]]),
        "no call '__init__' at its front door",
    ),
    (
        packed([FORMAT, VERSION, 7, {}, [[5, 5, "world", "region", ["x"], {}, False, -1]]]),
        "the re-run went another way before",
    ),
    (None, "a scenario is a string, and this is a NoneType"),
    (b"abc", "a scenario is a string, and this is a bytes"),
]


@pytest.mark.parametrize(("scenario", "sentence"), BAD)
def test_a_damaged_foreign_or_newer_string_is_refused(scenario, sentence):
    with pytest.raises(JournalError, match=sentence):
        Village.from_scenario(scenario)


def test_every_damage_to_a_letter_is_found_or_harmless():
    world = village()
    world.chatter(count=5)
    world.run_for("1s")
    world.faults.crash("b")
    good, digest = world.scenario(), world.recorder.digest()
    for index in range(len(good)):
        bad = good[:index] + ("A" if good[index] != "A" else "B") + good[index + 1 :]
        try:
            again = Village.from_scenario(bad)
        except JournalError:
            continue
        assert again.recorder.digest() == digest


def test_a_string_that_unpacks_to_far_too_much_is_refused(monkeypatch):
    from minikafka.world import scenario

    monkeypatch.setattr(scenario, "MOST_BYTES", 1_000)
    bomb = base64.urlsafe_b64encode(zlib.compress(b"\0" * 10_000)).decode()
    with pytest.raises(JournalError, match="far too large"):
        from_string(bomb)
