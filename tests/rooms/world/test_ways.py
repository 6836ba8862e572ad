"""How long a message takes: latency, jitter, bandwidth, loss, and the meters."""

import pytest

from minikafka.world.chance import Chance
from minikafka.world.places import Place, Region
from minikafka.world.quantities import BadQuantity
from minikafka.world.ways import LOOPBACK, SAME_REGION, SAME_ZONE, NoWay, Way, WayMap, Wire, wire


def way(seed=1, **like):
    return Way(Place("x"), Place("y"), wire(**{"latency": "10ms", **like}), Chance(seed).stream("network"))


def test_latency_alone():
    assert way().carry(5, 1_000_000) == 10_005


def test_jitter_is_added_and_never_more_than_said():
    arrivals = [way(seed, jitter="2ms").carry(0, 1) for seed in range(200)]
    assert min(arrivals) >= 10_000 and max(arrivals) < 12_000 and len(set(arrivals)) > 100


def test_bandwidth_makes_messages_take_turns():
    link = way(bandwidth="8Mbps")  # a byte a microsecond
    assert [link.carry(0, 1_000), link.carry(0, 1_000), link.carry(500, 2_000)] == [11_000, 12_000, 14_000]
    assert link.carry(100_000, 1_000) == 111_000  # the line was free again


def test_loss_delays_by_doubling_pauses_and_loses_nothing():
    arrivals = [way(seed, loss=0.5).carry(0, 100) for seed in range(300)]
    assert {10_000, 210_000, 610_000, 1_410_000} <= set(arrivals)
    assert 0.4 < sum(arrival > 10_000 for arrival in arrivals) / 300 < 0.6


def test_bytes_are_metered_and_what_is_sent_again_counts_again():
    link = way(seed=3, loss=0.5)
    for _ in range(50):
        link.carry(0, 10)
    assert link.messages == 50 and link.retransmitted > 10
    assert link.bytes == 10 * (50 + link.retransmitted)
    link.turn_back(10)
    assert (link.messages, link.bytes) == (49, 10 * (49 + link.retransmitted))


@pytest.mark.parametrize("loss", [1, 1.0, -0.1, 2, "1%", None, float("nan"), True])
def test_a_loss_that_is_no_share_is_refused(loss):
    with pytest.raises(
        BadQuantity, match="is not a share of messages: write a number from 0 to below 1, 0.01 for one in a hundred"
    ):
        wire("1ms", loss=loss)


def test_bad_latency_jitter_and_bandwidth_are_refused():
    for bad in (
        {"latency": "soon"},
        {"latency": 1.5},
        {"latency": "1ms", "jitter": -1},
        {"latency": 1, "bandwidth": "200MB"},
    ):
        with pytest.raises(BadQuantity, match="write"):
            wire(**bad)


@pytest.fixture
def land():
    east, west = Region("east", 2), Region("west", 1)
    places = {"east": east, "west": west, "east-a": east.zones[0], "east-b": east.zones[1], "west-a": west.zones[0]}
    for name, zone in (("a", "east-a"), ("a1", "east-a"), ("a2", "east-b"), ("b", "west-a"), ("b2", "west-a")):
        places[name] = Place(name, places[zone])
    return WayMap(Chance(1)), places


def test_without_rules_distance_depends_on_zone_and_region(land):
    ways, at = land
    assert ways.between(at["a"], at["a"]).wire == LOOPBACK
    assert ways.between(at["a"], at["a1"]).wire == SAME_ZONE
    assert ways.between(at["a"], at["a2"]).wire == SAME_REGION
    assert ways.like(at["east-a"], at["east-b"]) == SAME_REGION and ways.like(at["east-a"], at["a"]) == SAME_ZONE


def test_the_nearest_rule_counts(land):
    ways, at = land
    for source, target, latency in (("east", "west", 1), ("east-a", "west", 2), ("a", "west", 3), ("a", "b", 4)):
        ways.lay(at[source], at[target], Wire(latency))
    found = {(s, t): ways.between(at[s], at[t]).wire.latency for s in ("a", "a1", "a2") for t in ("b", "b2")}
    assert found == {("a", "b"): 4, ("a", "b2"): 3, ("a1", "b"): 2, ("a1", "b2"): 2, ("a2", "b"): 1, ("a2", "b2"): 1}
    assert ways.lift(at["a"], at["b"]) == Wire(4) and ways.lift(at["a"], at["b"]) is None
    assert ways.between(at["a"], at["b"]).wire == Wire(3)


def test_a_rule_inside_a_region_leaves_the_loopback_alone(land):
    ways, at = land
    ways.lay(at["east"], at["east"], Wire(99))
    assert ways.between(at["a"], at["a2"]).wire == Wire(99) == ways.between(at["a"], at["a1"]).wire
    assert ways.between(at["a"], at["a"]).wire == LOOPBACK


def test_directions_know_nothing_of_each_other(land):
    ways, at = land
    ways.lay(at["east"], at["west"], Wire(5))
    assert ways.between(at["a"], at["b"]).wire == Wire(5)
    with pytest.raises(NoWay):
        ways.between(at["b"], at["a"])


def test_regions_that_are_not_connected_are_told_how_to(land):
    ways, at = land
    for ask in (ways.between, ways.like):
        with pytest.raises(
            NoWay, match=r'east and west are not connected: call world.connect\(east, west, latency="35ms"\) first'
        ):
            ask(at["a"], at["b"])
    assert ways.meters() == []


def test_machines_of_two_regions_share_one_way_and_its_meter(land):
    ways, at = land
    ways.lay(at["east"], at["west"], Wire(5))
    one, other = ways.between(at["a"], at["b"]), ways.between(at["a2"], at["b2"])
    assert one is other
    one.carry(0, 7)
    ways.lay(at["a"], at["b"], Wire(1))
    ways.between(at["a"], at["b"]).carry(0, 5)
    assert [(w.source.name, w.target.name, w.bytes) for w in ways.meters()] == [("east", "west", 7), ("a", "b", 5)]
    assert ways.bytes_between(at["east"], at["west"]) == 12 and ways.bytes_between(at["west"], at["east"]) == 0
