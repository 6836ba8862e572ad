"""The demo: the flights of the day before Thanksgiving live through a leader's death.

Promises     `minikafka demo` tells this story; a test holds what it says.
Stands for   a first look.
Left out     its stage directions (`events …`) when it is shown.
Differs      -
"""

from __future__ import annotations

from minikafka.story.commands import COMMANDS
from minikafka.story.teller import Teller
from minikafka.story.transcript import Step, read_story

DEMO = """\
# The day before Thanksgiving: the flights live through a leader's death.
# Partition flights-0 is kept on three brokers. b1 leads, b2 and b3 copy from it. Flights leave New York, fifty a
# second, and a producer reports each one. It asks for acks=all: "tell me when every in-sync replica has it".
> world seed=7
> cluster primary brokers=3
> topic flights assignment=1,2,3 min.insync.replicas=2
> flights departures rate=50 limit=30 acks=all linger.ms=0

# Half a second later b1 has just written one flight that nobody else has. Each box is a record, under its offset,
# with the epoch it was written in (e0). Left of the double bar ‖ is what a broker knows to be on all in-sync
# replicas.
> events none
> until end flights-0 b1 25
> show flights-0

# In this very moment b1 dies. The controller waits for its heartbeats: nine seconds and a little more. The producer,
# too, can only try again.
> events some
> crash b1
> until role flights-0 b3 follower 1
> until role flights-0 b2 leader

# b2 leads now, in epoch 1. The flight that only b1 had is not there, but nobody was told that it was safe: the
# producer still has it and sends it again, then what left in the meantime.
> events none
> until settled departures
> show flights-0

# b1 comes back with a record that is in nobody else's history. It learns so by comparing epochs with the new leader,
# cuts its log, copies what it has missed, and is in sync again.
> events some
> start b1
> until isr flights-0 1,2,3
> until hw flights-0 b3 30
> show flights-0

# One broker died, and what was promised is there: every acknowledged flight, once.
> account departures
"""


def told_demo() -> list[Step]:
    """The demo's steps as they go now, without the stage directions."""
    steps = Teller(COMMANDS).tell(read_story(DEMO))
    return [step._replace(command=None) if (step.command or "").startswith("events ") else step for step in steps]
