"""RPO, RTO and traffic of real runs on the flights."""

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.protocol.broker_settings import RACK_AWARE_SELECTOR
from minikafka.protocol.errors import KafkaError
from minikafka.recovery.attempts import attempts
from minikafka.recovery.border_traffic import Border, Traffic, traffic
from minikafka.recovery.report import NoDisaster, report


def two_sites(acks, assignment=((2, 3),), config=None):
    """A controller and a broker in the middle; brokers 2 in the east, 3 in the west."""
    world = World(seed=7)
    middle, east, west = (world.region(name) for name in ("middle", "east", "west"))
    for one, other in ((middle, east), (middle, west), (east, west)):
        world.connect(one, other, latency="10ms")
    cluster = world.cluster("stretch", brokers=3, region=[middle, east, west])
    cluster.create_topic("flights", config=config or {}, assignment=[list(replicas) for replicas in assignment])
    workload = world.start(Departures(cluster, rate=200, acks=acks))
    return world, cluster, workload


def test_the_leader_alone_loses_what_only_it_had():
    world, cluster, workload = two_sites(acks=1)
    world.run_for("2s")
    disaster = world.now
    world.faults.lose("east")
    world.run_for("45s")
    found = report(world)
    line = found.lines[0]
    assert found.disaster == disaster
    assert line.point.records > 0 and 0 < line.point.span < 100_000
    assert {attempt.name for attempt in line.point.lost} <= {event.key for event, _ in workload.sent}
    assert line.time.longest > 9_000_000  # no sooner than the leader's session is over
    assert str(found).startswith("disaster at ")


def test_acks_all_loses_nothing():
    world, cluster, _ = two_sites(acks="all", config={"min.insync.replicas": 2})
    world.run_for("2s")
    world.faults.lose("east")
    world.run_for("45s")
    line = report(world).lines[0]
    assert line.point.records == 0
    assert line.time.longest is None  # one replica is left, and two are asked for


def test_receipts_are_gone_with_their_machine():
    world, _, _ = two_sites(acks="all")
    world.run_for("1s")
    world.faults.lose("middle")
    with pytest.raises(KafkaError, match="a zone that the disaster spares"):
        report(world)


def test_looking_changes_nothing():
    world, _, workload = two_sites(acks="all")
    world.run_for("1s")
    before = world.recorder.digest()
    attempts(world, workload), traffic(world), report(world, "1s")
    assert world.recorder.digest() == before


def test_a_world_that_was_not_struck_has_no_report():
    world, _, _ = two_sites(acks="all")
    with pytest.raises(NoDisaster, match="world.faults"):
        report(world)
    with pytest.raises(NoDisaster, match="Departures"):
        report(World(seed=1))


def test_each_remote_replica_fetches_every_byte_once():
    world, _, _ = two_sites(acks="all", assignment=((1, 2, 3),))
    world.run_for("1s")
    since = world.now
    world.run_for("1s")
    crossed = traffic(world, since=since)
    out = [border for border in crossed.borders if border.source == "middle"]
    to_each = {border.target: border.bytes / crossed.produced for border in out}
    assert sorted(to_each) == ["east", "west"]
    assert all(1 < share < 2 for share in to_each.values())
    assert f"{to_each['east']:.2f} for each byte produced" in str(crossed)


def test_prices_are_the_readers_own():
    crossed = Traffic(10, (Border("east", "west", 3 * 10**9), Border("west", "east", 10**9)))
    assert crossed.per_produced_byte == 4 * 10**8
    assert crossed.cost(0.5) == 2.0
    assert crossed.cost({("east", "west"): 0.1, ("west", "east"): 0.2}) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="no price for west to east"):
        crossed.cost({("east", "west"): 0.1})
    with pytest.raises(ValueError, match="regions or between zones"):
        traffic(World(seed=1), between="country")


def test_zones_of_one_region_are_borders_of_their_own():
    world = World(seed=7)
    cluster = world.cluster("primary")
    cluster.create_topic("flights", assignment=[[1, 2, 3]])
    world.start(Departures(cluster, rate=100))
    world.run_for("1s")
    assert traffic(world).borders == ()
    between = {(border.source, border.target) for border in traffic(world, between="zone").borders}
    assert ("home-a", "home-b") in between and all(one != other for one, other in between)


@pytest.mark.parametrize("between", ["zone", "region"])
def test_readers_beside_a_follower_carry_nothing_over_the_border(between):
    """Three readers, one beside each replica: two of them cross a border to the leader, and none with client.rack."""

    def carried(near):
        world = World(seed=7)
        places = world.region("home", zones=3).zones
        if between == "region":
            places = [world.region(name) for name in ("west", "middle", "east")]
            for one, other in ((0, 1), (0, 2), (1, 2)):
                world.connect(places[one], places[other], latency="10ms")
        config = {"replica.selector.class": RACK_AWARE_SELECTOR}
        cluster = world.cluster("c", region=places, rack=between, config=config)
        cluster.create_topic("flights", assignment=[[1, 2, 3]])
        world.start(Departures(cluster, rate=50, zone=places[0]))
        for broker in cluster.brokers.values():
            rack = {"client.rack": getattr(broker.machine, between).name} if near else {}
            reader = cluster.consumer(zone=broker.machine.zone, config=rack)
            reader.assign("flights-0")
            reader.keep_reading()
        world.run_for("2s")
        return traffic(world, between, since=1_000_000)

    far, near = carried(near=False), carried(near=True)
    assert far.per_produced_byte > near.per_produced_byte + 2
    assert far.cost(0.02) / near.cost(0.02) == pytest.approx(far.crossed / near.crossed)
    assert near.per_produced_byte > 2  # the replicas' own copies
