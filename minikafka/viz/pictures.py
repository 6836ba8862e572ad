"""Pictures of one moment or of one exchange: strips, segments, and who told what to whom.

Promises     shape and text first, colour last: an uncommitted record is hatched, a deleted segment is crossed out, the
             leader epoch stands in the cell; words that say the same come with each picture.
Stands for   what one draws on a whiteboard.
Left out     anything that moves.
Differs      -
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from minikafka.deploy.handles import partition_named
from minikafka.deploy.strips import cells_of
from minikafka.events.clients import BatchAcknowledged
from minikafka.events.replication import HighWatermarkAdvanced, HighWatermarkLearned
from minikafka.events.storage import BatchAppended, SegmentsDeleted
from minikafka.viz.look import BLUE, EPOCHS, GREEN, HATCH, INK, PAPER, SKY, SOFT, VERMILLION, sheet
from minikafka.viz.tables import short, story_of
from minikafka.world.happenings import MessageDelivered

SIGNS = {"leader": "★", "follower": "●"}
CELL = dict(line=dict(color=INK, width=1))


def strip_picture(cluster: Any, partition: Any, title: str, first: int = 0) -> go.Figure:
    """Every replica that is up as a strip of records; hatched ones lie above the high watermark that it knows."""
    views = cluster.replicas(partition)
    told = "; ".join(
        f"b{broker} ({view.role}): log start {view.log.log_start_offset}, high watermark {view.log.high_watermark}, "
        f"log end {view.log.log_end_offset}"
        for broker, view in views.items()
    )
    figure = sheet(title, "offset", "", f"{title}. {told}.", height=130 + 80 * len(views))
    names = {broker: f"b{broker} {SIGNS.get(view.role, '✕')} {view.role}" for broker, view in views.items()}
    for broker, view in views.items():
        high = view.log.high_watermark
        cells = [cell for cell in cells_of(view.log) if cell[0] >= first]
        fills = [EPOCHS[epoch % len(EPOCHS)] for _, _, epoch in cells]
        figure.add_bar(
            orientation="h", base=[offset for offset, _, _ in cells], x=[1] * len(cells),
            y=[names[broker]] * len(cells),
            text=[f"{name}<br>e{epoch}" for _, name, epoch in cells], textposition="inside", insidetextanchor="middle",
            textangle=0, textfont=dict(size=11, color=INK), showlegend=False, hoverinfo="text",
            hovertext=[f"offset {offset}: {name}, leader epoch {epoch}" for offset, name, epoch in cells],
            marker=dict(CELL, color=fills, pattern=dict(
                shape=["" if offset < high else HATCH for offset, _, _ in cells], fgcolor=fills, bgcolor=PAPER, size=6,
                solidity=0.3,
            )),
        )  # fmt: skip
        for mark, at, above in (("HW", high, True), ("LEO", view.log.log_end_offset, False)):
            figure.add_annotation(
                x=at, y=names[broker], text=f"{mark} {at}", yshift=27 if above else -27, xshift=2, showarrow=False,
                font=dict(size=11, color=INK), xanchor="left" if above else "right", bgcolor=PAPER, borderpad=0,
            )  # fmt: skip
    figure.update_layout(bargap=0.35, barmode="overlay")
    figure.update_xaxes(dtick=1, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, title_text="replica")
    return figure


def segment_picture(world: Any, cluster: Any, partition: Any, broker: int, title: str) -> go.Figure:
    """One replica's segments by offset: those that retention has deleted, the closed ones, and the active one."""
    handle = cluster.broker(broker)
    log = cluster.replicas(partition)[broker].log
    gone = [
        (entry.event.first_offset, entry.event.next_offset, entry.event.size, "deleted")
        for entry in world.recorder.events(SegmentsDeleted)
        if entry.place == handle.name and entry.event.partition == partition_named(partition)
    ]
    ends = [*(segment.base_offset for segment in log.segments[1:]), log.log_end_offset]
    there = [
        (segment.base_offset, end, segment.size, "active" if segment is log.active else "closed")
        for segment, end in zip(log.segments, ends, strict=True)
    ]
    rows = [*gone, *there]
    told = "; ".join(
        f"offsets {first} to {end - 1}: {size:,} bytes, {state}" for first, end, size, state in rows if end > first
    )
    figure = sheet(title, "offset", "size of the file (bytes)", f"{title}. {told}.", height=320)
    styles = {"deleted": (PAPER, "+"), "closed": (SKY, ""), "active": (EPOCHS[1], HATCH)}
    for state, (colour, pattern) in styles.items():
        mine = [row for row in rows if row[3] == state]
        figure.add_bar(
            x=[(first + end) / 2 for first, end, _, _ in mine], y=[size for _, _, size, _ in mine], name=state,
            width=[max(end - first, 0.3) - 0.1 for first, end, _, _ in mine],
            text=[f"{first}–{end - 1}" for first, end, _, _ in mine], textposition="outside", textfont_size=11,
            marker=dict(CELL, color=colour,
                        pattern=dict(shape=pattern, fillmode="overlay", fgcolor=INK, fgopacity=0.4, size=7)),
        )  # fmt: skip
    figure.add_vline(x=log.log_start_offset, line=dict(color=INK, width=2, dash="dash"))
    figure.update_yaxes(range=[0, 1.3 * max(size for _, _, size, _ in rows)])
    figure.add_annotation(
        x=log.log_start_offset, y=1, yref="paper", yanchor="top", xanchor="left", xshift=4, showarrow=False,
        text=f"log start {log.log_start_offset}", bgcolor=PAPER,
    )  # fmt: skip
    return figure


def ladder(world: Any, partition: Any, title: str, since: int, until: int) -> go.Figure:
    """Who told what to whom: a rail for each machine, time going down, an arrow a message, a mark for changes."""
    story = story_of(world, partition, since, until)
    numbered = world.recorder.by_seq()
    messages = [entry for entry in story if isinstance(entry.event, MessageDelivered)]
    ends = [short(name) for entry in messages for name in (entry.event.sender, entry.event.receiver)]
    places = sorted(dict.fromkeys(ends), key=_clients_first)
    rail = {name: float(number) for number, name in enumerate(places)}
    figure = sheet(title, "", "time since send() (ms)", "", height=max(340, 46 * len(messages) + 120))
    told = []
    for number, entry in enumerate(messages):
        event, left = entry.event, (numbered[entry.event.sent].time - since) / 1000
        x, to, there = rail[short(event.sender)], rail[short(event.receiver)], (entry.time - since) / 1000
        figure.add_annotation(
            x=to, y=there, ax=x, ay=left, xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
            arrowhead=2, arrowwidth=1.5, arrowcolor=VERMILLION if event.reply else BLUE,
        )  # fmt: skip
        share = 0.3 if number % 2 else 0.62
        figure.add_annotation(
            x=x + (to - x) * share, y=left + (there - left) * share, text=event.label, showarrow=False, bgcolor=PAPER,
            borderpad=1, font=dict(size=11, color=INK),
        )  # fmt: skip
        told.append(f"{there:.2f} ms: {event.label} from {short(event.sender)} reaches {short(event.receiver)}")
    for kind, name, symbol, colour, say in MARKS:
        mine = [entry for entry in story if isinstance(entry.event, kind) and short(entry.place) in rail]
        figure.add_scatter(
            x=[rail[short(entry.place)] for entry in mine], y=[(entry.time - since) / 1000 for entry in mine],
            name=name, mode="markers+text", text=[say(entry.event) for entry in mine], textposition="middle right",
            textfont_size=11,
            marker=dict(symbol=symbol, size=11, color=colour, line=dict(color=INK, width=1)),
        )  # fmt: skip
    for x in rail.values():
        figure.add_vline(x=x, line=dict(color=SOFT, width=1), layer="below")
    edges = [-0.3, len(rail) - 0.4]
    figure.update_xaxes(tickvals=list(rail.values()), ticktext=places, side="top", showgrid=False, range=edges)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(margin=dict(t=84, b=70), legend=dict(y=-0.04, yanchor="top"))
    figure.layout.meta = {"words": f"{title}. {'; '.join(told)}."}
    return figure


MARKS = (
    (BatchAppended, "appended", "square", SKY, lambda event: f"end {event.last_offset + 1}"),
    (HighWatermarkAdvanced, "high watermark moved", "triangle-up", GREEN, lambda event: f"HW {event.new}"),
    (HighWatermarkLearned, "high watermark learned", "triangle-up-open", GREEN, lambda event: f"HW {event.new}"),
    (BatchAcknowledged, "acknowledged", "star", EPOCHS[1], lambda event: "acknowledged"),
)
"""What is marked on a rail: the kind of event, its name, its symbol and colour, and what is written beside it."""


def _clients_first(name: str) -> tuple[bool, str]:
    return name[:1] == "b" and name[1:].isdigit(), name
