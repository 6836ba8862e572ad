"""What every view can do: show itself, say itself, and be kept as a file.

Promises     a view has a sentence, a table and a picture; the same world gives the same ones; in a notebook that was
             not run its
             picture and table are seen; all text that comes from users is escaped.
Stands for   -
Left out     -
Differs      -
"""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from minikafka.deploy.columns import html_table
from minikafka.viz.static_page import still_page


class Table:
    """Rows under a head, with a caption: `str()` gives aligned text, `html()` a real table."""

    def __init__(self, caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]):
        self.caption = caption
        self.head = list(head)
        self.rows = [[str(cell) for cell in row] for row in rows]

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (self.head, *self.rows)
        ]
        return "\n".join([self.caption, *lines])

    def html(self) -> str:
        """The table as HTML, escaped."""
        return html_table(self.head, self.rows, self.caption)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.html()}


class View:
    """A picture of a world that stands still. Subclasses give `title`, `sentence`, `table` and `svg`."""

    title = "A view"

    def sentence(self) -> str:
        """What the picture shows, in one or two sentences."""
        raise NotImplementedError

    def table(self) -> Table:
        """What the picture shows, as a table."""
        raise NotImplementedError

    def svg(self) -> str:
        """The picture."""
        raise NotImplementedError

    def text(self) -> str:
        """The sentence and the table as plain text."""
        return f"{self.sentence()}\n{self.table()}"

    def html(self) -> str:
        """The picture with its text alternative, and the table."""
        return f"{picture(self.svg(), self.sentence())}{self.table().html()}"

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained file; returns its path."""
        written = Path(path)
        written.write_text(still_page(self.title, self.html()), encoding="utf-8")
        return written

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


def picture(svg: str, alt: str) -> str:
    """An image that notebooks keep where they would strip SVG out: the picture as a data address, with its text."""
    data = b64encode(svg.encode()).decode("ascii")
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(alt, quote=True)}" style="max-width:100%">'
