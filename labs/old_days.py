"""Lab 05's stage hands: tell a short story, under yesterday's rules or today's; and three scenes for a trial.

The old rules themselves are shared with the transcripts, in `tests/stories/old_rules.py`: each is a few lines that
stand in the place of today's function for one world.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import util
from pathlib import Path
from textwrap import fill
from typing import Any

import minikafka
from minikafka.story.commands import COMMANDS
from minikafka.story.teller import OLD_RULES, Teller
from minikafka.story.transcript import read_story
from minikafka.world.quantities import us

STORIES = Path(minikafka.__file__).resolve().parents[1] / "tests" / "stories"
FAST = {"broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500}
WIDTH = 76
QUICK = " ".join(f"{name}={value}" for name, value in FAST.items())


def old_rule(name: str) -> Callable:
    """A rule that Kafka had once, to be looked at."""
    spec = util.spec_from_file_location("old_rules", STORIES / OLD_RULES)
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module.RULES[name], "__wrapped__", module.RULES[name])


def tell(story: str, rule: str | None = None, title: str = "today") -> Any:
    """Play a story, print what happened, and return its world. With `rule` an old rule is in force.

    Each line that begins with `>` is done; beneath it stands what came of it. Lines with `#` are remarks. A death is
    noticed after 3 seconds here, and not after 9.
    """
    prologue = ["> world seed=7", *([f"> old_rule {rule}"] if rule else []), "> events none"]
    teller = Teller(COMMANDS, STORIES)
    lines = [line.strip() for line in story.strip().splitlines()]
    lines = [f"{line} {QUICK}" if line.startswith("> cluster ") else line for line in lines]
    steps = read_story("\n".join([*prologue, *lines]))
    told = teller.tell(steps)[len(prologue) :]
    print(f"--- {f'with the old rule: {rule}' if rule else title}")
    for step in told:
        for line in step.prose:
            print(fill(line, WIDTH, subsequent_indent="# "))
        for line in step.output:
            broken = line.startswith("LAW BROKEN")
            print(fill(in_short(line), WIDTH, subsequent_indent=12 * " ") if broken else f"   {line}")
    return teller.world


def in_short(line: str) -> str:
    """A broken law without checksums."""
    line = re.sub(r"Row\(base=(\d+), last=\d+, epoch=(-?\d+), crc=\d+\)", r"offset \1 of epoch \2", line)
    return re.sub(r" ?\(crc 0x[0-9a-f]+\)", "", line)


def then_and_now(story: str, rule: str) -> Any:
    """The same story twice: under the old rule, and today. Returns the world of the old rule."""
    world = tell(story, rule)
    print()
    tell(story)
    return world


# -- scenes for a trial: (world, seed) -> None


def cluster_of(world: Any, brokers: int, min_isr: int = 1) -> Any:
    """A cluster that notices quickly, with the topic `flights` on all its brokers, b1 first."""
    cluster = world.cluster("primary", brokers=brokers, config=FAST)
    config = {"min.insync.replicas": min_isr}
    cluster.create_topic("flights", assignment=[list(range(1, brokers + 1))], config=config)
    return cluster


def until(world: Any, condition: Callable[[], bool], within: str = "60s") -> None:
    """Let time pass until something holds, looked at every ms."""
    end = world.now + us(within)
    while not condition() and world.now < end:
        world.run_for("1ms")


def leads(cluster: Any, number: int) -> Callable[[], bool]:
    """Whether a broker leads, and knows it."""

    def yes() -> bool:
        leader, views = cluster.leader("flights-0"), cluster.replicas("flights-0")
        return leader is not None and leader.id == number and views.get(number) is not None and views[number].is_leader

    return yes


def isr_has(cluster: Any, *numbers: int) -> Callable[[], bool]:
    """Whether just these brokers are in the recorded ISR."""
    return lambda: sorted(cluster.image.topics["flights"].partitions[0].isr) == sorted(numbers)


def a_tail(world: Any, seed: int) -> None:
    """b1 writes records that nobody else has, and dies; b2 leads; b1 comes back."""
    cluster = cluster_of(world, 3, 2)
    careful = cluster.producer(acks="all", config={"linger.ms": 0})
    careless = cluster.producer(acks=1, config={"linger.ms": 0})
    for number in range(3 + seed % 3):
        careful.send("flights", f"m{number}")
        careful.flush()
    for other in (2, 3):
        world.faults.hold(cluster.broker(1), cluster.broker(other))
    careless.send("flights", "tail")
    careless.flush()
    world.faults.crash(cluster.broker(1))
    until(world, leads(cluster, 2))
    for other in (2, 3):
        world.faults.release(cluster.broker(1), cluster.broker(other))
    careful.send("flights", "next")
    careful.flush()
    world.faults.start(cluster.broker(1))
    world.run_for("5s")


def two_tails(world: Any, seed: int) -> None:
    """Two quick elections: b1 has a tail of epoch 0 and b2 one of epoch 1, when b1 leads again (KIP-279)."""
    cluster = world.cluster("primary", brokers=2, config=FAST)
    cluster.broker(2).shut_down()
    cluster.create_topic("flights", assignment=[[2, 1]], config={"min.insync.replicas": 1})
    world.faults.start(cluster.broker(2))
    until(world, isr_has(cluster, 1, 2))
    producer = cluster.producer(acks=1, config={"linger.ms": 0})

    def write(name: str, times: int = 1) -> None:
        for number in range(times):
            producer.send("flights", f"{name}.{number}")
            producer.flush()

    write("m1")
    world.run_for("1s")
    for one, other in ((1, 2), (2, 1)):
        world.faults.hold(cluster.broker(one), cluster.broker(other))
    write("m2", 1 + seed % 3)
    cluster.elect("flights-0")
    until(world, leads(cluster, 2))
    write("m3", 1 + seed % 2)
    world.faults.crash(cluster.broker(2))
    until(world, leads(cluster, 1))
    for one, other in ((1, 2), (2, 1)):
        world.faults.release(cluster.broker(one), cluster.broker(other))
    write("m4")
    world.faults.start(cluster.broker(2))
    world.run_for("3s")
    write("m5")
    world.run_for("1s")


SCENES = (a_tail, two_tails)
