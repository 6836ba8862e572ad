"""From events to things on the stage: replicas, partitions, brokers, machines, links, clients, and how each changes.

Promises     after the changes of event N every thing has the values that the events up to N tell; a change is listed
             once.
Stands for   nothing in Kafka.
Left out     settings; what the laws' picture leaves out.
Differs      replicas and partitions are the laws' own picture (`Picture`), which a law holds against the real objects;
             added are which epoch wrote which offsets, what was cut away, and the clients. Groups and the controllers'
             quorum have rooms of their own (`group_scene.py`, `quorum_scene.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from minikafka.laws.picture import FOLDS, Picture
from minikafka.viz.group_scene import GroupScene
from minikafka.viz.quorum_scene import QuorumScene
from minikafka.world.event import Recorded

REPLICA = (
    "role",
    "leader",
    "leader_epoch",
    "partition_epoch",
    "isr",
    "maximal_isr",
    "log_start",
    "log_end",
    "high_watermark",
)
PARTITION = ("replicas", "observers", "isr", "elr", "leader", "leader_epoch", "partition_epoch")
BROKER = ("id", "epoch", "fenced", "shutting_down")

MACHINE_STATE = {
    "MachineStarted": "running",
    "MachineThawed": "running",
    "MachineCrashed": "down",
    "MachineStopped": "stopped",
    "PowerLost": "dark",
    "MachineFroze": "frozen",
}
SENT, ACKNOWLEDGED, FAILED, RETRIED, SPLIT = "sent", "acknowledged", "failed", "retried", "split"
CLIENT = {"BatchSent": SENT, "BatchAcknowledged": ACKNOWLEDGED, "BatchFailed": FAILED, "BatchRetried": RETRIED}


class Change(NamedTuple):
    """Event number `event` (an index) gave `field` of thing `thing` this value."""

    event: int
    thing: int
    field: str
    value: Any


class SceneFold:
    """`things` are tuples: ("replica", place, partition), ("machine", place) …; `changes` are in the order of the
    events."""

    def __init__(self) -> None:
        self.things: dict[tuple, int] = {}
        self.values: list[dict[str, Any]] = []
        self.changes: list[Change] = []
        self.picture = Picture()
        self._event = 0
        self._rooms: dict[str, list[Any]] = {}
        for room in (GroupScene(self), QuorumScene(self)):
            for kind in room.KINDS:
                self._rooms.setdefault(kind, []).append(room)

    def run(self, trace: Sequence[Recorded]) -> SceneFold:
        """Take in a whole trace; returns itself."""
        for index, entry in enumerate(trace):
            self.hear(index, entry)
        return self

    def hear(self, index: int, entry: Recorded) -> None:
        """Take in one event."""
        self._event = index
        kind = entry.kind
        if entry.event.__class__ in FOLDS:
            self.picture.hear(entry)
            self._look_at_picture(entry)
        more = _MORE.get(kind)
        if more is not None:
            more(self, entry)
        for room in self._rooms.get(kind, ()):
            room.hear(entry)

    def thing(self, *name: Any) -> int:
        """The number of a thing; a new one if it was not known."""
        found = self.things.get(name)
        if found is None:
            found = self.things[name] = len(self.values)
            self.values.append({})
        return found

    def set(self, thing: int, field: str, value: Any) -> None:
        """Note the value, if it is another one than before."""
        values = self.values[thing]
        if field not in values or values[field] != value:
            values[field] = value
            self.changes.append(Change(self._event, thing, field, value))

    # -- what the laws' picture tells ---------------------------------------------------------------------------

    def _look_at_picture(self, entry: Recorded) -> None:
        place, event = entry.place, entry.event
        cluster = self.picture.at(place)
        tp = getattr(event, "partition", None)
        if entry.kind in MACHINE_STATE:
            for replica in cluster.held_at(place):
                self._look_at_replica(replica)
        elif tp is not None and place in cluster.replicas.get(tp, ()):
            replica = cluster.replicas[tp][place]
            if replica.log_end == 0:
                # An empty log that ends at 0 also starts there, and nothing of it is committed: that much is certain.
                replica.log_start = replica.high_watermark = 0
            self._look_at_replica(replica)
        elif tp is not None and place == cluster.controller and tp in cluster.partitions:
            self._look(("partition", cluster.name, tp), cluster.partitions[tp], PARTITION)
        elif tp is not None:
            self.set(self.thing("replica", place, tp), "role", "gone")
        elif hasattr(event, "broker") and event.broker in cluster.brokers:
            broker = cluster.brokers[event.broker]
            self._look(("broker", broker.place), broker, BROKER)
        elif hasattr(event, "topic"):
            self._topic(cluster, event.topic)

    def _look_at_replica(self, replica: Any) -> None:
        """A replica's fields; `stable` (the last stable offset, if it is not the high watermark) and `gaps` only if it
        has had them."""
        name = ("replica", replica.place, replica.tp)
        self._look(name, replica, REPLICA)
        stable = replica.last_stable
        for field, value in (("stable", stable if stable != replica.high_watermark else None), ("gaps", replica.gaps)):
            if value not in (None, ()) or field in self.values[self.things[name]]:
                self.set(self.things[name], field, value)

    def _topic(self, cluster: Any, topic: str) -> None:
        for tp, partition in cluster.partitions.items():
            if tp.topic == topic:
                self._look(("partition", cluster.name, tp), partition, PARTITION)
        for name, thing in self.things.items():
            if name[0] == "partition" and name[1] == cluster.name and name[2].topic == topic:
                self.set(thing, "deleted", name[2] not in cluster.partitions)

    def _look(self, name: tuple, thing: Any, fields: tuple[str, ...]) -> None:
        number = self.thing(*name)
        for field in fields:
            self.set(number, field, getattr(thing, field))

    # -- what is added ------------------------------------------------------------------------------------------

    def _machine(self, entry: Recorded) -> None:
        machine = self.thing("machine", entry.place)
        self.set(machine, "state", MACHINE_STATE[entry.kind])
        self.set(machine, "since", entry.time)
        if entry.kind == "MachineStarted":
            self.set(machine, "life", entry.event.incarnation)

    def _appended(self, entry: Recorded) -> None:
        event = entry.event
        replica = self.thing("replica", entry.place, event.partition)
        spans = self.values[replica].get("spans", ())
        if not spans or spans[-1][1] != event.leader_epoch:
            self.set(replica, "spans", (*spans, (event.base_offset, event.leader_epoch)))
        cut = self.values[replica].get("cut")
        if cut and event.last_offset + 1 >= cut[1]:
            self.set(replica, "cut", None)

    def _cut(self, entry: Recorded, old_end: int, new_end: int) -> None:
        replica = self.thing("replica", entry.place, entry.event.partition)
        spans = self.values[replica].get("spans", ())
        if old_end > new_end:
            self.set(replica, "cut", (new_end, old_end, entry.time, spans))
        self.set(replica, "spans", tuple(span for span in spans if span[0] < new_end))

    def _restarted(self, entry: Recorded) -> None:
        replica = self.thing("replica", entry.place, entry.event.partition)
        self.set(replica, "spans", ())

    def _link(self, entry: Recorded) -> None:
        event = entry.event
        one, other = sorted((event.source, event.target))
        link = self.thing("link", one, other)
        way = "there" if event.source == one else "back"
        match entry.kind:
            case "LinkChanged":
                self.set(link, f"wire {way}", (event.latency, event.jitter, event.bandwidth, event.loss))
            case "LinkCut" | "LinkHealed":
                self.set(link, f"cut {way}", entry.kind == "LinkCut")
                self.set(link, "since", entry.time)
            case "LinkHeld" | "LinkReleased":
                self.set(link, f"held {way}", entry.kind == "LinkHeld")
            case _:
                self.set(link, f"firewall {way}", "open" if event.allowed else "closed")

    def _batch(self, entry: Recorded) -> None:
        client = self.thing("client", entry.place)
        self.set(client, "kind", "producer")
        field = CLIENT[entry.kind]
        if field != SENT or entry.event.attempt == 1:
            self.set(client, field, self.values[client].get(field, 0) + entry.event.records)

    def _read(self, entry: Recorded) -> None:
        event = entry.event
        client = self.thing("client", entry.place)
        self.set(client, "kind", "consumer")
        position = event.last_offset + 1 if entry.kind == "RecordsPolled" else event.new
        self.set(self.thing("position", entry.place, event.partition), "position", position)
        if entry.kind == "RecordsPolled":
            self.set(client, "read", self.values[client].get("read", 0) + event.records)


_MORE: dict[str, Callable[[SceneFold, Recorded], None]] = {
    **dict.fromkeys(MACHINE_STATE, SceneFold._machine),
    **dict.fromkeys(
        ("LinkChanged", "LinkCut", "LinkHealed", "LinkHeld", "LinkReleased", "FirewallChanged"), SceneFold._link
    ),
    **dict.fromkeys(CLIENT, SceneFold._batch),
    **dict.fromkeys(("RecordsPolled", "PositionReset"), SceneFold._read),
    "BatchAppended": SceneFold._appended,
    "LogTruncated": lambda fold, entry: fold._cut(entry, entry.event.old_end, entry.event.new_end),
    "LogRecovered": lambda fold, entry: fold._cut(entry, entry.event.old_end, entry.event.new_end),
    "LogRestarted": SceneFold._restarted,
    "LogDeleted": SceneFold._restarted,
}
"""What is added to the picture, by the kind of event."""
