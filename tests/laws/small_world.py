"""A small world for the tests of laws: one cluster, one partition, a few records; and ways to lie to its laws."""

from __future__ import annotations

from typing import Any

import pytest

from minikafka.deploy.kafka_world import World
from minikafka.laws.sight import Sight
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import read_header, stamp
from minikafka.protocol.records import build_batch
from minikafka.world.laws import Law, LawBroken

TP = TopicPartition("flights", 0)
FAST = {
    "broker.session.timeout.ms": 1500,
    "broker.heartbeat.interval.ms": 400,
    "replica.lag.time.max.ms": 1500,
    "replica.fetch.wait.max.ms": 200,
    "auto.leader.rebalance.enable": False,
}


class SmallWorld:
    """Three brokers, `flights-0` on all of them with broker 1 as leader, five records committed."""

    def __init__(self, *laws: Law, elr: bool = True, topic: dict | None = None):
        self.world = World(seed=11)
        self.world.law(*laws)
        features = {"eligible.leader.replicas.version": int(elr)}
        self.cluster = self.world.cluster("primary", brokers=3, config=FAST, features=features)
        config = {"min.insync.replicas": 2, **(topic or {})}
        self.cluster.create_topic("flights", config=config, assignment=[[1, 2, 3]])
        self.producer = self.cluster.producer()
        self.send(5)
        self.world.run_for("500ms")

    def send(self, count: int) -> None:
        """Send so many records, and wait for their outcome."""
        for number in range(count):
            self.producer.send("flights", f"flight {number} at {self.world.now}")
            self.producer.flush()

    def place(self, broker: int) -> str:
        """The place of a broker."""
        return f"primary/b{broker}"

    def broker(self, number: int) -> Any:
        """A running broker."""
        return self.cluster.brokers[number].broker

    def partition(self, broker: int) -> Any:
        """The partition as a broker has it."""
        return self.broker(broker).partitions[TP]

    def log(self, broker: int) -> Any:
        """The log on a broker."""
        return self.partition(broker).log

    @property
    def recorded(self) -> Any:
        """The partition as the controller has it."""
        return self.cluster.image.partition(TP)

    @property
    def sight(self) -> Sight:
        """What the laws see."""
        return Sight.of(self.world)

    def tell(self, broker: int | str, *events: Any) -> None:
        """Say that these events have happened; 0 is the controller."""
        place = broker if isinstance(broker, str) else self.place(broker) if broker else "primary/controller"
        for event in events:
            self.world.recorder.record(place, event)

    def append(self, broker: int, what: str, base: int | None = None) -> int:
        """Put a record into a broker's log behind everybody's back; returns its offset."""
        log = self.log(broker)
        offset = log.log_end_offset if base is None else base
        data = build_batch([(1, None, what.encode(), None)])
        log.append_as_follower(stamp(data, read_header(data), offset, self.partition(broker).leader_epoch), 99, 0)
        return offset

    def let_time_pass(self) -> None:
        """Long enough for every law to look."""
        self.world.run_for("300ms")

    def broken(self, law: type[Law]) -> str:
        """The sentence with which this law breaks now; fails if it does not."""
        with pytest.raises(LawBroken) as caught:
            self.let_time_pass()
        assert type(caught.value.law) is law, caught.value
        return caught.value.why
