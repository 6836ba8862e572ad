"""Laws hold after every step; judgments are passed at the end."""

import pytest
from village import village

from minikafka.world.happenings import MachineCrashed, MachineStarted, MessageDelivered
from minikafka.world.laws import Finding, Law, LawBroken


class NobodyHearsTooMuch(Law):
    """A machine hears at most so many messages."""

    KINDS = (MessageDelivered,)

    def __init__(self, most=3):
        super().__init__()
        self.most = most
        self.heard = {}

    def anew(self):
        return NobodyHearsTooMuch(self.most)

    def check(self, entries):
        for entry in entries:
            self.heard[entry.place] = self.heard.get(entry.place, 0) + 1
            if self.heard[entry.place] > self.most:
                return f"{entry.place} heard {self.heard[entry.place]} messages, and {self.most} are allowed"


class LooksAtEverything(Law):
    """It is shown every event."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def check(self, entries):
        self.steps.append((self.world.now, [entry.kind for entry in entries]))


def test_a_broken_law_stops_the_world_at_the_step_with_the_event_and_its_causes():
    world = village(latency="10ms")
    law = NobodyHearsTooMuch()
    world.law(law)
    world.chatter(every=5_000)
    with pytest.raises(LawBroken) as caught:
        world.run_for("10s")
    broken = caught.value
    assert broken.law is law and broken.entry == world.recorder.trace[-1]
    assert world.now == broken.entry.time < 200_000
    assert str(broken) == (
        f"nobody hears too much is broken at T+{world.now / 1e6:.3f} s, after event {broken.entry.seq} "
        "(MessageDelivered): b heard 4 messages, and 3 are allowed"
    )
    assert [entry.kind for entry in world.recorder.because(broken.entry.seq)][-2:] == [
        "MessageSent",
        "MessageDelivered",
    ]


def test_a_broken_law_looks_no_further_and_the_world_may_go_on():
    world = village()
    world.law(NobodyHearsTooMuch())
    world.chatter(count=10)
    with pytest.raises(LawBroken):
        world.run_for("10s")
    world.run_for("10s")
    assert len(world.heard["b"]) == 10 and world.laws[0].broken


def test_one_broken_law_does_not_hide_another():
    world = village()
    world.law(NobodyHearsTooMuch(1), NobodyHearsTooMuch(1))
    world.chatter()
    for law in world.laws:
        with pytest.raises(LawBroken) as caught:
            world.run_for("10s")
        assert caught.value.law is law
    world.run_for("1s")


def test_a_law_sees_all_events_of_a_step_at_once_and_none_of_other_kinds():
    world = village()
    shown = []

    class Starts(Law):
        """Machines start and crash."""

        KINDS = (MachineStarted, MachineCrashed)

        def check(self, entries):
            shown.append([(entry.place, entry.kind) for entry in entries])

    world.law(Starts())
    world.faults.lose("west")
    world.faults.at("1s", "restore", "west")
    world.run_for("2s")
    assert shown == [[("b", "MachineStarted"), ("b2", "MachineStarted")]]


def test_a_law_without_kinds_is_shown_everything():
    world = village()
    law = LooksAtEverything()
    world.law(law)
    before = world.recorder.recorded
    world.chatter(count=5)
    world.run_for("1s")
    world.faults.crash("b")
    assert sum(len(kinds) for _, kinds in law.steps) == world.recorder.recorded - before
    assert law.steps[-1][1][0] == "MachineCrashed"


def test_a_law_that_a_call_from_outside_breaks_says_so_at_once():
    world = village()

    class NobodyCrashes(Law):
        """No machine crashes."""

        KINDS = (MachineCrashed,)

        def check(self, entries):
            return f"{entries[0].place} crashed"

    world.law(NobodyCrashes())
    with pytest.raises(LawBroken, match="nobody crashes is broken at T.0.000 s.*b crashed"):
        world.faults.crash("b")
    assert world.place("b").state == "down"


def test_laws_do_not_change_what_happens():
    def run(*laws):
        world = village(jitter="3ms", loss=0.1)
        world.law(*laws)
        world.chatter()
        world.run_for("5s")
        return world.recorder.digest(), world.kernel.steps

    assert run() == run(LooksAtEverything(), NobodyHearsTooMuch(10**6))


def test_a_bug_in_a_law_comes_out_as_it_is():
    class Buggy(Law):
        """It fails."""

        KINDS = (MessageDelivered,)

        def check(self, entries):
            return entries[99]

    world = village()
    world.law(Buggy())
    world.chatter()
    with pytest.raises(IndexError):
        world.run_for("1s")


def test_a_law_made_with_arguments_is_made_anew_for_a_re_run():
    world = village()
    world.law(NobodyHearsTooMuch(1_000))
    world.chatter(count=5)
    world.run_for("1s")
    law = world.fork().laws[0]
    assert law is not world.laws[0] and (law.most, law.heard) == (1_000, world.laws[0].heard)


def test_a_law_must_say_what_it_checks():
    world = village()
    world.law(Law())
    with pytest.raises(NotImplementedError):
        world.faults.crash("b")


def test_judgments_are_passed_on_the_whole_history():
    world = village()
    world.chatter(count=5)
    world.run_for("1s")

    def nobody_is_unheard(world):
        return [Finding("unheard", name, f"{name} heard nothing") for name, heard in world.heard.items() if not heard]

    assert world.judge() == [] == world.judge(lambda world: [])
    assert world.judge(nobody_is_unheard, lambda world: []) == [Finding("unheard", "b2", "b2 heard nothing")]
