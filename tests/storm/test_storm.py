"""Two hundred storms, and what a storm promises: the same seed is the same storm, and a failure can be cut short."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from catching import PLAIN, all_go_well
from mutants import truncate_to_the_high_watermark

from minikafka.storm.options import ONE_IN, OPTIONS, how_often, usual
from minikafka.storm.schedule import FAULTS, SECOND, Schedule, Step, roll
from minikafka.storm.setting import CONTROLLER, roll_setting
from minikafka.storm.shrink import shrink
from minikafka.storm.storm import blow, run, setting_of
from minikafka.storm.sweep import sweep
from minikafka.world.chance import Chance

STORMS, AT_ONCE = 200, 50
CALM = Schedule(())


def rolled(seed: int, faults=FAULTS, careful: bool = False) -> Schedule:
    """The schedule of a seed for four brokers."""
    brokers = [f"storm/b{number}" for number in range(1, 5)]
    dice = Chance(seed).stream("test")
    return roll(dice, brokers, CONTROLLER, 3, 2 * SECOND, 20 * SECOND, 1, careful, faults)


# -- the storms -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(0, STORMS, AT_ONCE))
def test_nothing_breaks(first):
    all_go_well(sweep(range(first, first + AT_ONCE)))


def test_nothing_breaks_with_nothing_besides():
    all_go_well(sweep(range(20), **dict.fromkeys(OPTIONS, False)))


def test_everything_at_once():
    all_go_well(sweep(range(4), **dict.fromkeys(OPTIONS, True)))


def test_storms_are_storms():
    """They do their work: records are acknowledged, and mostly the promises stand, so that the laws bite."""
    results = list(sweep(range(1000, 1012)))
    assert all(result.acknowledged > 50 for result in results)
    assert all(len(result.schedule.steps) > 10 for result in results)
    assert sum(not result.void for result in results) > len(results) / 2


# -- the same again ---------------------------------------------------------------------------------------------


def test_the_same_seed_is_the_same_storm():
    assert run(5) == run(5)
    assert run(5).digest != run(1).digest


def test_a_given_schedule_replaces_the_rolled_one():
    result = run(5)
    again = run(5, schedule=result.schedule)
    assert again.digest == result.digest and not again.is_rolled
    assert eval(re.search(r"schedule=(.*)\)\.sentence", again.replay_command)[1]) == result.schedule
    assert run(5, schedule=CALM).ok


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_it_does_not_depend_on_hashes(hash_seed):
    code = "from minikafka.storm.storm import run; print(run(5).digest)"
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=root)
    assert told.stdout.strip() == run(5).digest, told.stderr


def test_the_replay_command_says_all_there_is_to_say():
    command = "minikafka storm --seeds 1 --first-seed 5"
    assert run(5).replay_command == command
    assert run(5, faults=("cut", "crash")).replay_command == f"{command} --faults crash,cut"
    assert run(5, faults=(), near=True).replay_command == f"{command} --faults  --near"
    assert run(5, faults=(), groups=False).replay_command == f"{command} --faults  --no-groups"
    assert run(5).sentence.startswith("no law broken, nothing lost; ")


# -- many of them ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("processes", [1, 2])
def test_a_sweep_gives_each_seed_its_storm_in_order(processes):
    swept = list(sweep(range(4, 7), processes, **PLAIN))
    assert swept == [run(seed, **PLAIN) for seed in range(4, 7)]


def test_a_sweep_may_be_left_early():
    results = sweep(range(4, 10_000), 2, faults=(), **PLAIN)
    assert next(results).seed == 4
    results.close()


def test_a_sweep_by_nobody_is_refused():
    with pytest.raises(ValueError, match="processes=0: at least one process"):
        sweep(range(4), 0)


# -- the schedule -----------------------------------------------------------------------------------------------


def test_only_the_chosen_faults_are_rolled():
    verbs = {"crash": ("crash", "start"), "oneway": ("cut_oneway", "heal_oneway"), "election": ("elect",)}
    for kind, expected in verbs.items():
        schedule = rolled(1, faults=(kind,))
        assert schedule.steps and {step.verb for step in schedule.steps} <= set(expected)


@pytest.mark.parametrize("seed", range(10))
def test_a_schedule_is_in_order_and_in_time(seed):
    times = [step.time for step in rolled(seed).steps]
    assert times == sorted(times) and 2 * SECOND <= times[0] and times[-1] <= 20 * SECOND


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("careful, verbs", [(False, ("power_off",)), (True, ("power_off", "crash"))])
def test_no_more_brokers_than_allowed_stop_uncleanly_close_to_each_other(seed, careful, verbs):
    dark: dict[str, int] = {}
    for step in rolled(seed, ("power", "crash") if careful else ("power",), careful).steps:
        if step.verb in verbs:
            dark = {broker: until for broker, until in dark.items() if until > step.time}
            assert [broker for broker in dark if broker != step.arguments[0]] == []
            dark[step.arguments[0]] = 20 * SECOND
        elif step.verb == "start":
            dark[step.arguments[0]] = step.time + 6 * SECOND


def test_every_kind_of_fault_comes_up():
    verbs = {step.verb for seed in range(10) for step in rolled(seed).steps}
    assert verbs >= {"crash", "power_off", "freeze", "stop", "cut", "cut_oneway", "hold", "slow", "elect"}


def test_a_schedule_is_text_too():
    schedule = Schedule((Step(2_500_000, "crash", ("storm/b1",)), Step(3_000_000, "elect", (1,))))
    assert schedule.lines() == ["    2.500 s  crash storm/b1", "    3.000 s  elect 1"]
    assert schedule.without([0]).steps == schedule.steps[1:]


def test_settings_differ():
    settings = [roll_setting(Chance(seed).stream("storm setting")) for seed in range(60)]
    assert {setting.brokers for setting in settings} == {3, 4, 5}
    assert {setting.elr for setting in settings} == {True, False}
    assert {setting.min_isr for setting in settings} == {1, 2}


# -- what a storm has besides -------------------------------------------------------------------------------------


def test_two_hundred_storms_have_every_pair_of_options():
    had = [{name for name, value in usual(seed).items() if value} for seed in range(STORMS)]
    assert all(any({one, other} <= options for options in had) for one, other in combinations(OPTIONS, 2))


def test_an_option_comes_as_often_as_it_is_said():
    for name, among in ONE_IN.items():
        share = sum(usual(seed)[name] for seed in range(2000)) / 2000
        assert share == pytest.approx(1 / among, rel=0.15), how_often(name)


def test_what_is_said_of_one_option_does_not_move_the_others():
    for seed in range(6):
        for name, value in usual(seed).items():
            assert setting_of(seed, **{name: not value}).unusual(seed) == {name: not value}


# -- failures ---------------------------------------------------------------------------------------------------


def test_a_failure_is_cut_short():
    """Delta debugging: the shortest schedule fails in the same way, and no step of it can be left out."""
    with truncate_to_the_high_watermark():
        failed = (result for seed in range(10) if not (result := run(seed, **PLAIN)).ok)
        result = next(result for result in failed if len(result.schedule.steps) > 10)
        shortest = shrink(result)
        assert len(shortest.steps) < len(result.schedule.steps) / 3
        assert blow(result.seed, result.setting, shortest).broken == result.broken
        for index in range(len(shortest.steps)):
            assert blow(result.seed, result.setting, shortest.without([index])).broken != result.broken


def test_a_storm_that_went_well_cannot_be_cut_short():
    with pytest.raises(ValueError, match="did not fail"):
        shrink(run(5, schedule=CALM))


def test_shrinking_asks_only_for_what_matters():
    """With a stand-in for the storm: it fails exactly if both culprits are there."""
    steps = tuple(Step(number, "crash", (f"storm/b{number}",)) for number in range(40))
    failed = run(5, schedule=CALM)._replace(schedule=Schedule(steps), law="some law")
    culprits = {steps[7], steps[31]}

    def runner(schedule):
        return failed._replace(law="some law" if culprits <= set(schedule.steps) else "")

    assert set(shrink(failed, runner).steps) == culprits


def test_a_failure_tells_the_law_and_the_findings():
    with truncate_to_the_high_watermark():
        result = next(result for seed in range(10) if not (result := run(seed, **PLAIN)).ok)
    assert result.law and result.sentence.startswith(f"{result.law}: ")
    assert re.fullmatch(r"[0-9a-f]{32}", result.digest) and result.events > 100
