"""A partition as text: one strip of offsets for each replica, with its marks.

Promises     offsets stand under one another across replicas; each record shows its value (or offset) and the epoch it was written in;
             a broker that is down shows what its disk holds no longer: nothing but its state.
Stands for   the picture that an operator draws by hand from kafka-dump-log and kafka-topics.
Left out     time: the stage moves, this stands still.
Differs      -

    b1 leader e1    |UA1545/e0 |B6725/e0  |AA1141/e1 |   LSO 0  HW 2  LEO 3
    b2 follower e1  |UA1545/e0 |B6725/e0  |              LSO 0  HW 1  LEO 2
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from minikafka.deploy.handles import partition_named
from minikafka.protocol.record_batch import headers_of
from minikafka.protocol.records import records_of

if TYPE_CHECKING:
    from minikafka.deploy.cluster import Cluster

WIDEST = 12


def strips(cluster: Cluster, partition: Any, last: int = 8) -> str:
    """The last `last` offsets of every replica of a partition, one line each."""
    found = partition_named(partition)
    views = cluster.replicas(found)
    ends = [view.log.log_end_offset for view in views.values()]
    first = max(0, max(ends, default=0) - last)
    lines = []
    for replica in cluster.image.partition(found).replicas:
        machine = cluster.brokers[replica].machine
        if replica not in views:
            lines.append((f"b{replica} {machine.state if machine.process is None else 'has no such log yet'}", "", ""))
            continue
        view = views[replica]
        cells = {offset: f"{shown}/e{epoch}" for offset, shown, epoch in cells_of(view.log, first)}
        strip = "".join(f"|{cells.get(offset, ''):<{WIDEST}}" for offset in range(first, max(ends, default=0)))
        frozen = ", frozen" if machine.state == "frozen" else ""
        marks = f"LSO {view.log.log_start_offset}  HW {view.log.high_watermark}  LEO {view.log.log_end_offset}"
        lines.append((f"b{replica} {view.role} e{view.leader_epoch}{frozen}", strip + "|", marks))
    widest = max(len(head) for head, _, _ in lines)
    longest = max(len(strip) for _, strip, _ in lines)
    return "\n".join(f"{head:<{widest}}  {strip:<{longest}}  {marks}".rstrip() for head, strip, marks in lines)


def cells_of(log: Any, first: int = 0) -> list[tuple[int, str, int]]:
    """(offset, what to show, leader epoch) for each record of a log from offset `first` on."""
    start = max(first, log.log_start_offset)
    if start >= log.log_end_offset:
        return []
    data = log.read(start, 1 << 30, log.log_end_offset)
    return [
        (record.offset, shown(record), header.leader_epoch)
        for header in headers_of(data)
        for record in records_of(data, header)
        if record.offset >= start
    ]


def shown(record: Any) -> str:
    """A record in a few letters: the flight's name, a short value, or its offset."""
    if record.value is None:
        return "(null)"
    try:
        value = json.loads(record.value)
        text = value["flight"] if isinstance(value, dict) and "flight" in value else str(value)
    except (ValueError, UnicodeDecodeError):
        text = record.value.decode("utf-8", "replace")
    return text if len(text) <= WIDEST - 4 else text[: WIDEST - 5] + "…"
