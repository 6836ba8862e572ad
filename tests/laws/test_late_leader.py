"""A candidate that stands still when it has the votes, and wakes up when another one leads: it leads an epoch that is
over, lacks what was committed since, and harms nobody. So it is with a leader that stands still before it decides."""

from minikafka.deploy.kafka_world import World
from minikafka.events.governance import ControllerStarted
from minikafka.events.quorum import BecameQuorumLeader, MetadataCommitted, VoteGranted
from minikafka.laws.all_laws import all_laws
from minikafka.laws.sight import Sight


def told(world, kind):
    return [entry for entry in world.recorder.trace if isinstance(entry.event, kind)]


def votes_given(world):
    """Those of the second epoch and later."""
    return [one.event for one in told(world, VoteGranted) if one.event.epoch > 1 and not one.event.pre_vote]


def ends(cluster):
    return {one.controller.log.end_offset for one in cluster.controllers.values()}


def test_who_hears_late_of_its_votes_leads_an_epoch_that_is_over():
    world = World(seed=4)
    world.law(*all_laws(world))
    cluster = world.cluster("primary", controllers=3)
    world.faults.crash(first := cluster.active_controller.machine)
    while not votes_given(world):
        world.run_for("100us")
    vote = votes_given(world)[0]
    late = cluster.controllers[vote.candidate].machine
    world.faults.freeze(late)
    world.run_for("1s")
    world.faults.start(first)
    world.run_for("20s")
    leader, facts = told(world, BecameQuorumLeader)[-1], told(world, MetadataCommitted)[-1]
    assert leader.place != late.name and leader.event.epoch == facts.event.epoch == vote.epoch + 1
    world.faults.thaw(late)
    world.run_for("5s")
    last = told(world, BecameQuorumLeader)[-1]
    assert (last.place, last.event.epoch) == (late.name, vote.epoch), "it hears of its votes"
    assert cluster.active_controller.machine.name == leader.place and len(ends(cluster)) == 1, "and of the other"


def a_second_leader():
    """A world in which the first controller is down and another one has just become the leader of the quorum."""
    world = World(seed=4)
    world.law(*all_laws(world))
    cluster = world.cluster("primary", controllers=3)
    world.faults.crash(first := cluster.active_controller.machine)
    while len(told(world, BecameQuorumLeader)) < 2:
        world.run_for("100us")
    return world, cluster, first, world.network.machines[told(world, BecameQuorumLeader)[-1].place]


def test_who_hears_late_that_its_first_fact_is_committed_decides_in_an_epoch_that_is_over():
    world, *_ = a_second_leader()
    while len(told(world, ControllerStarted)) < 2:
        world.run_for("100us")
    committed_at = told(world, ControllerStarted)[-1].time
    world, cluster, first, late = a_second_leader()
    world.run_until(committed_at - 100)
    world.faults.freeze(late)  # what makes the majority is on its way
    world.faults.start(first)
    world.run_for("20s")
    ruler = told(world, ControllerStarted)[-1]
    assert ruler.place != late.name
    world.faults.thaw(late)
    world.run_for("5s")
    last = told(world, ControllerStarted)[-1]
    assert last.place == late.name and last.event.controller_epoch < ruler.event.controller_epoch
    assert Sight.of(world).picture.at(late.name).controller == cluster.active_controller.machine.name == ruler.place
    assert len(ends(cluster)) == 1
