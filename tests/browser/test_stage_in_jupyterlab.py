"""The stage in a real JupyterLab: run, watched, intervened in, compared, handed on."""

from pathlib import Path

import nbformat
import pytest
from jupyter_lab import Notebook, jupyter_lab
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parent
WATCHED = HERE.parent / "rooms" / "viz"
IMPORTS = f"""import sys
sys.path[:0] = [{str(WATCHED)!r}, {str(HERE.parents[1])!r}]
from watched import died_leader
from minikafka.viz.stage import Stage"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser):
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed: pip install -e '.[labs]'")
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def notebook(lab, new_page):
    address, root = lab
    cells = [
        IMPORTS,
        "world = died_leader()\nstage = Stage(world)\nstage",
    ]
    written = new_notebook(
        cells=[new_code_cell(cell) for cell in cells],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.write(written, root / "stage.ipynb")
    page = new_page(width=1500, height=1600)
    return Notebook(page, address, "stage.ipynb")


def test_a_world_is_watched_and_changed(notebook, stage_page):
    page = notebook.page
    assert notebook.run_all() == []
    shown = stage_page(page)
    digest = notebook.ask("world.recorder.digest()")
    shown.choose_kind("kind MachineCrashed")
    shown.part("jump").click()
    assert "crashed" in shown.sentence()
    shown.part("scrub").fill("1500000")
    shown.part("tab-intervene").click()
    shown.part("target").select_option("primary/b1")
    shown.part("do-freeze").click()
    shown.until("branches", "2")
    shown.until("compare", "true")
    assert page.locator(".mk-stage [data-testid=scene]").count() == 2
    page.locator("[data-testid=reply]", has_text="Branch B: freeze primary/b1").wait_for()
    assert notebook.ask("(len(stage.branches), stage.branches[1].world.now == world.now)") == "(2, True)"
    assert notebook.ask("world.recorder.digest()") == digest

    shown.part("do-thaw").click()
    page.locator("[data-testid=reply]", has_text="Branch C").wait_for()
    shown.part("do-thaw").click()
    page.locator("[data-testid=reply]", has_text="cannot").wait_for()
    shown.part("pasted").fill(shown.part("scenario").input_value())
    shown.part("paste").click()
    shown.until("branches", "4")
    assert (
        notebook.ask("stage.branches[3].world.recorder.digest() == stage.branches[2].world.recorder.digest()") == "True"
    )
    shown.part("pasted").fill("not a scenario")
    shown.part("paste").click()
    page.locator("[data-testid=reply]", has_text="damaged").wait_for()
    assert shown.data("branches") == "4"

    shown.part("branch").select_option("0")
    shown.part("scrub").fill("1500000")
    assert shown.part("setting").input_value() == "min.insync.replicas"
    assert "acks=all is refused" in shown.part("about-setting").inner_text()
    shown.part("value").fill("many")
    shown.part("do-alter_config").click()
    page.locator("[data-testid=reply]", has_text="write a whole number").wait_for()
    shown.part("value").fill("3")
    shown.part("do-alter_config").click()
    shown.until("branches", "5")
    page.locator("[data-testid=reply]", has_text="Branch E: change topic flights of primary").wait_for()
    page.locator("[data-testid=left-out]", has_text="faults.crash(primary/b1) at 2.017 s").wait_for()
    changes = "[entry.event.value for entry in stage.branches[4].world.recorder.events('SettingChanged')]"
    assert notebook.ask(changes) == "[3]"
    assert notebook.ask("world.recorder.digest()") == digest

    shown.part("play").click()
    shown.until("playing", "true")
    shown.part("play").click()
    assert notebook.wrong() == [] and page.troubles == [] and page.outside == []


def test_keys_of_the_notebook_are_not_taken(notebook, stage_page):
    """`b` makes a new cell in the notebook, and is the table view on the stage."""
    page = notebook.page
    assert notebook.run_all() == []
    shown = stage_page(page)
    cells = page.locator(".jp-Cell").count()
    shown.root.focus()
    page.keyboard.press("b")
    shown.until("tab", "table")
    assert page.locator(".jp-Cell").count() == cells


def test_a_saved_notebook_is_small_and_shows_a_picture(lab, new_page, tmp_path):
    """Run, stored without the widget's state, and opened anew: a picture and a table stand where the stage was."""
    address, root = lab
    saved = new_notebook(
        cells=[new_code_cell(f"{IMPORTS}\nStage(died_leader())")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    NotebookClient(saved, timeout=60, kernel_name="python3", store_widget_state=False).execute()
    nbformat.write(saved, root / "saved.ipynb")
    assert (root / "saved.ipynb").stat().st_size < 60_000
    page = new_page(width=1300, height=900)
    Notebook(page, address, "saved.ipynb")
    page.locator(".jp-OutputArea img[alt*='in 1 region']").wait_for()
    assert page.locator(".jp-OutputArea table caption").inner_text().startswith("Replicas at")
