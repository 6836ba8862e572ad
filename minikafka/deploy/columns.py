"""Rows under a head: aligned text where text is printed, a real table where a notebook shows it.

Promises     the same rows give the same text; columns are as wide as they must be, numbers stand to the right. In a
             notebook the table fits the window, and a screen reader names the column of each cell.
Stands for   the output of Kafka's command-line tools.
Left out     colours.
Differs      -
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

NUMBER = re.compile(r"-?[\d,.]+( ?(ms|s|B|KB|%|µs))?|-")


class Columns:
    """A table: its head, a rule, its rows. Print it, or let it be the last line of a cell."""

    def __init__(self, head: Sequence[str], rows: Iterable[Sequence[Any]]):
        self.head = list(head)
        self.rows = [[_say(cell) for cell in row] for row in rows]
        columns = list(zip(*self.rows, strict=True)) if self.rows else [() for _ in head]
        self.right = [bool(column) and all(NUMBER.fullmatch(cell) for cell in column) for column in columns]
        self._widths = [max(map(len, (name, *column))) for name, column in zip(head, columns, strict=True)]

    @property
    def lines(self) -> list[str]:
        """The lines of its text."""
        return [self._line(self.head), "  ".join("-" * width for width in self._widths), *map(self._line, self.rows)]

    def _line(self, cells: Sequence[str]) -> str:
        sized = zip(cells, self._widths, self.right, strict=True)
        return "  ".join(f"{cell:>{width}}" if right else f"{cell:<{width}}" for cell, width, right in sized).rstrip()

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(self.head, self.rows, right=self.right)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Columns:
    """A table of these rows. Columns of numbers stand to the right."""
    return Columns(head, rows)


def html_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", right: Sequence[bool] = ()
) -> str:
    """Rows under a head as HTML, escaped. With `right`, columns of which it says no stand to the left, and a number
    keeps its unit beside it."""
    sides = ["" if number else ' style="text-align:left"' for number in right] or [""] * len(head)
    heads = "".join(f'<th scope="col"{side}>{html.escape(name)}</th>' for name, side in zip(head, sides, strict=True))

    def cell_of(words: str, side: str, whole: bool) -> str:
        return f"<td{side}>{html.escape(words).replace(' ', '&nbsp;') if whole else html.escape(words)}</td>"

    kept = right or [False] * len(head)
    body = "".join(f"<tr>{''.join(map(cell_of, row, sides, kept))}</tr>" for row in rows)
    said = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return f"<table>{said}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _say(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}".rstrip("0").rstrip(".") if cell % 1 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)
