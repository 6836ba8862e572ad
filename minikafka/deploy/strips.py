"""A partition as text: one strip of offsets for each replica, with its marks.

Promises     offsets stand under one another across replicas; each record shows its value (or the flight) and the
             epoch it was written in; the double bar `‖` stands at the high watermark that the replica itself knows
             of; a broker that is down shows nothing but its state.
Stands for   the picture that an operator draws by hand from kafka-dump-log and kafka-topics.
Left out     time: the stage moves, this stands still.
Differs      -

    flights-0        0          1          2           leader 1, epoch 1, ISR 1 2
    b1 leader e1    |UA1545/e0 |B6725/e0  ‖AA1141/e1 | HW 2, end 3
    b2 follower e1  |UA1545/e0 ‖B6725/e0  |          | HW 1, end 2
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from minikafka.deploy.handles import partition_named
from minikafka.protocol.control_records import marker_of
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import headers_of
from minikafka.protocol.records import Record, records_of

if TYPE_CHECKING:
    from minikafka.broker.partition import Partition
    from minikafka.deploy.cluster import Cluster

WIDEST = 10
"""Letters of a record's value that are shown."""

LETTERS = 78
"""Room for the offsets: the older ones are left out."""


class Strip(NamedTuple):
    """One replica's line: who it is, and, while it is up, its records by offset, its start, high watermark and end."""

    head: str
    cells: dict[int, str]
    is_up: bool = False
    start: int = 0
    high_watermark: int = 0
    end: int = 0


def strips(cluster: Cluster, partition: Any, last: int = 8) -> str:
    """The last `last` offsets of every replica (fewer if they are wide), below what the controller says."""
    found = partition_named(partition)
    rows = [_strip(cluster, found, replica) for replica in replica_ids(cluster, found)]
    end = max((row.end for row in rows if row.is_up), default=0)
    oldest = max(end - last, min((row.start for row in rows if row.is_up), default=0))
    texts = [text for row in rows for offset, text in row.cells.items() if offset >= oldest]
    width = 1 + max(map(len, texts), default=1)
    first = max(oldest, end - LETTERS // (width + 1))
    head = max([len(str(found)), *(len(row.head) for row in rows)])
    numbers = "".join(f" {offset:<{width}}" for offset in range(first, end))
    lines = [f"{found!s:<{head}}  {numbers}  {_recorded(cluster, found)}"]
    lines += [f"{row.head:<{head}}  {_line(row, first, end, width)}" for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def replica_ids(cluster: Cluster, partition: TopicPartition) -> tuple[int, ...]:
    """The partition's replicas: as recorded, or, while the controller is down, as any live broker knows them."""
    if not _all_controllers_down(cluster):
        return cluster.registration(partition).replicas
    for broker in cluster.brokers.values():
        view = _view(cluster, partition, broker.id)
        if view is not None:
            return view.assignment
    return ()


def _view(cluster: Cluster, partition: TopicPartition, broker_id: int) -> Partition | None:
    broker = cluster.brokers[broker_id].broker
    return None if broker is None else broker.partitions.get(partition)


def _recorded(cluster: Cluster, partition: TopicPartition) -> str:
    """What the controller has recorded, in a few words."""
    if _all_controllers_down(cluster):
        return "the controller is down"
    known = cluster.registration(partition)
    leader = known.leader if known.leader >= 0 else "none"
    elr = f", ELR {_ids(known.elr)}" if known.elr else ""
    nobody = ", and no controller decides" if cluster.active_controller is None else ""
    return f"leader {leader}, epoch {known.leader_epoch}, ISR {_ids(known.isr) or '-'}{elr}{nobody}"


def _all_controllers_down(cluster: Cluster) -> bool:
    return all(handle.controller is None for handle in cluster.controllers.values())


def _ids(brokers: tuple[int, ...]) -> str:
    return " ".join(map(str, brokers))


def _strip(cluster: Cluster, partition: TopicPartition, replica: int) -> Strip:
    machine, view = cluster.brokers[replica].machine, _view(cluster, partition, replica)
    if view is None:
        return Strip(f"b{replica} {machine.state if machine.process is None else 'does not hold it (yet)'}", {})
    log = view.log
    frozen = ", frozen" if machine.state == "frozen" else ""
    cells = {offset: f"{text}/e{epoch}" for offset, text, epoch in cells_of(log)}
    marks = (log.log_start_offset, log.high_watermark, log.log_end_offset)
    return Strip(f"b{replica} {view.role} e{view.leader_epoch}{frozen}", cells, True, *marks)


def _line(row: Strip, first: int, end: int, width: int) -> str:
    if not row.is_up:
        return ""
    bars = ["‖" if offset == row.high_watermark else "|" for offset in range(first, end + 1)]
    boxes = "".join(f"{bars[offset - first]}{row.cells.get(offset, ''):<{width}}" for offset in range(first, end))
    begin = f"start {row.start}, " if row.start else ""
    return f"{boxes}{bars[-1]} {begin}HW {row.high_watermark}, end {row.end}"


def cells_of(log: Any) -> list[tuple[int, str, int]]:
    """(offset, what to show, leader epoch) for each record of a log."""
    return [(record.offset, shown(record), record.leader_epoch) for record in records_between(log)]


def records_between(log: Any, first: int = 0, end: int | None = None) -> Iterator[Record]:
    """The records of a log from offset `first` on and below `end` (None: its own end), segment after segment. The
    value of a transaction's marker is its outcome."""
    position, end = max(first, log.log_start_offset), log.log_end_offset if end is None else end
    while position < end:
        data = log.read(position, 1 << 40, end)
        if not data:
            return
        for header in headers_of(data):
            marker = marker_of(data, header) if header.is_control else None
            for record in records_of(data, header):
                if record.offset >= position:
                    yield record if marker is None else record._replace(value=marker.outcome.encode())
        position = header.next_offset


def shown(record: Any) -> str:
    """A record in a few letters: the flight's name, a short value, or its offset."""
    if record.value is None:
        return "(null)"
    try:
        value = json.loads(record.value)
        text = value["flight"] if isinstance(value, dict) and "flight" in value else str(value)
    except (ValueError, UnicodeDecodeError):
        text = record.value.decode("utf-8", "replace")
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
