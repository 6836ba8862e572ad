"""The law of the record: what the events tell is what the objects are.

Promises     a change of role, epoch, ISR, log end, high watermark or last stable offset without an event, or an event
             without the change, is found at the next event of that replica, at the latest at the next roll-call of all
             of them; so is a gap in a log of which no event tells, or the other way round.
Stands for   nothing in Kafka.
Left out     settings and the last known ELR, which no event tells.
Differs      what the picture does not know (None: after a restart) it learns here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minikafka.events.storage import LogDeleted
from minikafka.laws.log_copy import row_of
from minikafka.laws.picture import FOLDS
from minikafka.laws.pictured import ClusterPicture, ReplicaPicture
from minikafka.laws.sight import KafkaLaw, Sight
from minikafka.log.segment import Segment
from minikafka.metadata.image import ClusterImage
from minikafka.protocol.names import TopicPartition
from minikafka.protocol.record_batch import BatchHeader
from minikafka.protocol.records import rows_of
from minikafka.world.event import Recorded

COMPARED = ("role", "leader", "leader epoch", "partition epoch", "ISR", "maximal ISR", "log start", "log end",
            "high watermark", "last stable offset")  # fmt: skip
"""What is compared of a replica."""

ROLL_CALL = 4096
"""After so many events everything is compared, not only what was touched."""


class EventsTellWhatIs(KafkaLaw):
    """The picture folded from the events equals the real objects, after each step. Always."""

    KINDS = tuple(FOLDS)

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def check(self, entries: list[Recorded]) -> str | None:
        """Compare the replicas and partitions that were touched; now and then all."""
        self._count += len(entries)
        if self._count >= ROLL_CALL:
            self._count = 0
            return differences(self.sight, whole=False)
        return super().check(entries)

    def broken_by(self, place: str, event: Any) -> str | None:
        tp = getattr(event, "partition", None)
        if tp is None or isinstance(event, LogDeleted):
            return None
        cluster = self.sight.picture.at(place)
        if place == cluster.controller:
            return _partition_difference(self.sight, cluster, tp)
        replica = cluster.replicas.get(tp, {}).get(place)
        return None if replica is None else _replica_difference(self.sight, replica)


def differences(sight: Sight, whole: bool = True) -> str | None:
    """The first difference between the picture and the objects, over everything that runs; logs `whole` or by their
    last batch."""
    for cluster in sight.picture.clusters.values():
        if cluster.forced:
            continue
        for held in cluster.replicas.values():
            for replica in held.values():
                why = _replica_difference(sight, replica) or _copy_difference(sight, replica, whole)
                why = why or (_gap_difference(sight, replica) if whole else None)
                if why:
                    return why
        for tp in cluster.partitions:
            why = _partition_difference(sight, cluster, tp)
            if why:
                return why
        why = _broker_difference(sight, cluster)
        if why:
            return why
    return None


def _replica_difference(sight: Sight, told: ReplicaPicture) -> str | None:
    real = sight.partition(told.place, told.tp)
    if real is None:
        return None
    log, state = real.log, real.isr_state
    if told.high_watermark is None:
        told.high_watermark = log.high_watermark
    if told.log_start is None:
        told.log_start = log.log_start_offset
    if told.log_end is None:
        told.log_end = log.log_end_offset
    says = (told.role, told.leader, told.leader_epoch, told.partition_epoch, told.isr, told.maximal_isr,
            told.log_start, told.log_end, told.high_watermark, told.last_stable)  # fmt: skip
    has = (real.role, real.leader, real.leader_epoch, real.partition_epoch, state.isr, state.maximal_isr,
           log.log_start_offset, log.log_end_offset, log.high_watermark, log.last_stable_offset)  # fmt: skip
    if says == has:
        return None
    wrong = [f"{name} {one} (is {other})" for name, one, other in zip(COMPARED, says, has, strict=True) if one != other]
    return f"of {told.tp} at {told.place} the events tell {', '.join(wrong)}"


def _copy_difference(sight: Sight, told: ReplicaPicture, whole: bool) -> str | None:
    log = sight.log(told.place, told.tp)
    if log is None or told.former:
        return None
    held = sight.history(told.place, told.tp).copy(told.place).rows
    headers = log.batches() if whole else log.active.headers[-1:]
    compared = held if whole else held[len(held) - len(headers) :]
    if compared == [row_of(header) for header in headers]:
        return None
    counts = f"{len(headers)} batches, the events tell of {len(compared)}"
    return f"the log of {told.tp} at {told.place} has {counts}, or of other ones"


def _gap_difference(sight: Sight, told: ReplicaPicture) -> str | None:
    """A hole between two batches of which no event tells; or a record that is there, though events tell otherwise."""
    log = sight.log(told.place, told.tp)
    if log is None or told.former:
        return None
    gaps, where = joined(told.gaps), f"of {told.tp} at {told.place}"
    for segment in log.segments:
        expected = max(segment.base_offset, log.log_start_offset)
        for header in segment.headers:
            hole = (expected, header.base_offset - 1)
            if hole[0] <= hole[1] and not any(first <= hole[0] and hole[1] <= last for first, last in gaps):
                return f"{where} the offsets {hole[0]}..{hole[1]} are gone, and no event tells of it"
            for offset in _offsets(segment, header) if any(_meet(gap, header) for gap in gaps) else ():
                if any(first <= offset <= last for first, last in gaps):
                    return f"{where} events tell that offset {offset} is gone, and it is there"
            expected = max(expected, header.next_offset)
    return None


def joined(gaps: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same offsets in as few runs as possible, rising."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(gaps):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _meet(gap: tuple[int, int], header: BatchHeader) -> bool:
    return gap[0] <= header.last_offset and header.base_offset <= gap[1]


def _offsets(segment: Segment, header: BatchHeader) -> list[int]:
    rows = [0] if header.is_control else [row[0] for row in rows_of(segment.content(), header)]
    return [header.base_offset + row for row in rows]


def _recorded(sight: Sight, cluster: ClusterPicture) -> ClusterImage | None:
    """What the controller has as committed; None while it is down, or does not yet know of all that was told."""
    controller = sight.machines[cluster.controller].process if cluster.controller else None
    known = None if controller is None else controller.committed_image
    return known if known is not None and known.offset == controller.chronicle.told else None


def _partition_difference(sight: Sight, cluster: ClusterPicture, tp: TopicPartition) -> str | None:
    image, told = _recorded(sight, cluster), cluster.partitions.get(tp)
    real = None if image is None else image.partition(tp)
    if real is None or told is None:
        return None
    says = (told.replicas, told.observers, told.isr, told.elr, told.leader, told.leader_epoch, told.partition_epoch)
    has = (real.replicas, real.observers, real.isr, real.elr, real.leader, real.leader_epoch, real.partition_epoch)
    return None if says == has else f"of {tp} the controller's events tell {says}, recorded is {has}"


def _broker_difference(sight: Sight, cluster: ClusterPicture) -> str | None:
    image = _recorded(sight, cluster)
    if image is None:
        return None
    says = {broker.id: (broker.epoch, broker.place, broker.alive) for broker in cluster.brokers.values()}
    has = {broker.id: (broker.epoch, broker.address, broker.alive) for broker in image.brokers.values()}
    return None if says == has else f"the controller's events tell of the brokers {says}, recorded is {has}"
