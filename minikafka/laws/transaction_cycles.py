"""Whether transactions have read one another's records in a circle (O11).

Promises     a circle of transactions, each of which has read what the one before has written, is found; one is named.
Stands for   the search for G1c in Jepsen's Kafka workload.
Left out     what a transaction has read without committing an offset for it.
Differs      G0, transactions that write between one another's records, is no error in Kafka and is not looked for.
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.laws.final_logs import final_logs
from minikafka.laws.group_ledger import GroupLedger, ReadInTransaction
from minikafka.laws.hidden_offsets import committed_readers
from minikafka.protocol.names import TopicPartition
from minikafka.world.laws import Finding
from minikafka.world.world import World


class Transaction(NamedTuple):
    """Known by its cluster, its producer id and the producer's epoch."""

    cluster: str
    producer_id: int
    epoch: int

    def __str__(self) -> str:
        return f"producer {self.producer_id} in epoch {self.epoch}"


class Written(NamedTuple):
    """Where a transaction has records."""

    by: Transaction
    first: int
    last: int


def circular(world: World) -> list[Finding]:
    """O11 (G1c): no transaction has, by way of others, read what depends on its own records. DUR; for groups whose
    members read committed records only: the writer was decided before the reader began."""
    written, sources = _written(world), {}
    for one in GroupLedger.of(world).read:
        reader = Transaction(one.cluster, one.producer_id, one.producer_epoch)
        if _is_careful(world, one):
            for part in written.get((one.cluster, one.partition), ()):
                if part.first < one.following and one.first <= part.last and part.by != reader:
                    sources.setdefault(reader, {})[part.by] = one.partition
    circle = find_circle({reader: list(writers) for reader, writers in sources.items()})
    if not circle:
        return []
    where = str(sources[circle[0]][circle[1 % len(circle)]])
    told = " read what was written by ".join(map(str, (*circle, circle[0])))
    return [Finding("circular", where, told)]


def find_circle(sources: dict[Transaction, list[Transaction]]) -> list[Transaction]:
    """Some transactions each of which has read from the next, and the last from the first; empty if there are none."""
    done: dict[Transaction, None] = {}
    for start in sources:
        path: dict[Transaction, None] = {}
        steps = [(start, iter(sources[start]))] if start not in done else []
        path[start] = None
        while steps:
            reader, rest = steps[-1]
            writer = next((one for one in rest if one not in done), None)
            if writer is None:
                steps.pop()
                path.pop(reader, None)
                done[reader] = None
            elif writer in path:
                known = list(path)
                return known[known.index(writer) :]
            else:
                path[writer] = None
                steps.append((writer, iter(sources.get(writer, ()))))
    return []


def _written(world: World) -> dict[tuple[str, TopicPartition], list[Written]]:
    """The records of transactions in each final log."""
    found: dict[tuple[str, TopicPartition], list[Written]] = {}
    for log in final_logs(world):
        for header in log.log.batches() if log.history.durable else ():
            if header.is_transactional and not header.is_control:
                by = Transaction(log.cluster, header.producer_id, header.producer_epoch)
                rows = found.setdefault((log.cluster, log.tp), [])
                rows.append(Written(by, header.base_offset, header.last_offset))
    return found


def _is_careful(world: World, read: ReadInTransaction) -> bool:
    """Whether all that are known to read for this group read committed records only."""
    members = [client for (cluster, client), (group, _) in GroupLedger.of(world).groups.items()
               if (cluster, group) == (read.cluster, read.group)]  # fmt: skip
    careful = committed_readers(world)
    return all(client in careful for client in members)
