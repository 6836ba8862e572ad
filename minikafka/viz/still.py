"""The stage as a picture that stands still: every replica of the first partitions, at one moment.

Promises     the same numbers as the moving stage shows at that moment.
Stands for   -
Left out     messages, links, clients, Kafka's own topics: the moving stage has them.
Differs      -
"""

from __future__ import annotations

from typing import Any

from minikafka.viz.drawing import CELL, GREEN, INK, LINE, QUIET, VERMILLION, Pen, strip
from minikafka.viz.scene import Scene
from minikafka.viz.view import Table
from minikafka.world.quantities import counted, say_time

CELLS = 14
MOST_ROWS = 12
ROW = 62

OBSERVER = "observer"
GLYPHS = {"leader": "★", OBSERVER: "◇"}

State = dict[tuple, dict[str, Any]]


def replica_rows(state: State, internal: bool = False) -> list[tuple[str, Any, dict[str, Any], bool, str]]:
    """(place, partition, replica's values, in sync?, state of its machine) for every replica, partition by partition;
    `internal`: also of Kafka's own topics."""
    rows = []
    for name, values in state.items():
        if name[0] == "replica" and values.get("role", "gone") != "gone":
            _, place, partition = name
            if partition.topic.startswith("__") and not internal:
                continue
            recorded = state.get(("partition", place.partition("/")[0], partition), {})
            isr, broker = recorded.get("isr", ()), state.get(("broker", place), {}).get("id")
            if values["role"] == "follower" and broker in recorded.get("observers", ()):
                values = {**values, "role": OBSERVER}
            rows.append(
                (place, partition, values, broker in isr, state.get(("machine", place), {}).get("state", "running"))
            )
    return sorted(rows, key=lambda row: (row[1], row[0]))


def replica_table(scene: Scene, moment: int) -> Table:
    """Every replica with its numbers, right after a moment."""
    rows = []
    for place, partition, values, synced, machine in replica_rows(scene.state_at(moment)):
        running = machine == "running"
        epoch = values["leader_epoch"] if running and values.get("leader_epoch", -1) >= 0 else "-"
        rows.append(
            (
                place,
                partition,
                values["role"] if running else machine,
                epoch,
                *(_known(values.get(field)) for field in ("log_start", "high_watermark", "log_end")),
                "in sync" if synced else "out of sync",
            )
        )
    when = scene.trace[scene.moments[moment].first].time if moment >= 0 else 0
    return Table(
        f"Replicas at {say_time(when)}", ("broker", "partition", "role", "epoch", "start", "HW", "LEO", "ISR"), rows
    )


def group_tables(scene: Scene, moment: int) -> list[Table]:
    """For each consumer group what it has committed and who reads it, right after a moment."""
    state, when = scene.state_at(moment), scene.trace[scene.moments[moment].first].time if moment >= 0 else 0
    tables = []
    for name, values in state.items():
        if name[0] != "group":
            continue
        _, cluster, group = name
        readers = {tp: client or member for member, _, client, given in values["members"] for tp in given}
        committed = {str(thing[3]): values["offset"] for thing, values in state.items()
                     if thing[:3] == ("committed", cluster, group) and values["offset"] is not None}  # fmt: skip
        ends = {str(tp): marks.get("high_watermark") for place, tp, marks, _, _ in replica_rows(state)
                if place.startswith(f"{cluster}/") and marks.get("role") == "leader"}  # fmt: skip
        rows = [
            (tp, committed.get(tp, "-"), _known(ends.get(tp)), readers.get(tp, "-"))
            for tp in sorted({**readers, **committed})
        ]
        members = counted(len(values["members"]), "member")
        said = f"{values['state']}, generation {values.get('generation', 0)}, {members}"
        caption = f"Group {group} at {say_time(when)}: {said}"
        tables.append(Table(caption, ("partition", "committed", "HW", "member"), rows))
    return tables


def quorum_table(scene: Scene, moment: int) -> Table | None:
    """Every voter with its role and its log, right after a moment; None where one controller decides alone."""
    state, when = scene.state_at(moment), scene.trace[scene.moments[moment].first].time if moment >= 0 else 0
    rows = [
        (name[1], values["role"] or state.get(("machine", name[1]), {}).get("state", "-"), values["epoch"],
         *(_known(values[mark]) for mark in ("high_watermark", "log_end")))
        for name, values in state.items() if name[0] == "voter"
    ]  # fmt: skip
    head = ("controller", "role", "epoch", "HW", "log end")
    return Table(f"The controllers' quorum at {say_time(when)}", head, sorted(rows)) if rows else None


def still_svg(scene: Scene, moment: int, title: str) -> str:
    """The picture right after a moment."""
    state = scene.state_at(moment)
    rows = replica_rows(state)
    shown, left = rows[:MOST_ROWS], len(rows) - MOST_ROWS
    pen = Pen(300 + CELLS * CELL, 66 + len(shown) * ROW + (20 if left > 0 else 0))
    pen.words(14, 24, title, 15, font_weight=650)
    when = scene.trace[scene.moments[moment].first].time if moment >= 0 else 0
    pen.words(pen.width - 14, 24, f"t = {say_time(when)}", 13, text_anchor="end")
    for index, row in enumerate(shown):
        _row(pen, 42 + index * ROW, row, _first_offset(rows, row[1]))
    if left > 0:
        pen.words(14, pen.height - 12, f"and {left} more: see the table", 12, QUIET)
    return pen.svg()


def _row(pen: Pen, y: float, row: tuple, first: int) -> None:
    place, partition, values, synced, machine = row
    running = machine in ("running", "frozen")
    look = {"stroke_width": 2} if synced else {"stroke_dasharray": "3 3"}
    pen.box(8, y, pen.width - 16, ROW - 6, "#fff", (GREEN if synced else LINE) if running else VERMILLION, rx=7, **look)
    glyph = "✕" if not running else GLYPHS.get(values.get("role"), "●")
    pen.words(18, y + 18, f"{place}  {partition}", 12.5, font_weight=650)
    role = f"{values.get('role')} e{values.get('leader_epoch')}" if running else machine
    pen.words(18, y + 36, f"{glyph} {role}{', frozen' if machine == 'frozen' else ''}", 12, INK)
    pen.words(18, y + 50, "in sync" if synced else "out of sync", 11, QUIET)
    strip(pen, 190, y + 17, values, first, CELLS)


def _first_offset(rows: list, partition: Any) -> int:
    end = max((row[2].get("log_end") or 0 for row in rows if row[1] == partition), default=0)
    return max(0, -(-(end + 1 - CELLS) // 4) * 4)


def _known(value: Any) -> Any:
    return "?" if value is None else value
