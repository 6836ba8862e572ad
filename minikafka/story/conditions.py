"""What a story can wait for.

Promises     each condition is a plain look at the controller's record or a replica's log; nothing is changed by looking.
Stands for   the loop around kafka-topics --describe in an operator's script.
Left out     -
Differs      -
"""

from __future__ import annotations

from typing import Any

CONDITIONS = ("leader", "isr", "hw", "end", "acked", "alive", "fenced")


def met(teller: Any, words: list[str]) -> bool:
    """Whether the condition in these words holds now."""
    kind, *rest = words
    if kind not in CONDITIONS:
        raise ValueError(f"{kind!r} cannot be waited for: take one of {', '.join(CONDITIONS)}")
    world = teller.the_world()
    cluster = next(iter(world.clusters.values()))
    if kind == "acked":
        sent = teller.named.get(f"receipts of {rest[0]}", [])
        return sum(receipt.done and receipt.error is None for _, receipt in sent) >= int(rest[1])
    if kind in ("alive", "fenced"):
        registered = cluster.image.brokers[_broker(rest[0])]
        return registered.alive if kind == "alive" else registered.fenced
    partition = rest[0]
    if kind == "leader":
        leader = cluster.leader(partition)
        return (leader is None) if rest[1] == "none" else (leader is not None and leader.id == _broker(rest[1]))
    if kind == "isr":
        isr = cluster._registration(partition).isr
        return sorted(isr) == sorted(int(broker) for broker in rest[1].split(","))
    views = cluster.replicas(partition)
    broker = _broker(rest[1]) if len(rest) == 3 else cluster._registration(partition).leader
    if broker not in views:
        return False
    log = views[broker].log
    return (log.high_watermark if kind == "hw" else log.log_end_offset) >= int(rest[-1])


def _broker(name: str) -> int:
    return int(name.removeprefix("b"))
