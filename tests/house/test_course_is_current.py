"""The pages and pictures that are made from the code are those of the code as it is."""

import fidelity
import floors
import guarantees
import house
import pytest
from house import Module


@pytest.mark.parametrize(("path", "make"), [
    (fidelity.PAGE, fidelity.page), (floors.PICTURE, floors.draw), (guarantees.PAGE, guarantees.page)])  # fmt: skip
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


STATEMENTS = {"C": range(1, 9), "I": range(1, 8), "L": range(1, 12), "O": range(1, 19), "R": range(1, 16),
              "T": range(1, 8)}  # fmt: skip
NEVER_AN_ERROR = ("O10",)
WITH_A_MUTANT = "CLO"


def test_every_statement_has_somebody_who_looks_after_it_and_a_mistake_that_shows_it():
    tags = [f"{letter}{number}" for letter, numbers in STATEMENTS.items() for number in numbers]
    kept = {tag for keeper in guarantees.keepers() for tag in keeper.tags}
    shown = {tag for mutant in guarantees.mutants() for tag in mutant.tags}
    assert [tag for tag in tags if tag not in kept] == list(NEVER_AN_ERROR)
    assert [tag for tag in tags if tag in kept and tag[0] in WITH_A_MUTANT and tag not in shown] == []


def test_no_mistake_is_against_a_statement_that_nobody_looks_after():
    kept = {tag for keeper in guarantees.keepers() for tag in keeper.tags}
    assert {tag for mutant in guarantees.mutants() for tag in mutant.tags} <= kept


def test_the_picture_knows_who_imports_whom():
    used = floors.imports()
    assert used["world"] == [], "the ground floor imports no other"
    assert "world" in used["protocol"]
