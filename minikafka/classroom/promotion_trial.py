"""Lab 09: a region is lost broker by broker and comes back, while the learner's rule says how many should be in sync.

Promises     the leader and the controller both use the learner's rule. After each step the observers in the ISR are
             counted: more than the policy of the topic wants breaks a law, fewer leave the partition without what it
             was promised. Departures are written all the while.
Stands for   a disaster recovery test of a topic with observers, once for each promotion policy.
Left out     which of several observers is promoted: see `broker/observer_rules.py`.
Differs      a broker and an observer are given fifteen seconds together to be noticed and to join.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from minikafka.classroom.counter_example import in_words
from minikafka.classroom.swap import guarded, swap
from minikafka.classroom.trial_story import recent, sight
from minikafka.classroom.verdict import Counterexample, Verdict, sweep
from minikafka.deploy.account import account
from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.laws.all_laws import all_laws
from minikafka.metadata import observer_policy
from minikafka.world.laws import LawBroken
from minikafka.world.quantities import us

SEEDS = range(2)
ARGUMENTS = ("policy", "min_isr", "sync_replicas", "observer_leads")
PRAISE = "As many as the policy names, as long as they are missing."
WEST, EAST, OBSERVERS = (1, 2, 3), (4, 5), 2
SETTLED = "15s"


class Scene(NamedTuple):
    """A topic, and how many observers its policy wants in sync: after one, two, three brokers of the west are gone.

    Where nobody is left to lead, an operator elects uncleanly before the last of them is counted.
    """

    policy: str
    min_isr: int
    wants: tuple[int, int, int]
    uncleanly: bool = False


SCENES = (
    Scene("under-min-isr", 2, (0, 1, 2)),
    Scene("under-min-isr", 3, (1, 2, 2)),
    Scene("under-replicated", 1, (1, 2, 2)),
    Scene("leader-is-observer", 1, (0, 0, 2), uncleanly=True),
)


def check_wanted_in_sync(mine: Callable[[str, int, int, bool], int]) -> Verdict:
    """Put `mine` in the place of ours, and lose the west under each policy."""
    trials = [(f"{scene.policy}, min.insync.replicas={scene.min_isr}", partial(_lost, scene)) for scene in SCENES]
    return sweep(mine, ARGUMENTS, trials, SEEDS, PRAISE)


def _lost(scene: Scene, seed: int, mine: Callable) -> Counterexample | None:
    with swap(observer_policy.wanted_in_sync, _with_its_arguments(guarded(mine, _complaint, _shown))):
        return Region(scene, seed).goes_and_comes()


class Region:
    """The west, with three sync replicas, and the east, with two observers."""

    def __init__(self, scene: Scene, seed: int):
        self.scene, self.world = scene, World(seed=seed)
        self.world.law(*all_laws(self.world))
        self.broken: LawBroken | None = None
        west, east = self.world.region("west", zones=1), self.world.region("east", zones=1)
        self.world.connect(west, east, latency=f"{20 + 10 * seed}ms", jitter="2ms")
        regions = [west] * len(WEST) + [east] * len(EAST)
        self.cluster = self.world.cluster("primary", brokers=5, region=regions, rack="region", controllers_at=[east],
                                          clients_at=east)  # fmt: skip
        self.cluster.create_topic(
            "flights", assignment=[[*WEST, *EAST]], config={"min.insync.replicas": scene.min_isr},
            placement={"version": 2, "replicas": [_count(3, "west")], "observers": [_count(OBSERVERS, "east")],
                       "observerPromotionPolicy": scene.policy},
        )  # fmt: skip
        self.day = self.world.start(Departures(self.cluster, rate=3, limit=60 * 3))

    def goes_and_comes(self) -> Counterexample | None:
        """Lose the west, broker by broker; bring it back; what went wrong, or None."""
        self.run("2s")
        found = self.look("before anything happened", 0)
        for broker, wants in zip(self.in_turn(), self.scene.wants, strict=True):
            if found is None:
                self.world.faults.power_off(self.cluster.broker(broker))
                self.run(SETTLED)
                found = self.look(f"{SETTLED[:-1]} s after b{broker} was lost", wants)
        return found or self.comes_back()

    def in_turn(self) -> list[int]:
        """The brokers of the west in the order in which they fail: the leader first, or last."""
        return [*WEST] if self.world.seed % 2 else [*reversed(WEST)]

    def comes_back(self) -> Counterexample | None:
        """The brokers of the west return, and the preferred one leads again: no observer is needed."""
        for broker in WEST:
            self.world.faults.start(self.cluster.broker(broker))
        self.run("20s")
        self.cluster.elect("flights-0")
        self.run(SETTLED)
        found = self.look("with the west back and leading", 0)
        lost = [] if self.scene.uncleanly else account(self.day).lost
        return found or (self.told(f"{len(lost)} acknowledged departures were lost.") if lost else None)

    def look(self, when: str, wants: int) -> Counterexample | None:
        """Elect uncleanly where that is the scene; then count the observers in sync."""
        if self.scene.uncleanly and self.state.leader < 0:
            self.cluster.elect("flights-0", "unclean")
            self.run(SETTLED)
        if self.broken is not None:
            return self.law_broken()
        state = self.state
        found = [member for member in state.isr if member in EAST]
        if len(found) == wants:
            return None
        return self.told(
            f"With {self.scene.policy} and min.insync.replicas={self.scene.min_isr}, {when}, {_few(wants)} "
            f"should be in sync; the ISR is {list(state.isr)}, and {_leads(state.leader)}."
        )

    def law_broken(self) -> Counterexample:
        """The law, and how it came to that."""
        broken = self.broken
        why, time = broken.why.replace("primary/", ""), broken.entry.time
        return Counterexample(f"A law is broken ({broken.law.name}): {why}.", recent(self.world, time),
                              law=in_words(broken.law), world=self.world, moment=time)  # fmt: skip

    def told(self, sentence: str) -> Counterexample:
        """What was found, now."""
        return Counterexample(sentence, recent(self.world), sight(self.cluster), world=self.world,
                              moment=self.world.now)  # fmt: skip

    def run(self, time: str) -> None:
        """Let time pass, up to the first law that is broken."""
        until = self.world.now + us(time)
        while self.world.now < until:
            try:
                self.world.run_until(until)
            except LawBroken as broken:
                self.broken = self.broken or broken

    @property
    def state(self) -> Any:
        """The partition as it is recorded."""
        return self.cluster.registration("flights-0")


def _with_its_arguments(judged: Callable) -> Callable:
    def wanted_in_sync(policy: str, min_isr: int, sync_replicas: int, observer_leads: bool) -> int:
        return judged(policy, min_isr, sync_replicas, observer_leads)

    return wanted_in_sync


def _count(number: int, rack: str) -> dict:
    return {"count": number, "constraints": {"rack": rack}}


def _few(number: int) -> str:
    return ("no observer", "one observer", "both observers")[number]


def _leads(leader: int) -> str:
    return "nobody leads" if leader < 0 else f"b{leader} leads"


def _complaint(answer: Any) -> str | None:
    if answer is None:
        return "it has to return how many should be in sync"
    if type(answer) is not int or answer < 0:
        return "it has to be a whole number, 0 or more"
    return None


def _shown(policy: str, min_isr: int, sync_replicas: int, observer_leads: bool) -> str:
    who = "an observer leads" if observer_leads else "no observer leads"
    return f"{policy}, min.insync.replicas={min_isr}, {sync_replicas} sync replicas, {who}"
