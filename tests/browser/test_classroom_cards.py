"""The classroom's cards on a page without a kernel: by mouse, by keyboard alone, and as a machine reads them."""

import pytest

from minikafka.classroom.card import page as page_of
from minikafka.classroom.exercise import Case, Exercise
from minikafka.classroom.highlight import pieces
from minikafka.classroom.hints import hint, solution
from minikafka.classroom.order import Step, order
from minikafka.classroom.prediction import Option, predict
from minikafka.classroom.progress_book import Book
from minikafka.classroom.sweep_card import Sweep

OPTIONS = [
    Option("a", "Yes, it was acknowledged.", "Acknowledged means safe", "With `acks=1` the leader answers alone."),
    Option(
        "b", "Yes, as soon as b1 is back.", "The old leader brings its data home", "It comes back, and throws it away."
    ),
    Option("c", "No, and nobody is told.", "", "Who would have to wait?", True),
    Option("d", "<b>No</b>, <img src=x onerror=alert(1)>", "Loss is reported", "The producer has moved on."),
]
STEPS = [
    "Stop the producers",
    Step("Wait for lag 0", "before, the lag has no end"),
    "Promote",
    "Point the clients at us-west",
]
GATE = Exercise(
    "04/gate", "say when", "Write it.", lambda isr: bool(isr), ["One.", "Two.", "Three `3`."], [Case(((1,),), True)]
)
MODES = [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}, {"width": 700}, {"reduced_motion": "reduce"}]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def cards(new_page, tmp_path):
    """`cards(width=…)`: all cards on a page, by their test ids."""
    book = Book("memory")
    bar = Sweep("10 storms", 10)
    bar.reached(4)
    made = [
        predict("A case.\n\nIs it there?", OPTIONS),
        predict("Is it there?", OPTIONS, later=True),
        order("Fail over.", STEPS),
        hint(GATE, book),
        solution(GATE, book),
        bar,
    ]
    path = tmp_path / "cards.html"
    path.write_text(page_of(made, "Cards"), encoding="utf-8")

    def cards(**options):
        page = new_page(**options)
        page.goto(path.as_uri())
        page.get_by_test_id("sweep").wait_for()
        return page

    yield cards


def state(page, number, name):
    return page.evaluate("([number, name]) => models[number].get(name)", [number, name])


def test_a_guess_is_committed_and_answered(cards):
    page = cards()
    card = page.get_by_test_id("predict").first
    card.get_by_test_id("commit").click()
    assert "Choose an answer first" in card.get_by_role("status").inner_text() and state(page, 0, "guess") == ""
    card.get_by_text("Yes, as soon as").click()
    assert state(page, 0, "guess") == ""
    card.get_by_test_id("commit").click()
    said = card.get_by_role("status").inner_text()
    assert "Not (b)." in said and "The old leader brings its data home" in said and "throws it away" in said
    assert card.get_by_text("✗ your guess").count() == card.get_by_text("✓ right").count() == 1
    assert state(page, 0, "guess") == "b" and card.get_by_role("radio").first.is_disabled()
    card.locator("summary").click()
    assert "Loss is reported" in card.get_by_role("status").inner_text()
    card.get_by_test_id("again").click()
    assert card.get_by_role("radio").first.is_enabled() and state(page, 0, "revealed") is False


def test_an_answer_may_wait(cards):
    page = cards()
    card = page.get_by_test_id("predict").nth(1)
    card.get_by_text("No, and nobody").click()
    card.get_by_test_id("commit").click()
    assert "is kept" in card.get_by_role("status").inner_text() and card.get_by_text("✓ right").count() == 0
    card.get_by_test_id("reveal").click()
    assert "Right. Who would have to wait?" in card.get_by_role("status").inner_text()


def test_what_is_written_never_becomes_markup(cards):
    page = cards()
    assert page.locator(".mkc img").count() == 0 and page.get_by_text("<b>No</b>, <img").count() == 2
    assert page.troubles == [] and page.outside == []


def test_steps_are_moved_and_judged(cards):
    page = cards()
    card = page.get_by_test_id("order")
    card.get_by_test_id("check").click()
    assert "the wrong way round" in card.get_by_role("status").inner_text() and card.locator(".mkc-bad").count() >= 2
    for wanted in range(len(STEPS)):
        while (at := state(page, 2, "arrangement").index(wanted)) > wanted:
            card.locator(f"[data-step='{wanted}'] [data-move=up]").click()
            assert state(page, 2, "arrangement").index(wanted) == at - 1
    card.get_by_test_id("check").click()
    assert "That works" in card.get_by_role("status").inner_text() and state(page, 2, "tries") == 2


def test_a_step_is_dragged(cards):
    page = cards()
    first = state(page, 2, "arrangement")[0]
    steps = page.locator(".mkc-step")
    steps.nth(0).drag_to(steps.nth(2))
    assert state(page, 2, "arrangement")[2] == first


def test_everything_works_by_keyboard_alone(cards):
    page = cards()
    press = page.keyboard.press

    def focused():
        return page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"
        )

    press("Tab")
    press("b")
    press("ArrowDown")
    assert page.evaluate("document.activeElement.value") == "c"
    press("Tab")
    assert focused() == "This is my guess"
    press("Enter")
    assert state(page, 0, "guess") == "c" and focused() == "Guess again"
    card = page.get_by_test_id("order")
    card.get_by_role("button").first.focus()
    top = state(page, 2, "arrangement")[0]
    press("ArrowDown")
    press("ArrowDown")
    assert (
        state(page, 2, "arrangement").index(top) == 2 and card.locator(f"[data-step='{top}'] button:focus").count() == 1
    )
    press("ArrowDown")
    press("ArrowDown")
    assert (
        state(page, 2, "arrangement").index(top) == 3 and card.locator(f"[data-step='{top}'] button:focus").count() == 1
    )
    page.get_by_test_id("hint").focus()
    for _ in range(4):
        press("Space")
    assert state(page, 3, "opened") == 3 and page.locator(".mkc-hint").count() == 3
    assert page.locator(".mkc-hint code").inner_text() == "3" and focused() == "These are all the hints"


def test_focus_can_be_seen(cards):
    page = cards()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(width.removesuffix("px")) >= 2


def test_a_solution_comes_from_the_kernel_only(cards):
    page = cards()
    card = page.get_by_test_id("solution")
    card.get_by_test_id("open").click()
    card.get_by_text("run this cell first").wait_for(timeout=5000)
    tokens = [list(piece) for piece in pieces("return len(isr) >= 2  # '<b>'")]
    page.evaluate("(tokens) => models[4].set('answer', { text: 'One way.', tokens })", tokens)
    assert (
        card.locator("pre").inner_text() == "return len(isr) >= 2  # '<b>'" and card.get_by_test_id("open").count() == 0
    )
    assert card.locator(".mkc-keyword").inner_text() == "return"


@pytest.mark.parametrize("options", MODES, ids=lambda mode: "-".join(map(str, mode.values())) or "plain")
def test_axe_finds_nothing_in_the_cards(cards, options):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing")
    page = cards(**options)
    results = axe.Axe().run(page, options={"runOnly": RULES})
    assert results.violations_count == 0, results.generate_report()
    page.get_by_text("Yes, as soon as").first.click()
    page.get_by_test_id("commit").first.click()
    page.get_by_test_id("check").click()
    page.get_by_test_id("hint").click()
    page.evaluate(
        "(tokens) => models[4].set('answer', { text: 'One way.', tokens })", [list(p) for p in pieces("return 1")]
    )
    results = axe.Axe().run(page, options={"runOnly": RULES})
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [360, 700, 1400])
def test_cards_fit_and_targets_are_large_enough(cards, width):
    page = cards(width=width)
    small = page.evaluate("""() => [...document.querySelectorAll('.mkc button, .mkc label, .mkc summary')]
      .filter((node) => node.offsetWidth < 24 || node.offsetHeight < 24).map((node) => node.outerHTML)""")
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
