"""What a storm may have besides its faults and its first clients, and which of it a seed has.

Promises     what is said of one option does not move the others, nor the faults; the same seed has the same options.
Stands for   the features that a cluster has in use, seldom all at once.
Left out     -
Differs      -
"""

from __future__ import annotations

from minikafka.world.chance import Chance

OPTIONS = {
    "groups": "a consumer group whose members come, freeze and go",
    "near": "followers that are read from by consumers in their rack",
    "observers": "six brokers in two regions, observers, and faults of whole regions",
    "upkeep": "a compacted topic, and settings that change",
    "moves": "partitions that move from broker to broker, besides the upkeep",
    "access": "clients that log in, and a warden who forbids and allows",
    "quorum": "three controllers that fail one another",
    "transactions": "copiers that read, process and write in transactions",
}
"""What a storm may have besides: the names of fields of `Setting`."""

ONE_IN = {"groups": 1, "near": 6, "observers": 6, "upkeep": 4, "moves": 8, "access": 3, "quorum": 3, "transactions": 3}
"""One in so many storms has it, unless it is told otherwise."""


def usual(seed: int) -> dict[str, bool]:
    """The options of this seed's storm, if nothing is said of them."""
    dice = Chance(seed).stream("storm options")
    return {name: dice.randrange(ONE_IN[name]) == 0 for name in OPTIONS}


def how_often(name: str) -> str:
    """How often an option comes by itself, in words."""
    return "every storm" if ONE_IN[name] == 1 else f"one storm in {ONE_IN[name]}"
