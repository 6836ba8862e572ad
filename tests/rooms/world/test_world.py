"""The world as a whole: the same seed gives the same story, a run is a plain call, bad input changes nothing."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from village import Village, village

from minikafka.world.kernel import TaskFailed, TimedOut, WorldStopped
from minikafka.world.quantities import BadQuantity
from minikafka.world.world import World


def story(seed=7, keep="everything"):
    world = village(seed, keep, jitter="5ms", loss=0.1, bandwidth="1Mbps")
    world.chatter("a", "b", 2_000, 60)
    world.chatter("a2", "b", 3_000, 60)
    world.chatter("b", "b2", 1_000, 60)
    world.faults.at("300ms", "power_off", "b")
    world.faults.at("700ms", "start", "b")
    world.run_for("900ms")
    world.faults.cut_oneway("west", "east")
    world.run_for("1s")
    world.faults.heal_oneway("west", "east")
    world.run_for("3s")
    return world


def test_the_same_seed_gives_the_same_story_twice():
    one, other = story(), story()
    assert one.recorder.digest() == other.recorder.digest()
    assert one.recorder.trace == other.recorder.trace and one.kernel.steps == other.kernel.steps


def test_another_seed_gives_another_story():
    assert story(8).recorder.digest() != story(7).recorder.digest()


def test_the_story_does_not_depend_on_the_hash_seed():
    here = Path(__file__).parent
    root = here.parents[2]
    program = "from test_world import story; world = story(); print(world.recorder.digest(), world.scenario())"
    told = []
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(root), str(here)])}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        told.append(done.stdout.split())
    expected = story()
    assert told == [[expected.recorder.digest(), expected.scenario()]] * 3


def test_how_a_run_is_cut_into_pieces_does_not_matter():
    whole, pieces = village(), village()
    for world in (whole, pieces):
        world.chatter()
    whole.run_for("1s")
    for _ in range(1_000):
        pieces.run_for("1ms")
    assert whole.recorder.digest() == pieces.recorder.digest()


def test_two_worlds_in_one_process_do_not_know_each_other():
    expected = story().recorder.digest()
    one, other = village(jitter="1ms"), story()
    one.chatter()
    one.run_for("1s")
    assert other.recorder.digest() == expected


def test_a_run_is_a_plain_call_inside_a_running_event_loop():
    async def notebook():
        asyncio.get_running_loop()
        world = story()
        assert world.ask("a", "b2") == b"hello"
        return world.recorder.digest(), world.fork().now == world.now

    world = story()
    world.ask("a", "b2")
    assert asyncio.run(notebook()) == (world.recorder.digest(), True)


def test_time_passes_as_it_was_told_to():
    world = World(seed=1)
    world.run_for("1500ms")
    world.run_for(250)
    world.run_until("2s")
    world.run_until(2_000_000)
    assert world.now == 2_000_000


def test_finishing_hands_over_the_result_the_error_or_the_timeout():
    world = World(seed=1)

    async def work(outcome):
        await world.kernel.sleep(1_000_000)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert world.finish(work(5)) == 5 and world.now == 1_000_000
    with pytest.raises(KeyError):
        world.finish(work(KeyError("x")))
    with pytest.raises(BadQuantity):
        world.finish(work(5), within="soon")
    with pytest.raises(TimedOut, match="still not done at 2.500 s"):
        world.finish(work(5), within="500ms")
    assert world.now == 2_500_000
    world.run_for("10s")


def test_letting_time_pass_inside_a_task_is_refused():
    world = village()
    for inside in (lambda: world.run_for("1s"), lambda: world.finish(nothing())):

        async def impatient(inside=inside):
            try:
                inside()
            except WorldStopped as error:
                return str(error)

        said = world.kernel.run_until_done(world.kernel.spawn(impatient()), world.now)
        assert said == "this world is running already: inside a task `await`, outside of tasks let time pass"


async def nothing():
    pass


def test_a_stopped_world_says_why_and_what_to_do():
    world = World(seed=1)

    async def failing():
        raise ZeroDivisionError("a bug")

    world.kernel.spawn(failing(), name="the ledger")
    with pytest.raises(TaskFailed, match="the ledger of the world failed"):
        world.run_for("1s")
    for verb in (lambda: world.run_for("1s"), lambda: world.finish(nothing())):
        with pytest.raises(
            WorldStopped, match=r"cannot go on: the ledger of the world failed.*rewind\(\) to an earlier moment"
        ):
            verb()
    assert world.now == 0


def test_on_request_the_disks_are_a_real_folder(tmp_path):
    folder = tmp_path / "disks"
    world = Village(seed=1, disks=folder).build()
    disk = world.place("b").disk
    disk.append("flights-0/0.log", b"abc")
    disk.append("flights-0/0.log", b"def")
    disk.write("meta", b"1")
    assert (folder / "b" / "flights-0" / "0.log").read_bytes() == b"abcdef"
    disk.flush("meta")
    world.faults.power_off("b")
    assert (folder / "b" / "meta").read_bytes() == b"1"
    assert (
        not (folder / "b" / "flights-0" / "0.log").exists() or (folder / "b" / "flights-0" / "0.log").stat().st_size < 6
    )


def test_a_world_with_a_folder_has_the_same_story_and_its_re_runs_touch_no_file(tmp_path):
    def told(**options):
        world = Village(seed=1, **options).build()
        world.write("b", "log", b"abc")
        world.faults.power_off("b")
        world.run_for("1s")
        return world

    world = told(disks=tmp_path / "disks")
    assert world.recorder.digest() == told().recorder.digest()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = world.fork()
    again.write("a", "log", b"only in the fork")
    assert again.place("b").disk.list() == world.place("b").disk.list()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    elsewhere = world.fork(disks=tmp_path / "elsewhere")
    elsewhere.write("a", "log", b"x")
    assert (tmp_path / "elsewhere" / "a" / "log").read_bytes() == b"x"


def test_a_folder_that_is_in_use_is_refused(tmp_path):
    (tmp_path / "precious").write_text("do not touch")
    for folder in (tmp_path, tmp_path / "precious"):
        with pytest.raises(ValueError, match="is not an empty folder: remove what is in it, or name a new one"):
            World(seed=1, disks=folder)
    assert (tmp_path / "precious").read_text() == "do not touch"


def test_a_place_is_found_by_name_by_itself_and_by_what_stands_on_it():
    world = village()
    a = world.place("a")

    class Broker:
        machine = a

    assert world.place(a) is a and world.place(Broker()) is a
    assert (a.zone.name, a.region.name, world.place("east").zones[0]) == ("east-a", "east", a.zone)


BAD_WORLDS = [
    ({"seed": "7"}, "seed='7' is not a whole number: the dice need one, for example World\\(seed=7\\)"),
    ({"seed": 1.5}, "seed=1.5 is not a whole number"),
    ({"seed": True}, "seed=True is not a whole number"),
    ({"seed": None}, "seed=None is not a whole number"),
    ({"seed": 1 << 63}, "is too large: take a whole number within 64 bits"),
    ({"keep": "all"}, "keep='all' is not a level of the recorder: take one of 'everything'"),
    ({"keep": None}, "keep=None is not a level"),
]


@pytest.mark.parametrize(("options", "sentence"), BAD_WORLDS)
def test_a_bad_world_is_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        World(**options)


BAD_CALLS = [
    ("region", ("east",), {}, ValueError, "there is a place 'east' already: choose another name"),
    ("region", ("a",), {}, ValueError, "there is a place 'a' already"),
    ("region", ("east-a",), {}, ValueError, "there is a place 'east-a' already"),
    ("region", ("wes",), {"zones": 27}, ValueError, "there is a place 'wes-1' already"),
    ("region", ("",), {}, ValueError, "region name '' is not a name: write for example world.region"),
    ("region", (5,), {}, ValueError, "region name 5 is not a name"),
    ("region", ("north",), {"zones": 0}, ValueError, "zones=0: a region has at least one zone"),
    ("region", ("north",), {"zones": True}, ValueError, "zones=True: a region has at least one zone"),
    ("region", ("north",), {"zones": "3"}, ValueError, "zones='3': a region has at least one zone"),
    (
        "connect",
        ("east", "moon"),
        {"latency": "5ms"},
        ValueError,
        "'moon' is not a place of this world: places are east",
    ),
    ("connect", ("east", "west"), {"latency": "5"}, BadQuantity, "time '5' is not understood: write \"35ms\""),
    ("connect", ("east", "west"), {"latency": -5}, BadQuantity, "time -5 is negative: write"),
    ("connect", ("east", "west"), {"latency": 1, "jitter": "a bit"}, BadQuantity, "time 'a bit' is not understood"),
    (
        "connect",
        ("east", "west"),
        {"latency": 1, "bandwidth": "200MB"},
        BadQuantity,
        "bandwidth '200MB' is not understood",
    ),
    ("connect", ("east", "west"), {"latency": 1, "loss": 1}, BadQuantity, "loss=1 is not a share of messages"),
    ("machine", ("a", "east-a"), {}, ValueError, "there is a place 'a' already"),
    ("machine", ("new", "moon"), {}, ValueError, "'moon' is not a place"),
    ("machine", ("new", "a"), {}, ValueError, "a is a machine, and a machine cannot stand in it: name a zone"),
    (
        "machine",
        ("", "east-a"),
        {},
        ValueError,
        "machine name '' is not a name: write for example 'client' or 'primary/b1'",
    ),
    ("machine", ("../../etc", "east-a"), {}, ValueError, "is not a name"),
    ("machine", ("x//y", "east-a"), {}, ValueError, "is not a name"),
    ("machine", (7, "east-a"), {}, ValueError, "machine name 7 is not a name"),
    ("run_for", ("-1s",), {}, BadQuantity, "time '-1s' is not understood"),
    ("run_for", (-1,), {}, BadQuantity, "time -1 is negative"),
    ("run_for", (0.5,), {}, BadQuantity, "time 0.5 is not understood"),
    (
        "run_until",
        ("0.5s",),
        {},
        ValueError,
        r"'0.5s' is in the past: the clock shows 1000000 µs; rewind\(\) goes back",
    ),
    ("rewind", ("2s",), {}, ValueError, "'2s' has not come yet: the clock shows 1000000 µs"),
    ("rewind", ("yesterday",), {}, BadQuantity, "time 'yesterday' is not understood"),
    ("place", ("moon",), {}, ValueError, "'moon' is not a place of this world: places are east, east-a"),
    ("fork", (), {"keep": "all"}, ValueError, "keep='all' is not a level"),
]


@pytest.mark.parametrize(("call", "arguments", "named", "error", "sentence"), BAD_CALLS)
def test_bad_input_is_refused_with_a_sentence_and_changes_nothing(call, arguments, named, error, sentence):
    world = village()
    world.machine("wes-1", "west-a")
    world.run_for("1s")

    def state():
        rules = {name: wire for name, (_, _, wire) in world.network.ways._rules.items()}
        return world.recorder.digest(), list(world._places), list(world.network.machines), rules, world.now

    before = state()
    with pytest.raises(error, match=sentence):
        getattr(world, call)(*arguments, **named)
    assert state() == before


def test_two_doors_of_one_name_are_refused():
    from minikafka.world.journal import FrontDoor

    world = village()
    FrontDoor(world, "cluster:primary")
    with pytest.raises(ValueError, match="there is a 'cluster:primary' already: choose another name"):
        FrontDoor(world, "cluster:primary")


def test_an_empty_world_names_no_places():
    with pytest.raises(ValueError, match="places are none yet"):
        World().place("x")
