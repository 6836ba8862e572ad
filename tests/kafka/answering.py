"""Clients of a cluster of one broker, and what they are answered: the name of an error, or "ok".

What Kafka answers in the tables beside this was read off Apache Kafka 4.3.1: one broker, Java clients, the same calls.
For an exception that has a code its name stands there, for one that only wraps another the other one's. Those that have
none stand as what they come to here: IllegalStateException and IllegalArgumentException as INVALID_REQUEST, or as
INVALID_TXN_STATE where a transaction is concerned, ConfigException as INVALID_CONFIG, CommitFailedException as
UNKNOWN_MEMBER_ID, NoOffsetForPartitionException as OFFSET_OUT_OF_RANGE.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from minikafka.client.admin import Admin
from minikafka.client.consumer import Consumer
from minikafka.client.producer import Producer
from minikafka.deploy.kafka_world import World
from minikafka.protocol.errors import KafkaError
from minikafka.protocol.names import TopicPartition

ONE = {"offsets.topic.num.partitions": 1, "offsets.topic.replication.factor": 1, "min.insync.replicas": 1,
       "transaction.state.log.num.partitions": 1, "transaction.state.log.replication.factor": 1,
       "transaction.state.log.min.isr": 1, "group.initial.rebalance.delay.ms": 0}  # fmt: skip
F0, F1, NOPE = TopicPartition("flights", 0), TopicPartition("flights", 1), TopicPartition("nope", 0)


class Scene:
    """The cluster k with one broker; every client stands on a machine of its own, and is `login`."""

    def __init__(self, login: dict | None = None, **config: Any):
        self.world = World(seed=3)
        self.cluster = self.world.cluster("k", brokers=1, config={**ONE, **config})
        self.login = login or {}
        self.made = 0

    def client(self, kind: type, config: dict) -> Any:
        """A client of this kind; who cannot be made has its error."""
        self.made += 1
        machine = self.world.machine(f"k/client{self.made}", self.cluster.brokers[1].machine.zone)
        made: list[Any] = []

        class Process:
            def __init__(self, machine: Any, cluster: Any = self.cluster, login: dict = self.login):
                made.append(kind(machine, cluster.bootstrap, {**login, **config}))

        machine.install(Process)
        machine.start()
        return made[0]

    def admin(self) -> Admin:
        """Somebody who administers."""
        return self.client(Admin, {"default.api.timeout.ms": 5000, "request.timeout.ms": 3000})

    def consumer(self, group: str | None = "g", **config: Any) -> Consumer:
        """A consumer, of a group if one is named."""
        more = {key.replace("_", "."): value for key, value in config.items()}
        named = {} if group is None else {"group.id": group, "enable.auto.commit": False}
        return self.client(Consumer, {"auto.offset.reset": "earliest", **named, **more})

    def producer(self, **config: Any) -> Producer:
        """A producer, that waits for two seconds at most."""
        return self.client(Producer, {"max.block.ms": 2000, **{k.replace("_", "."): v for k, v in config.items()}})

    def finish(self, outcome: Any) -> Any:
        """What comes of a call; it may take time."""
        return self.world.finish(outcome) if inspect.iscoroutine(outcome) else outcome

    def answer(self, call: Callable[[], Any]) -> str:
        """The name of the error that the call ends with, or "ok"."""
        try:
            self.finish(call())
        except KafkaError as error:
            return error.error.name
        return "ok"


async def send(producer: Producer, topic: str, partition: int = 0, value: str = "v") -> None:
    """Send one record, and raise what becomes of it."""
    receipt = producer.send(topic, value, partition=partition)
    await producer.flush()
    if receipt.error is not None:
        raise receipt.error


async def keep_polling(consumer: Consumer, ms: int = 3000) -> None:
    """Poll for a while."""
    until = consumer.machine.now + ms * 1000
    while consumer.machine.now < until:
        await consumer.poll(100_000)


async def subscribe(consumer: Consumer, *topics: str, ms: int = 3000) -> None:
    """Subscribe, and poll for a while."""
    consumer.subscribe(topics)
    await keep_polling(consumer, ms)


async def assign(consumer: Consumer, *partitions: TopicPartition, offset: int | None = None) -> None:
    """Take partitions, go to an offset of the first, and poll for a while."""
    consumer.assign(partitions)
    if offset is not None:
        consumer.seek(partitions[0], offset)
    await keep_polling(consumer)


def compare(scene: Scene, calls: Callable[[Scene], Iterator[tuple]], our_own: dict[str, tuple[str, str]]) -> None:
    """Make these calls (what, call, Kafka's answer); where ours is another one, `our_own` tells it and why."""
    for what, call, kafka in calls(scene):
        expected, why = our_own.get(what, (kafka, ""))
        assert scene.answer(call) == expected, what
        assert bool(why) == (expected != kafka), f"{what}: this is Kafka's answer, so it is not our own"
