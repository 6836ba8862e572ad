"""The words of a story: what each command does.

Promises     each command is one call at the front door, with the same names; people are named by role (`leader:flights-0`,
             `follower:flights-0:1`, `controller`) or by name (`b1`, `p`).
Stands for   -
Left out     loops and conditions: a story is a line.
Differs      -
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

from minikafka.deploy.account import account
from minikafka.deploy.describe import describe
from minikafka.deploy.kafka_world import World
from minikafka.deploy.strips import shown, strips
from minikafka.deploy.workload import Departures
from minikafka.log.inspect import inspect
from minikafka.story.conditions import met
from minikafka.story.teller import StoryError, Teller
from minikafka.world.faults import VERBS
from minikafka.world.quantities import us

PATIENCE = "5min"
FEATURES = ("eligible.leader.replicas.version",)


def words(line: str) -> tuple[list[str], dict[str, Any]]:
    """The plain words after the verb, and the `name=value` pairs; whole numbers become numbers."""
    plain: list[str] = []
    named: dict[str, Any] = {}
    for word in shlex.split(line)[1:]:
        name, equals, value = word.partition("=")
        if equals and name.replace(".", "").replace("_", "").isalnum():
            named[name] = int(value) if value.lstrip("-").isdigit() else value
        else:
            plain.append(word)
    return plain, named


def split(named: dict[str, Any], *own: str) -> tuple[dict, dict]:
    """What belongs to the call itself, and the settings (everything else)."""
    return {k: v for k, v in named.items() if k in own}, {k: v for k, v in named.items() if k not in own}


def person(teller: Teller, name: str) -> Any:
    """Who or what is meant: a role, a name given in the story, a broker, a region."""
    world = teller.the_world()
    role, _, of = name.partition(":")
    if name in teller.named:
        return teller.named[name]
    cluster = next(iter(world.clusters.values()), None)
    if role == "leader" and cluster:
        found = cluster.leader(of)
        if found is None:
            raise StoryError(f"{of} has no leader now")
        return found
    if role == "follower" and cluster:
        partition, _, number = of.partition(":")
        return cluster.followers(partition)[int(number or 1) - 1]
    if name == "controller" and cluster:
        return cluster.controller_machine
    if cluster and "/" not in name and f"{cluster.name}/{name}" in world.network.machines:
        return world.network.machines[f"{cluster.name}/{name}"]
    return world.place(name)


def the_cluster(teller: Teller) -> Any:
    """The story's (first) cluster."""
    clusters = list(teller.the_world().clusters.values())
    if not clusters:
        raise StoryError("there is no cluster yet: begin with `> cluster primary brokers=3`")
    return clusters[0]


def quiet(command: Callable) -> Callable:
    """What happens while this command runs is not told: it sets the scene."""
    command.quiet = True  # type: ignore[attr-defined]
    return command


@quiet
def world(teller: Teller, line: str) -> None:
    """`world seed=7`"""
    _, named = words(line)
    teller.begin(World(**named))


@quiet
def region(teller: Teller, line: str) -> None:
    """`region us-east zones=3`"""
    plain, named = words(line)
    teller.named[plain[0]] = teller.the_world().region(plain[0], **named)


@quiet
def connect(teller: Teller, line: str) -> None:
    """`connect us-east us-west latency=35ms jitter=3ms bandwidth=200Mbps`"""
    plain, named = words(line)
    teller.the_world().connect(*plain, **named)


@quiet
def cluster(teller: Teller, line: str) -> None:
    """`cluster primary brokers=3 region=us-east` and broker settings or features by Kafka's names"""
    plain, named = words(line)
    own, config = split(named, "brokers", "region")
    features = {name: config.pop(name) for name in FEATURES if name in config}
    teller.passing(lambda: teller.the_world().cluster(plain[0], config=config, features=features, **own))


@quiet
def topic(teller: Teller, line: str) -> None:
    """`topic flights partitions=1 replication_factor=3 min.insync.replicas=2`, or `assignment=2,1,3`"""
    plain, named = words(line)
    own, config = split(named, "partitions", "replication_factor", "assignment")
    if "assignment" in own:
        own["assignment"] = [[int(broker) for broker in part.split(",")] for part in str(own["assignment"]).split("/")]
    teller.passing(lambda: the_cluster(teller).create_topic(plain[0], config=config, **own))


@quiet
def producer(teller: Teller, line: str) -> None:
    """`producer p acks=all linger.ms=0`"""
    plain, named = words(line)
    own, config = split(named, "zone")
    teller.named[plain[0]] = the_cluster(teller).producer(plain[0], config=config, **own)


@quiet
def consumer(teller: Teller, line: str) -> None:
    """`consumer c flights-0 auto.offset.reset=earliest`: a consumer with these partitions assigned"""
    plain, named = words(line)
    own, config = split(named, "zone")
    teller.named[plain[0]] = made = the_cluster(teller).consumer(plain[0], config=config, **own)
    made.assign(*plain[1:])


@quiet
def flights(teller: Teller, line: str) -> None:
    """`flights d rate=100 limit=50 acks=all`: the real departures begin"""
    plain, named = words(line)
    own, config = split(named, "rate", "limit", "acks", "topic", "zone")
    teller.named[plain[0]] = teller.the_world().start(Departures(the_cluster(teller), config=config, **own))


def send(teller: Teller, line: str) -> None:
    """`send p flights UA1545 key=UA1545 partition=0`: one record; `run` or `flush` lets it go"""
    plain, named = words(line)
    name, where, *values = plain
    for value in values:
        receipt = person(teller, name).send(where, value, **named)
        teller.named.setdefault(f"receipts of {name}", []).append((value, receipt))


def flush(teller: Teller, line: str) -> None:
    """`flush p`"""
    teller.passing(person(teller, words(line)[0][0]).flush)


def receipts(teller: Teller, line: str) -> None:
    """`receipts p`: what became of everything that p has sent"""
    for value, receipt in teller.named.get(f"receipts of {words(line)[0][0]}", []):
        outcome = "on its way"
        if receipt.error is not None:
            outcome = f"failed: {receipt.error}"
        elif receipt.done:
            offset = receipt.metadata.offset
            outcome = f"acknowledged at offset {offset}" if offset >= 0 else "sent; nobody will say where it is"
        teller.say(f"{value}: {outcome}")


def account_of(teller: Teller, line: str) -> None:
    """`account d`: what was promised to a workload, held against what is there"""
    teller.say(str(account(person(teller, words(line)[0][0]))))


def seek(teller: Teller, line: str) -> None:
    """`seek c flights-0 5`"""
    name, partition, offset = words(line)[0]
    person(teller, name).seek(partition, int(offset))


def poll(teller: Teller, line: str) -> None:
    """`poll c timeout=1s`"""
    plain, named = words(line)
    records = teller.passing(lambda: person(teller, plain[0]).poll(**named))
    teller.say("\n".join(f"{r.topic}-{r.partition}@{r.offset}: {shown(r)}" for r in records) or "nothing")


def run(teller: Teller, line: str) -> None:
    """`run 5s`"""
    world = teller.the_world()
    until = world.now + us(words(line)[0][0])
    teller.passing(lambda: world.run_until(until))


def until(teller: Teller, line: str) -> None:
    """`until leader flights-0 b2`, `until hw flights-0 3`, `until end flights-0 b2 3`, `until isr flights-0 1,2`, `until acked p 2`"""
    world, plain = teller.the_world(), words(line)[0]
    give_up = world.now + us(PATIENCE)
    while not met(teller, plain):
        if world.now >= give_up:
            raise StoryError(f"{' '.join(plain)}: not within {PATIENCE}")
        teller.passing(lambda: world.run_for("1ms"))


def elect(teller: Teller, line: str) -> None:
    """`elect preferred flights-0`"""
    kind, partition = words(line)[0]
    teller.passing(lambda: the_cluster(teller).elect(partition, kind))


def delete_records(teller: Teller, line: str) -> None:
    """`delete_records flights-0 5`"""
    partition, before = words(line)[0]
    low = teller.passing(lambda: the_cluster(teller).delete_records(partition, int(before)))
    teller.say(f"low watermark {low}")


def delete_topic(teller: Teller, line: str) -> None:
    """`delete_topic flights`"""
    teller.passing(lambda: the_cluster(teller).delete_topic(words(line)[0][0]))


def show(teller: Teller, line: str) -> None:
    """`show flights-0`: the replicas' strips"""
    teller.say(strips(the_cluster(teller), words(line)[0][0]))


def describe_topic(teller: Teller, line: str) -> None:
    """`describe flights`"""
    teller.say(describe(the_cluster(teller), words(line)[0][0]))


def dump(teller: Teller, line: str) -> None:
    """`dump b1 flights-0`: the log as kafka-dump-log prints it"""
    name, partition = words(line)[0]
    views = the_cluster(teller).replicas(partition)
    teller.say(inspect(views[int(name.removeprefix("b"))].log))


def events(teller: Teller, line: str) -> None:
    """`events all`, `events some` (without packets and routine) or `events none`"""
    teller.show = words(line)[0][0]


def old_rule(teller: Teller, line: str) -> None:
    """`old_rule truncate_to_high_watermark`: a rule of the past, for the rest of the story"""
    teller.old_rule(words(line)[0][0])


def digest(teller: Teller, line: str) -> None:
    """`digest`: the fingerprint of everything that happened"""
    teller.say(teller.the_world().recorder.digest())


def fault(teller: Teller, line: str) -> None:
    """`crash b1`, `cut us-east us-west`, `hold b1 b2`, `slow b1 b2 latency=2s`: any verb of `world.faults`"""
    plain, named = words(line)
    verb, people = line.split()[0], plain
    if verb == "at":
        when, verb, *rest = plain
        teller.the_world().faults.at(when, verb, *(person(teller, name) for name in rest), **named)
    elif verb == "damage":
        teller.the_world().faults.damage(person(teller, people[0]), people[1], int(people[2]))
    else:
        getattr(teller.the_world().faults, verb)(*(person(teller, name) for name in people), **named)


COMMANDS: dict[str, Callable] = {
    command.__name__: command
    for command in (
        world, region, connect, cluster, topic, delete_topic, producer, consumer, flights, send, flush, receipts, seek, poll,
        run, until, elect, delete_records, show, dump, events, old_rule, digest,
    )
}  # fmt: skip
COMMANDS["describe"] = describe_topic
COMMANDS["account"] = account_of
COMMANDS.update({verb: fault for verb in (*VERBS, "at")})
