"""Two logs whose offsets differ, with a line from each source offset to its place in the other.

Promises     each mapped offset is one line; offsets that are lost, duplicated or skipped are counted and named, not
             only drawn.
Stands for   the picture of offset translation between clusters.
Left out     how the mapping was found: it is given.
Differs      -
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minikafka.viz.drawing import CELL, EPOCH_FILLS, INK, PURPLE, QUIET, VERMILLION, Pen
from minikafka.viz.view import Table, View


class TwoStrips(View):
    """`TwoStrips(range(96, 104), range(0, 7), [(96, 0), (97, 1), …])`: source offsets, destination offsets, and which
    became which."""

    def __init__(
        self,
        source: Iterable[int],
        destination: Iterable[int],
        mapping: Sequence[tuple[int, int]],
        names: tuple[str, str] = ("source", "destination"),
    ):
        self.source, self.destination = list(source), list(destination)
        self.mapping = [pair for pair in mapping if pair[0] in self.source and pair[1] in self.destination]
        self.names = names
        self.title = f"Offsets of {names[0]} and {names[1]}"
        reached = [origin for origin, _ in self.mapping]
        self.lost = [offset for offset in self.source if offset not in reached]
        self.duplicated = sorted({offset for offset in reached if reached.count(offset) > 1})
        self.strangers = [offset for offset in self.destination if offset not in [target for _, target in self.mapping]]

    def sentence(self) -> str:
        """How many offsets were carried over, and what became of the others."""
        return (
            f"{len(self.mapping)} offsets of {self.names[0]} stand in {self.names[1]}; {_named(self.lost, 'lost')}, "
            f"{_named(self.duplicated, 'duplicated')}, {_named(self.strangers, 'of other origin')}."
        )

    def table(self) -> Table:
        """Each source offset and where it went."""
        rows = [
            (offset, ", ".join(str(target) for origin, target in self.mapping if origin == offset) or "-")
            for offset in self.source
        ]
        return Table(self.title, self.names, rows)

    def svg(self) -> str:
        """Two strips with slanted lines between them."""
        width = 150 + CELL * max(len(self.source), len(self.destination), 6)
        pen = Pen(max(width, 20 + 7 * len(self.sentence())), 190)
        self._strip(pen, 34, self.names[0], self.source, self.lost)
        self._strip(pen, 140, self.names[1], self.destination, self.strangers)
        for origin, target in self.mapping:
            x1, x2 = (
                130 + CELL * (row.index(offset) + 0.5)
                for row, offset in ((self.source, origin), (self.destination, target))
            )
            twice = origin in self.duplicated
            pen.line(x1, 56, x2, 138, PURPLE if twice else INK, stroke_width=2.4 if twice else 1.3)
        pen.words(12, 182, self.sentence(), 11.5, QUIET)
        return pen.svg()

    def _strip(self, pen: Pen, y: float, name: str, offsets: list[int], marked: list[int]) -> None:
        pen.words(12, y + 15, name, 13, font_weight=650)
        for index, offset in enumerate(offsets):
            x, odd = 130 + CELL * index, offset in marked
            pen.box(
                x + 1,
                y,
                CELL - 2,
                20,
                "#fff" if odd else EPOCH_FILLS[0],
                VERMILLION if odd else "#333",
                rx=2.5,
                stroke_dasharray="3 2" if odd else "none",
                stroke_width=1.5 if odd else 1.1,
            )
            pen.words(
                x + CELL / 2,
                y + 14,
                str(offset),
                11,
                "#111",
                text_anchor="middle",
                text_decoration="line-through" if odd else "none",
            )


def _named(offsets: list[int], what: str) -> str:
    names = f" ({', '.join(map(str, offsets[:6]))}{' …' if len(offsets) > 6 else ''})" if offsets else ""
    return f"{len(offsets)} {what}{names}"
