"""A JupyterLab of the tests' own, on a port of its own, and a notebook in it as its user has it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    ("@jupyterlab/notebook-extension", "tracker"): {"windowingMode": "none"},
    ("@jupyterlab/apputils-extension", "notification"): {"fetchNews": "false", "checkForUpdates": False},
    ("@jupyterlab/docmanager-extension", "plugin"): {"autosave": False},
}
WIDGET = "window.jupyterapp.shell.currentWidget"
STARTED_WITHIN = 60


@contextmanager
def jupyter_lab(folder: Path, **environment: str):
    """Yields (address, folder for notebooks) of a running JupyterLab; nothing of it is left behind.

    Its kernels get `environment` on top of the tests' own.
    """
    root, settings = folder / "root", folder / "settings"
    root.mkdir()
    for (extension, plugin), values in SETTINGS.items():
        (settings / extension).mkdir(parents=True, exist_ok=True)
        (settings / extension / f"{plugin}.jupyterlab-settings").write_text(json.dumps(values))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    homes = {
        name: str(folder / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "IPYTHONDIR",
            "JUPYTERLAB_WORKSPACES_DIR",
        )
    }
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=",
                "--ServerApp.password=",
                f"--ServerApp.root_dir={root}",
                "--expose-app-in-browser",
                "--LabApp.news_url=",
                "--ServerApp.terminals_enabled=False",
            ],
            env={**os.environ, **homes, **environment, "JUPYTERLAB_SETTINGS_DIR": str(settings)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, folder / "lab.log")
        yield address, root
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(10)


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).read()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not answer within {STARTED_WITHIN} s:\n{log.read_text()}")


class Notebook:
    """One notebook in a page."""

    def __init__(self, page, address: str, name: str):
        self.page = page
        page.goto(f"{address}/doc/tree/{name}?reset", wait_until="domcontentloaded")
        page.wait_for_function("() => window.jupyterapp && window.jupyterapp.started", timeout=60_000)
        page.wait_for_function(
            f"() => {{ const w = {WIDGET}; return w && w.context && w.context.isReady && w.sessionContext.session"
            " && w.sessionContext.session.kernel && w.sessionContext.session.kernel.status === 'idle' }",
            timeout=60_000,
        )
        # What goes wrong in a widget's callback is told on this channel, and nowhere else.
        page.evaluate(
            f"() => {{ window.wrong = []; {WIDGET}.sessionContext.session.kernel.iopubMessage.connect((_, m) => {{"
            " if (m.header.msg_type === 'error') window.wrong.push(m.content.ename + ': ' + m.content.evalue) }) }"
        )

    def run_all(self) -> list[str]:
        """Run every cell; returns what went wrong in the kernel."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.until_idle()
        return self.wrong()

    def until_idle(self) -> None:
        """Wait until no cell runs or waits."""
        self.page.wait_for_function(
            f"() => {WIDGET}.sessionContext.session.kernel.status === 'idle' && "
            "![...document.querySelectorAll('.jp-InputPrompt')].some(e => e.textContent.includes('[*]'))",
            timeout=120_000,
        )

    def close(self) -> None:
        """End its kernel and its page, as after a day's work."""
        if not self.page.is_closed():
            self.page.evaluate(f"() => {WIDGET}.sessionContext.shutdown()")
            self.page.close()

    def wrong(self) -> list[str]:
        """Errors that the kernel told so far."""
        return self.page.evaluate("window.wrong")

    def ask(self, expression: str) -> str:
        """What the notebook's own kernel has for an expression, as its repr."""
        return self.page.evaluate(
            f"""async (expression) => {{ const kernel = {WIDGET}.sessionContext.session.kernel;
            const reply = await kernel.requestExecute({{code: '', store_history: false,
              user_expressions: {{v: expression}}}}).done;
            const v = reply.content.user_expressions.v;
              if (v.status !== 'ok') throw new Error(v.ename + ': ' + v.evalue);
            return v.data['text/plain'] }}""",
            expression,
        )
