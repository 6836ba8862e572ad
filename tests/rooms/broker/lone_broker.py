"""One broker without a controller: the test itself says what the metadata log says, and plays followers and clients."""

from minikafka.broker.fetch import fetch
from minikafka.broker.fetch_session import FetchSessions
from minikafka.broker.fetcher_manager import FetcherManager
from minikafka.broker.log_store import LogStore
from minikafka.broker.metadata_answers import Descriptions
from minikafka.broker.produce import produce
from minikafka.broker.replica_manager import ReplicaManager
from minikafka.broker.replica_selector import SELECTORS
from minikafka.broker.surroundings import Surroundings
from minikafka.metadata import facts
from minikafka.metadata.access import Access
from minikafka.protocol.broker_settings import BROKER
from minikafka.protocol.client_requests import (
    FetchPartition,
    FetchRequest,
    ProducePartition,
    ProduceRequest,
)
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import headers_of
from minikafka.protocol.records import build_batch
from minikafka.protocol.settings import Config
from minikafka.world.world import World

FLIGHTS = TopicPartition("flights", 0)
FLIGHTS_ID = "flights-id"
MS = 1000
S = 1_000_000


def batch(*values, **fields):
    """A producer's batch with these values."""
    return build_batch([(0, None, value.encode(), None) for value in values], **fields)


class LoneBroker:
    """A broker's rooms around one disk; `asked` are its wishes for another ISR, `events` what it has recorded."""

    def __init__(self, broker_id=1, brokers=3, **config):
        self.world = World(seed=1)
        zone = self.world.region("home").zones[0]
        self.machines = {one: self.world.machine(f"b{one}", zone) for one in range(1, brokers + 1)}
        for machine in self.machines.values():
            machine.start()
        self.machine = self.machines[broker_id]
        self.config = Config(BROKER, config)
        self.cluster_name = "alone"
        self.broker_id = broker_id
        self.descriptions = Descriptions()
        self.events = []
        self.asked = []
        self.around = Surroundings(
            broker_id, self.config.us("replica.lag.time.max.ms"), self.record, lambda *wish: self.asked.append(wish)
        )
        self.around.broker_epoch = broker_id * 100
        self.store = LogStore(self.machine.disk, self.config, self.record)
        self.store.open_all(0)
        self.fetchers = FetcherManager(self.machine, self.around, self.config)
        self.replicas = ReplicaManager(self.store, self.fetchers, self.around, self.config)
        self.sessions = FetchSessions(1000)
        self.access = Access(self.machine, self.config, lambda: self.image)
        self.fetch_max_bytes = 1 << 20
        self.replica_selector = SELECTORS[self.config["replica.selector.class"]]
        self.say(*(facts.RegisterBrokerRecord(one, one * 100, "", f"b{one}", "", False) for one in self.machines))

    def record(self, event):
        self.events.append(event)
        return self.machine.record(event)

    @property
    def image(self):
        return self.replicas.image

    @property
    def now(self):
        return self.world.now

    def pass_time(self, us):
        self.world.run_for(us)

    def told(self, kind):
        """The events of one class."""
        return [event for event in self.events if type(event) is kind]

    # -- the metadata log

    def say(self, *news):
        """The metadata log says this."""
        self.replicas.apply(self.image.apply(news, self.image.offset + len(news)), self.now)
        self.pass_time(0)

    def topic(self, isr=(1, 2, 3), leader=1, replicas=(1, 2, 3), config=None, name="flights", topic_id=FLIGHTS_ID):
        """A topic with one partition; returns this broker's replica."""
        settings = [facts.ConfigRecord(facts.TOPIC, name, key, value) for key, value in (config or {}).items()]
        born = facts.PartitionRecord(topic_id, 0, replicas, isr, (), (), leader, 0, 0, facts.RECOVERED)
        self.say(facts.TopicRecord(name, topic_id), *settings, born)
        return self.replicas.partitions.get(TopicPartition(name, 0))

    def change(self, topic_id=FLIGHTS_ID, **fields):
        """The controller changed the partition: `leader=2`, `isr=(1, 2)` ..."""
        self.say(facts.PartitionChangeRecord(topic_id, 0, **fields))

    def fence(self, broker, fenced=True):
        self.say(facts.BrokerRegistrationChangeRecord(broker, self.image.brokers[broker].epoch, fenced=fenced))

    # -- followers and clients

    def finish(self, coroutine, within="10min"):
        return self.world.finish(coroutine, within)

    def start(self, coroutine):
        """Begin something and let it go as far as it goes without time passing."""
        task = self.machine.spawn(coroutine)
        task.then(lambda _: None)
        self.pass_time(0)
        return task

    def row(self, offset, epoch=-1, last_epoch=-1, start=0, topic_id=FLIGHTS_ID, max_bytes=1 << 20):
        return FetchPartition("flights", 0, topic_id, epoch, offset, last_epoch, start, max_bytes)

    def fetching(self, replica, *rows, wait_ms=0, min_bytes=1, max_bytes=1 << 20, session=0, session_epoch=-1,
                 forgotten=(), broker_epoch=None, isolation=0, rack=""):  # fmt: skip
        """The handler's coroutine for one fetch; replica -1 is a consumer."""
        if broker_epoch is None:
            broker_epoch = replica * 100 if replica >= 0 else -1
        request = FetchRequest(replica, broker_epoch, wait_ms, min_bytes, max_bytes, isolation, session, session_epoch,
                               rows, forgotten, rack)  # fmt: skip
        return fetch(self, request, f"b{replica}")

    def fetch(self, replica, offset, **more):
        """One fetch of the one partition, answered at once: the row of the answer."""
        row = {key: more.pop(key) for key in ("epoch", "last_epoch", "start", "topic_id", "max_bytes") if key in more}
        (answer,) = self.finish(self.fetching(replica, self.row(offset, **row), **more)).partitions
        return answer

    def producing(self, *values, acks=-1, timeout_ms=30_000, data=None, topic="flights", partition=0):
        rows = [ProducePartition(topic, partition, data or batch(*values))]
        return produce(self, ProduceRequest(acks, timeout_ms, rows), "client")

    def append(self, *values):
        """Put records into the leader's log (acks=1)."""
        return self.finish(self.producing(*values, acks=1)).partitions[0]


def offsets(data):
    """The offsets in some fetched bytes."""
    return [offset for header in headers_of(data) for offset in range(header.base_offset, header.next_offset)]
