"""The two tools that look at every file: ruff at its style, import-linter at what it imports."""

import shutil
import subprocess
import sysconfig

from house import PACKAGE, ROOT, floors


def run(tool, *arguments):
    """The tool of this very environment, whatever is on the path; its output if it complains."""
    program = shutil.which(tool, path=sysconfig.get_path("scripts"))
    assert program, f'{tool} is not installed beside this Python; pip install -c requirements.lock -e ".[labs,tests]"'
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_has_nothing_to_say():
    run("ruff", "check", "--no-cache", "--quiet", "--output-format=concise")


def test_imports_go_down_and_never_round():
    run("lint-imports", "--no-cache")


def test_every_folder_is_a_floor():
    stand = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert stand <= {name for names in floors() for name in names}
