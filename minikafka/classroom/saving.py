"""What a notebook is saved without: the PNG that JupyterLab's chart viewer puts beside every figure.

Promises     only such a copy is left out, only while a file is written; the figure itself is saved, and drawn again
             from its numbers when the notebook is opened.
Stands for   -
Left out     other pictures, which have no other form.
Differs      JupyterLab calls this (`pre_save_hook`, see `binder/saving.json`), not a learner; without it a lab is a few
             hundred KB larger, and shows the same.
"""

from __future__ import annotations

from typing import Any

CHART, COPY = "application/vnd.plotly.v1+json", "image/png"


def without_copies_of_charts(model: dict[str, Any], **_: Any) -> None:
    """Take the copies out of what is about to be saved; anything that is not a notebook is left alone."""
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    for cell in model["content"].get("cells", ()):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if CHART in data:
                data.pop(COPY, None)
