"""How far a learner has come: a small file beside the notebooks.

Promises     every change is on disk before the call returns, and a file is replaced as a whole; a damaged file is set
             aside under another name, with a sentence, and never overwritten.
Stands for   a pencil tick in the margin.
Left out     names, times, marks: the file holds what was tried and what was passed.
Differs      the environment variable MINIKAFKA_PROGRESS names another file; "memory" means none. Where the folder
             cannot be written, the book goes on in memory and says so once.

    .progress.json    {"minikafka progress": 1, "entries": {"04/gate": {"tries": 2, "passed": true, "objective": "…"}}}
"""

from __future__ import annotations

import html
import json
import os
import sys
from pathlib import Path
from typing import Any

FORMAT, VERSION = "minikafka progress", 1
FILE = ".progress.json"
IN_MEMORY = "memory"


class Book:
    """Entries by name ("04/gate"), each a small dict. Without a `path` the file is beside the notebook that runs."""

    def __init__(self, path: str | Path | None = None) -> None:
        self.path: Path | None = None
        self.remarks: list[str] = []
        self._entries: dict[str, dict] = {}
        self._wanted = path
        self._open = False

    @property
    def entries(self) -> dict[str, dict]:
        """All entries; the file is read when they are asked for first."""
        if not self._open:
            self._open = True
            self.path = _place(self._wanted)
            self._entries = self._read() if self.path else {}
        return self._entries

    def entry(self, name: str) -> dict:
        """What is known about one exercise; an empty dict if nothing is."""
        return dict(self.entries.get(name, {}))

    def note(self, name: str, facts: dict[str, Any]) -> None:
        """Add or change facts about one exercise."""
        self.entries[name] = {**self.entries.get(name, {}), **facts}
        self._write()

    def reset(self, lab: str | None = None) -> int:
        """Forget one lab ("04") or everything; returns how many entries went."""
        gone = [name for name in self.entries if lab is None or name.partition("/")[0] == lab]
        for name in gone:
            del self._entries[name]
        self._write()
        return len(gone)

    def _read(self) -> dict[str, dict]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            if found[FORMAT] != VERSION or not all(isinstance(entry, dict) for entry in found["entries"].values()):
                raise ValueError("another version or shape")
            return dict(found["entries"])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return self._set_aside(error)

    def _set_aside(self, error: Exception) -> dict:
        aside = next(place for number in range(1, 1000)
                     if not (place := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists())  # fmt: skip
        try:
            self.path.replace(aside)
            self._remark(f"{self.path.name} could not be read ({type(error).__name__}): it was set aside as "
                         f"{aside.name}, and the progress begins anew. Nothing was deleted.")  # fmt: skip
        except OSError:
            self._remark(f"{self.path} can be neither read nor moved: the progress is kept in memory only.")
            self.path = None
        return {}

    def _write(self) -> None:
        if self.path is None:
            return
        text = json.dumps({FORMAT: VERSION, "entries": self._entries}, indent=1, sort_keys=True, ensure_ascii=False)
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            fresh.write_text(text + "\n", encoding="utf-8")
            fresh.replace(self.path)
        except OSError:
            self._remark(f"{self.path} cannot be written: the progress is kept in memory only.")
            self.path = None

    def _remark(self, sentence: str) -> None:
        self.remarks.append(sentence)
        print(sentence, file=sys.stderr)


def _place(wanted: str | Path | None) -> Path | None:
    wanted = os.environ.get("MINIKAFKA_PROGRESS", "") if wanted is None else wanted
    if str(wanted) == IN_MEMORY:
        return None
    return Path(wanted) if str(wanted) else Path.cwd() / FILE


BOOK = Book()
"""The book of this process."""


class Table:
    """The progress as a table, as text and as HTML."""

    def __init__(self, rows: list[tuple[str, ...]], remarks: list[str]) -> None:
        self.rows = rows
        self.remarks = remarks

    def __repr__(self) -> str:
        if not self.rows:
            return "Nothing tried yet."
        widths = [max(len(row[column]) for row in (HEAD, *self.rows)) for column in range(len(HEAD))]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                         for row in (HEAD, *self.rows))  # fmt: skip

    def _repr_html_(self) -> str:
        if not self.rows:
            return "<p>Nothing tried yet.</p>"
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in HEAD)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        return f"<table><caption>Your progress</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


HEAD = ("lab", "exercise", "objective", "state", "tries")


def progress(lab: str | None = None, reset: bool = False, book: Book = BOOK) -> Table:
    """The objectives that were tried, lab by lab. `progress("04", reset=True)` begins a lab anew; no lab means all."""
    if reset:
        book.reset(lab)
    rows = []
    for name in sorted(book.entries):
        which, _, exercise = name.partition("/")
        if lab in (None, which):
            entry = book.entries[name]
            rows.append((which, exercise, str(entry.get("objective", "")), _state(entry), str(entry.get("tries", ""))))
    return Table(rows, book.remarks)


def _state(entry: dict) -> str:
    if "guess" in entry:
        return "guessed" if entry["guess"] else "guess again"
    if entry.get("passed"):
        return "✓ passed, after the solution" if entry.get("looked first") else "✓ passed"
    return "solution read" if entry.get("solution") else "tried" if entry.get("tries") else "begun"
