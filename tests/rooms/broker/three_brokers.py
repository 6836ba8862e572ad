"""A whole cluster of three brokers, one topic, and short words for what the wired tests do."""

from minikafka.deploy.kafka_world import World
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import read_header
from minikafka.protocol.records import records_of

FLIGHTS = TopicPartition("flights", 0)


class Three:
    """`flights` with replicas [1, 2, 3] unless told otherwise; `views` are the brokers' own partitions."""

    def __init__(self, replicas=(1, 2, 3), min_isr=2, seed=3, features=None, config=None, topic=None):
        self.world = World(seed=seed)
        self.cluster = self.world.cluster("c", brokers=3, features=features, config=config)
        settings = {"min.insync.replicas": min_isr, **(topic or {})}
        self.cluster.create_topic("flights", config=settings, assignment=[list(replicas)])
        self.controller = self.cluster.controller_machine
        self.machines = {number: handle.machine for number, handle in self.cluster.brokers.items()}
        self.run("1s")

    def run(self, time):
        self.world.run_for(time)

    def run_until(self, condition, within=60):
        """Let time pass, 10 ms at a time, until something holds."""
        for _ in range(within * 100):
            if condition():
                return
            self.run("10ms")
        raise AssertionError("it did not come about in time")

    def broker(self, number):
        return self.machines[number].process

    def view(self, number, tp=FLIGHTS):
        return self.broker(number).partitions[tp]

    def registered(self, tp=FLIGHTS):
        return self.cluster.image.partition(tp)

    def leader(self, tp=FLIGHTS):
        return self.registered(tp).leader

    def leads(self, number, tp=FLIGHTS):
        """Has the election been recorded, and does the broker know?"""
        return self.leader(tp) == number and self.view(number, tp).is_leader

    def producer(self, acks="all", **config):
        return self.cluster.producer(acks=acks, config={"enable.idempotence": acks == "all", **config})

    def in_sync(self, *members, tp=FLIGHTS):
        return sorted(self.registered(tp).isr) == sorted(members)

    def values(self, number, tp=FLIGHTS):
        """What a replica's log holds: (offset, leader epoch, value)."""
        log = self.view(number, tp).log
        data = b""
        offset = log.log_start_offset
        while offset < log.log_end_offset:
            piece = log.read(offset, 1 << 20, log.log_end_offset)
            data += piece
            header = last_header(piece)
            offset = header.next_offset
        return [(one.offset, one.leader_epoch, one.value.decode()) for one in all_records(data)]

    def agree(self, *numbers, tp=FLIGHTS):
        """All these replicas hold the same."""
        logs = [self.values(number, tp) for number in numbers or (1, 2, 3)]
        return all(log == logs[0] for log in logs)

    def events(self, kind, number=None):
        place = None if number is None else self.machines[number].name
        return [one.event for one in self.world.recorder.events(kind) if place in (None, one.place)]


def last_header(data):
    position = 0
    while position < len(data):
        header = read_header(data, position)
        position += header.size
    return header


def all_records(data):
    position, records = 0, []
    while position < len(data):
        header = read_header(data, position)
        records += records_of(data, header)
        position += header.size
    return records
