"""Storms over two regions, with observers: clean by today's rules, with one controller or three; and what they do."""

import pytest
from catching import all_go_well, plain

from minikafka.deploy.kafka_world import World
from minikafka.storm.regions import LAYOUTS, roll_placement, roll_regions
from minikafka.storm.schedule import SECOND
from minikafka.storm.setting import build, roll_setting
from minikafka.world.chance import Chance

STORMS, AT_ONCE = 200, 50
MACHINES = [f"storm/b{number}" for number in range(1, 7)]
PAIRS = (("crash", "start"), ("freeze", "thaw"), ("cut", "heal"), ("cut_oneway", "heal_oneway"))
VOTERS = [f"storm/c{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize("quorum", [False, True], ids=["one controller", "three"])
@pytest.mark.parametrize("first", range(0, STORMS // 2, AT_ONCE))
def test_nothing_breaks_when_regions_are_lost(first, quorum):
    """Of three controllers one goes down with each region."""
    all_go_well(plain(range(first, first + AT_ONCE), observers=True, quorum=quorum))


def rolled(seed, controllers=(), careful=False):
    return roll_regions(Chance(seed).stream("test"), MACHINES, 2 * SECOND, 20 * SECOND, controllers, careful)


def struck_at_once(steps, verb="crash"):
    """The machines that this befalls, by the time when it does."""
    lost: dict[int, list[str]] = {}
    for step in steps:
        if step.verb == verb:
            lost.setdefault(step.time, []).append(*step.arguments)
    return list(lost.values())


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("controllers", [(), VOTERS], ids=["one controller", "three"])
def test_what_happens_to_regions_is_mended_in_time(controllers, careful):
    for seed in range(20):
        steps = rolled(seed, controllers, careful)
        assert steps and all(2 * SECOND <= step.time <= 20 * SECOND for step in steps)
        verbs = [step.verb for step in steps]
        for first, last in PAIRS:
            assert verbs.count(first) == verbs.count(last)


def test_a_region_is_lost_with_all_its_brokers_and_with_its_controller_if_there_are_three():
    west, east = MACHINES[:3], MACHINES[3:]
    alone = [lost for seed in range(20) for lost in struck_at_once(rolled(seed))]
    assert west in alone and east in alone and all(lost in (west, east) for lost in alone)
    together = [lost for seed in range(20) for lost in struck_at_once(rolled(seed, VOTERS))]
    assert [*west, "storm/c1"] in together and [*east, "storm/c2"] in together
    assert not any("storm/c3" in lost for lost in together), "nobody else is on the third site"


def test_in_careful_storms_a_region_stands_still_and_does_not_crash():
    """With ELR a crash counts as a loss of records, and a whole region's as the end of all promises."""
    steps = [rolled(seed, careful=True) for seed in range(20)]
    still = [lost for one in steps for lost in struck_at_once(one, "freeze")]
    assert MACHINES[:3] in still and MACHINES[3:] in still and not any(struck_at_once(one) for one in steps)


def test_the_promises_often_stand_and_observers_are_promoted():
    results = list(plain(range(1000, 1012), observers=True))
    assert all(result.acknowledged > 50 for result in results)
    assert sum(len(result.void) < result.setting.partitions for result in results) >= 8
    assert sum(not result.void for result in results) >= 4


def test_with_three_controllers_a_region_may_also_be_alone():
    ways = {step.arguments for seed in range(20) for step in rolled(seed, VOTERS) if step.verb == "cut"}
    assert ways == {("west", "east"), ("east", "west"), ("west", "third"), ("east", "third")}


def test_three_controllers_stand_in_both_regions_and_on_a_third_site():
    setting = roll_setting(Chance(1).stream("storm setting"))._replace(brokers=6, observers=True, quorum=True)
    cluster = build(World(seed=1), setting).cluster
    assert [one.machine.region.name for one in cluster.controllers.values()] == ["west", "east", "third"]
    assert [one.machine.region.name for one in cluster.brokers.values()] == ["west"] * 3 + ["east"] * 3


def test_every_layout_and_policy_comes_up():
    made = [roll_placement(Chance(seed).stream("test")) for seed in range(100)]
    assert len({str((one["replicas"], one["observers"])) for one in made}) == len(LAYOUTS)
    assert len({one.get("observerPromotionPolicy") for one in made}) == 4
