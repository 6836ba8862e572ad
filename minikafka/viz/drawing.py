"""A small pen for SVG: shapes, words, and the strip of offsets that several pictures share.

Promises     text is escaped; colours are Okabe and Ito's (lightened for fills), always outlined; no picture needs
             anything from outside.
Stands for   -
Left out     motion.
Differs      -
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

INK, QUIET, LINE, PAPER = "#1b1f24", "#57606a", "#c3c9d0", "#ffffff"
BLUE, GREEN, VERMILLION, PURPLE, ORANGE = "#0072b2", "#009e73", "#d55e00", "#cc79a7", "#e69f00"
EPOCH_FILLS = ("#8ecbf0", "#f2c14e", "#66c7a8", "#e0a8c8", "#f3ea74")
CELL = 26


class Pen:
    """Collects shapes; `svg()` is the picture."""

    def __init__(self, width: int, height: int):
        self.width = width
        self.height = height
        self.parts: list[str] = []
        self.taken: list[tuple[float, float, float, float]] = []

    def shape(self, tag: str, **attributes: Any) -> None:
        """One element; `stroke_width=2` becomes `stroke-width="2"`."""
        self.parts.append(f"<{tag}{_written(attributes)}/>")

    def box(self, x: float, y: float, w: float, h: float, fill: str = PAPER, stroke: str = LINE, **more: Any) -> None:
        """A rectangle."""
        self.shape("rect", x=x, y=y, width=w, height=h, fill=fill, stroke=stroke, **more)

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str = INK, **more: Any) -> None:
        """A straight line."""
        self.shape("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **more)

    def words(self, x: float, y: float, text: str, size: float = 12, fill: str = INK, **more: Any) -> None:
        """A line of text."""
        attributes = _written({"x": x, "y": y, "font_size": size, "fill": fill, **more})
        self.parts.append(f"<text{attributes}>{html.escape(text)}</text>")

    def room_on(self, start: tuple[float, float], end: tuple[float, float], size: tuple[float, float],
                parts: Sequence[float]) -> tuple[float, float]:  # fmt: skip
        """Where on a line words of this size go: at the first of these parts of the way where none stand yet that were
        put so, else at the first."""
        (x1, y1), (x2, y2), (wide, high) = start, end, size
        places = [(x1 + part * (x2 - x1), y1 + part * (y2 - y1)) for part in parts]
        found = next(((x, y) for x, y in places if not any(
            abs(x - other) < (wide + width) / 2 and abs(y - level) < (high + height) / 2
            for other, level, width, height in self.taken)), places[0])  # fmt: skip
        self.taken.append((*found, *size))
        return found

    def svg(self) -> str:
        """The picture as a text."""
        hatch = (
            '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)">'
            '<line x1="0" y1="0" x2="0" y2="5" stroke="#fff" stroke-width="2.6" opacity="0.75"/></pattern></defs>'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}" font-family="system-ui, DejaVu Sans, sans-serif">'
            f'{hatch}<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(self.parts)}</svg>'
        )


def epoch_at(spans: Any, offset: int) -> int | None:
    """The leader epoch that wrote an offset, from [(first offset, epoch)]."""
    found = None
    for start, epoch in spans or ():
        if start <= offset:
            found = epoch
    return found


def strip(pen: Pen, x: float, y: float, state: dict[str, Any], first: int, cells: int) -> None:
    """The offsets `first` and following of a replica, with its three flags. `state` has the fields of `scene_fold`."""
    start, end, mark = state.get("log_start") or 0, state.get("log_end"), state.get("high_watermark")
    if end is None:
        pen.words(x, y + 15, "what its disk holds is not known", 11.5, QUIET)
        return
    shown_epoch = None
    gaps = state.get("gaps", ())
    for offset in range(max(first, start), min(end, first + cells)):
        if any(one <= offset <= other for one, other in gaps):
            pen.box(x + (offset - first) * CELL + 1, y, CELL - 2, 20, "none", LINE, rx=2.5, stroke_dasharray="1 3")
            continue
        left, epoch = x + (offset - first) * CELL, epoch_at(state.get("spans"), offset) or 0
        committed = mark is not None and offset < mark
        dashes = {} if committed else {"stroke_dasharray": "3 2"}
        pen.box(left + 1, y, CELL - 2, 20, EPOCH_FILLS[epoch % 5], "#333", rx=2.5, stroke_width=1.1, **dashes)
        if not committed:
            pen.box(left + 1, y, CELL - 2, 20, "url(#hatch)", "none", rx=2.5)
        pen.words(left + CELL / 2, y + 14, str(offset), 11, "#111", text_anchor="middle")
        if epoch != shown_epoch:
            pen.words(left + 2, y - 3, f"e{epoch}", 9.5, INK, font_weight=700)
            shown_epoch = epoch
    _flags(pen, x, y, (start, mark, end), first, cells)


def _flags(pen: Pen, x: float, y: float, marks: tuple, first: int, cells: int) -> None:
    start, mark, end = marks

    def at(offset: int) -> float:
        return x + max(0, min(cells, offset - first)) * CELL

    pen.shape("path", d=f"M{at(end) - 4} {y - 10} h8 l-4 7 z", fill=PURPLE, stroke=INK, stroke_width=0.8)
    pen.words(at(end) + 7, y - 3, f"LEO {end}", 11)
    pen.shape("path", d=f"M{at(start) + 5} {y - 2} h-5 v24 h5", fill="none", stroke=INK, stroke_width=1.6)
    words = f"start {start}"
    if mark is None:
        words += "   HW not known"
    else:
        pen.line(at(mark), y - 4, at(mark), y + 24, stroke_width=3)
        if at(mark) - at(start) > 84:
            pen.words(at(mark), y + 35, f"HW {mark}", 11, font_weight=700, text_anchor="middle")
        else:
            words += f"   HW {mark}"
    pen.words(at(start), y + 35, words, 11)


def _written(attributes: dict[str, Any]) -> str:
    written = []
    for name, value in attributes.items():
        text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        written.append(f' {name.replace("_", "-")}="{html.escape(text)}"')
    return "".join(written)
