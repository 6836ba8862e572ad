"""What a learner's function must not reach for, found before it runs.

Promises     a function that asks the clock, rolls dice of its own, opens something or keeps something between its
             calls is named, with the line; the functions it calls from the same notebook are looked at too.
Stands for   the review of a rule that every broker must decide alike.
Left out     what is hidden in an object's methods, or reached by clever detours: this is a courtesy, not a prison.
Differs      -
"""

from __future__ import annotations

import builtins
import dis
import random
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

OUTSIDE = {
    **dict.fromkeys(("time", "datetime", "calendar"), "the clock"),
    **dict.fromkeys(("random", "secrets", "uuid"), "dice of its own"),
    **dict.fromkeys(("socket", "ssl", "http", "urllib", "requests"), "the network"),
    **dict.fromkeys(("asyncio", "threading", "concurrent", "multiprocessing"), "threads or tasks"),
    **dict.fromkeys(("subprocess", "os", "sys", "signal"), "the machine"),
    **dict.fromkeys(("io", "pathlib", "shutil", "tempfile"), "files"),
}
"""Modules that a rule has no business with, and what one reaches through them."""

BUILT_IN = {"open": "files", "input": "the keyboard", "breakpoint": "the debugger", "exec": "code from elsewhere",
            "eval": "code from elsewhere", "__import__": "code from elsewhere"}  # fmt: skip

REMEDY = "A rule decides from its arguments alone, so that every broker, and every run of the same seed, decides alike."


def suspicion(function: Callable) -> str | None:
    """The first thing that a function must not do, in a sentence; None if there is none."""
    return next(_complaints(function, []), None)


def _complaints(function: Callable, seen: list) -> Iterator[str]:
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.append(function)
    known = {**vars(builtins), **function.__globals__, **_closed_over(function)}
    for code in _codes(function.__code__):
        line = code.co_firstlineno
        for step in dis.get_instructions(code):
            line = step.starts_line if isinstance(step.starts_line, int) and step.starts_line is not True else line
            line = getattr(step, "line_number", None) or line
            where = f"`{function.__name__}` (line {line - function.__code__.co_firstlineno + 1})"
            yield from _about(step, known, where, seen, function)


def _about(step: dis.Instruction, known: dict, where: str, seen: list, function: FunctionType) -> Iterator[str]:
    name = step.argval
    if step.opname == "IMPORT_NAME":
        reached = OUTSIDE.get(str(name).split(".")[0])
        if reached:
            yield f"{where} imports `{name}`: it reaches for {reached}. {REMEDY}"
    elif step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
        yield f"{where} keeps something in the global `{name}` between its calls. {REMEDY}"
    elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_FROM_DICT_OR_DEREF") and name in known:
        value = known[name]
        reached = _reached(name, value)
        if reached:
            yield f"{where} uses `{name}`: it reaches for {reached}. {REMEDY}"
        elif isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
            yield from _complaints(value, seen)


def _reached(name: str, value: Any) -> str | None:
    if isinstance(value, ModuleType):
        return OUTSIDE.get(value.__name__.split(".")[0])
    if BUILT_IN.get(name) and getattr(builtins, name, None) is value:
        return BUILT_IN[name]
    if isinstance(value, random.Random) or isinstance(getattr(value, "__self__", None), random.Random):
        return OUTSIDE["random"]
    if callable(value):
        return OUTSIDE.get(str(getattr(value, "__module__", "") or "").split(".")[0])
    return None


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _closed_over(function: FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not filled yet
            continue
    return found


def is_blank(function: Callable) -> bool:
    """Whether a function has nothing in it yet: `...`, `pass`, or `raise NotImplementedError`."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        return False
    idle = ("RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP", "CACHE", "EXTENDED_ARG")
    steps = [step for step in dis.get_instructions(code) if step.opname not in idle]
    if not steps:
        returned = [step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_CONST", "RETURN_CONST")]
        return all(value in (None, ...) for value in returned)
    return steps[0].argval == "NotImplementedError"
