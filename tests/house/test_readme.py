"""What the README says is true: its example runs and prints that, its links lead somewhere, its commands exist."""

import contextlib
import io
import re

import pytest
from house import ROOT
from listing import project_files

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [path for path in project_files() if path.suffix == ".md"]


def test_the_example_prints_what_the_readme_shows():
    [(code, shown)] = re.findall(r"```python\n(.*?)```\s*```text\n(.*?)```", README, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert printed.getvalue() == shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|srcset|href)=\"([^\"\s]+)", text)
    local = [target.split("#")[0] for target in targets if not re.match(r"https?:|mailto:|#", target)]
    assert not [target for target in local if not (page.parent / target).exists()]


def test_the_readme_lists_the_labs_that_exist():
    listed = re.findall(r"\]\((labs/[^)/]+\.ipynb)\)", README)
    assert listed == sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "labs").glob("*.ipynb"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    told = re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert not [target for target in told if target not in targets]
