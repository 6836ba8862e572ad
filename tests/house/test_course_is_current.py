"""The pages and pictures that are made from the code are those of the code as it is."""

import fidelity
import floors
import house
import pytest
from house import Module


@pytest.mark.parametrize(("path", "make"), [(fidelity.PAGE, fidelity.page), (floors.PICTURE, floors.draw)])
def test_it_is_current(path, make):
    current = path.read_text(encoding="utf-8") == make()
    assert current, f"{path.name} is older than the code: run `make tour`"


def test_the_ledger_reads_a_docstring():
    lines = ["A room.", "", "Promises     a", "             and b.", "Stands for   c.", "Left out     d | e.",
             "Differs      f."]
    assert fidelity.said(Module("log/room.py", '"""' + "\n".join([*lines, "", "More."]) + '"""')) == {
        "Promises": "a and b.", "Stands for": "c.", "Left out": "d | e.", "Differs": "f.",
    }


def test_the_ledger_has_every_floor():
    told = [floor for names in fidelity.PARTS.values() for floor in names]
    assert sorted(told) == sorted(name for names in house.floors() for name in names)


def test_the_picture_knows_who_imports_whom():
    used = floors.imports()
    assert used["world"] == [], "the ground floor imports no other"
    assert "world" in used["protocol"]
