"""Who sent what to whom: machines as lines, time downwards, messages slanted between them.

Promises     every message of the span that is not routine is drawn from where and when it left to where and when it
             got; lost and stuck
             ones end in a cross.
Stands for   Lamport's diagrams.
Left out     messages of machines that are not asked for.
Differs      -
"""

from __future__ import annotations

from collections.abc import Sequence

from minikafka.viz.drawing import BLUE, GREEN, INK, LINE, QUIET, VERMILLION, Pen
from minikafka.viz.packet_paths import DELIVERED, FATES, LOST, STUCK
from minikafka.viz.scene import Scene
from minikafka.viz.view import Table, View
from minikafka.world.quantities import say_time, us
from minikafka.world.world import World

MOST = 40
COLUMN = 150


class SpaceTime(View):
    """`SpaceTime(world, "2.7s", "2.8s", ["primary/b1", "primary/b2"])`; all that take part, if no machines are
    named."""

    def __init__(
        self, world: World, since: str | int, until: str | int, machines: Sequence[str] = (), routine: bool = False
    ):
        scene = Scene(world)
        self.since, self.until = us(since), us(until)
        unknown = [name for name in machines if name not in scene.where]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a machine of this world: they are {', '.join(scene.where)}")
        found = [
            path
            for path in scene.paths
            if path.sent < self.until
            and path.end >= self.since
            and (routine or not path.routine)
            and (not machines or (path.sender in machines and path.receiver in machines))
        ]
        self.left_over = max(0, len(found) - MOST)
        self.paths = found[:MOST]
        busy = {name for path in self.paths for name in (path.sender, path.receiver)}
        self.machines = list(machines) or [name for name in scene.where if name in busy]
        self.title = f"Messages from {say_time(self.since)} to {say_time(self.until)}"

    def sentence(self) -> str:
        """How many messages, between how many."""
        rest = f", and {self.left_over} more that are not drawn" if self.left_over else ""
        return f"{self.title}: {len(self.paths)} between {len(self.machines)} machines{rest}."

    def table(self) -> Table:
        """One message a row."""
        rows = [
            (
                say_time(path.sent),
                path.sender,
                path.receiver,
                path.label,
                "reply" if path.reply else "request",
                f"{FATES[path.fate]} {say_time(path.end)}",
            )
            for path in self.paths
        ]
        return Table(self.title, ("left", "from", "to", "what", "kind", "end"), rows)

    def svg(self) -> str:
        """Columns of time with arrows between them."""
        height = 60 + min(900, max(220, 34 * len(self.paths)))
        pen = Pen(max(320, 90 + COLUMN * len(self.machines)), height)
        at = {name: 130 + COLUMN * index for index, name in enumerate(self.machines)}
        for name, x in at.items():
            pen.words(x, 22, name, 12.5, font_weight=650, text_anchor="middle")
            pen.line(x, 32, x, height - 12, LINE, stroke_width=2)
        for index in range(6):
            time = self.since + (self.until - self.since) * index // 5
            pen.words(8, self._y(time, height) + 4, say_time(time), 11, QUIET)
        for path in self.paths:
            self._arrow(pen, path, at, height)
        return pen.svg()

    def _y(self, time: int, height: int) -> float:
        part = (min(max(time, self.since), self.until) - self.since) / max(1, self.until - self.since)
        return 40 + part * (height - 62)

    def _arrow(self, pen: Pen, path, at: dict[str, int], height: int) -> None:
        x1, x2, y1, y2 = at[path.sender], at[path.receiver], self._y(path.sent, height), self._y(path.end, height)
        bad = path.fate in (LOST, STUCK)
        colour = VERMILLION if bad else GREEN if path.reply else BLUE
        if bad:
            x2, y2 = (x1 + x2) / 2, (y1 + y2) / 2
        pen.line(x1, y1, x2, y2, colour, stroke_width=1.7, stroke_dasharray="5 3" if path.reply else "none")
        toward = 1 if x2 > x1 else -1
        if bad:
            pen.words(x2, y2 + 5, "✕", 15, VERMILLION, text_anchor="middle", font_weight=700)
        elif path.fate == DELIVERED:
            pen.shape(
                "path",
                d=f"M{x2 - 9 * toward} {y2 - 5} L{x2} {y2} L{x2 - 9 * toward} {y2 + 3}",
                fill="none",
                stroke=colour,
                stroke_width=1.7,
            )
        x, y = pen.room_on((x1, y1), (x2, y2), (6.4 * len(path.label) + 4, 13), (0.7, 0.5, 0.3, 0.85, 0.15))
        pen.words(x, y - 5, path.label, 11, INK, text_anchor="middle")
