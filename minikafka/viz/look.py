"""How figures look: one sheet of paper for all of them.

Promises     every figure says in words what it shows (`words`), carries the Okabe-Ito colours outlined and never alone
             (a dash, a symbol or a hatch says the same), and is legible in a light and in a dark notebook.
Stands for   nothing in Kafka.
Left out     themes: the sheet is white, as paper is, wherever it lies.
Differs      -
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import plotly.graph_objects as go

INK, SOFT, LINE, PAPER = "#1b1f24", "#4a545e", "#d5dbe1", "#ffffff"
BLUE, VERMILLION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
SKY, ORANGE, YELLOW = "#56b4e9", "#e69f00", "#f0e442"

COLUMNS = 76
"""So many letters fit into a line of a narrow notebook."""

LINES = (BLUE, VERMILLION, GREEN, PURPLE)
"""Dark enough to be seen as a line on paper."""

DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up")

EPOCHS = (SKY, ORANGE, GREEN, YELLOW, PURPLE)
"""Fill of a record's cell by leader epoch; the epoch's number stands in the cell as well."""

HATCH = "-"
"""Hatching by level lines: viewers keep a PNG of each figure, and slanted lines make it several times larger."""

LETTERS = dict(family="system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif", size=13, color=INK)


def sheet(title: str, x: str, y: str, words: str, height: int = 340) -> go.Figure:
    """An empty figure with its title, the titles of its axes (with units), and its text alternative."""
    figure = go.Figure()
    figure.update_layout(
        template="none", height=height, paper_bgcolor=PAPER, plot_bgcolor=PAPER, font=LETTERS, meta={"words": words},
        title=dict(text=title, x=0, xref="paper", xanchor="left", font_size=16, pad_b=6),
        margin=dict(l=56, r=20, t=64, b=48),
        legend=dict(orientation="h", x=0, y=1.0, xanchor="left", yanchor="bottom", font_size=12), hovermode="closest",
        xaxis=axis(x), yaxis=axis(y),
    )  # fmt: skip
    return figure


def axis(title: str) -> dict:
    """How an axis looks; its title says what is counted, and in which unit."""
    return dict(showline=True, linecolor=SOFT, gridcolor=LINE, ticks="outside", tickcolor=SOFT, zeroline=False,
                automargin=True, title_standoff=8, title_text=title)  # fmt: skip


def words(figure: go.Figure) -> str:
    """What a figure shows, in words (in lines): for those who do not see it, and where it is not drawn."""
    return fill(figure.layout.meta["words"], COLUMNS)


def line_style(number: int) -> dict:
    """The colour and the dash of the so manieth line."""
    return dict(color=LINES[number % len(LINES)], dash=DASHES[number % len(DASHES)], width=2)


def steps(points: Sequence[tuple], until: float) -> tuple[list, list]:
    """(x, y) lists of a series that keeps each value until the next one; the last value is drawn up to `until`."""
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return ([*xs, until], [*ys, ys[-1]]) if points and xs[-1] < until else (xs, ys)
