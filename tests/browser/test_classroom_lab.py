"""The cards in a real JupyterLab: saved and not run, run, used, judged; and the same outputs when it is run again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CELLS = [
    "from minikafka.classroom.desk import *",
    """predict("Is it still on the board?", [
    Option("a", "Yes.", "Acknowledged means safe", "The leader answers alone."),
    Option("b", "No, and nobody is told.", "", "Who would have to wait?", True)], name="99/guess")""",
    "order('Fail over.', ['Stop the producers', 'Wait for lag 0', 'Promote'], name='99/order')",
    """def gate(isr, least):
    return len(isr) >= least

GATE = Exercise("99/gate", "say when acks=all is refused", "Write `gate(isr, least)`.", gate,
                ["One.", "Two.", "Three."], [Case(((1, 2), 2), True), Case(((1,), 2), False)])
hint(GATE)""",
    "solution(GATE)",
    "check(GATE, lambda isr, least: True)",
    """def mine(log_end, ends):
    return log_end

trial("high watermark", mine, seeds=2)""",
    "progress('99')",
]
ROOT = str(Path(__file__).resolve().parents[2])
LAB = "window.jupyterapp.shell.currentWidget"


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed: pip install -e '.[labs]'")
    folder = tmp_path_factory.mktemp("jupyter")
    root = folder / "root"
    root.mkdir()
    settings = {
        "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
        "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, value in settings.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    where = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment = {
        **os.environ,
        **{name: str(folder / place) for name, place in places.items()},
        "PYTHONPATH": where,
        "MINIKAFKA_PROGRESS": "memory",
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--expose-app-in-browser",
        f"--ServerApp.root_dir={root}",
        "--LabApp.news_url=",
        "--ServerApp.terminals_enabled=False",
    ]
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(
            command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(address + "/api", timeout=2).read()
            break
        except OSError:
            assert server.poll() is None, (folder / "lab.log").read_text()
            time.sleep(0.1)
    yield address, root
    server.send_signal(signal.SIGINT)
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.terminate()
        server.wait(10)


@pytest.fixture
def notebook(jupyter, monkeypatch):
    """A notebook with one of each, executed and saved."""
    nbclient = pytest.importorskip("nbclient")
    address, root = jupyter
    monkeypatch.setenv("MINIKAFKA_PROGRESS", "memory")
    monkeypatch.setenv("PYTHONPATH", ROOT)
    book = new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    book.cells = [new_markdown_cell("# Cards"), *(new_code_cell(source) for source in CELLS)]
    nbclient.NotebookClient(book, timeout=120, store_widget_state=False).execute()
    nbformat.write(book, root / "cards.ipynb")
    return address, root / "cards.ipynb"


def test_cards_in_a_lab(notebook, new_page):
    address, path = notebook
    page = new_page(height=2600)
    page.goto(f"{address}/doc/tree/cards.ipynb?reset", wait_until="domcontentloaded")
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.started", timeout=60_000)
    page.get_by_text("Guess first; then open the answers").wait_for(timeout=60_000)  # saved, and not run
    assert page.get_by_test_id("predict").count() == 0
    page.wait_for_function(f"() => {LAB}.sessionContext.session?.kernel?.status === 'idle'", timeout=60_000)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.get_by_test_id("sweep").wait_for(timeout=60_000)
    page.get_by_text("say when acks=all is refused").last.wait_for(timeout=60_000)

    card = page.get_by_test_id("predict")
    cells = page.locator(".jp-Cell").count()
    card.get_by_role("radio").first.focus()
    page.keyboard.press("b")  # in a notebook this letter inserts a cell; not here
    card.get_by_test_id("commit").click()
    assert "Right. Who would have to wait?" in card.get_by_role("status").inner_text()
    assert page.locator(".jp-Cell").count() == cells

    steps = page.get_by_test_id("order")
    steps.get_by_test_id("check").click()
    steps.get_by_text("the wrong way round").wait_for()
    page.get_by_test_id("hint").click()
    page.get_by_text("One.", exact=True).wait_for()
    page.get_by_test_id("open").click()
    page.get_by_test_id("solution").locator("pre").wait_for()
    assert "len(isr) >= least" in page.get_by_test_id("solution").locator("pre").inner_text()
    assert page.get_by_test_id("sweep").get_by_role("progressbar").get_attribute("aria-valuenow") == "1"
    assert page.get_by_text("in sync replicas have what is committed").count() >= 1
    assert page.outside == [] and page.troubles == []
    if os.environ.get("SHOTS"):
        page.screenshot(path=os.environ["SHOTS"], full_page=True)


def test_stored_outputs_are_the_same_again(notebook):
    _, path = notebook
    first = nbformat.read(path, as_version=4)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
        check=False,
        env={**os.environ, "PYTHONPATH": os.environ["PYTHONPATH"]},
    )
    assert done.returncode == 0, done.stdout
    assert sum(len(json.dumps(cell)) for cell in first.cells) < 300_000
