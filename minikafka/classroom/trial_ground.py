"""The world in which a learner's function is tried: three brokers, one partition, departures, trouble, judgment.

Promises     the same seed gives the same trial; a broken law is noted and the world goes on, so that one sees what
             comes of it; in the end everything must come to rest.
Stands for   a test cluster, and whoever pulls its cables.
Left out     trouble that the trials do not name: `minikafka storm` has more.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.classroom.counter_example import in_words
from minikafka.classroom.trial_story import life_of, recent, sight
from minikafka.classroom.verdict import Counterexample
from minikafka.deploy.account import account
from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.events.clients import BatchAcknowledged
from minikafka.laws.all_laws import all_laws
from minikafka.world.laws import LawBroken
from minikafka.world.quantities import us

PATIENCE = "130s"
"""Longer than a producer waits for an answer (delivery.timeout.ms)."""


class Ground:
    """One trial: b1 leads. `slow` and `fast` are the followers; which of them is b2 depends on the seed."""

    def __init__(self, seed: int, min_isr: int = 2, config: dict | None = None):
        self.world = World(seed=seed)
        self.world.law(*all_laws(self.world))
        self.broken: list[LawBroken] = []
        self.cluster = self.world.cluster("primary", brokers=3)
        topic = {"min.insync.replicas": min_isr, **(config or {})}
        self.cluster.create_topic("flights", assignment=[[1, 2, 3]], config=topic)
        self.leader = self.cluster.broker(1)
        self.slow, self.fast = self.cluster.broker(2 + seed % 2), self.cluster.broker(3 - seed % 2)
        self.days: list[Departures] = []
        self.before = ("", "")
        self.went_down = 0

    # -- what happens -------------------------------------------------------------------------------------------

    def depart(self, limit: int, acks: Any = "all", skip: int = 0) -> Departures:
        """Let departures be produced from now on, 200 a second, without the first `skip` of the day."""
        small = {"linger.ms": 0, "batch.size": 600}
        day = Departures(self.cluster, rate=200, limit=skip + limit, acks=acks, config=small)
        del day.events[:skip]
        self.days.append(self.world.start(day))
        return day

    def run(self, time: str | int) -> None:
        """Let time pass, past any law that is broken."""
        until = self.world.now + us(time)
        while self.world.now < until:
            try:
                self.world.run_until(until)
            except LawBroken as broken:
                self.broken.append(broken)

    def until(self, condition: Callable[[], bool], within: str = "60s", step: str | int = 100) -> bool:
        """Let time pass until a condition holds, looked at after each `step`; False if it did not in time."""
        give_up = self.world.now + us(within)
        while not condition() and self.world.now < give_up:
            self.run(step)
        return condition()

    def lose_leader_after_its_line(self) -> None:
        """The line from b1 to the slow follower fails, then b1 itself; 20 s later all is well again."""
        faults = self.world.faults
        faults.cut(self.leader, self.slow)
        self.stop("crash", self.leader)
        self.run("20s")
        faults.heal(self.leader, self.slow)
        faults.restore_speed(self.leader, self.slow)
        faults.start(self.leader)

    def lose_a_follower(self, seed: int) -> None:
        """Some departures, and while they are under way the slow follower crashes for good."""
        self.depart(limit=40)
        self.run(40_000 + 7_000 * seed)
        self.stop("crash", self.slow)

    def stop(self, verb: str, broker: Any) -> None:
        """Crash a broker or take its power; how the replicas stood just before is kept for the story."""
        self.before = (f"just before {broker.name.rpartition('/')[2]} went down", sight(self.cluster))
        self.went_down = self.world.now
        getattr(self.world.faults, verb)(broker)

    def rest(self) -> None:
        """Let everything come to rest: every record has its answer, or its producer has lost patience."""
        self.until(lambda: all(day.done for day in self.days), PATIENCE, "1s")
        self.run("2s")

    def end(self) -> None:
        """End all processes: nobody will look at this world again."""
        for machine in self.world.network.machines.values():
            if machine.state in ("running", "frozen"):
                machine.crash()

    # -- what is said of it -------------------------------------------------------------------------------------

    def judge(self, *laws: str) -> Counterexample | None:
        """What was lost, broken, or never answered. `laws`: names of those that tell the mistake best, if broken."""
        self.rest()
        found = self._lost() or self._broken(laws) or self._unanswered()
        if found is None:
            self.end()
        return found

    def _lost(self) -> Counterexample | None:
        for day in self.days:
            lost = account(day).lost
            if lost and day.handle.producer.config["acks"] == "all":
                offset = next(receipt for event, receipt in day.sent if event.key == lost[0]).metadata.offset
                sentence = f"{_and_more(lost)} acknowledged with acks=all, and then lost."
                told = (life_of(self.world, offset), *self.before[::-1])
                return Counterexample(sentence, *told, world=self.world, moment=self._acknowledged(offset))
        return None

    def _acknowledged(self, offset: int) -> int:
        """When a record was acknowledged that should not have been (µs)."""
        for entry in self.world.recorder.events(BatchAcknowledged):
            if 0 <= offset - entry.event.base_offset < entry.event.records:
                return entry.time
        return self.went_down

    def _broken(self, laws: tuple[str, ...]) -> Counterexample | None:
        if not self.broken:
            return None
        broken = next((b for law in laws for b in self.broken if b.law.name == law), self.broken[0])
        why, time = broken.why.replace("primary/", ""), broken.entry.time
        return Counterexample(f"A law is broken ({broken.law.name}): {why}.", recent(self.world, time),
                              law=in_words(broken.law), world=self.world, moment=time)  # fmt: skip

    def _unanswered(self) -> Counterexample | None:
        sent = [pair for day in self.days for pair in day.sent]
        waiting = [event.key for event, receipt in sent if not receipt.done or receipt.error is not None]
        if not waiting:
            return None
        sentence = f"Nothing is lost, but nothing goes on. {_and_more(waiting)} never acknowledged."
        return Counterexample(sentence, recent(self.world), sight(self.cluster), world=self.world,
                              moment=self.went_down)  # fmt: skip


def _and_more(keys: list[str]) -> str:
    return f"{keys[0]} and {len(keys) - 1} more departures were" if len(keys) > 1 else f"{keys[0]} was"
