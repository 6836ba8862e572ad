"""A promotion is a majority's word: one that was decided and not committed is not acted on, and would be noticed."""

from contextlib import nullcontext

import pytest
from observer_mutants import answers_before_it_is_committed

from minikafka.deploy.kafka_world import World
from minikafka.laws.observer_laws import PromotionsAreRecordedFirst
from minikafka.world.laws import LawBroken

PLACEMENT = {
    "version": 2,
    "replicas": [{"count": 2, "constraints": {"rack": "west"}}],
    "observers": [{"count": 1, "constraints": {"rack": "east"}}],
    "observerPromotionPolicy": "under-min-isr",
}
TP = ("flights", 0)


class CutOff:
    """b1 leads alone, b3 observes and falls behind while it is frozen; then the active controller is cut off from the
    other controllers, and only then the observer is caught up and may be promoted."""

    def __init__(self, rule=nullcontext):
        self.world = World(seed=3)
        self.world.law(PromotionsAreRecordedFirst())
        west, east = self.world.region("west", zones=1), self.world.region("east", zones=1)
        self.world.connect(west, east, latency="5ms", jitter=0)
        self.cluster = self.world.cluster("primary", brokers=3, region=[west, west, east], rack="region", controllers=3,
                                          config={"replica.lag.time.max.ms": 1000})  # fmt: skip
        self.cluster.create_topic("flights", assignment=[[1, 2, 3]], placement=PLACEMENT,
                                  config={"min.insync.replicas": 2})  # fmt: skip
        producer = self.cluster.producer(config={"linger.ms": 0})
        producer.send("flights", "m1", partition=0)
        producer.flush()
        self.world.faults.freeze("primary/b3")
        self.world.faults.crash("primary/b2")
        self.waiting = producer.send("flights", "m2", partition=0)
        self.world.run_for("3s")
        assert self.recorded_isr() == (1,)
        self.active = self.cluster.active_controller
        self.others = [one for one in self.cluster.controllers.values() if one is not self.active]
        for other in self.others:
            self.world.faults.cut(self.active.machine, other.machine)
        self.world.faults.thaw("primary/b3")
        with rule():
            self.world.run_for("2s")

    def recorded_isr(self):
        return self.cluster.image.partition(TP).isr

    def leaders_isr(self):
        return self.cluster.brokers[1].broker.partitions[TP].isr_state.isr


def test_a_promotion_that_was_decided_and_not_committed_is_not_acted_on():
    scene = CutOff()
    controller = scene.active.controller
    assert controller.active and controller.image.partition(TP).isr == (1, 3), "it has decided"
    assert controller.committed_image.partition(TP).isr == (1,), "and nobody else has heard of it"
    assert scene.leaders_isr() == (1,) and not scene.waiting.done
    for other in scene.others:
        scene.world.faults.heal(scene.active.machine, other.machine)
    scene.world.run_for("15s")
    assert scene.recorded_isr() == scene.leaders_isr() == (1, 3)
    assert scene.waiting.metadata.offset == 1


def test_a_leader_that_acts_on_it_is_noticed():
    with pytest.raises(LawBroken, match=r"primary/b1 counts with the ISR \[1, 3\] of flights-0 .* recorded is \[1\] "):
        CutOff(answers_before_it_is_committed)
