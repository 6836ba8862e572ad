"""The laws of the big house, kept over the little one: every note of `one_page_kafka` becomes an event of minikafka.

`judged(seed)` is a page under watch: the first law that breaks raises `LawBroken`, in the words that labs 03 to 05 use.
The laws are minikafka's own classes, not copies. Left out are those about things that a page does not have: segments,
indexes, producers' sequences, power losses, metadata logs, and the partition epoch, which a page does not tell from the
leader epoch. A page counts epochs from 1 and minikafka from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from random import Random
from textwrap import fill
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import one_page_kafka
from one_page_kafka import Net, Page

from minikafka.events import clients, governance, replication, storage
from minikafka.laws import commit_laws, controller_laws, history_laws, replication_laws, storage_laws
from minikafka.laws.client_judgments import lost as lost_in_the_end
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader
from minikafka.world.laws import LawBroken
from minikafka.world.world import World

FLIGHTS = TopicPartition("flights", 0)
LAWS = (
    storage_laws.StartHighWatermarkAndEndAreInOrder,
    storage_laws.OffsetsAreDense,
    storage_laws.LeaderEpochsRiseAlongTheLog,
    controller_laws.LeaderIsInTheIsr,
    controller_laws.LeaderIsAliveWhenElected,
    controller_laws.LeadersComeFromTheIsr,
    replication_laws.OneLeaderForEachEpoch,
    replication_laws.SameEpochMeansSameLog,
    replication_laws.MaximalIsrCoversTheRecordedOne,
    replication_laws.NewcomersHoldAllThatCounts,
    commit_laws.ReplicasAgreeBelowTheirHighWatermarks,
    commit_laws.InSyncReplicasHaveWhatIsCommitted,
    commit_laws.RecordedIsrHasWhatIsCommitted,
    commit_laws.HighWatermarkIsReachedByAllThatCount,
    commit_laws.CandidatesHaveWhatIsCommitted,
    commit_laws.LeadersHaveEverythingCommitted,
    commit_laws.CommittedRecordsAreSomewhere,
    commit_laws.HighWatermarkStandsStillUnderMinIsr,
    commit_laws.FollowersDoNotRunAhead,
    history_laws.HighWatermarkNeverFalls,
    history_laws.AcknowledgedMeansCommitted,
    history_laws.TruncationSparesWhatIsCommitted,
)


class WatchedNet(Net):
    """A net whose notes are events of a minikafka world, and whose every step is looked at by the laws."""

    def __init__(self, seed: int, min_isr: int):
        super().__init__(seed)
        self.world, self.page, self.min_isr = World(seed), None, min_isr
        self.world.law(*(law() for law in LAWS))
        self.zone = self.world.region("page").zones[0]
        self.alive: list[str] = []

    def later(self, ms: int, call: Callable, *arguments: object) -> None:
        super().later(ms, self._step, call, arguments)

    def _step(self, call: Callable, arguments: tuple) -> None:
        if self.world.now < self.now * 1000:
            self.world.run_until(self.now * 1000)
        with self.world.entering():
            call(*arguments)

    def note(self, who: str, what: str, **numbers: Any) -> None:
        super().note(who, what, **numbers)
        TRANSLATIONS[what](self, who, SimpleNamespace(**numbers))

    def record(self, who: str, event: tuple) -> None:
        self.world.recorder.record(f"page/{who}", event)

    def build(self, page: Page) -> None:
        """The machines on which the laws look for brokers and for the controller."""
        self.page = page
        controller = SimpleNamespace(committed_image=ClusterImage(), config={"min.insync.replicas": page.min_isr})
        for name, process in {"controller": controller, **{b: Held(page.brokers[b]) for b in page.brokers}}.items():
            machine = self.world.machine(f"page/{name}", self.zone)
            machine.install(lambda machine, process=process: process)
            machine.start()
        self.record("controller", governance.ControllerStarted(0, 0))
        for name in page.brokers:
            self.record("controller", governance.BrokerRegistered(number(name), 0, f"page/{name}", "page", "new"))


class Held:
    """What a law looks for in a broker: its partitions, in each the log; of its topics it has heard nothing."""

    image = ClusterImage()

    def __init__(self, broker: one_page_kafka.Broker):
        self.broker = broker
        self.partitions = {FLIGHTS: self}
        self.topic_id, self.log, self.active, self.segments = "page", self, self, []
        self.log_start_offset = 0

    @property
    def high_watermark(self) -> int:
        return self.broker.high_watermark

    last_stable_offset = high_watermark

    @property
    def log_end_offset(self) -> int:
        return len(self.broker.log)

    @property
    def headers(self) -> list[BatchHeader]:
        offset, record = len(self.broker.log) - 1, self.broker.log[-1]
        crc = crc32(record.value.encode())
        return [BatchHeader(offset, record.epoch - 1, crc, 0, 0, 0, 0, -1, -1, -1, 1, 0, 0)]


def number(name: str) -> int:
    return int(name[1:]) if name else -1


def numbers(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(map(number, names))


# -- from notes to events


def _decided(net: WatchedNet, who: str, to: Any) -> None:
    epoch, isr = to.epoch - 1, numbers(to.isr)
    if epoch == 0:
        net.build(net.page)
    for name in to.alive:
        if name not in net.alive:
            net.record(who, governance.BrokerUnfenced(number(name), 0))
    for name in net.alive:
        if name not in to.alive:
            net.record(who, governance.BrokerFenced(number(name), 0, "it was silent for too long"))
    net.alive = list(to.alive)
    if epoch == 0:
        event: tuple = governance.TopicCreated("flights", "page", (numbers(net.page.brokers),), (isr,))
    elif to.leader:
        event = governance.LeaderElected(FLIGHTS, number(to.leader), epoch, isr, (), epoch, True, "decided")
    else:
        event = governance.PartitionWentOffline(FLIGHTS, -1, epoch, isr, (), epoch, "nobody in sync is alive")
    net.record(who, event)


def _heard(net: WatchedNet, who: str, to: Any) -> None:
    epoch = to.epoch - 1
    if to.leader == who:
        net.record(who, replication.BecameLeader(FLIGHTS, epoch, to.end, numbers(to.isr), epoch))
    elif to.leader:
        net.record(who, replication.BecameFollower(FLIGHTS, number(to.leader), epoch, to.end, epoch))
    else:
        net.record(who, replication.WentOffline(FLIGHTS, epoch, epoch))


def _appended(net: WatchedNet, who: str, to: Any) -> None:
    epoch = net.page.brokers[who].log[-1].epoch - 1
    net.record(who, storage.BatchAppended(FLIGHTS, to.offset, to.offset, epoch, 1, -1, -1, to.leads))


def _told(net: WatchedNet, who: str, to: Any) -> None:
    if isinstance(to.outcome, int):
        acks = -1 if to.acks == "all" else 1
        net.record(who, clients.BatchAcknowledged(FLIGHTS, to.outcome, 1, acks, to.number, "the producer"))


def _asked(net: WatchedNet, who: str, to: Any) -> None:
    before = numbers(net.page.brokers[who].isr)
    net.record(who, replication.IsrChangeAsked(FLIGHTS, before, numbers(to.isr), "it has caught up"))


def _committed(net: WatchedNet, who: str, to: Any) -> None:
    net.record(who, replication.HighWatermarkAdvanced(FLIGHTS, to.old, to.new, number(who)))


def _learned(net: WatchedNet, who: str, to: Any) -> None:
    net.record(who, replication.HighWatermarkLearned(FLIGHTS, to.old, to.new))


def _cut(net: WatchedNet, who: str, to: Any) -> None:
    net.record(who, storage.LogTruncated(FLIGHTS, to.old, to.new))


def _crashed(net: WatchedNet, who: str, to: Any) -> None:
    net.world.faults.crash(f"page/{who}")


def _started(net: WatchedNet, who: str, to: Any) -> None:
    net.world.faults.start(f"page/{who}")


TRANSLATIONS = {
    "decided": _decided, "heard": _heard, "appended": _appended, "told": _told, "asked": _asked,
    "committed": _committed, "learned": _learned, "cut": _cut, "crashed": _crashed, "started": _started,
}  # fmt: skip


# -- pages under watch


class WatchedPage(Page):
    """A page that obeys the laws, or says which it broke."""

    def __init__(self, seed: int = 0, brokers: int = 3, min_isr: int = 2):
        net = WatchedNet(seed, min_isr)
        net.page = self
        super().__init__(seed, brokers, min_isr, net)


def lost(page: Page) -> list[str]:
    """What was acknowledged, and is not there in the log of the present leader."""
    leader = page.brokers.get(page.controller.leader)
    log = [] if leader is None else leader.log
    kept = [(value, at) for (value, _), at in zip(page.sent, page.outcomes, strict=True) if isinstance(at, int)]
    return [value for value, at in kept if at >= len(log) or log[at].value != value]


def storm(page: Page, seed: int, rounds: int = 10) -> None:
    """Records and crashes in turn, rolled from the seed; in the end everybody is back and has caught up."""
    dice, flight = Random(seed), 0
    for _ in range(rounds):
        for _ in range(dice.randrange(1, 5)):
            flight += 1
            page.produce(f"F{flight}", acks=dice.choice(("all", "all", 1)))
            page.run(dice.randrange(1, 8))
        name = dice.choice(list(page.brokers))
        if not page.brokers[name].up:
            page.start(name)
        elif sum(not broker.up for broker in page.brokers.values()) < 2:
            page.crash(name)
        page.run(dice.choice((3, 10, 60, 120)))
    for name, broker in page.brokers.items():
        if not broker.up:
            page.start(name)
    page.run(300)


def trial(seed: int) -> str | None:
    """One storm under all laws: None, or what went wrong, in words, with the strips of that moment."""
    page = WatchedPage(seed)
    try:
        storm(page, seed)
    except LawBroken as broken:
        why = fill(f"law broken, {broken.law.name}: {broken.why.replace('page/', '')}", 76)
        return f"{why}\n{strips(page)}"
    found = lost_in_the_end(page.net.world)
    if found:
        return f"{found[0].anomaly}: {found[0].sentence}\n{strips(page)}"
    ends = {name: (len(broker.log), broker.high_watermark) for name, broker in page.brokers.items()}
    if len(dict.fromkeys(ends.values())) > 1 or not page.controller.leader:
        return f"everybody is back, and yet they do not agree: {ends}\n{strips(page)}"
    return None


def sweep(seeds: Iterable[int]) -> str:
    """Storms with these seeds, up to the first counter-example."""
    tried = 0
    for seed in seeds:
        wrong = trial(seed)
        if wrong:
            return f"Not yet. A counter-example, with seed {seed}:\n{wrong}"
        tried += 1
    return f"It holds. {tried} storms, {len(LAWS)} laws, none broken, nothing lost that acks=all had promised."


@contextmanager
def instead(**parts: Callable) -> Iterator[None]:
    """Other functions in the place of the page's own: `instead(elect=mine)`; a method is `Broker_commit=...`."""
    before = []
    for name, part in parts.items():
        holder, _, method = name.partition("_")
        owner = getattr(one_page_kafka, holder) if method else one_page_kafka
        before.append((owner, method or name, getattr(owner, method or name)))
        setattr(owner, method or name, part)
    try:
        yield
    finally:
        for owner, name, part in before:
            setattr(owner, name, part)


def strips(page: Page, last: int = 7) -> str:
    """A strip for each replica: value/epoch, and the double bar at the high watermark that it knows of."""
    controller = page.controller
    lines = [f"leader {controller.leader or 'none'}, epoch {controller.epoch}, ISR {' '.join(controller.isr)}"]
    first = max(0, max(len(broker.log) for broker in page.brokers.values()) - last)
    for name, broker in page.brokers.items():
        role = "down" if not broker.up else "leads" if broker.leader == name else "follows"
        cells = [f"{record.value}/e{record.epoch}" for record in broker.log]
        marks = ["‖" if at == broker.high_watermark else "|" for at in range(len(cells) + 1)]
        text = "".join(f"{mark}{cell:<10}" for mark, cell in list(zip(marks, cells, strict=False))[first:])
        lines.append(f"{name} {role:<8}{text}{marks[-1]} HW {broker.high_watermark}, end {len(cells)}")
    return "\n".join(lines)
