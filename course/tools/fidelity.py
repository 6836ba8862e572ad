"""Collects what every room stands for, leaves out and does otherwise than Kafka into course/fidelity.md.

    python course/tools/fidelity.py          writes the page anew (`make tour` does, too)
"""

from __future__ import annotations

import ast
import re

from house import ROOT, Module, floors, the_house

PAGE = ROOT / "course" / "fidelity.md"
HEADINGS = ("Promises", "Stands for", "Left out", "Differs")
TOP = """# What is Kafka here, and what is not

Every room of minikafka says in its first lines what it stands for in real Kafka, what it leaves out, and where it does
otherwise. This page is those lines, floor by floor, from the ground up. It is written by `make tour`: to change a line,
change the room's docstring.
"""


def said(module: Module) -> dict[str, str]:
    """{heading: text} of a room's docstring; a text over several lines becomes one."""
    texts: dict[str, str] = {}
    heading = None
    for line in (ast.get_docstring(module.tree) or "").splitlines():
        match = re.match(rf"({'|'.join(HEADINGS)})  +(\S.*)", line)
        if match:
            heading = match.group(1)
            texts[heading] = match.group(2)
        elif heading and line.startswith("  ") and line.strip():
            texts[heading] += " " + line.strip()
        else:
            heading = None
    return texts


def page() -> str:
    """The whole page."""
    parts = [TOP]
    for floor in (name for names in reversed(floors()) for name in names):
        rooms = [module for module in the_house() if module.floor == floor and not module.is_init]
        if rooms:
            parts += [f"\n## {floor}/\n" if rooms[0].name != floor else f"\n## {floor}\n", _table(rooms)]
    return "\n".join(parts)


def _table(rooms: list[Module]) -> str:
    lines = ["| room | stands for | left out | differs |", "|---|---|---|---|"]
    for module in rooms:
        room = module.name.split(".")[-1]
        cells = [_cell(said(module).get(heading, "")) for heading in HEADINGS[1:]]
        lines.append(" | ".join([f"| [{room}](../minikafka/{module.path})", *cells]) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
