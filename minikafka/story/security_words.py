"""The words of a story about security.

Promises     each does what the method of that name does at the front door; a change is told to be done once every
             broker that is up has heard of it.
Stands for   kafka-acls and kafka-configs.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.protocol.access_words import filter_from, rule_from
from minikafka.story.people import plain_words, the_cluster, words
from minikafka.story.teller import Teller
from minikafka.world.quantities import counted
from minikafka.world.secrets import fingerprint


async def create_user(teller: Teller, line: str) -> str:
    """`create_user alice wonderland`: a user, or a new password for one"""
    name, password = plain_words(line, "user", "password")
    return await _heard(teller, the_cluster(teller).admin.create_user(name, fingerprint(password)))


async def delete_user(teller: Teller, line: str) -> str:
    """`delete_user alice`: no new connection under that name"""
    [name] = plain_words(line, "user")
    return await _heard(teller, the_cluster(teller).admin.delete_user(name))


async def add_acl(teller: Teller, line: str) -> str:
    """`add_acl User:alice READ,WRITE topic:flights pattern=prefixed permission=deny`: rules; also for `group:g`,
    `cluster`"""
    principal, operations, resource = plain_words(line, "principal", "operation", "resource")
    rules = [rule_from(principal, one, resource, **words(line)[1]) for one in operations.split(",")]
    return await _heard(teller, the_cluster(teller).admin.create_acls(rules))


async def remove_acl(teller: Teller, line: str) -> str:
    """`remove_acl principal=User:alice operation=READ resource=topic:flights`: every rule that fits what is said"""
    admin, wanted = the_cluster(teller).admin, filter_from(**words(line)[1])
    return await _heard(teller, admin.delete_acls(wanted))


async def acls(teller: Teller, line: str) -> str:
    """`acls`: the rules as kafka-acls --list"""
    return the_cluster(teller).acls()


async def describe_acls(teller: Teller, line: str) -> str:
    """`describe_acls`: how many rules a broker tells of that is asked for all"""
    return counted(len(await the_cluster(teller).admin.describe_acls(filter_from())), "rule")


async def describe_users(teller: Teller, line: str) -> str:
    """`describe_users`: who has a password, as a broker tells"""
    return ", ".join(await the_cluster(teller).admin.describe_users()) or "no users"


async def audit(teller: Teller, line: str) -> str:
    """`audit`: who was refused what, so far"""
    return the_cluster(teller).audit()


async def _heard(teller: Teller, change: Any) -> str:
    gone = await change
    await the_cluster(teller).until_heard()
    return "done" if gone is None else f"{len(gone)} removed"


SECURITY_ASKING: dict[str, Callable[[Teller, str], Any]] = {
    command.__name__: command
    for command in (create_user, delete_user, add_acl, remove_acl, acls, describe_acls, describe_users, audit)
}
"""What has an answer, as text."""
