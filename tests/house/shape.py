"""The rules about how the house is laid out: sizes, names, docstrings. Each yields (what, complaint)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from house import Module

Complaints = Iterator[tuple[str, str]]

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
HEADINGS = ("Promises", "Stands for", "Left out", "Differs")


def file_is_short(house: Iterable[Module]) -> Complaints:
    """A file over the cap has two ideas."""
    for module in house:
        if module.lines > LINES_OF_A_FILE:
            yield module.name, f"{module.lines} lines, the cap is {LINES_OF_A_FILE}: it holds two ideas, split it"


def function_is_short(house: Iterable[Module]) -> Complaints:
    """A function over the cap does two things. Its docstring counts."""
    for module in house:
        for name, node, _ in module.definitions():
            lines = node.end_lineno - node.lineno + 1
            if not isinstance(node, ast.ClassDef) and lines > LINES_OF_A_FUNCTION:
                yield name, f"{lines} lines, the cap is {LINES_OF_A_FUNCTION}: it does two things, split it"


def file_name_is_unique(house: Iterable[Module]) -> Complaints:
    """One can say "see isr_keeper" and mean one file."""
    seen: dict[str, str] = {}
    for module in house:
        stem = module.path.rsplit("/", 1)[-1]
        if not module.is_init and seen.setdefault(stem, module.path) != module.path:
            yield module.name, f"{seen[stem]} has the same file name"


def init_is_a_docstring(house: Iterable[Module]) -> Complaints:
    """Below the front door an `__init__.py` says what the floor is for, and does nothing."""
    for module in house:
        if module.is_init and not module.is_front_door:
            if ast.get_docstring(module.tree) is None or len(module.tree.body) != 1:
                yield module.name, "__init__.py holds a docstring and nothing else"


def room_is_described(house: Iterable[Module]) -> Complaints:
    """The four headings, in order, each with something to say."""
    for module in house:
        if module.is_init or module.is_front_door:
            continue
        lines = (ast.get_docstring(module.tree) or "").splitlines()
        found = [heading for line in lines for heading in HEADINGS if re.match(rf"{heading}  +\S", line)]
        if found != list(HEADINGS):
            yield module.name, f"its docstring has the headings {found}, not {list(HEADINGS)}"


def public_name_is_documented(house: Iterable[Module]) -> Complaints:
    """A public class, function or method says what it promises; an override may leave that to what it overrides."""
    house = list(house)
    documented = {(parent.name, node.name) for module in house for _, node, parent in module.definitions()
                  if isinstance(parent, ast.ClassDef) and ast.get_docstring(node)}
    for module in house:
        if ast.get_docstring(module.tree) is None:
            yield module.name, "the file has no docstring"
        for name, node, parent in module.definitions():
            if any(part.startswith("_") for part in name.removeprefix(module.name).split(".")) or _sets(node):
                continue
            bases = parent.bases if isinstance(parent, ast.ClassDef) else []
            inherited = any((ast.unparse(base).split(".")[-1], node.name) in documented for base in bases)
            if not ast.get_docstring(node) and not inherited:
                yield name, "has no docstring"


def _sets(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(ast.unparse(decorator).endswith(".setter") for decorator in decorators)


RULES = (file_is_short, function_is_short, file_name_is_unique, init_is_a_docstring, room_is_described,
         public_name_is_documented)
