"""A real browser, without a network. Where there is no Chromium these tests are skipped, and say so."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "rooms" / "viz"))

CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-headless-shell")
    or "/usr/bin/chromium"
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install -e '.[tests]'"
    )
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium: install Debian's package chromium, or set CHROMIUM to your own")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def new_page(browser):
    """`new_page(width=…, color_scheme=…)`: a page that notes what it asks of the network and what goes wrong in it."""
    contexts = []

    def new_page(width=1280, height=1000, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.outside, page.troubles = [], []

        def route(asked):
            url = asked.request.url
            if "127.0.0.1" in url or url.startswith(("data:", "blob:", "file:")):
                return asked.continue_()
            page.outside.append(url)
            return asked.abort()

        page.route("**/*", route)
        page.on("console", lambda message: page.troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        return page

    yield new_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Exported stages: a small world with a question and a branch, a large one, and one for each thing to be seen."""
    from watched import (
        booked,
        compacted,
        crew,
        cut_off_leader,
        died_leader,
        observed,
        stretched,
        three_controllers,
        three_regions,
    )

    from minikafka.viz.question import Question
    from minikafka.viz.stage import Stage

    folder = tmp_path_factory.mktemp("pages")
    question = Question(
        "4s",
        "The leader is gone. Who leads next?",
        ["b1", "b2", "b3"],
        "LeaderElected",
        lambda event: f"b{event.leader}",
    )
    small = Stage(died_leader(), title="The leader dies", questions=[question])
    small.intervene("cut", "primary/b1", "primary/b2", at="1s")
    small.to_html(folder / "small.html")
    Stage(cut_off_leader(), title="A record is cut away").to_html(folder / "cut.html")
    Stage(three_regions(), title="Three regions").to_html(folder / "large.html")
    Stage(crew(), title="Two consumers share a topic").to_html(folder / "crew.html")
    Stage(three_controllers(), title="Three controllers").to_html(folder / "quorum.html")
    Stage(compacted(), title="Of each key the last").to_html(folder / "compacted.html")
    Stage(observed(), title="An observer").to_html(folder / "observed.html")
    Stage(stretched(), title="The west is lost").to_html(folder / "stretched.html")
    Stage(booked(), title="A transaction is open").to_html(folder / "booked.html")
    return folder


class StagePage:
    """A stage on a page, as a person has it: controls by their names, state by its attributes."""

    def __init__(self, page, root=None):
        self.page = page
        self.root = root or page.get_by_test_id("stage")
        self.page.locator(".mk-stage[data-ready=true]").first.wait_for()

    def part(self, name):
        return self.root.get_by_test_id(name)

    def data(self, name):
        return self.root.get_attribute(f"data-{name}")

    @property
    def time(self):
        return int(self.data("time"))

    def sentence(self):
        return self.part("sentence").inner_text()

    def choose_kind(self, kind):
        self.part("kind").select_option(kind)

    def until(self, name, value):
        """Wait for a state that an attribute tells."""
        self.page.wait_for_function(
            "([name, value]) => document.querySelector('.mk-stage').dataset[name] === value", arg=[name, value]
        )


@pytest.fixture
def stage(new_page, pages):
    """`stage("small")`: an exported stage in a new page."""

    def stage(name, **options):
        page = new_page(**options)
        page.goto((pages / f"{name}.html").as_uri())
        return StagePage(page)

    return stage


@pytest.fixture
def stage_page():
    return StagePage
