"""A trial as a story: the few lines of the trace that tell how it came to this.

Promises     lines are the recorder's own sentences, in order; of a series of the same kind one is told.
Stands for   the time line in an incident report.
Left out     packets.
Differs      -
"""

from __future__ import annotations

from itertools import groupby
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
    """How one record was written, acknowledged and lost: up to the one that took its place and the last copy's end."""
    told: list[Recorded] = []
    written: storage.BatchAppended | None = None
    holders: list[str] = []
    acknowledged = replaced = False
    for entry in _of_flights(world):
        event, place = entry.event, entry.place
        if isinstance(event, (storage.LogTruncated, storage.LogRecovered)) and event.new_end <= offset:
            holders = [holder for holder in holders if holder != place]
        if isinstance(event, FAULTS) or (isinstance(event, TURNS) and written is not None):
            told.append(entry)
        elif _touches(event, offset) and not (acknowledged and replaced):
            told.append(entry)
            acknowledged = acknowledged or isinstance(event, clients.BatchAcknowledged)
            if isinstance(event, storage.BatchAppended):
                written = written or event
                replaced = replaced or event.leader_epoch > written.leader_epoch
                holders += [] if replaced else [place]
        if acknowledged and replaced and not holders:
            break
    return _lines(told)[:MOST]


def recent(world: Any, until: int | None = None) -> list[str]:
    """The last turns that the partition took up to a moment (µs), and how far it was committed in between."""
    kinds = (*FAULTS, *TURNS, *SERIES, replication.HighWatermarkAdvanced)
    told: list[Recorded] = []
    for entry in _of_flights(world, until):
        if not isinstance(entry.event, kinds):
            continue
        same = bool(told) and (entry.kind, entry.place) == (told[-1].kind, told[-1].place)
        if same and isinstance(entry.event, replication.HighWatermarkAdvanced):
            told.pop()
        if not isinstance(entry.event, SERIES) or (entry.kind, entry.place) not in [(e.kind, e.place) for e in told]:
            told.append(entry)
    return _lines(told)[-MOST:]


def _touches(event: Any, offset: int) -> bool:
    if isinstance(event, storage.BatchAppended):
        return event.base_offset <= offset <= event.last_offset
    if isinstance(event, replication.HighWatermarkAdvanced):
        return event.old <= offset < event.new
    return isinstance(event, clients.BatchAcknowledged) and 0 <= offset - event.base_offset < event.records


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
    told = []
    for (_, time), group in groupby(entries, lambda entry: (entry.kind, entry.time)):
        first, *like_it = group
        sentence = first.sentence().replace("primary/", "")
        more = f" (and {len(like_it)} more like this)" if like_it else ""
        told.append(f"{time / 1e6:8.3f} s  {short(first.place):<10}  {sentence}{more}")
    return told
