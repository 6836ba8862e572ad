"""Predictions, orders, exercises, hints, solutions and the progress book, as Python sees them."""

import html
import json

import pytest

from minikafka.classroom import check as checking
from minikafka.classroom.card import page
from minikafka.classroom.exercise import Case, Exercise, Wrong, find
from minikafka.classroom.highlight import pieces
from minikafka.classroom.hints import hint, solution
from minikafka.classroom.order import Step, broken, order
from minikafka.classroom.prediction import AuthorError, Option, predict
from minikafka.classroom.progress_book import Book, progress

A = Option("a", "Yes", "Acknowledged means safe", "With `acks=1` the leader answers alone.")
B = Option("b", "No", "", "Nobody is told.", True)
STEPS = ["Stop the producers", Step("Wait for lag 0", "before, the lag has no end"), "Promote"]


def may_write(isr, min_isr):
    return len(isr) >= min_isr


GATE = Exercise(
    name="04/gate",
    objective="say when acks=all is refused",
    task="Write `may_write(isr, min_isr)`.",
    cases=[Case(((1, 2), 2), True), Case(((1,), 2), False, "two are needed")],
    wrong=[Wrong(lambda isr, min_isr: len(isr) > min_isr, "You ask for one more than the minimum.")],
    hints=["One.", "Two.", "Three."],
    solution=may_write,
)
LOST = [Wrong(42, "That is b1's end.")]
OFFSET = Exercise("04/offset", "name the lost offset", "Which offset is lost?", 41, ["Look at b2."] * 3, wrong=LOST)


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / ".progress.json")


# -- predictions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "answer", "told"),
    [
        ([A, B._replace(right=False)], None, "no option is right"),
        ([A._replace(right=True), B], None, "a and b are both right"),
        ([A, B._replace(letter="a")], None, "not all different"),
        ([A._replace(misconception=""), B], None, "option a is wrong for no reason: name the misconception"),
        ([A._replace(reply=" "), B], None, "option a has no text or no reply"),
        ([B], None, "1 option"),
        ([A, B], "z", "answer='z' is none of the letters a, b"),
        ([A, ("b", "No")], None, "is not an option"),
        ([A, B._replace(letter="?")], None, "is no letter"),
        ([A, 7], None, "is not an option"),
    ],
)
def test_an_author_is_told_what_is_wrong_with_a_prediction(options, answer, told):
    with pytest.raises(AuthorError, match=told):
        predict("Is it there?", options, answer)


def test_a_prediction_says_itself_without_being_run():
    card = predict("Is <it> there?", [A, B])
    assert card.text().splitlines()[:3] == ["Predict: Is <it> there?", "  (a) Yes", "  (b) No"]
    said = card.html()
    assert html.escape("Is <it> there?") in said and "<details>" in said and "<code>acks=1</code>" in said
    data, _ = card._repr_mimebundle_()
    assert data["text/plain"] == repr(card) == card.text() and data["text/html"] == card.html()
    card.guess = "a"
    assert card.text() == predict("Is <it> there?", [A, B]).text()


def test_a_guess_may_wait_for_the_run():
    card = predict("Is it there?", [A, B._replace(right=False)], answer="b", later=True)
    assert card.told["later"] and not card.revealed and card.options[1].right
    card.reveal()
    assert card.revealed


# -- orders -----------------------------------------------------------------------------------------------------


def test_steps_begin_in_the_same_wrong_order():
    one, other = order("Fail over", STEPS), order("Fail over", STEPS)
    assert one.arrangement == other.arrangement and not one.solved
    one.arrangement = [0, 1, 2]
    assert one.solved and one.text() == other.text() and "<ol>" in one.html()


def test_neighbours_are_named_first():
    rules = order("Fail over", STEPS).rules
    assert [tuple(rule) for rule in broken([1, 0, 2], rules)] == [(0, 1, "before, the lag has no end")]
    assert [(rule.first, rule.then) for rule in broken([2, 0, 1], rules)] == [(0, 2)]


def test_constraints_leave_several_orders_right():
    rules = order("Fail over", [*STEPS, "Tell everybody"], before=[(0, 1), (1, 2, "else it would be incomplete")]).rules
    assert not broken([3, 0, 1, 2], rules) and not broken([0, 3, 1, 2], rules)
    assert [(rule.first, rule.then) for rule in broken([2, 3, 0, 1], rules)] == [(0, 2)]


@pytest.mark.parametrize(
    ("steps", "before", "told"),
    [
        (["a", "b"], None, "too few"),
        (["a", "b", "a"], None, "read the same: 'a'"),
        (STEPS, [], "every order right"),
        (STEPS, [(0, 9)], "names no pair of steps"),
        (STEPS, [(2, 0)], "not written in such an order"),
    ],
)
def test_an_author_is_told_what_is_wrong_with_an_order(steps, before, told):
    with pytest.raises(AuthorError, match=told):
        order("Fail over", steps, before)


# -- exercises --------------------------------------------------------------------------------------------------


def test_an_exercise_judges_functions(book):
    def check(answer):
        return checking.check(GATE, answer, book)

    assert not GATE.complaints() and not OFFSET.complaints()
    assert check(lambda isr, min_isr: len(isr) > min_isr).message == "You ask for one more than the minimum."
    assert "answers True; it should be False: two are needed" in check(lambda isr, min_isr: True).message
    assert "cannot be called with (isr, min_isr)" in check(lambda isr: True).message
    assert "raised TypeError" in check(lambda isr, min_isr: isr > min_isr).message
    assert "not a function" in check(True).message
    assert check(may_write) and check(may_write).message == "You can say when acks=all is refused."
    assert book.entry("04/gate") == {"objective": GATE.objective, "tries": 6, "passed": True, "looked first": False}


def test_a_blank_is_no_try(book):
    def blank(isr, min_isr): ...

    for nothing in (None, ..., "", blank):
        assert "still blank" in checking.check(GATE, nothing, book).message
    assert "tries" not in book.entry("04/gate")


def test_an_exercise_judges_values(book):
    assert checking.check(OFFSET, 42, book).message == "That is b1's end."
    assert checking.check(OFFSET, 40, book).message == "It is not 40. Look at b2."
    assert checking.check(OFFSET, 41, book)


def test_a_rule_is_tried_in_the_world_too(book):
    def right(log_end, ends):
        return min([log_end, *ends.values()])

    asked = Exercise("03/hw", "say what is committed", "Write it.", right, ["?"] * 3, rule="high watermark", seeds=2)
    assert not asked.complaints() and checking.check(asked, right, book)
    wrong = checking.check(asked, lambda log_end, ends: log_end, book)
    assert not wrong and "a law is broken" in wrong.message and wrong.judgement.counter_example.story


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "gate"}, "write the lab and the exercise"),
        ({"objective": ""}, "objective is empty"),
        ({"hints": ["One."]}, "hints come in 3 steps"),
        ({"cases": []}, "nothing judges the function"),
        ({"cases": [Case(((1,), 2), True)], "wrong": ()}, "its own solution does not pass"),
        ({"wrong": [Wrong(may_write, "No.")]}, "does not get its message"),
    ],
)
def test_an_author_is_told_what_an_exercise_lacks(change, told):
    assert any(told in complaint for complaint in GATE._replace(**change).complaints())


def test_an_unknown_exercise_is_named():
    with pytest.raises(AuthorError, match="there are no exercises of a lab '99'"):
        find("99/nothing")
    with pytest.raises(AuthorError, match="hints come in 3 steps"):
        hint(GATE._replace(hints=[]))


# -- hints and solutions ----------------------------------------------------------------------------------------


def test_a_solution_opens_after_a_try(book):
    card = solution(GATE, book)
    card.asked += 1
    assert card.answer["text"].startswith("Not yet.") and "tokens" not in card.answer and "len(isr)" not in page([card])
    checking.check(GATE, lambda isr, min_isr: True, book)
    card.asked += 1
    assert "".join(text for _, text in card.answer["tokens"]).startswith("def may_write(isr, min_isr):")
    assert checking.check(GATE, may_write, book) and "after the solution" in repr(progress(book=book))


def test_a_solution_opens_after_all_hints(book):
    hints, card = hint(GATE, book), solution(GATE, book)
    hints.opened = 2
    card.asked += 1
    assert "tokens" not in card.answer
    hints.opened = 3
    card.asked += 1
    assert card.answer["tokens"] and hint(GATE, book).opened == 3 and hints.html().count("<details>") == 3


def test_highlighted_pieces_are_the_code():
    code = "def f(x):\n    return x + 1  # 'one'\n"
    assert "".join(text for _, text in pieces(code)) == code
    assert ("keyword", "def") in pieces(code) and ("number", "1") in pieces(code)


# -- progress ---------------------------------------------------------------------------------------------------


def test_progress_is_kept_and_reset(book):
    book.note("04/gate", {"tries": 1, "objective": "say when"})
    book.note("05/leader", {"passed": True})
    assert Book(book.path).entries == book.entries
    assert repr(progress(book=book)).splitlines()[1].split() == ["04", "gate", "say", "when", "tried", "1"]
    assert "<th scope" in progress("04", book=book)._repr_html_()
    progress("04", reset=True, book=book)
    assert list(Book(book.path).entries) == ["05/leader"]
    assert repr(progress(reset=True, book=book)) == "Nothing tried yet."


OTHERS = ['{"minikafka progress": 9, "entries": {}}', '{"minikafka progress": 1, "entries": {"a": 1}}']


@pytest.mark.parametrize("text", ["{", "[]", "\x00", *OTHERS])
def test_a_damaged_file_is_set_aside(tmp_path, text, capsys):
    path = tmp_path / ".progress.json"
    path.write_text(text)
    book = Book(path)
    book.note("04/gate", {"tries": 1})
    assert (tmp_path / ".progress.json.damaged-1").read_text() == text
    assert "set aside as .progress.json.damaged-1" in capsys.readouterr().err and book.remarks
    assert json.loads(path.read_text())["entries"] == {"04/gate": {"tries": 1}}
    path.write_text("{")
    Book(path).note("04/gate", {})
    assert (tmp_path / ".progress.json.damaged-2").exists()


def test_a_folder_that_cannot_be_written_is_no_disaster(tmp_path, capsys):
    book = Book(tmp_path / "nowhere" / ".progress.json")
    book.note("04/gate", {"tries": 1})
    assert book.entry("04/gate") == {"tries": 1} and "kept in memory only" in capsys.readouterr().err


def test_progress_may_be_kept_in_memory(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINIKAFKA_PROGRESS", "memory")
    Book().note("04/gate", {"tries": 1})
    assert not list(tmp_path.iterdir())
    monkeypatch.delenv("MINIKAFKA_PROGRESS")
    Book().note("04/gate", {"tries": 1})
    assert [path.name for path in tmp_path.iterdir()] == [".progress.json"]
