"""What a cluster is and did, in columns: tables, and the trace as a timetable.

Promises     the same things give the same text.
Stands for   the output of Kafka's command-line tools.
Left out     colours.
Differs      -
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from minikafka.deploy.columns import Columns, table
from minikafka.deploy.handles import partition_named
from minikafka.world.event import Recorded
from minikafka.world.happenings import MessageDelivered

__all__ = ["marks_table", "short", "story_of", "table", "timetable"]
TRAVELS = re.compile(r"^(produce|ack|fetch @|high watermark|\d+ records?$|NOT_|REQUEST_)")
"""Messages that carry records or news of them."""


def marks_table(cluster: Any, partition: Any) -> Columns:
    """Log start offset, high watermark and log end offset of every replica that is up, as each knows them."""
    views = cluster.replicas(partition)
    rows = [
        (f"b{broker}", view.role, view.log.log_start_offset, view.log.high_watermark, view.log.log_end_offset)
        for broker, view in views.items()
    ]
    return table(("replica", "role", "log start", "high watermark", "log end"), rows)


def timetable(entries: Iterable[Recorded], since: int = 0) -> str:
    """Events as a timetable: milliseconds since `since` (µs), where, and what."""
    return "\n".join(
        f"{(entry.time - since) / 1000:9.3f} ms  {short(entry.place):<8}  {_without_cluster(entry)}"
        for entry in entries
    )


def story_of(
    world: Any, partition: Any, since: int = 0, until: int | None = None, traffic: bool = True
) -> list[Recorded]:
    """The events that concern one partition: what was appended, committed, decided, and what travelled for it."""
    tp = partition_named(partition)
    found = []
    for entry in world.recorder.events(until=until):
        event = entry.event
        if entry.time < since:
            continue
        if getattr(event, "partition", None) == tp or (
            traffic and isinstance(event, MessageDelivered) and TRAVELS.match(event.label)
        ):
            found.append(entry)
    return found


def short(place: str) -> str:
    """A place without its cluster: "primary/b1" is "b1"."""
    return place.rpartition("/")[2]


def _without_cluster(entry: Recorded) -> str:
    return entry.sentence().replace(entry.place.partition("/")[0] + "/", "")
