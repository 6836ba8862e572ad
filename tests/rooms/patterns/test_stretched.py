"""The three stretched layouts: what is built, and how they stand their drills."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.patterns import stretched_three, stretched_two, stretched_two_and_half
from minikafka.patterns.one_region_lost import BOTH, SAFE
from minikafka.patterns.site_drills import cut_off, lose, lose_slowly, lower_min_isr, rule_alone, shrink_then_lose
from minikafka.patterns.stretched_layout import Placement, constraints
from minikafka.protocol.errors import ConfigException
from minikafka.recovery.drill import AUTOMATIC, MANUAL, NEVER, run_drill

LAYOUTS = (stretched_two, stretched_two_and_half, stretched_three)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__.rpartition(".")[2])
def test_brokers_voters_and_replicas_stand_where_the_layout_says(layout):
    built = layout.build(World(seed=1))
    cluster = built.cluster
    for site in layout.SITES:
        region = built.sites[site.name]
        assert sum(broker.machine.region is region for broker in cluster.brokers.values()) == site.brokers
        assert sum(voter.machine.region is region for voter in cluster.controllers.values()) == site.voters
    replicas = cluster.registration(f"{built.topic}-0").replicas
    racks = [cluster.image.brokers[replica].rack for replica in replicas]
    assert {rack: racks.count(rack) for rack in racks} == dict(layout.SAFE.sync)
    assert layout.STORY.strip() and layout.DRILLS


def test_three_sites_survive_any_one_of_them_by_themselves():
    found = {drill.name: run_drill(stretched_three.build, drill) for drill in stretched_three.DRILLS}
    assert {name: outcome.writes for name, outcome in found.items()} == dict.fromkeys(found, AUTOMATIC)
    assert all(outcome.point.records == outcome.point.unknown == 0 for outcome in found.values())


def test_two_and_a_half_lose_nothing_and_write_on_if_fewer_replicas_are_asked_for():
    layout = stretched_two_and_half
    safe = {drill.name: run_drill(layout.build, drill) for drill in layout.DRILLS}
    assert all(outcome.point.records == outcome.point.unknown == 0 for outcome in safe.values())
    assert safe["third lost"].writes == AUTOMATIC
    assert safe["west lost"].writes == NEVER  # two are in sync, three are asked for
    eager = layout.SAFE._replace(min_isr=2)
    assert run_drill(lambda world: layout.build(world, eager), lose("west")).writes == AUTOMATIC


def test_big_sites_without_sight_of_each_other_go_on_where_the_leader_has_an_observer_beside_it():
    """Both see the third site. The documentation wants an operator here; what comes by itself is inferred."""
    drill = cut_off("west", "east")
    assert run_drill(lambda world: stretched_two_and_half.build(world, SAFE), drill).writes == NEVER
    with_observers = run_drill(lambda world: stretched_two_and_half.build(world, BOTH), drill)
    assert (with_observers.writes, with_observers.point.records) == (AUTOMATIC, 0)
    world = World(seed=7)
    built = stretched_two_and_half.build(world, BOTH)
    drill.strike(built)
    world.run_for("60s")
    assert built.cluster.registration("flights-0").isr == (1, 2, 3)
    far = built.cluster.producer(zone=built.sites["east"], config={"delivery.timeout.ms": 40_000})
    receipt = far.send("flights", "UA1545", partition=0)
    world.run_for("60s")
    assert receipt.done and receipt.error is not None  # whoever is in the east does not reach b1


def test_an_operator_may_ask_for_fewer():
    outcome = run_drill(stretched_two_and_half.build, lose("west", lower_min_isr))
    assert (outcome.writes, outcome.point.records) == (MANUAL, 0)


def test_two_sites_cannot_elect_without_each_other():
    outcome = run_drill(stretched_two.build, lose("west"))
    assert outcome.writes == NEVER
    assert outcome.point.unknown == outcome.point.acknowledged  # they are there, and nobody may say so


def test_somebody_may_force_the_rest_to_rule_alone():
    outcome = run_drill(stretched_two.build, lose("west", rule_alone))
    assert (outcome.writes, outcome.point.records, outcome.point.unknown) == (MANUAL, 0, 0)


def test_the_isr_may_have_shrunk_to_one_site_before_it_is_lost():
    layout, drill = stretched_two_and_half, shrink_then_lose("west", "east")
    eager = layout.SAFE._replace(min_isr=2)
    lossy = run_drill(lambda world: layout.build(world, eager), drill)
    safe = run_drill(layout.build, drill)
    assert lossy.point.unknown > 0 and lossy.writes == NEVER  # only an unclean election would bring a leader
    assert safe.point.acknowledged > 0 and safe.point.records == 0


def test_slow_losses_are_noticed_one_by_one():
    outcome = run_drill(stretched_two_and_half.build, lose_slowly("west", pause="12s"))
    assert (outcome.writes, outcome.point.records) == (NEVER, 0)


@pytest.mark.parametrize(
    "placement, says",
    [
        (Placement("4", {"west": 4}, 1), "asks for 4 replicas at 'west', which has 3 brokers"),
        (Placement("2+2", {"west": 2}, 1, observers={"west": 2}), "asks for 4 replicas at 'west'"),
        (Placement("1", {"north": 1}, 1), "names the site 'north': the sites are west, east, third"),
        (Placement("1", {"third": 1}, 1), "asks for 1 replicas at 'third', which has 0 brokers"),
    ],
)
def test_a_placement_without_room_is_refused(placement, says):
    with pytest.raises(ConfigException, match=says):
        stretched_two_and_half.build(World(seed=1), placement)


def test_a_placement_as_constraints():
    told = constraints(Placement("2+0, observers 0+2", {"west": 2}, 2, {"east": 2}, "under-min-isr"))
    assert told == {
        "version": 2,
        "replicas": [{"count": 2, "constraints": {"rack": "west"}}],
        "observers": [{"count": 2, "constraints": {"rack": "east"}}],
        "observerPromotionPolicy": "under-min-isr",
    }
    assert constraints(Placement("1", {"west": 1}, 1))["version"] == 1
