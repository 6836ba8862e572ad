"""Judgments about transactions: all or nothing, nothing void is read, and none is left open (O5, O11).

Promises     `world.judge(*TRANSACTION_JUDGMENTS)` after everything is healed, ended and read; each finding names its
             anomaly, the partition and the numbers.
Stands for   the checkers of Jepsen's transactional Kafka workload.
Left out     -
Differs      judges by offsets; values are compared where readers keep them (`seen`).
"""

from __future__ import annotations

from typing import NamedTuple

from minikafka.coordinator.transaction_records import STATE_TOPIC
from minikafka.laws.final_logs import FinalLog, final_logs
from minikafka.laws.group_ledger import GroupLedger
from minikafka.laws.hidden_offsets import HiddenOffsets
from minikafka.laws.sight import Sight
from minikafka.laws.transaction_cycles import circular
from minikafka.protocol.control_records import marker_of
from minikafka.world.laws import Finding
from minikafka.world.world import World


class Part(NamedTuple):
    """What a transaction (a producer id with an epoch) has in one partition; `outcome` is "" while it is open."""

    log: FinalLog
    first_offset: int
    outcome: str


def aborted_read(world: World) -> list[Finding]:
    """O5: who reads committed records is given none of an aborted transaction. DUR."""
    found, hidden = [], HiddenOffsets(world)
    sound = {(log.cluster, log.tp): log for log in final_logs(world) if log.history.durable}
    ledger = Sight.of(world).ledger
    for (client, tp), readings in ledger.readings.items():
        cluster = ledger.places[client].partition("/")[0]
        if client not in hidden.committed_readers or (cluster, tp) not in sound:
            continue
        void = hidden.of(cluster, tp, True)
        for reading in readings:
            room = reading.last - reading.first + 1 - void.between(reading.first, reading.last)
            if reading.records and (reading.records > room or reading.first in void or reading.last in void):
                given = f"{reading.records} records from {reading.first} to {reading.last}"
                why = f"{client} was given {given}, where only {room} are committed"
                found.append(Finding("aborted-read", str(tp), why))
    return found + _seen_void(world, hidden)


def _seen_void(world: World, hidden: HiddenOffsets) -> list[Finding]:
    found = []
    for workload in getattr(world, "workloads", ()):
        handle = getattr(workload, "handle", None)
        name = getattr(getattr(handle, "consumer", None), "name", None) if hasattr(workload, "seen") else None
        for tp, offset, _ in workload.seen if name in hidden.committed_readers else ():
            if offset in hidden.of(workload.cluster.name, tp, True):
                found.append(Finding("aborted-read", str(tp), f"{name} was given offset {offset}, which was aborted"))
    return found


def torn(world: World) -> list[Finding]:
    """O5: a transaction has one outcome in all its partitions, those of its offsets among them, and it is the one that
    its producer was told. DUR."""
    found = []
    all_told = Sight.of(world).ledger.told
    for (cluster, producer_id, epoch), parts in transactions(world).items():
        outcomes = {part.outcome: part for part in parts if part.outcome and part.log.history.durable}
        told = all_told.get((cluster, producer_id, epoch))
        who = f"the transaction of producer {producer_id}, epoch {epoch}"
        if len(outcomes) > 1:
            where = " and ".join(f"{outcome} in {part.log.tp}" for outcome, part in outcomes.items())
            found.append(Finding("torn", str(parts[0].log.tp), f"{who} has {where}"))
        elif told is not None and outcomes and told not in outcomes:
            [(outcome, part)] = outcomes.items()
            why = f"{who} has {outcome} at {part.first_offset}, and its producer was told {told}"
            found.append(Finding("torn", str(part.log.tp), why))
    return found


def hanging(world: World) -> list[Finding]:
    """L5: once all producers are done and time is up for those that are not, no transaction is open in any log. DUR,
    for the log and for those of the coordinators: what nobody remembers nobody ends, in Kafka either."""
    logs = final_logs(world)
    forgetful = [log.cluster for log in logs if log.tp.topic == STATE_TOPIC and not log.history.durable]
    sound = [log for log in logs if log.history.durable and log.cluster not in forgetful]
    open_ones = [(log.tp, one) for log in sound for one in log.log.ongoing_transactions()]
    return [
        Finding("hanging", str(tp), f"the transaction of producer {one.producer_id} is open since {one.first_offset}")
        for tp, one in open_ones
    ]


def transactions(world: World) -> dict[tuple[str, int, int], list[Part]]:
    """Every transaction of the final logs, by cluster, producer id and epoch."""
    found: dict[tuple[str, int, int], list[Part]] = {}
    for log in final_logs(world):
        open_ones: dict[int, tuple[int, int]] = {}
        for segment in log.log.segments:
            for header in segment.headers:
                if header.is_control and header.producer_id in open_ones:
                    epoch, first = open_ones.pop(header.producer_id)
                    marker = marker_of(segment.batch_at(header), header._replace(position=0))
                    part = Part(log, first, marker.outcome if marker is not None else "")
                    found.setdefault((log.cluster, header.producer_id, epoch), []).append(part)
                elif header.is_transactional and not header.is_control:
                    open_ones.setdefault(header.producer_id, (header.producer_epoch, header.base_offset))
        for producer_id, (epoch, first) in open_ones.items():
            found.setdefault((log.cluster, producer_id, epoch), []).append(Part(log, first, ""))
    return found


def copied_once(world: World) -> list[Finding]:
    """O14, exactly once: of what copiers have read up to the committed offsets of their group, each record has been
    copied by a committed transaction once, and nothing else has. For workloads with `copies()`, see `storm.copier`.
    DUR.

    Twice is no finding if the group was told an old offset: a coordinator that has not heard yet that it was replaced
    answers OffsetFetch as before. So may Kafka's, for nothing in that request fences it; who goes back there copies
    again (`transaction_old_word` tells how).
    """
    found = []
    for workload in getattr(world, "workloads", ()):
        if not hasattr(workload, "copies"):
            continue
        logs = {log.tp: log for log in final_logs(world) if log.cluster == workload.cluster.name}
        if not all(log.history.durable for log in logs.values()):
            continue
        for source, committed, copied in workload.copies():
            share = GroupLedger.of(world).shares.get((workload.cluster.name, workload.group, source))
            often = share is not None and share.misled
            counts: dict[int, int] = {}
            for offset in copied:
                counts[offset] = counts.get(offset, 0) + 1
            data = [record.offset for _, record in logs[source].records() if record.offset < committed]
            for offset in data:
                if counts.get(offset, 0) != 1 and not (often and offset in counts):
                    anomaly = "lost" if offset not in counts else "duplicated"
                    why = f"offset {offset} was copied {counts.get(offset, 0)} times, and {committed} is committed"
                    found.append(Finding(anomaly, str(source), why))
            found += [Finding("phantom", str(source), f"offset {offset} was copied, and only {committed} is committed")
                      for offset in counts if offset >= committed]  # fmt: skip
    return found


TRANSACTION_JUDGMENTS = (aborted_read, torn, hanging, circular, copied_once)
"""Every judgment about transactions."""
