"""The words of a story that make something happen: sending and reading, the administrator's commands, time, faults.

Promises     each command does what the method of that name does at the front door; one that is answered returns with
             its answer, and after `meanwhile` it goes on while the story does.
Stands for   the hands of the people in the story.
Left out     the world's journal: a question that has an answer is not written there.
Differs      -
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from minikafka.deploy.handles import partition_named
from minikafka.deploy.strips import shown
from minikafka.story.conditions import condition
from minikafka.story.group_words import GROUP_ASKING, GROUP_DOINGS
from minikafka.story.people import client, number, person, plain_words, split, the_cluster, words
from minikafka.story.scenery import PLACEMENT, assignment, placement_setting
from minikafka.story.security_words import SECURITY_ASKING
from minikafka.story.teller import StoryError, Teller
from minikafka.story.topic_words import TOPIC_ASKING
from minikafka.story.transaction_words import TRANSACTION_ASKING
from minikafka.world.faults import VERBS, Faults
from minikafka.world.quantities import us

MORE_ASKING = GROUP_ASKING | TOPIC_ASKING | SECURITY_ASKING | TRANSACTION_ASKING
"""What is asked in other rooms, and answered in words."""

PATIENCE = "5min"
"""How long a story waits for something before it says that it waits in vain."""


# -- clients ----------------------------------------------------------------------------------------------------


def send(teller: Teller, line: str) -> None:
    """`send p flights UA1545 B6725 key=UA partition=0`: one record for each value (`(null)`: a tombstone);
    they leave when time passes"""
    plain, named = words(line)
    if len(plain) < 3:
        raise StoryError("send takes a producer, a topic and values: send p flights UA1545")
    name, where, *values = plain
    for value in values:
        body = None if value == "(null)" else value
        receipt = client(teller, name, "producer").send(where, body, **named)
        teller.named.setdefault(f"receipts of {name}", []).append((value, receipt))


def flush(teller: Teller, line: str) -> None:
    """`flush p`: until everything that p has sent is acknowledged or has failed"""
    [name] = plain_words(line, "producer")
    client(teller, name, "producer").flush()


def seek(teller: Teller, line: str) -> None:
    """`seek c flights-0 5`: the consumer reads on from there"""
    name, partition, offset = plain_words(line, "consumer", "partition", "offset")
    client(teller, name, "consumer").seek(partition, number(offset, "an offset"))


def poll(teller: Teller, line: str) -> Any:
    """`poll c timeout=1s`: what the consumer reads next"""
    [name] = plain_words(line, "consumer")
    return client(teller, name, "consumer").consumer.poll(us(words(line)[1].get("timeout", "1s")))


def end_offsets(teller: Teller, line: str) -> Any:
    """`end_offsets c flights-0`: what the leader says is the end for a consumer (ListOffsets)"""
    name, partition = plain_words(line, "consumer", "partition")
    return client(teller, name, "consumer").consumer.end_offsets([partition_named(partition)])


# -- the administrator ------------------------------------------------------------------------------------------


def elect(teller: Teller, line: str) -> Any:
    """`elect preferred flights-0`, or `elect unclean flights-0`: kafka-leader-election"""
    kind, partition = plain_words(line, "kind", "partition")
    return the_cluster(teller).admin.elect_leaders(kind, [partition_named(partition)])


def delete_records(teller: Teller, line: str) -> Any:
    """`delete_records flights-0 5`: delete everything below that offset (-1: below the high watermark)"""
    partition, before = plain_words(line, "partition", "offset")
    return the_cluster(teller).admin.delete_records({partition_named(partition): number(before, "an offset")})


def create_topic(teller: Teller, line: str) -> Any:
    """`create_topic flights partitions=1 replication_factor=3`: as `topic`, but part of the story"""
    [name] = plain_words(line, "topic")
    own, config = split(words(line)[1], "partitions", "replication_factor", "assignment", *PLACEMENT)
    asked, own = split(own, *PLACEMENT)
    config = {**config, **placement_setting(asked)}
    return the_cluster(teller).admin.create_topic(name, config=config, **{**own, **assignment(own)})


def force_standalone(teller: Teller, line: str) -> None:
    """`force_standalone c3`: make this controller the only voter, whatever it knows"""
    [name] = plain_words(line, "controller")
    the_cluster(teller).force_standalone(number(name.removeprefix("c"), "a controller (c1, c2 …)"))


def add_controller(teller: Teller, line: str) -> None:
    """`add_controller c1`: wipe this controller's disk, and let it join the voters"""
    [name] = plain_words(line, "controller")
    the_cluster(teller).add_controller(number(name.removeprefix("c"), "a controller (c1, c2 …)"))


def delete_topic(teller: Teller, line: str) -> Any:
    """`delete_topic flights`: with all its records, everywhere"""
    [name] = plain_words(line, "topic")
    return the_cluster(teller).admin.delete_topic(name)


def shut_down(teller: Teller, line: str) -> None:
    """`shut_down b1`: a controlled shutdown, until it is done"""
    found = person(teller, plain_words(line, "broker")[0])
    teller.the_world().finish(_down(teller, found))


async def _down(teller: Teller, broker: Any) -> None:
    world = teller.the_world()
    await world.stop_in_order(world.place(broker))


# -- time -------------------------------------------------------------------------------------------------------


def run(teller: Teller, line: str) -> None:
    """`run 5s`: let so much time pass"""
    [time] = plain_words(line, "time")
    teller.the_world().run_for(time)


def until(teller: Teller, line: str) -> None:
    """`until leader flights-0 b2`: let time pass, step by step, until it is so; perhaps `within=2s`"""
    plain, named = words(line)
    world, patience = teller.the_world(), named.get("within", PATIENCE)
    give_up = world.now + us(patience)
    met = condition(teller, plain)
    while not met():
        upcoming = world.kernel.next_time()
        if upcoming is None or upcoming > give_up:
            world.run_until(give_up)
            raise StoryError(f"{' '.join(plain)}: not within {patience}")
        world.kernel.step()


def meanwhile(teller: Teller, line: str) -> None:
    """`meanwhile delete_records flights-0 2`: ask, and go on with the story; `outcome` tells the answer"""
    rest = line.partition(" ")[2]
    command = ASKING.get(rest.split(" ")[0])
    if command is None:
        raise StoryError(f"{rest!r} cannot be done meanwhile: only {', '.join(ASKING)}")
    task = teller.the_world().kernel.spawn(_outcome(rest, command(teller, rest)), None, rest)
    teller.named.setdefault("under way", []).append((rest, task))


def outcome(teller: Teller, line: str) -> None:
    """`outcome`: what became of all that was begun with `meanwhile`"""
    for asked, task in teller.named.get("under way", []):
        teller.say(f"{asked}: {task.value if task.done else 'no answer yet'}")


async def _outcome(line: str, question: Coroutine) -> str:
    """The answer in words; an error is an answer too."""
    try:
        return answer_in_words(line, await question)
    except Exception as error:
        return f"error: {error}"


def answer_in_words(line: str, answer: Any) -> str:
    """What an administrator's command or a poll has given."""
    verb = line.split()[0]
    if verb == "poll":
        return "\n".join(f"{r.topic}-{r.partition}@{r.offset}: {shown(r)}" for r in answer) or "nothing"
    if verb == "delete_records":
        return f"low watermark {next(iter(answer.values()))}"
    if isinstance(answer, str) and verb in MORE_ASKING:
        return answer
    return f"{next(iter(answer.values()))}" if verb == "end_offsets" else "done"


def _answered(command: Callable) -> Callable:
    """The command as it is done in the story itself: time passes until the answer is there, and it is told."""

    def do(teller: Teller, line: str) -> None:
        answer = teller.the_world().finish(command(teller, line))
        if command in (poll, delete_records, end_offsets, *MORE_ASKING.values()):
            teller.say(answer_in_words(line, answer))

    do.__doc__ = command.__doc__
    return do


ASKING: dict[str, Callable] = {
    command.__name__: command
    for command in (poll, end_offsets, elect, delete_records, create_topic, delete_topic)
} | MORE_ASKING
"""What has an answer that one can wait for, or not."""


# -- faults -----------------------------------------------------------------------------------------------------


def fault(teller: Teller, line: str) -> None:
    """Any verb of `world.faults`: `crash b1`, `cut us-east us-west`, `slow b1 b2 latency=2s`, `damage b1 FILE 70`"""
    verb, plain, named = line.split()[0], *words(line)
    if verb == "damage":
        machine, path, position = plain_words(line, "machine", "file", "position")
        teller.the_world().faults.damage(person(teller, machine), path, number(position, "a position in a file"))
    else:
        getattr(teller.the_world().faults, verb)(*(person(teller, name) for name in plain), **named)


def planned(teller: Teller, line: str) -> None:
    """`at 5s crash b1`: when the clock shows that time; `after 5s crash b1`: so much later than now"""
    plain, named = words(line)
    if len(plain) < 2:
        raise StoryError(f"{line.split()[0]} takes a time and a fault: {line.split()[0]} 5s crash b1")
    when, verb, *people = plain
    moment = us(when) + teller.the_world().now if line.startswith("after") else when
    teller.the_world().faults.at(moment, verb, *(person(teller, name) for name in people), **named)


def fault_help(verb: str) -> str:
    """What a fault does, as `world.faults` says it, with the names of what it takes."""
    method = getattr(Faults, verb)
    takes = list(inspect.signature(method).parameters.values())[1:]
    said = " ".join(one.name.upper() if one.default is inspect.Parameter.empty else f"{one.name}=…" for one in takes)
    return f"`{verb} {said}`: {inspect.getdoc(method).splitlines()[0]}"


DOINGS: dict[str, Callable] = {
    command.__name__: command
    for command in (send, flush, seek, shut_down, force_standalone, add_controller, run, until, meanwhile, outcome)
}
DOINGS.update(GROUP_DOINGS)
DOINGS.update({name: _answered(command) for name, command in ASKING.items()})
DOINGS.update({"at": planned, "after": planned})
FAULTS: dict[str, Callable] = dict.fromkeys(VERBS, fault)
