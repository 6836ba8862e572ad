"""How a line of a story is read: its words, and who or what they mean.

Promises     people are named by role (`leader:flights-0`, `follower:flights-0:2`, `controller`), by their short name
             (`b1`) or by the name that the story gave them (`p`); a name that means nobody gets a sentence.
Stands for   -
Left out     several clusters at once: roles and short names mean the first one's.
Differs      -
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from minikafka.story.teller import StoryError, Teller

if TYPE_CHECKING:
    from minikafka.deploy.cluster import Cluster


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


def plain_words(line: str, *what: str) -> list[str]:
    """The plain words after the verb: one for each in `what`, or a sentence that says what is missing."""
    plain, _ = words(line)
    if len(plain) != len(what):
        verb = line.split()[0]
        raise StoryError(f"{verb} takes {len(what)} words ({' '.join(map(str.upper, what))}) and got {len(plain)}")
    return plain


def number(word: str, what: str) -> int:
    """A whole number."""
    if not word.lstrip("-").isdigit():
        raise StoryError(f"{word!r} is not a number: {what} is one")
    return int(word)


def broker_number(name: str) -> int:
    """The id in a broker's short name: `b1` (or `1`) is 1."""
    return number(name.removeprefix("b"), "a broker (b1, b2 …)")


def the_cluster(teller: Teller) -> Cluster:
    """The story's first cluster."""
    clusters = list(teller.the_world().clusters.values())
    if not clusters:
        raise StoryError("there is no cluster yet: begin with `> cluster primary brokers=3`")
    return clusters[0]


def person(teller: Teller, name: str) -> Any:
    """Who or what is meant: a role, a name given in the story, a machine, a zone or region."""
    world = teller.the_world()
    if name in teller.named:
        return teller.named[name]
    cluster = next(iter(world.clusters.values()), None)
    if cluster is not None:
        role, _, of = name.partition(":")
        if role in ("leader", "follower") and of:
            return _role(cluster, role, of)
        if name == "controller":
            return cluster.controller_machine
        machine = world.network.machines.get(f"{cluster.name}/{name}")
        if machine is not None:
            return machine
    return world.place(name)


def _role(cluster: Cluster, role: str, of: str) -> Any:
    partition, _, place = of.partition(":")
    if role == "follower":
        followers, which = cluster.followers(partition), number(place or "1", "a follower's place in the list")
        if not 0 < which <= len(followers):
            raise StoryError(f"{partition} has {len(followers)} followers: name one of follower:{partition}:1 …")
        return followers[which - 1]
    found = cluster.leader(partition)
    if found is None:
        raise StoryError(f"{partition} has no leader now")
    return found


def client(teller: Teller, name: str, kind: str) -> Any:
    """A producer, consumer or workload of the story."""
    if name not in teller.named:
        known = ", ".join(name for name in teller.named if " " not in name) or "none yet"
        raise StoryError(f"there is no {kind} {name!r}: the story has made {known}")
    return teller.named[name]
