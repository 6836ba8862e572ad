"""What a notebook is saved without: copies of charts, and the names of widgets that end with their kernel.

Promises     a figure is saved once, and drawn again from its numbers when it is opened; a stage or a card is saved as
             the picture and the sentence that it has for who has not run it. Nothing else is left out, and only while
             a file is written: what is on the screen stays alive.
Stands for   -
Left out     other pictures, which have no other form; widgets that are nothing but live.
Differs      JupyterLab calls this (`pre_save_hook`: see `make lab` and `binder/saving.json`), not a learner. Without it
             a lab is a few hundred KB larger, and who opens it the next day finds "model not found" in place of each
             card.
"""

from __future__ import annotations

from typing import Any

CHART, COPY = "application/vnd.plotly.v1+json", "image/png"
LIVE, STILL = "application/vnd.jupyter.widget-view+json", "text/html"


def as_to_be_reopened(model: dict[str, Any], **_: Any) -> None:
    """Take out of what is about to be saved what is of no use later; what is not a notebook is left alone."""
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    for cell in model["content"].get("cells", ()):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if CHART in data:
                data.pop(COPY, None)
            if STILL in data:
                data.pop(LIVE, None)
