"""A room whose docstring shows how its state moves has the same table in code, as `MOVES`."""

import ast
import importlib
import re
from enum import Enum

import pytest
from house import Module, the_house

HEADER = re.compile(r"\s+state\s{2,}on\s{2,}becomes\s*")


def told(module):
    """{(state, on): becomes} of the table in the docstring, or None."""
    lines = (ast.get_docstring(module.tree, clean=False) or "").splitlines()
    starts = [number for number, line in enumerate(lines) if HEADER.fullmatch(line)]
    if not starts:
        return None
    moves = {}
    for line in lines[starts[0] + 1:]:
        if not line.strip():
            break
        cells = re.split(r"\s{2,}", line.strip())
        assert len(cells) == 3, f"{module.path}: a row of the table has {len(cells)} cells, not 3: {line!r}"
        assert (cells[0], cells[1]) not in moves, f"{module.path}: the row for {cells[:2]} stands twice"
        moves[cells[0], cells[1]] = cells[2]
    return moves


def word(value):
    return value.value if isinstance(value, Enum) else value


@pytest.mark.parametrize("module", [module for module in the_house() if told(module)], ids=lambda module: module.name)
def test_the_table_is_the_code(module):
    code = importlib.import_module(f"minikafka.{module.name}")
    assert hasattr(code, "MOVES"), f"minikafka/{module.path} shows a table of transitions but has no MOVES"
    moves = {(word(state), word(on)): word(becomes) for (state, on), becomes in code.MOVES.items()}
    assert moves == told(module)


def test_moves_are_told():
    assert not [module.path for module in the_house() if "\nMOVES" in module.source and not told(module)]


def test_a_table_is_read():
    table = '"""A room.\n\n    state       on                becomes\n    follower    named leader      leader\n"""'
    assert told(Module("room.py", table)) == {("follower", "named leader"): "leader"}
    assert told(Module("room.py", '"""A room without one."""')) is None
