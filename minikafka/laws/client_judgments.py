"""Judgments about what clients were promised and what they saw (O1 to O4, O7 to O9, O12, O18).

Promises     `world.judge(*JUDGMENTS)` after everything is healed and read to the end; each finding names its anomaly,
             the partition, and the numbers. A partition whose promises are void (not DUR) is not judged for what it
             lost, nor what was sent to a topic that was deleted since.
Stands for   the checker of Jepsen's Kafka workload.
Left out     O5, O6, O11 (transactions), O13 to O16 (see group_laws), O10 and O19, which are no errors. O17 is a law.
Differs      judges by offsets and running numbers; values are compared where workloads keep them: `sent`, a list of
             (what, receipt) whose `what` has a `value`, and `seen`, a list of (partition, offset, value).
"""

from __future__ import annotations

from itertools import pairwise

from minikafka.coordinator.group_partition import OFFSETS_TOPIC
from minikafka.coordinator.transaction_records import STATE_TOPIC
from minikafka.laws.final_logs import FinalLog, final_logs
from minikafka.laws.group_ledger import GroupLedger
from minikafka.laws.hidden_offsets import HiddenOffsets
from minikafka.laws.ledger import ALL
from minikafka.laws.log_copy import parting
from minikafka.laws.sight import Sight
from minikafka.protocol.names import TopicPartition
from minikafka.world.laws import Finding
from minikafka.world.world import World


def lost(world: World) -> list[Finding]:
    """O3: what acks=all has acknowledged is in the final log, at its offset. DUR, ACKALL, no retention."""
    logs, found = _sound(world), []
    for batch in Sight.of(world).acknowledged(ALL):
        log = logs.get((batch.cluster, batch.tp))
        if log is None or batch.base_offset < max(log.log.log_start_offset, log.history.cleaned_to):
            continue
        committed, held = log.history.committed, log.history.copies[log.place]
        at, now = committed.at(batch.base_offset), held.at(batch.base_offset)
        if at < 0 or now < 0 or committed.rows[at] != held.rows[now]:
            why = f"{batch!r} were acknowledged at offset {batch.base_offset} and are not there"
            found.append(Finding("lost", str(batch.tp), why))
    return found or _replaced(world, logs) or _forgotten(world, logs)


def _forgotten(world: World, logs: dict[tuple[str, TopicPartition], FinalLog]) -> list[Finding]:
    """What was compacted away, though nothing came after it under its key: acknowledged last values. A tombstone may be
    gone."""
    found = []
    for (cluster, tp), log in logs.items():
        if not log.history.cleaned_to:
            continue
        last = {record.key: record.offset for _, record in log.records()}
        for writer in _workloads(world, cluster):
            for what, receipt in getattr(writer, "sent", ()):
                place, key = receipt.metadata, getattr(what, "key", None)
                if place is None or place[:2] != tp or key is None or what.value is None or writer.acks != "all":
                    continue
                gone = last.get(_bytes(key), -1) < place.offset and not _buried(writer, tp, key, place.offset)
                if gone and place.offset >= log.log.log_start_offset:
                    why = f"{_short(_bytes(what.value))} was the last value of {key!r}, at offset {place.offset}"
                    found.append(Finding("lost", str(tp), f"{why}, and was compacted away"))
    return found


def _buried(writer, tp: TopicPartition, key: bytes, offset: int) -> bool:
    """Whether the writer has sent a tombstone for the key to a later offset, or to nobody knows where."""
    for what, receipt in writer.sent:
        if what.key == key and what.value is None:
            place = receipt.metadata
            if place is None or (place[:2] == tp and place.offset > offset):
                return True
    return False


def _replaced(world: World, logs: dict[tuple[str, TopicPartition], FinalLog]) -> list[Finding]:
    """Acknowledged records in whose place there is another record."""
    found, sight = [], Sight.of(world)
    ledger = sight.ledger
    for (cluster, tp), log in logs.items():
        values = {record.offset: record.value for _, record in log.records()}
        for writer in _workloads(world, cluster):
            for what, receipt in getattr(writer, "sent", ()):
                place = receipt.metadata
                if place is None or place[:2] != tp or place.offset < log.log.log_start_offset:
                    continue
                batch = ledger.batches.get((writer.handle.producer.name, tp, receipt.batch.first_number))
                compacted = place.offset < log.history.cleaned_to and place.offset not in values
                if compacted or (batch is not None and not sight.is_in_todays(batch)):
                    continue
                if batch is not None and batch.acks == ALL and values.get(place.offset) != _bytes(what.value):
                    there = _short(values.get(place.offset))
                    why = f"{_short(_bytes(what.value))} was acknowledged at offset {place.offset}; there is {there}"
                    found.append(Finding("lost", str(tp), why))
    return found


def duplicated(world: World) -> list[Finding]:
    """O2: within one epoch of an idempotent producer a record is at one offset only. DUR, while nobody sends the same
    record twice. (A producer that gave up a batch and raised its epoch may write the next ones again, in Kafka too.
    The offsets of a transaction have no sequence numbers: a request that is sent again writes them again.)"""
    found = []
    for log in final_logs(world):
        seen: dict[tuple, int] = {}
        for header, record in log.records() if log.history.durable else ():
            if header.producer_id >= 0 and header.base_sequence >= 0:
                what = (header.producer_id, header.producer_epoch, record.timestamp, record.key, record.value)
                before = seen.setdefault(what, record.offset)
                if before != record.offset:
                    why = f"the record {_short(record.value)} is at offset {before} and again at {record.offset}"
                    found.append(Finding("duplicated", str(log.tp), why))
    return found


def reordered(world: World) -> list[Finding]:
    """O9: a producer's acknowledged records have rising offsets in a partition. DUR, idempotence on; from the first
    acknowledgement there on. (Until then a new leader may know nothing of the producer, and takes any sequence number
    for the first, in Kafka too: what was sent before it may come after it.)"""
    found, sound = [], _sound(world)
    lines: dict[tuple[str, TopicPartition], list] = {}
    for batch in Sight.of(world).acknowledged(ALL):
        if batch.idempotent and (batch.cluster, batch.tp) in sound:
            lines.setdefault((batch.client, batch.tp), []).append(batch)
    for (_, tp), batches in lines.items():
        batches.sort(key=lambda batch: batch.first_number)
        known_since = min(batch.settled_at for batch in batches)
        for one, two in pairwise(batches):
            if two.base_offset <= one.last_offset and one.sent_at >= known_since:
                why = f"{two!r} are at offset {two.base_offset}, but {one!r} at {one.base_offset}"
                found.append(Finding("reordered", str(tp), why))
    return found


def inconsistent(world: World) -> list[Finding]:
    """O1: one offset never yields two records, neither to producers nor to consumers. DUR, ACKALL."""
    found, sound = [], _sound(world)
    lines: dict[tuple[str, TopicPartition], list] = {}
    for batch in Sight.of(world).acknowledged(ALL):
        if (batch.cluster, batch.tp) in sound:
            lines.setdefault((batch.cluster, batch.tp), []).append(batch)
    for (_, tp), batches in lines.items():
        batches.sort(key=lambda batch: batch.base_offset)
        for one, two in pairwise(batches):
            if two.base_offset <= one.last_offset:
                why = f"{one!r} and {two!r} were both acknowledged at offset {two.base_offset}"
                found.append(Finding("inconsistent", str(tp), why))
    return found + _seen_otherwise(world)


def _seen_otherwise(world: World) -> list[Finding]:
    found = []
    for log in final_logs(world):
        readers = [workload for workload in _workloads(world, log.cluster) if hasattr(workload, "seen")]
        if not readers or not log.history.durable:
            continue
        values = {record.offset: record.value for _, record in log.records()}
        for reader in readers:
            for tp, offset, value in reader.seen:
                compacted = offset < log.history.cleaned_to and offset not in values
                if tp != log.tp or offset < log.log.log_start_offset or compacted:
                    continue
                if values.get(offset) != value:
                    why = f"offset {offset} was read as {_short(value)} and is {_short(values.get(offset))}"
                    found.append(Finding("inconsistent", str(tp), why))
    return found


def phantom(world: World) -> list[Finding]:
    """O12: what is in a log was sent to that partition, and its sending has not failed for certain. If all producers
    keep what they `sent`."""
    found, ledger = [], Sight.of(world).ledger
    for log in final_logs(world):
        if log.tp.topic in (OFFSETS_TOPIC, STATE_TOPIC):
            continue  # what stands there the coordinators have written
        writers = [workload for workload in _workloads(world, log.cluster) if hasattr(workload, "sent")]
        names = [writer.handle.producer.name for writer in writers]
        if any(client not in names for client, tp, _ in ledger.batches if tp == log.tp):
            continue
        sent, refused = _sent_to(log.tp, writers)
        for _, record in log.records():
            if record.value is None:
                continue  # one tombstone is like another
            if record.value not in sent:
                why = f"offset {record.offset} has {_short(record.value)}, which nobody sent"
                found.append(Finding("phantom", str(log.tp), why))
            elif record.value in refused:
                why = f"offset {record.offset} has {_short(record.value)}, whose sending failed for certain"
                found.append(Finding("phantom", str(log.tp), why))
    return found


def _sent_to(tp: TopicPartition, writers: list) -> tuple[dict, dict]:
    """The values that may be in a partition, and those that must not be."""
    sent, refused = {}, {}
    for writer in writers:
        for what, receipt in writer.sent:
            batch_partition = receipt.batch.partition if receipt.batch.queue is not None else None
            if batch_partition in (None, tp):
                sent[_bytes(what.value)] = None
                if receipt.error is not None and receipt.error.definite:
                    refused[_bytes(what.value)] = None
    return sent, refused


def skipped(world: World) -> list[Finding]:
    """O7, O8: within a poll and from one poll to the next a consumer leaves out nothing, unless its position was
    moved."""
    return _jumps(world, "skipped", lambda expected, first: first > expected)


def rewound(world: World) -> list[Finding]:
    """O7, O8: within a poll and from one poll to the next a consumer does not go back, unless its position was moved.
    """
    return _jumps(world, "rewound", lambda expected, first: first < expected)


def _jumps(world: World, anomaly: str, wrong) -> list[Finding]:
    found = []
    hidden, ledger = HiddenOffsets(world), Sight.of(world).ledger
    for (client, tp), readings in ledger.readings.items():
        stepped_over = hidden.of(ledger.places[client].partition("/")[0], tp, client in hidden.committed_readers)
        expected = -1
        cleaned_to = _cleaned_to(world, client, tp)
        for reading in readings:
            expected = stepped_over.after(expected)
            if anomaly == "skipped" and expected < reading.first <= cleaned_to:
                expected = reading.first  # what lies between was compacted
            if reading.records and expected >= 0 and wrong(expected, reading.first):
                why = f"{client} stood at {expected} and was given offset {reading.first}"
                found.append(Finding(anomaly, str(tp), why))
            gaps_may_be = anomaly == "skipped" and reading.first < cleaned_to
            room = reading.last - reading.first + 1 - stepped_over.between(reading.first, reading.last)
            if reading.records and not gaps_may_be and wrong(reading.records, room):
                why = f"{client} was given {reading.records} records from {reading.first} to {reading.last}"
                found.append(Finding(anomaly, str(tp), why))
            expected = reading.last + 1
    return found


def _cleaned_to(world: World, client: str, tp: TopicPartition) -> int:
    """Up to where some replica of the partition that the client has read may have been compacted."""
    sight = Sight.of(world)
    history = sight.histories.get((sight.ledger.places[client].partition("/")[0], tp))
    return 0 if history is None else history.cleaned_to


def unseen(world: World) -> list[Finding]:
    """O4: what was acknowledged with acks=all was given to every consumer that read from before it. If all have read
    to the end; DUR."""
    found, ledger, logs = [], Sight.of(world).ledger, _sound(world)
    acknowledged: dict[tuple[str, TopicPartition], list] = {}
    for batch in Sight.of(world).acknowledged(ALL):
        acknowledged.setdefault((batch.cluster, batch.tp), []).append(batch)
    members, hidden = GroupLedger.of(world).groups, HiddenOffsets(world)
    for (client, tp), readings in ledger.readings.items():
        cluster = ledger.places[client].partition("/")[0]
        if (cluster, client) in members:
            continue  # a member shares the records with others: see group_judgments
        log = logs.get((cluster, tp))
        if log is None:
            continue
        read = sorted((reading.first, reading.last) for reading in readings if reading.records)
        start = min(reading.first for reading in readings)
        holes = _holes(read, start, log)
        stepped_over = hidden.of(cluster, tp, client in hidden.committed_readers)
        for batch in acknowledged.get((cluster, tp), ()):
            missed = any(first <= batch.base_offset <= last for first, last in holes)
            if missed and batch.base_offset >= log.history.cleaned_to and batch.base_offset not in stepped_over:
                why = f"{batch!r}, at offset {batch.base_offset}, were never given to {client}"
                found.append(Finding("unseen", str(tp), why))
    return found


def _holes(read: list[tuple[int, int]], start: int, log: FinalLog) -> list[tuple[int, int]]:
    """The offsets from `start` to the end that are in none of these ranges."""
    holes, upcoming = [], max(start, log.log.log_start_offset)
    for first, last in read:
        if first > upcoming:
            holes.append((upcoming, first - 1))
        upcoming = max(upcoming, last + 1)
    return [*holes, (upcoming, log.log.log_end_offset)]


def stale(world: World) -> list[Finding]:
    """O18: asked for the latest offset, a leader names no less than what had been acknowledged (acks=all) before, if
    that was committed under its leader epoch or an earlier one. For workloads that keep `ends`, a list of (asked at,
    partition, offset, leader epoch). DUR."""
    found, acknowledged = [], Sight.of(world).acknowledged(ALL)
    for (cluster, tp), log in _sound(world).items():
        known = [batch for batch in acknowledged if batch.cluster == cluster and batch.tp == tp]
        for workload in _workloads(world, cluster):
            for asked_at, asked, offset, epoch in getattr(workload, "ends", ()):
                for batch in known if asked == tp else ():
                    was_promised = batch.settled_at < asked_at and batch.last_offset >= offset
                    if was_promised and log.history.committed_under(batch.last_offset) <= epoch:
                        why = f"{batch!r} were acknowledged at {batch.base_offset}; asked later, the end was {offset}"
                        found.append(Finding("stale", str(tp), why))
    return found


def diverged(world: World) -> list[Finding]:
    """R2, at the end: all replicas that are up have the same log as their leader, as far as both go. Always, once all
    is quiet."""
    found, sight = [], Sight.of(world)
    for log in final_logs(world):
        leader = log.history.copies[log.place]
        for place, copy in log.history.copies.items():
            if place != log.place and sight.log(place, log.tp) is not None:
                why = parting(copy, leader, 0, min(copy.end, leader.end), log.history.cleaned_to)
                if why:
                    found.append(Finding("diverged", str(log.tp), f"{place} and its leader {log.place} have {why}"))
    return found


def _sound(world: World) -> dict[tuple[str, TopicPartition], FinalLog]:
    """The final logs of the partitions whose promises stand."""
    return {(log.cluster, log.tp): log for log in final_logs(world) if log.history.durable}


def _workloads(world: World, cluster: str) -> list:
    """The workloads of a cluster."""
    return [workload for workload in getattr(world, "workloads", ()) if workload.cluster.name == cluster]


def _bytes(value: bytes | str | None) -> bytes | None:
    """A value as it stands in a log."""
    return value if value is None or isinstance(value, bytes) else value.encode()


def _short(value: bytes | None) -> str:
    return "nothing" if value is None else repr(value if len(value) <= 40 else value[:37] + b"...")


JUDGMENTS = (lost, duplicated, reordered, inconsistent, phantom, skipped, rewound, unseen, stale, diverged)
"""Every judgment about clients."""
