"""Collects what every room stands for, leaves out and does otherwise than Kafka into course/fidelity.md.

    python course/tools/fidelity.py          writes the page anew (`make tour` does, too)
"""

from __future__ import annotations

import ast
import re

from house import ROOT, Module, the_house

PAGE = ROOT / "course" / "fidelity.md"
HEADINGS = ("Promises", "Stands for", "Left out", "Differs")
SILENT = ("", "-", "nothing", "nothing.")
"""What stands under a heading that has nothing to say."""

PARTS = {
    "Kafka itself": ("protocol", "events", "log", "metadata", "client", "controller", "coordinator", "broker"),
    "What it runs on, and who runs it": ("world", "deploy", "patterns", "recovery"),
    "What watches, tells and teaches": ("laws", "story", "storm", "viz", "classroom", "cli"),
}
"""The floors in the order of the page: those that stand for Kafka first."""

TOP = """# What is Kafka here, and what is not

Every room of minikafka says in its first lines what it stands for in real Kafka, what it leaves out, and where it does
otherwise. This page is those lines, floor by floor. It is written by `make tour`: to change a line, change the room's
docstring. Rooms that leave nothing out and differ in nothing are listed below the table of their floor.

## In short

Left out everywhere: compression, tiered storage, quotas and throttling, several log directories, older versions of
messages and records, the group protocol of KIP-848, snapshots of the metadata, voters that come and go at run time,
TLS, Kerberos and OAuth.

Different everywhere:

- **Time.** There is one clock, in whole microseconds, and no machine's is wrong. What is computed, and what is written
  or flushed to a disk, takes no time; the network does, and every pause that a setting or a room names.
- **Bytes.** Messages and records are msgpack: sizes are near Kafka's and not equal to them.
- **Loss.** A message that is lost on its way is sent again below Kafka, as by TCP: it is late, or its connection ends.
- **One thing at a time.** Between two waits nothing else happens on any machine, so there are no locks; whoever has
  waited looks again before it acts.
- **Settings.** A name that does not exist is refused; Kafka warns and goes on.

What is said about observers and placement constraints follows Confluent's documentation. How it is done inside is not
documented: where that had to be guessed, the room says *inferred*.

What a call is answered was compared with a real broker: [tests/kafka/](../tests/kafka) makes some 170 calls, most of
them mistakes, and expects the errors that Apache Kafka 4.3.1 gave; where ours is another one, the reason stands there.
The names and defaults of all settings and the codes of all errors are held against it there too.
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
    for title, names in PARTS.items():
        parts.append(f"\n## {title}\n")
        for floor in names:
            modules = [module for module in the_house() if module.floor == floor]
            parts.append(f"### {floor}/\n" if len(modules) > 1 else f"### {floor}\n")
            parts += [f"{_first_line(module)}\n" for module in modules if module.path == f"{floor}/__init__.py"]
            parts += _rooms([module for module in modules if not module.is_init])
    return "\n".join(parts)


def _first_line(module: Module) -> str:
    return (ast.get_docstring(module.tree) or "").split("\n")[0]


def _rooms(rooms: list[Module]) -> list[str]:
    """A table of the rooms that leave something out or differ, and a list of the others."""
    rows, others = [], []
    for module in rooms:
        stands, *cells = [_cell(said(module).get(heading, "")) for heading in HEADINGS[1:]]
        link = f"[{module.name.split('.')[-1]}](../minikafka/{module.path})"
        if any(cells):
            rows.append(f"| {link} | {stands} | {' | '.join(cells)} |")
        else:
            others.append(f"- {link}: {stands}" if stands else f"- {link}")
    if rows:
        rows = ["| room | stands for | left out | differs |", "|---|---|---|---|", *rows, ""]
    if others:
        rows += ["Nothing left out, nothing different:", "", *others, ""]
    return ["\n".join(rows)]


def _cell(text: str) -> str:
    return "" if text in SILENT else text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
