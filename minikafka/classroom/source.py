"""The code that ran, shown in place.

Promises     what is shown is the package's own source, as it is now, with the file it lives in and the part of Kafka
             that the file stands for.
Stands for   an editor with Kafka's repository open in the next window.
Left out     line numbers: they would be old by tomorrow.
Differs      -
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Shown:
    """Some source with a caption: highlighted in a notebook, plain anywhere else."""

    def __init__(self, pieces: list[tuple[str, str]]):
        self.pieces = pieces

    def _repr_markdown_(self) -> str:
        return "\n\n".join(f"{caption}\n\n```python\n{code}\n```" for caption, code in self.pieces)

    def __repr__(self) -> str:
        return "\n\n".join(f"# {caption.replace('*', '').replace('`', '')}\n{code}" for caption, code in self.pieces)


def show(*things: Callable | type, docstrings: bool = True) -> Shown:
    """Functions, methods or classes of the package, with Kafka's names for them. `docstrings`: show these too."""
    return Shown([(_caption(thing), _code(thing, docstrings)) for thing in things])


def counterpart(module: ModuleType) -> str:
    """What a room stands for in Kafka, from its docstring."""
    found = re.search(r"^Stands for +(.*(?:\n {2,}.*)*)", module.__doc__ or "", re.MULTILINE)
    return " ".join(found[1].split()).rstrip(".") if found else ""


def _caption(thing: Any) -> str:
    module = inspect.getmodule(thing)
    if module is None or not module.__name__.startswith("minikafka"):
        return f"**`{thing.__qualname__}`**, written here"
    where = Path(inspect.getsourcefile(thing) or "").resolve().relative_to(ROOT).as_posix()
    kafka = counterpart(module)
    return f"**`{thing.__qualname__}`** in `{where}`" + (f" · in Kafka: {kafka}" if kafka else "")


def _code(thing: Any, docstrings: bool) -> str:
    code = textwrap.dedent(inspect.getsource(thing)).rstrip()
    if not docstrings:
        code = re.sub(r'(?s)(:\n)\s+""".*?"""\n', r"\1", code, count=1)
    return code
