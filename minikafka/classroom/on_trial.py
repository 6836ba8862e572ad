"""A learner's rule in the place of ours, while storms blow and the laws look on.

Promises     each seed is a storm over a small cluster in which the whole house uses the learner's rule; the first
             broken law, loss or slip ends the sweep and is told: the law in words, the shortest schedule that still
             shows it, what happened, what the replicas held. Afterwards our rule is back, whatever happened. Nothing
             hangs and no stack trace is shown.
Stands for   what Kafka's developers do with Jepsen, ducktape and TLA+.
Left out     proofs: what holds in twenty storms may still break in the next.
Differs      with `scenes` the author's own scenes are played instead: functions that are given a fresh world and a
             seed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple

from minikafka.classroom.counter_example import CounterExample, told
from minikafka.classroom.exercise import misfit
from minikafka.classroom.guard import Guard, Trouble
from minikafka.classroom.judgement import Judgement
from minikafka.classroom.suspicion import is_blank, suspicion
from minikafka.classroom.swap import swap
from minikafka.classroom.swappables import Nonsense, Swappable, describe_arguments, swappable
from minikafka.classroom.sweep_card import Sweep
from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.laws.client_judgments import JUDGMENTS
from minikafka.laws.group_judgments import GROUP_JUDGMENTS
from minikafka.storm.schedule import FAULTS, SECOND, Schedule, roll
from minikafka.storm.setting import CONTROLLER, Setting, build
from minikafka.storm.shrink import shrink
from minikafka.storm.storm import calm, strike
from minikafka.world.chance import Chance
from minikafka.world.laws import LawBroken
from minikafka.world.recorder import EVERYTHING, NOTHING

Scene = Callable[[World, int], Any]
SETTING = Setting(
    brokers=3, partitions=1, min_isr=2, elr=True, segment_bytes=1500, pauses=(150_000, 190_000, 250_000), careful=True
)
ALL_JUDGMENTS = (*JUDGMENTS, *GROUP_JUDGMENTS)
BEGIN, END = 5 * SECOND // 2, 21 * SECOND // 2


class Outcome(NamedTuple):
    """How one trial ended. `broken`: the law's or anomaly's name, "" if all was well; `slip`: the function failed."""

    seed: int
    world: World | None
    schedule: Schedule
    broken: str = ""
    why: str = ""
    law: Any = None
    slip: bool = False

    @property
    def ok(self) -> bool:
        """Nothing was wrong."""
        return not self.broken


def trial(
    rule: str | Callable,
    function: Any,
    seeds: int | Sequence[int] = 10,
    scenes: Sequence[Scene] = (),
    show: bool = True,
) -> Judgement:
    """Put a function on trial as one of the house's rules (see `swappables`): `trial("min ISR gate", my_gate)`.

    `seeds` is a number or a list; `scenes` are functions (world, seed), played in place of storms; `show` shows a bar.
    """
    tried = swappable(rule)
    refusal = _refusal(tried, function)
    if refusal:
        return Judgement(False, refusal)
    chosen = range(1, seeds + 1) if isinstance(seeds, int) else list(seeds)
    plays: list[Scene | None] = list(scenes) or [None]
    rows = [(seed, play) for seed in chosen for play in plays]
    card = Sweep(f"{len(rows)} {'scenes' if scenes else 'storms'}", len(rows)).begin(show)
    for number, (seed, play) in enumerate(rows, 1):
        outcome = attempt(tried, function, seed, play)
        card.reached(number, "" if outcome.ok else f"Stopped at seed {seed}: a counter-example.")
        if not outcome.ok:
            found = told(_clearest(tried, function, outcome, play), tried, function)
            return Judgement(False, found.sentence, found)
    kind = "scene" if scenes else "storm"
    return Judgement(True, f"{len(rows)} {kind}{'s'[: len(rows) > 1]}, no law broken, nothing lost.")


def attempt(
    rule: Swappable,
    function: Callable,
    seed: int,
    play: Scene | None = None,
    schedule: Schedule | None = None,
    keep: str = NOTHING,
) -> Outcome:
    """One trial: a storm (of the seed's own schedule, if none is given), or a scene."""
    guard = Guard(function, rule.may_raise)
    schedule = schedule or (Schedule(()) if play else _rolled(seed))
    worlds: list[World] = []
    ending: dict[str, Any] = {}
    with swap(rule.ours, _in_place(rule, guard)):
        try:
            setting = SETTING._replace(groups=rule.groups)
            findings = _play(worlds, seed, play, keep) if play else _storm(worlds, seed, schedule, keep, setting)
            for finding in findings:
                ending = {"broken": finding.anomaly, "why": f"{finding.where}: {finding.sentence}"}
                break
        except LawBroken as broken:
            ending = {"broken": broken.law.name, "why": broken.why, "law": broken.law}
        except Exception as error:
            ending = {"broken": "nothing fails by itself", "why": str(error.__cause__ or error)}
    if guard.trouble:
        ending = {"broken": "a rule answers", "why": guard.trouble, "slip": True}
    return Outcome(seed, worlds[0] if worlds else None, schedule, **ending)


def _storm(worlds: list, seed: int, schedule: Schedule, keep: str, setting: Setting) -> list:
    world = World(seed=seed, keep=keep)
    worlds.append(world)
    built = build(world, setting)
    strike(built, schedule.steps)
    return calm(built, schedule.steps) or built.world.judge(*ALL_JUDGMENTS)


def _play(worlds: list, seed: int, play: Scene, keep: str) -> list:
    world = World(seed=seed, keep=keep)
    worlds.append(world)
    world.law(*all_laws(world))
    play(world, seed)
    return world.judge(*ALL_JUDGMENTS)


def _rolled(seed: int) -> Schedule:
    dice = Chance(seed).stream("storm schedule")
    where = (SETTING.machines, CONTROLLER, SETTING.partitions)
    return roll(dice, *where, BEGIN, END, SETTING.lossy, SETTING.careful, FAULTS)


def _clearest(rule: Swappable, function: Callable, outcome: Outcome, play: Scene | None) -> Outcome:
    """The same failure in the shortest schedule that shows it, with everything recorded."""
    schedule = outcome.schedule
    if not play and not outcome.slip:
        schedule = shrink(outcome, lambda shorter: attempt(rule, function, outcome.seed, None, shorter))
    again = attempt(rule, function, outcome.seed, play, schedule, EVERYTHING)
    return outcome if again.ok else again


def _refusal(rule: Swappable, function: Any) -> str | None:
    """Why a function is not even tried."""
    if not callable(function):
        return f"{function!r} is not a function: hand over its name, without brackets."
    name = getattr(function, "__name__", "it")
    if is_blank(function):
        return f"`{name}` is still blank: say {rule.decides}."
    return misfit(function, rule.parameters) or suspicion(function)


def _in_place(rule: Swappable, guard: Guard) -> Callable:
    signature = inspect.signature(rule.ours)

    @wraps(rule.ours)
    def learners(*arguments: Any, **named: Any) -> Any:
        bound = signature.bind(*arguments, **named)
        bound.apply_defaults()
        question = rule.question(bound.args)
        try:
            answer = guard(*question)
            return rule.accept(answer, bound.args)
        except Nonsense as expected:
            guard.trouble = guard.trouble or f"`{guard.name}` answered {_short(answer)}: {expected}."
        except Trouble:
            pass
        guard.trouble = f"{guard.trouble.rstrip('.')}, when it was asked ({describe_arguments(rule, question)})."
        raise Trouble(guard.trouble)

    return learners


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


__all__ = ["CounterExample", "Judgement", "Outcome", "attempt", "trial"]
