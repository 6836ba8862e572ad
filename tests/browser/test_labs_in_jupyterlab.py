"""Every lab in a real JupyterLab: opened, run, guessed, watched, changed, compared; one with the keyboard alone.

With MINIKAFKA_SCREENSHOTS=<folder> the pictures are kept there, and each lab is taken as a whole too.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
from jupyter_lab import WIDGET, Notebook, jupyter_lab

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
LABS = sorted(path.stem for path in (ROOT / "labs").glob("*.ipynb"))
BY_KEYBOARD = LABS[0]
SAVED_AT_MOST = 300_000  # bytes
WIDTHS = (700, 1400)
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SHOTS = os.environ.get("MINIKAFKA_SCREENSHOTS")
LIVE, STILL = "application/vnd.jupyter.widget-view+json", "text/html"


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser):
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed: pip install -e '.[labs]'")
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    folder = tmp_path_factory.mktemp("labs")
    configured = folder / "configured"
    configured.mkdir()
    shutil.copy(ROOT / "binder" / "saving.json", configured / "jupyter_server_config.json")
    environment = {"MINIKAFKA_PROGRESS": "memory", "PYTHONPATH": paths, "JUPYTER_CONFIG_PATH": str(configured)}
    with jupyter_lab(folder, **environment) as running:
        left_out = shutil.ignore_patterns("solutions", ".*", "__*")
        shutil.copytree(ROOT / "labs", running[1], dirs_exist_ok=True, ignore=left_out)
        yield running


@pytest.fixture
def opened(lab, new_page):
    """`opened("01_the_log")`: that lab in a page, as it was saved, with an idle kernel. One kernel at a time."""
    notebooks = []

    def opened(name):
        notebooks.append(Notebook(new_page(width=1400, height=1000), lab[0], f"{name}.ipynb"))
        return notebooks[-1]

    yield opened
    for notebook in notebooks:
        notebook.close()


@pytest.fixture
def pictures(tmp_path):
    folder = Path(SHOTS or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("name", LABS)
def test_a_lab(name, opened, stage_page, pictures, lab):
    assert (ROOT / "labs" / f"{name}.ipynb").stat().st_size < SAVED_AT_MOST
    notebook = opened(name)
    page = notebook.page
    tells_before_it_runs(page)
    wrong = notebook.run_all()
    runs_to_the_end(page, wrong)
    stage = stage_page(page, page.get_by_test_id("stage").first)
    for card in page.get_by_test_id("predict").all():
        takes_a_guess(card)
    plays_and_steps_back(stage)
    is_changed_and_compared(stage)
    photograph(page, stage, pictures, name)
    assert notebook.wrong() == wrong, "something went wrong in the kernel after the cells had run"
    assert page.troubles == [] and page.outside == []
    assert saved(page, lab[1] / f"{name}.ipynb") < SAVED_AT_MOST
    notebook.close()
    reopened = opened(name).page
    tells_before_it_runs(reopened)
    assert reopened.get_by_text("model not found").count() == 0 and reopened.troubles == []


def cells_of(page):
    """The notebook's cells as it would be saved now, by their number."""
    return list(enumerate(page.evaluate(f"{WIDGET}.content.model.toJSON().cells")))


def saved(page, path):
    """Bytes of the notebook after it was saved as its user saves it, with everything that has run; its charts are
    there, and drawn again from their numbers when it is opened."""
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function(f"() => !{WIDGET}.context.model.dirty")
    text = path.read_text(encoding="utf-8")
    shown = page.locator(".js-plotly-plot").count()
    assert text.count('"application/vnd.plotly.v1+json"') == shown and '"image/png"' not in text and LIVE not in text
    return path.stat().st_size


def tells_before_it_runs(page):
    """As it was saved: where a card will be there is a sentence; where a stage will be, a picture and its numbers."""
    kinds = {"predict(": 0, "Stage(": 0}
    for number, cell in cells_of(page):
        if not any(STILL in output.get("data", {}) for output in cell.get("outputs", ())):
            continue
        shown = page.locator(".jp-Notebook .jp-Cell").nth(number).locator(".jp-OutputArea-output.jp-RenderedHTML")
        shown.last.wait_for()
        assert len(shown.last.inner_text().split()) >= 4
        kinds["predict("] += "predict(" in cell["source"] and shown.get_by_text("Guess first").count()
        if "Stage(" in cell["source"]:
            still = shown.locator("img")
            assert "Run the cell to play it" in still.get_attribute("alt")
            assert still.evaluate("async image => { await image.decode(); return image.naturalWidth }") > 300
            assert shown.locator("caption").first.inner_text().startswith("Replicas at")
            kinds["Stage("] += 1
    assert all(kinds.values()), f"a lab has a prediction and a stage, this one has {kinds}"


def runs_to_the_end(page, wrong):
    """Every cell has run, and only a cell that says so before has failed."""
    expected = []
    for number, cell in cells_of(page):
        if cell["cell_type"] != "code" or not cell["source"].strip():
            continue
        failed = [output for output in cell["outputs"] if output["output_type"] == "error"]
        assert not failed or "raises-exception" in cell["metadata"].get("tags", ()), f"cell {number}: {failed}"
        assert cell["execution_count"], f"cell {number} has not run"
        expected += [f"{error['ename']}: {error['evalue']}" for error in failed]
    assert wrong == expected


def takes_a_guess(card):
    """A wrong guess has its own answer; a second look shows the right one."""
    said, options = card.get_by_role("status"), card.get_by_role("radio")
    options.first.check()
    card.get_by_test_id("commit").click()
    if card.get_by_test_id("reveal").count():
        card.get_by_test_id("reveal").click()
    first = said.inner_text()
    assert first.startswith(("Right.", "Not (a).")) and len(first.split()) > 6
    right = next(i for i in range(options.count()) if "✓ right" in card.locator("label").nth(i).inner_text())
    card.get_by_test_id("again").click()
    options.nth(right).check()
    card.get_by_test_id("commit").click()
    if card.get_by_test_id("reveal").count():
        card.get_by_test_id("reveal").click()
    assert said.inner_text().startswith("Right.")


def until(stage, name, value):
    """Wait until an attribute of this stage says so."""
    stage.page.wait_for_function(
        "([stage, name, value]) => stage.dataset[name] === value", arg=[stage.root.element_handle(), name, value]
    )


def plays_and_steps_back(stage):
    stage.root.scroll_into_view_if_needed()
    until(stage, "visible", "true")
    opened_at = stage.time
    stage.part("play").click()
    stage.page.wait_for_function(
        "([stage, time]) => +stage.dataset.time > time && +stage.dataset.frames > 2",
        arg=[stage.root.element_handle(), opened_at],
    )
    if stage.data("playing") == "true":
        stage.part("play").click()
    until(stage, "playing", "false")
    played_to = stage.time
    answer(stage)
    stage.part("back").click()
    once = stage.time, stage.sentence()
    stage.part("back").click()
    assert stage.time < once[0] <= played_to and stage.sentence() != once[1]
    stage.part("forward").click()
    answer(stage)
    assert (stage.time, stage.sentence()) == once
    stage.part("jump").click()
    answer(stage)
    assert re.match(r"\d+\.\d{3} s|There is no later", stage.sentence())
    stage.part("first").click()
    assert stage.time == 0
    stage.part("last").click()
    while answer(stage):
        stage.part("last").click()
    assert stage.time > once[0]
    stage.part("scrub").fill(str(opened_at))
    assert stage.time == opened_at


def answer(stage):
    """If the stage has stopped to ask, answer; whether it did."""
    asked = stage.data("asking") == "true"
    if asked:
        stage.part("option-1").click()
        assert re.match(r"Yes\.|Not this time: ", stage.part("answer").inner_text())
        stage.part("skip").click()
        until(stage, "asking", "")
    return asked


def is_changed_and_compared(stage):
    """Freeze the last broker where the stage opened: two branches, side by side, on one scrubber."""
    stage.part("tab-intervene").click()
    brokers = stage.part("target").locator("option").evaluate_all("options => options.map(option => option.value)")
    broker = max(name for name in brokers if re.search(r"/b\d+$", name))
    stage.part("target").select_option(broker)
    stage.part("do-freeze").click()
    until(stage, "branches", "2")
    until(stage, "compare", "true")
    stage.root.locator("[data-testid=reply]", has_text=f"Branch B: freeze {broker}").wait_for()
    assert stage.part("scene").count() == 2
    assert stage.part("target").input_value() == broker, "what was aimed at stays"
    stage.part("last").click()
    answer(stage)
    told = stage.part("differences").inner_text()
    assert "do not differ" in told or "What differs at" in told
    stage.part("branch").select_option("0")
    assert stage.part("scene").count() == 2
    stage.part("compare").click()
    until(stage, "compare", "false")
    assert stage.part("scene").count() == 1


def photograph(page, stage, folder, name):
    """Both widths, light and dark: the first stage alone and compared, and the first prediction."""
    cards = {"stage": stage.root, "compared": stage.root, "predict": page.get_by_test_id("predict").first}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 2400})
        for theme, its_name in THEMES.items():
            page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", its_name)
            page.locator(f"body[data-jp-theme-light={str(theme == 'light').lower()}]").wait_for(state="attached")
            for kind, card in cards.items():
                if stage.data("compare") != str(kind == "compared").lower():
                    stage.part("compare").click()
                card.screenshot(path=folder / f"{name[:2]}-{kind}-{width}-{theme}.png", animations="disabled")
                assert card.evaluate("card => card.scrollWidth <= card.clientWidth"), f"{kind} is cut off at {width}"
                assert card.bounding_box()["width"] <= width
            if SHOTS:
                height = page.evaluate(f"{WIDGET}.content.node.querySelector('.jp-WindowedPanel-outer').scrollHeight")
                page.set_viewport_size({"width": width, "height": min(height + 120, 16_000)})
                page.screenshot(path=folder / f"{name[:2]}-whole-{width}-{theme}.png", animations="disabled")
                page.set_viewport_size({"width": width, "height": 2400})


def test_a_lab_by_keyboard(opened, stage_page, lab):
    """From opening to guessing, playing, stepping and intervening, the mouse lies idle."""
    shutil.copy(ROOT / "labs" / f"{BY_KEYBOARD}.ipynb", lab[1])  # as it was delivered: another test may have saved it
    notebook = opened(BY_KEYBOARD)
    page = notebook.page
    keys = page.keyboard
    keys.press("Control+Shift+c")
    page.locator(".lm-CommandPalette-input:focus").wait_for()
    keys.type("Run All Cells")
    chosen = page.locator(".lm-CommandPalette-item.lm-mod-active .lm-CommandPalette-itemLabel")
    chosen.get_by_text("Run All Cells", exact=True).wait_for()
    keys.press("Enter")
    page.get_by_test_id("solution").last.wait_for(timeout=60_000)
    notebook.until_idle()
    assert notebook.wrong() == []
    stage = stage_page(page, page.get_by_test_id("stage").first)
    card = page.get_by_test_id("predict").first

    travel(page, "[data-testid=predict] input[type=radio]", "Shift+Tab")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    travel(page, "[data-testid=commit]", "Tab")
    keys.press("Enter")
    card.get_by_role("status").get_by_text(re.compile(r"Right|Not \(")).first.wait_for()
    assert page.evaluate("document.activeElement.closest('[data-testid=predict]') !== null")

    cells = page.locator(".jp-Cell").count()
    travel(page, "[data-testid=stage]", "Tab")
    opened_at = stage.time
    keys.press("ArrowRight")
    stepped = stage.time, stage.sentence()
    keys.press("ArrowLeft")
    assert stage.time < stepped[0] and opened_at <= stepped[0]
    keys.press("ArrowRight")
    assert (stage.time, stage.sentence()) == stepped
    keys.press("Space")
    until(stage, "playing", "true")
    keys.press("Space")
    until(stage, "playing", "false")

    travel(page, "[data-testid=stage] [role=tab][aria-selected=true]", "Tab")
    while stage.data("tab") != "intervene":
        keys.press("ArrowRight")
    travel(page, "[data-testid=target]", "Tab")
    keys.press("ArrowDown")
    broker = stage.part("target").input_value()
    travel(page, "[data-testid=do-freeze]", "Tab")
    keys.press("Enter")
    until(stage, "branches", "2")
    until(stage, "compare", "true")
    stage.root.locator("[data-testid=reply]", has_text=f"Branch B: freeze {broker}").wait_for()
    assert page.evaluate("document.activeElement.dataset.testid") == "do-freeze", "the focus stays where it was"
    keys.press("c")
    until(stage, "compare", "false")
    assert page.locator(".jp-Cell").count() == cells, "the notebook has taken a key that was the stage's"
    assert notebook.wrong() == [] and page.troubles == [] and page.outside == []


def travel(page, selector, key):
    """Press Tab, or Shift+Tab, until the focus is on such an element; it has to be seen, and not a trap."""
    for _ in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {selector}")
