"""The things in the picture: replicas, brokers, partitions and clusters, as the events have told of them.

Promises     plain attributes; what is not known is None.
Stands for   nothing in Kafka.
Left out     settings, the last known ELR.
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.laws.transaction_picture import TransactionPicture
from minikafka.protocol.names import NO_EPOCH, NO_LEADER, TopicPartition

LEADER, FOLLOWER, OFFLINE, DOWN = "leader", "follower", "offline", "down"


class ReplicaPicture:
    """One replica, as told. `advanced_under` is (ISR, maximal ISR) at the moment of its latest high watermark
    advance; `marked_in` the leader epoch in which it last told of its high watermark; `gaps` are the runs of offsets
    (first, last) that compaction has left; `former` once its topic was deleted: another may have the name."""

    __slots__ = ("place", "tp", "role", "leader", "leader_epoch", "partition_epoch", "isr", "maximal_isr",
                 "log_start", "log_end", "high_watermark", "epoch_start", "advanced_under",
                 "marked_in", "transactions", "gaps", "former")  # fmt: skip

    def __init__(self, place: str, tp: TopicPartition):
        self.place = place
        self.tp = tp
        self.log_start: int | None = None
        self.log_end: int | None = None
        self.former = False
        self.begin_anew()
        self.stop()

    def begin_anew(self) -> None:
        """Nothing is in the log."""
        self.transactions = TransactionPicture()
        self.gaps: tuple[tuple[int, int], ...] = ()

    @property
    def last_stable(self) -> int | None:
        """The last stable offset; None while the high watermark is not known."""
        if self.high_watermark is None:
            return None
        first = self.transactions.first_undecided(self.high_watermark)
        if first is None:
            return self.high_watermark
        return min(max(first, self.log_start or 0), self.high_watermark)

    def stop(self) -> None:
        """The process is gone: its role with it, and what it remembered of the high watermark."""
        self.role = DOWN
        self.leader, self.leader_epoch, self.partition_epoch = NO_LEADER, NO_EPOCH, NO_EPOCH
        self.isr: tuple = ()
        self.maximal_isr: tuple = ()
        self.high_watermark: int | None = None
        self.epoch_start = -1
        self.advanced_under: tuple[tuple, tuple] = ((), ())
        self.marked_in = NO_EPOCH

    def take_role(self, role: str, leader: int, event: Any) -> None:
        """A new leader epoch begins here."""
        self.role, self.leader = role, leader
        self.leader_epoch, self.partition_epoch = event.leader_epoch, event.partition_epoch
        self.isr = self.maximal_isr = ()
        self.epoch_start = -1


class BrokerPicture:
    """A broker as the controller has it."""

    __slots__ = ("id", "epoch", "place", "fenced", "shutting_down")

    def __init__(self, broker_id: int, epoch: int, place: str):
        self.id = broker_id
        self.epoch = epoch
        self.place = place
        self.fenced = True
        self.shutting_down = False

    @property
    def alive(self) -> bool:
        """May lead and be in sync."""
        return not self.fenced and not self.shutting_down


class PartitionPicture:
    """A partition as the controller has it."""

    __slots__ = ("topic_id", "replicas", "observers", "isr", "elr", "leader", "leader_epoch", "partition_epoch")

    def __init__(self, topic_id: str, replicas: tuple, isr: tuple):
        self.topic_id = topic_id
        self.replicas = tuple(replicas)
        self.observers: tuple = ()
        self.isr = tuple(isr)
        self.elr: tuple = ()
        self.leader = self.isr[0]
        self.leader_epoch = self.partition_epoch = 0

    def change(self, event: Any) -> None:
        """What every recorded change of a partition says."""
        self.isr, self.elr, self.partition_epoch = tuple(event.isr), tuple(event.elr), event.partition_epoch


class ClusterPicture:
    """One cluster: the controller's `brokers` and `partitions`, and the `replicas` of each partition by their places;
    `forced`, once its quorum was recovered by force."""

    def __init__(self, name: str):
        self.name = name
        self.brokers: dict[int, BrokerPicture] = {}
        self.id_of: dict[str, int] = {}
        self.partitions: dict[TopicPartition, PartitionPicture] = {}
        self.replicas: dict[TopicPartition, dict[str, ReplicaPicture]] = {}
        self.controller = ""
        self.controller_epoch = 0
        self.forced = False

    def replica(self, place: str, tp: TopicPartition) -> ReplicaPicture:
        """The replica of `tp` at `place`; a blank one if nothing was told of it."""
        held = self.replicas.get(tp)
        if held is None:
            held = self.replicas[tp] = {}
        found = held.get(place)
        if found is None:
            found = held[place] = ReplicaPicture(place, tp)
        return found

    def member(self, tp: TopicPartition, broker_id: int) -> ReplicaPicture | None:
        """The replica of `tp` on a broker, None if nothing was told of it."""
        broker = self.brokers.get(broker_id)
        return None if broker is None else self.replicas.get(tp, {}).get(broker.place)

    def held_at(self, place: str) -> list[ReplicaPicture]:
        """All replicas at a place."""
        return [held[place] for held in self.replicas.values() if place in held]

    def presumed_leaders(self, tp: TopicPartition) -> list[ReplicaPicture]:
        """The replicas that lead in their own view; not those of a topic that had this name before."""
        return [one for one in self.replicas.get(tp, {}).values() if one.role == LEADER and not one.former]

    def true_leader(self, tp: TopicPartition) -> ReplicaPicture | None:
        """The presumed leader whose epoch is the controller's."""
        registered = self.partitions.get(tp)
        if registered is None or registered.leader == NO_LEADER:
            return None
        replica = self.member(tp, registered.leader)
        if replica is None or replica.former or replica.role != LEADER:
            return None
        return replica if replica.leader_epoch == registered.leader_epoch else None
