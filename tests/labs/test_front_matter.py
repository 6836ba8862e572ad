"""What the front of a lab promises, its parts keep; what its pictures show, its words say. (The layout: tests/house.)

Each objective has a check: a cell that says "(objective 2)". Each wrong option of a prediction (a folded answer, or
an Option of `predict`) names a misconception that the front lists and course/misconceptions.md knows. Minutes of
teaching and exercises are a table, and add up for each part. A figure has a title, titles of its axes, and a text
alternative. Links lead somewhere. Every larger number in the prose of a lab is printed by a cell, or stands in its
code.
"""

import ast
import re

import nbformat
import pytest
from house import ROOT

LABS = sorted((ROOT / "labs").glob("*.ipynb"))
NOTEBOOKS = [*LABS, *sorted((ROOT / "labs" / "solutions").glob("*.ipynb"))]
PLOTLY = "application/vnd.plotly.v1+json"
PARTS = ("Predict", "Run", "Investigate", "Modify", "Make")
MISCONCEPTIONS = ROOT / "course" / "misconceptions.md"
QUOTED = r"[\"“]([^\"“”]+?)\.?[\"”]"


def read(path):
    return nbformat.read(path, 4)


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def words_of(output):
    """What an output says in text."""
    return output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))


def objectives(notebook):
    """The numbers of the objectives in the front."""
    front = re.search(r"\*\*Objectives\b.*?(?=\n\*\*)", notebook.cells[0].source, re.DOTALL)
    return [int(number) for number in re.findall(r"^(\d)\. ", front[0], re.MULTILINE)]


def unchecked(notebook):
    """Objectives without a check."""
    said = re.findall(r"\(objectives? (\d)(?: and (\d))?\)", prose(notebook))
    return sorted(set(objectives(notebook)) - {int(number) for pair in said for number in pair if number})


def misconceptions(notebook):
    """What the front lists."""
    front = re.search(r"^\*\*Misconceptions\b.*", notebook.cells[0].source, re.DOTALL | re.MULTILINE)
    return re.findall(QUOTED, front[0].replace("\n", " "))


def predictions(notebook):
    """Every `predict(...)`: (its question, [(letter, misconception, right?)])."""
    for cell in notebook.cells:
        calls = ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" and "predict(" in cell.source else ()
        for call in calls:
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "predict":
                options = [(option, [ast.literal_eval(field) for field in option.args]) for option in call.args[1].elts]
                yield ast.literal_eval(call.args[0]), [
                    (given[0], given[2], bool(option.keywords) or True in given[4:]) for option, given in options
                ]


def nameless_options(notebook):
    """Wrong options that name no misconception of the front."""
    known = misconceptions(notebook)
    for summary, answer in re.findall(r"<details><summary>(.*?)</summary>(.*?)</details>", prose(notebook), re.DOTALL):
        option = re.search(r"ou said \([a-d]\)", summary)
        if not option or answer.strip().startswith("Right."):
            continue
        named = re.search(rf"^\*\*{QUOTED}\*\*", answer.strip())
        if not named or named[1] not in known:
            yield f"{summary}: {answer.strip()[:60]}"
    for question, options in predictions(notebook):
        for letter, misconception, right in options:
            if not right and misconception not in known:
                yield f"{question} ({letter}): {misconception!r}"


def minutes_astray(notebook):
    """Where the table of minutes does not agree with the headings or with the sum."""
    front, text = notebook.cells[0].source, prose(notebook)
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \|", front, re.MULTILINE)
    table = {part: (int(teaching), int(exercises)) for part, teaching, exercises in rows}
    if tuple(table) != PARTS:
        yield f"the table of minutes has the parts {tuple(table)}"
        return
    for part, pair in table.items():
        headed = re.search(rf"^## {part} \((\d+) min\)", text, re.MULTILINE)
        if not headed or int(headed[1]) != sum(pair):
            yield f"{part}: {pair} in the table, {headed and headed[1]} in the heading"
    said = re.search(r"(\d+) teaching, (\d+) exercises", front)
    sums = tuple(map(sum, zip(*table.values(), strict=True)))
    if sums != (int(said[1]), int(said[2])):
        yield f"the table adds up to {sums}, the line above it says {said[0]}"


def mute_figures(notebook):
    """Figures without a title, without titles of their axes, or without a text alternative in their cell."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            layout = output.get("data", {}).get(PLOTLY, {}).get("layout")
            if layout is None:
                continue
            title = layout.get("title", {}).get("text", "")
            axes = [axis.get("title", {}).get("text") for name, axis in layout.items() if re.match(r"[xy]axis", name)]
            if not title or sum(bool(text) for text in axes) < 1:
                yield f"{cell.id}: its figure has no title or no titles of axes"
            if not any(len(words_of(other)) > 40 for other in cell.outputs if other is not output):
                yield f"{cell.id}: no text says what its figure shows; print(words(figure))"


def dead_links(path, text):
    """Links of a page that lead to no file."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not re.match(r"\w+:", target) and not (path.parent / target).exists():
            yield f"{path.name}: {target}"


def stale_numbers(notebook):
    """Numbers of two digits and more in the prose that no cell prints or holds."""
    run = [cell for cell in notebook.cells if cell.cell_type == "code"]
    evidence = " ".join(cell.source + "".join(map(words_of, cell.outputs)) for cell in run)
    evidence = re.sub(r"(?<=\d),(?=\d{3})", "", evidence)
    text = "\n".join(cell.source for cell in notebook.cells[1:] if cell.cell_type == "markdown")
    text = text.partition("## In real Kafka")[0]
    spared = r"`[^`]*`|\(\d+ min\)|KIP-\d+|[Ll]abs? \d\d|\b[A-Z][A-Z\d]\d+|\]\([^)]*\)|\d:\d\d"
    years = r"(?:November|In|year is) 20\d\d"
    text = re.sub(f"{spared}|{years}", " ", text)
    for number in re.findall(r"(?<![\w.])\d[\d,]*\d(?:\.\d+)?", text):
        bare = number.replace(",", "")
        if bare not in evidence and bare.lstrip("0") not in evidence:
            yield number


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_each_objective_has_a_check(path):
    assert objectives(read(path)) and not unchecked(read(path))


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_each_wrong_option_is_a_misconception_of_the_front(path):
    assert misconceptions(read(path)) and not [*nameless_options(read(path))]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_each_misconception_has_its_entry(path):
    known = MISCONCEPTIONS.read_text(encoding="utf-8")
    assert not [name for name in misconceptions(read(path)) if name not in known]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_minutes_add_up_in_each_part(path):
    assert not [*minutes_astray(read(path))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: "/".join(path.parts[-2:]))
def test_figures_speak(path):
    assert not [*mute_figures(read(path))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: "/".join(path.parts[-2:]))
def test_links_lead_somewhere(path):
    assert not [*dead_links(path, prose(read(path)))]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_numbers_in_the_prose_come_from_the_cells(path):
    assert not [*stale_numbers(read(path))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_widget_state_is_stored(path):
    assert "widgets" not in read(path).metadata


FRONT = """# 01 · A lab

**Objectives** You can

1. count
2. add

**Minutes** 3 teaching, 7 exercises

| part | teaching | exercises |
|---|---|---|
| Predict | 1 | 1 |
| Run | 1 | 1 |
| Investigate | 1 | 1 |
| Modify | 0 | 2 |
| Make | 0 | 2 |

**Misconceptions** "More is better."
"""
GOOD = [FRONT, *(f"## {part} (2 min)" for part in PARTS), "**Check (objectives 1 and 2).** There are 12.",
        '<details><summary>You said (a)</summary>\n\n**"More is better."** No.\n\n</details>']  # fmt: skip


def lab(*texts, code="print(12)", outputs=()):
    new = nbformat.v4
    return new.new_notebook(cells=[*map(new.new_markdown_cell, texts), new.new_code_cell(code, outputs=list(outputs))])


def complaints(notebook):
    checks = (unchecked, nameless_options, minutes_astray, mute_figures, stale_numbers)
    return [complaint for check in checks for complaint in check(notebook)]


def test_a_good_lab_passes():
    assert not complaints(lab(*GOOD))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("objectives 1 and 2", "objective 1"),
        ('**"More', '**"Less'),
        ("**\"More is better.\"** No", "No"),
        ("| Run | 1 | 1 |", "| Run | 1 | 2 |"),
        ("3 teaching", "4 teaching"),
        ("There are 12", "There are 13"),
    ],
)
def test_a_bad_lab_does_not(before, after):
    assert complaints(lab(*(text.replace(before, after) for text in GOOD)))


def test_a_nameless_option_of_a_card_is_found():
    card = 'predict("How many?", [Option("a", "One", "{}", "No."), Option("b", "12", "", "Yes.", right=True)])'
    assert not complaints(lab(*GOOD, code=card.format("More is better")))
    assert complaints(lab(*GOOD, code=card.format("Less is better")))


def test_a_figure_without_words_is_found():
    figure = {"layout": {"title": {"text": "Lag"}, "xaxis": {"title": {"text": "time (s)"}}}}
    output = nbformat.v4.new_output("display_data", {PLOTLY: figure})
    spoken = nbformat.v4.new_output("stream", name="stdout", text="Lag. From 0 to 12 records, and back to 0 after 3 s.")
    assert complaints(lab(*GOOD, outputs=[output]))
    assert not complaints(lab(*GOOD, outputs=[spoken, output]))


def test_a_dead_link_is_found():
    assert [*dead_links(LABS[0], "[there](nowhere.md)")] and not [*dead_links(LABS[0], "[web](https://kafka.apache.org)")]
