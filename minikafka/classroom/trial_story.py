"""A trial as a story: the few lines of the trace that tell how it came to this.

Promises     lines are the recorder's own sentences, in order; of a series of the same kind the first is told.
Stands for   the time line in an incident report.
Left out     packets.
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.deploy.strips import strips
from minikafka.events import clients, governance, replication, storage
from minikafka.protocol.names import TopicPartition
from minikafka.viz.tables import short
from minikafka.world import happenings
from minikafka.world.event import Recorded

FLIGHTS = TopicPartition("flights", 0)
FAULTS = (happenings.MachineCrashed, happenings.PowerLost, happenings.LinkCut, happenings.LinkHealed)
TURNS = (governance.LeaderElected, governance.IsrRecorded, replication.BecameLeader, replication.ReplicaDiverged,
         storage.LogTruncated, storage.LogRecovered)  # fmt: skip
SERIES = (replication.ProduceRefused, clients.BatchFailed)
MOST = 14


def life_of(world: Any, offset: int) -> list[str]:
    """How one record was written, committed, acknowledged, and lost."""
    told = []
    for entry in _of_flights(world):
        event = entry.event
        if isinstance(event, storage.BatchAppended):
            if not event.base_offset <= offset <= event.last_offset:
                continue
        elif isinstance(event, replication.HighWatermarkAdvanced):
            if not event.old <= offset < event.new:
                continue
        elif isinstance(event, clients.BatchAcknowledged):
            if not event.base_offset <= offset < event.base_offset + event.records:
                continue
        elif not isinstance(event, (*FAULTS, *TURNS)) or not told:
            continue
        told.append(entry)
    return _lines(told[:MOST])


def recent(world: Any, until: int | None = None) -> list[str]:
    """The last turns that the partition took up to a moment (µs), and what moved last."""
    kinds, seen, told = (*FAULTS, *TURNS, *SERIES, replication.HighWatermarkAdvanced), [], []
    for entry in _of_flights(world, until):
        if isinstance(entry.event, kinds):
            again = isinstance(entry.event, SERIES) and (entry.kind, entry.place) in seen
            seen.append((entry.kind, entry.place))
            if not again:
                told.append(entry)
    return _lines(told[-MOST:])


def sight(cluster: Any) -> str:
    """The replicas' strips, as they are now."""
    return strips(cluster, FLIGHTS, last=6)


def _of_flights(world: Any, until: int | None = None) -> list[Recorded]:
    return [
        entry
        for entry in world.recorder.events(until=until)
        if getattr(entry.event, "partition", None) == FLIGHTS
        or (isinstance(entry.event, FAULTS) and (entry.place == "faults" or short(entry.place)[1:].isdigit()))
    ]


def _lines(entries: list[Recorded]) -> list[str]:
    return [
        f"{entry.time / 1e6:8.3f} s  {short(entry.place):<10}  {entry.sentence().replace('primary/', '')}" for entry in entries
    ]
