"""The table of the mutants, shown at the end of a run."""

from __future__ import annotations

import pytest

CAUGHT = pytest.StashKey[dict[str, tuple[str, str]]]()


def pytest_configure(config):
    config.stash[CAUGHT] = {}


@pytest.fixture
def caught(pytestconfig) -> dict[str, tuple[str, str]]:
    """Mutant -> (the law or anomaly that caught it, how)."""
    return pytestconfig.stash[CAUGHT]


def pytest_terminal_summary(terminalreporter, config):
    table = config.stash.get(CAUGHT, {})
    if table:
        terminalreporter.section("mutants, and who caught them")
        for mutant, (law, how) in table.items():
            terminalreporter.write_line(f"{mutant:44} {law:46} {how}")
