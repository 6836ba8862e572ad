"""Charts over time, and distributions: plain Plotly figures from the flight recorder.

Promises     a title, axes with units, and words that say the same (`look.words`); the same world gives the same figure.
Stands for   the dashboards around a cluster: LogEndOffset, UnderReplicatedPartitions, request latency; a cloud's bill.
Left out     anything that moves.
Differs      nothing is sampled: a step stands where the event stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from minikafka.recovery.write_latency import quantile
from minikafka.viz.look import BLUE, HATCH, LINES, PAPER, SKY, SOFT, SYMBOLS, VERMILLION, axis, line_style, sheet, steps
from minikafka.viz.readings import marks
from minikafka.viz.tables import short

END = dict(field="end", name="log end", line=dict(color=BLUE, width=3, shape="hv"))
HIGH_WATERMARK = dict(
    field="high_watermark", name="high watermark",
    line=dict(color=VERMILLION, width=2, dash="dash", shape="hv"),
)  # fmt: skip

MONTH = 30 * 24 * 3600 * 1_000_000
"""Thirty days in µs: what a bill is written for."""

Series = Sequence[tuple[int, int]]


def offsets_over_time(
    world: Any, partition: Any, since: int = 0, until: int | None = None, title: str = ""
) -> go.Figure:
    """A row for each replica: its log end, its high watermark, and hatched between them what it cannot show yet.

    Times in ms since `since` (µs).
    """
    until = world.now if until is None else until
    series = sorted((short(place), found) for place, found in marks(world, partition).items())
    title = title or f"{partition}: log end and high watermark of each replica"
    figure = sheet(title, "", "", "", height=90 + 150 * len(series))
    figure.set_subplots(rows=len(series), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    told = []
    for row, (name, found) in enumerate(series, 1):
        shown = _from([mark for mark in found if mark.time <= until], since)
        for style in (END, HIGH_WATERMARK):
            known = [((max(mark.time, since) - since) / 1000, getattr(mark, style["field"])) for mark in shown]
            xs, ys = steps(known, (until - since) / 1000)
            figure.add_scatter(
                x=xs, y=ys, name=style["name"], mode="lines", line=style["line"], showlegend=row == 1, row=row, col=1,
                fill="tonexty" if style is HIGH_WATERMARK else None, fillcolor=PAPER,
                fillpattern=dict(shape=HATCH, fgcolor=SOFT, bgcolor=PAPER, size=6, solidity=0.25),
            )  # fmt: skip
        figure.update_yaxes(axis(f"{name}: offset"), row=row, col=1)
        figure.update_xaxes(axis("time (ms)" if row == len(series) else ""), row=row, col=1)
        if shown:
            _, _, high, end = shown[-1]
            told.append(f"{name} ends at {_known(end)} with high watermark {_known(high)}")
    figure.layout.meta = {"words": f"{title}. After {(until - since) / 1000:,.1f} ms: {'; '.join(told)}."}
    return figure


def latency(distributions: Mapping[str, Sequence[int]], title: str) -> go.Figure:
    """How many of the batches were acknowledged within so many ms: a line for each named list of latencies in µs."""
    told = [
        f"{name}: {len(found)} batches, half of them within {quantile(found, 0.5) / 1000:.2f} ms, "
        f"99 % within {quantile(found, 0.99) / 1000:.2f} ms"
        for name, found in distributions.items()
        if found
    ]
    x = "from the first sending to the acknowledgement (ms)"
    figure = sheet(title, x, "share of batches (%)", f"{title}. {'; '.join(told)}.")
    for number, (name, found) in enumerate(distributions.items()):
        shares = range(1, 101) if len(found) > 100 else [100 * (place + 1) / len(found) for place in range(len(found))]
        xs = [0.0, *(quantile(found, share / 100) / 1000 for share in shares)]
        ys = [0.0, *shares]
        figure.add_scatter(x=xs, y=ys, name=name, mode="lines", line=dict(line_style(number), shape="hv"))
    figure.update_yaxes(range=[0, 103])
    return figure


def over_time(curves: Mapping[str, Series], title: str, y: str, since: int = 0, until: int | None = None) -> go.Figure:
    """Any step curves over seconds since `since` (µs): records at risk, members of the ISR …"""
    until = max((points[-1][0] for points in curves.values() if points), default=since) if until is None else until
    told = []
    figure = sheet(title, "time (s)", y, "")
    for number, (name, points) in enumerate(curves.items()):
        shown = _from(points, since)
        xs, ys = steps([((max(at, since) - since) / 1e6, value) for at, value in shown], (until - since) / 1e6)
        style = dict(line_style(number), shape="hv")
        figure.add_scatter(x=xs, y=ys, name=name, mode="lines", line=style)
        if ys:
            told.append(f"{name}: from {ys[0]} to {ys[-1]}, lowest {min(ys)}, highest {max(ys)}")
    figure.update_yaxes(rangemode="tozero")
    figure.layout.meta = {"words": f"{title} ({y}). {'; '.join(told)}."}
    return figure


def points(
    pairs: Sequence[tuple[float, float]], title: str, x: str, y: str, line: str = "", slope: float = 0
) -> go.Figure:
    """Measured points, with a straight line through the origin beside them if `slope` is given."""
    told = ", ".join(f"{a:g}: {b:.1f}" for a, b in pairs)
    figure = sheet(title, x, y, f"{title}. {y} by {x}: {told}.")
    figure.add_scatter(
        x=[a for a, _ in pairs], y=[b for _, b in pairs], name="measured", mode="markers",
        marker=dict(color=LINES[0], size=10, symbol=SYMBOLS[0], line=dict(color=SOFT, width=1)),
    )  # fmt: skip
    if slope:
        far = max(a for a, _ in pairs)
        figure.add_scatter(x=[0, far], y=[0, slope * far], name=line, mode="lines", line=line_style(1))
    return figure


def link_costs(
    carried: Mapping[tuple[str, str], int], span: int, title: str, price: float | Mapping[tuple[str, str], float] = 0
) -> go.Figure:
    """Bytes that went from place to place within `span` (µs), and what a month of it costs: a bar for each direction.

    `price` is yours: money for a GB between two different places, or a table of it by (from, to); what is not in the
    table, and what stays inside a place, is free. See `readings.bytes_per_link`.
    """
    if span <= 0:
        raise ValueError(f"span is {span} µs: say how long it took to carry these bytes, in µs")
    rows = [(f"{source} → {target}", size, _a_month(size, span, _price(source, target, price)))
            for (source, target), size in carried.items() if size]  # fmt: skip
    told = [f"{link}: {size / 1000:,.1f} KB" + (f", {cost:,.2f} a month" if cost else "") for link, size, cost in rows]
    words = f"{title}. In {span / 1e6:,.1f} s {'; '.join(told) or 'nothing was carried'}."
    figure = sheet(title, "bytes carried (KB)", "", words, height=110 + 38 * max(2, len(rows)))
    names, texts = [row[0] for row in rows], [told[len(row[0]) + 2 :] for row, told in zip(rows, told, strict=True)]
    figure.add_bar(
        orientation="h", x=[size / 1000 for _, size, _ in rows], y=names, text=texts, textposition="outside",
        cliponaxis=False, showlegend=False, hoverinfo="text", hovertext=told,
        marker=dict(color=[SKY if cost else PAPER for _, _, cost in rows], line=dict(color=SOFT, width=1)),
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1.6 * max((size / 1000 for _, size, _ in rows), default=1)])
    figure.update_yaxes(autorange="reversed", showgrid=False, title_text="from → to")
    return figure


def _price(source: str, target: str, price: float | Mapping[tuple[str, str], float]) -> float:
    if isinstance(price, Mapping):
        return price.get((source, target), 0)
    return 0 if source == target else price


def _a_month(size: int, span: int, price: float) -> float:
    """What thirty days of it cost, at so much for 10^9 bytes."""
    return size * (MONTH / span) * price / 1e9


def _from(points: Sequence, since: int) -> list:
    """The points from `since` on, and the last one before it, which still holds then."""
    before = [point for point in points if point[0] <= since][-1:]
    return [*before, *(point for point in points if point[0] > since)]


def _known(offset: int | None) -> str:
    return "unknown" if offset is None else str(offset)
