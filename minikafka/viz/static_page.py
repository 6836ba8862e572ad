"""One file that plays offline: the stage's module, its data, and a small stand-in for the notebook.

Promises     the page asks nothing of the network; data stands in it as data and never as markup; it works from a file.
Stands for   -
Left out     interventions: they need a kernel.
Differs      the stand-in ("shim") has the five methods of an anywidget model that the stage uses.
"""

from __future__ import annotations

import html
import json
from typing import Any

SHIM = """
const state = JSON.parse(document.getElementById("state").textContent);
const model = {
  get: (name) => state[name], set: (name, value) => { state[name] = value; }, on() {}, off() {}, save_changes() {},
  send() {},
};
const module = document.getElementById("module").textContent;
import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })))
  .then((stage) => stage.default.render({ model, el: document.getElementById("stage") }));
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 0; padding: 16px; background: #fff; color: #1b1f24; font: 15px/1.5 system-ui, "DejaVu Sans",
sans-serif; }}
main {{ max-width: 1500px; margin: 0 auto; }}
h1 {{ font-size: 20px; margin: 0 0 12px; }}
h1.unseen {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
table {{ border-collapse: collapse; }} td, th {{ text-align: left; padding: 3px 12px 3px 0; vertical-align: top; }}
img {{ max-width: 100%; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #0d0f12; color: #e6e8eb; }} }}
{style}
</style>
</head>
<body>
<main>
<h1{hidden}>{title}</h1>
{body}
</main>
{scripts}
</body>
</html>
"""


def stage_page(title: str, module: str, style: str, state: dict[str, Any], fallback: str) -> str:
    """A page with a stage. `fallback` (HTML) is shown where scripts do not run."""
    scripts = (
        f'<script type="application/json" id="state">{_in_script(json.dumps(state, separators=(",", ":")))}</script>\n'
        f'<script type="text/plain" id="module">{_in_script(module)}</script>\n<script type="module">{SHIM}</script>'
    )
    body = f'<div id="stage"></div>\n<noscript>{fallback}</noscript>'
    return PAGE.format(title=html.escape(title), style=style, body=body, scripts=scripts, hidden=' class="unseen"')


def still_page(title: str, body: str) -> str:
    """A page with a picture and a table."""
    return PAGE.format(title=html.escape(title), style="", body=body, scripts="", hidden="")


def _in_script(text: str) -> str:
    """Nothing in the text may end the script around it: in JSON and in JavaScript strings `<\\/` is `</`."""
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")
