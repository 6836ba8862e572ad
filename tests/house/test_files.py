"""What must not be in the repository: traces of one machine, test files of one name."""

import re
from collections import Counter

import pytest
from house import ROOT
from listing import project_files

TEXT = (".py", ".md", ".txt", ".toml", ".cfg", ".lock", ".ipynb", ".svg", ".json", ".yml", ".yaml", ".sh", "")
# Letters in brackets keep this file from finding itself.
LEAKS = {
    "a path of one machine": r"(?<![\w.])/(wor[k]|roo[t]|farm[/]|hom[e]/\w|User[s]/\w|tm[p]/\w)|[A-Z]:\\User[s]",
    "a path outside the repository": r"[.][.]/share[d]|share[d]/(reference|design)",
    "a package registry's host": r"(pypi[.]or[g]|pythonhosted[.]or[g]|npmjs[.]or[g]|maven[.]or[g]|crates[.]i[o]|"
                                 r"golang[.]or[g]|debian[.]or[g])",
}


def read(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("what", LEAKS)
def test_no_file_tells_where_it_was_made(what):
    found = [
        f"{path.relative_to(ROOT)}, line {number}: {match.group()}"
        for path in project_files() if path.suffix in TEXT
        for number, line in enumerate(read(path).splitlines(), 1) for match in re.finditer(LEAKS[what], line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "see /{}/here".format("tmp")),
        ("a path of one machine", "cd /{}/main".format("work")),
        ("a path outside the repository", "../{}/x".format("shared")),
        ("a package registry's host", "https://{}.org".format("pypi")),
    ],
)
def test_a_leak_is_found(what, line):
    assert re.search(LEAKS[what], line)


def test_test_files_have_names_of_their_own():
    names = Counter(path.name for path in project_files() if ROOT / "tests" in path.parents and path.suffix == ".py")
    assert not [name for name, count in names.items() if count > 1 and name not in ("conftest.py", "__init__.py")]
