"""Schedules for mistakes with groups that show only in the end: each is a story without its transcript."""

from __future__ import annotations

from minikafka.laws.group_judgments import GROUP_JUDGMENTS, groups_come_to_rest
from minikafka.story.commands import COMMANDS
from minikafka.story.teller import Teller
from minikafka.story.transcript import read_story
from minikafka.world.laws import Finding

COOPERATIVE = "auto.offset.reset=earliest partition.assignment.strategy=cooperative-sticky"
SCENE = """\
world seed=7
cluster primary brokers=3 offsets.topic.num.partitions=1 group.initial.rebalance.delay.ms=100
topic flights partitions=2 replication_factor=3 min.insync.replicas=2
"""

PUT_OUT = f"""{SCENE}
producer p
send p flights one two partition=0
flush p
consumer c1 group=billing {COOPERATIVE} max.poll.interval.ms=8000
consumer c2 group=billing {COOPERATIVE} max.poll.interval.ms=8000
subscribe c1 flights
keep_reading c1
until assigned c1 2
subscribe c2 flights
keep_reading c2
until sent b3 "REBALANCE_IN_PROGRESS"
hold c1 b1
hold c1 b2
hold c1 b3
until assigned c2 2 within=20s
send p flights three four partition=0
run 6s
release c1 b3
until assigned c1 1 within=20s
"""
"""c1 is put out while its join is held up; c2 reads on and commits. When c1 comes back, what it holds is old."""

ANOTHER_COORDINATOR = f"""{SCENE}
consumer s1 group=billing group.instance.id=seat-1 {COOPERATIVE}
consumer c2 group=billing {COOPERATIVE}
subscribe s1 flights
keep_reading s1
until assigned s1 2
subscribe c2 flights
keep_reading c2
until event PartitionsRevoked s1
crash s1
crash b3
until coordinator billing b1 within=30s
start s1
subscribe s1 flights
keep_reading s1
run 20s
"""
"""A static member gives a partition back and dies; a new coordinator reads from the log what it said last."""


def in_the_end(schedule: str) -> list[Finding]:
    """What is found when the schedule is over; no law may break in it."""
    teller = Teller(COMMANDS)
    told = teller.tell(read_story("".join(f"> {line}\n" for line in schedule.splitlines() if line)))
    errors = [line for step in told for line in step.output if line.startswith("error:")]
    assert not errors and not teller.broken, (errors, teller.broken)
    return [*teller.world.judge(*GROUP_JUDGMENTS), *groups_come_to_rest(teller.world)]
