"""Regions, machines and what is between them, as a map and as a graph.

Promises     `graph` is a networkx graph of regions with latency, bandwidth and whether the link is cut; places are
             put by hand (`where`), so
             numpy is not needed.
Stands for   the first slide of every architecture review.
Left out     what does not change where traffic can go.
Differs      -
"""

from __future__ import annotations

from math import cos, pi, sin

import networkx

from minikafka.viz.drawing import INK, LINE, QUIET, VERMILLION, Pen
from minikafka.viz.scene import Scene
from minikafka.viz.view import Table, View
from minikafka.world.quantities import counted, say_span, say_time, us
from minikafka.world.world import World

WIDTH, HEIGHT = 760, 400
BOX = (156, 54)


class TopologyMap(View):
    """`TopologyMap(world, where={"us-east": (0.8, 0.4)})`: places as parts of width and height; in a circle if not
    said."""

    def __init__(self, world: World, at: str | int | None = None, where: dict[str, tuple[float, float]] | None = None):
        scene = Scene(world)
        self.at = scene.end if at is None else us(at)
        self.title = f"The map at {say_time(self.at)}"
        self.machines = {
            region: [name for name, (_, home) in scene.where.items() if home == region] for region in scene.regions
        }
        self.where = {**_circle(scene.regions), **(where or {})}
        self.graph = networkx.Graph()
        self.graph.add_nodes_from(scene.regions)
        for name, values in scene.state_at(scene.moment_at(self.at)).items():
            if name[0] == "link" and name[1] in self.machines and name[2] in self.machines:
                latency, jitter, bandwidth, loss = values.get("wire there") or values.get("wire back") or (0, 0, 0, 0.0)
                cut = bool(values.get("cut there") or values.get("cut back"))
                self.graph.add_edge(
                    name[1], name[2], latency=latency, jitter=jitter, bandwidth=bandwidth, loss=loss, cut=cut
                )

    def open_graph(self) -> networkx.Graph:
        """The graph without the links that are cut: ask it what is connected."""
        return networkx.Graph(
            [(one, other, data) for one, other, data in self.graph.edges(data=True) if not data["cut"]]
        )

    def sentence(self) -> str:
        """How many regions and links, and which are cut."""
        cuts = [f"{one} and {other}" for one, other, data in self.graph.edges(data=True) if data["cut"]]
        said = f"cut between {'; '.join(cuts)}" if cuts else "none of them cut"
        return f"{self.title}: {len(self.machines)} regions, {self.graph.number_of_edges()} links, {said}."

    def table(self) -> Table:
        """One link a row."""
        rows = [
            (
                one,
                other,
                say_span(data["latency"]),
                f"{data['bandwidth'] / 1e6:g} Mbps" if data["bandwidth"] else "no limit",
                "cut" if data["cut"] else "open",
            )
            for one, other, data in self.graph.edges(data=True)
        ]
        return Table(self.title, ("one", "other", "latency", "bandwidth", "state"), rows)

    def svg(self) -> str:
        """The map."""
        pen = Pen(WIDTH, HEIGHT)
        at = {region: _inside(40 + x * (WIDTH - 80), 40 + y * (HEIGHT - 80)) for region, (x, y) in self.where.items()}
        for one, other, data in self.graph.edges(data=True):
            (x1, y1), (x2, y2) = at[one], at[other]
            look = {"stroke_dasharray": "6 5"} if data["cut"] else {}
            pen.line(x1, y1, x2, y2, VERMILLION if data["cut"] else LINE, stroke_width=3, **look)
            words = "✕ cut" if data["cut"] else say_span(data["latency"])
            x, y = pen.room_on((x1, y1), (x2, y2), (76, 28), (0.5, 0.65, 0.35))
            pen.box(x - 36, y - 12, 72, 24, "#fff", VERMILLION if data["cut"] else LINE, rx=12)
            pen.words(x, y + 4, words, 12, INK, text_anchor="middle")
        for region, names in self.machines.items():
            x, y = at[region]
            pen.box(x - BOX[0] / 2, y - BOX[1] / 2, *BOX, "#fff", INK, rx=10, stroke_width=1.5)
            pen.words(x, y - 5, region, 14, font_weight=650, text_anchor="middle")
            pen.words(x, y + 14, counted(len(names), "machine"), 12, QUIET, text_anchor="middle")
        return pen.svg()


def _inside(x: float, y: float) -> tuple[float, float]:
    """The nearest place at which a region's whole box is on the map."""
    across, down = BOX[0] / 2 + 2, BOX[1] / 2 + 2
    return min(max(x, across), WIDTH - across), min(max(y, down), HEIGHT - down)


def _circle(regions: list[str]) -> dict[str, tuple[float, float]]:
    if len(regions) == 1:
        return {regions[0]: (0.5, 0.5)}
    turns = [2 * pi * index / len(regions) - pi * (1 if len(regions) == 2 else 5 / 6) for index in range(len(regions))]
    return {
        region: (0.5 + 0.38 * cos(turn), 0.5 + 0.38 * sin(turn)) for region, turn in zip(regions, turns, strict=True)
    }
