"""How far a sweep over seeds has come, as a bar.

Promises     shown only where a notebook runs; what is stored is the same every time.
Stands for   nothing in Kafka.
Left out     the time that is left: it is short.
Differs      -
"""

from __future__ import annotations

import sys

import traitlets

from minikafka.classroom.card import Card, script, style


class Sweep(Card):
    """The bar: `done` of `told["total"]`, and a last word."""

    _esm = script("sweep")
    _css = style()
    done = traitlets.Int().tag(sync=True)
    last = traitlets.Unicode().tag(sync=True)

    def __init__(self, what: str, total: int) -> None:
        super().__init__(told={"what": what, "total": total})

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
        return f"Seeds: {self.told['what']}"

    def html(self) -> str:
        """The same."""
        return f"<p>Seeds: {self.told['what']}</p>"


def in_notebook() -> bool:
    """Whether this runs in a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None
