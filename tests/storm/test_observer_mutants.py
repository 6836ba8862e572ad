"""Observers in storms over two regions: today's rules hold, and each mistake is found."""

import pytest
from observer_mutants import (
    OBSERVER_MUTANTS,
    a_lagging_observer_is_promoted,
    all_observers_are_promoted,
    an_observer_is_elected_like_a_follower,
    commits_wait_for_observers,
    the_leader_promotes_by_itself,
)

from minikafka.storm.regions import LAYOUTS, roll_placement, roll_regions
from minikafka.storm.schedule import SECOND
from minikafka.storm.storm import run
from minikafka.world.chance import Chance

CAUGHT_BY = {
    commits_wait_for_observers: "nobody waits for an observer",
    a_lagging_observer_is_promoted: "newcomers hold all that counts",
    all_observers_are_promoted: "observers are in sync only when needed",
    the_leader_promotes_by_itself: "promotions are recorded first",
    an_observer_is_elected_like_a_follower: "leader is in the isr",
}
MACHINES = [f"storm/b{number}" for number in range(1, 7)]


def test_nothing_breaks_with_observers_and_lost_regions():
    failed = [result for seed in range(20) if not (result := run(seed, observers=True)).ok]
    assert not failed, "\n".join(f"{result.sentence}\n  again: {result.replay_command}" for result in failed)


@pytest.mark.parametrize("mutant", OBSERVER_MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_storm_catches_it(mutant, caught):
    for seed in range(8):
        with mutant():
            result = run(seed, observers=True)
        if not result.ok:
            caught[mutant.__name__] = (result.broken, f"after {seed + 1} storms with observers=True")
            assert result.broken == CAUGHT_BY[mutant], result.sentence
            return
    pytest.fail(f"{mutant.__name__} survived")


def test_what_happens_to_regions_is_mended_in_time():
    for seed in range(20):
        steps = roll_regions(Chance(seed).stream("test"), MACHINES, 2 * SECOND, 20 * SECOND)
        assert steps and all(2 * SECOND <= step.time <= 20 * SECOND for step in steps)
        verbs = [step.verb for step in steps]
        for first, last in (("crash", "start"), ("cut", "heal"), ("cut_oneway", "heal_oneway")):
            assert verbs.count(first) == verbs.count(last)
        lost = {step.time: step.arguments for step in steps if step.verb == "crash"}
        assert all(sum(s.time == time and s.verb == "crash" for s in steps) == 3 for time in lost)


def test_every_layout_and_policy_comes_up():
    rolled = [roll_placement(Chance(seed).stream("test")) for seed in range(100)]
    assert len({str((one["replicas"], one["observers"])) for one in rolled}) == len(LAYOUTS)
    assert len({one.get("observerPromotionPolicy") for one in rolled}) == 4
