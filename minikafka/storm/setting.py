"""The world that a storm blows over, rolled from the seed: a cluster, a topic, clients.

Promises     three to five brokers on three zones; one topic with two to four partitions of three replicas; ELR mostly
             on, min.insync.replicas mostly 2. Times are scaled down, so that much happens in half a minute. Options
             (`storm.options`) bring more brokers, topics and clients.
Stands for   a small cluster with short timeouts.
Left out     retention.
Differs      -
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from minikafka.deploy.cluster import Cluster
from minikafka.deploy.kafka_world import World
from minikafka.laws.all_laws import all_laws
from minikafka.protocol.broker_settings import RACK_AWARE_SELECTOR
from minikafka.protocol.names import TopicPartition
from minikafka.storm import regions
from minikafka.storm.copier import Copiers
from minikafka.storm.members import GROUP, Members
from minikafka.storm.options import OPTIONS, usual
from minikafka.storm.traffic import Reader, Writer
from minikafka.storm.upkeep import MINIMA, MINIMA_OF_TWO, Upkeep
from minikafka.storm.warden import COPIERS, GUARDED, KEEPER, Warden, login

CLUSTER, TOPIC, CONTROLLER = "storm", "flights", "storm/controller"
FAST = {
    "broker.heartbeat.interval.ms": 400,
    "broker.session.timeout.ms": 1600,
    "controller.quorum.request.timeout.ms": 600,
    "controller.quorum.election.timeout.ms": 200,
    "controller.quorum.fetch.timeout.ms": 500,
    "controller.quorum.election.backoff.max.ms": 200,
    "replica.lag.time.max.ms": 1600,
    "replica.fetch.wait.max.ms": 250,
    "replica.fetch.backoff.ms": 100,
    "replica.socket.timeout.ms": 1500,
    "replica.high.watermark.checkpoint.interval.ms": 1000,
    "log.flush.offset.checkpoint.interval.ms": 2500,
    "log.initial.task.delay.ms": 1000,
    "leader.imbalance.check.interval.seconds": 6,
    "min.insync.replicas": 2,
    "offsets.topic.num.partitions": 2,
    "offsets.commit.timeout.ms": 1000,
    "transaction.state.log.num.partitions": 2,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
    "group.initial.rebalance.delay.ms": 300,
    "group.min.session.timeout.ms": 500,
    "log.cleaner.backoff.ms": 700,
}
"""Broker settings with about a fifth of Kafka's times."""

class Setting(NamedTuple):
    """What is rolled."""

    brokers: int
    partitions: int
    min_isr: int
    elr: bool
    segment_bytes: int
    pauses: tuple[int, int, int]
    careful: bool
    groups: bool = False
    near: bool = False
    observers: bool = False
    access: bool = False
    upkeep: bool = False
    moves: bool = False
    quorum: bool = False
    transactions: bool = False

    def unusual(self, seed: int) -> dict[str, bool]:
        """The options that are not as usual in this seed's storm."""
        return {name: getattr(self, name) for name, value in usual(seed).items() if getattr(self, name) != value}

    @property
    def machines(self) -> list[str]:
        """The brokers' machines."""
        return [f"{CLUSTER}/b{number}" for number in range(1, self.brokers + 1)]

    @property
    def controllers(self) -> list[str]:
        """The controllers' machines."""
        return [f"{CLUSTER}/c{number}" for number in (1, 2, 3)] if self.quorum else [CONTROLLER]

    @property
    def lossy(self) -> int:
        """How many brokers may lose power within reach of one another with all promises standing."""
        return max(self.min_isr - 1, 0) if self.elr else 1

    def sentence(self) -> str:
        """The setting in a few words."""
        elr, besides = "on" if self.elr else "off", [name for name in OPTIONS if getattr(self, name)]
        return ", ".join((
            f"{self.brokers} brokers", f"{self.partitions} partitions", f"min.insync.replicas {self.min_isr}",
            f"ELR {elr}", *besides,
        ))  # fmt: skip


class Built(NamedTuple):
    """The world, ready for the storm."""

    world: World
    cluster: Cluster
    writers: list[Writer]
    reader: Reader
    partitions: list[TopicPartition]
    members: list[Members | Warden | Upkeep | Copiers]


def roll_setting(dice: Random) -> Setting:
    """A setting for one storm. With ELR a broker that crashed counts as one that may have lost records: `careful`
    storms spare the others meanwhile."""
    min_isr, elr = 2 if dice.random() < 0.8 else 1, dice.random() < 0.75
    return Setting(
        brokers=dice.randint(3, 5),
        partitions=dice.randint(2, 4),
        min_isr=min_isr,
        elr=elr,
        segment_bytes=dice.choice((1500, 4000, 1024**2)),
        careful=elr and min_isr > 1 and dice.random() < 0.8,
        pauses=(dice.randint(80, 200) * 1000, dice.randint(80, 200) * 1000, dice.randint(120, 300) * 1000),
    )


def build(world: World, setting: Setting) -> Built:
    """Give a new world all laws, its cluster, its topic and its clients."""
    world.law(*all_laws(world))
    coasts = regions.places(world) if setting.observers else [world.region("coast", zones=3)]
    region = coasts[0]
    sites = regions.sites_of_controllers(world, coasts) if setting.observers and setting.quorum else None
    features = {"eligible.leader.replicas.version": int(setting.elr)}
    near = {"replica.selector.class": RACK_AWARE_SELECTOR} if setting.near or setting.observers else {}
    broker = {**FAST, **near, **(GUARDED if setting.access else {})}
    cluster = world.cluster(CLUSTER, setting.brokers, coasts, broker, features,
                            rack="region" if setting.observers else "zone",
                            controllers=len(setting.controllers), controllers_at=sites)  # fmt: skip
    config = {
        "min.insync.replicas": setting.min_isr,
        "segment.bytes": setting.segment_bytes,
        "index.interval.bytes": 200,
    }
    if setting.observers:
        placement = regions.roll_placement(world.chance.stream("storm observers"))
        cluster.create_topic(TOPIC, partitions=setting.partitions, config=config, placement=placement)
    else:
        cluster.create_topic(TOPIC, partitions=setting.partitions, replication_factor=3, config=config)
    partitions = [TopicPartition(TOPIC, number) for number in range(setting.partitions)]
    others = [COPIERS] * setting.transactions + [KEEPER] * (setting.upkeep or setting.moves)
    wardens = [world.start(Warden(cluster, TOPIC, GROUP, partitions, others))] if setting.access else []
    name_of = login if setting.access else {}.get
    writers = [
        world.start(Writer(cluster, name, partitions, pause, acks, zone, name_of(name)))
        for name, pause, acks, zone in zip(
            ("w1", "w2", "w3"), setting.pauses, ("all", "all", "1"), region.zones, strict=True
        )
    ]
    reader = world.start(reader_for(setting, cluster, partitions, coasts, name_of("r1")))
    common = (cluster, TOPIC, setting.partitions, region.zones)
    members = [world.start(Members(*common, name_of("crew")))] if setting.groups else []
    minima = () if setting.elr else MINIMA_OF_TWO if setting.observers else MINIMA
    upkeep = Upkeep(cluster, TOPIC, region.zones, minima, setting.moves, name_of(KEEPER))
    care = [world.start(upkeep)] if setting.upkeep or setting.moves else []
    copiers = [world.start(Copiers(*common, name_of(COPIERS)))] if setting.transactions else []
    return Built(world, cluster, writers, reader, partitions, [*members, *wardens, *care, *copiers])


def reader_for(
    setting: Setting, cluster: Cluster, partitions: list[TopicPartition], coasts: list, login: dict | None
) -> Reader:
    """The consumer: beside the observers if there are any, and near its leader or not."""
    zone = coasts[-1].zones[0]
    rack = regions.EAST if setting.observers else zone.name if setting.near else ""
    return Reader(cluster, "r1", partitions, zone, rack, login)
