"""Fork and rewind are re-runs: the same to the byte up to their moment, and free after it."""

import pytest
from village import Village, ask_once, connect, kinds, village

from minikafka.world.disk import Disk
from minikafka.world.happenings import MachineCrashed
from minikafka.world.journal import Entry, JournalError, front_door
from minikafka.world.kernel import TaskFailed, TimedOut
from minikafka.world.laws import Law, LawBroken


def eventful(seed=7):
    """A world to which much was done, at odd moments, by calls that let time pass, nest, and fail."""
    world = village(seed, jitter="5ms", loss=0.05)
    world.chatter("a", "b", 3_000, 40)
    world.run_for("123456us")
    world.ask("a2", "b2")
    world.faults.at("1s", "crash", "b")
    world.faults.at("1200ms", "start", world.place("b"))
    with pytest.raises(KeyError):
        world.wait_and_fail("77777us")
    world.faults.cut("east", "west")
    with pytest.raises(TimedOut):
        world.ask("a2", "b2", within="300ms")
    world.faults.heal(world.place("east"), "west")
    world.ask("a2", "b2", payload=b"again")
    world.run_for("2s")
    return world


def prefix(world, moment):
    """The trace up to a moment."""
    return [entry for entry in world.recorder.trace if entry.time <= moment]


def test_a_fork_has_lived_through_the_same_to_the_step():
    world = eventful()
    again = world.fork()
    assert again.recorder.digest() == world.recorder.digest()
    assert (again.now, again.kernel.steps, again.seed) == (world.now, world.kernel.steps, world.seed)
    assert again.journal == world.journal and again.scenario() == world.scenario()


def test_a_fork_and_its_original_go_on_alike_and_do_not_know_each_other():
    world = eventful()
    again = world.fork()
    for one in (world, again):
        one.chatter("a", "b2", 1_000, 30)
        one.run_for("3s")
    assert again.recorder.digest() == world.recorder.digest()
    again.faults.crash("a")
    assert world.place("a").state == "running"
    assert again.recorder.digest() != world.recorder.digest()


@pytest.mark.parametrize(
    "moment", [0, 1, 50_000, 123_456, 150_000, 250_000, 333_333, 500_000, 999_999, 1_000_000, 1_500_000]
)
def test_a_rewind_goes_to_any_moment_also_in_the_midst_of_a_call(moment):
    world = eventful()
    before = world.rewind(moment)
    assert before.now == moment
    assert before.recorder.trace == prefix(world, moment)
    # and it goes on like the original, until somebody does something else
    events = before.recorder.recorded
    assert before.fork().recorder.recorded == events
    twice = before.fork()
    assert twice.recorder.digest() == before.recorder.digest()


def test_a_fork_of_a_fork_that_was_broken_off_in_a_call_is_the_same_again():
    world = eventful()
    [call] = [entry for entry in world.journal if entry.call == "wait_and_fail"]
    inside = call.time + 40_000
    fork = world.fork(inside)
    assert fork.now == inside and fork.journal[-1].until == inside
    fork.faults.freeze("b2")
    fork.run_for("1s")
    again = fork.fork()
    assert again.recorder.digest() == fork.recorder.digest() and again.journal == fork.journal
    assert Village.from_scenario(fork.scenario()).journal == fork.journal


class TidyVillage(Village):
    """A village whose calls tidy up."""

    @front_door
    def visit(self):
        try:
            self.run_for("1s")
        finally:
            self.finish(ask_once(self.place("a"), "b", b"tidying up"))
            self.run_for("1s")


def test_a_call_that_is_broken_off_does_nothing_more():
    world = TidyVillage(seed=1).build()
    world.visit()
    for moment in (500_000, 1_000_000, 1_000_001, 1_500_000):
        before = world.rewind(moment)
        assert before.recorder.trace == prefix(world, moment) and before.now == moment
        before.run_for(0)
        assert before.recorder.trace == prefix(world, moment)


def test_what_was_done_at_the_moment_itself_is_part_of_it():
    world = village()
    world.run_for("1s")
    world.faults.crash("b")
    world.run_for("1s")
    assert world.fork("1s").place("b").state == "down"
    assert world.fork(999_999).place("b").state == "running"


def test_a_rewind_hands_over_the_real_objects():
    world = village()
    world.place("b")
    world.run_for("1s")
    world.faults.power_off("b")
    before = world.rewind("500ms")
    assert before.place("b").process is not None and isinstance(before.place("b").disk, Disk)
    assert before.place("b") is not world.place("b")


def test_nested_calls_are_written_once():
    world = village()
    world.faults.cut("east", "west")
    world.ask("b", "b2")
    assert [(entry.target, entry.call) for entry in world.journal] == [
        ("world", "build"),
        ("faults", "cut"),
        ("world", "ask"),
    ]


def test_what_tasks_and_planned_faults_do_is_not_written():
    world = village()
    world.faults.at("1s", "crash", "b")

    async def meddling():
        await world.kernel.sleep(10)
        world.faults.freeze("b2")

    world.place("a").spawn(meddling())
    world.run_for("2s")
    assert [entry.call for entry in world.journal] == ["build", "at"]


def test_a_failed_call_is_written_as_failed_and_fails_again():
    world = eventful()
    failed = [(entry.call, entry.failed) for entry in world.journal if entry.failed]
    assert failed == [("wait_and_fail", True), ("ask", True)]
    assert [entry.failed for entry in world.fork().journal] == [entry.failed for entry in world.journal]


def test_a_refused_call_can_be_done_again_too():
    world = village()
    with pytest.raises(ValueError):
        world.faults.crash("nobody")
    with pytest.raises(ValueError):
        world.region("east")
    assert world.fork().recorder.digest() == world.recorder.digest()


def test_a_call_that_the_journal_cannot_hold_is_refused_before_anything_is_done():
    world = village()
    recorded, entries = world.recorder.digest(), list(world.journal)
    for bad, words in [
        (
            object(),
            r"\(object\) cannot be written in the journal: pass plain values, objects of this world, or a workload",
        ),
        ({1, 2}, r"\(set\) cannot be written"),
        (lambda: 5, "cannot be written"),
        (1 << 63, "is too large for the journal: keep whole numbers within 64 bits"),
        ({"a": [1, {"b": object()}]}, "cannot be written"),
    ]:
        with pytest.raises(JournalError, match=words):
            world.chatter("a", bad)
    with pytest.raises(JournalError, match="b belongs to another world: take what has its name in this one"):
        world.chatter("a", village().place("b"))
    assert (world.recorder.digest(), world.journal, world._inside) == (recorded, entries, 0)


class Postman:
    """A workload that can be written in a journal."""

    def __init__(self, letters, to, notes=None):
        self.letters, self.to, self.notes = letters, to, notes

    def portable(self):
        return {"letters": self.letters, "to": self.to, "notes": self.notes}


class PostVillage(Village):
    """A village with a post office."""

    things = {"Postman": Postman}

    @front_door
    def employ(self, postman, **extra):
        self.employed = (postman, extra)
        postman.to.spawn(self._deliver(postman))

    async def _deliver(self, postman):
        for letter in postman.letters:
            await ask_once(postman.to, "b", letter)


def test_arguments_come_back_as_they_were():
    world = PostVillage(seed=1).build()
    notes = {("flights", 0): 1.5, "deep": [None, True, b"x", {"k": (1, 2)}]}
    world.employ(Postman([b"1", b"2"], world.place("a"), notes), zone=world.place("west"), fee=3)
    world.run_for("1s")
    again = world.fork()
    postman, extra = again.employed
    assert postman.letters == [b"1", b"2"] and postman.to is again.place("a") and again.heard["b"] == world.heard["b"]
    assert postman.notes == {("flights", 0): 1.5, "deep": [None, True, b"x", {"k": [1, 2]}]}
    assert extra == {"zone": again.place("west"), "fee": 3}


class DairyVillage(PostVillage):
    """A village with another workload."""

    things = {"Milkman": Postman}


def test_an_unknown_workload_is_named():
    world = PostVillage(seed=1).build()
    world.employ(Postman([], world.place("a")))
    with pytest.raises(JournalError, match="world has no call 'employ' at its front door"):
        Village.from_scenario(world.scenario())
    with pytest.raises(JournalError, match="a 'Postman' is not known here: known are Milkman"):
        DairyVillage.from_scenario(world.scenario())


# -- what no re-run can know ----------------------------------------------------------------------------------------


def by_finish(world):
    connect(world)


def by_spawn(world):
    world.place("a").spawn(ask_once(world.place("a"), "b", b"x"))


def by_machine(world):
    world.place("b").crash()


@pytest.mark.parametrize(
    ("touch", "words"), [(by_finish, "finish"), (by_spawn, r"a.spawn\(\)"), (by_machine, r"b.crash\(\)")]
)
def test_what_was_done_past_the_front_door_is_not_silently_left_out(touch, words):
    world = village()
    world.run_for("1s")
    touch(world)
    world.run_for("1s")
    for again in (world.fork, world.scenario, lambda: world.rewind("1500ms")):
        with pytest.raises(
            JournalError, match=f"{words}.* at 1.000 s was done past the front door.*go to an earlier moment"
        ):
            again()
    assert world.rewind(999_999).now == 999_999


def test_a_world_that_was_meddled_with_unseen_is_found_out():
    world = village()
    world.run_for("1s")
    world.recorder.record("a", MachineCrashed(7))
    with pytest.raises(
        JournalError, match="the re-run went another way: something was done to this world past its front door"
    ):
        world.fork()


def test_a_journal_whose_steps_do_not_fit_is_refused():
    world = village()
    world.chatter()
    world.run_for("1s")
    world.faults.crash("b")
    entry = world.journal[-1]
    world.journal[-1] = entry._replace(steps=entry.steps + 1)
    with pytest.raises(JournalError, match="the re-run went another way before faults.crash at 1.000 s"):
        world.fork()


def test_a_moment_that_has_not_come_is_refused():
    world = village()
    with pytest.raises(ValueError, match=r"'5s' has not come yet: the clock shows 0 µs; run_until\(\) goes there"):
        world.fork("5s")


def test_a_world_that_stopped_can_be_rewound_but_not_forked_where_it_stands():
    world = BrokenVillage(seed=7).build()
    world.chatter()
    world.run_for("50ms")
    world.sabotage()
    with pytest.raises(TaskFailed):
        world.run_for("1s")
    with pytest.raises(JournalError, match="this world stopped at 0.0.* s: go to an earlier moment"):
        world.fork()
    before = world.rewind("50ms")
    assert before.kernel.stopped is None and before.recorder.trace == prefix(world, 50_000)
    with pytest.raises(TaskFailed):
        before.run_for("1s")
    assert before.recorder.digest() == world.recorder.digest()


class BrokenVillage(Village):
    """A village with a bug."""

    @front_door
    def sabotage(self):
        async def handler(payload, caller):
            raise ZeroDivisionError("a bug")

        self.place("b").handler = handler


class NobodyCrashes(Law):
    """No machine ever crashes."""

    KINDS = (MachineCrashed,)

    def check(self, entries):
        return f"{entries[0].place} crashed"


def test_laws_are_looked_after_in_a_re_run_and_what_they_objected_to_is_no_hindrance():
    world = village()
    world.law(NobodyCrashes())
    world.chatter()
    world.faults.at("50ms", "crash", "b")
    with pytest.raises(LawBroken):
        world.run_for("1s")
    assert world.now == 50_000
    world.run_for("1s")
    world.faults.start("b")
    world.run_for("1s")
    again = world.fork()
    assert again.recorder.digest() == world.recorder.digest() and again.laws[0].broken and again.laws[0].world is again
    before = world.rewind("49ms")
    assert not before.laws[0].broken
    with pytest.raises(LawBroken):
        before.run_for("1s")


def test_a_law_broken_by_a_call_from_outside_is_no_hindrance_either():
    world = village()
    world.law(NobodyCrashes())
    world.chatter()
    world.run_for("10ms")
    with pytest.raises(LawBroken, match="b crashed"):
        world.faults.crash("b")
    world.run_for("1s")
    assert world.fork().recorder.digest() == world.recorder.digest()


def test_the_options_of_a_fork_replace_those_of_its_world(tmp_path):
    world = eventful()
    quiet = world.fork(keep="digest only")
    assert quiet.recorder.trace == [] and quiet.recorder.digest() == world.recorder.digest()
    assert quiet.fork(keep="everything").recorder.trace == world.recorder.trace
    world.fork(disks=tmp_path / "disks")


def test_an_entry_is_plain():
    world = village()
    world.faults.crash(world.place("b"))
    assert world.journal[-1] == Entry(0, 0, "faults", "crash", ({"@door": "place:b"},), {}, False)
    assert kinds(world, MachineCrashed)


def test_bare_machines_and_faults_alone_can_be_done_again():
    world = Village(seed=3)
    world.region("east", zones=2)
    world.machine("m", "east-b")
    world.faults.start("m")
    world.run_for("1s")
    world.faults.freeze("m")
    assert world.fork().place("m").state == "frozen"
    assert Village.from_scenario(world.scenario()).recorder.digest() == world.recorder.digest()
