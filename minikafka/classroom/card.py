"""A card: one widget of the classroom, which still says what it has to say when nobody has run it.

Promises     in a notebook that runs, a live widget; in one that does not (GitHub, a page, a screen reader, a
             terminal), the same content as plain HTML and as text. What is stored is the same every time: it does not
             depend on what the learner did.
Stands for   nothing in Kafka.
Left out     colours of its own: they are Jupyter's, so light, dark and forced colours come by themselves.
Differs      -
"""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

FRONT = Path(__file__).parent / "front"


@cache
def script(*names: str) -> str:
    """An ES module put together from files of `front/`: what all cards share, then these."""
    return "\n".join((FRONT / f"{name}.js").read_text(encoding="utf-8") for name in ("shared", *names))


@cache
def style() -> str:
    """The style sheet of all cards."""
    return (FRONT / "cards.css").read_text(encoding="utf-8")


class Card(anywidget.AnyWidget):
    """A widget with `told` (what it says, fixed when it is made), a text form and an HTML form."""

    told = traitlets.Dict().tag(sync=True)

    def text(self) -> str:
        """The card for a terminal, or for somebody who cannot see it."""
        raise NotImplementedError

    def html(self) -> str:
        """The card for a notebook that nobody has run: no scripts, styles or inline pictures, which are not trusted."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/plain": self.text(), "text/html": self.html()}, metadata

    def page(self, title: str = "minikafka") -> str:
        """A whole web page with this card, playing without a kernel and without a network."""
        return page([self], title)


def page(cards: list[Card], title: str = "minikafka") -> str:
    """A web page with these cards. Each is followed by its plain form, for browsers that run no scripts."""
    bodies, starts = [], []
    for number, card in enumerate(cards):
        bodies.append(f'<div id="card-{number}"></div><noscript>{card.html()}</noscript>')
        starts.append(f"start({number}, {_embedded(str(card._esm))}, {_embedded(_state_of(card))});")
    return PAGE.format(
        title=html.escape(title), style=style(), bodies="\n".join(bodies), host=HOST, starts="\n".join(starts)
    )


def _state_of(card: Card) -> dict:
    state = card.get_state()
    return {name: state[name] for name in card.keys if not name.startswith("_") and name not in ("layout", "tooltip")}


def _embedded(value: Any) -> str:
    return json.dumps(value).replace("</", "<\\/").replace("<!--", "<\\!--")


HOST = """
function modelOf(state) {
  const hear = {};
  return { get: (name) => state[name], on: (event, call) => (hear[event] ||= []).push(call),
    off: (event, call) => { hear[event] = (hear[event] || []).filter((other) => other !== call); },
    set: (name, value) => { state[name] = value; (hear["change:" + name] || []).forEach((call) => call()); },
    save_changes() {}, send() {} };
}
async function start(number, source, state) {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const model = modelOf(state);
  (window.models ||= [])[number] = model;
  module.default.render({ model, el: document.getElementById("card-" + number) });
}
"""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>:root {{ color-scheme: light dark; }} body {{ margin: 1.5rem; background: light-dark(#fff, #111); }}
{style}</style></head>
<body><main><h1 class="mkc-page">{title}</h1>
{bodies}
</main><script type="module">{host}
{starts}</script></body></html>
"""


def marked(text: str) -> str:
    """Text as HTML: everything escaped, `code` between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def paragraphs(text: str) -> str:
    """Text with empty lines between its paragraphs, as HTML."""
    return "".join(f"<p>{marked(part.strip())}</p>" for part in text.strip().split("\n\n") if part.strip())


def flat(text: str) -> str:
    """Text on one line."""
    return " ".join(text.split())
