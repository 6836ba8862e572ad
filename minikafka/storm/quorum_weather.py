"""What a storm does to three controllers: they die, freeze, lose power, are cut off and come back.

Promises     the same dice give the same steps; mostly one controller is hurt at a time, and now and then a majority.
             What is not mended here is mended at the end of the storm.
Stands for   Jepsen's nemesis, aimed at the controllers.
Left out     damaged disks: a vote that was forgotten is no vote.
Differs      it has dice of its own, so that the same seed does the same to the brokers with one controller and with
             three.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from minikafka.storm.schedule import SECOND, Step

ENDS = {"crash": "start", "power_off": "start", "freeze": "thaw", "stop": "start"}


def quorum_steps(dice: Random, controllers: list[str], brokers: list[str], begin: int, end: int) -> list[Step]:
    """Steps between two times (µs) for these machines."""
    steps: list[Step] = []
    now = begin
    while True:
        now += dice.randrange(SECOND // 4, 5 * SECOND // 2)
        if now >= end:
            return steps
        until = min(end, now + int(dice.uniform(0.1, 4) * SECOND))
        dice.choices(KINDS, WEIGHTS)[0](dice, controllers, brokers, now, until, steps)


def _one_stops(dice: Random, controllers: list[str], _: list[str], now: int, until: int, steps: list[Step]) -> None:
    """A controller dies, loses its power, stands still or stops in order."""
    verb, victim = dice.choice(list(ENDS)), dice.choice(controllers)
    steps += [Step(now, verb, (victim,)), Step(until, ENDS[verb], (victim,))]


def _most_stop(dice: Random, controllers: list[str], _: list[str], now: int, until: int, steps: list[Step]) -> None:
    """A majority goes, all at once or one after the other."""
    later = dice.choice((0, dice.randrange(1, SECOND)))
    for number, victim in enumerate(dice.sample(controllers, len(controllers) // 2 + 1)):
        verb = dice.choice(("crash", "power_off", "freeze"))
        steps += [Step(now + number * later, verb, (victim,)), Step(until + number * later, ENDS[verb], (victim,))]


def _cut_off(dice: Random, controllers: list[str], _: list[str], now: int, until: int, steps: list[Step]) -> None:
    """A controller does not reach the others, or is not reached by them, or neither."""
    victim = dice.choice(controllers)
    how = dice.choice(("both", "out", "in"))
    for other in controllers:
        if other != victim:
            ways = [(victim, other)] if how in ("out", "both") else []
            ways += [(other, victim)] if how in ("in", "both") else []
            for way in ways:
                steps += [Step(now, "cut_oneway", way), Step(until, "heal_oneway", way)]


def _broker_cut(dice: Random, controllers: list[str], brokers: list[str], now: int, until: int, steps: list) -> None:
    """A broker does not reach one of the controllers."""
    way = (dice.choice(brokers), dice.choice(controllers))
    steps += [Step(now, "cut", way), Step(until, "heal", way)]


def _held(dice: Random, controllers: list[str], brokers: list[str], now: int, until: int, steps: list[Step]) -> None:
    """What a controller says to another machine comes late, and then all at once."""
    one = dice.choice(controllers)
    way = (one, dice.choice([other for other in (*controllers, *brokers) if other != one]))
    steps += [Step(now, "hold", way), Step(until, "release", way)]


KINDS: list[Callable] = [_one_stops, _most_stop, _cut_off, _broker_cut, _held]
WEIGHTS = [5, 1, 4, 2, 3]
