"""Draws the floors of the house, their rooms, and which floor imports which: course/pictures/floors.svg.

    python course/tools/floors.py            draws it anew (`make tour` does, too)
"""

from __future__ import annotations

import textwrap

from house import ROOT, floors, the_house

PICTURE = ROOT / "course" / "pictures" / "floors.svg"

WIDTH, LEFT, TEXT, STEP = 1100, 24, 132, 28
LINE, PAD, TOP = 17, 12, 126
LETTER = 6.6  # how wide one is, on average

STYLE = """
    svg { font: 13px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
    .ground { fill: #ffffff; } .floor { fill: #eef2f6; } .step { fill: #e2e8ee; }
    .name { font-weight: 600; fill: #1b1f24; } .text { fill: #3d4650; } .dot { fill: #0072b2; stroke: #1b1f24; }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #14171a; } .floor { fill: #20262c; } .step { fill: #2b333b; }
      .name { fill: #f2f4f6; } .text { fill: #c3cad1; } .dot { fill: #56b4e9; stroke: #f2f4f6; }
    }"""


def imports() -> dict[str, list[str]]:
    """{floor: the floors it imports}, from the top floor that exists down."""
    house = the_house()
    order = [name for names in floors() for name in names if any(module.floor == name for module in house)]
    used = {(module.floor, imported.split(".")[1]) for module in house for imported, _ in module.imports()
            if imported.startswith("minikafka.")}
    return {floor: [other for other in order if other != floor and (floor, other) in used] for floor in order}


def draw() -> str:
    """The picture, as text."""
    used = imports()
    order = list(used)
    stairs = WIDTH - LEFT - STEP * len(order)
    rooms = {floor: _rooms(floor, int((stairs - TEXT) / LETTER)) for floor in order}
    column = {floor: stairs + STEP * number + STEP / 2 for number, floor in enumerate(order)}
    body = [f'<text class="name" x="{LEFT}" y="38" font-size="18">The floors of minikafka</text>',
            f'<text class="text" x="{LEFT}" y="62">A dot: the floor of its row imports the floor of its column.</text>',
            f'<text class="text" x="{LEFT}" y="81">Every dot is right of the step: imports go down only.</text>']
    body += [f'<text class="text" transform="translate({x + 4:g} {TOP - 10}) rotate(-60)">{floor}</text>'
             for floor, x in column.items()]
    y = TOP
    for floor in order:
        height = 2 * PAD + LINE * len(rooms[floor]) - 4
        size = f'y="{y}" height="{height}"'
        body += [f'<rect class="floor" x="{LEFT - 8}" {size} width="{WIDTH - 2 * LEFT + 16}" rx="6"/>',
                 f'<rect class="step" x="{column[floor] - STEP / 2:g}" {size} width="{STEP}"/>',
                 f'<text class="name" x="{LEFT}" y="{y + PAD + 10}">{floor}</text>']
        body += [f'<text class="text" x="{TEXT}" y="{y + PAD + 10 + LINE * number}" font-size="12">{line}</text>'
                 for number, line in enumerate(rooms[floor])]
        body += [f'<circle class="dot" cx="{column[other]:g}" cy="{y + height / 2:g}" r="5"/>' for other in used[floor]]
        y += height + 6
    return _svg(y + 12, body, used)


def _rooms(floor: str, letters: int) -> list[str]:
    names = [module.name.split(".")[-1] for module in the_house() if module.floor == floor and not module.is_init]
    return textwrap.wrap("\N{NO-BREAK SPACE}· ".join(names), letters) or [""]


def _svg(height: int, body: list[str], used: dict[str, list[str]]) -> str:
    told = "; ".join(f"{floor} imports {', '.join(below) or 'no other floor'}" for floor, below in used.items())
    box = f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title about"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        '  <title id="title">The floors of minikafka</title>',
        f'  <desc id="about">From the top down: {told}.</desc>',
        f"  <style>{STYLE}\n  </style>",
        f'  <rect class="ground" width="{WIDTH}" height="{height}" rx="10"/>',
        *(f"  {line}" for line in body),
        "</svg>\n",
    ])


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
