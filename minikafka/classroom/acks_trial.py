"""Lab 04: the learner's `acked` answers for acks=all, and is judged.

Promises     the function sees a `Waiting` and answers None (wait on) or an error code (NONE: acknowledge).
Stands for   Partition.checkEnoughReplicasReachOffset, which DelayedProduce asks.
Left out     the timeout: whoever waits too long gets REQUEST_TIMED_OUT from us.
Differs      -
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from minikafka.broker import produce
from minikafka.broker.partition import Partition
from minikafka.classroom.swap import guarded, swap
from minikafka.classroom.trial_ground import Ground
from minikafka.classroom.verdict import Counterexample, Verdict, sweep
from minikafka.protocol.errors import Error

SEEDS = range(4)
PRAISE = "acks=all means: committed, by a leader that still leads."
CODES = (Error.NONE, Error.NOT_LEADER_OR_FOLLOWER, Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND)


class Waiting(NamedTuple):
    """A batch that waits for its acknowledgement, and what its broker knows.

    `end` is the offset after its last record; `ends` holds for each other replica the offset that it asked for last;
    `in_sync` are the ids of the replicas in sync, the leader among them; `min_isr` is min.insync.replicas.
    """

    end: int
    is_leader: bool
    high_watermark: int
    ends: dict[int, int]
    in_sync: tuple[int, ...]
    min_isr: int


def waiting_in(partition: Partition, required_offset: int) -> Waiting:
    """What a partition's broker knows about a batch that ends before `required_offset`."""
    return Waiting(
        end=required_offset,
        is_leader=partition.is_leader,
        high_watermark=partition.high_watermark,
        ends={replica.broker_id: replica.log_end_offset for replica in partition.replicas.values()},
        in_sync=partition.isr_state.maximal_isr,
        min_isr=partition.min_isr,
    )


def check_acked(mine: Callable[[Waiting], Error | None]) -> Verdict:
    """Put `mine` in the place of ours, and try it."""
    trials = (
        ("the leader dies", leader_dies),
        ("a follower dies", follower_dies),
        ("a leader is cut off, and replaced without knowing it", leader_is_deposed),
    )
    return sweep(mine, ("waiting",), trials, SEEDS, PRAISE)


def leader_dies(seed: int, mine: Callable) -> Counterexample | None:
    """One follower is far; two producers write; the leader's line and then it goes; the far one may lead."""
    with swap(produce.acked, in_place(mine)):
        ground = Ground(seed)
        ground.world.faults.slow(ground.leader, ground.slow, latency="20ms")
        first = ground.depart(limit=60)
        ground.until(lambda: len(first.acknowledged) >= 2, within="5s")
        ground.run("15ms")  # out of step: when the first producer's record is committed, the second's is not
        later = ground.depart(limit=60, skip=500)
        ground.until(lambda: len(later.acknowledged) >= 3 + seed, within="5s")
        ground.lose_leader_after_its_line()
        return ground.judge()


def follower_dies(seed: int, mine: Callable) -> Counterexample | None:
    """One follower crashes and does not come back: when it has left the ISR, records must be acknowledged again."""
    with swap(produce.acked, in_place(mine)):
        ground = Ground(seed)
        ground.lose_a_follower(seed)
        return ground.judge()


def leader_is_deposed(seed: int, mine: Callable) -> Counterexample | None:
    """The leader loses sight of all others but not of its producer; another leads; then the two sides meet again."""
    with swap(produce.acked, in_place(mine)):
        ground = Ground(seed)
        others = (ground.slow, ground.fast, ground.cluster.controller_machine)
        ground.depart(limit=20)
        ground.run(60_000 + 5_000 * seed)
        for other in others:
            ground.world.faults.cut(ground.leader, other)
        ground.run("12s")
        for other in others:
            ground.world.faults.heal(ground.leader, other)
        ground.depart(limit=60, skip=500)
        return ground.judge()


def in_place(mine: Callable[[Waiting], Error | None]) -> Callable[[Partition, int], Error | None]:
    """A function for `produce` that asks `mine`."""

    def acked(partition: Partition, required_offset: int) -> Error | None:
        answer = guarded(mine, _complaint, str)(waiting_in(partition, required_offset))
        return None if answer is None else Error(answer)

    return acked


def _complaint(answer: Any) -> str | None:
    if answer is None or (isinstance(answer, int) and not isinstance(answer, bool) and answer in CODES):
        return None
    return f"it has to be None (wait on) or one of {', '.join(f'Error.{code.name}' for code in CODES)}"
