"""The words of a story that look: at replicas, topics, receipts, logs; and at what is told.

Promises     looking changes nothing and takes no time.
Stands for   kafka-topics --describe, kafka-dump-log, and an auditor.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable

from minikafka.deploy.account import account
from minikafka.deploy.describe import describe
from minikafka.deploy.handles import partition_named
from minikafka.deploy.replica_status import partition_metrics, status_table
from minikafka.deploy.strips import strips
from minikafka.deploy.traffic_bill import bytes_between, bytes_between_zones
from minikafka.log.inspect import inspect
from minikafka.story.narration import LEVELS, ONLY, SOME, short
from minikafka.story.people import broker_number, client, plain_words, the_cluster, words
from minikafka.story.teller import StoryError, Teller
from minikafka.story.transaction_words import lso


def show(teller: Teller, line: str) -> None:
    """`show flights-0`: the replicas' strips; `‖` is where a replica believes the high watermark to be"""
    teller.say(strips(the_cluster(teller), plain_words(line, "partition")[0]))


def describe_topic(teller: Teller, line: str) -> None:
    """`describe flights`: as kafka-topics --describe"""
    teller.say(describe(the_cluster(teller), plain_words(line, "topic")[0]))


def describe_quorum(teller: Teller, line: str) -> None:
    """`describe_quorum status` or `replication`: as kafka-metadata-quorum describe"""
    teller.say(the_cluster(teller).describe_quorum(plain_words(line, "what")[0]))


def dump(teller: Teller, line: str) -> None:
    """`dump b1 flights-0`: the log as kafka-dump-log prints it; with `deep=1` its records, too"""
    name, partition = plain_words(line, "broker", "partition")
    broker = the_cluster(teller).broker(broker_number(name)).broker
    found = partition_named(partition)
    if broker is None or found not in broker.partitions:
        raise StoryError(f"{name} has no open log of {partition} now")
    teller.say(inspect(broker.partitions[found].log, deep=bool(words(line)[1].get("deep"))))


def status(teller: Teller, line: str) -> None:
    """`status flights-0`: each replica as its leader sees it, as kafka-replica-status"""
    teller.say(status_table(the_cluster(teller), plain_words(line, "partition")[0]))


def metrics(teller: Teller, line: str) -> None:
    """`metrics flights-0`: what the leader's broker reports of a partition"""
    numbers = partition_metrics(the_cluster(teller), plain_words(line, "partition")[0])
    teller.say("  ".join(f"{name}: {number}" for name, number in numbers.items()))


def leaders(teller: Teller, line: str) -> None:
    """`leaders`: who leads each partition, and who is in sync, as the controller has recorded it"""
    plain_words(line)
    for topic, number, partition in the_cluster(teller).image.partitions():
        leader = partition.leader if partition.leader >= 0 else "none"
        teller.say(f"{topic.name}-{number}: leader {leader}, ISR {','.join(map(str, sorted(partition.isr))) or '-'}")


def carried(teller: Teller, line: str) -> None:
    """`carried`: bytes from region to region (`carried zones`: from zone to zone) since it was asked last"""
    plain, _ = words(line)
    world = teller.the_world()
    since = teller.named.get("carried since", 0)
    bill = (bytes_between_zones if plain == ["zones"] else bytes_between)(world, since, world.now)
    teller.named["carried since"] = world.now
    for (source, target), size in sorted(bill.items()):
        teller.say(f"{source} -> {target}: {size:,} B")


def receipts(teller: Teller, line: str) -> None:
    """`receipts p`: what became of everything that p has sent"""
    [name] = plain_words(line, "producer")
    client(teller, name, "producer")
    for value, receipt in teller.named.get(f"receipts of {name}", []):
        outcome = "on its way"
        if receipt.error is not None:
            outcome = f"failed: {receipt.error}"
        elif receipt.done:
            offset = receipt.metadata.offset
            outcome = f"acknowledged at offset {offset}" if offset >= 0 else "sent; nobody will say where it is"
        teller.say(f"{value}: {outcome}")


def account_of(teller: Teller, line: str) -> None:
    """`account d`: what was promised to a workload, held against what is there"""
    teller.say(str(account(client(teller, plain_words(line, "workload")[0], "workload"))))


def because(teller: Teller, line: str) -> None:
    """`because IsrRecorded`: the chain of causes that ends in the latest event of that kind"""
    [kind] = plain_words(line, "kind")
    recorder = teller.the_world().recorder
    latest = [entry.seq for entry in recorder.events(kind)]
    if not latest:
        raise StoryError(f"no {kind} has happened: events are named as in minikafka/events, for example LeaderElected")
    for entry in recorder.because(latest[-1]):
        told = f"{entry.place}: {entry.sentence()}"
        teller.say(f"  T+{entry.time / 1e6:.3f} s  {short(teller.the_world(), told)}")


def events(teller: Teller, line: str) -> None:
    """`events some` (of note), `events none`, `events all`; `events only A B` just these, `events some A` it too"""
    level, *kinds = words(line)[0] or [""]
    if level not in LEVELS or (kinds and level not in (SOME, ONLY)):
        raise StoryError(f"events takes {', '.join(LEVELS)}, and kinds of events after {SOME} and {ONLY}")
    teller.narration.level, teller.narration.kinds = level, tuple(kinds)


def old_rule(teller: Teller, line: str) -> None:
    """`old_rule truncate_to_high_watermark`: a rule of the past holds, until the next world begins"""
    teller.old_rule(plain_words(line, "rule")[0])


def digest(teller: Teller, line: str) -> None:
    """`digest`: the fingerprint of everything that has happened"""
    teller.say(teller.the_world().recorder.digest())


SIGHTS: dict[str, Callable] = {
    command.__name__: command
    for command in (show, describe_quorum, dump, status, metrics, leaders, carried, receipts, because, events, old_rule,
                    digest, lso)
}
SIGHTS.update({"describe": describe_topic, "account": account_of})
