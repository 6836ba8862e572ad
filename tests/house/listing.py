"""Two lists: the exceptions to the rules of the house, and the files that belong to the repository."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

from house import ROOT


def exceptions() -> dict[tuple[str, str], str]:
    """(rule, name) -> reason, from the one list."""
    listed = tomllib.loads((ROOT / "tests/house/exceptions.toml").read_text(encoding="utf-8"))
    return {(entry["rule"], entry["name"]): entry["reason"] for entry in listed.get("exception", [])}


def project_files() -> list[Path]:
    """The files of the repository, committed or about to be; without git, all but what tools leave behind."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listing.returncode == 0:
        paths = [ROOT / line for line in listing.stdout.splitlines()]
    else:
        paths = [path for path in ROOT.rglob("*") if not _left_by_a_tool(path.relative_to(ROOT))]
    return sorted(path for path in paths if path.is_file())


def _left_by_a_tool(path: Path) -> bool:
    left = (".git", ".venv", ".benchmarks", "__pycache__")
    return any(part in left or part.endswith((".egg-info", "_cache")) for part in path.parts)
