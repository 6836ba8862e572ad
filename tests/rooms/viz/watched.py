"""Worlds to look at."""

from minikafka import Departures, World
from minikafka.patterns import stretched_two_and_half


def died_leader(seed=7, keep="everything"):
    """Three brokers; the flights run; the leader crashes at about 2 s and comes back at about 14 s."""
    world = World(seed=seed, keep=keep)
    cluster = world.cluster("primary", brokers=3)
    cluster.create_topic("flights", partitions=1, replication_factor=3, config={"min.insync.replicas": 2})
    world.start(Departures(cluster, rate=5, limit=60))
    board = cluster.consumer("board")
    board.assign("flights-0")
    world.run_until("2s")
    board.poll("1s")
    leader = cluster.leader("flights-0")
    world.faults.crash(leader)
    world.run_until("14s")
    world.faults.start(leader)
    world.run_until("20s")
    return world


def cut_off_leader():
    """acks=1: the leader is cut off with a record that only it has, and truncates it when it is back."""
    world = World(seed=3)
    cluster = world.cluster("primary", brokers=3)
    cluster.create_topic("flights", partitions=1, replication_factor=3)
    producer = cluster.producer("desk", acks=1)
    producer.send("flights", "UA1545")
    producer.flush()
    leader = cluster.leader("flights-0")
    for follower in cluster.followers("flights-0"):
        world.faults.cut(leader, follower)
    producer.send("flights", "B6725")
    world.run_for("200ms")
    world.faults.crash(leader)
    for follower in cluster.followers("flights-0"):
        world.faults.heal(leader, follower)
    world.run_for("12s")
    producer.send("flights", "AA1141")
    world.run_for("2s")
    world.faults.start(leader)
    world.run_for("5s")
    return world


def three_regions():
    """Nine brokers in three regions for a minute: a leader dies, and a link is cut for a while."""
    world = World(seed=7)
    regions = [world.region(name, zones=3) for name in ("us-east", "us-central", "us-west")]
    east, central, west = regions
    world.connect(east, central, latency="20ms", jitter="2ms", bandwidth="200Mbps")
    world.connect(central, west, latency="25ms", bandwidth="200Mbps")
    world.connect(east, west, latency="35ms", jitter="3ms", bandwidth="200Mbps")
    cluster = world.cluster("primary", brokers=9, region=regions)
    cluster.create_topic("flights", assignment=[[1, 4, 7], [5, 8, 2], [9, 3, 6]], config={"min.insync.replicas": 2})
    world.start(Departures(cluster, rate=10))
    world.run_until("20s")
    world.faults.crash(cluster.broker(1))
    world.run_until("35s")
    world.faults.cut(east, west)
    world.run_until("50s")
    world.faults.heal(east, west)
    world.run_until("60s")
    return world


def crew():
    """Two consumers share four partitions; the coordinator of their group dies at about 18 s."""
    world = World(seed=7)
    cluster = world.cluster("primary", brokers=3, config={"offsets.topic.num.partitions": 1})
    cluster.create_topic("flights", partitions=4, replication_factor=3, config={"min.insync.replicas": 2})
    producer = cluster.producer("desk", acks="all")
    one, other = (
        cluster.consumer(name, group="billing", config={"auto.offset.reset": "earliest"}) for name in ("c1", "c2")
    )
    for consumer, span in ((one, "8s"), (other, "10s")):
        for number in range(12):
            producer.send("flights", f"flight {number}", key=f"gate {number}")
        producer.flush()
        consumer.subscribe("flights")
        consumer.keep_reading()
        world.run_for(span)
    world.faults.crash(f"primary/b{cluster.image.topics['__consumer_offsets'].partitions[0].leader}")
    world.run_for("20s")
    return world


def three_controllers():
    """The active controller is cut off from the others, which elect another; that one dies, and the third leads."""
    world = World(seed=4)
    cluster = world.cluster("primary", brokers=3, controllers=3)
    cluster.create_topic("flights", partitions=1, replication_factor=3, config={"min.insync.replicas": 2})
    world.start(Departures(cluster, rate=5, limit=60))
    world.run_until("2s")
    lonely = cluster.active_controller
    others = [controller.machine for controller in cluster.controllers.values() if controller is not lonely]
    for other in others:
        world.faults.cut(lonely.machine, other)
    world.run_until("8s")
    for other in others:
        world.faults.heal(lonely.machine, other)
    world.run_until("11s")
    second = cluster.active_controller.machine
    world.faults.crash(second)
    world.run_until("20s")
    world.faults.start(second)
    world.run_until("24s")
    return world


def compacted():
    """Three gates change their flights again and again; the log keeps the last of each."""
    world = World(seed=3)
    cluster = world.cluster("primary", brokers=2, config={"log.cleaner.backoff.ms": 1000})
    config = {"cleanup.policy": "compact", "segment.bytes": 600, "min.cleanable.dirty.ratio": 0.01}
    cluster.create_topic("gates", partitions=1, replication_factor=2, config=config)
    producer = cluster.producer("desk", acks="all", config={"linger.ms": 0})
    for number in range(24):
        producer.send("gates", f"flight {number}", key=f"gate {number % 3}")
        producer.flush()
    world.run_for("20s")
    return world


def observed():
    """Two replicas in the west, an observer in the east."""
    placement = {
        "version": 2,
        "replicas": [{"count": 2, "constraints": {"rack": "west"}}],
        "observers": [{"count": 1, "constraints": {"rack": "east"}}],
        "observerPromotionPolicy": "under-min-isr",
    }
    world = World(seed=5)
    west, east = world.region("west", zones=1), world.region("east", zones=1)
    world.connect(west, east, latency="20ms")
    cluster = world.cluster("primary", brokers=3, region=[west, west, east], rack="region")
    cluster.create_topic("flights", placement=placement, config={"min.insync.replicas": 2})
    producer = cluster.producer("desk", acks="all")
    producer.send("flights", "UA1545")
    producer.flush()
    world.run_for("1s")
    return world


def stretched():
    """A cluster over two sites and a half, with five voters; the west is lost at about 7 s."""
    world = World(seed=8)
    built = stretched_two_and_half.build(world, stretched_two_and_half.SAFE._replace(min_isr=2))
    world.start(Departures(built.cluster, rate=10, zone=built.users))
    world.run_for("5s")
    world.faults.lose("west")
    world.run_for("40s")
    return world


def booked():
    """A transaction is open while another producer writes; then it is committed, and a second one is aborted."""
    world = World(seed=5)
    cluster = world.cluster("primary", brokers=3)
    cluster.create_topic("flights", partitions=1, replication_factor=3)
    booking = cluster.producer("booking", transactional_id="booking")
    plain = cluster.producer("plain")
    for end in (booking.commit, booking.abort):
        booking.begin()
        booking.send("flights", "seat 12A")
        world.run_for("500ms")
        plain.send("flights", "gate 7")
        plain.flush()
        world.run_for("1s")
        end()
        world.run_for("1s")
    return world
