"""Kafka on one page: one partition, its replicas, and what keeps an acknowledged record from being lost.

A leader appends what producers send. Followers pull what they lack. What all in-sync replicas hold is committed: it
lies below the high watermark. When the leader dies, a controller names another one from the in-sync replicas (the ISR)
under a new epoch; whoever holds something else then cuts it away.

Left out: disks that forget, producers that try again, followers that lag, clients that read, many partitions.
Different from Kafka: one epoch counts new leaders and new ISRs (Kafka has two), and an ISR shrinks by death only.
Nothing is imported but Python's own library.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random
from typing import NamedTuple

SESSION = 40  # ms of silence after which the controller takes a broker for dead
PAUSE = 10  # ms until a follower that heard nothing asks again


class Record(NamedTuple):
    """A value, and the epoch of the leader that took it."""

    epoch: int
    value: str


class Net:
    """Time in ms, messages that take 1 to 5 of them, and notes of what happened. The same seed tells the same story."""

    def __init__(self, seed: int):
        self.now, self.numbered, self.dice = 0, 0, Random(seed)
        self.notes, self.agenda = [], []

    def later(self, ms: int, call: Callable, *arguments: object) -> None:
        self.numbered += 1  # of two things due at the same time the older one is first
        heapq.heappush(self.agenda, (self.now + ms, self.numbered, call, arguments))

    def send(self, to: Broker | Controller, call: Callable, *arguments: object, ms: int = 0) -> None:
        life = to.life  # a message to a process that has died is lost, even if another one has taken its place
        self.later(ms or self.dice.randint(1, 5), lambda: to.up and to.life == life and call(*arguments))

    def note(self, who: str, what: str, **numbers: object) -> None:
        self.notes.append((self.now, who, what, numbers))

    def run(self, ms: int) -> None:
        end = self.now + ms
        while self.agenda and self.agenda[0][0] <= end:
            self.now, _, call, arguments = heapq.heappop(self.agenda)
            call(*arguments)
        self.now = end


class Broker:
    """One replica. Its log and its high watermark outlive a crash; what it knows of the others does not."""

    def __init__(self, name: str, page: Page):
        self.name, self.page, self.net = name, page, page.net
        self.up, self.life = True, 1
        self.log, self.high_watermark = [], 0
        self.forget()

    def forget(self) -> None:
        self.epoch, self.leader, self.isr, self.joining = -1, "", (), ()
        self.ends, self.waiting = {}, []  # follower: where its log ends; (number, offset) of those who wait

    def hear(self, epoch: int, leader: str, isr: tuple[str, ...]) -> None:
        """The controller has decided: lead, or follow. A new leader throws nothing away."""
        if epoch <= self.epoch:
            return
        self.epoch, self.leader, self.isr, self.joining = epoch, leader, isr, ()
        self.began, self.ends = len(self.log), {}
        self.net.note(self.name, "heard", epoch=epoch, leader=leader, isr=isr, end=self.began)
        if leader == self.name:
            self.commit()
        else:
            self.waiting = []  # nobody here can keep these promises now
            self.keep_fetching(epoch)

    # -- the leader

    def produce(self, number: int, value: str, acks: object) -> None:
        """Append, and answer when the promise is kept: acks=1 now, acks="all" when the record is committed."""
        if self.leader != self.name:
            return self.page.settle(number, "not the leader")
        if acks == "all" and len(self.isr) < self.page.min_isr:
            return self.page.settle(number, "not enough replicas")
        offset = self.append(Record(self.epoch, value))
        if acks == "all":
            self.waiting.append((number, offset))
        else:
            self.page.settle(number, offset)
        self.commit()

    def append(self, record: Record) -> int:
        self.log.append(record)
        self.net.note(self.name, "appended", offset=len(self.log) - 1, leads=self.leader == self.name)
        return len(self.log) - 1

    def serve(self, follower: Broker, epoch: int, offset: int, last_epoch: int) -> None:
        """A follower's fetch says how far its log goes. If ours parted from it before that, say where, and no more."""
        if self.leader != self.name or epoch != self.epoch:
            return
        known, (shared, end) = self.high_watermark, self.end_of(last_epoch)
        if shared < last_epoch or end < offset:
            return self.net.send(follower, follower.take, epoch, offset, (shared, end), [], known)
        self.ends[follower.name] = offset
        if follower.name not in self.isr + self.joining and offset >= max(self.high_watermark, self.began):
            self.joining += (follower.name,)
            self.net.note(self.name, "asked", isr=self.isr + self.joining)
            self.net.send(self.page.controller, self.page.controller.join, follower.name, epoch)
        self.commit()
        self.net.send(follower, follower.take, epoch, offset, None, self.log[offset:], known)

    def commit(self) -> None:
        """The high watermark: below it, everyone who is in the ISR, or may be any moment, holds every record."""
        if self.leader == self.name and len(self.isr) >= self.page.min_isr:
            others = [member for member in self.isr + self.joining if member != self.name]
            offset = min([len(self.log), *(self.ends.get(member, 0) for member in others)])
            if offset > self.high_watermark:
                old, self.high_watermark = self.high_watermark, offset
                self.net.note(self.name, "committed", old=old, new=offset)
            while self.waiting and self.waiting[0][1] < self.high_watermark:
                self.page.settle(*self.waiting.pop(0))

    # -- the follower

    def keep_fetching(self, epoch: int) -> None:
        """Ask, and ask again, as long as this epoch lasts."""
        if self.epoch == epoch:
            self.fetch()
            self.net.later(PAUSE, self.keep_fetching, epoch)

    def fetch(self) -> None:
        if self.leader:
            leader, last_epoch = self.page.brokers[self.leader], self.log[-1].epoch if self.log else -1
            self.net.send(leader, leader.serve, self, self.epoch, len(self.log), last_epoch)

    def take(self, epoch: int, offset: int, parting: tuple | None, records: list[Record], high_watermark: int) -> None:
        """An answer counts only if the question still stands."""
        if epoch != self.epoch or offset != len(self.log):
            return
        if parting is not None:
            self.cut(truncation(self, *parting))
        for record in records:
            self.append(record)
        old, self.high_watermark = self.high_watermark, min(high_watermark, len(self.log))
        if old != self.high_watermark:
            self.net.note(self.name, "learned", old=old, new=self.high_watermark)
        if records or parting is not None:
            self.fetch()

    def cut(self, offset: int) -> None:
        old, self.log = len(self.log), self.log[:offset]
        self.high_watermark = min(self.high_watermark, offset)
        self.net.note(self.name, "cut", old=old, new=offset)

    def end_of(self, epoch: int) -> tuple[int, int]:
        """The latest epoch of this log that is not above `epoch`, and the offset at which it ends."""
        older = [record for record in self.log if record.epoch <= epoch]
        return (older[-1].epoch, len(older)) if older else (-1, 0)


def truncation(follower: Broker, shared: int, end: int) -> int:
    """The leader's log has `shared`, and it ends at `end` there: so far, at most, the two logs are the same."""
    return min(end, follower.end_of(shared)[1])


class Controller:
    """Who leads and who is in sync, decided in one place. Every decision is a new epoch."""

    up, life = True, 1

    def __init__(self, page: Page):
        self.page, self.alive = page, list(page.brokers)
        self.epoch, self.leader, self.isr = 0, "", tuple(page.brokers)
        self.decide(self.isr)

    def decide(self, isr: tuple[str, ...]) -> None:
        """Record an ISR, elect if the leader cannot stay, tell everybody. The last of an ISR is never put out."""
        self.epoch, self.isr = self.epoch + 1, isr or self.isr
        if self.leader not in self.isr or self.leader not in self.alive:
            self.leader = elect(tuple(self.page.brokers), self.isr, tuple(self.alive)) or ""
        decided = {"epoch": self.epoch, "leader": self.leader, "isr": self.isr}
        self.page.net.note("controller", "decided", alive=tuple(self.alive), **decided)
        for name in self.alive:
            self.tell(name)

    def tell(self, name: str) -> None:
        broker = self.page.brokers[name]
        self.page.net.send(broker, broker.hear, self.epoch, self.leader, self.isr)

    def join(self, name: str, epoch: int) -> None:
        """The leader of this epoch says that a follower has caught up."""
        if epoch == self.epoch and name in self.alive and name not in self.isr:
            self.decide((*self.isr, name))

    def gone(self, name: str, life: int | None = None) -> None:
        if name in self.alive and life in (None, self.page.brokers[name].life):
            self.alive.remove(name)
            if name in self.isr:
                self.decide(tuple(member for member in self.isr if member != name))

    def back(self, name: str) -> None:
        """A broker that comes back was gone, even if nobody has noticed: it must catch up first."""
        self.gone(name)
        self.alive.append(name)
        if self.leader:
            self.tell(name)
        else:
            self.decide(self.isr)


def elect(replicas: tuple[str, ...], isr: tuple[str, ...], alive: tuple[str, ...]) -> str | None:
    """The first replica that is in sync and alive. Nobody, rather than one who may lack a committed record."""
    return next((name for name in replicas if name in isr and name in alive), None)


class Page:
    """The partition as a person sees it. `outcomes` has an entry for each record that was sent: the offset at which it
    was acknowledged, an error, or "unknown" as long as nobody answers."""

    def __init__(self, seed: int = 0, brokers: int = 3, min_isr: int = 2, net: Net | None = None):
        self.net, self.min_isr = net or Net(seed), min(min_isr, brokers)
        self.sent, self.outcomes = [], []  # (value, acks) of each record, and what came of it
        self.brokers = {name: Broker(name, self) for name in (f"b{number}" for number in range(1, brokers + 1))}
        self.controller = Controller(self)
        self.run(PAUSE)

    def produce(self, value: str, acks: object = "all") -> None:
        """Send a record to whoever leads, with acks=1 or acks="all"."""
        self.sent.append((value, acks))
        self.outcomes.append("unknown")
        leader = self.brokers.get(self.controller.leader)
        if leader is not None:
            self.net.send(leader, leader.produce, len(self.sent) - 1, value, acks, ms=2)

    def settle(self, number: int, outcome: object) -> None:
        self.net.note("producer", "told", number=number, outcome=outcome, acks=self.sent[number][1])
        self.outcomes[number] = outcome

    def crash(self, name: str) -> None:
        broker = self.brokers[name]
        broker.up = False
        broker.forget()
        self.net.note(name, "crashed")
        self.net.later(SESSION, self.controller.gone, name, broker.life)

    def start(self, name: str) -> None:
        self.brokers[name].up = True
        self.brokers[name].life += 1
        self.net.note(name, "started")
        self.net.send(self.controller, self.controller.back, name)

    def run(self, ms: int) -> None:
        self.net.run(ms)
