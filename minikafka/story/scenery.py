"""The words of a story that set the scene: the world, its places and clusters, topics and clients.

Promises     each command is one call at the front door, with the same names and Kafka's own settings; what happens
             while it runs is told only if the story asks for it.
Stands for   the installation script before the first page.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable

from minikafka.deploy.kafka_world import World
from minikafka.deploy.workload import Departures
from minikafka.metadata.observer_policy import CONSTRAINTS
from minikafka.protocol.placement_constraints import written
from minikafka.story.people import plain_words, split, the_cluster, words
from minikafka.story.teller import StoryError, Teller

FEATURES = ("eligible.leader.replicas.version",)

SETTLING = "10ms"
"""After it the followers of a new topic follow, and a new producer has its identity."""


def scene(command: Callable) -> Callable:
    """Mark a command that sets the scene."""
    command.sets_the_scene = True  # type: ignore[attr-defined]
    return command


def named_one(line: str, what: str) -> tuple[str, list[str], dict]:
    """The name that a line gives, its other plain words, and its `name=value` pairs."""
    plain, named = words(line)
    if not plain:
        raise StoryError(f"{line.split()[0]} needs a name: {what}")
    return plain[0], plain[1:], named


@scene
def world(teller: Teller, line: str) -> None:
    """`world seed=7`: a new, empty world. Today's rules hold in it."""
    _, named = words(line)
    teller.begin(World(**named))


@scene
def region(teller: Teller, line: str) -> None:
    """`region us-east zones=3`: a region with so many zones"""
    name, _, named = named_one(line, "region us-east zones=3")
    teller.the_world().region(name, **named)


@scene
def connect(teller: Teller, line: str) -> None:
    """`connect us-east us-west latency=35ms jitter=3ms bandwidth=200Mbps`: what it is like between two regions"""
    plain_words(line, "one", "other")
    plain, named = words(line)
    teller.the_world().connect(*plain, **{**named, **({"loss": float(named["loss"])} if "loss" in named else {})})


@scene
def cluster(teller: Teller, line: str) -> None:
    """`cluster primary brokers=3 region=us-east`, with broker settings and features by Kafka's names; with
    `controllers=3 controllers_at=us-east,us-west` a quorum"""
    name, _, named = named_one(line, "cluster primary brokers=3")
    own, config = split(named, "brokers", "region", "rack", "controllers", "controllers_at", "clients_at")
    own.update({where: own[where].split(",") for where in ("region", "controllers_at") if "," in str(own.get(where))})
    features = {name: config.pop(name) for name in FEATURES if name in config}
    teller.the_world().cluster(name, config=config, features=features, **own)


@scene
def topic(teller: Teller, line: str) -> None:
    """`topic flights partitions=1 replication_factor=3 min.insync.replicas=2`, or `assignment=2,1,3` (leader first),
    or `replicas=west:2 observers=east:2 policy=under-min-isr` (perhaps `version=1`, without policy)"""
    name, _, named = named_one(line, "topic flights replication_factor=3")
    own, config = split(named, "partitions", "replication_factor", "assignment", *PLACEMENT)
    asked, own = split(own, *PLACEMENT)
    config = {**config, **placement_setting(asked)}
    the_cluster(teller).create_topic(name, config=config, **{**own, **assignment(own)})
    teller.the_world().run_for(SETTLING)


def assignment(named: dict) -> dict:
    """`assignment=1,2,3/2,3,1`: the replicas of each partition; empty if nothing is said of them."""
    if "assignment" not in named:
        return {}
    return {"assignment": [[int(broker) for broker in part.split(",")] for part in str(named["assignment"]).split("/")]}


PLACEMENT = ("replicas", "observers", "policy", "version")


def placement_setting(asked: dict) -> dict:
    """`replicas=west:2,east:1 observers=east:2 policy=under-min-isr version=2` as the setting of a topic."""
    if not asked:
        return {}
    made: dict = {"version": asked.get("version", 2)}
    for which in ("replicas", "observers"):
        pairs = [pair.partition(":") for pair in str(asked[which]).split(",")] if which in asked else []
        made[which] = [{"count": int(count or 0), "constraints": {"rack": rack}} for rack, _, count in pairs]
    if "policy" in asked:
        made["observerPromotionPolicy"] = asked["policy"]
    return {CONSTRAINTS: written(made)}


@scene
def producer(teller: Teller, line: str) -> None:
    """`producer p acks=all linger.ms=0`: a producer on a machine of its own, with the settings of a producer"""
    name, _, named = named_one(line, "producer p acks=all")
    own, config = split(named, "zone")
    teller.named[name] = the_cluster(teller).producer(name, config=config, **own)
    teller.the_world().run_for(SETTLING)


@scene
def consumer(teller: Teller, line: str) -> None:
    """`consumer c flights-0 auto.offset.reset=earliest`: with these partitions; or `consumer c group=billing` to
    subscribe later"""
    name, partitions, named = named_one(line, "consumer c flights-0")
    own, config = split(named, "zone", "group")
    teller.named[name] = made = the_cluster(teller).consumer(name, config=config, **own)
    if partitions:
        made.assign(*partitions)


@scene
def flights(teller: Teller, line: str) -> None:
    """`flights d rate=100 limit=50 acks=all`: the day's departures begin, so many a second"""
    name, _, named = named_one(line, "flights d rate=100")
    own, config = split(named, "rate", "limit", "acks", "topic", "zone")
    teller.named[name] = teller.the_world().start(Departures(the_cluster(teller), config=config, **own))


SCENERY = (world, region, connect, cluster, topic, producer, consumer, flights)
"""In the order in which a story needs them."""
