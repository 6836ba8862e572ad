"""One partition at one instant: a strip of offsets for each replica.

Promises     offsets stand under one another; committed, uncommitted and unknown are told apart by their borders; the
             numbers are those
             that the events told.
Stands for   the figure of a log in every book about Kafka.
Left out     the records' contents, which no event carries.
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.viz.drawing import CELL, QUIET, Pen, strip
from minikafka.viz.scene import Scene
from minikafka.viz.still import GLYPHS, replica_rows
from minikafka.viz.view import Table, View
from minikafka.world.quantities import say_time, us
from minikafka.world.world import World


class LogStrip(View):
    """`LogStrip(world, "flights-0", at="3s")`: the last `cells` offsets of every replica (or of one, named by
    `broker`)."""

    def __init__(
        self, world: World, partition: Any, at: str | int | None = None, broker: str | None = None, cells: int = 16
    ):
        scene = Scene(world)
        self.at = scene.end if at is None else us(at)
        self.partition = str(partition)
        self.cells = cells
        rows = replica_rows(scene.state_at(scene.moment_at(self.at)), internal=True)
        self.rows = [row for row in rows if str(row[1]) == self.partition and broker in (None, row[0])]
        if not self.rows:
            known = ", ".join(dict.fromkeys(str(row[1]) for row in rows)) or "none"
            raise ValueError(
                f"at {say_time(self.at)} nothing was told of {self.partition}: partitions by then: {known}"
            )
        self.title = f"{self.partition} at {say_time(self.at)}"

    def sentence(self) -> str:
        """Who leads, and how far each log goes."""
        ends = ", ".join(f"{place} {_said(values)}" for place, _, values, _, _ in self.rows)
        return f"{self.title}: {ends}."

    def table(self) -> Table:
        """Every replica with its three marks."""
        rows = [
            (
                place,
                values.get("role"),
                _epoch(values),
                *(_known(values.get(mark)) for mark in ("log_start", "high_watermark", "log_end")),
                "yes" if synced else "no",
            )
            for place, _, values, synced, _ in self.rows
        ]
        return Table(self.title, ("replica", "role", "epoch", "start", "HW", "LEO", "in sync"), rows)

    def svg(self) -> str:
        """One strip under another."""
        end = max((row[2].get("log_end") or 0) for row in self.rows)
        first = max(0, end - self.cells + 1)
        pen = Pen(220 + self.cells * CELL, 20 + 70 * len(self.rows))
        for index, (place, _, values, synced, machine) in enumerate(self.rows):
            y = 18 + 70 * index
            glyph = "✕" if machine not in ("running", "frozen") else GLYPHS.get(values.get("role"), "●")
            pen.words(12, y + 15, f"{glyph} {place}", 13, font_weight=650)
            pen.words(12, y + 32, f"{_role(values)}, {'in sync' if synced else 'out of sync'}", 11.5, QUIET)
            strip(pen, 170, y, values, first, self.cells)
        return pen.svg()


def _said(values: dict[str, Any]) -> str:
    return f"({values.get('role')}) HW {_known(values.get('high_watermark'))}, LEO {_known(values.get('log_end'))}"


def _known(value: Any) -> Any:
    return "?" if value is None else value


def _epoch(values: dict[str, Any]) -> Any:
    return values["leader_epoch"] if values.get("leader_epoch", -1) >= 0 else "-"


def _role(values: dict[str, Any]) -> str:
    return f"{values.get('role')} e{_epoch(values)}" if _epoch(values) != "-" else str(values.get("role"))
