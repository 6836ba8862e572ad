"""What every lab has: a front, five parts, an end; stored outputs of a complete run; a solution; a size that travels.

The front is the first cell: a heading `# 03 · Replication`, then a paragraph for each of these bold words: Questions,
Objectives, Prerequisites, Minutes ("15 teaching, 25 exercises"), Misconceptions. The parts are headings of the second
level with their minutes, `## Predict (5 min)` to `## Make (12 min)`; then come `## Key points`, `## In real Kafka` and
`## Three questions`.
"""

import re

import nbformat
import pytest
from house import ROOT

LABS = sorted((ROOT / "labs").glob("*.ipynb"))
NOTEBOOKS = sorted((ROOT / "labs").rglob("*.ipynb"))
SIZE = 300_000
FRONT = ("Questions", "Objectives", "Prerequisites", "Minutes", "Misconceptions")
PARTS = ("Predict", "Run", "Investigate", "Modify", "Make")
END = ("Key points", "In real Kafka", "Three questions")


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def headings(notebook):
    """[(level, text)] of all headings, in order; lines of code in the prose are no headings."""
    text = re.sub(r"```.*?```", "", "\n".join(prose(notebook)), flags=re.DOTALL)
    return [(len(match[1]), match[2].strip()) for match in re.finditer(r"^(#{1,6}) +(.+)$", text, re.MULTILINE)]


def front_complaints(notebook):
    """What is missing at the front, among the parts, at the end."""
    front = (prose(notebook) or [""])[0]
    if not re.match(r"# \d\d · \S", front):
        yield "the first cell does not begin with a heading like `# 03 · Replication`"
    yield from (f"the first cell has no **{word}**" for word in FRONT if not re.search(rf"^\*\*{word}\b", front, re.M))
    sections = [re.sub(r"^\d\. |\W*\(\d+ min\)$", "", text) for level, text in headings(notebook) if level == 2]
    found = [section for section in sections if section in PARTS + END]
    if found != [*PARTS, *END]:
        yield f"the parts are {found}, not {[*PARTS, *END]}"
    minutes = re.search(r"^\*\*Minutes\b\W*(\d+)\D+teaching\D+(\d+)\D+exercises", front, re.M)
    parts = sum(int(found[1]) for _, text in headings(notebook) if (found := re.search(r"\((\d+) min\)$", text)))
    if not minutes or not 30 <= (total := int(minutes[1]) + int(minutes[2])) <= 50:
        yield "**Minutes** does not say `15 teaching, 25 exercises`, 30 to 50 in all"
    elif total != parts:
        yield f"**Minutes** adds up to {total}, the parts to {parts}"


def reading_complaints(notebook):
    """What a screen reader would stumble over."""
    levels = [level for level, _ in headings(notebook)]
    if levels.count(1) != 1 or levels[:1] != [1]:
        yield "there is not exactly one heading of the first level, at the top"
    if any(deeper > level + 1 for level, deeper in zip(levels, levels[1:], strict=False)):
        yield "a heading skips a level"
    for text in prose(notebook):
        if re.search(r"!\[\s*\]\(", text) or re.search(r"<img(?![^>]*\balt=\"[^\"]+\")", text):
            yield "a picture has no alternative text"


def run_complaints(notebook):
    """Was it run from the top to the end in one go, before it was saved?"""
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        yield f"it was not run from top to end before it was saved: {counts}"


@pytest.mark.parametrize("complaints", [front_complaints, reading_complaints], ids=lambda check: check.__name__)
def test_labs(complaints):
    assert not [f"{path.name}: {it}" for path in LABS for it in complaints(nbformat.read(path, 4))]


def test_notebooks_were_run():
    assert not [f"{path.name}: {it}" for path in NOTEBOOKS for it in run_complaints(nbformat.read(path, 4))]


def test_notebooks_are_valid_and_small():
    for path in NOTEBOOKS:
        nbformat.validate(nbformat.read(path, 4))
        size = path.stat().st_size
        assert size < SIZE, f"{path.name} has {size:,} bytes as saved, the cap is {SIZE:,}"


def test_every_lab_has_its_solution():
    assert [path.name for path in LABS] == sorted(path.name for path in (ROOT / "labs" / "solutions").glob("*.ipynb"))


GOOD = [
    "# 03 · Replication\n\n**Questions** How?\n\n**Objectives** Say how.\n\n**Prerequisites** Lab 01.\n\n"
    "**Minutes** 15 teaching, 20 exercises\n\n**Misconceptions** None.",
    *(f"## {part} ({7} min)" for part in PARTS),
    *(f"## {part}" for part in END),
]


def lab(cells, counts=(1, 2)):
    new = nbformat.v4
    code = [new.new_code_cell("1", execution_count=count) for count in counts]
    return new.new_notebook(cells=[*map(new.new_markdown_cell, cells), *code])


def test_a_good_lab_passes():
    good = lab(GOOD)
    assert not [*front_complaints(good), *reading_complaints(good), *run_complaints(good)]


@pytest.mark.parametrize(
    ("check", "notebook", "says"),
    [
        (front_complaints, lab([GOOD[0].replace("# 03 ·", "# Lab"), *GOOD[1:]]), "heading like"),
        (front_complaints, lab([GOOD[0].replace("**Objectives**", ""), *GOOD[1:]]), "no **Objectives**"),
        (front_complaints, lab([GOOD[0].replace("15 t", "16 t"), *GOOD[1:]]), "adds up to 36, the parts to 35"),
        (front_complaints, lab([GOOD[0].replace("15 t", "50 t"), *GOOD[1:]]), "30 to 50"),
        (front_complaints, lab([GOOD[0], *GOOD[2:]]), "the parts are"),
        (front_complaints, lab([GOOD[0], GOOD[2], GOOD[1], *GOOD[3:]]), "the parts are"),
        (front_complaints, lab([]), "first cell"),
        (reading_complaints, lab([*GOOD, "# Another"]), "exactly one"),
        (reading_complaints, lab([*GOOD, "#### Deep"]), "skips a level"),
        (reading_complaints, lab([*GOOD, "![](picture.svg)"]), "alternative text"),
        (reading_complaints, lab([*GOOD, '<img src="picture.svg" alt="">']), "alternative text"),
        (run_complaints, lab(GOOD, (1, None)), "not run"),
        (run_complaints, lab(GOOD, (2, 3)), "not run"),
    ],
)
def test_a_bad_lab_does_not(check, notebook, says):
    assert any(says in complaint for complaint in check(notebook))
