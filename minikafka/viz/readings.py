"""Numbers over time, read off the flight recorder.

Promises     plain lists of (time in µs, value), rising in time, one entry for each change; no broker is looked at.
Stands for   the metrics of a monitoring system, without their sampling.
Left out     averages: every single change is there.
Differs      Kafka's metrics know no moment; a recorded event has one, to the microsecond.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikafka.deploy.handles import partition_named
from minikafka.deploy.traffic_bill import BILLS
from minikafka.events.clients import BatchAcknowledged, BatchSent
from minikafka.laws.picture import FOLDS, Picture
from minikafka.laws.pictured import DOWN, ClusterPicture, ReplicaPicture
from minikafka.protocol.names import TopicPartition


class Marks(NamedTuple):
    """Where a log begins, is committed and ends, from `time` on; None is what no event has told (a broker is down)."""

    time: int
    start: int | None
    high_watermark: int | None
    end: int | None


def marks(world: Any, partition: Any) -> dict[str, list[Marks]]:
    """The offsets of every replica over time, by place."""
    tp = partition_named(partition)
    series: dict[str, list[Marks]] = {}
    restarted: dict[str, bool] = {}

    def look(time: int, cluster: ClusterPicture) -> None:
        for place, replica in sorted(cluster.replicas.get(tp, {}).items()):
            restarted[place] = restarted.get(place, False) or (replica.role == DOWN and place in series)
            now = _marks(time, replica, restarted[place])
            before = series.setdefault(place, [])
            if not before or before[-1][1:] != now[1:]:
                before.append(now)

    _watch(world, tp, look)
    return {place: _last_of_each_instant(points) for place, points in series.items()}


def in_sync(world: Any, partition: Any) -> list[tuple[int, int]]:
    """(time, members of the ISR that the controller has recorded)."""
    tp = partition_named(partition)
    return _changes(world, tp, lambda cluster: len(cluster.partitions[tp].isr) if tp in cluster.partitions else None)


def at_risk(world: Any, partition: Any) -> list[tuple[int, int]]:
    """(time, records in the leader's log that are not committed): what the leader alone may lose."""
    tp = partition_named(partition)

    def look(cluster: ClusterPicture) -> int | None:
        leader = cluster.true_leader(tp)
        return None if leader is None else (leader.log_end or 0) - (leader.high_watermark or 0)

    return _changes(world, tp, look)


def latencies(world: Any, client: Any = None) -> list[int]:
    """For each acknowledged batch, in order: µs from first sending to acknowledgement. `client`: a workload, a name."""
    name = getattr(getattr(client, "handle", client), "name", client)
    sent: dict[tuple, int] = {}
    found = []
    for entry in world.recorder.events(BatchSent, BatchAcknowledged):
        event = entry.event
        if name is not None and event.client.rpartition("/")[2] != name and event.client != name:
            continue
        key = (event.client, event.partition, event.first_number)
        if isinstance(event, BatchSent):
            sent.setdefault(key, entry.time)
        elif key in sent:
            found.append(entry.time - sent[key])
    return found


def bytes_per_link(
    world: Any, since: int = 0, until: int | None = None, between: str = "region"
) -> dict[tuple[str, str], int]:
    """Bytes of messages that were carried, from `since` to `until` (µs): by (from, to), for each pair of regions (or,
    with `between="zone"`, of zones) between which there was a message. What stays inside a place is counted; what a
    cut stops is not; what a line loses and carries again is counted once, as no event tells of it."""
    if between not in BILLS:
        raise ValueError(f"{between!r} is not a kind of place: bytes are counted between 'region's or between 'zone's")
    return dict(sorted(BILLS[between](world, since, None if until is None else until + 1).items()))


def _marks(time: int, replica: ReplicaPicture, restarted: bool) -> Marks:
    if replica.role == DOWN and restarted:
        return Marks(time, None, None, None)
    high = replica.high_watermark
    if high is None and not restarted:
        high = 0  # a new log: nothing is committed, and no event needs to say so
    return Marks(time, replica.log_start or 0, high, replica.log_end)


def _changes(world: Any, tp: TopicPartition, value: Any) -> list[tuple[int, int]]:
    points: list[tuple[int, int]] = []

    def look(time: int, cluster: ClusterPicture) -> None:
        now = value(cluster)
        if now is not None and (not points or points[-1][1] != now):
            points.append((time, now))

    _watch(world, tp, look)
    return _last_of_each_instant(points)


def _watch(world: Any, tp: TopicPartition, look: Any) -> None:
    """Fold the trace into a picture, and look at the partition's cluster after each event that changed it."""
    picture = Picture()
    for entry in world.recorder.events():
        if entry.event.__class__ not in FOLDS:
            continue
        picture.hear(entry)
        cluster = picture.at(entry.place)
        if tp in cluster.replicas or tp in cluster.partitions:
            look(entry.time, cluster)


def _last_of_each_instant(points: list) -> list:
    following = [*points[1:], (1 << 62,)]
    return [point for point, after in zip(points, following, strict=True) if after[0] > point[0]]
