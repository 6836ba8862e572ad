"""Open transactions on the stage: how far each replica's log is stable.

Promises     a replica has `stable`, its last stable offset, while that is not its high watermark; None while it is.
Stands for   LastStableOffset, which consumers with isolation.level=read_committed stop at.
Left out     the coordinator's side of a transaction: the transcript has it.
Differs      -
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minikafka.world.event import Recorded

if TYPE_CHECKING:
    from minikafka.viz.scene_fold import SceneFold


class TransactionScene:
    """Hears what opens, ends and commits for a `SceneFold`; it gives things of kind "replica" the field `stable`."""

    KINDS = ("TransactionOpened", "TransactionEnded", "HighWatermarkAdvanced", "HighWatermarkLearned", "LogTruncated",
             "LogRecovered", "LogRestarted", "LogDeleted")  # fmt: skip

    def __init__(self, fold: SceneFold):
        self.fold = fold
        self._spans: dict[int, list[list[int]]] = {}

    def hear(self, entry: Recorded) -> None:
        """Take in one event: a transaction is [producer, first offset, offset of its marker or -1]."""
        event, known = entry.event, ("replica", entry.place, entry.event.partition)
        replica = self.fold.things.get(known)
        if replica is None or (replica not in self._spans and entry.kind != "TransactionOpened"):
            return
        spans = self._spans.setdefault(replica, [])
        match entry.kind:
            case "TransactionOpened":
                spans.append([event.producer_id, event.first_offset, -1])
            case "TransactionEnded":
                for span in spans:
                    if span[0] == event.producer_id and span[2] < 0:
                        span[2] = event.offset
            case "LogTruncated" | "LogRecovered":
                spans[:] = [[one, first, marker if marker < event.new_end else -1]
                            for one, first, marker in spans if first < event.new_end]  # fmt: skip
            case "LogRestarted" | "LogDeleted":
                spans.clear()
        self._look(replica, spans)

    def _look(self, replica: int, spans: list[list[int]]) -> None:
        values: dict[str, Any] = self.fold.values[replica]
        high = values.get("high_watermark")
        undecided = [first for _, first, marker in spans if marker < 0 or high is None or marker >= high]
        spans[:] = [span for span in spans if span[1] in undecided]
        stable = min(undecided, default=None)
        below = stable is not None and high is not None and stable < high
        if below or "stable" in values:
            self.fold.set(replica, "stable", max(stable, values.get("log_start") or 0) if below else None)
