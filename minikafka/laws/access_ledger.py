"""Who is who, and which rules each broker went by at each time: what the laws of access look things up in.

Promises     decides once more, in another way than the authorizer does: as sets of rules, read off the documentation.
Stands for   nothing in Kafka.
Left out     a machine that speaks under several names at once: the last one counts.
Differs      -
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from minikafka.events.clients import BatchSent
from minikafka.events.replication import BrokerStarted
from minikafka.events.security import AccessRulesApplied, Authenticated
from minikafka.events.storage import BatchAppended
from minikafka.laws.sight import KafkaLaw
from minikafka.protocol.access_rules import AccessRule, Operation, PatternType, Permission, ResourceType
from minikafka.protocol.names import TopicPartition
from minikafka.world.event import Recorded
from minikafka.world.world import World

SERVING = "serve "
"""How the name of a task begins that answers the questions of one connection; the rest is who asks."""

STRONGER = {
    Operation.DESCRIBE: {Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER},
    Operation.DESCRIBE_CONFIGS: {Operation.ALTER_CONFIGS},
}
"""The operations that bring another one along, if they are allowed."""


class Snapshot(NamedTuple):
    """From `time` on a broker goes by these rules."""

    time: int
    rules: tuple[AccessRule, ...]


class AccessLedger:
    """Hears what it needs from the beginning, or catches up with what was kept."""

    KINDS = (Authenticated, AccessRulesApplied, BrokerStarted, BatchAppended, BatchSent)

    def __init__(self, world: World):
        self.world = world
        self.machines = world.network.machines
        self.names: dict[tuple[str, str], str] = {}
        self.rules: dict[str, list[Snapshot]] = {}
        self.written: dict[tuple[str, TopicPartition], tuple[list[int], list[int]]] = {}
        self.sent: dict[tuple[str, TopicPartition, int], int] = {}
        for entry in world.recorder.events(*self.KINDS):
            self.hear(entry)
        world.recorder.listen(self.hear, self.KINDS)

    @classmethod
    def of(cls, world: World) -> AccessLedger:
        """The ledger that the laws of this world share."""
        for law in world.laws:
            if isinstance(law, AccessLaw):
                return law.access_ledger
        return cls(world)

    def hear(self, entry: Recorded) -> None:
        """One event."""
        event, place = entry.event, entry.place
        if isinstance(event, BatchSent):
            if event.attempt == 1:
                self.sent[place, event.partition, event.base_sequence] = entry.time
            return
        process = self.guard_of(place)
        if process is None:
            return
        if isinstance(event, Authenticated):
            self.names[place, event.caller] = event.principal
        elif isinstance(event, BatchAppended):
            self._note_written(entry, event)
        else:
            rules = tuple(process.image.access_rules.values())
            self.rules.setdefault(place, []).append(Snapshot(entry.time, rules))

    def _note_written(self, entry: Recorded, event: BatchAppended) -> None:
        cluster = entry.place.partition("/")[0]
        offsets, times = self.written.setdefault((cluster, event.partition), ([], []))
        if not offsets or event.base_offset > offsets[-1]:
            offsets.append(event.base_offset)
            times.append(entry.time)

    # -- looking ------------------------------------------------------------------------------------------------

    def guard_of(self, place: str) -> Any:
        """The process there, if it is a broker that keeps rules."""
        process = self.machines[place].process
        access = getattr(process, "access", None)
        return process if access is not None and access.on else None

    def asker(self) -> str | None:
        """Whose question is being answered in this very step; None: nobody's."""
        running = self.world.kernel.running
        name = running.name if running is not None else ""
        return name.removeprefix(SERVING) if name.startswith(SERVING) else None

    def principal(self, place: str, caller: str) -> str:
        """Under which name somebody speaks to a broker."""
        supers = self.super_users(place)
        return self.names.get((place, caller)) or next(
            (one for one in supers if one == f"User:CN={caller}"), "User:ANONYMOUS")  # fmt: skip

    def super_users(self, place: str) -> Collection[str]:
        """Who may do everything there."""
        process = self.guard_of(place)
        return process.config["super.users"].split(";") if process is not None else ()

    def may(
        self, place: str, caller: str, operation: int, resource_type: int, name: str, since: int | None = None
    ) -> bool:
        """Whether the rules that a broker goes by now allow it, or those that it went by at any moment from `since`
        (µs) on."""
        process = self.guard_of(place)
        who = self.principal(place, caller)
        if process is None or who in self.super_users(place):
            return True  # without a process: what it went by cannot be looked up any more
        silent = process.config["allow.everyone.if.no.acl.found"]
        rules = [process.image.access_rules.values()] if since is None else self._rules_since(place, since)
        return any(rules_allow(some, silent, who, caller, operation, resource_type, name) for some in rules)

    def _rules_since(self, place: str, since: int) -> list[tuple[AccessRule, ...]]:
        snapshots = self.rules[place]
        ends = [later.time for later in snapshots[1:]] + [self.world.now + 1]
        return [snapshot.rules for snapshot, end in zip(snapshots, ends, strict=True) if end > since]

    def brokers_of(self, place: str) -> list[str]:
        """The brokers that keep rules in the cluster of a place."""
        cluster = place.partition("/")[0]
        return [broker for broker in self.rules if broker.partition("/")[0] == cluster]

    def could_read(self, place: str, topic: str, since: int) -> bool:
        """Whether any broker has allowed a client, at any moment from `since` (µs) on, to read a topic."""
        wanted = (place, Operation.READ, ResourceType.TOPIC, topic, since)
        return any(self.may(broker, *wanted) for broker in self.brokers_of(place))

    def sent_at(self, place: str, partition: TopicPartition, base_sequence: int) -> int:
        """When a client first sent the batch with this sequence number (µs); now, if nobody has heard of it."""
        return self.sent.get((place, partition, base_sequence), self.world.now)

    def written_at(self, place: str, partition: TopicPartition, offset: int) -> int:
        """When the record at an offset was first written anywhere (µs)."""
        offsets, times = self.written.get((place.partition("/")[0], partition), ([], []))
        index = bisect_right(offsets, offset) - 1
        return times[index] if index >= 0 else 0


def rules_allow(
    rules: Iterable[AccessRule], silent: bool, who: str, host: str, operation: int, resource_type: int, name: str
) -> bool:
    """The decision, once more: which rules cover the resource, which of them speak of this, and is one a DENY?"""
    def covers(rule: AccessRule) -> bool:
        fits = name.startswith(rule.resource_name) if rule.pattern_type == PatternType.PREFIXED else (
            rule.resource_name == "*" or rule.resource_name == name)  # fmt: skip
        return rule.resource_type == resource_type and fits

    covering = {rule for rule in rules if covers(rule)}
    mine = {rule for rule in covering if rule.principal in {who, "User:*"} and rule.host in {host, "*"}}
    exactly = {operation, Operation.ALL}
    denies = {rule for rule in mine if rule.permission == Permission.DENY and rule.operation in exactly}
    wider = exactly | STRONGER.get(operation, set())
    allows = {rule for rule in mine if rule.permission == Permission.ALLOW and rule.operation in wider}
    return not denies and bool(allows or (silent and not covering))


class AccessLaw(KafkaLaw):
    """A law that also keeps the ledger of access, and knows for each event whose question it was."""

    access_ledger: AccessLedger

    def __init__(self) -> None:
        super().__init__()
        self.askers: dict[int, str] = {}

    def watch(self, world: World) -> None:
        """Begin to look at this world, after the ledger that all these laws share."""
        self.access_ledger = AccessLedger.of(world)
        super().watch(world)

    def _heard(self, entry: Recorded) -> None:
        if self.access_ledger.guard_of(entry.place) is None:
            return
        asker = self.access_ledger.asker()
        if asker is not None:
            self.askers[entry.seq] = asker
            super()._heard(entry)

    def check(self, entries: list[Recorded]) -> str | None:
        """The first sentence of `broken_for`, with the one whose question it was."""
        whys = [self.broken_for(self.askers.pop(entry.seq), entry.place, entry.event) for entry in entries]
        return next((why for why in whys if why), None)

    def broken_for(self, asker: str, place: str, event: Any) -> str | None:
        """How this event, brought about by this asker, has left the law broken; None if it holds."""
        raise NotImplementedError
