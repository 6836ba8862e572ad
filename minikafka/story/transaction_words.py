"""The words of a story about transactions.

Promises     each does what the method of that name does at the front door; those that have an answer tell it.
Stands for   the hands of those who run transactional producers, and kafka-transactions.
Left out     -
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikafka.coordinator.transaction_state import Transaction
from minikafka.deploy.partition_names import partition_named
from minikafka.deploy.transaction_desk import begun, offsets_sent
from minikafka.story.people import client, number, plain_words, the_cluster, words
from minikafka.story.teller import StoryError, Teller
from minikafka.world.quantities import us


async def init_transactions(teller: Teller, line: str) -> str:
    """`init_transactions p`: an earlier producer with the same transactional id is fenced"""
    await _producer(teller, plain_words(line, "producer")[0]).init_transactions()
    return "ready"


async def begin(teller: Teller, line: str) -> str:
    """`begin p`: what p sends from now on belongs together"""
    await begun(_producer(teller, plain_words(line, "producer")[0]))
    return "begun"


async def send_offsets(teller: Teller, line: str) -> str:
    """`send_offsets p c`, or `send_offsets p c flights-0=5`: where c's group will stand if p's transaction commits"""
    plain, _ = words(line)
    if len(plain) < 2:
        raise StoryError("send_offsets takes a producer, a consumer, and perhaps offsets: send_offsets p c flights-0=5")
    pairs = [pair.partition("=") for pair in plain[2:]]
    offsets = {name: number(offset, "an offset") for name, _, offset in pairs} or None
    await offsets_sent(_producer(teller, plain[0]), client(teller, plain[1], "consumer").consumer, offsets)
    return "pending"


async def commit_transaction(teller: Teller, line: str) -> str:
    """`commit_transaction p`: everything since it began"""
    await _producer(teller, plain_words(line, "producer")[0]).commit_transaction()
    return "committed"


async def abort_transaction(teller: Teller, line: str) -> str:
    """`abort_transaction p`: let everything since it began be void"""
    await _producer(teller, plain_words(line, "producer")[0]).abort_transaction()
    return "aborted"


async def describe_transaction(teller: Teller, line: str) -> str:
    """`describe_transaction booking`: as its coordinator knows it"""
    found = await the_cluster(teller).admin.describe_transaction(plain_words(line, "transactional id")[0])
    where = ", ".join(f"{row.topic}-{row.partition}" for row in found.partitions) or "no partition"
    return (f"{found.transactional_id}: {found.state}, producer {found.producer_id}, epoch {found.producer_epoch}, "
            f"{where}")  # fmt: skip


async def transactions(teller: Teller, line: str) -> str:
    """`transactions`: the transactional ids, and how their transactions stand"""
    found = await the_cluster(teller).admin.list_transactions()
    return "\n".join(f"{one.transactional_id}: {one.state}" for one in found) or "no transactions"


async def find_hanging(teller: Teller, line: str) -> str:
    """`find_hanging older_than=1min`: open transactions that nobody will end (kafka-transactions find-hanging)"""
    found = await the_cluster(teller).admin.find_hanging(us(words(line)[1].get("older_than", "15min")) // 1000)
    return "\n".join(f"{partition}: {_described(one)}" for partition, one in found) or "none hangs"


async def describe_producers(teller: Teller, line: str) -> str:
    """`describe_producers flights-0`: who has written there, and whose transaction is open"""
    partition = partition_named(plain_words(line, "partition")[0])
    found = (await the_cluster(teller).admin.describe_producers([partition]))[partition]
    return "\n".join(_described(one) for one in found) or "nobody"


async def abort_hanging(teller: Teller, line: str) -> str:
    """`abort_hanging flights-0 1000`: end that producer's open transaction by hand (kafka-transactions abort)"""
    partition, producer = plain_words(line, "partition", "producer id")
    found = partition_named(partition)
    await the_cluster(teller).admin.abort_transaction(found, number(producer, "a producer id"))
    return "ended"


def lso(teller: Teller, line: str) -> None:
    """`lso flights-0`: how far each replica lets read_committed consumers see"""
    [partition] = plain_words(line, "partition")
    for broker, view in the_cluster(teller).replicas(partition).items():
        log = view.log
        teller.say(f"b{broker}: last stable offset {log.last_stable_offset}, high watermark {log.high_watermark}, "
                   f"end {log.log_end_offset}")  # fmt: skip


def _described(one: Any) -> str:
    since = f"open since offset {one.transaction_start}" if one.transaction_start >= 0 else "none open"
    return f"producer {one.producer_id}, epoch {one.producer_epoch}, transaction: {since}"


def _producer(teller: Teller, name: str) -> Any:
    return client(teller, name, "producer").producer


# -- conditions -------------------------------------------------------------------------------------------------


def _transaction(teller: Teller, name: str) -> tuple[int, Transaction | None]:
    """The broker that coordinates a transactional id now, and its transaction."""
    for broker_id, handle in the_cluster(teller).brokers.items():
        broker = handle.broker if handle.machine.running else None
        for shard in broker.transactions.coordination.shards.active() if broker is not None else ():
            if name in shard.transactions:
                return broker_id, shard.transactions[name]
    return -1, None


def transaction(teller: Teller, name: str, state: str) -> Callable[[], bool]:
    """`transaction booking Ongoing`: its coordinator has it in that state"""

    def met() -> bool:
        found = _transaction(teller, name)[1]
        return found is not None and found.state == state

    return met


TRANSACTION_ASKING: dict[str, Callable[[Teller, str], Any]] = {
    command.__name__: command
    for command in (init_transactions, begin, send_offsets, commit_transaction, abort_transaction,
                    describe_transaction, transactions, find_hanging, describe_producers, abort_hanging)
}  # fmt: skip
"""What has an answer, as text."""

TRANSACTION_CONDITIONS: dict[str, Callable] = {"transaction": transaction}
"""What a story can wait for."""
