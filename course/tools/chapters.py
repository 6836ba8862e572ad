"""Puts what the labs' cells have printed into the chapters, so that no number in them is older than the code.

    python course/tools/chapters.py          writes the quotations in course/NN_*.md anew

A quotation is a line like `<!-- labs/03_replication.ipynb, cell 03-14 -->` with a fenced block beneath it.
A part of an output is taken with `lines 1-5` at the end of the line.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from house import ROOT

COURSE = ROOT / "course"
QUOTATION = re.compile(
    r"<!-- (?P<lab>labs/\S+\.ipynb), cell (?P<cell>[\w-]+)(?:, lines (?P<first>\d+)-(?P<last>\d+))? -->\n\n"
    r"```text\n(?P<text>.*?)\n?```", re.DOTALL)  # fmt: skip


def chapters() -> list[Path]:
    """The chapters: course/01_the_log.md and so on."""
    return sorted(COURSE.glob("[0-9][0-9]_*.md"))


def current(text: str) -> str:
    """The text of a chapter with every quotation as its cell has printed it last."""
    return QUOTATION.sub(_quoted, text)


def printed(lab: str, cell_id: str) -> str:
    """What a lab's cell has printed, and the tables it shows; a KeyError names the cells there are."""
    cells = {cell["id"]: cell for cell in json.loads((ROOT / lab).read_text(encoding="utf-8"))["cells"]}
    if cell_id not in cells:
        raise KeyError(f"{lab} has no cell {cell_id}: its cells are {', '.join(cells)}")
    texts = [_text_of(output) for output in cells[cell_id].get("outputs", [])]
    return "".join(line for text in texts for line in text).rstrip("\n")


def _text_of(output: dict) -> list[str]:
    """What was printed; of what was shown, the tables, as text, with an empty line behind."""
    if output["output_type"] == "stream":
        return output["text"]
    data = output.get("data", {})
    return [*data["text/plain"], "\n\n"] if "".join(data.get("text/html", "")).startswith("<table>") else []


def _quoted(match: re.Match) -> str:
    lines = printed(match["lab"], match["cell"]).splitlines()
    part = ""
    if match["first"]:
        lines = lines[int(match["first"]) - 1 : int(match["last"])]
        part = f", lines {match['first']}-{match['last']}"
    text = "\n".join(line.rstrip() for line in lines)
    return f"<!-- {match['lab']}, cell {match['cell']}{part} -->\n\n```text\n{text}\n```"


if __name__ == "__main__":
    for path in chapters():
        text = path.read_text(encoding="utf-8")
        path.write_text(current(text), encoding="utf-8")
