"""In normal operation observers cost no time, however far they are; and consumers beside one read without crossing the
sea."""


from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.protocol.broker_settings import RACK_AWARE_SELECTOR
from minikafka.recovery.attempts import attempts
from minikafka.recovery.write_latency import write_latency
from minikafka.world.happenings import MessageSent
from minikafka.world.ways import SAME_ZONE

DISTANCES = (0, 35, 100, 200)
MS = 1000
JITTER = 2 * MS
IN_A_ZONE = 2 * SAME_ZONE.jitter
"""There and back."""

FLIGHTS = 200


class FarObserver:
    """Two sync replicas in the west, an observer in the east, so many ms away one way; flights are written in the
    west."""

    def __init__(self, distance):
        self.world = World(seed=4)
        self.west, self.east = self.world.region("west", zones=1), self.world.region("east", zones=1)
        self.world.connect(self.west, self.east, latency=distance * MS, jitter=JITTER)
        self.cluster = self.world.cluster(
            "c", brokers=3, region=[self.west, self.west, self.east], rack="region",
            config={"replica.selector.class": RACK_AWARE_SELECTOR})  # fmt: skip
        west, east = ([{"count": count, "constraints": {"rack": rack}}] for rack, count in (("west", 2), ("east", 1)))
        placement = {"version": 2, "replicas": west, "observers": east, "observerPromotionPolicy": "under-min-isr"}
        self.cluster.create_topic("flights", assignment=[[1, 2, 3]], placement=placement,
                                  config={"min.insync.replicas": 2})  # fmt: skip

    def latency(self):
        """Of all writes, after the first second: until then the producer gets to know the cluster."""
        flights = self.world.start(Departures(self.cluster, rate=50, limit=FLIGHTS, acks="all", zone=self.west))
        began = self.world.now
        self.world.run_for("8s")
        assert flights.done
        return write_latency(attempts(self.world, flights), since=began + 1000 * MS)

    def asked_across(self, rack):
        """The messages between a consumer in the east, which reads all flights, and any machine in the west."""
        handle = self.cluster.consumer(zone="east", config={"client.rack": rack, "auto.offset.reset": "earliest"})
        handle.assign("flights-0")
        records = []
        while len(records) < FLIGHTS:
            records += handle.poll("1s")
        me, far = handle.machine.name, {name for name, one in self.world.network.machines.items()
                                        if one.zone.region is self.west}  # fmt: skip
        sent = [entry.event for entry in self.world.recorder.events(MessageSent)]
        return [one for one in sent if me in (one.sender, one.receiver) and far & {one.sender, one.receiver}]


def test_writes_take_the_same_time_at_every_distance():
    measured = {distance: FarObserver(distance).latency() for distance in DISTANCES}
    for share in ("p50", "p99"):
        times = [getattr(one, share) for one in measured.values()]
        assert max(times) - min(times) <= IN_A_ZONE, (share, measured)
    assert max(one.worst for one in measured.values()) < 10 * MS


def test_a_reader_beside_an_observer_moves_no_record_across_the_sea():
    """The leader is asked once where to read, and answers without a record; what crosses is greeting and directions."""
    scene = FarObserver(100)
    scene.latency()
    across = scene.asked_across(rack="east")
    assert [one.label for one in across if one.label.startswith("fetch")] == ["fetch @0"]
    assert not any(one.label.endswith("records") for one in across)
    assert sum(one.size for one in across) < 500


def test_a_reader_that_does_not_say_where_it_is_moves_all_of_them():
    scene = FarObserver(100)
    scene.latency()
    carried = [one.size for one in scene.asked_across(rack="") if one.label.endswith("records")]
    assert sum(carried) > 100 * FLIGHTS
