"""Judgments about what must come about once nothing fails any more (L1 to L11).

Promises     an empty list once everything has come to rest as it should; until then each finding says what is still
             missing.
Stands for   the liveness properties, under fairness: messages arrive, brokers stay up.
Left out     -
Differs      asks at one moment; the storm asks again until its deadline.
"""

from __future__ import annotations

from collections.abc import Iterator

from minikafka.laws.group_judgments import groups_come_to_rest
from minikafka.laws.ledger import Batch
from minikafka.laws.observer_laws import observers_step_back
from minikafka.laws.pictured import DOWN, ClusterPicture
from minikafka.laws.quorum_judgments import QUORUM_LIVENESS
from minikafka.laws.sight import Sight
from minikafka.protocol.names import NO_LEADER, TopicPartition
from minikafka.world.laws import Finding
from minikafka.world.world import World

STUCK = "stuck"


def brokers_serve(world: World) -> list[Finding]:
    """L1, L2: every broker that runs is registered under its present epoch, and unfenced."""
    found, sight = [], Sight.of(world)
    for cluster, place, broker in _running(sight):
        known = cluster.brokers.get(broker.broker_id)
        if known is None or not known.alive or known.epoch != broker.broker_epoch:
            found.append(Finding(STUCK, place, "runs, but is not unfenced under its present broker epoch"))
    return found


def wishes_end(world: World) -> list[Finding]:
    """L3: no change of an ISR is still under way."""
    found, sight = [], Sight.of(world)
    for _, place, broker in _running(sight):
        for tp, partition in broker.partitions.items():
            if partition.is_leader and partition.isr_state.in_flight:
                why = f"{place} still waits for its ISR change to {list(partition.isr_state.wanted)}"
                found.append(Finding(STUCK, str(tp), why))
    return found


def metadata_spreads(world: World) -> list[Finding]:
    """L4: every running broker has the controller's metadata."""
    found, sight = [], Sight.of(world)
    for cluster, place, broker in _running(sight):
        controller = sight.machines[cluster.controller].process
        if controller is not None and broker.image.offset != controller.committed_image.offset:
            why = f"has metadata up to {broker.image.offset}, recorded is {controller.committed_image.offset}"
            found.append(Finding(STUCK, place, why))
    return found


def requests_are_answered(world: World) -> list[Finding]:
    """L5: every batch that was sent has its outcome, unless its producer is no more."""
    unknown = [batch for batch in Sight.of(world).ledger.open_batches() if not _is_gone(world, batch)]
    return [Finding(STUCK, str(batch.tp), f"{batch!r} have no outcome") for batch in unknown]


def _is_gone(world: World, batch: Batch) -> bool:
    """Whether the process at the batch's place has another producer by now."""
    machine = world.network.machines.get(batch.place)
    producer = getattr(getattr(machine, "process", None), "producer", None)
    return hasattr(producer, "name") and producer.name != batch.client


def records_reach_everybody(world: World) -> list[Finding]:
    """L6: every replica whose broker runs has its leader's whole log."""
    found, sight = [], Sight.of(world)
    for cluster, tp in _partitions(sight):
        leader = cluster.true_leader(tp)
        for replica in cluster.replicas.get(tp, {}).values() if leader is not None else ():
            if replica.role != DOWN and replica.log_end != leader.log_end:
                why = f"{replica.place} ends at {replica.log_end}, its leader at {leader.log_end}"
                found.append(Finding(STUCK, str(tp), why))
    return found


def everything_is_committed(world: World) -> list[Finding]:
    """L8: with min.insync.replicas in the ISR, the high watermark of a leader reaches its log end, and its followers
    know. (Not so for a coordinator's log: groups commit on and on, and a follower hears of each mark with the next
    record.)"""
    found, sight = [], Sight.of(world)
    for cluster, tp in _partitions(sight):
        leader = cluster.true_leader(tp)
        if leader is None or len(leader.isr) < sight.history(leader.place, tp).min_isr:
            continue
        for replica in [leader] if tp.topic.startswith("__") else cluster.replicas[tp].values():
            known = sight.partition(replica.place, tp) if replica.role != DOWN else None
            if known is not None and known.high_watermark != leader.log_end:
                mark = f"high watermark {known.high_watermark}"
                why = f"{replica.place} has {mark}, the leader's log ends at {leader.log_end}"
                found.append(Finding(STUCK, str(tp), why))
    return found


def replicas_come_back(world: World) -> list[Finding]:
    """L9: every replica on a live broker is in the recorded ISR, but for observers."""
    found, sight = [], Sight.of(world)
    for cluster, tp in _partitions(sight):
        partition = cluster.partitions[tp]
        sync = [r for r in partition.replicas if r not in partition.observers]
        alive = [r for r in sync if r in cluster.brokers and cluster.brokers[r].alive]
        out = [r for r in alive if r not in partition.isr]
        if out:
            found.append(Finding(STUCK, str(tp), f"brokers {out} are alive and not in the ISR {list(partition.isr)}"))
    return found


def moves_end(world: World) -> list[Finding]:
    """L7: no partition is on its way to other brokers any more, unless one of these brokers does not live."""
    found, sight = [], Sight.of(world)
    for cluster in sight.picture.clusters.values():
        controller = sight.machines[cluster.controller].process
        for topic, number, partition in controller.committed_image.partitions() if controller is not None else ():
            target = partition.target_replicas
            alive = all(one in cluster.brokers and cluster.brokers[one].alive for one in target)
            if partition.reassigning and alive:
                way = f"from {list(partition.replicas)} to {list(target)}"
                why = f"still moves {way}, in sync are {list(partition.isr)}"
                found.append(Finding(STUCK, str(TopicPartition(topic.name, number)), why))
    return found


def partitions_are_led(world: World) -> list[Finding]:
    """L11: a partition with a live member of its ISR or ELR has a leader, and that broker knows it."""
    found, sight = [], Sight.of(world)
    for cluster, tp in _partitions(sight):
        partition = cluster.partitions[tp]
        able = [r for r in (*partition.isr, *partition.elr) if r in cluster.brokers and cluster.brokers[r].alive]
        if able and partition.leader == NO_LEADER:
            found.append(Finding(STUCK, str(tp), f"has no leader, though brokers {able} could lead"))
        elif able and cluster.true_leader(tp) is None:
            found.append(Finding(STUCK, str(tp), f"broker {partition.leader} does not know yet that it leads"))
    return found


def _running(sight: Sight) -> Iterator[tuple[ClusterPicture, str, object]]:
    for cluster in sight.picture.clusters.values():
        for place in cluster.id_of:
            machine = sight.machines[place]
            if machine.process is not None:
                yield cluster, place, machine.process


def _partitions(sight: Sight) -> Iterator[tuple[ClusterPicture, TopicPartition]]:
    for cluster in sight.picture.clusters.values():
        for tp in cluster.partitions:
            yield cluster, tp


LIVENESS = (
    brokers_serve,
    wishes_end,
    metadata_spreads,
    requests_are_answered,
    records_reach_everybody,
    everything_is_committed,
    moves_end,
    replicas_come_back,
    partitions_are_led,
    observers_step_back,
    groups_come_to_rest,
    *QUORUM_LIVENESS,
)
"""Every judgment about liveness."""
