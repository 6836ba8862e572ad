"""A published tutorial, done again: two regions with brokers, seven topics, a region that goes down broker by broker.

Promises     `Tutorial(world)` builds what the tutorial builds and does what it does, step by step; leaders and ISRs
             come out of that and of nothing else. `PUBLISHED` is what its authors saw, `differences` where we differ.
Stands for   Confluent's tutorial on multi-region clusters (repository confluentinc/examples, folder multiregion).
Left out     its performance tests, the certificates and dashboards.
Differs      the topic with the default placement is given it by name, so that it can be given its assignment, too.
             The tutorial delays what leaves a region; here both directions have half of that delay. Its table gives an
             ISR in the order of a set, so members are compared and not their order. Which of several observers is
             promoted is not documented: our rule (furthest log, then highest id) is a choice, and agrees by accident.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from minikafka.protocol.names import NO_LEADER

if TYPE_CHECKING:
    from minikafka.deploy.kafka_world import World

WEST, CENTRAL, EAST = "west", "central", "east"
DEFAULT_TOPIC = "multi-region-default"
ASYNC_TOPIC = "multi-region-async"

WEST_ONLY = [{"count": 2, "constraints": {"rack": WEST}}]
EAST_ONLY = [{"count": 2, "constraints": {"rack": EAST}}]
WEST_OBSERVED_IN_EAST = {"version": 1, "replicas": WEST_ONLY, "observers": EAST_ONLY}
EAST_OBSERVED_IN_WEST = {"version": 1, "replicas": EAST_ONLY, "observers": WEST_ONLY}


def promoting(policy: str) -> dict:
    """The placement with observers in the east, promoted by this policy."""
    return {**WEST_OBSERVED_IN_EAST, "version": 2, "observerPromotionPolicy": policy}


class Topic(NamedTuple):
    """One of the seven: its placement, min.insync.replicas, and the assignment that the authors saw."""

    name: str
    placement: dict
    min_isr: int
    replicas: tuple[int, ...]


TOPICS = (
    Topic("single-region", {"version": 1, "replicas": WEST_ONLY}, 1, (2, 1)),
    Topic("multi-region-sync", {"version": 1, "replicas": WEST_ONLY + EAST_ONLY}, 1, (1, 2, 3, 4)),
    Topic(ASYNC_TOPIC, WEST_OBSERVED_IN_EAST, 1, (2, 1, 3, 4)),
    Topic("multi-region-async-op-under-min-isr", promoting("under-min-isr"), 2, (2, 1, 3, 4)),
    Topic("multi-region-async-op-under-replicated", promoting("under-replicated"), 1, (2, 1, 3, 4)),
    Topic("multi-region-async-op-leader-is-observer", promoting("leader-is-observer"), 1, (2, 1, 3, 4)),
    Topic(DEFAULT_TOPIC, WEST_OBSERVED_IN_EAST, 1, (2, 1, 3, 4)),
)

STEPS = ("steady", "broker 1 down", "broker 2 and the controller in the west down", "unclean elections",
         "the west restored")  # fmt: skip


class Cell(NamedTuple):
    """Who leads (-1: nobody) and who is in sync, in ascending order; `isr` None where the table does not say who."""

    leader: int
    isr: tuple[int, ...] | None

    def __str__(self) -> str:
        """As the table has it: 2 / 1,2."""
        members = "the last member" if self.isr is None else ",".join(map(str, self.isr))
        return f"{'none' if self.leader == NO_LEADER else self.leader} / {members}"


NOBODY = Cell(NO_LEADER, None)
BOTH_WEST, ONLY_2, BOTH_EAST = Cell(2, (1, 2)), Cell(2, (2,)), Cell(3, (3, 4))

PUBLISHED = {
    "single-region": (BOTH_WEST, ONLY_2, NOBODY, NOBODY, BOTH_WEST),
    "multi-region-sync": (Cell(1, (1, 2, 3, 4)), Cell(2, (2, 3, 4)), BOTH_EAST, BOTH_EAST, Cell(1, (1, 2, 3, 4))),
    ASYNC_TOPIC: (BOTH_WEST, ONLY_2, NOBODY, BOTH_EAST, BOTH_WEST),
    "multi-region-async-op-under-min-isr": (BOTH_WEST, Cell(2, (2, 4)), Cell(4, (3, 4)), Cell(4, (3, 4)), BOTH_WEST),
    "multi-region-async-op-under-replicated": (BOTH_WEST, Cell(2, (2, 4)), Cell(4, (3, 4)), Cell(4, (3, 4)), BOTH_WEST),
    "multi-region-async-op-leader-is-observer": (BOTH_WEST, ONLY_2, NOBODY, NOBODY, BOTH_WEST),
    DEFAULT_TOPIC: (BOTH_WEST, ONLY_2, NOBODY, BOTH_EAST, BOTH_EAST),
}
"""What the tutorial's authors saw after each of `STEPS`."""


class Tutorial:
    """The tutorial in a world: `do_next` carries out the next step; `seen` has what came of those done, by topic."""

    def __init__(self, world: World):
        west, central, east = (world.region(name, zones=1) for name in (WEST, CENTRAL, EAST))
        world.connect(west, east, latency="50ms", jitter="10ms", loss=0.01)
        for region in (west, east):
            world.connect(central, region, latency="25ms", jitter="5ms")
        self.world = world
        self.cluster = world.cluster(
            "tutorial", brokers=4, region=[west, west, east, east], rack="region",
            controllers=3, controllers_at=[west, central, east], clients_at=central,
            features={"eligible.leader.replicas.version": 0},
        )  # fmt: skip
        self.seen: dict[str, list[Cell]] = {topic.name: [] for topic in TOPICS}
        self._steps = [self.make_topics, self.lose_broker_1, self.lose_the_west, self.elect_uncleanly,
                       self.restore_the_west]  # fmt: skip

    def do_next(self) -> str:
        """Do one more step, and note leaders and ISRs; returns its name."""
        done = len(self.seen[DEFAULT_TOPIC])
        self._steps[done]()
        for topic in TOPICS:
            found = self.cluster.registration(f"{topic.name}-0")
            self.seen[topic.name].append(Cell(found.leader, tuple(sorted(found.isr))))
        return STEPS[done]

    def do_all(self) -> dict[str, list[Cell]]:
        """All five steps; returns what was seen."""
        for _ in STEPS:
            self.do_next()
        return self.seen

    # -- the steps ------------------------------------------------------------------------------------------------

    def make_topics(self) -> None:
        """Seven topics of one partition; the last has what would be the cluster's default placement."""
        for topic in TOPICS:
            config = {"min.insync.replicas": topic.min_isr}
            self.cluster.create_topic(topic.name, config=config, placement=topic.placement,
                                      assignment=[list(topic.replicas)])  # fmt: skip
        self.world.run_for("10s")

    def lose_broker_1(self) -> None:
        """The first broker of the west stops."""
        self.world.faults.crash("tutorial/b1")
        self.world.run_for("30s")

    def lose_the_west(self) -> None:
        """Its second broker stops, and its controller."""
        self.world.faults.crash("tutorial/b2")
        self.world.faults.crash("tutorial/c1")
        self.world.run_for("60s")

    def elect_uncleanly(self) -> None:
        """An operator elects uncleanly for two of the topics, and lets one of them live in the east for good."""
        for topic in (ASYNC_TOPIC, DEFAULT_TOPIC):
            self.cluster.elect(f"{topic}-0", "unclean")
        self.world.run_for("10s")
        self.cluster.alter_config(DEFAULT_TOPIC, {"confluent.placement.constraints": json.dumps(EAST_OBSERVED_IN_WEST)})
        self.cluster.apply_placement(DEFAULT_TOPIC)
        self.world.run_for("10s")

    def restore_the_west(self) -> None:
        """The west comes back; then the controllers look for preferred leaders (every 300 s)."""
        for machine in ("c1", "b1", "b2"):
            self.world.faults.start(f"tutorial/{machine}")
        self.world.run_for("330s")


def differences(seen: dict[str, list[Cell]]) -> list[str]:
    """The cells that came out otherwise than published, both beside each other."""
    return [
        f"{topic}, {step}: {ours} here, {theirs} published"
        for topic, cells in seen.items()
        for step, ours, theirs in zip(STEPS, cells, PUBLISHED[topic], strict=False)
        if ours.leader != theirs.leader or theirs.isr not in (None, ours.isr)
    ]


def table(seen: dict[str, list[Cell]]) -> str:
    """What was seen, a line for each topic."""
    longest = max(map(len, seen))
    return "\n".join(f"{name:<{longest}}   {'   '.join(f'{cell!s:<13}' for cell in cells)}".rstrip()
                     for name, cells in seen.items())  # fmt: skip
