"""Where in the package an event is recorded: the code that ran.

Promises     for an event's kind, every function that makes such an event, with its source and line; none is made up.
Stands for   the link from a log line to the line of code that wrote it.
Left out     events made by code outside the package, for example a learner's own.
Differs      found by reading the package's text, not while it runs: recording costs nothing.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parent.parent
ROOMS = ("world", "log", "broker", "controller", "coordinator", "client")
"""The floors on which things happen."""


class Site(NamedTuple):
    """A function that records an event: file (from the package's folder on), line, qualified name and source."""

    path: str
    line: int
    name: str
    source: str


DECIDERS = {
    "LeaderElected": (("controller/elections.py", "choose_leader"),),
    "PartitionWentOffline": (("controller/elections.py", "choose_leader"),),
    "IsrRecorded": (("controller/isr_changes.py", "alter_partition"),),
    "BrokerFenced": (("controller/liveness.py", "expire_session"),),
    "HighWatermarkAdvanced": (("broker/high_watermark.py", "next_high_watermark"),),
    "ReplicaDiverged": (("broker/reconciliation.py", "truncation_for"),),
}
"""Where another function than the one that records an event has decided it."""


@cache
def sites_of(kind: str) -> tuple[Site, ...]:
    """The functions that decide and record events of this kind, in this order."""
    found = {}
    for path, name in DECIDERS.get(kind, ()):
        text = _texts()[path]
        site = _site(path, text.count("\n", 0, text.index(f"def {name}(")) + 1)
        if site is not None:
            found[path, site.line] = site
    for path, text in _texts().items():
        at = text.find(kind)
        while at >= 0:
            start, after = text.rfind("\n", 0, at) + 1, text[at + len(kind) : at + len(kind) + 2]
            if (
                text[at - 1] in " (.=["
                and (after[:1] == "(" or after == ", ")
                and not text.startswith(("from", "import"), start)
            ):
                site = _site(path, text.count("\n", 0, at))
                if site is not None:
                    found[site.path, site.line] = site
            at = text.find(kind, at + 1)
    return tuple(found.values())


@cache
def _texts() -> dict[str, str]:
    files = [file for floor in ROOMS for file in sorted((PACKAGE / floor).glob("*.py"))]
    return {file.relative_to(PACKAGE).as_posix(): file.read_text(encoding="utf-8") for file in files}


@cache
def _site(path: str, line: int) -> Site | None:
    """The function around a line: from its `def` to the last line that is indented deeper."""
    lines = _texts()[path].splitlines()
    start, depth = line, _indent(lines[line])
    while start and not (re.match(r" *(async )?def ", lines[start]) and _indent(lines[start]) < depth):
        start -= 1
    if start == 0:
        return None
    indent = _indent(lines[start])
    end = start + 1
    while end < len(lines) and (
        not lines[end].strip() or _indent(lines[end]) > indent or lines[end].lstrip()[:1] == ")"
    ):
        end += 1
    name = lines[start].split("def ", 1)[-1].split("(")[0]
    for above in range(start, -1, -1):
        if indent and lines[above].startswith("class "):
            name = f"{lines[above][6:].split('(')[0].split(':')[0]}.{name}"
            break
    source = "\n".join(text[indent:] for text in lines[start:end]).rstrip()
    return Site(path, start + 1, name, source)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
