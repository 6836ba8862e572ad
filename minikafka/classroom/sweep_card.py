"""How far a sweep over seeds, or another long piece of work, has come, as a bar.

Promises     shown only where a notebook runs; what is stored is the same every time.
Stands for   nothing in Kafka.
Left out     the time that is left: it is short.
Differs      -
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

import traitlets

from minikafka.classroom.card import Card, script, style

Thing = TypeVar("Thing")


class Sweep(Card):
    """The bar: `done` of `told["total"]`, and a last word; `title` says what kind of work it is."""

    _esm = script("sweep")
    _css = style()
    done = traitlets.Int().tag(sync=True)
    last = traitlets.Unicode().tag(sync=True)

    def __init__(self, what: str, total: int, title: str = "Seeds") -> None:
        super().__init__(told={"what": what, "total": total, "title": title})

    def begin(self, show: bool) -> Sweep:
        """Show the bar, if there is a notebook to show it in."""
        if show and in_notebook():
            from IPython.display import display

            display(self)
        return self

    def reached(self, done: int, last: str = "") -> None:
        """So many are done; with a last word if it ends here."""
        self.done, self.last = done, last

    def text(self) -> str:
        """What is swept."""
        return f"{self.told['title']}: {self.told['what']}"

    def html(self) -> str:
        """The same."""
        return f"<p>{self.text()}</p>"


def one_by_one(what: str, things: Iterable[Thing], total: int | None = None) -> Iterator[Thing]:
    """The things one by one, and a bar that says how many are done; `total` of them, if they have no length."""
    total = len(things) if total is None else total
    card = Sweep(f"{total} {what}", total, "Work").begin(True)
    for number, thing in enumerate(things, 1):
        yield thing
        card.reached(number)


def in_notebook() -> bool:
    """Whether this runs in a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None
