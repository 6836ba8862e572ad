"""Brokers whose answers a test writes: real machines on a real network, with one shared set of logs behind them."""

from collections import deque

from minikafka.protocol.client_requests import (
    EpochEnd,
    FetchedPartition,
    FetchRequest,
    FetchResponse,
    InitProducerIdRequest,
    InitProducerIdResponse,
    ListedOffset,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataBroker,
    MetadataPartition,
    MetadataRequest,
    MetadataResponse,
    MetadataTopic,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    ProducedPartition,
    ProduceRequest,
    ProduceResponse,
)
from minikafka.protocol.errors import Error
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import read_header, stamp
from minikafka.protocol.records import records_of
from minikafka.protocol.server import serve
from minikafka.world.world import World

MS = 1_000
SECOND = 1_000_000
FLIGHTS = TopicPartition("flights", 0)
SILENCE = "no answer"


class Log:
    """One partition: whole batches, a start, and where each leader epoch ends."""

    def __init__(self):
        self.batches = []
        self.start = 0
        self.end = 0
        self.epochs = {}

    def append(self, data, epoch):
        header = read_header(data)
        data = stamp(data, header, self.end, epoch)
        base, self.end = self.end, self.end + header.records_count
        self.batches.append(data)
        self.epochs[epoch] = self.end
        return base

    def values(self):
        return [record.value for data in self.batches for record in records_of(data, read_header(data))]

    def read(self, offset):
        return b"".join(data for data in self.batches if read_header(data).last_offset >= offset)


class Scripted:
    """Brokers 1..n with the logs of some topics. `script[kind]` holds answers for the next requests of that kind: a
    function (broker id, request) -> response, or SILENCE. `heard` keeps (broker id, request)."""

    def __init__(self, brokers=2, latency="1ms", **topics):
        self.world = World(seed=7)
        region = self.world.region("east")
        self.client = self.world.machine("client", region.zones[0])
        self.world.connect(region, region, latency=latency)
        self.client.start()
        self.heard = []
        self.script = {}
        self.logs = {}
        self.leaders = {}
        self.topics = {}
        self.errors = {}
        self.next_id = 40
        self.brokers = {}
        for broker_id in range(1, brokers + 1):
            machine = self.world.machine(f"b{broker_id}", region.zones[0])
            machine.install(lambda machine, broker_id=broker_id: self._serve(machine, broker_id))
            machine.start()
            self.brokers[broker_id] = machine
        for topic, partitions in (topics or {"flights": 1}).items():
            self.add(topic, partitions)

    @property
    def bootstrap(self):
        return [machine.name for machine in self.brokers.values()]

    def add(self, topic, partitions):
        self.topics[topic] = f"id of {topic}"
        for number in range(partitions):
            partition = TopicPartition(topic, number)
            self.logs.setdefault(partition, Log())
            self.leaders[partition] = (1 + number % len(self.brokers), 0)

    def next_answers(self, kind, *answers):
        self.script.setdefault(kind, deque()).extend(answers)

    def asked(self, kind):
        return [request for _, request in self.heard if type(request) is kind]

    def events(self, *kinds):
        return [entry.event for entry in self.world.recorder.events(*kinds)]

    def finish(self, coroutine, within="10min"):
        async def wait():
            return await self.client.spawn(coroutine, "test")

        return self.world.finish(wait(), within)

    # -- answers

    def _serve(self, machine, broker_id):
        answers = {
            MetadataRequest: self.metadata, InitProducerIdRequest: self.producer_id, ProduceRequest: self.produce,
            FetchRequest: self.fetch, ListOffsetsRequest: self.list_offsets,
            OffsetForLeaderEpochRequest: self.epoch_ends,
        }  # fmt: skip

        def handler(kind):
            async def answer(request, caller):
                self.heard.append((broker_id, request))
                scripted = self.script.get(kind)
                chosen = scripted.popleft() if scripted else answers[kind]
                if chosen is SILENCE:
                    await machine.future()
                response = chosen(broker_id, request)
                if kind is FetchRequest and not any(row.records or row.error for row in response.partitions):
                    await machine.sleep(request.max_wait_ms * MS)
                return None if kind is ProduceRequest and request.acks == 0 else response

            return answer

        serve(machine, {kind: handler(kind) for kind in answers})
        return self

    def metadata(self, broker_id, request):
        names = self.topics if request.topics is None else request.topics
        brokers = [MetadataBroker(number, machine.name, "") for number, machine in self.brokers.items()]
        return MetadataResponse("scripted", 0, brokers, [self._topic(name) for name in names])

    def _topic(self, name):
        if name not in self.topics:
            return MetadataTopic(self.errors.get(name, Error.UNKNOWN_TOPIC_OR_PARTITION), name, "", [])
        rows = [
            MetadataPartition(0, partition.partition, *leader, [1, 2], [1, 2], [])
            for partition, leader in self.leaders.items()
            if partition.topic == name
        ]
        return MetadataTopic(0, name, self.topics[name], rows)

    def producer_id(self, broker_id, request):
        self.next_id += 1
        return InitProducerIdResponse(0, self.next_id, 0)

    def produce(self, broker_id, request):
        rows = []
        for row in request.partitions:
            partition = TopicPartition(row.topic, row.partition)
            leader, epoch = self.leaders[partition]
            if leader != broker_id:
                rows.append(self.refused(partition, Error.NOT_LEADER_OR_FOLLOWER))
            else:
                base = self.logs[partition].append(row.records, epoch)
                rows.append(ProducedPartition(*partition, 0, base, -1, 0, -1, -1, None))
        return ProduceResponse(rows)

    def refused(self, partition, error, message=None):
        return ProducedPartition(*partition, error, -1, -1, -1, *self.leaders[partition], message)

    def refuse(self, error, message=None):
        """An answer for the script: every batch of the request gets this error, nothing is written."""
        return lambda broker_id, request: ProduceResponse(
            [self.refused(TopicPartition(row.topic, row.partition), error, message) for row in request.partitions]
        )

    def write_and_refuse(self, error):
        """An answer for the script: every batch is written, and answered with this error all the same."""

        def answer(broker_id, request):
            self.produce(broker_id, request)
            return self.refuse(error)(broker_id, request)

        return answer

    def fetch(self, broker_id, request):
        return FetchResponse(0, 0, [self._fetched(broker_id, row) for row in request.partitions])

    def _fetched(self, broker_id, row):
        partition = TopicPartition(row.topic, row.partition)
        log, (leader, epoch) = self.logs[partition], self.leaders[partition]
        error = 0
        if leader != broker_id:
            error = Error.NOT_LEADER_OR_FOLLOWER
        elif not log.start <= row.fetch_offset <= log.end:
            error = Error.OFFSET_OUT_OF_RANGE
        data = b"" if error else log.read(row.fetch_offset)
        return FetchedPartition(*partition, error, log.end, log.end, log.start, None, leader, epoch, -1, data)

    def list_offsets(self, broker_id, request):
        rows = []
        for row in request.partitions:
            partition = TopicPartition(row.topic, row.partition)
            log, (leader, epoch) = self.logs[partition], self.leaders[partition]
            offset = {-1: log.end, -2: log.start}.get(row.timestamp, log.start)
            rows.append(ListedOffset(*partition, 0 if leader == broker_id else 6, -1, offset, epoch))
        return ListOffsetsResponse(rows)

    def epoch_ends(self, broker_id, request):
        rows = []
        for row in request.partitions:
            partition = TopicPartition(row.topic, row.partition)
            known = [epoch for epoch in self.logs[partition].epochs if epoch <= row.leader_epoch]
            found = (max(known), self.logs[partition].epochs[max(known)]) if known else (-1, -1)
            error = 0 if self.leaders[partition][0] == broker_id else 6
            rows.append(EpochEnd(*partition, error, *found))
        return OffsetForLeaderEpochResponse(rows)
